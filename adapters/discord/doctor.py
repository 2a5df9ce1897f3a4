"""Looks at everything on Discord's side that keeps the bot from working, and says how to mend it.

Reads only, and needs no running bot: token, application, commands, servers, channels.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord.http import Route

from adapters.discord import menus
from adapters.discord.client import PLAIN, Tree
from adapters.discord.places import TO_POST, TO_POST_IN_THREAD, WANTED, lacking
from bot import wording
from bot.domain.catalogue import Catalogue
from bot.domain.findings import Finding

NEEDED = tuple(dict.fromkeys((*TO_POST, *TO_POST_IN_THREAD, *WANTED)))
MANY_SERVERS = 1_500
"""Servers from which on one connection is too few."""
FEW_SESSIONS = 50
"""Session starts left of a day's thousand that are too few to be easy about."""
_COMPARED = ("name", "description", "type", "required", "min_value", "max_value", "min_length")


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the settings as the bot would use them."""

    token: str
    shards: int
    home: str
    public_url: str
    catalogue: Catalogue


async def examine(patient: Patient) -> AsyncIterator[Finding]:
    """Every finding, in the order in which people mend things."""
    if not patient.token:
        yield wording.doctor_no_token()
        return
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        refused = await _log_in(client, patient.token)
        if refused:
            yield refused
            return
        async for finding in _examine(client, patient):
            yield finding


async def _log_in(client: discord.Client, token: str) -> Finding | None:
    """What keeps the bot from logging in."""
    try:
        await client.login(token)
    except discord.LoginFailure:
        return wording.doctor_bad_token()
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        return wording.doctor_unreachable(f"{type(error).__name__}: {error}")
    return None


async def _examine(client: discord.Client, patient: Patient) -> AsyncIterator[Finding]:
    info = await client.application_info()
    yield wording.doctor_token(str(client.user), info.id)
    yield wording.doctor_endpoint(info.interactions_endpoint_url)
    yield wording.doctor_intents()
    yield await _sessions(client, patient)
    yield await _commands(client, patient)
    guilds = [guild async for guild in client.fetch_guilds(limit=None)]
    yield wording.doctor_servers(
        len(guilds), many=len(guilds) > MANY_SERVERS, plain=patient.shards == PLAIN
    )
    yield wording.doctor_home(patient.home, [str(guild.id) for guild in guilds])
    for guild in guilds:
        async for finding in _server(client, guild.id):
            yield finding
    yield wording.doctor_links(patient.public_url)
    yield wording.doctor_invite(invite(info.id))


def invite(application: int) -> str:
    """The address that brings the bot into a server with the rights it uses, and no others."""
    rights = discord.Permissions(**dict.fromkeys(WANTED, True))
    scopes = ("bot", "applications.commands")
    return discord.utils.oauth_url(application, permissions=rights, scopes=scopes)


async def _sessions(client: discord.Client, patient: Patient) -> Finding:
    told: Any = await client.http.request(Route("GET", "/gateway/bot"))
    left = int(told["session_start_limit"]["remaining"])
    return wording.doctor_sessions(
        left, int(told["shards"]), fine=left > FEW_SESSIONS, shards=patient.shards
    )


# --- commands -------------------------------------------------------------------------------


async def _commands(client: discord.Client, patient: Patient) -> Finding:
    tree = Tree(client)
    menus.install(tree, patient.catalogue)
    ours = [command.to_dict(tree) for command in tree.get_commands()]
    told: Any = await client.http.get_global_commands(client.application_id or 0)
    differing = _differing(ours, told)
    return wording.doctor_commands(len(ours), differing)


def _differing(ours: Sequence[Any], told: Sequence[Any]) -> tuple[str, ...]:
    """Names of the commands that Discord does not have as we would tell them."""
    theirs = {_name(one): _shape(one) for one in told}
    mine = {_name(one): _shape(one) for one in ours}
    names = sorted({*theirs, *mine})
    return tuple(name for name in names if theirs.get(name) != mine.get(name))


def _name(command: Mapping[str, Any]) -> str:
    return str(command["name"])


def _shape(part: Mapping[str, Any]) -> tuple[Any, ...]:
    """What people see of a command or option; Discord adds much else."""
    own = tuple(part.get(name) or None for name in _COMPARED)
    options: Iterable[Mapping[str, Any]] = part.get("options") or ()
    choices: Iterable[Mapping[str, Any]] = part.get("choices") or ()
    return (*own, tuple(map(_shape, options)), tuple((c["name"], c["value"]) for c in choices))


# --- servers and channels -------------------------------------------------------------------


async def _server(client: discord.Client, guild_id: int) -> AsyncIterator[Finding]:
    guild = await client.fetch_guild(guild_id)
    if client.user is None:
        return
    me = await guild.fetch_member(client.user.id)
    channels = await guild.fetch_channels()
    posts = [
        one for one in channels if isinstance(one, (discord.TextChannel, discord.ForumChannel))
    ]
    hidden = [one for one in posts if not one.permissions_for(me).view_channel]
    seen = [one for one in posts if one not in hidden]
    missing = {one.name: lacking(one.permissions_for(me), NEEDED) for one in seen}
    faults = {name: rights for name, rights in missing.items() if rights}
    yield wording.doctor_server(guild.name, len(seen), len(hidden), fine=not faults)
    for name, rights in faults.items():
        yield wording.doctor_channel(guild.name, name, rights)
