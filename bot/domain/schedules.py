"""Credits that come by themselves at the start of each period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.ledger import Entry, Owner
from bot.domain.quotas import EVERYONE, Period, for_channel, period_start
from bot.domain.refs import Channel, Person

ALLOWANCES = "grant/allowance/"
"""How the refs of all such grants begin; a date (ISO) and the owner follow."""
_EXPIRES = ":expires"


@dataclass(frozen=True, slots=True)
class Schedule:
    """`amount` credits per calendar `period` for `subject`, as rules name theirs; no roles.

    `cap`: it never lifts a balance above this. `expires`: what is left of it goes when the next
    one comes.
    """

    subject: str
    amount: int
    period: Period
    cap: int | None = None
    expires: bool = False


def applicable(schedules: Iterable[Schedule], owner: Owner) -> Schedule | None:
    """What holds for somebody: what is made for them alone, else what is for everyone.

    Channels get only what is made for them. Of two for the same subject the later one holds.
    """
    by_subject = {schedule.subject: schedule for schedule in schedules}
    match owner:
        case Person():
            return by_subject.get(owner.id) or by_subject.get(EVERYONE)
        case Channel():
            return by_subject.get(for_channel(owner.id))
        case _:
            return None


def payable(schedule: Schedule, balance: int) -> int:
    """What comes to an account with `balance`; 0 where the cap leaves no room."""
    if schedule.cap is None:
        return schedule.amount
    return max(0, min(schedule.amount, schedule.cap - balance))


def leftover(last: Entry | None, drawn: int, balance: int) -> int:
    """What is left of the `last` grant to take back, when `drawn` credits have gone since.

    What running jobs hold has gone; what they give back has not.
    """
    if last is None or not last.reason.endswith(_EXPIRES):
        return 0
    return min(balance, max(0, last.amount - max(0, drawn)))


def first_day(schedule: Schedule, now: int, zone: ZoneInfo) -> str:
    """The first day (ISO) of the period that holds `now` (ms): the name of its grant."""
    start = period_start(schedule.period, now, zone)
    return f"{datetime.fromtimestamp(start / 1000, zone):%Y-%m-%d}"


def is_due(last: Entry | None, day: str) -> bool:
    """Whether the grant named `day` is still to come.

    A clock that was set back leads to a day that is over, so nothing comes twice.
    """
    return last is None or last.ref.removeprefix(ALLOWANCES)[: len(day)] < day


def reason(schedule: Schedule) -> str:
    """Reason of a grant; it tells whether the grant was given to expire."""
    return f"allowance:{schedule.period}{_EXPIRES if schedule.expires else ''}"
