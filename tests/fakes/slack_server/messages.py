"""Messages, as stored and as read by tests."""

import time
from dataclasses import dataclass, field

from tests.fakes.slack_server.blocks import buttons_of, words
from tests.fakes.slack_server.files import File
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.users import User

STATUS_LIFE = 120.0


def _no_messages() -> "list[Message]":
    return []


@dataclass(eq=False)
class Message:
    """One message. `history` has the texts before each edit; `replies` are those in its thread.

    `shows_edited` is the mark that people see: Slack leaves it out when an edit brings blocks.
    """

    ts: str
    channel_id: str
    author: User
    fallback: str = ""
    blocks: list[Object] = field(default_factory=list[Object])
    files: list[File] = field(default_factory=list[File])
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Object | None = None
    history: list[str] = field(default_factory=list[str])
    replies: "list[Message]" = field(default_factory=_no_messages)
    shows_edited: bool = False
    deleted: bool = False
    only_for: User | None = None
    reactions: set[tuple[User, str]] = field(default_factory=set[tuple[User, str]])
    # What the bot said that it is doing in this thread, and until when (s).
    loading: list[str] = field(default_factory=list[str])
    _status: str = ""
    _status_ends: float = 0

    @property
    def text(self) -> str:
        """What people read: the blocks when there are any, else the text."""
        return "\n".join(words(self.blocks)) if self.blocks else self.fallback

    @property
    def edits(self) -> int:
        return len(self.history)

    @property
    def buttons(self) -> dict[str, Object]:
        """Buttons by label."""
        return buttons_of(self.blocks)

    @property
    def ephemeral(self) -> bool:
        return self.only_for is not None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in {None, self.ts}

    @property
    def status(self) -> str:
        """What the bot says that it is doing in this thread; Slack drops it after two minutes."""
        return self._status if time.monotonic() < self._status_ends else ""

    def say(self, status: str, loading: list[str]) -> None:
        """Show a status, and texts that take turns beside it."""
        self._status, self.loading = status, loading
        self._status_ends = time.monotonic() + STATUS_LIFE

    def expire_status(self) -> None:
        """Let two minutes be over."""
        self._status_ends = 0

    def to_json(self) -> Object:
        body: Object = {
            "type": "message",
            "ts": self.ts,
            "user": self.author.id,
            "team": self.author.team_id,
            "text": self.fallback,
        }
        return body | self._rare_json()

    def _rare_json(self) -> Object:
        rare: Object = {}
        if self.author.is_foreign:
            team = self.author.team_id
            rare |= {"user_team": team, "source_team": team}
        if self.author.bot_id:
            rare["bot_id"] = self.author.bot_id
        if self.blocks:
            rare["blocks"] = self.blocks
        if self.files:
            rare |= {"files": [file.to_json() for file in self.files], "upload": True}
        if self.thread_ts is not None:
            rare["thread_ts"] = self.thread_ts
        if self.metadata is not None:
            rare["metadata"] = self.metadata
        if self.shows_edited:
            rare["edited"] = {"user": self.author.id, "ts": self.ts}
        return rare
