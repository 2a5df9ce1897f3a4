"""The real core and the real Discord adapter, between a Discord and a video backend of ours.

Time stands still but for what a test lets pass; the lines to Discord are real ones.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.discord.client import PLAIN
from adapters.discord.places import tenant_of
from adapters.discord.platform import Around, DiscordChat, Options
from adapters.discord.text import unescaped
from bot.bootstrap import Late
from bot.commands.dispatch import Commands
from bot.domain.refs import Person as Somebody
from bot.ports import Media
from storage.store import open_store
from tests.fakes.blank import blank_at
from tests.fakes.core import Core, World
from tests.fakes.core import Options as CoreOptions
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.people import Person
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.server import DiscordServer
from tests.fakes.discord_server.studios import Studio
from tests.fakes.life import AnyLife
from tests.fakes.typist import services_of


def plain_text(message: Message) -> str:
    """The words of a message without the backslashes that disarm them."""
    return unescaped(message.text)


@dataclass
class Life(AnyLife[DiscordChat]):
    """One life of the bot."""

    around: Around


@dataclass
class Town:
    """A server with a channel and people in it, and where the bot keeps its data."""

    server: DiscordServer
    folder: Path
    world: World = field(init=False)
    studio: Studio = field(init=False)
    channel: Channel = field(init=False)
    ana: Person = field(init=False)
    ben: Person = field(init=False)
    mara: Person = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(self.folder)
        self.studio = self.server.guild("Studio")
        self.channel = self.studio.channel("videos")
        self.ana, self.ben = self.studio.member("Ana"), self.studio.member("Ben")
        self.mara = self.studio.member("Mara", Permission.MANAGE_GUILD)

    @asynccontextmanager
    async def bot(
        self,
        options: CoreOptions | None = None,
        *,
        shards: int = PLAIN,
        home: str = "",
        media: Media | None = None,
    ) -> AsyncGenerator[Life]:
        """A life of the bot, from its login to its polite end."""
        async with AsyncExitStack() as stack:
            store = await open_store(blank_at(self.folder / "bot.db"))
            stack.push_async_callback(store.aclose)
            late = Late()
            core = Core(self.world, store, options or CoreOptions())
            around = Around(
                store.notes("discord"),
                core.blobs,
                media or self.world.media,
                core.clock,
                core.videos.shop.catalogue,
                late.suggest,
            )
            settings = Options(self.server.token, shards, home, settle=0.05)
            chat = DiscordChat(settings, around)
            core.platforms[chat.name] = chat
            commands = Commands(services_of(core, chat.find))
            late.commands = commands
            await core.announcer.look_back()
            await core.scheduler.start()
            stack.push_async_callback(core.scheduler.stop, 0)
            await chat.serve(commands.answer)
            stack.push_async_callback(chat.aclose)
            yield Life(core, chat, commands, around)

    @asynccontextmanager
    async def second_bot(self, life: Life) -> AsyncGenerator[DiscordChat]:
        """Another client on the same token, as in a rolling update."""
        chat = DiscordChat(Options(self.server.token, settle=0.05), life.around)
        await chat.serve(life.commands.answer)
        try:
            yield chat
        finally:
            await chat.aclose()

    def as_person(self, person: Person) -> Somebody:
        """Somebody as the core knows them."""
        return Somebody(tenant_of(self.studio.id), str(person.id), person.name)

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
        """All messages of the bot in a channel."""
        found = (channel or self.channel).messages
        return [one for one in found if one.author is self.server.bot]
