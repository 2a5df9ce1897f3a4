"""The real core and the real Slack adapter, between a Slack and a video backend of ours.

Time stands still but for what a test lets pass; the lines to Slack are real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from adapters.slack.manifest import EVENTS_PATH
from adapters.slack.platform import Around, Options, SlackChat
from adapters.slack.workspaces import tenant_of
from bot.commands.dispatch import Commands
from bot.domain.refs import Person as Somebody
from bot.ports import Answer, Media
from bot.services.styles import Styles
from storage.store import SqlStore, open_store
from tests.fakes.blank import blank_at
from tests.fakes.core import Core, World
from tests.fakes.core import Options as CoreOptions
from tests.fakes.inbox import Turn, WaitingInbox
from tests.fakes.life import AnyLife
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.server import SlackServer
from tests.fakes.typist import services_of

PING = 0.3
"""Seconds between two signs of life: broken lines are noticed soon."""
Life = AnyLife[SlackChat]


@dataclass
class Office:
    """A workspace with a channel and people in it, and where the bot keeps its data.

    `by_http`: Slack calls the bot's server, instead of lines that the bot opened. `answer` speaks
    in place of the core. `turn` is that of the inbox.
    """

    server: SlackServer
    folder: Path
    by_http: bool = False
    answer: Answer | None = None
    turn: Turn = field(default_factory=Turn)
    world: World = field(init=False)
    channel: Channel = field(init=False)
    ana: Person = field(init=False)
    ben: Person = field(init=False)
    mara: Person = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(self.folder)
        # Slack counts real seconds, the bot those of its clock; tests of limits set their own.
        self.server.door.limits.burst = 1_000
        self.channel = self.server.channel("videos")
        self.ana = self.server.member("Ana", self.channel)
        self.ben = self.server.member("Ben", self.channel)
        self.mara = self.server.member("Mara", self.channel, is_admin=True)

    @asynccontextmanager
    async def bot(
        self,
        options: CoreOptions | None = None,
        *,
        media: Media | None = None,
        sockets: int = 2,
        admins: frozenset[str] = frozenset(),
    ) -> AsyncGenerator[Life]:
        """A life of the bot, from its first word to its polite end."""
        async with AsyncExitStack() as stack:
            store = await open_store(blank_at(self.folder / "bot.db"))
            stack.push_async_callback(store.aclose)
            core = Core(self.world, store, options or CoreOptions())
            around = Around(
                store.notes("slack"),
                WaitingInbox(store.inbox("slack"), self.turn),
                core.blobs,
                media or self.world.media,
                core.clock,
                core.videos.shop.catalogue,
                Styles(core.store, core.clock).offered,
            )
            chat = SlackChat(self._options(sockets, admins), around)
            core.platforms[chat.name] = chat
            commands = Commands(services_of(core, chat.find))
            await core.announcer.look_back()
            await core.scheduler.start()
            stack.push_async_callback(core.scheduler.stop, 0)
            stack.push_async_callback(chat.aclose)
            await chat.serve(self.answer or commands.answer)
            if self.by_http:
                await stack.enter_async_context(self._called_by_slack(chat))
            yield Life(core, chat, commands)

    def chat(self, core: Core, store: SqlStore) -> SlackChat:
        """The real adapter, for a core that serves other chats, too."""
        around = Around(
            store.notes("slack"),
            store.inbox("slack"),
            core.blobs,
            core.world.media,
            core.clock,
            core.videos.shop.catalogue,
            Styles(core.store, core.clock).offered,
        )
        return SlackChat(self._options(2, frozenset()), around)

    def _options(self, sockets: int, admins: frozenset[str]) -> Options:
        server = self.server
        return Options(
            server.bot_token,
            "" if self.by_http else server.app_token,
            server.signing_secret,
            server.api_url,
            sockets,
            admins,
            PING,
        )

    @asynccontextmanager
    async def _called_by_slack(self, chat: SlackChat) -> AsyncGenerator[None]:
        async with serving(chat) as url:
            await self.server.deliver_to(f"{url}{EVENTS_PATH}")
            yield

    def as_person(self, person: Person) -> Somebody:
        """Somebody as the core knows them."""
        return Somebody(tenant_of(person.team_id), person.id, person.name)

    def card(self, channel: Channel | None = None) -> Message:
        """The newest card."""
        return self.cards(channel)[-1]

    def cards(self, channel: Channel | None = None) -> list[Message]:
        """Messages of ours without a video, the oldest first."""
        return [one for one in self.ours(channel) if not one.files]

    def videos(self, channel: Channel | None = None) -> list[Message]:
        """Messages of ours with a file."""
        return [one for one in self.ours(channel) if one.files]

    def ours(self, channel: Channel | None = None) -> list[Message]:
        """All messages of the bot in a channel and its threads."""
        found = (channel or self.channel).all
        return [one for one in found if one.author is self.server.bot and not one.deleted]


@asynccontextmanager
async def serving(chat: SlackChat) -> AsyncGenerator[str]:
    """A server with the door of a chat and nothing else: its address."""
    config = uvicorn.Config(chat.door, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
