"""Guilds: roles, members, channels, and who may do what where."""

import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_server.channels import FORUM, TEXT, Channel
from tests.fakes.discord_server.messages import iso
from tests.fakes.discord_server.news import News
from tests.fakes.discord_server.permissions import EVERYTHING, NOTHING, USUAL, Permission
from tests.fakes.discord_server.roles import Role
from tests.fakes.discord_server.snowflakes import Snowflakes
from tests.fakes.discord_server.users import MIB, User

LIMITS = (10 * MIB, 10 * MIB, 50 * MIB, 100 * MIB)
IN_THREADS = Permission.SEND_MESSAGES_IN_THREADS


@dataclass(eq=False)
class Member:
    user: User
    roles: list[Role] = field(default_factory=list[Role])
    joined: float = field(default_factory=time.time)


class Guild:
    """A server of people. The bot is a member from the start."""

    def __init__(
        self,
        name: str,
        tier: int,
        bot: User,
        ids: Snowflakes,
        channels: dict[int, Channel],
        news: News,
    ) -> None:
        self.id = ids.new()
        self.name, self.tier, self.bot = name, tier, bot
        self.owner_id = ids.new()
        self.max_active_threads = 1000
        self.members: dict[int, Member] = {}
        self.everyone = Role(self.id, "@everyone", USUAL)
        self.roles: dict[int, Role] = {self.id: self.everyone}
        self._ids, self._channels, self.news = ids, channels, news
        # Discord gives every bot a role of its own when it is invited.
        self.bot_role = Role(ids.new(), bot.name, NOTHING, 1, managed=True)
        self.roles[self.bot_role.id] = self.bot_role
        self.members[bot.id] = Member(bot, [self.bot_role])

    @property
    def upload_limit(self) -> int:
        """Bytes that one file may have here."""
        return LIMITS[self.tier]

    @property
    def channels(self) -> list[Channel]:
        return [one for one in self._here() if not one.is_thread]

    @property
    def threads(self) -> list[Channel]:
        """Active ones."""
        return [one for one in self._here() if one.is_thread and not one.archived]

    def channel(self, name: str) -> Channel:
        return self._open(TEXT, name)

    def forum(self, name: str) -> Channel:
        return self._open(FORUM, name)

    def role(
        self, name: str, permissions: Permission = NOTHING, *, mentionable: bool = False
    ) -> Role:
        made = Role(self._ids.new(), name, permissions, len(self.roles), mentionable)
        self.roles[made.id] = made
        self.news.tell("GUILD_ROLE_CREATE", self._role_json(made), self.id)
        return made

    def change(self, role: Role, permissions: Permission) -> None:
        """Give a role other rights."""
        role.permissions = permissions
        self.news.tell("GUILD_ROLE_UPDATE", self._role_json(role), self.id)

    def set_tier(self, tier: int) -> None:
        """Boosts came or went."""
        self.tier = tier
        self.news.tell("GUILD_UPDATE", self.base_json(), self.id)

    def seat(self, user: User, permissions: Permission) -> Member:
        """Make somebody a member, with a role of their own when they have rights of their own."""
        seated = self.members[user.id] = Member(user)
        if permissions:
            seated.roles.append(self.role(user.name, permissions))
        return seated

    def give(self, user: User, role: Role) -> None:
        self.members[user.id].roles.append(role)

    def permissions(self, user: User, channel: Channel | None = None) -> Permission:
        """What somebody may do, here or in one channel. Threads follow their channel."""
        roles = [self.everyone, *self.members[user.id].roles]
        granted = NOTHING
        for role in roles:
            granted |= role.permissions
        if Permission.ADMINISTRATOR in granted or user.id == self.owner_id:
            return EVERYTHING
        return granted if channel is None else self._overwritten(granted, user, channel)

    def member_json(self, user: User, channel: Channel | None = None) -> dict[str, Any]:
        """A member; with `permissions` when a channel is named."""
        member = self.members[user.id]
        body: dict[str, Any] = {
            "user": user.to_json(),
            "nick": None,
            "avatar": None,
            "roles": [str(role.id) for role in member.roles],
            "joined_at": iso(member.joined),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        if channel is not None:
            body["permissions"] = str(int(self.permissions(user, channel)))
        return body

    def base_json(self) -> dict[str, Any]:
        """A guild as REST and GUILD_UPDATE show it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner_id),
            "premium_tier": self.tier,
            "premium_subscription_count": 0,
            "roles": [role.to_json() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": [],
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "vanity_url_code": None,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "nsfw": False,
            "application_id": None,
            "preferred_locale": "en-US",
            "premium_progress_bar_enabled": False,
            "region": "deprecated",
            "incidents_data": None,
            "max_members": 500_000,
        }

    def to_json(self) -> dict[str, Any]:
        """A guild as GUILD_CREATE shows it."""
        return self.base_json() | {
            "joined_at": iso(self.members[self.bot.id].joined),
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [self.member_json(self.bot)],
            "channels": [one.to_json() for one in self.channels],
            "threads": [one.to_json() for one in self.threads],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def _open(self, kind: int, name: str) -> Channel:
        made = Channel(self._ids.new(), kind, name, self.news, time.time(), self.id)
        self._channels[made.id] = made
        made.tell("CREATE")
        return made

    def _here(self) -> list[Channel]:
        return [one for one in self._channels.values() if one.guild_id == self.id and one.exists]

    def _role_json(self, role: Role) -> dict[str, Any]:
        return {"guild_id": str(self.id), "role": role.to_json()}

    def _overwritten(self, granted: Permission, user: User, channel: Channel) -> Permission:
        place = self._channels[channel.parent_id] if channel.parent_id else channel
        if everyone := place.overwrites.get(self.id):
            granted = (granted & ~everyone.deny) | everyone.allow
        of_roles = [place.overwrites.get(role.id) for role in self.members[user.id].roles]
        for rule in filter(None, of_roles):
            granted &= ~rule.deny
        for rule in filter(None, of_roles):
            granted |= rule.allow
        if own := place.overwrites.get(user.id):
            granted = (granted & ~own.deny) | own.allow
        return granted if Permission.VIEW_CHANNEL in granted else NOTHING
