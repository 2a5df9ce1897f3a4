"""A family of remixes in one channel, as three chats have to live it; each is a stage for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Protocol

from bot.domain.jobs import Job, JobState
from bot.domain.refs import Tenant
from bot.domain.releases import Stand
from bot.ports import JobFilter
from tests.fakes.core import Core

DEEP = 5
"""Changes of changes, one after the other."""
WIDE = 2
"""Such chains under one first video."""
PEOPLE = ("Ana", "Ben", "Caro", "Dora")
_ID = re.compile(r"[0-9a-z]{10}")


class Stage(Protocol):
    """A chat with Ana, Ben, Caro, Dora, and Mara who is an admin and reviews, in one channel."""

    core: Core
    tenant: Tenant

    async def ask(self, who: str, verb: str, /, **args: str) -> str:
        """What somebody is answered; `args` by the names of the grammar, in its order."""
        ...

    async def settle(self) -> None:
        """Until all that was begun has ended."""
        ...

    def thread(self) -> Sequence[str]:
        """Messages with a video below the first one, the oldest first."""
        ...

    def pictures(self) -> int:
        """How many pictures everybody sees in the channel."""
        ...

    async def told(self, who: str) -> str:
        """All that somebody reads in private."""
        ...


async def lives_through(stage: Stage) -> None:
    """A publishes; B, C and D remix; A is asked, asks for a takedown; a reviewer says no to D."""
    await stage.ask("Mara", "admin settings", name="alerts", value="here")
    root = await _made(stage, "Ana", "create", prompt="a red kite")
    chains = [await _chain(stage, root, first) for first in range(WIDE)]
    await _names_parent_and_root(stage, chains)
    await stage.ask("Ana", "tree", job=root.id, here="yes")
    await stage.settle()
    assert stage.pictures() == 1
    await _is_asked(stage, root)
    await _has_one_taken_down(stage, chains[0][-1])
    await _gives_one_back(stage, root)


async def _made(stage: Stage, who: str, verb: str, **args: str) -> Job:
    await stage.ask(who, verb, **args)
    await stage.settle()
    async with stage.core.store.reading() as tx:
        [newest] = await tx.jobs.list(_newest(stage))
    assert newest.state is JobState.DONE, newest
    assert newest.person.name.lower() == who.lower()
    return newest


def _newest(stage: Stage) -> JobFilter:
    return JobFilter(stage.tenant, limit=1)


async def _chain(stage: Stage, root: Job, first: int) -> list[Job]:
    """Each changes the one before, in turn."""
    chain = [root]
    for depth in range(1, DEEP + 1):
        who = PEOPLE[1 + (first + depth) % 3]
        change = f"change {first} of depth {depth}"
        chain.append(await _made(stage, who, "remix", job=chain[-1].id, prompt=change))
    return chain


async def _names_parent_and_root(stage: Stage, chains: Sequence[Sequence[Job]]) -> None:
    texts = stage.thread()
    assert len(texts) == DEEP * WIDE
    for chain in chains:
        for parent, job in itertools.pairwise(chain):
            [text] = [one for one in texts if job.spec.prompt in one]
            began = chain[0].person.name
            credit = f"Remix of @{parent.person.name}’s video · started by @{began}"
            assert credit in text


async def _is_asked(stage: Stage, root: Job) -> None:
    """Ana wants to be asked: Ben's remix waits for her, and costs nothing until she says yes."""
    await stage.ask("Ana", "remixers", job=root.id, who="ask")
    before = await _jobs(stage)
    await stage.ask("Ben", "remix", job=root.id, prompt="in the fog")
    await stage.settle()
    assert await _jobs(stage) == before
    listed = await stage.ask("Ana", "asks")
    asked = next(one for one in _ID.findall(listed) if one != root.id)
    await stage.ask("Ana", "allow", request=asked)
    await stage.settle()
    assert len(await _jobs(stage)) == len(before) + 1
    assert "in the fog" in stage.thread()[-1]
    await stage.ask("Ana", "remixers", job=root.id, who="everyone")


async def _jobs(stage: Stage) -> list[str]:
    async with stage.core.store.reading() as tx:
        found = await tx.jobs.list(JobFilter(stage.tenant, limit=100))
    return [job.id for job in found]


async def _has_one_taken_down(stage: Stage, job: Job) -> None:
    """Ana asks for a takedown of somebody's remix, and a moderator agrees."""
    number = len(stage.thread())
    await stage.ask("Ana", "takedown", job=job.id, reason="it shows my logo")
    listed = await stage.ask("Mara", "admin takedown list")
    wish = next(one for one in _ID.findall(listed) if one != job.id)
    await stage.ask("Mara", "admin takedown yes", request=wish)
    await stage.settle()
    assert len(stage.thread()) == number - 1
    assert not [text for text in stage.thread() if job.spec.prompt in text]
    async with stage.core.store.reading() as tx:
        release = await tx.releases.get(job.id)
    assert release
    assert (release.stand, release.moderated) == (Stand.REJECTED, True)


async def _gives_one_back(stage: Stage, root: Job) -> None:
    """Dora's draft is given back by the reviewer, who says why."""
    await stage.ask("Mara", "admin drafts", policy="remixes", review="yes")
    number = len(stage.thread())
    draft = await _made(stage, "Dora", "remix", job=root.id, prompt="with an advertisement")
    assert "reviewers" in await stage.ask("Dora", "publish", job=draft.id, sure="yes")
    await stage.ask("Mara", "review claim", job=draft.id)
    await stage.ask("Mara", "review reject", job=draft.id, reason="no advertisements here")
    await stage.settle()
    assert len(stage.thread()) == number
    assert "no advertisements here" in await stage.told("Dora")
