"""Channels: public, private, and the one between a person and the bot."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.users import User

PUBLIC, PRIVATE, DIRECT = "channel", "group", "im"


@dataclass(eq=False)
class Channel:
    """Any place with messages. `messages` are oldest first, without replies in threads.

    Ephemeral messages are never here: each person has them. `shared_with` are the workspaces of
    other organisations.
    """

    id: str
    kind: str
    name: str
    members: set[str] = field(default_factory=set[str])
    messages: list[Message] = field(default_factory=list[Message])
    archived: bool = False
    person: User | None = None
    shared_with: set[str] = field(default_factory=set[str])

    @property
    def mention(self) -> str:
        return f"<#{self.id}|{self.name}>"

    @property
    def all(self) -> Iterator[Message]:
        """Every message, those in threads and deleted ones too."""
        for message in self.messages:
            yield message
            yield from message.replies

    @property
    def threads(self) -> list[Message]:
        """Messages that were replied to."""
        return [message for message in self.messages if message.replies]

    def find(self, ts: str) -> Message | None:
        """A message that is still there."""
        return next((one for one in self.all if one.ts == ts and not one.deleted), None)

    def to_json(self, bot: User) -> Object:
        """As conversations.info shows it."""
        body: Object = {"id": self.id, "is_archived": self.archived, "is_im": self.kind == DIRECT}
        if self.kind == DIRECT and self.person is not None:
            return body | {"user": self.person.id, "is_open": True}
        return body | {
            "name": self.name,
            "is_channel": self.kind == PUBLIC,
            "is_group": self.kind == PRIVATE,
            "is_private": self.kind == PRIVATE,
            "is_member": bot.id in self.members,
            "is_shared": bool(self.shared_with),
            "is_ext_shared": bool(self.shared_with),
            "num_members": len(self.members),
        }

    def to_short(self) -> Object:
        """As payloads of interactions show it."""
        names = {DIRECT: "directmessage", PRIVATE: "privategroup"}
        return {"id": self.id, "name": names.get(self.kind, self.name)}
