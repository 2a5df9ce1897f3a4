"""What the transcript keeps → what a browser draws for one viewer. Text stays text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from adapters.web import render
from adapters.web.render import Json
from bot import wording
from bot.commands.grammar import ADDING, EXTEND
from bot.domain.messages import (
    Attachment,
    Button,
    Code,
    Jump,
    Line,
    Mention,
    Message,
    Moment,
    Room,
    Span,
    Strong,
    VideoFile,
)
from bot.domain.refs import Person
from bot.domain.tickets import Ticket
from bot.ports import Said

Link = Callable[[str, Ticket], str]
"""Name of a stored file and what a link to it is for → one that works now."""


@dataclass(frozen=True, slots=True)
class Eye:
    """Who looks, how names are found, how files are linked, and which lengths can be asked for."""

    viewer: Person
    named: Callable[[str], Person | None]
    link: Link
    seconds: Sequence[int] = ()


def shown(said: Said, eye: Eye) -> Json:
    """One message of the transcript as a browser draws it."""
    text = render.typed_text(said.body)
    message = None if text is not None else render.decode(said.body)
    return {
        "id": said.id,
        "at": said.at,
        "private": said.place.private,
        "thread": said.place.thread is not None,
        "fleeting": False,
        "text": text,
        **_author(said.author, text is not None, eye),
        **(_body(message, eye) if message else {}),
    }


def fleeting(
    message_id: str,
    message: Message,
    typed: str | None,
    at: int,
    eye: Eye,
    links: Sequence[str] = (),
) -> Json:
    """An answer that only the asker sees and nobody keeps, under what was `typed`.

    `links` lead to its files, in their order.
    """
    files = zip(message.attachments, links, strict=True)
    words = replace(message, attachments=())
    return {
        "id": message_id,
        "at": at,
        "private": False,
        "thread": False,
        "fleeting": True,
        "text": None,
        "asked": typed,
        **_author("", person=False, eye=eye),
        **_body(words, eye),
        "files": [_file(file, link) for file, link in files],
    }


def _author(key: str, person: bool, eye: Eye) -> Json:  # noqa: FBT001 - one caller's own flag
    if not person:
        return {"author": wording.BOT_NAME, "bot": True, "initial": "", "hue": 0}
    found = eye.named(key)
    name = found.name if found else wording.SOMEBODY
    return {"author": name, "bot": False, "initial": name[:1].upper(), "hue": hue(key)}


def hue(key: str) -> int:
    """A colour (degrees on the wheel) that stays with a person."""
    return crc32(key.encode()) * 137 % 360


def _body(message: Message, eye: Eye) -> Json:
    return {
        "quote": message.quote,
        "lines": [_line(line, eye.viewer) for line in message.lines],
        "progress": message.progress,
        "tone": str(message.tone),
        "buttons": [_button(button, eye.seconds) for button in message.buttons],
        "video": _video(message.video, eye.link) if message.video else None,
        "files": [_file(file, _inline(file)) for file in message.attachments],
    }


def _line(line: Line, viewer: Person) -> list[Json]:
    return [_span(span, viewer) for span in line]


def _span(span: Span, viewer: Person) -> Json:  # noqa: PLR0911 - one for each kind of span
    match span:
        case str():
            return {"kind": "text", "text": span}
        case Jump(text):
            # All messages are on one page here: nothing has to lead anywhere.
            return {"kind": "text", "text": text}
        case Strong(text):
            return {"kind": "strong", "text": text}
        case Code(text):
            return {"kind": "code", "text": text}
        case Moment(at):
            return {"kind": "moment", "at": at}
        case Mention(person):
            return {"kind": "mention", "text": wording.called(person), "me": person == viewer}
        case Room(channel):
            return {"kind": "text", "text": wording.hashed(channel)}


def _button(button: Button, seconds: Sequence[int]) -> Json:
    lengths = seconds if button.verb == EXTEND else ()
    return {
        "label": button.label,
        "verb": button.verb,
        "args": dict(button.args),
        "danger": button.danger,
        "asks": button.asks,
        # A remix is told the change alone; any other new prompt begins as the old one.
        "keeps": button.asks == "prompt" and button.verb not in ADDING,
        "free": button.verb == EXTEND,
        "lengths": [{"value": str(one), "label": wording.length_of(one)} for one in lengths],
        "asked": wording.asked_for(button.verb, button.asks) if button.asks else "",
    }


def _inline(file: Attachment) -> str:
    """A picture as its own address: the page asks nobody for it."""
    return f"data:{file.media_type};base64,{b64encode(file.content).decode('ascii')}"


def _file(file: Attachment, link: str) -> Json:
    return {
        "name": file.name,
        "src": link,
        "picture": file.is_picture,
        "alt": file.alt,
        "facts": wording.file_facts(file.name, len(file.content)),
    }


def _video(video: VideoFile, link: Link) -> Json:
    """Stored links end one day, so each reader gets fresh ones made from the file's name."""
    ticket = video.ticket or Ticket("")
    return {
        "name": video.path.name,
        "src": link(video.path.name, ticket),
        "poster": link(video.poster.name, ticket) if video.poster else "",
        "filename": video.filename,
        "width": video.width,
        "height": video.height,
        "facts": wording.video_facts(video.duration_ms, video.width, video.height, video.size),
    }
