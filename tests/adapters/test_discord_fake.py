"""The unmodified discord.py against our own server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import discord
import pytest
from discord import app_commands, ui

from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.server import DiscordServer

__all__ = ["discord_server"]


class Bot(discord.Client):
    """A small bot with one of each."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(make)

    async def setup_hook(self) -> None:
        await self.tree.sync()


def card(text: str, *items: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(text), *items, accent_color=0x123456))
    return view


@app_commands.command(description="Make a video")
async def make(
    interaction: discord.Interaction, prompt: str, image: discord.Attachment | None = None
) -> None:
    await interaction.response.defer()
    await interaction.edit_original_response(view=card(f"Making {prompt}"))


@contextlib.asynccontextmanager
async def running(bot: discord.Client, server: DiscordServer) -> AsyncIterator[None]:
    async with bot:
        task = asyncio.create_task(bot.start(server.token))
        await server.until(lambda: bot.is_ready() or task.done())
        try:
            yield
        finally:
            await bot.close()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_a_command_is_answered(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana = studio.member("Ana")
    async with running(Bot(), discord_server):
        asked = await ana.slash(channel, "make", prompt="a red kite")
        message = await asked.answer()
    assert message.text == "Making a red kite"
    assert message.accent == 0x123456
    assert channel.messages == [message]
