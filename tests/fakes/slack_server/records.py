"""Keeps what the bot sent, once a shape, to be compared with Slack's own types afterwards."""

import hashlib
import json
import os
import re
from pathlib import Path

from tests.fakes.slack_server.payloads import Json, Object, is_object

# The environment says into which folder; without it nothing is kept.
PLACE = "SLACK_CALLS"
# What types may name word by word, as `mrkdwn`, `on_enter_pressed` or `danger`.
WORD = re.compile("[a-z_]{1,40}")


# What is no method: bodies for a response_url, and answers that came with an ack.
RESPONSE, COMMAND_ACK, FORM_ACK = "response_url", "ack of a command", "ack of a form"


def keep(method: str, args: Object, *, typed: bool = True) -> None:
    """Write a call down, unless one of its shape is there; typed when it came as JSON."""
    if not (place := os.environ.get(PLACE)):
        return
    found = {"method": method, "args": args, "typed": typed}
    text = json.dumps(shape(found), sort_keys=True)
    path = Path(place) / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"
    if not path.exists():
        # Tests run in several processes: each file appears whole.
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(found), "utf-8")
        draft.replace(path)


def kept(place: Path) -> list[Object]:
    """Every call that was written down: method, args, and whether they came as JSON."""
    found = [json.loads(path.read_text("utf-8")) for path in place.glob("*.json")]
    return sorted(found, key=lambda one: (one["method"], json.dumps(one["args"])))


def shape(node: Json) -> Json:
    """The same without its texts and figures; equal parts of a list count once."""
    if is_object(node):
        return {name: _shape_of(name, value) for name, value in node.items()}
    if isinstance(node, list):
        shapes = [shape(one) for one in node]  # pyright: ignore[reportUnknownVariableType] # JSON
        return [one for number, one in enumerate(shapes) if one not in shapes[:number]]
    if isinstance(node, str):
        return node if WORD.fullmatch(node) else "…"
    return 0 if type(node) in {int, float} else node


def _shape_of(name: str, value: Json) -> Json:
    return value if name == "method" else shape(value)
