"""Who asked and where, from what Discord says; and what the bot may do there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord

from bot import wording
from bot.domain.refs import Person, Place, Tenant
from bot.errors import UnknownThing

NAME = "discord"
"""The `platform` of every reference of ours."""
TO_POST = ("view_channel", "send_messages", "attach_files")
TO_POST_IN_THREAD = ("view_channel", "send_messages_in_threads", "attach_files")
WANTED = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "create_public_threads",
    "attach_files",
    "read_message_history",
)
"""All rights that the bot makes use of, by Discord's own names. The invite asks for these."""

AnyInteraction = discord.Interaction[Any]


def tenant_of(guild: int | str) -> Tenant:
    """A server is a workspace."""
    return Tenant(NAME, str(guild))


def place_of(interaction: AnyInteraction, tenant: Tenant) -> Place:
    """Where something was asked. A private message is a private place of the workspace."""
    channel = str(interaction.channel_id)
    if interaction.guild_id is None:
        return Place(tenant, channel, private=True)
    found = interaction.channel
    if isinstance(found, discord.Thread):
        return Place(tenant, str(found.parent_id), channel)
    return Place(tenant, channel)


def channel_of(place: Place) -> int:
    """The id under which messages are posted: a thread is a channel of its own."""
    return int(place.thread or place.channel)


def person_of(member: discord.Member, tenant: Tenant) -> Person:
    """A member, with the rights and roles that Discord says they have."""
    rights = member.guild_permissions
    return _person(member, tenant, member.roles, admin=may_manage(rights))


def asker_of(interaction: AnyInteraction, tenant: Tenant) -> Person:
    """Who asked in a server. Discord has worked out their rights in this very channel."""
    user = interaction.user
    roles = user.roles if isinstance(user, discord.Member) else []
    return _person(user, tenant, roles, admin=may_manage(interaction.permissions))


def may_manage(rights: discord.Permissions) -> bool:
    """Whether somebody is an admin of the bot: they may manage the server."""
    return rights.manage_guild or rights.administrator


def _person(
    user: discord.User | discord.Member, tenant: Tenant, roles: list[discord.Role], *, admin: bool
) -> Person:
    names = tuple(str(role.id) for role in roles if not role.is_default())
    return Person(tenant, str(user.id), user.display_name, admin, names)


def lacking(rights: discord.Permissions, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `wanted` that are missing, by Discord's own names."""
    if rights.administrator:
        return ()
    return tuple(name for name in wanted if not getattr(rights, name))


class Access:
    """What the bot may do where, by the newest that Discord said. `guild` finds a cached server."""

    def __init__(self, guild: Callable[[int], discord.Guild | None]) -> None:
        self._guild = guild
        self._seen: dict[int, discord.Permissions] = {}

    def saw(self, interaction: AnyInteraction) -> None:
        """Remember the rights that came with an interaction; they are exact, also in threads."""
        if interaction.channel_id is None:
            return
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[interaction.channel_id] = interaction.app_permissions

    def problems(self, place: Place) -> tuple[str, ...]:
        """What would keep a video from being posted there, in words."""
        if place.private:
            return ()
        guild = self._guild(int(place.tenant.id))
        if guild is None:
            # Invited for its commands alone, an application is not a member and posts nowhere.
            return (wording.DISCORD_NOT_A_MEMBER,)
        rights = self._rights(guild, place)
        if rights is None:
            return (wording.DISCORD_CANNOT_SEE,)
        missing = lacking(rights, TO_POST_IN_THREAD if place.thread else TO_POST)
        return tuple(wording.discord_lacks(name) for name in missing)

    def _rights(self, guild: discord.Guild, place: Place) -> discord.Permissions | None:
        seen = self._seen.get(channel_of(place))
        if seen is not None:
            return seen
        channel = guild.get_channel_or_thread(channel_of(place))
        return channel.permissions_for(guild.me) if channel else None


MOST_REMEMBERED = 2_000
"""Channels whose rights are kept in memory."""


class People:
    """Members by id, for those who write in private: there Discord names no server."""

    def __init__(
        self, client: Callable[[], discord.Client], home: str, now: Callable[[], int]
    ) -> None:
        self._client = client
        self._home = home
        self._now = now
        self._known: dict[tuple[int, int], tuple[int, Person]] = {}
        self._bots: set[str] = set()

    def met(self, thing: object) -> None:
        """Remember who was named and is a bot: Discord says so only then."""
        if isinstance(thing, discord.Member | discord.User) and thing.bot:
            self._bots.add(str(thing.id))

    def is_bot(self, user: str) -> bool:
        """Whether somebody who was named is a bot."""
        return user in self._bots

    async def asker(self, interaction: AnyInteraction, guild: str | None = None) -> Person:
        """Who asked; raises `UnknownThing` when nobody can say for which server.

        `guild` is the one that a button in a private message names.
        """
        if interaction.guild_id is not None:
            return asker_of(interaction, tenant_of(interaction.guild_id))
        return await self._member(int(guild or self._own_guild()), interaction.user.id)

    def _own_guild(self) -> str:
        guilds = self._client().guilds
        if self._home:
            return self._home
        if len(guilds) == 1:
            return str(guilds[0].id)
        raise UnknownThing("server", wording.PRIVATE_MESSAGES)

    async def _member(self, guild_id: int, user_id: int) -> Person:
        at, known = self._known.get((guild_id, user_id), (0, None))
        if known and self._now() - at < MEMBER_LIFE:
            return known
        person = await self._fetched(guild_id, user_id)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[guild_id, user_id] = (self._now(), person)
        return person

    async def _fetched(self, guild_id: int, user_id: int) -> Person:
        guild = self._client().get_guild(guild_id)
        if guild is None:
            raise UnknownThing("server", str(guild_id))
        try:
            member = await guild.fetch_member(user_id)
        except (discord.NotFound, discord.Forbidden) as error:
            raise UnknownThing("server", guild.name) from error
        return person_of(member, tenant_of(guild_id))


MEMBER_LIFE = 60_000
"""Ms for which the rights of somebody who writes in private are believed."""
