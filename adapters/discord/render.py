"""Message → Discord layout: one coloured box with text, a player and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import discord
from discord import ui
from discord.abc import Snowflake

from adapters.chats.labels import shortened
from adapters.discord.buttons import JobButton, style_of
from adapters.discord.keys import press_of
from adapters.discord.text import MAX_TEXT, markdown, quote
from bot import wording
from bot.domain.messages import Attachment, Line, Mention, Message, Tone

ACCENTS = {
    Tone.NEUTRAL: None,
    Tone.BUSY: discord.Colour(0x5B8DEF),
    Tone.GOOD: discord.Colour(0x3BA55C),
    Tone.BAD: discord.Colour(0xD9534F),
}
"""The colour of the box by tone; None is Discord's own."""
MAX_BUTTONS = 10
IN_A_ROW = 5
"""Buttons in one row."""
MAX_ALT = 256
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Carried:
    """What stands for a video: the clip or a still of it, and what is said and linked beside it."""

    file: Path | None = None
    filename: str = ""
    note: Line | None = None
    link: str | None = None
    link_label: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a message will stand. `guild` and `mark` go into its buttons, see `keys`."""

    guild: str | None = None
    mark: str | None = None


def layout(message: Message, frame: Frame, carried: Carried | None = None) -> ui.LayoutView:
    """The message as a view that nothing has to remember."""
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=ACCENTS[message.tone])
    texts = _texts(message, carried)
    for text in texts[:1]:
        box.add_item(ui.TextDisplay(text))
    if carried and carried.file:
        box.add_item(_player(carried))
    for text in texts[1:]:
        box.add_item(ui.TextDisplay(text))
    for part in _attached(message):
        box.add_item(part)
    for row in _rows(message, frame, carried):
        box.add_item(row)
    view.add_item(box)
    # A finished view is not kept: our buttons need nobody to remember them.
    view.stop()
    return view


def files_of(message: Message, carried: Carried | None = None) -> list[discord.File]:
    """What has to be uploaded, made anew for each try. A clip is streamed from its path."""
    files = [_upload(file) for file in message.attachments]
    if carried and carried.file:
        files.insert(0, discord.File(carried.file, filename=carried.filename))
    return files


def allowed(message: Message) -> discord.AllowedMentions:
    """Only those whom we mention ourselves hear of it."""
    named = {span.person.id for line in message.lines for span in line if isinstance(span, Mention)}
    people = cast("list[Snowflake]", [_Named(name) for name in sorted(named)])
    return discord.AllowedMentions(everyone=False, roles=False, replied_user=False, users=people)


@dataclass(frozen=True, slots=True)
class _Named:
    """Somebody by id. Discord's document wants it as text, the library would send a number."""

    id: str


def _texts(message: Message, carried: Carried | None) -> list[str]:
    """The head, the quote, and the rest: all together short enough for Discord."""
    lines = [markdown(line) for line in message.lines]
    if carried and carried.note:
        lines.append(markdown(carried.note))
    if message.progress is not None and lines:
        lines[0] = f"{wording.bar(message.progress)} {lines[0]}"
    head, rest = lines[:1], lines[1:]
    quoted = [quote(message.quote)] if message.quote else []
    texts = [*head, *quoted, *(["\n".join(rest)] if rest else [])]
    return _fitting(texts)


def _fitting(texts: Sequence[str]) -> list[str]:
    left, kept = MAX_TEXT, list[str]()
    for text in texts:
        kept.append(text if len(text) <= left else _cut(text, left))
        left = max(0, left - len(kept[-1]))
    return [text for text in kept if text]


def _cut(text: str, limit: int) -> str:
    """Shorter by its end, never in the middle of an escaped mark."""
    short = text[: max(0, limit - 1)]
    while short.endswith("\\"):
        short = short[:-1]
    return short + _ELLIPSIS if short else ""


def _player(carried: Carried) -> ui.MediaGallery[ui.LayoutView]:
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
    gallery.add_item(media=f"attachment://{carried.filename}")
    return gallery


def _attached(message: Message) -> Iterator[ui.Item[ui.LayoutView]]:
    """Pictures side by side, then each document."""
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
    for file in message.attachments:
        if file.is_picture:
            gallery.add_item(media=f"attachment://{file.name}", description=_alt(file))
    if gallery.items:
        yield gallery
    for file in message.attachments:
        if not file.is_picture:
            yield ui.File(f"attachment://{file.name}")


def _upload(file: Attachment) -> discord.File:
    return discord.File(BytesIO(file.content), filename=file.name, description=_alt(file))


def _alt(file: Attachment) -> str:
    return shortened(file.alt, MAX_ALT)


def _rows(
    message: Message, frame: Frame, carried: Carried | None
) -> Iterator[ui.ActionRow[ui.LayoutView]]:
    """The buttons, as many in each row as Discord takes."""
    buttons = _buttons(message, frame, carried)
    for start in range(0, len(buttons), IN_A_ROW):
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for button in buttons[start : start + IN_A_ROW]:
            row.add_item(button)
        yield row


def _buttons(message: Message, frame: Frame, carried: Carried | None) -> list[ui.Item[Any]]:
    link = carried.link if carried else None
    presses = [(one, press_of(one, frame.guild, frame.mark)) for one in message.buttons]
    # What says too much for a button can still be typed.
    fitting = [(button, press) for button, press in presses if press.fits]
    found: list[ui.Item[Any]] = []
    for button, press in fitting[: MAX_BUTTONS - bool(link)]:
        style = style_of(danger=button.danger, asks=button.asks is not None)
        found.append(JobButton(press, button.label, style))
    if carried and link:
        found.append(ui.Button(label=carried.link_label, url=link))
    return found
