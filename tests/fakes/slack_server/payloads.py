"""JSON as it travels."""

import json
from typing import Any, cast

# Whatever JSON can be.
Json = Any
Object = dict[str, Any]


def parts(node: Object, name: str) -> list[Object]:
    """A list of objects; empty when it is missing or null."""
    return node.get(name) or []


def inner(node: Object, name: str) -> Object:
    """An object; an empty one when it is missing or null."""
    return node.get(name) or {}


def is_object(node: Json) -> bool:
    return isinstance(node, dict)


def children(node: Json) -> list[Json]:
    """What an object or a list holds."""
    if isinstance(node, dict):
        return list(cast("Object", node).values())
    return cast("list[Json]", node) if isinstance(node, list) else []


def parsed(text: str) -> Json:
    """JSON, or None for what is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None
