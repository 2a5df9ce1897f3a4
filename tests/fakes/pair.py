"""Two workspaces that one bot serves: the demo's, and an office on Slack that is linked with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.domain.jobs import Job
from bot.domain.messages import Mention, Message, Reply
from bot.domain.refs import Person, Place, Tenant
from bot.ports import Outgoing
from tests.fakes.chat import FakeChat, Post
from tests.fakes.core import ANA, MARA, STUDIO, TENANT, Core, World, running
from tests.fakes.typist import Typist, words

OFFICE = Tenant("slack", "T1")
OLGA = Person(OFFICE, "U1", "Olga", admin=True)
PAUL = Person(OFFICE, "ana", "Paul")
"""His id is Ana's in the other workspace, as one person's is in two servers of Discord."""
SHOW = Place(OFFICE, "C1")
DESKS = Place(OFFICE, "C2")
THIRD = Tenant("slack", "T2")
TESS = Person(THIRD, "ana", "Tess", admin=True)


class Pair:
    """The demo's workspace and an office on Slack, which the same bot serves."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.typist = Typist(core)
        self.home = core.world.chat
        self.office = FakeChat("slack")
        core.platforms["slack"] = self.office

    async def says(self, line: str, person: Person = ANA, place: Place | None = None) -> Reply:
        """A line, in the studio or at the desks."""
        usual = STUDIO if person.tenant == TENANT else replace(DESKS, tenant=person.tenant)
        reply = await self.typist.says(line, person, place or usual)
        await self.core.wait(2_000)
        return reply

    async def does(self, line: str, person: Person = ANA, place: Place | None = None) -> str:
        """The same, and it works."""
        reply = await self.says(line, person, place)
        assert not reply.refused, words(reply)
        return words(reply)

    async def link(self, admin: Person = OLGA) -> None:
        """Both admins agree."""
        made = words(await self.says("/sora-admin link name:studio", MARA)).rsplit(" ", 1)[-1]
        await self.does(f"/sora-admin link {made}", admin)

    async def open(self) -> None:
        """They did, and the office has a gallery."""
        await self.link()
        await self.does("/sora-admin settings gallery here", OLGA, SHOW)

    async def made(self, line: str = "/sora create a red kite", person: Person = ANA) -> Job:
        """What came of an order."""
        reply = await self.says(line, person)
        assert not reply.refused, words(reply)
        return await self.core.job(reply.jobs[0])

    async def published(self) -> Job:
        """Ana's video, which stands in both."""
        await self.open()
        job = await self.made()
        await self.does(f"/sora publish {job.id} to:slack sure")
        return job

    def videos(self, chat: FakeChat | None = None) -> list[Post]:
        """Messages with a video that everybody in the office reads."""
        posts = (chat or self.office).posts.values()
        return [post for post in posts if post.message.video and not post.place.private]

    async def rows(self, job: Job) -> tuple[Outgoing, ...]:
        async with self.core.store.reading() as tx:
            return await tx.outbox.of_job(job.id)


@asynccontextmanager
async def serving(world: World) -> AsyncGenerator[Pair]:
    """Both, with a backend that needs no time."""
    world.provider.instant = True
    async with running(world) as core:
        yield Pair(core)


def mentioned(message: Message) -> list[Person]:
    """Whom a message calls."""
    return [span.person for line in message.lines for span in line if isinstance(span, Mention)]


def buttons(message: Message) -> dict[str, str]:
    """Verbs of a message, with the video that each is about."""
    return {button.verb: button.args["job"] for button in message.buttons}
