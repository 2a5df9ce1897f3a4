"""JSON as it travels."""

from typing import Any

# Whatever JSON can be.
Json = Any


def parts(node: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects; empty when it is missing or null."""
    return node.get(name) or []
