"""Checks every block against the official types of Block Kit, when they lie beside us."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema

from tests.fakes.slack_server.payloads import Json, Object, is_object

# jsonschema has no types of its own.
library = cast("Any", jsonschema)
FOLDER = Path(__file__).parents[3].parent / "shared" / "specs"
PATTERN = "slack-blockkit-types-*.schema.json"


def is_present() -> bool:
    return _place() is not None


def complaint(blocks: list[Object]) -> str | None:
    """Why blocks are not what the types want; nothing when they are fine, or nothing to ask."""
    if not is_present():
        return None
    error = library.exceptions.best_match(_validator().iter_errors(blocks))
    if error is None:
        return None
    where = ".".join(map(str, error.absolute_path))
    return f"blocks.{where}: {str(error.message)[:500]}"


@cache
def _place() -> Path | None:
    return max(FOLDER.glob(PATTERN), default=None)


@cache
def _document() -> Object:
    place = _place()
    assert place is not None
    return json.loads(place.read_text())


@cache
def _validator() -> Json:
    choosing = {"anyOf": _choose("anyOf"), "oneOf": _choose("oneOf")}
    kind = library.validators.extend(library.Draft7Validator, choosing)
    return kind(_document())


def _choose(keyword: str) -> Json:
    """Looks only at the branches for the type that an object names.

    Without this each block is compared with every kind of block, and complaints are about the
    wrong one.
    """
    usual = library.Draft7Validator.VALIDATORS[keyword]

    def choose(validator: Json, branches: Json, instance: Json, schema: Json) -> Iterator[Any]:
        fitting = [branch for branch in branches if _may_fit(branch, instance)]
        return usual(validator, fitting or branches, instance, schema)

    return choose


def _may_fit(branch: Object, instance: Json) -> bool:
    if not is_object(instance) or "type" not in instance:
        return True
    name = branch.get("$ref", "").rpartition("/")[2]
    schema = _document()["definitions"].get(name, branch)
    kind = schema.get("properties", {}).get("type", {})
    allowed = kind.get("enum", [kind["const"]] if "const" in kind else None)
    if allowed is None and "anyOf" in schema:
        return any(_may_fit(inner, instance) for inner in schema["anyOf"])
    return allowed is None or instance["type"] in allowed
