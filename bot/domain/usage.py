"""What counts toward limits and budgets: how much, of whom or what, and in which slot of time.

A workspace may look back on a hundred thousand jobs. So what they used is kept in sums over slots
of a quarter of an hour, which no border of a day crosses in any time zone of today. A month has
three thousand of these, so whole days (UTC) are summed up besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.jobs import UNCOUNTED, Job

SLOT = 15 * 60_000
"""Ms."""
DAY = 24 * 3_600_000
"""Ms."""
WORKSPACE = "workspace"
"""Scope of all that a workspace does."""
_PERSON, _CHANNEL, _PROVIDER = "person/", "channel/", "provider/"
ANY_MODEL = ""


def of_person(person_id: str) -> str:
    """Scope of what one person does."""
    return f"{_PERSON}{person_id}"


def of_channel(channel: str) -> str:
    """Scope of what is done in one channel and its threads."""
    return f"{_CHANNEL}{channel}"


def of_provider(provider: str) -> str:
    """Scope of what one provider makes; it knows no models of its own."""
    return f"{_PROVIDER}{provider}"


def person_in(scope: str) -> str | None:
    """Whom a scope is about, by id; None when it is about nobody."""
    return _after(_PERSON, scope)


def channel_in(scope: str) -> str | None:
    """Which channel a scope is about."""
    return _after(_CHANNEL, scope)


def provider_in(scope: str) -> str | None:
    """Which provider a scope is about."""
    return _after(_PROVIDER, scope)


def _after(prefix: str, scope: str) -> str | None:
    return scope.removeprefix(prefix) if scope.startswith(prefix) else None


PEOPLE = _PERSON
"""What scopes of people begin with."""


def slot_of(at: int) -> int:
    """When the slot began that a moment lies in (ms)."""
    return at - at % SLOT


def day_of(at: int) -> int:
    """When the day (UTC) began that a moment lies in (ms)."""
    return at - at % DAY


def first_day(since: int) -> int:
    """When the first day began that lies in the time from `since` on as a whole (ms)."""
    return day_of(since + DAY - 1)


@dataclass(frozen=True, slots=True)
class Usage:
    """So many videos of so many seconds for so many credits; `micros` is USD·10⁻⁶ of real money."""

    videos: int = 0
    seconds: int = 0
    credits: int = 0
    micros: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.videos + other.videos,
            self.seconds + other.seconds,
            self.credits + other.credits,
            self.micros + other.micros,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.videos - other.videos,
            self.seconds - other.seconds,
            self.credits - other.credits,
            self.micros - other.micros,
        )


NONE = Usage()


def counted(job: Job) -> Usage:
    """What a job counts for as it stands. Without a video: only money that is surely gone."""
    if job.state in UNCOUNTED:
        return Usage(micros=job.cost_reported or 0)
    return Usage(1, job.spec.seconds, job.offer.price, cost_of(job))


def cost_of(job: Job) -> int:
    """What a job costs the workspace: as the backend said, until then as the catalogue has it."""
    return job.offer.cost if job.cost_reported is None else job.cost_reported


def tallied(job: Job) -> Iterator[tuple[str, str]]:
    """Every (scope, model) that a job counts for."""
    for scope in (of_person(job.person.id), of_channel(job.place.channel), WORKSPACE):
        for model in (ANY_MODEL, job.spec.model):
            yield scope, model
    yield of_provider(job.offer.provider), ANY_MODEL
