"""Our client: discord.py with as little of it as possible."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from adapters.discord import menus
from adapters.discord.acks import say_plainly
from adapters.discord.buttons import JobButton
from adapters.discord.counter import Counter
from adapters.discord.keys import Press
from adapters.discord.places import AnyInteraction
from bot import wording
from bot.domain.catalogue import Catalogue
from bot.ports import Notes

PLAIN = 1
"""Number of shards for a bot in fewer than some 1,500 servers: a connection without any."""
CONNECTIONS = 200
"""Connections at once; the library itself knows no bound."""
PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=60)
"""The library gives every request 300 s in all, in which a slow line cannot upload a video."""
COMMANDS_NOTE = "commands"
"""Note with the fingerprint of the commands that Discord was told last."""

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree[Any]):
    """Commands whose faults are owned up to."""

    async def on_error(
        self, interaction: AnyInteraction, error: app_commands.AppCommandError, /
    ) -> None:
        """A command that broke before it reached the counter, which answers for itself."""
        outdated = isinstance(error, app_commands.CommandSignatureMismatch)
        reference = secrets.token_hex(2)
        text = wording.MENU_CHANGED if outdated else wording.broken_sentence(reference)
        log.error("reference %s: interaction %s", reference, interaction.id, exc_info=error)
        await say_plainly(interaction, text)


class _Ours:
    """What both kinds of client do."""

    counter: Counter
    notes: Notes
    tree: Tree
    opened: asyncio.Event
    """Set once people are served and servers are known."""

    async def setup_hook(self) -> None:
        """Between login and the first event."""
        client = _as_client(self)
        # Private, and the only door to it; tests/adapters hold a slow upload against it.
        session: aiohttp.ClientSession = client.http._HTTPClient__session  # type: ignore[attr-defined]  # noqa: SLF001
        session._timeout = PATIENCE  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
        await sync(self.tree, self.notes)

    def dispatch(self, event: str, /, *args: object, **named: object) -> None:
        """Events, but none after the end: the library's own timers outlive its loop."""
        client = _as_client(self)
        if not client.is_closed():
            discord.Client.dispatch(client, event, *args, **named)

    async def on_ready(self) -> None:
        """All servers are known."""
        self.opened.set()

    async def on_interaction(self, interaction: AnyInteraction) -> None:
        """Dialogs, whoever opened them; the library knows only those of this life."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.counter.submitted(interaction)

    async def on_raw_reaction_add(self, sign: discord.RawReactionActionEvent) -> None:
        """A sign put on any message, which need not be known here."""
        await self.counter.reacted(sign)

    async def on_raw_reaction_remove(self, sign: discord.RawReactionActionEvent) -> None:
        """A sign taken away."""
        await self.counter.reacted(sign)

    async def pressed(self, interaction: AnyInteraction, press: Press) -> None:
        """A button."""
        await self.counter.pressed(interaction, press)


class SoraClient(_Ours, discord.Client):
    """For a bot in fewer than some 1,500 servers."""


class ShardedSoraClient(_Ours, discord.AutoShardedClient):
    """For a bot in more."""


AnyClient = SoraClient | ShardedSoraClient


def _as_client(ours: _Ours) -> discord.Client:
    if not isinstance(ours, discord.Client):
        raise TypeError(type(ours))
    return ours


def make_client(
    counter: Counter, notes: Notes, catalogue: Catalogue, shards: int = PLAIN, settle: float = 2.0
) -> AnyClient:
    """A client that was never started. `shards`: 1 is none, 0 as many as Discord says.

    `settle` is how long (s) to wait for another server before all are taken to be known.
    """
    options: dict[str, Any] = {
        "intents": discord.Intents(guilds=True, guild_reactions=True),
        "max_messages": None,
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "guild_ready_timeout": settle,
        "allowed_mentions": discord.AllowedMentions.none(),
        "connector": aiohttp.TCPConnector(limit=CONNECTIONS),
    }
    # Nobody here misses the library's voice part.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    client: AnyClient
    if shards == PLAIN:
        client = SoraClient(**options)
    else:
        client = ShardedSoraClient(shard_count=shards or None, **options)
    client.counter, client.notes, client.tree = counter, notes, Tree(client)
    client.opened = asyncio.Event()
    client.add_dynamic_items(JobButton)
    menus.install(client.tree, catalogue)
    return client


async def sync(tree: Tree, notes: Notes) -> bool:
    """Tell Discord our commands, only when they are others than last time; it counts that."""
    wanted = fingerprint(tree)
    if await notes.read(COMMANDS_NOTE) == wanted:
        return False
    await tree.sync()
    await notes.write(COMMANDS_NOTE, wanted)
    return True


def fingerprint(tree: Tree) -> str:
    """The application and all its commands in a few letters."""
    said = [str(tree.client.application_id), *(c.to_dict(tree) for c in tree.get_commands())]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
