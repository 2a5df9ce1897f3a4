"""What Discord refuses in components of messages and dialogs."""

from collections.abc import Iterable
from typing import Any

from tests.fakes.discord_server.components import (
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    CONTAINER,
    FILE,
    FILE_UPLOAD,
    GALLERY,
    LABEL,
    LINK_BUTTON,
    RADIO_GROUP,
    ROW,
    SECTION,
    SELECT,
    SELECTS,
    SEPARATOR,
    TEXT,
    TEXT_INPUT,
    THUMBNAIL,
    Component,
    file_of,
    media,
    texts,
    walk,
)
from tests.fakes.discord_server.files import Attachment
from tests.fakes.discord_server.payloads import parts
from tests.fakes.discord_server.problem import invalid

TOP_OF_V2 = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
IN_CONTAINER = TOP_OF_V2 - {CONTAINER}
IN_LABEL = {TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}
MOST_COMPONENTS, MOST_TEXT, MOST_OPTIONS = 40, 4000, 25


def check_message(components: list[Component], *, is_v2: bool) -> None:
    """Refuse what may not be in a message."""
    if is_v2:
        _check_v2(components)
    else:
        _check_rows_only(components)
    for part in walk(components):
        _check_part(part)
    check_custom_ids(components)


def check_custom_ids(components: list[Component]) -> None:
    """Each at most 100 characters, and no two alike."""
    seen: set[str] = set()
    for custom_id in (part["custom_id"] for part in walk(components) if "custom_id" in part):
        _at_most(len(custom_id), 100, "components.custom_id")
        if custom_id in seen:
            raise invalid(
                "components.custom_id", f"Component custom id cannot be duplicated: {custom_id}"
            )
        seen.add(custom_id)


def check_files(
    components: list[Component], files: list[Attachment], new: list[Attachment]
) -> None:
    """Every attachment:// must mean a file, and every upload must be shown."""
    shown: list[Attachment] = []
    for holder, key in media(components):
        url = holder[key]["url"]
        found = file_of(url, files)
        if found is None and (url.startswith("attachment://") or key == "file"):
            raise invalid("components.media.url", f"The attachment was not found: {url}")
        if found is not None:
            shown.append(found)
    for file in new:
        if file not in shown:
            raise invalid(
                "components", f"All uploads must be referenced by a component: {file.name}"
            )


def check_modal(data: dict[str, Any]) -> None:
    """Refuse what may not be in a dialog."""
    _between(len(data.get("title") or ""), 1, 45, "title")
    _between(len(data.get("custom_id") or ""), 1, 100, "custom_id")
    components: list[Component] = parts(data, "components")
    _between(len(components), 1, 5, "components")
    for component in components:
        _check_modal_part(component)
    check_custom_ids(components)


def _check_modal_part(part: Component) -> None:
    if part["type"] == LABEL:
        _between(len(part.get("label") or ""), 1, 45, "components.label")
        _at_most(len(part.get("description") or ""), 100, "components.description")
        _only([part["component"]], IN_LABEL, "components.component")
        _check_part(part["component"])
    elif part["type"] not in {ROW, TEXT}:
        raise invalid("components", f"A dialog cannot hold type {part['type']} at its top")


def _check_v2(components: list[Component]) -> None:
    _only(components, TOP_OF_V2, "components")
    _at_most(sum(1 for _ in walk(components)), MOST_COMPONENTS, "components")
    _at_most(sum(map(len, texts(components))), MOST_TEXT, "components.content")
    for part in walk(components):
        if part["type"] == CONTAINER:
            _only(part["components"], IN_CONTAINER, "components.components")
            _between(len(part["components"]), 1, MOST_COMPONENTS, "components.components")


def _check_rows_only(components: list[Component]) -> None:
    _only(components, {ROW}, "components")
    _at_most(len(components), 5, "components")


def _check_part(part: Component) -> None:
    kind = part["type"]
    if kind == ROW:
        _check_row(part)
    elif kind == BUTTON:
        _check_button(part)
    elif kind in {SELECT, RADIO_GROUP, CHECKBOX_GROUP}:
        _check_options(part)
    elif kind == TEXT:
        _between(len(part["content"]), 1, MOST_TEXT, "components.content")
    elif kind == GALLERY:
        _between(len(part["items"]), 1, 10, "components.items")
    elif kind == SECTION:
        _between(len(part["components"]), 1, 3, "components.components")
        _only([part["accessory"]], {BUTTON, THUMBNAIL}, "components.accessory")
    elif kind == TEXT_INPUT:
        _check_text_input(part)


def _check_row(row: Component) -> None:
    kinds = [child["type"] for child in row["components"]]
    _between(len(kinds), 1, 5, "components.components")
    if any(kind != BUTTON for kind in kinds) and len(kinds) > 1:
        raise invalid("components.components", "A row holds up to five buttons, or one select")


def _check_button(button: Component) -> None:
    _at_most(len(button.get("label") or ""), 80, "components.label")
    if not (button.get("label") or button.get("emoji")):
        raise invalid("components", "A button must have a label or an emoji")
    wanted, unwanted = "custom_id", "url"
    if button["style"] == LINK_BUTTON:
        wanted, unwanted = unwanted, wanted
    if not button.get(wanted) or button.get(unwanted):
        raise invalid(
            f"components.{wanted}", f"A button of style {button['style']} needs only this"
        )
    _at_most(len(button.get("url") or ""), 512, "components.url")


def _check_options(part: Component) -> None:
    most = MOST_OPTIONS if part["type"] == SELECT else 10
    _between(len(part["options"]), 1, most, "components.options")
    values = [option["value"] for option in part["options"]]
    if len(set(values)) < len(values):
        raise invalid("components.options", "The specified option value is already used")
    for option in part["options"]:
        for name in ("label", "value", "description"):
            _at_most(len(option.get(name) or ""), 100, f"components.options.{name}")
    _at_most(len(part.get("placeholder") or ""), 150, "components.placeholder")


def _check_text_input(part: Component) -> None:
    _at_most(len(part.get("value") or ""), part.get("max_length") or MOST_TEXT, "components.value")
    _at_most(len(part.get("placeholder") or ""), 100, "components.placeholder")
    _at_most(part.get("max_length") or 0, MOST_TEXT, "components.max_length")


def _only(parts: Iterable[Component], kinds: set[int], where: str) -> None:
    for part in parts:
        if part["type"] not in kinds:
            raise invalid(where, f"Value of field 'type' must be one of {sorted(kinds)}")


def _at_most(length: int, most: int, where: str) -> None:
    _between(length, 0, most, where)


def _between(length: int, least: int, most: int, where: str) -> None:
    if not least <= length <= most:
        raise invalid(where, f"Must be between {least} and {most} in length, is {length}")
