"""Fields of a dialog, as a person's client sends them."""

from collections.abc import Iterable
from typing import Any

from tests.fakes.discord_server.commands import NotOffered
from tests.fakes.discord_server.components import (
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    SELECT,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    Component,
)
from tests.fakes.discord_server.files import Attachment
from tests.fakes.discord_server.options import Resolved, check_file_type
from tests.fakes.discord_server.payloads import Json, parts

MANY = {*SELECTS, CHECKBOX_GROUP, FILE_UPLOAD}


def submitted(
    components: list[Component], given: dict[str, Any], resolved: Resolved
) -> list[Component]:
    """The components of a submit; raises NotOffered for what the dialog would not let pass."""
    wanted = dict(given)
    sent = [_sent(component, wanted, resolved) for component in components]
    if wanted:
        raise NotOffered(f"the dialog has no field {', '.join(wanted)}")
    return sent


def _sent(component: Component, wanted: dict[str, Any], resolved: Resolved) -> Component:
    bare: Component = {"type": component["type"], "id": component["id"]}
    if component["type"] == TEXT:
        return bare
    if component["type"] == LABEL:
        return bare | {"component": _field(component["component"], wanted, resolved)}
    return bare | {"components": [_field(one, wanted, resolved) for one in component["components"]]}


def _field(part: Component, wanted: dict[str, Any], resolved: Resolved) -> Component:
    name = part["custom_id"]
    bare: Component = {"type": part["type"], "id": part["id"], "custom_id": name}
    value = wanted.pop(name) if name in wanted else _default(part)
    if part["type"] in MANY:
        return bare | {"values": many(part, value, resolved)}
    return bare | {"value": _single(part, value)}


def _default(part: Component) -> Json:
    if part["type"] == CHECKBOX:
        return bool(part.get("default"))
    if part["type"] == TEXT_INPUT:
        return part.get("value") or ""
    chosen = [one["value"] for one in parts(part, "options") if one.get("default")]
    if part["type"] == RADIO_GROUP:
        return next(iter(chosen), None)
    return chosen


def _single(part: Component, value: Json) -> Json:
    if part["type"] == CHECKBOX:
        return bool(value)
    if not value and part.get("required", True):
        raise NotOffered(f"{part['custom_id']} is required")
    if part["type"] == RADIO_GROUP:
        return value and _one_of(part, value)
    least = (part.get("min_length") or 0) if value else 0
    if not least <= len(value) <= (part.get("max_length") or 4000):
        raise NotOffered(f"{part['custom_id']} has a wrong length: {len(value)}")
    return value


def many(part: Component, value: Json, resolved: Resolved) -> list[str]:
    """Checked values of a part that takes several; raises NotOffered."""
    given: list[Json] = [*value] if isinstance(value, list | tuple) else [value]
    _check_count(part, given)
    if part["type"] in {SELECT, CHECKBOX_GROUP}:
        return [_one_of(part, one) for one in given]
    for file in given:
        if isinstance(file, Attachment):
            check_file_type(part, file)
    return [resolved.add(one) for one in given]


def _check_count(part: Component, given: Iterable[Any]) -> None:
    count = len(list(given))
    required = part.get("required", True)
    if count == 0 and not required:
        return
    most = part.get("max_values") or (
        len(part.get("options") or [0]) if part["type"] == CHECKBOX_GROUP else 1
    )
    least = part.get("min_values") or 0
    if not max(least, int(required)) <= count <= most:
        raise NotOffered(f"{part['custom_id']} takes {least} to {most} values, not {count}")


def _one_of(part: Component, value: str) -> str:
    """One of the options, named as shown or by its value."""
    for option in parts(part, "options"):
        if value in (option["value"], option["label"]):
            return option["value"]
    raise NotOffered(f"{part['custom_id']} has no option {value!r}")
