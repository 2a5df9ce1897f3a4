"""What a view must be like."""

import json
from collections.abc import Iterator

from tests.fakes.slack_server.block_rules import VIEW_BLOCKS, check_blocks
from tests.fakes.slack_server.payloads import Json, Object, is_object, parts
from tests.fakes.slack_server.problem import Problem, invalid

LONGEST = {"title": 24, "submit": 24, "close": 24}
KNOWN = {
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
}
METADATA, IDS, WHOLE = 3000, 255, 250_000


def check_view(view: Json, kind: str) -> Object:
    """Give the view back, or refuse it."""
    if not is_object(view):
        raise invalid("invalid_arguments", "view is no object")
    if len(json.dumps(view)) > WHOLE:
        raise Problem("view_too_large")
    if reasons := [*_complaints(view, kind)]:
        raise invalid("invalid_arguments", "; ".join(reasons))
    check_blocks(parts(view, "blocks"), VIEW_BLOCKS)
    return view


def _complaints(view: Object, kind: str) -> Iterator[str]:
    if view.get("type") != kind:
        yield f"type is {view.get('type')}, not {kind}"
    if unknown := view.keys() - KNOWN:
        yield f"unknown: {sorted(unknown)}"
    if len(view.get("private_metadata", "")) > METADATA:
        yield "private_metadata is too long"
    if any(len(view.get(name, "")) > IDS for name in ("callback_id", "external_id")):
        yield "callback_id or external_id is too long"
    if kind == "modal":
        yield from _modal_complaints(view)


def _modal_complaints(view: Object) -> Iterator[str]:
    if "title" not in view:
        yield "title is missing"
    for name, longest in LONGEST.items():
        text = (view.get(name) or {"text": "-"}).get("text", "")
        if not 1 <= len(text) <= longest:
            yield f"{name} has {len(text)} characters, 1 to {longest} are allowed"
        if name in view and view[name].get("type") != "plain_text":
            yield f"{name} is no plain text"
    inputs = [block for block in parts(view, "blocks") if block.get("type") == "input"]
    if inputs and "submit" not in view:
        yield "a view with inputs needs submit"
