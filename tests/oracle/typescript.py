"""Writes calls of the bot as TypeScript, one a line, each beside the type that Slack gives it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.slack_server.payloads import Json, Object, inner
from tests.fakes.slack_server.records import COMMAND_ACK, FORM_ACK, RESPONSE

EXPORTS = Path("node_modules/@slack/web-api/dist/types/request/index.d.ts")
ARGUMENTS = re.compile(r"\b(\w+Arguments)\b")
# What is no method has a type in bolt.
OTHERS = {
    RESPONSE: "bolt.RespondArguments",
    COMMAND_ACK: "bolt.RespondArguments",
    FORM_ACK: "bolt.ViewResponseAction",
}
# Methods that Slack's types leave out, and why that is fine.
WITHOUT_TYPE: dict[str, str] = {}
# What a query or a form can only carry as text.
NUMBERS = {"length", "limit", "count", "page"}
FLAGS = {
    "as_user",
    "exclude_archived",
    "include_all_metadata",
    "include_count",
    "include_disabled",
    "include_locale",
    "include_num_members",
    "include_users",
    "inclusive",
    "prevent_creation",
    "return_im",
}
# bolt's client for one request adds it to every call, known to the method or not.
ADDED = {"team_id"}
# Slack's documents and its Python client say alt_txt, the types of the Node client alt_text.
RENAMED = {"alt_txt": "alt_text"}


class Untyped(Exception):
    """A method that has no type."""


@dataclass(frozen=True)
class Line:
    """One comparison, and the call that it is about."""

    text: str
    call: Object


def type_names(packages: Path) -> dict[str, str]:
    """The type of each method's arguments, by its name in small letters and without dots."""
    names = ARGUMENTS.findall((packages / EXPORTS).read_text("utf-8"))
    return {name.removesuffix("Arguments").lower(): name for name in names}


def lines_of(call: Object, names: dict[str, str]) -> Iterator[Line]:
    """What to compare of one call. Raises Untyped."""
    method = str(call["method"])
    if method in WITHOUT_TYPE:
        return
    args = as_typed(call)
    yield Line(_line(args, OTHERS.get(method) or _type_of(method, names)), call)
    # Those types let any block pass that has a type; here it must be a known one, and whole.
    for holder in (args, inner(args, "view")):
        if "blocks" in holder:
            yield Line(_line(holder["blocks"], "types.KnownBlock[]"), call)


def program(lines: list[Line]) -> str:
    """A file in which each line of the list is one line, after HEAD."""
    return "\n".join([*HEAD, *(line.text for line in lines), ""])


HEAD = (
    'import type * as bolt from "@slack/bolt";',
    'import type * as web from "@slack/web-api";',
    'import type * as types from "@slack/types";',
)


def _type_of(method: str, names: dict[str, str]) -> str:
    name = names.get(method.replace(".", "").lower())
    if name is None:
        raise Untyped("Slack's types have no such method")
    return f"web.{name}"


def as_typed(call: Object) -> Object:
    """The arguments as a typed client has them."""
    args = inner(call, "args")
    given = {RENAMED.get(name, name): args[name] for name in args if name not in ADDED}
    return given if call["typed"] else {name: _read(name, given[name]) for name in given}


def _read(name: str, value: Json) -> Json:
    if name in NUMBERS and str(value).isdigit():
        return int(value)
    if name in FLAGS and value in {"0", "1", "true", "false"}:
        return value in {"1", "true"}
    return value


def _line(value: Json, name: str) -> str:
    # U+2028 ends a line in TypeScript; json.dumps writes it as an escape.
    return f"({json.dumps(value)}) satisfies {name};"
