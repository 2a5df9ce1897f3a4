"""Message → blocks: what we say and what people said as rich text, and a row of buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.chats.labels import shortened
from adapters.chats.links import outside_link
from adapters.slack.keys import LINK, action_of
from adapters.slack.text import Addresses, Json, fallback, plain_element, rich
from bot import wording
from bot.domain.messages import Button, Line, Message

MAX_LABEL = 75
MAX_BUTTONS = 25
MAX_QUOTE = 3_000
"""Characters of a quote. Slack names no limit for rich text; this is a section's."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a message will stand. `mark` names its first block, see `keys.mark_of`."""

    mark: str = ""
    addresses: Addresses = field(default_factory=dict[Any, str])
    link: str | None = None
    """Of its video, where it cannot be posted itself."""


def content(message: Message, frame: Frame) -> Json:
    """``text`` and ``blocks``, always both: text alone would take the blocks away."""
    return {"text": words(message), "blocks": blocks(message, frame)}


def words(message: Message) -> str:
    """The message for notifications and screen readers."""
    return fallback(message.lines, message.quote) or wording.BOT_NAME


def blocks(message: Message, frame: Frame) -> list[Json]:
    """The message as people see it."""
    parts = _parts(message, frame)
    found: list[Json] = [{"type": "rich_text", "elements": parts}] if parts else []
    row = _row(message, frame)
    if row:
        found.append({"type": "actions", "elements": row})
    if found and frame.mark:
        found[0]["block_id"] = frame.mark
    return found


def _parts(message: Message, frame: Frame) -> list[Json]:
    """The head, the quote, and the rest."""
    lines = list(message.lines)
    if message.progress is not None and lines:
        lines[0] = (f"{wording.bar(message.progress)} ", *lines[0])
    head, rest = lines[:1], lines[1:]
    quoted = [_quote(message.quote)] if message.quote else []
    return [*_section(head, frame), *quoted, *_section(rest, frame)]


def _section(lines: Sequence[Line], frame: Frame) -> list[Json]:
    """Several lines as one section; nothing for none."""
    elements: list[Json] = []
    for line in lines:
        found = rich(line, frame.addresses)
        if elements and found:
            elements.append(plain_element("\n"))
        elements += found
    return [{"type": "rich_text_section", "elements": elements}] if elements else []


def _quote(text: str) -> Json:
    return {"type": "rich_text_quote", "elements": [plain_element(shortened(text, MAX_QUOTE))]}


def _row(message: Message, frame: Frame) -> list[Json]:
    shown = message.buttons[: MAX_BUTTONS - 1]
    row = [_button(button, at) for at, button in enumerate(shown)]
    if frame.link:
        row.append(_link_button(frame.link))
    return row


def _button(button: Button, at: int) -> Json:
    action, value = action_of(button, at)
    found: Json = {
        "type": "button",
        "text": plain(button.label, MAX_LABEL),
        "action_id": action,
        "value": value,
    }
    if button.danger:
        found |= {"style": "danger", "confirm": _confirm(button.label)}
    elif button.asks:
        found["style"] = "primary"
    return found


def _confirm(label: str) -> Json:
    return {
        "title": plain(wording.confirm_title(label), 100),
        "text": plain(wording.CONFIRM_CANCEL, 300),
        "confirm": plain(label, 30),
        "deny": plain(wording.KEEP, 30),
        "style": "danger",
    }


def _link_button(url: str) -> Json:
    return {
        "type": "button",
        "text": plain(wording.WATCH, MAX_LABEL),
        "action_id": LINK,
        "url": url,
    }


def plain(text: str, limit: int) -> Json:
    """Words for a place that knows no markup."""
    return {"type": "plain_text", "text": wording.cut(text, limit) or "…", "emoji": False}


def linked(message: Message, why: Line) -> tuple[Message, str | None]:
    """A message for a place that takes no files, and the link to its video where there is one.

    What a picture shows is told in words.
    """
    if picture := message.picture:
        lines = (*message.lines, (picture.alt,), wording.slack_no_picture_line(why))
        return replace(message, lines=lines, attachments=()), None
    video = message.video
    link = outside_link(video) if video else None
    note = wording.slack_no_file_line(why, linked=link is not None)
    return replace(message, lines=(*message.lines, note), video=None), link
