"""How often a backend is asked about a job, and how long its finished video waits, in virtual time.

When to ask is decided by the bot's own code; only the backend and the time are made up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import fmean
from time import perf_counter

from bench.figures import Figure, quantile
from bot.domain import polling
from bot.domain.jobs import Job, JobState, Offer
from bot.domain.refs import Person, Place, Tenant
from bot.domain.videos import Size, VideoSpec
from bot.services.line import FIRST_POLL
from bot.services.moves import gate_key
from bot.services.polling import Heard, Plans, Polling
from storage.store import open_store

JOBS = 1000
PASTS = (30, 200)
"""Jobs that were made before, whose true durations are known."""
DRAWS = 20
"""Different pasts that the jobs are shared out to: thirty jobs may be lucky or not."""
ROUNDS = 10
"""Times that all past jobs are replaced by others, as the bot itself saw them."""
TYPICAL = 120_000
"""What the catalogue says (ms)."""
ARRIVE = 0.98
"""Share of webhooks that arrive."""
ON_THEIR_WAY = (500, 3_200)
"""Ms that they take."""
START = 1_790_000_000_000

TENANT = Tenant("bench", "bench")
ANA = Person(TENANT, "ana", "Ana")
OFFER = Offer("backend", "default", "http://127.0.0.1:9/v1", "sora-2", 0)
KITE = VideoSpec("a red kite", "sora-2", Size(1280, 720), 8)


def _uniform(chance: Random) -> float:
    return chance.uniform(120, 300)


def _lognormal(chance: Random) -> float:
    return chance.lognormvariate(math.log(150), 0.35)


def _bimodal(chance: Random) -> float:
    return chance.gauss(70, 10) if chance.random() < 0.5 else chance.gauss(240, 24)


RENDERS: Mapping[str, Callable[[Random], float]] = {
    "uniform": _uniform,
    "lognormal": _lognormal,
    "bimodal": _bimodal,
}
"""Seconds that a render takes."""


@dataclass
class VirtualClock:
    """Stands where it is put."""

    time: int = START

    def now(self) -> int:
        """Ms since the epoch."""
        return self.time

    async def sleep(self, ms: int) -> None:
        """Time passes at once."""
        self.time += ms


@dataclass(frozen=True, slots=True)
class Life:
    """What one job cost: questions, ms of delay, and how long it seemed to take (ms)."""

    questions: int
    delay: int
    seen: int


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Each kind of render with what is known of it, beside questions at a fixed pace."""
    number, draws, rounds = (50, 2, 1) if quick else (JOBS, DRAWS, ROUNDS)
    found: list[Figure] = []
    for name, render in RENDERS.items():
        chance = Random(7)  # noqa: S311 - keeps no secret
        jobs = _durations(render, chance, number)
        for seconds in (10, 20):
            fixed = [_at_a_pace(took, seconds * 1000) for took in jobs]
            found += _figures(f"{name}, each {seconds} s", fixed)
        for known in PASTS:
            lives: list[Life] = []
            for draw in range(draws):
                past = _durations(render, chance, known)
                some = jobs[draw::draws]
                lives += await _lives(folder / f"{name}{known}-{draw}", past, some)
            found += _figures(f"{name}, {known} past jobs", lives, most=(10, 6))
        past = await _own_past(folder / name, _durations(render, chance, 200), rounds, render)
        lives = await _lives(folder / f"{name}own", past, jobs)
        found += _figures(f"{name}, {rounds} times 200 jobs of its own", lives, most=(10, 6))
        told = await _lives(folder / f"{name}told", past, jobs, webhooks=True)
        found += _figures(f"{name}, webhooks", told, most=(1.3, 6))
    return (*found, _longest_plan())


def _durations(render: Callable[[Random], float], chance: Random, number: int) -> list[int]:
    """Ms of some renders."""
    return [max(1, round(1000 * render(chance))) for _ in range(number)]


def _figures(
    name: str, lives: Sequence[Life], most: tuple[float | None, float | None] = (None, None)
) -> list[Figure]:
    delays = [life.delay / 1000 for life in lives]
    assert min(delays) >= 0
    return [
        Figure(
            f"{name}: questions", fmean(life.questions for life in lives), "1/job", None, most[0]
        ),
        Figure(f"{name}: delay, mean", fmean(delays), "s", None, most[1]),
        Figure(f"{name}: delay, p95", quantile(delays, 0.95), "s"),
    ]


def _at_a_pace(took: int, gap: int) -> Life:
    questions = math.ceil(took / gap)
    return Life(questions, questions * gap - took, questions * gap)


async def _own_past(
    folder: Path, past: list[int], rounds: int, render: Callable[[Random], float]
) -> list[int]:
    """What the rows of the last 200 jobs say after that many rounds."""
    for number in range(rounds):
        chance = Random(number)  # noqa: S311 - keeps no secret
        jobs = _durations(render, chance, len(past))
        past = [life.seen for life in await _lives(folder / str(number), past, jobs)]
    return past


async def _lives(
    folder: Path, past: Sequence[int], jobs: Sequence[int], *, webhooks: bool = False
) -> list[Life]:
    """The lives of jobs that take that long, one after the other."""
    store, clock, heard = await open_store(_room(folder) / "bot.db"), VirtualClock(), Heard()
    try:
        async with store.transaction() as tx:
            for number, took in enumerate(past):
                await tx.jobs.add(_made_before(number, took))
        asking = Polling(Plans(store, clock, lambda _: TYPICAL), heard)
        chance = Random(11)  # noqa: S311 - keeps no secret
        lives: list[Life] = []
        for number, took in enumerate(jobs):
            told_at = _arrival(chance, took) if webhooks else None
            if webhooks and not number:
                heard.came(gate_key(_taken(number, clock.now())), clock.now())
            lives.append(
                await _life(asking, heard, clock, _taken(number, clock.now()), (took, told_at))
            )
        return lives
    finally:
        await store.aclose()


def _room(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _arrival(chance: Random, took: int) -> int | None:
    """The age (ms) of a job at which its webhook arrives; None when it never does."""
    late = chance.randint(*ON_THEIR_WAY)
    return took + late if chance.random() < ARRIVE else None


async def _life(
    asking: Polling, heard: Heard, clock: VirtualClock, job: Job, ages: tuple[int, int | None]
) -> Life:
    """As the worker has it: first look, questions, and a webhook that comes in between."""
    took, told_age = ages
    since, gate = clock.now(), gate_key(job)
    told_at = math.inf if told_age is None else since + told_age
    clock.time = since + FIRST_POLL
    due = await asking.first(job, clock.now()) or clock.now()
    asked_at, questions = since, 0
    while True:
        if told_at <= due:
            clock.time = asked_at = int(told_at)
            heard.note(gate, str((job.reference or {})["id"]), clock.now())
            heard.came(gate, clock.now())
        else:
            clock.time = due
        questions += 1
        if clock.now() - since >= took:
            asking.finished(job)
            seen = polling.finished_between(asked_at, clock.now()) - since
            return Life(questions, clock.now() - since - took, seen)
        asked_at = clock.now()
        due = await asking.next(job, asked_at, clock.now(), None)
        assert due > asked_at


def _taken(number: int, now: int) -> Job:
    return replace(
        _job(f"new{number}", now),
        state=JobState.QUEUED,
        due_at=now + FIRST_POLL,
        submitted_at=now,
        reference={"id": f"video_{number}"},
    )


def _made_before(number: int, took: int) -> Job:
    done = START + number
    return replace(_job(f"old{number}", START), submitted_at=done - took, finished_at=done)


def _job(name: str, now: int) -> Job:
    place = Place(TENANT, "studio")
    return Job(name, ANA, place, name, 0, KITE, OFFER, JobState.DONE, 1, now, now, None)


def _longest_plan() -> Figure:
    """Of all lengths of jobs, the plan that takes longest to make; each the best of some tries."""
    took: list[float] = []
    for scale in (1, 10, 100, 1000):
        chance = Random(scale)  # noqa: S311 - keeps no secret
        past = [scale * took // 10 for took in _durations(_lognormal, chance, polling.MOST)]
        took.append(min(_time_of(past) for _ in range(5)))
    return Figure("making a plan of 200 jobs", max(took), "ms", most=10)


def _time_of(past: Sequence[int]) -> float:
    begun = perf_counter()
    polling.plan(past, TYPICAL)
    return 1000 * (perf_counter() - begun)
