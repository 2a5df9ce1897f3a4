"""Checks every JSON body against Discord's official description, when it lies beside us."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match as untyped_best_match

# jsonschema has no types of its own.
best_match = cast("Any", untyped_best_match)  # pyright: ignore[reportUnknownVariableType]
ROOT = Path(__file__).parents[3]
PLACE = ROOT.parent / "shared" / "specs" / "discord-openapi-v10.json"


def is_present() -> bool:
    return PLACE.exists()


def complaint(method: str, route: str, body: Any) -> str | None:
    """Why a body is not what the description wants; nothing when it is fine or not described."""
    validator = _validator(method, route) if is_present() else None
    if validator is None or body is None:
        return None
    pardoned = deepcopy(body)
    _pardon(pardoned)
    error = best_match(validator.iter_errors(pardoned))
    if error is None:
        return None
    where = ".".join(map(str, error.absolute_path))
    return f"{method} {route}: {where}: {str(error.message)[:500]}"


@cache
def _validator(method: str, route: str) -> Any:
    document = _document()
    operation = document["paths"].get(route, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"]
    return Draft202012Validator(schema | {"components": document["components"]})


@cache
def _document() -> dict[str, Any]:
    document = json.loads(PLACE.read_text())
    _close(document["components"])
    return document


def _close(node: Any) -> None:
    """Allow no field that is not described, so that a wrong name is found."""
    if _is_object(node) and "properties" in node:
        node.setdefault("additionalProperties", False)
    for child in _children(node):
        _close(child)


def _pardon(node: Any) -> None:
    """Take out what discord.py does on its own, and what is newer than the description."""
    if _is_object(node):
        # discord.py sends these with every edit and every command; Discord does not mind.
        for name in ("tts", "nsfw"):
            if node.get(name) is False:
                del node[name]
        # discord.py sends ids of attachments as numbers; Discord does not mind.
        for listed in node.get("attachments") or []:
            listed["id"] = str(listed["id"])
        # Came to Discord after the description was made (2026-08-05).
        node.pop("file_types", None)
    for child in _children(node):
        _pardon(child)


def _is_object(node: Any) -> bool:
    return isinstance(node, dict)


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(cast("dict[str, Any]", node).values())
    return cast("list[Any]", node) if isinstance(node, list) else []
