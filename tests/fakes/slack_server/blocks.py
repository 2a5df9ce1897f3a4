"""Looks into blocks: their words, their buttons, all that can be used."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fakes.slack_server.ids import Ids
from tests.fakes.slack_server.payloads import Json, Object, children, inner, is_object, parts


@dataclass(frozen=True)
class Part:
    """Something that people use, and the block that it is in."""

    block: Object
    element: Object

    @property
    def is_input(self) -> bool:
        return self.block["type"] == "input"

    @property
    def names(self) -> set[str]:
        """How tests may call it: by id, by what is written on it or beside it."""
        label = inner(self.element, "text") or inner(self.block, "label")
        hint = inner(self.element, "placeholder")
        shown = {label.get("text", ""), hint.get("text", "")}
        return {self.element["action_id"], self.block["block_id"], *shown} - {""}


def walk(blocks: list[Object]) -> Iterator[Part]:
    """Everything that people can use, from top to bottom."""
    for block in blocks:
        for child in [*parts(block, "child_blocks"), *parts(block, "cards")]:
            yield from walk([child])
        for element in [*parts(block, "elements"), *parts(block, "actions")]:
            if "action_id" in element:
                yield Part(block, element)
        for name in ("accessory", "element"):
            if name in block and "action_id" in block[name]:
                yield Part(block, block[name])


def buttons_of(blocks: list[Object]) -> dict[str, Object]:
    """Buttons by label."""
    found = (part.element for part in walk(blocks) if part.element["type"] == "button")
    return {button["text"]["text"]: button for button in found}


LINES = ("rich_text_section", "rich_text_quote", "rich_text_preformatted")


def words(node: Json) -> list[str]:
    """All texts that people read, from top to bottom."""
    if is_object(node) and node.get("type") in LINES:
        return ["".join(map(_inline, node["elements"]))]
    if is_object(node) and isinstance(node.get("text"), str):
        return [node["text"]]
    return [text for child in children(node) for text in words(child)]


def _inline(element: Object) -> str:
    """A piece of a line of rich text, as people see it."""
    match element["type"]:
        case "user":
            return f"<@{element['user_id']}>"
        case "date":
            return element.get("fallback") or ""
        case _:
            return element.get("text") or ""


def with_ids(blocks: list[Object], ids: Ids) -> list[Object]:
    """The same blocks, where those without an id have got one."""
    made = copy.deepcopy(blocks)
    for block in made:
        _give_ids(block, ids)
    return made


INTERACTIVE = (
    "button",
    "select",
    "input",
    "checkboxes",
    "radio_buttons",
    "overflow",
    "picker",
    "feedback_buttons",
)


def _give_ids(block: Object, ids: Ids) -> None:
    block.setdefault("block_id", ids.new("B"))
    singles = [block[name] for name in ("accessory", "element") if name in block]
    for element in [*parts(block, "elements"), *parts(block, "actions"), *singles]:
        if any(kind in element.get("type", "") for kind in INTERACTIVE):
            element.setdefault("action_id", ids.new("a"))
    for child in [*parts(block, "child_blocks"), *parts(block, "cards")]:
        _give_ids(child, ids)
