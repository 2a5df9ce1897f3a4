"""Message ↔ the JSON that the transcript keeps. Nothing is lost on the way there and back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard, cast

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
    Tone,
    VideoFile,
)
from bot.domain.refs import Channel, MessageRef, Person, Place, Tenant
from bot.domain.tickets import Ticket, ticket_of

Json = dict[str, Any]


def typed(text: str) -> Json:
    """Body of a line that a person typed."""
    return {"typed": text}


def typed_text(body: Mapping[str, Any]) -> str | None:
    """What a person typed; None for a message of ours."""
    text = body.get("typed")
    return text if isinstance(text, str) else None


def encode(message: Message) -> Json:
    """Body of a message of ours. Raises `ValueError` for files that cannot be posted."""
    picture = message.picture
    return {
        "lines": [[_span(span) for span in line] for line in message.lines],
        "quote": message.quote,
        "progress": message.progress,
        "buttons": [_button(button) for button in message.buttons],
        "video": _video(message.video) if message.video else None,
        "tone": str(message.tone),
        **({"picture": _picture(picture)} if picture else {}),
    }


def decode(body: Mapping[str, Any]) -> Message:
    """The message again; also of a typed line, which becomes one plain line."""
    text = typed_text(body)
    if text is not None:
        return Message(lines=((text,),))
    video, picture = body["video"], body.get("picture")
    return Message(
        lines=tuple(_line_of(line) for line in body["lines"]),
        quote=body["quote"],
        progress=body["progress"],
        buttons=tuple(_button_of(button) for button in body["buttons"]),
        video=_video_of(video) if video else None,
        tone=Tone(body["tone"]),
        attachments=(_picture_of(picture),) if picture else (),
    )


def _picture(file: Attachment) -> Json:
    """Small enough to be kept with its message, so that it goes when that goes."""
    content = b64encode(file.content).decode("ascii")
    return {"name": file.name, "type": file.media_type, "alt": file.alt, "content": content}


def _picture_of(kept: Json) -> Attachment:
    return Attachment(kept["name"], b64decode(kept["content"]), kept["type"], kept["alt"])


# --- spans --------------------------------------------------------------------------------


def _span(span: Span) -> str | Json:  # noqa: PLR0911 - one for each kind of span
    match span:
        case str():
            return span
        case Moment(at):
            return {"moment": at}
        case Strong(text):
            return {"strong": text}
        case Code(text):
            return {"code": text}
        case Mention(person):
            return {"mention": _person(person)}
        case Jump(text, to):
            return {"jump": text, "place": _place(to.place), "message": to.id}
        case Room(channel):
            return {"room": channel.id, "name": channel.name, **_tenant(channel.tenant)}


def _line_of(line: list[str | Json]) -> Line:
    return tuple(_span_of(span) for span in line)


def _span_of(span: str | Json) -> Span:  # noqa: PLR0911 - one for each kind of span
    match span:
        case str():
            return span
        case {"moment": at}:
            return Moment(at)
        case {"strong": text}:
            return Strong(text)
        case {"code": text}:
            return Code(text)
        case {"jump": text, "place": place, "message": name}:
            return Jump(text, MessageRef(_place_of(place), name))
        case {"room": name, "platform": platform, "tenant": tenant}:
            return Room(Channel(Tenant(platform, tenant), name, span["name"]))
        case _:
            return Mention(_person_of(span["mention"]))


def _tenant(tenant: Tenant) -> Json:
    return {"platform": tenant.platform, "tenant": tenant.id}


def _place(place: Place) -> Json:
    return {
        **_tenant(place.tenant),
        "channel": place.channel,
        "thread": place.thread,
        "private": place.private,
    }


def _place_of(found: Json) -> Place:
    tenant = Tenant(found["platform"], found["tenant"])
    return Place(tenant, found["channel"], found["thread"], found["private"])


def _person(person: Person) -> Json:
    return {
        **_tenant(person.tenant),
        "id": person.id,
        "name": person.name,
        "admin": person.admin,
    }


def _person_of(found: Json) -> Person:
    tenant = Tenant(found["platform"], found["tenant"])
    return Person(tenant, found["id"], found["name"], found["admin"])


# --- buttons ------------------------------------------------------------------------------


def _button(button: Button) -> Json:
    return {
        "label": button.label,
        "verb": button.verb,
        "args": dict(button.args),
        "danger": button.danger,
        "asks": button.asks,
    }


def _button_of(found: Json) -> Button:
    return Button(**found)


def is_args(value: object) -> TypeGuard[dict[str, str]]:
    """Whether something that a browser sent can be the arguments of a button."""
    if not isinstance(value, dict):
        return False
    pairs = cast("dict[object, object]", value).items()
    return all(isinstance(name, str) and isinstance(text, str) for name, text in pairs)


# --- video --------------------------------------------------------------------------------


def _video(video: VideoFile) -> Json:
    return {
        "path": str(video.path),
        "filename": video.filename,
        "size": video.size,
        "width": video.width,
        "height": video.height,
        "duration_ms": video.duration_ms,
        "poster": str(video.poster) if video.poster else None,
        "url": video.url,
        "poster_url": video.poster_url,
        "ticket": str(video.ticket) if video.ticket else None,
    }


def _video_of(found: Json) -> VideoFile:
    poster = found["poster"]
    paths: Json = {"path": Path(found["path"]), "poster": Path(poster) if poster else None}
    ticket: Json = {"ticket": _ticket_of(found)}
    return VideoFile(**{**found, **paths, **ticket})


def _ticket_of(found: Json) -> Ticket | None:
    """What links to it are for; messages from before there were tickets name the job alone."""
    named = found["filename"].removeprefix("sora-").removesuffix(".mp4")
    return ticket_of(found.get("ticket", named) or "")
