"""One bot with the real adapters of Discord and Slack, between servers of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.discord.platform import Around as DiscordAround
from adapters.discord.platform import DiscordChat
from adapters.discord.platform import Options as DiscordOptions
from adapters.slack.platform import SlackChat
from bot.bootstrap import Late
from bot.commands.dispatch import Commands
from bot.domain.refs import Person, Tenant
from storage.store import SqlStore, open_store
from tests.fakes.core import Core, Options
from tests.fakes.discord_bot import Town
from tests.fakes.life import AnyLife, on_sale
from tests.fakes.slack_bot import Office
from tests.fakes.typist import services_of

Chat = DiscordChat | SlackChat


@dataclass
class Bridge:
    """A server of people on Discord and a workspace of people on Slack, with one bot for both."""

    town: Town
    office: Office

    def __post_init__(self) -> None:
        self.office.world = self.town.world

    @asynccontextmanager
    async def bot(self) -> AsyncGenerator[AnyLife[Chat]]:
        """A life of the bot, from its first word to its polite end."""
        async with AsyncExitStack() as stack:
            store = await open_store(f"sqlite:///{self.town.folder / 'bot.db'}")
            stack.push_async_callback(store.aclose)
            core, late = Core(self.town.world, store, Options()), Late()
            discord, slack = self._discord(core, store, late), self.office.chat(core, store)
            core.platforms |= {discord.name: discord, slack.name: slack}

            def find(tenant: Tenant, text: str) -> Person | None:
                return (slack if tenant.platform == slack.name else discord).find(tenant, text)

            commands = late.commands = Commands(services_of(core, find))
            await core.announcer.look_back()
            await core.scheduler.start()
            stack.push_async_callback(core.scheduler.stop, 0)
            for chat in (discord, slack):
                stack.push_async_callback(chat.aclose)
                await chat.serve(commands.answer)
            yield AnyLife[Chat](core, discord, commands)

    def _discord(self, core: Core, store: SqlStore, late: Late) -> DiscordChat:
        around = DiscordAround(
            store.notes("discord"),
            core.blobs,
            core.world.media,
            core.clock,
            on_sale,
            late.suggest,
        )
        return DiscordChat(DiscordOptions(self.town.server.token, settle=0.05), around)
