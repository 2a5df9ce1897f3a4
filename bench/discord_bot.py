"""A bot on a Discord of our own, as a process of its own: ours, or one that only says "wait".

``python -m bench.discord_bot KIND FOLDER URL GATEWAY TOKEN``; KIND is ``ours`` or ``bare``.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import discord
from discord import app_commands

from adapters.discord.places import NAME
from adapters.discord.platform import Around, DiscordChat, Options
from adapters.media.ffmpeg import Ffmpeg
from bench.backends import Endless, NoStills
from bench.bots import grounded
from bench.processes import say_and_stay, share_cores
from bot.app import keep_pauses_short
from bot.bootstrap import Ground, Late, assemble
from tests.fakes.discord_server.redirect import redirected

SETTLE = 0.05
"""Seconds to wait for more servers; there is one."""


class Kind(Protocol):
    """A bot that serves within the block."""

    def __call__(self, folder: Path, token: str) -> AbstractAsyncContextManager[None]:
        """With its data in `folder`."""
        ...


def chat_on(ground: Ground, token: str, late: Late | None = None) -> DiscordChat:
    """Our adapter, not yet connected."""
    around = Around(
        ground.store.notes(NAME),
        ground.blobs,
        ground.media,
        ground.clock,
        ground.backends.shop.catalogue,
        (late or Late()).suggest,
    )
    return DiscordChat(Options(token, settle=SETTLE), around)


@asynccontextmanager
async def ours(folder: Path, token: str) -> AsyncGenerator[None]:
    """The adapter, the core and the store as people run them, before a backend without an end."""
    async with grounded(folder, Endless(), NoStills(Ffmpeg())) as ground:
        late = Late()
        chat = chat_on(ground, token, late)
        bot = assemble(ground, {chat.name: chat}, chat.find)
        late.commands = bot.commands
        await bot.app.start()
        keep_pauses_short()
        try:
            yield
        finally:
            await bot.app.stop()


@asynccontextmanager
async def bare(folder: Path, token: str) -> AsyncGenerator[None]:
    """The library alone, with our settings of it and a command of the same shape."""
    del folder
    client = discord.Client(intents=discord.Intents(guilds=True), guild_ready_timeout=SETTLE)
    tree = app_commands.CommandTree(client)
    tree.add_command(_sora())

    async with client:
        await client.login(token)
        await tree.sync()
        running = asyncio.create_task(client.connect())
        await client.wait_until_ready()
        yield
        await client.close()
        await running


def _sora() -> app_commands.Group:
    sora = app_commands.Group(name="sora", description="Videos")

    @sora.command(description="Make a video")
    async def create(interaction: discord.Interaction[Any], prompt: str) -> None:
        del prompt
        await interaction.response.defer(ephemeral=True, thinking=True)

    del create
    return sora


KINDS: Mapping[str, Kind] = {"ours": ours, "bare": bare}


async def serve(kind: str, folder: Path, token: str) -> None:
    """Until it is told to stop."""
    async with KINDS[kind](folder, token):
        await say_and_stay("ready")


def quiet() -> None:
    """Say only what is wrong."""
    logging.basicConfig(level=logging.WARNING)
    # The library misses its voice part, which nobody here wants.
    logging.getLogger("discord.client").setLevel(logging.ERROR)


def main() -> None:
    """The command line above."""
    share_cores(chat=False)
    kind, folder, url, gateway, token = sys.argv[1:]
    quiet()
    with redirected(url, gateway):
        asyncio.run(serve(kind, Path(folder), token))


if __name__ == "__main__":
    main()
