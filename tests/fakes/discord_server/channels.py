"""Channels: text, forum, thread, and the one between a person and the bot."""

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_server.messages import Message, iso
from tests.fakes.discord_server.news import News
from tests.fakes.discord_server.permissions import NOTHING, Permission
from tests.fakes.discord_server.roles import Role
from tests.fakes.discord_server.users import User

TEXT, DM, THREAD, FORUM = 0, 1, 11, 15


@dataclass
class Overwrite:
    """What one role or member may more or less in one channel."""

    id: int
    member: bool
    allow: Permission = NOTHING
    deny: Permission = NOTHING

    def to_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "type": int(self.member),
            "allow": str(int(self.allow)),
            "deny": str(int(self.deny)),
        }


@dataclass(eq=False)
class Channel:
    """Any place with messages. Messages are oldest first; ephemeral ones are never among them."""

    id: int
    kind: int
    name: str
    news: News
    created: float
    guild_id: int | None = None
    parent_id: int | None = None
    recipient: User | None = None
    owner_id: int = 0
    topic: str | None = None
    auto_archive: int = 1440
    archived: bool = False
    locked: bool = False
    exists: bool = True
    messages: list[Message] = field(default_factory=list[Message])
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    nonces: dict[str, Message] = field(default_factory=dict[str, Message])

    @property
    def is_thread(self) -> bool:
        return self.kind == THREAD

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    def allow(self, who: User | Role, permission: Permission) -> None:
        """Give a role or person a right here."""
        rule = self._rule(who)
        rule.allow, rule.deny = rule.allow | permission, rule.deny & ~permission
        self.tell()

    def deny(self, who: User | Role, permission: Permission) -> None:
        """Take a right from a role or person here."""
        rule = self._rule(who)
        rule.allow, rule.deny = rule.allow & ~permission, rule.deny | permission
        self.tell()

    def archive(self, *, locked: bool = False) -> None:
        self.archived, self.locked = True, locked
        self.tell()

    def delete(self) -> None:
        """Take the channel away, with all that is in it."""
        self.exists = False
        self.tell("DELETE")

    def tell(self, what: str = "UPDATE") -> None:
        """Let the bot know what changed about this channel."""
        noun = "THREAD" if self.is_thread else "CHANNEL"
        self.news.tell(f"{noun}_{what}", self.to_json(), self.guild_id)

    def find(self, message_id: int) -> Message | None:
        return next((one for one in self.messages if one.id == message_id), None)

    def to_json(self) -> dict[str, Any]:
        if self.kind == DM:
            return self._dm_json()
        return self._thread_json() if self.is_thread else self._guild_json()

    def _rule(self, who: User | Role) -> Overwrite:
        return self.overwrites.setdefault(who.id, Overwrite(who.id, isinstance(who, User)))

    def _dm_json(self) -> dict[str, Any]:
        people = [] if self.recipient is None else [self.recipient.to_json()]
        return {
            "id": str(self.id),
            "type": self.kind,
            "last_message_id": self._last_id(),
            "recipients": people,
            "flags": 0,
        }

    def _guild_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": str(self.id),
            "type": self.kind,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "position": 0,
            "permission_overwrites": [rule.to_json() for rule in self.overwrites.values()],
            "nsfw": False,
            "parent_id": None,
            "topic": self.topic,
            "last_message_id": self._last_id(),
            "rate_limit_per_user": 0,
            "flags": 0,
        }
        if self.kind == FORUM:
            body |= {"available_tags": [], "default_reaction_emoji": None}
            body |= {"default_sort_order": None, "default_forum_layout": 0}
        return body

    def _thread_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "type": self.kind,
            "guild_id": str(self.guild_id),
            "parent_id": str(self.parent_id),
            "owner_id": str(self.owner_id),
            "name": self.name,
            "last_message_id": self._last_id(),
            "message_count": len(self.messages),
            "member_count": 1,
            "total_message_sent": len(self.messages),
            "rate_limit_per_user": 0,
            "flags": 0,
            "applied_tags": [],
            "thread_metadata": {
                "archived": self.archived,
                "locked": self.locked,
                "auto_archive_duration": self.auto_archive,
                "archive_timestamp": iso(self.created),
                "create_timestamp": iso(self.created),
            },
        }

    def _last_id(self) -> str | None:
        return str(self.messages[-1].id) if self.messages else None
