"""How long a search takes among very many videos of one workspace."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from time import perf_counter

from bench.figures import Figure, quantile
from bot.bootstrap import new_job_id
from bot.domain.jobs import Job, JobState, Offer
from bot.domain.library import LibraryFilter, Order, Shelf
from bot.domain.refs import Blob, Person, Place, Tenant
from bot.domain.releases import Release, Stand
from bot.domain.videos import Size, Video, VideoSpec
from storage.store import SqlStore, open_store
from storage.tables import metadata

VIDEOS = 50_000
SEARCHES = 200
"""Of each kind."""
GOAL = 50
"""Ms within which 95 of 100 searches answer."""
WORDS = 8_000
"""In all prompts; the n-th is used about a n-th as often as the first."""
PROMPT = 40
"""Words of one prompt."""
_BATCH = 500
_BEGAN, _APART = 1_790_000_000_000, 60_000
_HERE = Tenant("web", "bench")
_AUTHORS = tuple(Person(_HERE, f"person-{n}", f"Person {n}") for n in range(200))
_CHANNELS = tuple(f"channel-{n}" for n in range(20))
_MODELS = ("sora-2", "sora-2-pro", "veo-3.1")
_CLIP = Blob("cd" * 32, ".mp4", 1_000_000)


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Fill a store and search it, one question after the other."""
    videos, searches = (500, 10) if quick else (VIDEOS, SEARCHES)
    random = Random(50)  # noqa: S311 - the same prompts each time
    words = vocabulary(random)
    store = await open_store(folder / "bot.db")
    try:
        began = perf_counter()
        await fill(store, random, words, videos)
        each = 1000 * (perf_counter() - began) / videos
        figures = [Figure("one video, its job and its words stored", each, "ms")]
        for name, asked in _questions(random, words, videos, searches).items():
            figures += _figures(name, [await _took(store, which) for which in asked])
        await _check(store, videos)
        return figures
    finally:
        await store.aclose()


def _figures(name: str, took: Sequence[float]) -> tuple[Figure, Figure]:
    return (
        Figure(f"{name}, p50", quantile(took, 0.5), "ms"),
        Figure(f"{name}, p95", quantile(took, 0.95), "ms", most=GOAL),
    )


async def _took(store: SqlStore, which: LibraryFilter) -> float:
    began = perf_counter()
    async with store.reading() as tx:
        found = await tx.library.find(which)
    assert found or which.words or which.shelf is Shelf.DRAFTS, "there are always some"
    return 1000 * (perf_counter() - began)


async def _check(store: SqlStore, videos: int) -> None:
    """Published videos are found by the word that each alone has."""
    for number in (0, videos // 2, videos - 2):
        async with store.reading() as tx:
            (one,) = await tx.library.find(LibraryFilter(_AUTHORS[0], _own(number)))
        assert _own(number) in one.job.spec.prompt


# --- questions ----------------------------------------------------------------------------


def _questions(
    random: Random, words: Sequence[str], videos: int, number: int
) -> Mapping[str, Sequence[LibraryFilter]]:
    def asked(most: int, least: int = 0) -> str:
        return random.choice(words[least:most])

    def which(text: str = "") -> LibraryFilter:
        return LibraryFilter(random.choice(_AUTHORS), text)

    lately = _BEGAN + videos * 9 // 10 * _APART
    turns = range(number)
    return {
        "newest page": [which() for _ in turns],
        "one rare word": [which(_own(random.randrange(videos))) for _ in turns],
        "one common word": [which(asked(20)) for _ in turns],
        "two words": [which(f"{asked(50)} {asked(500, 50)}") for _ in turns],
        "two common words": [which(f"{asked(20)} {asked(20)}") for _ in turns],
        "beginning of a word": [which(asked(500)[:3]) for _ in turns],
        "word that nothing has": [which(f"{asked(20)} nowhere") for _ in turns],
        "word, author, model": [
            replace(which(asked(20)), author=random.choice(_AUTHORS).id, model=_MODELS[0])
            for _ in turns
        ],
        "word, channel, since": [
            replace(which(asked(20)), channel=random.choice(_CHANNELS), since=lately) for _ in turns
        ],
        "own drafts": [replace(which(), shelf=Shelf.DRAFTS) for _ in turns],
        "best of a common word": [replace(which(asked(20)), order=Order.BEST) for _ in turns],
        "best of all": [replace(which(), order=Order.BEST) for _ in turns],
    }


# --- videos -------------------------------------------------------------------------------


def vocabulary(random: Random) -> Sequence[str]:
    """Words for prompts."""
    syllables = [a + b for a in "bdfgklmnprstvw" for b in "aeiou"]
    made = ("".join(random.choices(syllables, k=random.randint(2, 4))) for _ in range(WORDS))
    return tuple(dict.fromkeys(made))


def _own(number: int) -> str:
    """A word of one video alone."""
    return f"x{number}x"


async def fill(
    store: SqlStore, random: Random, words: Sequence[str], number: int, here: Tenant = _HERE
) -> None:
    """Store so many videos of a workspace, as the bot would; every tenth is a draft."""
    lives = list(_lives(random, words, number, here))
    for first in range(0, number, _BATCH):
        async with store.transaction() as tx:
            for job, video, release in lives[first : first + _BATCH]:
                await tx.jobs.add(job)
                await tx.videos.add(video)
                await tx.releases.add(release)


def _lives(
    random: Random, words: Sequence[str], number: int, here: Tenant
) -> Iterator[tuple[Job, Video, Release]]:
    weights = [1 / (rank + 1) for rank in range(len(words))]
    for count in range(number):
        prompt = " ".join((*random.choices(words, weights, k=PROMPT), _own(count)))
        job = _job(random, prompt, _BEGAN + count * _APART, here)
        yield job, _video(job), _release(job, Stand.DRAFT if count % 10 == 9 else Stand.PUBLISHED)


def _job(random: Random, prompt: str, at: int, here: Tenant) -> Job:
    model = random.choice(_MODELS)
    name = new_job_id()
    return Job(
        id=name,
        person=replace(random.choice(_AUTHORS), tenant=here),
        place=Place(here, random.choice(_CHANNELS)),
        interaction=name,
        part=0,
        spec=VideoSpec(prompt, model, Size(1280, 720), 8),
        offer=Offer("simulator", "main", "http://127.0.0.1:9", model, 80),
        state=JobState.DONE,
        version=7,
        accepted_at=at,
        updated_at=at,
        due_at=None,
        finished_at=at,
    )


def _video(job: Job) -> Video:
    return Video(job.id, _CLIP, None, 1280, 720, 8_000, 192, job.accepted_at, simulated=True)


def _release(job: Job, stand: Stand) -> Release:
    place, at = job.place, job.accepted_at
    return Release(
        *(job.id, job.person, place.channel, job.spec.model, stand, at, f"result/{job.id}"),
        published_at=at if stand is Stand.PUBLISHED else None,
        tags=(place.channel,),
    )


# --- very many of them, quickly -----------------------------------------------------------

_COPIES = """
CREATE TEMP TABLE copies AS
WITH RECURSIVE turns(turn) AS (VALUES (1) UNION ALL SELECT turn + 1 FROM turns WHERE turn < :times)
SELECT jobs.id AS old, printf('c%09d', row_number() OVER ()) AS new FROM turns, jobs
"""
_NAMED = {
    "jobs": ("id", "interaction"),
    "videos": ("job_id",),
    "releases": ("job_id",),
    "library": ("job_id",),
}
"""Columns that are another in each copy."""


def multiply(database: Path, times: int) -> None:
    """Add so many copies of each video in an SQLite file that nobody has open, under new ids."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(_COPIES, {"times": times})
        for name, named in _NAMED.items():
            # A row of the library is numbered by itself.
            columns = [column.name for column in metadata.tables[name].columns]
            kept = [column for column in columns if column != "id" or "id" in named]
            taken = ", ".join("new" if column in named else f"{name}.{column}" for column in kept)
            connection.execute(
                f"INSERT INTO {name} ({', '.join(kept)}) SELECT {taken} FROM copies "  # noqa: S608 - ours
                f"JOIN {name} ON {name}.{named[0]} = old"
            )
