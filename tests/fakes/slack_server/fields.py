"""What people type and choose, as the state of a form has it."""

from collections.abc import Iterable
from typing import cast

from tests.fakes.slack_server.blocks import Part
from tests.fakes.slack_server.dialogs import INITIAL
from tests.fakes.slack_server.files import File
from tests.fakes.slack_server.offers import NotOffered
from tests.fakes.slack_server.payloads import Object, parts
from tests.fakes.slack_server.users import User

MANY = {"selected_options", "files"}


def filled(part: Part, value: object) -> Object:
    """The state of one element. Raises NotOffered for what its client would not take."""
    kind = part.element["type"]
    if kind not in INITIAL:
        raise NotOffered(f"nothing can be filled into {kind}")
    name = INITIAL[kind][1]
    if name in MANY:
        values = cast("Iterable[object]", value)
        found: object = [_one(part, one) for one in values]
    else:
        found = None if value is None else _one(part, value)
    return {"type": kind, name: found}


def missing(part: Part, state: dict[str, Object]) -> bool:
    """Whether a field that must be filled is empty."""
    held = state[part.block["block_id"]][part.element["action_id"]]
    empty = all(not value for name, value in held.items() if name != "type")
    return part.is_input and not part.block.get("optional") and empty


def _one(part: Part, value: object) -> object:
    if isinstance(value, User):
        return value.id
    if isinstance(value, File):
        return value.to_json()
    if "options" in part.element or "option_groups" in part.element:
        return _option(part.element, str(value))
    return _typed(part.element, str(value))


def _option(element: Object, wanted: str) -> Object:
    groups = [element, *parts(element, "option_groups")]
    options = [option for group in groups for option in parts(group, "options")]
    for option in options:
        if wanted in {option.get("value"), option["text"]["text"]}:
            return option
    raise NotOffered(f"no option {wanted!r} among {[one['text']['text'] for one in options]}")


def _typed(element: Object, text: str) -> str:
    if len(text) > element.get("max_length", 3000) or len(text) < element.get("min_length", 0):
        raise NotOffered(f"the field does not take {len(text)} characters")
    return text
