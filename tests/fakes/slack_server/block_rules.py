"""Limits of blocks that their types do not tell: lengths, counts, and what must be unique."""

from collections.abc import Iterator

from tests.fakes.slack_server import spec
from tests.fakes.slack_server.blocks import walk
from tests.fakes.slack_server.payloads import Object, parts
from tests.fakes.slack_server.problem import invalid

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
# How long a text may be, by the kind of block or element and its field.
TEXTS = {
    ("section", "text"): 3000,
    ("header", "text"): 150,
    ("markdown", "text"): 12_000,
    ("context", "text"): 3000,
    ("button", "text"): 75,
    ("button", "value"): 2000,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("image", "image_url"): 3000,
    ("image", "alt_text"): 2000,
}
# How many things may be in a list.
COUNTS = {
    ("actions", "elements"): (1, 25),
    ("context", "elements"): (1, 10),
    ("section", "fields"): (1, 10),
    ("overflow", "options"): (1, 5),
    ("radio_buttons", "options"): (1, 10),
    ("checkboxes", "options"): (1, 10),
    ("static_select", "options"): (1, 100),
    ("multi_static_select", "options"): (1, 100),
}
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
IDS, FIELD, PLACEHOLDER, TYPED = 255, 2000, 150, 3000
OPTION_TEXT, OPTION_VALUE = 75, 150


def check_blocks(blocks: list[Object], most: int = MESSAGE_BLOCKS) -> None:
    """Refuse blocks that Slack would refuse, and say why."""
    reasons = [*_complaints(blocks, most)]
    if complaint := spec.complaint(blocks):
        reasons.append(complaint)
    if reasons:
        raise invalid("invalid_blocks", "; ".join(reasons))


def _complaints(blocks: list[Object], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"{len(blocks)} blocks, {most} at most"
    yield from _repeated("block_id", [block.get("block_id") for block in blocks])
    for number, block in enumerate(blocks):
        if block.get("type") == "file":
            yield "apps cannot post blocks of type file"
        actions = [part.element["action_id"] for part in walk([{"block_id": ""} | block])]
        yield from _repeated("action_id", list(actions))
        for node in _nodes(block):
            yield from (f"block {number}: {why}" for why in _complaints_of(node))


def _repeated(name: str, ids: list[str | None]) -> Iterator[str]:
    known = [one for one in ids if one]
    if len(set(known)) < len(known):
        yield f"{name} used twice among {known}"
    yield from (f"{name} is too long" for one in known if len(one) > IDS)


def _nodes(block: Object) -> Iterator[Object]:
    """The block and everything in it that has a type."""
    yield block
    singles = [block[name] for name in ("accessory", "element") if name in block]
    for inner in [*parts(block, "elements"), *parts(block, "child_blocks"), *singles]:
        yield from _nodes(inner)


def _complaints_of(node: Object) -> Iterator[str]:
    kind = node.get("type", "")
    for (owner, name), longest in TEXTS.items():
        if owner == kind and name in node:
            yield from _length(f"{kind}.{name}", node[name], longest)
    for (owner, name), (least, most) in COUNTS.items():
        if owner == kind and name in node and not least <= len(node[name]) <= most:
            yield f"{kind}.{name}: {len(node[name])}, {least} to {most} are allowed"
    yield from _small_parts(node)


def _small_parts(node: Object) -> Iterator[str]:
    for field in parts(node, "fields"):
        yield from _length("field", field, FIELD)
    if "placeholder" in node:
        yield from _length("placeholder", node["placeholder"], PLACEHOLDER)
    if node.get("max_length", 0) > TYPED:
        yield f"max_length is above {TYPED}"
    for name, longest in CONFIRM.items():
        if name in (node.get("confirm") or {}):
            yield from _length(f"confirm.{name}", node["confirm"][name], longest)
    yield from _options(node)


def _options(node: Object) -> Iterator[str]:
    groups = [node, *parts(node, "option_groups")]
    for option in [option for group in groups for option in parts(group, "options")]:
        yield from _length("option", option["text"], OPTION_TEXT)
        yield from _length("option.value", option.get("value", "-"), OPTION_VALUE)


def _length(name: str, text: Object | str, longest: int) -> Iterator[str]:
    found = text if isinstance(text, str) else text.get("text", "")
    if not 1 <= len(found) <= longest:
        yield f"{name} has {len(found)} characters, 1 to {longest} are allowed"
