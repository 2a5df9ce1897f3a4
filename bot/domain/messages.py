"""What goes in and out of a chat, in no platform's dialect.

Text is a tuple of spans, so that adapters escape what people wrote and format what we wrote:
a plain `str` is untrusted text and must be escaped; the other spans carry their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bot.domain.refs import Blob, Channel, MessageRef, Person, Place
from bot.domain.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time (ms since the epoch) that the chat shows as "in 2 minutes" where it can."""

    at: int


@dataclass(frozen=True, slots=True)
class Strong:
    """Emphasised text; untrusted like any other."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A value to type or copy, such as a job id or a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Names a person and lets them know."""

    person: Person


@dataclass(frozen=True, slots=True)
class Jump:
    """Words that lead to another message, where the chat can do that."""

    text: str
    to: MessageRef


@dataclass(frozen=True, slots=True)
class Room:
    """Names a channel; leads to it where the chat can do that."""

    channel: Channel


Span = str | Moment | Strong | Code | Mention | Jump | Room
Line = tuple[Span, ...]


class Tone(StrEnum):
    """How a message is coloured."""

    NEUTRAL = "neutral"
    BUSY = "busy"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Button:
    """A press becomes the invocation of `verb` with `args`. Buttons work for ever."""

    label: str
    verb: str
    args: Mapping[str, str]
    danger: bool = False
    asks: str | None = None
    """Name of an argument that the chat asks for before it invokes (a prompt, say)."""


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A finished clip with all that a chat may need to show it.

    `path` and `poster` are local files; `url` is a signed link to our own server or None, and
    `ticket` what any link to it is for.
    """

    path: Path
    filename: str
    size: int
    width: int
    height: int
    duration_ms: int
    poster: Path | None
    url: str | None
    poster_url: str | None = None
    ticket: Ticket | None = None


MOST_ATTACHED = 8 * 2**20
"""Bytes of all files of one message. Small on purpose: they are held in memory, and every chat
takes as much from everybody."""
MOST_FILES = 9
"""Files of one message; with a video that is as many as Discord takes."""
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\.[a-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A small file of ours: a picture to look at, or a document to keep.

    `name` is plain ("usage-2026-11.csv"), so that no chat and no disk reads it otherwise. `alt`
    says in words what is in it. Raises `ValueError` for any other name, and for an empty file.
    """

    name: str
    content: bytes = field(repr=False)
    media_type: str
    alt: str

    def __post_init__(self) -> None:
        if not PLAIN_NAME.fullmatch(self.name) or not self.content:
            raise ValueError(f"{self.name!r} with {len(self.content)} bytes cannot be attached")

    @property
    def is_picture(self) -> bool:
        """Whether it is to be looked at in the chat."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message. `quote` is the person's own prompt; `lines` are ours.

    `attachments` come with answers for the asker alone; what is posted has none but a `picture`.
    Raises `ValueError` when they are more than `MOST_FILES` or `MOST_ATTACHED`, or two have one
    name.
    """

    lines: tuple[Line, ...]
    quote: str | None = None
    progress: int | None = None
    """Percent, for a bar; None shows no bar."""
    buttons: tuple[Button, ...] = ()
    video: VideoFile | None = None
    tone: Tone = Tone.NEUTRAL
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if self.attachments and not _fit(self.attachments):
            raise ValueError(f"{len(self.attachments)} files do not fit into a message")

    @property
    def picture(self) -> Attachment | None:
        """The one picture of a message that is posted; None where it has no files.

        Raises `ValueError` for what can be no post: other files, or a video beside them.
        """
        if not self.attachments:
            return None
        first = self.attachments[0]
        if self.video or len(self.attachments) > 1 or not first.is_picture:
            raise ValueError(f"{first.name} and what is beside it cannot be posted")
        return first


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody attached, already in our own store.

    `use` is the parameter of the verb that it was attached for.
    """

    blob: Blob
    filename: str
    content_type: str
    use: str = "image"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One thing a person asked for, whatever they pressed or typed.

    `verb` is a name of the grammar ("create", "admin quota set"); `args` are raw texts by
    parameter name; `interaction` is unique per tenant and makes a repeated delivery harmless.
    """

    verb: str
    args: Mapping[str, str]
    person: Person
    place: Place
    interaction: str
    uploads: tuple[Upload, ...] = ()
    direct: bool = False
    """The chat can show a video in the answer itself, to the asker alone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to an invocation: for the asker's eyes only unless `public`.

    `jobs` are the jobs the invocation started or named; their cards are posted by the announcer.
    A message without lines is shown to nobody: what was said was not for the bot. Raises
    `ValueError` for files in a public one: chats bring these to the asker alone, and keep none.
    """

    message: Message
    public: bool = False
    refused: bool = False
    jobs: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.public and self.message.attachments:
            raise ValueError("files are for the asker alone")


def _fit(files: tuple[Attachment, ...]) -> bool:
    """Whether they go into one message, each under a name of its own."""
    names = {file.name for file in files}
    size = sum(len(file.content) for file in files)
    return len(names) == len(files) <= MOST_FILES and size <= MOST_ATTACHED


def plain(line: Line) -> str:
    """A line as bare text, for logs, terminals and fallbacks (moments are left to the caller)."""
    return "".join(_plain_span(span) for span in line)


def _plain_span(span: Span) -> str:
    match span:
        case str():
            return span
        case Strong(text) | Code(text) | Jump(text):
            return text
        case Mention(person):
            return f"@{person.name or person.id}"
        case Room(channel):
            return f"#{channel.name or channel.id}"
        case Moment(at):
            return f"<{at}>"
