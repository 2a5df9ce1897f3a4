"""What the bot asks its own books: one statement for each question, all of them read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Table,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import wording
from bot.domain.checks import Fault
from bot.domain.jobs import HELD, UNCOUNTED
from bot.domain.ledger import Kind
from bot.domain.refs import Tenant
from bot.domain.usage import (
    ANY_MODEL,
    DAY,
    SLOT,
    WORKSPACE,
    Usage,
    of_channel,
    of_person,
    of_provider,
)
from storage.ledger import SqlLedger
from storage.tables import IS_MADE, day_tallies, entries, in_states, jobs, tallies

MOST = 100
"""Faults told for one question: who has more needs no longer list."""

# --- does each job's money fit its state? -------------------------------------------------


def _sum(of: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(func.sum(of), 0)


def _times(kind: Kind) -> ColumnElement[int]:
    """How often a job's credits moved like that; each move is two lines, one of them above 0."""
    return _sum(case((entries.c.kind == kind.value, 1), else_=0))


def _moved(kind: Kind) -> ColumnElement[int]:
    return _sum(case((entries.c.kind == kind.value, entries.c.amount), else_=0))


_of_job = (
    select(
        entries.c.job_id.label("job_id"),
        _times(Kind.HOLD).label("holds"),
        _moved(Kind.HOLD).label("held"),
        (_times(Kind.SETTLE) + _times(Kind.RELEASE)).label("closes"),
        _moved(Kind.SETTLE).label("settled"),
        _moved(Kind.RELEASE).label("released"),
    )
    .where(entries.c.job_id.is_not(None), entries.c.amount > 0)
    .group_by(entries.c.job_id)
    .subquery()
)


def _had(name: str) -> ColumnElement[int]:
    """A sum of a job's moves; 0 when there were none."""
    return func.coalesce(_of_job.c[name], 0)


_who = (jobs.c.platform, jobs.c.tenant, jobs.c.id)
_with_money = jobs.outerjoin(_of_job, _of_job.c.job_id == jobs.c.id)
_holds = case((jobs.c.price > 0, 1), else_=0)


def _wrong_jobs(
    *conditions: ColumnElement[bool], found: ColumnElement[int]
) -> Select[*tuple[Any, ...]]:
    return (
        select(*_who, jobs.c.state, jobs.c.price, found)
        .select_from(_with_money)
        .where(*conditions)
        .order_by(jobs.c.id)
        .limit(MOST)
    )


_WRONG_HOLDS = _wrong_jobs(
    in_states(*HELD),
    or_(
        _had("holds") - _had("closes") != _holds,
        _had("held") - _had("settled") - _had("released") != jobs.c.price,
    ),
    found=_had("held") - _had("settled") - _had("released"),
)
_WRONG_CHARGES = _wrong_jobs(IS_MADE, _had("settled") != jobs.c.price, found=_had("settled"))
_WRONG_RETURNS = _wrong_jobs(
    in_states(*UNCOUNTED),
    or_(
        _had("released") != _had("held"),
        _had("released") < jobs.c.price,
        # What a job was held for before it moved came back as well.
        and_(jobs.c.moves == 0, _had("released") != jobs.c.price),
    ),
    found=_had("released"),
)
_CLOSED_AGAIN = _wrong_jobs(
    or_(_had("holds") > 1 + jobs.c.moves, _had("closes") > 1 + jobs.c.moves),
    found=_had("holds") + _had("closes"),
)

# --- do the sums say what the jobs say? ---------------------------------------------------

_counts = ~in_states(*UNCOUNTED)
# As `domain.usage.counted` has it.
_videos = case((_counts, 1), else_=0)
_seconds = case((_counts, jobs.c.seconds), else_=0)
_credits = case((_counts, jobs.c.price), else_=0)
_micros = func.coalesce(jobs.c.cost_reported, case((_counts, jobs.c.cost), else_=0))
_SUMS = {"videos": _videos, "seconds": _seconds, "credits": _credits, "micros": _micros}
_OF_JOBS = ("platform", "tenant", "person", "channel", "provider", "model")
_KEY = ("platform", "tenant", "scope", "model", "slot")
_ANY = literal(ANY_MODEL)


def _wrong_sums(table: Table, slot: int) -> Select[*tuple[Any, ...]]:
    """Sums in slots of that many ms which the jobs do not explain."""
    kept = select(
        *(table.c[name] for name in _KEY),
        *(literal(0).label(f"is_{name}") for name in _SUMS),
        *(table.c[name].label(f"kept_{name}") for name in _SUMS),
    )
    both = union_all(*_explained(slot), kept).subquery()
    found = [func.sum(both.c[f"is_{name}"]) for name in _SUMS]
    stored = [func.sum(both.c[f"kept_{name}"]) for name in _SUMS]
    return (
        select(*(both.c[name] for name in _KEY), *found, *stored)
        .group_by(*(both.c[name] for name in _KEY))
        .having(or_(*(one != other for one, other in zip(found, stored, strict=True))))
        .order_by(*(both.c[name] for name in _KEY))
        .limit(MOST)
    )


def _explained(slot: int) -> Iterator[Select[*tuple[Any, ...]]]:
    """What all jobs count for, for each kind of scope, beside nothing of what was kept."""
    # Added up before it is spread over its scopes, of which there are seven.
    slots = (
        select(
            *(jobs.c[name] for name in _OF_JOBS),
            (jobs.c.accepted_at - jobs.c.accepted_at % slot).label("slot"),
            *(func.sum(of).label(name) for name, of in _SUMS.items()),
        )
        .group_by(*(jobs.c[name] for name in _OF_JOBS), literal_column("slot"))
        .cte("slots")
    )
    for scope, model in (
        *_with_models(literal(of_person("")) + slots.c.person, slots.c.model),
        *_with_models(literal(of_channel("")) + slots.c.channel, slots.c.model),
        *_with_models(literal(WORKSPACE), slots.c.model),
        (literal(of_provider("")) + slots.c.provider, _ANY),
    ):
        yield select(
            slots.c.platform,
            slots.c.tenant,
            scope.label("scope"),
            model.label("model"),
            slots.c.slot,
            *(slots.c[name].label(f"is_{name}") for name in _SUMS),
            *(literal(0).label(f"kept_{name}") for name in _SUMS),
        )


def _with_models(
    scope: ColumnElement[str], model: ColumnElement[str]
) -> tuple[tuple[ColumnElement[str], ColumnElement[str]], ...]:
    return ((scope, _ANY), (scope, model))


_WRONG_TALLIES = {
    "tally": _wrong_sums(tallies, SLOT),
    "day": _wrong_sums(day_tallies, DAY),
}

_OF_A_JOB: Mapping[str, tuple[Executable, Callable[..., str]]] = {
    "hold": (_WRONG_HOLDS, wording.hold_differs),
    "charge": (_WRONG_CHARGES, wording.charge_differs),
    "return": (_WRONG_RETURNS, wording.return_differs),
    "again": (_CLOSED_AGAIN, wording.moved_again),
}
"""Questions whose rows are workspace, job, state, price and what was found."""


class SqlChecks:
    """`CheckRows` within one reading."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def faults(self) -> tuple[Fault, ...]:
        """Everything in the books that does not add up; empty is whole."""
        ledger = await SqlLedger(self._connection).faults()
        of_jobs = [fault for key in _OF_A_JOB for fault in await self._of_jobs(key)]
        return (*ledger, *of_jobs, *await self._of_tallies())

    async def _of_jobs(self, key: str) -> list[Fault]:
        question, say = _OF_A_JOB[key]
        return [
            Fault(Tenant(platform, tenant), f"{key}/{job_id}", say(job_id, *facts))
            for platform, tenant, job_id, *facts in await self._connection.execute(question)
        ]

    async def _of_tallies(self) -> list[Fault]:
        return [
            _tally_fault(key, *row)
            for key, question in _WRONG_TALLIES.items()
            for row in await self._connection.execute(question)
        ]


def _tally_fault(key: str, platform: str, tenant: str, scope: str, *rest: Any) -> Fault:  # noqa: ANN401 - a row
    model, slot, *sums = rest
    # Some databases answer sums with decimals.
    numbers = [int(number) for number in sums]
    half = len(_SUMS)
    words = wording.tally_differs(
        scope, model, slot, Usage(*numbers[:half]), Usage(*numbers[half:])
    )
    return Fault(Tenant(platform, tenant), f"{key}/{scope}/{model}/{slot}", words)
