"""A small bot for tests of the server itself: one of each thing that a bot can do."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import discord
from discord import app_commands, ui

from tests.fakes.discord_server.server import DiscordServer


class SampleBot(discord.Client):
    """Answers by what its methods below say; `failures` are what its commands raised."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(
            intents=intents or discord.Intents(guilds=True),
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)
        self.failures: list[Exception] = []
        self.seen: list[discord.Interaction[Any]] = []
        self.tree.error(self._note)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        self.seen.append(interaction)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library waits five seconds here; our server has no such limit."""

    async def _note(
        self, interaction: discord.Interaction[Any], failure: app_commands.AppCommandError
    ) -> None:
        self.failures.append(failure)


class ShardedBot(discord.AutoShardedClient):
    """Asks how many sessions it should open; `heard` has the shard of each interaction."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
        self.heard: list[int | None] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """As above."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        self.heard.append(None if interaction.guild is None else interaction.guild.shard_id)
        await interaction.response.send_message("hello")


def card(text: str, *items: ui.Item[Any]) -> ui.LayoutView:
    """A message of components: a container with a text and more."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(text), *items, accent_color=0x123456))
    return view


@contextlib.asynccontextmanager
async def running(bot: discord.Client, server: DiscordServer) -> AsyncGenerator[None]:
    """A bot that is ready, until the end of the block."""
    async with bot:
        task = asyncio.create_task(bot.start(server.token))
        try:
            await server.until(lambda: bot.is_ready() or task.done())
            yield
        finally:
            await bot.close()
            await task
