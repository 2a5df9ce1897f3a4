"""Dialogs that ask for what a button or menu lacks, and how their fields come back.

No dialog is remembered: what it is for is in its name, what was typed comes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import discord
from discord import ui

from adapters.chats.labels import shortened
from adapters.chats.pictures import MOST_BYTES, Attached
from adapters.discord.choices import choices
from adapters.discord.keys import Dialog
from adapters.discord.pictures import told
from bot import wording
from bot.commands.grammar import EXTEND, Kind
from bot.domain.catalogue import Catalogue
from bot.domain.quotas import Period, Unit
from bot.domain.videos import MAX_PROMPT

_LABEL, _ABOUT, _TITLE, _FIELD = 45, 100, 45, 18

Json = Mapping[str, Any]


def ask(dialog: Dialog, argument: str, before: str | None, catalogue: Catalogue) -> ui.Modal:
    """One text for a button, with the words `before` in it to be changed.

    Where a video is extended, neither it nor a length has to be said.
    """
    title, free = wording.asked_for(dialog.verb, argument), dialog.verb == EXTEND
    words = _words(argument, wording.hint_for(dialog.verb), before, required=not free)
    items = [_labelled(title, "", words)]
    if free:
        lengths = choices(Kind.SECONDS, catalogue)
        items.append(_labelled(wording.MORE_SECONDS, "", _select("seconds", lengths)))
    return _modal(dialog, title, items)


def compose(dialog: Dialog, catalogue: Catalogue, *, upload: bool = True) -> ui.Modal:
    """Everything about a new video. Without `upload` its picture is known already."""
    text = _words("prompt", wording.PROMPT_HINT)
    picture: ui.FileUpload[ui.Modal] = ui.FileUpload(
        custom_id="image", required=False, min_values=0, max_values=1
    )
    usual = catalogue.default
    items = [
        _labelled(wording.PAGE["prompt"], wording.PROMPT_ELEMENTS, text),
        _choice("model", choices(Kind.MODEL, catalogue), usual.name),
        _choice("size", choices(Kind.SIZE, catalogue), str(usual.default_size)),
        _choice("seconds", choices(Kind.SECONDS, catalogue), str(usual.default_seconds)),
    ]
    if upload:
        items.append(_labelled(wording.FIRST_FRAME, wording.picture_up_to(MOST_BYTES), picture))
    return _modal(dialog, wording.COMPOSE_TITLE, items)


def quota(dialog: Dialog, name: str) -> ui.Modal:
    """A limit for somebody."""
    limit: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id="limit", placeholder="20", min_length=1, max_length=9
    )
    items = [
        _labelled(wording.LIMIT_LABEL, wording.LIMIT_HELP, limit),
        _choice("unit", {unit.value: unit.value for unit in Unit}, Unit.VIDEOS.value),
        _choice("period", {p.value: f"per {p.value}" for p in Period}, Period.WEEK.value),
    ]
    return _modal(dialog, wording.quota_title(name), items)


def _modal(dialog: Dialog, title: str, items: Iterable[ui.Item[Any]]) -> ui.Modal:
    modal = ui.Modal(title=shortened(title, _TITLE), custom_id=dialog.custom_id)
    for item in items:
        modal.add_item(item)
    # The library keeps every dialog that is not over, for ever; we need none of them.
    modal.stop()
    return modal


def _words(
    name: str, hint: str, before: str | None = None, *, required: bool = True
) -> ui.TextInput[ui.Modal]:
    return ui.TextInput(
        style=discord.TextStyle.paragraph,
        custom_id=name,
        default=before,
        placeholder=shortened(hint, _ABOUT),
        max_length=MAX_PROMPT,
        required=required,
    )


def _labelled(label: str, about: str, component: ui.Item[ui.Modal]) -> ui.Label[ui.Modal]:
    description = shortened(about, _ABOUT) if about else None
    return ui.Label(text=shortened(label, _LABEL), description=description, component=component)


def _choice(name: str, options: Mapping[str, str], chosen: str) -> ui.Label[ui.Modal]:
    return _labelled(name.capitalize(), "", _select(name, options, chosen))


def _select(name: str, options: Mapping[str, str], chosen: str = "") -> ui.Select[ui.Modal]:
    """A list with its usual value; without one, nothing has to be chosen."""
    select: ui.Select[ui.Modal] = ui.Select(
        custom_id=name, required=bool(chosen), min_values=int(bool(chosen))
    )
    for value, label in options.items():
        select.add_option(label=label, value=value, default=value == chosen)
    return select


# --- what comes back ----------------------------------------------------------------------


def args_of(data: Json) -> dict[str, str]:
    """Texts and choices by name; files and empty fields are left out."""
    fields = ((str(field.get("custom_id")), field) for field in _fields(data))
    found = {name: _value(field) for name, field in fields if field.get("type") != _UPLOAD}
    return {name: text for name, text in found.items() if text}


def files_of(data: Json) -> list[Attached]:
    """Attached files."""
    known: Json = data.get("resolved", {}).get("attachments", {})
    names = (name for f in _fields(data) if f.get("type") == _UPLOAD for name in f["values"])
    return [told(known[name]) for name in names if name in known]


_UPLOAD = discord.ComponentType.file_upload.value


def _fields(data: Json) -> Iterator[Json]:
    """The inputs of a dialog, whether labelled or in rows of their own."""
    for part in data.get("components", ()):
        if part.get("type") == _FIELD:
            yield part["component"]
        else:
            yield from part.get("components", ())


def _value(field: Json) -> str:
    values = field.get("values")
    return str(values[0] if values else field.get("value") or "")
