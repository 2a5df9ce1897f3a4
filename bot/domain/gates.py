"""How fast creates go to a provider account: limits as declared, else as its answers teach.

One gate for each account, kept in the store, so that every process goes through the same one. All
of it is pure: a gate, what was declared and the time make a decision, an answer makes a new gate.
All times are ms. The model and its figures: `bench/limits.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.errors import Room

MOST_SLOTS = 1000
"""Renders at once that can be declared."""
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
HOUR = 60 * MINUTE
WINDOW = MINUTE
"""Over which a backend counts requests per minute."""
SLOW = 1000
"""A request is taken to arrive no later than this after it was sent, however late its answer."""
MARGIN = 20
"""Kept beside a spacing: clocks and networks are not exact."""
SLOW_ANSWER = 10_000
"""A create that has no answer by then holds up no other any more."""
KEPT = 5 * MINUTE
"""Age at which a create is forgotten; its answer came long before."""
MOST_KEPT = 600
"""Creates remembered at most: more than that a minute are not counted one by one."""
LONGEST_PAUSE = HOUR
"""A backend that asks for more is asked again after this."""
FIRST_GAP = 1000
"""Where nothing is known of a spacing: the first gap that is tried."""
EXACT = 3
"""Percent between the largest refused and the smallest taken gap at which the search rests."""
SOONER = 80
"""Percent of a pause that is long enough: the next one to try."""
PROBE = 2 * MINUTE
"""First wait before a limit that was learned is tried again, one more than it lets through."""
LONGEST_PROBE = 10 * MINUTE
RAMP = 4
"""Of so many creates taken in a row, one more may be on its way at the same time."""
BACKOFF = 2000
LONGEST_BACKOFF = MINUTE


class Style(StrEnum):
    """How a backend counts requests per minute."""

    UNKNOWN = "unknown"
    WINDOW = "window"
    """So many within any minute, at once if need be."""
    CLOCK = "clock"
    """So many within each minute of the clock."""
    SPACED = "spaced"
    """One after the other, with a pause between two."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account is allowed, as its owner declares it; None: to be found out.

    `spacing` is a pause between two creates that the owner wishes, whatever the backend would take.
    """

    slots: int | None = None
    spacing: int = 0
    per_minute: int | None = None
    per_day: int | None = None
    style: Style = Style.UNKNOWN


@dataclass(frozen=True, slots=True)
class Declared(Limits):
    """What every account is allowed, but for those with limits of their `own`, by their gates."""

    own: Mapping[str, Limits] = field(default_factory=dict[str, Limits])

    def of(self, gate: str) -> Limits:
        """What one account is allowed."""
        return self.own.get(gate, self)


class Try(StrEnum):
    """What a create may find out beside being taken."""

    NOTHING = ""
    RATE = "rate"
    """Whether one more a minute, or a shorter pause, is taken by now."""
    SLOTS = "slots"
    """Whether one more at once is taken by now."""
    FINISHED = "finished"
    """Whether the end of a render made room: then it was slots that lacked."""
    REOPENED = "reopened"
    """Whether time made room: then it was the rate."""
    EITHER = "either"
    """Whether anything made room, after time went by and renders ended."""


_EXPERIMENTS = frozenset({Try.FINISHED, Try.REOPENED, Try.EITHER})
_PROBES = frozenset({Try.RATE, Try.SLOTS})


class Outcome(StrEnum):
    """What became of a create, as far as limits go."""

    OPEN = "open"
    TAKEN = "taken"
    REFUSED = "refused"
    OTHER = "other"
    """Refused for another reason, or nobody knows; it counts as a request all the same."""


@dataclass(frozen=True, slots=True)
class Call:
    """One create."""

    name: str
    sent: int
    answered: int | None = None
    outcome: Outcome = Outcome.OPEN
    tries: Try = Try.NOTHING

    def arrived(self, now: int) -> int:
        """When it came to the backend, at a guess: half way to the answer."""
        there_and_back = (now if self.answered is None else self.answered) - self.sent
        return self.sent + min(there_and_back, SLOW) // 2

    def surely_arrived(self, now: int) -> int:
        """When it had come to the backend at the latest."""
        return min(self.sent + SLOW, now if self.answered is None else self.answered)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A refusal that may be of the rate or of the slots; one experiment will tell.

    `running` and `taken` (within the minute) are as they were then. The next create goes when a
    render has ended, or at `reopens`, when the rate must have made room, whichever is first.
    `still` were running when one was refused although a render had ended.
    """

    running: int
    taken: int
    reopens: int
    still: int | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """When a learned limit is tried again, and how long after that once more."""

    at: int = 0
    gap: int = PROBE

    def later(self, now: int) -> Probe:
        """After it was confirmed."""
        return Probe(now + self.gap, min(2 * self.gap, LONGEST_PROBE))


@dataclass(frozen=True, slots=True)
class Gate:
    """All that is remembered of an account.

    `opens_at` — it asked for no requests before. `rate` (a minute), `interval` (between two) and
    `slots` (at once) are learned, None while unknown; `proven`: creates were taken `interval` after
    one another; `refused_gap` is the largest pause after which one was refused. `in_a_row` — taken
    since the last refusal; `refusals` — refused since the last one taken. `stated` — the rate a
    minute that its headers name. `asked_until` — it said to come back then; `misled`: that was
    wrong before, so it is not believed any more. `hours` — creates of the last day by hour.
    """

    key: str
    opens_at: int = 0
    style: Style = Style.UNKNOWN
    rate: int | None = None
    interval: int | None = None
    slots: int | None = None
    proven: bool = False
    refused_gap: int = 0
    in_a_row: int = 0
    refusals: int = 0
    calls: tuple[Call, ...] = ()
    doubt: Doubt | None = None
    rate_probe: Probe = field(default_factory=Probe)
    slots_probe: Probe = field(default_factory=Probe)
    stated: int | None = None
    asked_until: int = 0
    misled: bool = False
    hours: tuple[tuple[int, int], ...] = ()

    def paused(self, until: int) -> Gate:
        """The gate after everyone was asked to wait; it never opens earlier than before."""
        return replace(self, opens_at=max(self.opens_at, until))


@dataclass(frozen=True, slots=True)
class Go:
    """The next create may be sent."""

    tries: Try = Try.NOTHING


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now; `until` that moment, or (None) until an answer or the end of a render."""

    until: int | None = None


# --- may the next one go? -------------------------------------------------------------------


def ask(gate: Gate, limits: Limits, running: int, now: int) -> Go | Wait:
    """Whether one more create may be sent while `running` jobs are at the backend."""
    if gate.opens_at > now:
        return Wait(gate.opens_at)
    on_the_way = [call for call in gate.calls if _is_open(call, now)]
    tried = gate.doubt is not None or any(call.tries for call in on_the_way)
    if on_the_way and (tried or len(on_the_way) >= _at_once(gate, limits)):
        return Wait(on_the_way[0].sent + SLOW_ANSWER)
    if gate.doubt:
        return _experiment(gate.doubt, running, now)
    both = _both(_slot(gate, limits, running, now), _turn(gate, limits, now))
    # What is tried must not be mixed up with others on their way.
    mixed = isinstance(both, Go) and both.tries and on_the_way
    return Wait(on_the_way[0].sent + SLOW_ANSWER) if mixed else both


def _is_open(call: Call, now: int) -> bool:
    return call.outcome is Outcome.OPEN and now - call.sent < SLOW_ANSWER


def _experiment(doubt: Doubt, running: int, now: int) -> Go | Wait:
    if doubt.still is None and running < doubt.running:
        return Go(Try.FINISHED)
    if now < doubt.reopens:
        return Wait(doubt.reopens)
    return Go(Try.REOPENED if doubt.still is None or running >= doubt.still else Try.EITHER)


def _at_once(gate: Gate, limits: Limits) -> int:
    """How many creates may be on their way side by side: few, while one too many could be wrong."""
    known = _rate(gate, limits) is not None and _style(gate, limits) is not Style.UNKNOWN
    if known and slots_of(gate, limits) is not None:
        return 1_000
    return max(1, gate.in_a_row // RAMP)


def _both(slot: Go | Wait, turn: Go | Wait) -> Go | Wait:
    """What two say together: at most one thing is tried at a time. Nobody knows when a slot is."""
    if isinstance(slot, Wait):
        return slot
    return turn if isinstance(turn, Wait) or not slot.tries else slot


def _slot(gate: Gate, limits: Limits, running: int, now: int) -> Go | Wait:
    most = slots_of(gate, limits)
    if most is None or running < most:
        return Go()
    may_grow = gate.slots is not None and (limits.slots is None or gate.slots < limits.slots)
    if not may_grow or running > most:
        return Wait()
    # Slots come free by themselves, so this moment is not worth a timer.
    return Go(Try.SLOTS) if now >= gate.slots_probe.at else Wait()


def _turn(gate: Gate, limits: Limits, now: int) -> Go | Wait:
    day = _day_opens(gate, limits, now)
    opens = max(day, _minute_opens(gate, limits, now), _wished(gate, limits))
    if opens <= now:
        return Go()
    if day <= now and _may_try_rate(gate, limits, now):
        return Go(Try.RATE)
    return Wait(opens)


def _may_try_rate(gate: Gate, limits: Limits, now: int) -> bool:
    """Whether more than the learned rate may be tried now."""
    if now < gate.rate_probe.at:
        return False
    if _style(gate, limits) is Style.SPACED:
        return _may_try_sooner(gate, limits, now)
    most = _least(limits.per_minute, gate.stated)
    if gate.rate is None or (most is not None and gate.rate >= most):
        return False
    return _counted(gate, now) == gate.rate


def _may_try_sooner(gate: Gate, limits: Limits, now: int) -> bool:
    """Whether a pause shorter than the one that was found may be tried."""
    if gate.interval is None or gate.interval <= _declared_pause(limits):
        return False
    found = _pause(gate, limits) == gate.interval
    sooner = max(_declared_pause(limits), gate.interval * SOONER // 100)
    return found and _after_last(gate, sooner, now) <= now


def slots_of(gate: Gate, limits: Limits) -> int | None:
    """Renders at once, as far as is known."""
    return _least(limits.slots, gate.slots)


def _rate(gate: Gate, limits: Limits) -> int | None:
    return _least(limits.per_minute, gate.stated, gate.rate)


def _least(*limits: int | None) -> int | None:
    """The strictest of those that are known; None: none is."""
    return min((limit for limit in limits if limit is not None), default=None)


def _style(gate: Gate, limits: Limits) -> Style:
    return gate.style if limits.style is Style.UNKNOWN else limits.style


def _counted(gate: Gate, now: int) -> int:
    return sum(call.surely_arrived(now) > now - WINDOW for call in gate.calls)


def _minute_opens(gate: Gate, limits: Limits, now: int) -> int:
    style, rate = _style(gate, limits), _rate(gate, limits)
    if style is Style.SPACED:
        return _after_last(gate, _pause(gate, limits), now)
    if rate is None:
        return 0
    arrived = sorted(call.surely_arrived(now) for call in gate.calls)
    if style is Style.CLOCK:
        return _next_minute(arrived, rate, now)
    return arrived[-rate] + WINDOW + MARGIN if len(arrived) >= rate else 0


def _next_minute(arrived: Sequence[int], rate: int, now: int) -> int:
    """Near the turn of a minute nobody knows which of the two a create will be counted in."""
    begins = (now + SLOW) // WINDOW * WINDOW
    here = sum(moment >= begins - SLOW for moment in arrived)
    return (begins if here < rate else begins + WINDOW) + SLOW


def _after_last(gate: Gate, pause: int, now: int) -> int:
    if not gate.calls:
        return 0
    return gate.calls[-1].arrived(now) + pause + MARGIN


def _pause(gate: Gate, limits: Limits) -> int:
    """Between two creates where they have to be spaced: as known, else the next one to try."""
    least = _declared_pause(limits)
    if gate.interval is None:
        return max(least, 2 * gate.refused_gap, 0 if least else FIRST_GAP)
    if not gate.proven or gate.interval - gate.refused_gap <= gate.interval * EXACT // 100:
        return max(least, gate.interval)
    return max(least, (gate.interval + gate.refused_gap) // 2)


def _declared_pause(limits: Limits) -> int:
    return WINDOW // limits.per_minute if limits.per_minute else 0


def _day_opens(gate: Gate, limits: Limits, now: int) -> int:
    """When the day has room: creates are counted by hour, and an hour leaves as a whole."""
    if limits.per_day is None:
        return 0
    hours = [(hour, number) for hour, number in gate.hours if hour + HOUR + DAY > now]
    over = sum(number for _, number in hours) - limits.per_day
    for hour, number in hours:
        if over < 0:
            return 0
        over -= number
        if over < 0:
            return hour + HOUR + DAY
    return 0 if over < 0 else now + HOUR


def _wished(gate: Gate, limits: Limits) -> int:
    return gate.calls[-1].sent + limits.spacing if limits.spacing and gate.calls else 0


def next_turn(gate: Gate, limits: Limits, now: int) -> int:
    """When the rate lets the next create go, were a slot free (ms); may be past."""
    turns = (_minute_opens(gate, limits, now), _day_opens(gate, limits, now))
    return max(gate.opens_at, *turns, _wished(gate, limits))


def gap(gate: Gate, limits: Limits) -> int:
    """Between two creates where many follow each other, as far as is known (ms)."""
    rate = _rate(gate, limits)
    spaced = _style(gate, limits) is Style.SPACED
    return max(limits.spacing, WINDOW // rate if rate else 0, _pause(gate, limits) if spaced else 0)


# --- what happened --------------------------------------------------------------------------


def sent(gate: Gate, name: str, go: Go, now: int) -> Gate:
    """A create is about to be sent."""
    kept = [call for call in gate.calls if now - call.sent < KEPT][-MOST_KEPT:]
    hour = now - now % HOUR
    hours = {start: number for start, number in gate.hours if start + HOUR + DAY > now}
    hours[hour] = hours.get(hour, 0) + 1
    call = Call(name, now, tries=go.tries)
    return replace(gate, calls=(*kept, call), hours=tuple(sorted(hours.items())))


def told(gate: Gate, room: Room | None) -> Gate:
    """The backend said what its rate is, with whatever answer; only a rate a minute is used."""
    if room is None or room.resets > WINDOW:
        return gate
    return replace(gate, stated=room.limit)


def taken(gate: Gate, limits: Limits, name: str, now: int) -> Gate:
    """The backend took it."""
    call = _named(gate, name)
    if call is None:
        return gate
    gap = _gap_to_taken(gate, replace(call, answered=now), now)
    after = replace(
        _answered(gate, call, Outcome.TAKEN, now),
        in_a_row=gate.in_a_row + 1,
        refusals=0,
        misled=gate.misled or now < gate.asked_until,
        asked_until=0,
    )
    if gate.doubt and call.tries in _EXPERIMENTS:
        return _settled(after, limits, gate.doubt, call.tries, now)
    match call.tries:
        case Try.SLOTS if gate.slots is not None:
            return replace(after, slots=gate.slots + 1, slots_probe=Probe(now))
        case Try.RATE:
            return _faster(after, gap, now)
        case _:
            return after if gap is None else _seen(after, limits, gap, now)


def _settled(gate: Gate, limits: Limits, doubt: Doubt, tries: Try, now: int) -> Gate:
    """What made room is what had been lacking."""
    if tries is Try.FINISHED:
        return _too_many(gate, doubt.running, now)
    if tries is Try.EITHER and doubt.still and _knows_rate(gate, limits):
        return _too_many(gate, doubt.still, now)
    return _rate_is(gate, limits, doubt.taken, now)


def _knows_rate(gate: Gate, limits: Limits) -> bool:
    """Whether it is less likely that the rate changed than that slots did."""
    return _rate(gate, limits) is not None or gate.interval is not None


def _faster(gate: Gate, gap: int | None, now: int) -> Gate:
    """More than the learned rate was taken; the next one may try even more."""
    if gate.rate is not None:
        return replace(gate, rate=gate.rate + 1, rate_probe=Probe(now))
    if gate.interval is not None and gap is not None:
        shorter = min(gap, gate.interval)
        return replace(gate, interval=shorter, refused_gap=0, rate_probe=Probe(now))
    return gate


@dataclass(frozen=True, slots=True)
class Refusal:
    """A create was refused as too fast or too many.

    `running` jobs are at the backend beside it; `hint` is when to come back (ms from then), None
    when it did not say. `of_slots`: the backend says itself that too many run at once. `room`: what
    it says of its rate.
    """

    name: str
    running: int
    hint: int | None = None
    of_slots: bool = False
    room: Room | None = None

    @property
    def surely_of_slots(self) -> bool:
        """Whether it cannot be the rate: of that there is some left."""
        return self.of_slots or (self.room is not None and self.room.left > 0)


def refused(gate: Gate, limits: Limits, no: Refusal, now: int) -> Gate:
    """The gate after a refusal, and what is learned of it."""
    call = _named(gate, no.name)
    if call is None:
        return _asked_to_wait(gate, no.hint, now)
    anew = not any(_refused_since(one, call.sent) for one in gate.calls)
    gate = replace(_answered(gate, call, Outcome.REFUSED, now), in_a_row=0)
    if call.tries in _PROBES:
        return _confirmed(gate, call.tries, now)
    gate = _asked_to_wait(replace(gate, refusals=gate.refusals + anew), no.hint, now)
    if no.surely_of_slots:
        return _too_many(gate, no.running, now)
    if gate.doubt:
        return _doubted(gate, gate.doubt, call.tries, no.running, now)
    return _unexpected(gate, limits, replace(call, answered=now), no, now)


def _refused_since(call: Call, moment: int) -> bool:
    """Whether it was refused after `moment`: then what was sent by then is no further news."""
    return call.outcome is Outcome.REFUSED and (call.answered or 0) >= moment


def _confirmed(gate: Gate, tries: Try, now: int) -> Gate:
    """A learned limit is still in force."""
    if tries is Try.SLOTS:
        return replace(gate, slots_probe=gate.slots_probe.later(now))
    return replace(gate, rate_probe=gate.rate_probe.later(now))


def _doubted(gate: Gate, doubt: Doubt, tries: Try, running: int, now: int) -> Gate:
    """A refusal while it is not clear what lacks."""
    match tries:
        case Try.FINISHED:
            # Neither is proven: slots may have become fewer than that. Only time tells now.
            return replace(gate, doubt=replace(doubt, still=running))
        case Try.REOPENED | Try.EITHER:
            return _too_many(gate, running, now)
        case _:
            return gate


def other(gate: Gate, name: str, now: int) -> Gate:
    """Something else became of it, that says nothing about limits."""
    call = _named(gate, name)
    return gate if call is None else _answered(gate, call, Outcome.OTHER, now)


def _named(gate: Gate, name: str) -> Call | None:
    return next((call for call in gate.calls if call.name == name), None)


def _answered(gate: Gate, call: Call, outcome: Outcome, now: int) -> Gate:
    done = replace(call, answered=now, outcome=outcome)
    return replace(gate, calls=tuple(done if one is call else one for one in gate.calls))


def _asked_to_wait(gate: Gate, hint: int | None, now: int) -> Gate:
    """No backend is believed at once that it needs more than the minute it counts over."""
    if not hint or gate.misled:
        return gate
    most = WINDOW if gate.refusals <= 1 else LONGEST_PAUSE
    return replace(gate, asked_until=now + hint).paused(now + min(hint, most))


# --- what is learned ------------------------------------------------------------------------


def _unexpected(gate: Gate, limits: Limits, call: Call, no: Refusal, now: int) -> Gate:
    """A refusal that nobody tried for: of the pause, of the rate, or of the slots."""
    lately = _taken_lately(gate, now)
    if _may_be_spaced(gate, limits, lately):
        return _too_close(gate, limits, call, no, now)
    if not lately:
        return _too_many(gate, no.running, now)
    if no.hint:
        return _rate_is(gate, limits, len(lately), now)
    return _in_doubt(gate, no.running, lately, now)


def _taken_lately(gate: Gate, now: int) -> list[int]:
    """When those came that were taken within the last minute, the oldest first."""
    arrived = (call.arrived(now) for call in gate.calls if call.outcome is Outcome.TAKEN)
    return sorted(moment for moment in arrived if moment > now - WINDOW)


def _may_be_spaced(gate: Gate, limits: Limits, lately: Sequence[int]) -> bool:
    style = _style(gate, limits)
    return style is Style.SPACED or (style is Style.UNKNOWN and len(lately) == 1)


def _too_close(gate: Gate, limits: Limits, call: Call, no: Refusal, now: int) -> Gate:
    """Creates have to be spaced, and the pause before this one did not do."""
    gap = _gap_before(gate, call)
    gate = replace(gate, style=Style.SPACED)
    if gap is None:
        return _too_many(gate, no.running, now)
    enough = gate.interval or _declared_pause(limits)
    if enough and gap >= enough - MARGIN:
        return _no_longer_enough(gate, limits, gap, no, now)
    gate = replace(gate, refused_gap=max(gate.refused_gap, gap))
    if gate.refused_gap > WINDOW and no.running:
        # No pause would help.
        return _too_many(replace(gate, style=Style.UNKNOWN, refused_gap=0), no.running, now)
    if no.hint and not enough and not gate.misled:
        found = min(gap + no.hint, WINDOW)
        return replace(gate, interval=found, proven=False, rate_probe=Probe().later(now))
    return gate


def _no_longer_enough(gate: Gate, limits: Limits, gap: int, no: Refusal, now: int) -> Gate:
    """A pause that should have done: a little more, then a doubt whether slots lack instead."""
    if gate.interval is not None and not gate.proven:
        return replace(gate, interval=None, refused_gap=gap, misled=True)
    if gate.refusals <= 1:
        longer = (gate.interval or _declared_pause(limits)) * (100 + EXACT) // 100
        return replace(gate, interval=longer, proven=True, refused_gap=longer)
    return replace(gate, doubt=Doubt(no.running, 1, now + WINDOW))


def _gap_before(gate: Gate, call: Call) -> int | None:
    """Ms from the arrival of the create before `call`, whatever became of it, to its own."""
    earlier = [one for one in gate.calls if one.sent <= call.sent and one.name != call.name]
    arrived = [one.arrived(call.sent) for one in earlier]
    return max(0, call.arrived(call.sent) - max(arrived)) if arrived else None


def _in_doubt(gate: Gate, running: int, lately: Sequence[int], now: int) -> Gate:
    """The second oldest leaves the minute last, should refusals count as well."""
    oldest = lately[min(1, len(lately) - 1)]
    return replace(gate, doubt=Doubt(running, len(lately), max(now, oldest + WINDOW) + SLOW))


def _too_many(gate: Gate, running: int, now: int) -> Gate:
    """Slots lack; with none in use, only time may help."""
    if running:
        return replace(gate, doubt=None, slots=running, slots_probe=Probe().later(now))
    wait = min(BACKOFF * 2 ** min(gate.refusals, 10), LONGEST_BACKOFF)
    return replace(gate, doubt=None).paused(now + wait)


def _rate_is(gate: Gate, limits: Limits, number: int, now: int) -> Gate:
    """So many a minute; where they are spaced, a longer pause is to be found."""
    gate = replace(gate, doubt=None, rate_probe=Probe().later(now))
    if _style(gate, limits) is not Style.SPACED:
        style = Style.WINDOW if gate.style is Style.UNKNOWN else gate.style
        return replace(gate, style=style, rate=max(1, number))
    return replace(gate, interval=None, proven=False, refused_gap=_pause(gate, limits))


def _gap_to_taken(gate: Gate, call: Call, now: int) -> int | None:
    """Ms between the arrivals of the last one that was taken and of `call`."""
    earlier = [one.arrived(now) for one in gate.calls if one.outcome is Outcome.TAKEN]
    return max(0, call.arrived(now) - max(earlier)) if earlier else None


def _seen(gate: Gate, limits: Limits, gap: int, now: int) -> Gate:
    """Two were taken `gap` after one another."""
    style, rate = _style(gate, limits), _rate(gate, limits)
    if style is Style.SPACED:
        return _seen_spaced(gate, limits, gap, now)
    if style is Style.UNKNOWN and rate and gap < WINDOW // rate // 2:
        return replace(gate, style=Style.WINDOW)
    return gate


def _seen_spaced(gate: Gate, limits: Limits, gap: int, now: int) -> Gate:
    least = _declared_pause(limits)
    if gate.interval is None and gap <= least * (100 + EXACT) // 100:
        return gate
    if gate.interval is None or not gate.proven or gap < gate.interval:
        probe = gate.rate_probe if gate.rate_probe.at > now else gate.rate_probe.later(now)
        return replace(gate, interval=max(gap, least), proven=True, rate_probe=probe)
    return gate
