"""Messages, as stored and as read by tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fakes.discord_server.components import BUTTON, CONTAINER, Component, texts, walk
from tests.fakes.discord_server.files import Attachment
from tests.fakes.discord_server.roles import Role
from tests.fakes.discord_server.users import User

SUPPRESS_EMBEDS, HAS_THREAD, EPHEMERAL, LOADING = 1 << 2, 1 << 5, 1 << 6, 1 << 7
SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 12, 1 << 15
EVERYONE = "@everyone"


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass(eq=False)
class Message:
    """One message. `pings` are those who were notified; `history` the texts before each edit."""

    id: int
    channel_id: int
    guild_id: int | None
    author: User
    created: float
    kind: int = 0
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    components: list[Component] = field(default_factory=list[Component])
    files: list[Attachment] = field(default_factory=list[Attachment])
    flags: int = 0
    nonce: str | None = None
    edited: float | None = None
    history: list[str] = field(default_factory=list[str])
    pings: list[User | Role | str] = field(default_factory=list[User | Role | str])
    application_id: int | None = None
    metadata: dict[str, Any] | None = None
    reference: dict[str, Any] | None = None
    deleted: bool = False
    only_for: User | None = None
    reactions: set[tuple[User, str]] = field(default_factory=set[tuple[User, str]])

    @property
    def text(self) -> str:
        return "\n".join([self.content] * bool(self.content) + texts(self.components))

    @property
    def edits(self) -> int:
        return len(self.history)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def is_v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)

    @property
    def buttons(self) -> dict[str, Component]:
        """Buttons by label; one without a label is found by its emoji's name."""
        found = [part for part in walk(self.components) if part["type"] == BUTTON]
        return {_label(part): part for part in found}

    @property
    def accent(self) -> int | None:
        """The colour of the first container."""
        found = (part for part in walk(self.components) if part["type"] == CONTAINER)
        return next((part.get("accent_color") for part in found), None)

    def to_json(self) -> dict[str, Any]:
        # In a message of components Discord lists no attachments: they are in the media items.
        files = [] if self.is_v2 else [file.to_json() for file in self.files]
        return {
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "author": self.author.to_json(),
            "type": self.kind,
            "content": self.content,
            "timestamp": iso(self.created),
            "edited_timestamp": None if self.edited is None else iso(self.edited),
            "tts": False,
            "mention_everyone": EVERYONE in self.pings,
            "mentions": [who.to_json() for who in self.pings if isinstance(who, User)],
            "mention_roles": [str(who.id) for who in self.pings if isinstance(who, Role)],
            "attachments": files,
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "flags": self.flags,
        } | self._rare_json()

    def _rare_json(self) -> dict[str, Any]:
        rare: dict[str, Any] = {}
        if self.nonce is not None:
            rare["nonce"] = self.nonce
        if self.application_id is not None:
            rare |= {"application_id": str(self.application_id)}
        if self.metadata is not None:
            rare |= {"interaction_metadata": self.metadata, "webhook_id": str(self.application_id)}
        if self.reference is not None:
            rare["message_reference"] = self.reference
        return rare


def _label(button: Component) -> str:
    emoji: Component = button.get("emoji") or {}
    return button.get("label") or emoji.get("name") or ""
