"""When an order wants to start: at once, relaxed or urgent, at a time of day, after a while."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.order import Lane

OFF_PEAK = "offpeak"
"""Typed for a start: in the next off-peak window."""
LONGEST_DELAY = 7 * 24 * 3_600_000
"""Ms that an order may be put off."""

_MINUTE = 60_000
_DAY = 24 * 60
_UNITS = {"m": _MINUTE, "h": 60 * _MINUTE, "d": 24 * 60 * _MINUTE}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_DELAY = re.compile(r"\+(\d{1,5})\s?(m|h|d)(?:in|our|ay)?s?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Timing:
    """How an order wants to start; `at` is minutes after local midnight, `delay` is ms."""

    lane: Lane = Lane.NORMAL
    off_peak: bool = False
    at: int | None = None
    delay: int | None = None


NOW = Timing()
"""As soon as it is its turn."""


def lane_of(text: str) -> Lane:
    """The lane of a typed start, for its price; the normal one for what cannot be read."""
    return (timing_of(text) or NOW).lane


def kept(lane: Lane) -> Timing:
    """How what is ordered anew from a job of `lane` starts: a time or a hurry is not repeated."""
    return Timing(Lane.RELAXED if lane is Lane.RELAXED else Lane.NORMAL)


@dataclass(frozen=True, slots=True)
class Plan:
    """The same for one order, as it is stored. Times are ms.

    Nothing is sent before `not_before`; at `off_peak_at` a relaxed job begins to count as normal.
    """

    lane: Lane = Lane.NORMAL
    not_before: int | None = None
    off_peak_at: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A part of each day, in minutes after local midnight; it may go on past midnight."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"

    def opens(self, now: int, zone: ZoneInfo) -> int:
        """When it is open next (ms): `now` while it is."""
        local = datetime.fromtimestamp(now / 1000, zone)
        minute = local.hour * 60 + local.minute
        length = (self.end - self.start) % _DAY
        return now if (minute - self.start) % _DAY < length else next_time(self.start, now, zone)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def window_of(text: str) -> Window | None:
    """``22:00-07:00`` (also with spaces or a dash) as a window; None when it is none."""
    # Phones make a dash of a hyphen.
    parts = [minute_of(part) for part in re.split("[-–—]", text)]
    match parts:
        case [int(start), int(end)] if start != end:
            return Window(start, end)
        case _:
            return None


def minute_of(text: str) -> int | None:
    """``22:30`` as minutes after midnight; None when it is not written that way."""
    found = _CLOCK.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def timing_of(text: str) -> Timing | None:
    """``now``, ``urgent``, ``relaxed``, ``offpeak``, ``22:30`` or ``+2h``; None: none of these.

    Also None for more than `LONGEST_DELAY`.
    """
    word = text.strip().lower()
    match word:
        case "now":
            return NOW
        case _ if word == OFF_PEAK:
            return Timing(Lane.RELAXED, off_peak=True)
        case Lane.URGENT | Lane.RELAXED:
            return Timing(Lane(word))
        case _:
            return _at_a_time(word)


def _at_a_time(word: str) -> Timing | None:
    at = minute_of(word)
    if at is not None:
        return Timing(at=at)
    found = _DELAY.fullmatch(word)
    delay = int(found[1]) * _UNITS[found[2]] if found else 0
    return Timing(delay=delay) if 0 < delay <= LONGEST_DELAY else None


def plan(timing: Timing, now: int, zone: ZoneInfo, window: Window | None) -> Plan:
    """What becomes of it at `now` (ms), where the `window` is that of relaxed work.

    Raises `ValueError` for work that must be off-peak where there is no such window.
    """
    opens = window.opens(now, zone) if window else None
    if timing.off_peak:
        if opens is None:
            raise ValueError("there is no off-peak window")
        return Plan(timing.lane, opens, opens)
    if timing.at is not None:
        return Plan(timing.lane, next_time(timing.at, now, zone))
    if timing.delay is not None:
        return Plan(timing.lane, now + timing.delay)
    return Plan(timing.lane, None, opens if timing.lane is Lane.RELAXED else None)


def next_time(minute: int, now: int, zone: ZoneInfo) -> int:
    """When a local clock shows `minute` (after midnight) next, in ms; `now` if it shows it already.

    A time that the change to summer leaves out comes as much later as the clock is put on.
    """
    today = datetime.fromtimestamp(now / 1000, zone).date()
    moments = (at for days in (0, 1, 2) for at in _moments(today + timedelta(days), minute, zone))
    return max(now, min(at for at in moments if at > now - _MINUTE))


def _moments(day: date, minute: int, zone: ZoneInfo) -> list[int]:
    """When clocks show it on that day: once, or twice when the clock is put back."""
    wall = time(minute // 60, minute % 60)
    both = [datetime.combine(day, wall.replace(fold=fold), zone) for fold in (0, 1)]
    shown = [one for one in both if _is_real(one)]
    return [_ms(one) for one in shown or both[:1]]


def _is_real(moment: datetime) -> bool:
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.time() == moment.time()


def _ms(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
