"""A month full of finished jobs and of limits in force, made by the store's own code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from adapters.clock import SystemClock
from bot.bootstrap import new_job_id
from bot.domain import ledger
from bot.domain.budgets import Budget
from bot.domain.jobs import Job, JobState
from bot.domain.quotas import EVERYONE, Period, Rule, Unit, period_start
from bot.domain.refs import Person, Place
from bot.domain.usage import WORKSPACE, of_channel, of_provider
from bot.services.ledger import Credits
from storage.store import SqlStore

ENTRIES_OF_A_JOB = 4
"""Its hold and what it spent, two entries each."""
PLENTY = 10**12
"""A limit that nobody reaches."""
_DAY = 28
"""Of the month, so that nearly a whole one is summed up whenever the bench runs."""
_BATCH = 250
_UTC = ZoneInfo("UTC")


class LateInTheMonth(SystemClock):
    """The real time, moved to the end of its month."""

    def __init__(self) -> None:
        today = datetime.now(UTC)
        self._ahead = int((today.replace(day=_DAY, hour=12) - today).total_seconds() * 1000)

    def now(self) -> int:
        """Ms since the epoch."""
        return super().now() + self._ahead


async def limit(store: SqlStore, place: Place, job: Job) -> None:
    """Quotas of the workspace, of everyone and of a model; budgets of all that can have one."""
    tenant, channel = place.tenant, of_channel(place.channel)
    async with store.transaction() as tx:
        for rule in (
            Rule(WORKSPACE, Unit.SECONDS, Period.MONTH, PLENTY),
            Rule(EVERYONE, Unit.VIDEOS, Period.WEEK, PLENTY),
            Rule(EVERYONE, Unit.VIDEOS, Period.MONTH, PLENTY, model=job.spec.model),
        ):
            await tx.quotas.set_rule(tenant, rule)
        for scope in (WORKSPACE, channel, of_provider(job.offer.provider)):
            await tx.budgets.set(tenant, Budget(scope, Period.MONTH, PLENTY))


async def welcome(store: SqlStore, credits_: Credits, people: Sequence[Person]) -> None:
    """Accounts for all, with the allowance in them."""
    async with store.transaction() as tx:
        for person in people:
            await credits_.open(tx, person)


async def fill(
    store: SqlStore, now: int, like: Job, people: Sequence[Person], entries: int
) -> None:
    """Leave that many entries of finished jobs of all `people`, spread over the month so far."""
    lives = list(_lives(now, like, people, entries // ENTRIES_OF_A_JOB))
    for first in range(0, len(lives), _BATCH):
        async with store.transaction() as tx:
            for job in lives[first : first + _BATCH]:
                at, price = job.accepted_at, job.offer.price
                await tx.jobs.add(job)
                await tx.ledger.post(ledger.hold(job.id, job.person, price, at))
                await tx.ledger.post(ledger.settle(job.id, job.person, price, at))


def _lives(now: int, like: Job, people: Sequence[Person], number: int) -> Iterator[Job]:
    began = period_start(Period.MONTH, now, _UTC)
    for count in range(number):
        at = began + (now - began) * count // number
        yield replace(
            like,
            id=new_job_id(),
            interaction=new_job_id(),
            person=people[count % len(people)],
            state=JobState.DONE,
            accepted_at=at,
            updated_at=at,
            finished_at=at,
            due_at=None,
        )
