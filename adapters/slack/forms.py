"""Forms that ask for what a command, button or menu lacks, and how their fields come back.

No form is remembered: what it is for is in its errand, what was typed comes with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from adapters.chats.pictures import MOST_BYTES
from adapters.slack.keys import Errand
from adapters.slack.render import plain
from adapters.slack.text import Json, plain_element
from bot import wording
from bot.commands.grammar import EXTEND, IMAGE, LAST, REFERENCE, SOUND
from bot.domain.catalogue import Catalogue, Model
from bot.domain.later import lane_of
from bot.domain.people import OFF, ON
from bot.domain.styles import PLAIN, Style
from bot.domain.videos import MAX_COUNT, MAX_PROMPT, MAX_REFERENCES, size_of
from bot.errors import Unpriced

MAX_TYPED = 3_000
"""Characters that one field takes; Slack's own limit is below that of the core."""
PICTURES = ("jpg", "jpeg", "png", "webp")
LIVE = "sora-price"
"""Action of the fields that change the price."""
AS_CHANNEL = "-"
"""Chosen for a style: nothing is said of it. No style has this name, and Slack wants one."""
PRICE = "price"
"""Block of the line with the price."""
_TITLE, _LABEL, _OPTION, _HINT = 24, 2_000, 75, 150

Chosen = Mapping[str, str]


def ask(errand: Errand, argument: str, before: str | None, catalogue: Catalogue) -> Json:
    """One text for a button, with the words `before` in it to be changed.

    Where a video is extended, neither it nor a length has to be said.
    """
    hint, label = wording.hint_for(errand.verb), wording.asked_for(errand.verb, argument)
    fields = [_words(argument, label, hint, before)]
    if errand.verb == EXTEND:
        fields = [fields[0] | {"optional": True}, _length(catalogue)]
    return _form(errand, wording.form_title(errand.verb), fields)


def compose(
    errand: Errand,
    catalogue: Catalogue,
    chosen: Chosen | None = None,
    styles: Sequence[Style] = (),
) -> Json:
    """Everything about a new video, with the price of what is chosen so far."""
    picked = chosen or {}
    model = _model(catalogue, picked.get("model", ""))
    sizes = {str(size): str(size).replace("x", "×") for size in model.sizes}
    lengths = {str(number): f"{number} s" for number in model.seconds}
    size = _one_of(picked.get("size", ""), sizes, str(model.default_size))
    seconds = _one_of(picked.get("seconds", ""), lengths, str(model.default_seconds))
    count = picked.get("count", "1")
    when = _one_of(picked.get("when", ""), wording.START_LABELS, "now")
    fields = [
        _words("prompt", wording.PAGE["prompt"], wording.PROMPT_ELEMENTS, None),
        _choice("model", {one.name: one.label for one in catalogue}, model.name),
        # Another model may offer other sizes, so these fields are new with each model.
        _choice("size", sizes, size, model.name),
        _choice("seconds", lengths, seconds, model.name),
        _choice("count", {str(n): str(n) for n in range(1, MAX_COUNT + 1)}, count),
        _choice("when", wording.START_LABELS, when),
    ]
    if styles:
        fields.append(_style(styles, picked.get("preset", "")))
    if model.switches_sound:
        fields.append(_choice(SOUND, wording.SOUNDS, _sound(picked, model), model.name))
    fields.extend(_pictures(model, framed=bool(errand.file)))
    if not errand.channel:
        fields.append(_where())
    elif not errand.private:
        fields.append(_privately())
    sound = _sound(picked, model) == ON if model.switches_sound else None
    one = _price_of(model, size, seconds, sound)
    cost = None if one is None else catalogue.reduced(one, lane_of(when)) * int(count)
    fields.append(_price(cost))
    return _form(errand, wording.COMPOSE_TITLE, fields)


def _form(errand: Errand, title: str, fields: Sequence[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": errand.callback_id,
        "private_metadata": errand.metadata,
        "title": plain(title, _TITLE),
        "submit": plain(wording.form_submit(errand.verb), _TITLE),
        "close": plain(wording.FORM_CLOSE, _TITLE),
        "blocks": list(fields),
    }


def _words(name: str, label: str, hint: str, before: str | None) -> Json:
    element: Json = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": True,
        "max_length": min(MAX_TYPED, MAX_PROMPT),
        "placeholder": plain(hint, _HINT),
    }
    if before:
        element["initial_value"] = before[:MAX_TYPED]
    return _input(name, label, element)


def _choice(name: str, options: Mapping[str, str], chosen: str, of: str = "") -> Json:
    known = {value: _option(value, label) for value, label in options.items()}
    element: Json = {
        "type": "static_select",
        "action_id": LIVE,
        "options": list(known.values())[:100],
        "initial_option": known[chosen],
    }
    block = _input(f"{name}/{of}" if of else name, wording.form_label(name), element)
    return block | {"dispatch_action": True}


def _style(styles: Sequence[Style], chosen: str) -> Json:
    names = {style.name: wording.style_suggestion(style) for style in styles}
    options = {AS_CHANNEL: wording.PAGE["style_here"], PLAIN: wording.NO_STYLE, **names}
    return _choice("preset", options, _one_of(chosen, options, AS_CHANNEL))


def _option(value: str, label: str) -> Json:
    return {"text": plain(label, _OPTION), "value": value}


def _length(catalogue: Catalogue) -> Json:
    element: Json = {
        "type": "static_select",
        "action_id": "seconds",
        "options": [_option(str(n), wording.length_of(n)) for n in catalogue.seconds][:100],
    }
    return _input("seconds", wording.MORE_SECONDS, element) | {"optional": True}


def _sound(picked: Chosen, model: Model) -> str:
    return _one_of(picked.get(SOUND, ""), wording.SOUNDS, ON if model.sound else OFF)


def _pictures(model: Model, *, framed: bool) -> Iterator[Json]:
    """What the model takes; where it is `framed`, it has its first frame already."""
    if model.takes_image and not framed:
        yield _picture(IMAGE, wording.FIRST_FRAME)
    if model.takes_last:
        yield _picture(LAST, wording.LAST_FRAME)
    if model.references and not framed:
        most = min(model.references, MAX_REFERENCES)
        yield _picture(REFERENCE, wording.REFERENCES, most)


def _picture(name: str, label: str, most: int = 1) -> Json:
    element: Json = {
        "type": "file_input",
        "action_id": name,
        "filetypes": list(PICTURES),
        "max_files": most,
    }
    hint = plain(wording.picture_up_to(MOST_BYTES), _LABEL)
    return _input(name, label, element) | {"optional": True, "hint": hint}


def _where() -> Json:
    element: Json = {
        "type": "conversations_select",
        "action_id": "channel",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private", "im"], "exclude_bot_users": False},
        "placeholder": plain(wording.FORM_WHERE_NOBODY, _HINT),
    }
    return _input("channel", wording.FORM_WHERE, element) | {"optional": True}


def _privately() -> Json:
    element: Json = {
        "type": "checkboxes",
        "action_id": "private",
        "options": [_option("yes", wording.FORM_PRIVATE)],
    }
    return _input("private", wording.FORM_WHO_SEES, element) | {"optional": True}


def _input(name: str, label: str, element: Json) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, _LABEL),
        "element": element,
    }


def _price(cost: int | None) -> Json:
    text = wording.form_price(cost)
    section: Json = {"type": "rich_text_section", "elements": [plain_element(text)]}
    return {"type": "rich_text", "block_id": PRICE, "elements": [section]}


def _price_of(model: Model, size: str, seconds: str, sound: bool | None) -> int | None:  # noqa: FBT001 - as in `VideoSpec`
    found = size_of(size)
    try:
        return model.price(found, int(seconds), sound) if found else None
    except Unpriced:
        return None


def _model(catalogue: Catalogue, name: str) -> Model:
    return next((model for model in catalogue if model.name == name), catalogue.default)


def _one_of(value: str, options: Mapping[str, str], usual: str) -> str:
    return value if value in options else usual


# --- what comes back ----------------------------------------------------------------------


def args_of(view: Mapping[str, Any]) -> dict[str, str]:
    """Texts and choices by name; files and empty fields are left out."""
    found = {name: _value(state) for name, state in _fields(view) if "files" not in state}
    return {name: text for name, text in found.items() if text}


def files_of(view: Mapping[str, Any]) -> dict[str, str]:
    """Attached files by id, with the field that each is in."""
    return {
        str(file["id"]): name
        for name, state in _fields(view)
        for file in cast("list[Mapping[str, Any]]", state.get("files") or [])
    }


def _fields(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    values: Mapping[str, Mapping[str, Mapping[str, Any]]] = view["state"]["values"]
    for block_id, actions in values.items():
        for state in actions.values():
            # Without the model that the field was made for.
            yield block_id.partition("/")[0], state


def _value(state: Mapping[str, Any]) -> str:
    chosen: list[Mapping[str, Any]] = state.get("selected_options") or []
    option: Mapping[str, Any] = state.get("selected_option") or (chosen[0] if chosen else {})
    if option:
        value = str(option["value"])
        return "" if value == AS_CHANNEL else value
    return str(state.get("selected_conversation") or state.get("value") or "")
