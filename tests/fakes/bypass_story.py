"""A draft under review, and people who try to get it out; each chat brings its own ways to try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from bot import wording
from bot.commands.grammar import GRAMMAR, Kind, Verb
from bot.domain.audit import Outcome
from bot.domain.jobs import Job
from bot.domain.refs import Tenant
from bot.domain.releases import Release, Stand
from bot.errors import Withheld
from bot.ports import JobFilter
from tests.fakes.core import Core

PROMPT, TITLE = "a heron that nobody else may watch", "Heronry"
KITE = "a red kite that everybody watches"
REVIEWS = ("review claim", "review approve", "review reject")
JOB_VERBS = tuple(one for one in GRAMMAR if any(p.kind is Kind.JOB for p in one.params))


class Who(StrEnum):
    """Whoever tries."""

    AUTHOR = "author"
    OTHER = "other"
    BOSS = "boss"
    """An author who is an admin, too."""


NAMES: Mapping[Who, str] = {Who.AUTHOR: "Ana", Who.OTHER: "Ben", Who.BOSS: "Mara"}
_USED = ("show", "again", "remix", "extend", "finalize", "like", "sponsor", "takedown")
_OWNED = ("publish", "unpublish", "delete", "restore", "remixers")
WHY: Mapping[Who, Mapping[str, str]] = {
    Who.AUTHOR: {"publish": "review", **dict.fromkeys(REVIEWS, "reviewer")},
    Who.OTHER: {
        **dict.fromkeys(REVIEWS, "reviewer"),
        **dict.fromkeys(_USED, "draft"),
        **dict.fromkeys(_OWNED, "others"),
    },
    Who.BOSS: {"publish": "review", **dict.fromkeys(REVIEWS, "own")},
}
"""Why a verb is refused, by whoever tries. What is not here brings no video before others."""


@dataclass(frozen=True)
class Shown:
    """What somebody reads, and the SHA-256 of each file beside it."""

    text: str = ""
    files: tuple[str, ...] = ()


class Stage(Protocol):
    """A chat with Ana, Ben, and Mara who is an admin, in one channel."""

    core: Core
    tenant: Tenant

    async def ask(self, who: str, verb: str, /, **args: str) -> str:
        """What somebody is answered; `args` by the names of the grammar, in its order."""
        ...

    async def settle(self) -> None:
        """Until all that was begun has ended."""
        ...

    async def catch_up(self) -> None:
        """Do what is due by now."""
        ...

    def who(self, name: str) -> str:
        """The id of somebody, as the core knows them."""
        ...

    async def everywhere(self) -> Sequence[Shown]:
        """All messages of the bot that stand where everybody reads, edited ones as before, too."""
        ...


@dataclass(frozen=True)
class Try:
    """One way in. `verb` is what it means; empty where it is not surely understood as a verb."""

    name: str
    do: Callable[[], Awaitable[Shown | None]]
    verb: str = ""


@dataclass(frozen=True)
class Draft:
    """A draft under review, with the hashes of its files, and how it stood.

    `beside` is the published video of the channel.
    """

    who: Who
    job: Job
    beside: str
    release: Release
    files: frozenset[str]
    known: Counter[Shown] = field(default_factory=Counter[Shown])
    """What everybody could read before anybody tried."""


async def begin(stage: Stage, who: Who) -> Draft:
    """A draft that waits for a reviewer, in a channel that has a published video, too."""
    await stage.ask("Ana", "create", prompt=KITE)
    await stage.settle()
    await stage.ask("Mara", "admin drafts", policy="all", review="yes")
    author = "Mara" if who is Who.BOSS else "Ana"
    await stage.ask(author, "create", prompt=PROMPT)
    await stage.settle()
    async with stage.core.store.reading() as tx:
        job, kite = await tx.jobs.list(JobFilter(stage.tenant))
        video = await tx.videos.of(job.id)
    assert video
    args = {"job": job.id, "title": TITLE, "sure": "yes"}
    assert "went to the reviewers" in await stage.ask(author, "publish", **args)
    await stage.settle()
    files = {blob.sha256 for blob in (video.blob, video.poster) if blob}
    release = await standing(stage, job)
    assert (release.stand, release.title) == (Stand.REVIEW, TITLE)
    draft = Draft(who, job, kite.id, release, frozenset(files), Counter(await stage.everywhere()))
    assert await leaked(draft, stage) == []
    return draft


async def nobody_gets_through(stage: Stage, draft: Draft, tries: Iterable[Try]) -> int:
    """Try all of them, one after the other; returns how many there were."""
    number = 0
    for one in tries:
        number += 1
        noted = await refusals(stage)
        said = await one.do() or Shown()
        await stage.catch_up()
        await _check_words(stage, draft, one, said, noted)
        after = await standing(stage, draft.job)
        assert _stands(one, draft, after), f"{one.name}: {after}"
        if after.stand is not Stand.REVIEW:
            await _put_back(stage, after, draft.release)
    await stage.settle()
    assert await leaked(draft, stage) == []
    return number


async def _check_words(
    stage: Stage, draft: Draft, one: Try, said: Shown, noted: Counter[tuple[str, str]]
) -> None:
    """The one sentence, and a record of it; and whoever may not watch it hears nothing of it."""
    if draft.who is Who.OTHER:
        assert TITLE not in said.text, f"{one.name}: {said}"
        assert draft.files.isdisjoint(said.files), f"{one.name}: {said}"
    why = WHY[draft.who].get(one.verb)
    if why is None:
        return
    sentence = wording.why_not(Withheld(why, draft.job.id), ZoneInfo("UTC"), 0)
    assert sentence in said.text, f"{one.name}: {said}"
    new = await refusals(stage) - noted
    assert new == Counter([(stage.who(NAMES[draft.who]), one.verb)]), f"{one.name}: {new}"


def _stands(one: Try, draft: Draft, after: Release) -> bool:
    """An author may throw a draft away, and choose who may change it later."""
    if draft.who is Who.OTHER:
        return after == draft.release
    if one.verb == "delete":
        return after.stand is Stand.DELETED
    return after == replace(draft.release, version=after.version, remixers=after.remixers)


async def _put_back(stage: Stage, seen: Release, release: Release) -> None:
    """As it was when they began."""
    draft = replace(seen, stand=Stand.DRAFT, deleted_at=None)
    async with stage.core.store.transaction() as tx:
        restored = await tx.releases.change(seen, draft)
        assert restored
        assert await tx.releases.change(restored, replace(release, version=restored.version))


async def standing(stage: Stage, job: Job) -> Release:
    """How a video stands."""
    async with stage.core.store.reading() as tx:
        release = await tx.releases.get(job.id)
    assert release
    return release


async def refusals(stage: Stage) -> Counter[tuple[str, str]]:
    """(who, verb) of all that was withheld, as the audit has it."""
    async with stage.core.store.reading() as tx:
        found = await tx.audit.newest(stage.tenant, 10_000)
    return Counter(
        (one.actor.id, one.verb)
        for one in found
        if one.outcome is Outcome.REFUSED and one.reason == Withheld.__name__
    )


async def leaked(draft: Draft, stage: Stage) -> list[Shown]:
    """What everybody reads by now and holds the draft's file or title, or tells its prompt anew.

    Its author may order the same once more, before everybody.
    """
    shown = await stage.everywhere()
    held = [one for one in shown if TITLE in one.text or not draft.files.isdisjoint(one.files)]
    if draft.who is Who.OTHER:
        held += [one for one in (Counter(shown) - draft.known) if PROMPT in one.text]
    return held


def filled(verb: Verb, job: str) -> dict[str, str]:
    """Something for every argument that has to be there, and each flag; of a video each choice."""
    args: dict[str, str] = {}
    for param in verb.params:
        if param.kind is Kind.JOB:
            args[param.name] = job
        elif param.kind is Kind.FLAG:
            args[param.name] = "yes"
        elif param.required or (param.kind is Kind.CHOICE and verb in JOB_VERBS):
            args[param.name] = _something(param.kind, param.choices)
    return args


def _something(kind: Kind, choices: Sequence[str]) -> str:
    if kind is Kind.NUMBER:
        return "5"
    return choices[0] if choices else "words"
