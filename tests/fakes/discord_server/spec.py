"""Checks every JSON body against Discord's official description, when it lies beside us."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema

from tests.fakes.discord_server.payloads import Json, parts

# jsonschema has no types of its own.
library = cast("Any", jsonschema)
ROOT = Path(__file__).parents[3]
PLACE = ROOT.parent / "shared" / "specs" / "discord-openapi-v10.json"
# A larger one in JSON is an id: no other number comes near.
LARGEST_NUMBER = 2**53


def is_present() -> bool:
    return PLACE.exists()


def complaint(method: str, route: str, body: Json) -> str | None:
    """Why a body is not what the description wants; nothing when it is fine or not described."""
    validator = _validator(method, route) if is_present() else None
    if validator is None or body is None:
        return None
    error = library.exceptions.best_match(validator.iter_errors(_pardoned(body)))
    if error is None:
        return None
    where = ".".join(map(str, error.absolute_path))
    return f"{method} {route}: {where}: {str(error.message)[:500]}"


@cache
def _validator(method: str, route: str) -> Json:
    document = _document()
    operation = document["paths"].get(route, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"]
    return _kind_of_validator()(schema | {"components": document["components"]})


@cache
def _kind_of_validator() -> Json:
    choosing = {"anyOf": _choose("anyOf"), "oneOf": _choose("oneOf")}
    return library.validators.extend(library.Draft202012Validator, choosing)


def _choose(keyword: str) -> Json:
    """Looks only at the branches that are for the type which an object names.

    Without this each component is compared with every kind of component: ten times slower, and
    complaints are about the wrong one.
    """
    usual = library.Draft202012Validator.VALIDATORS[keyword]

    def choose(validator: Json, branches: Json, instance: Json, schema: Json) -> Iterator[Any]:
        fitting = [branch for branch in branches if _may_fit(branch, instance)]
        return usual(validator, fitting or branches, instance, schema)

    return choose


def _may_fit(branch: dict[str, Any], instance: Json) -> bool:
    if not _is_object(instance) or "type" not in instance:
        return True
    name = branch.get("$ref", "").rpartition("/")[2]
    schema = _document()["components"]["schemas"].get(name, branch)
    types = schema.get("properties", {}).get("type", {}).get("enum")
    return schema.get("type") != "null" and (types is None or instance["type"] in types)


@cache
def _document() -> dict[str, Any]:
    document = json.loads(PLACE.read_text())
    _close(document["components"])
    return document


def _close(node: Json) -> None:
    """Allow no field that is not described, so that a wrong name is found."""
    if _is_object(node) and "properties" in node:
        node.setdefault("additionalProperties", False)
    for child in _children(node):
        _close(child)


def _pardoned(node: Json) -> Json:
    """The body without what discord.py does on its own, and what is newer than the description."""
    if isinstance(node, list):
        return [_pardoned(child) for child in _children(node)]
    if _is_object(node):
        known = {name: _pardoned(value) for name, value in node.items() if _counts(name, value)}
        # A file is named by its number in the form.
        for file in parts(known, "attachments"):
            file["id"] = str(file["id"])
        return known
    # discord.py sends some ids as numbers; Discord does not mind.
    return str(node) if isinstance(node, int) and node > LARGEST_NUMBER else node


def _counts(name: str, value: Json) -> bool:
    # discord.py sends these with every edit and every command; Discord does not mind.
    if name in {"tts", "nsfw"} and value is False:
        return False
    # Came to Discord after the description was made (2026-08-05).
    return name != "file_types"


def _is_object(node: Json) -> bool:
    return isinstance(node, dict)


def _children(node: Json) -> list[Any]:
    if isinstance(node, dict):
        return list(cast("dict[str, Any]", node).values())
    return cast("list[Any]", node) if isinstance(node, list) else []
