"""What our buttons and forms carry, so that they work for ever.

    action_id  sora:remix?prompt:0         a button: its verb, what it asks for first, its place
    value      {"job": "k7qm2x9d4t"}       its arguments

A form's callback_id is ``sora:<verb>``; its private_metadata is an `Errand`. Everything is in the
message or form, nothing in memory: a restart changes nothing. None of it is trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, cast

from bot.domain.messages import Button

LINK = "sora-link"
"""Action of a button that only leads somewhere; Slack tells us of it all the same."""
ACTION = re.compile(r"sora:(?P<verb>[a-z.]+)(?:\?(?P<asks>[a-z]+))?:(?P<at>\d+)")
MAX_VALUE = 2_000
"""Characters of a button's value."""
_MARK_CHARS = 16


@dataclass(frozen=True, slots=True)
class Press:
    """What a button means."""

    verb: str
    args: Mapping[str, str]
    asks: str | None = None


def action_of(button: Button, at: int) -> tuple[str, str]:
    """(action_id, value) of one of the core's buttons, the one at place `at`.

    Raises `ValueError` when its arguments are longer than Slack takes.
    """
    asks = f"?{button.asks}" if button.asks else ""
    if not fits(button):
        raise ValueError(button.verb)
    return f"sora:{_dotted(button.verb)}{asks}:{at}", _value(button)


def fits(button: Button) -> bool:
    """Whether Slack takes its arguments."""
    return len(_value(button)) <= MAX_VALUE


def _value(button: Button) -> str:
    return json.dumps(dict(button.args), ensure_ascii=False, separators=(",", ":"))


def press_named(action_id: str, value: str) -> Press | None:
    """The button of that name; None when it is not one of ours."""
    found = ACTION.fullmatch(action_id)
    args = _texts(value)
    if found is None or args is None:
        return None
    return Press(found["verb"].replace(".", " "), args, found["asks"])


@dataclass(frozen=True, slots=True)
class Errand:
    """What a form will do when it is sent, and where.

    `channel` is empty where the form itself asks for it, or for a private message. `respond` is
    the response_url of what opened it, good for half an hour. `file` is a file on Slack to use.
    """

    verb: str
    job: str = ""
    channel: str = ""
    thread: str = ""
    private: bool = False
    respond: str = ""
    file: str = ""

    @property
    def callback_id(self) -> str:
        """The form's name on Slack."""
        return f"sora:{_dotted(self.verb)}"

    @property
    def metadata(self) -> str:
        """The form's private_metadata."""
        return json.dumps(asdict(self), separators=(",", ":"))


def errand_of(metadata: str) -> Errand | None:
    """The errand of a form; None when it is not one of ours."""
    try:
        return Errand(**json.loads(metadata))
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that somebody asked for, as it waits in the inbox.

    `team` is the workspace, `user` the person's id. `interaction` is the core's name for it.
    `respond` is a response_url; `replaces` when the answer takes the place of a question that only
    its reader sees. `files` are ids of files on Slack, and `uses` the parameters that they are for,
    where that is not the first frame. `home` is the workspace that the person came from, where
    Slack says so.
    """

    verb: str
    args: dict[str, str]
    team: str
    user: str
    channel: str
    interaction: str
    thread: str = ""
    private: bool = False
    respond: str = ""
    replaces: bool = False
    files: list[str] = field(default_factory=list[str])
    home: str = ""
    uses: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def text(self) -> str:
        """As it is stored."""
        return json.dumps({name: getattr(self, name) for name in _STORED}, ensure_ascii=False)


_STORED = tuple(one.name for one in fields(Wish))


def wish_of(text: str) -> Wish | None:
    """A stored wish; None when another version of the bot wrote it."""
    try:
        return Wish(**json.loads(text))
    except (TypeError, ValueError):
        return None


def mark_of(nonce: str) -> str:
    """What the first block of a message is called, so that the message is found again."""
    return f"sora-{hashlib.sha256(nonce.encode()).hexdigest()[:_MARK_CHARS]}"


def _texts(value: str) -> dict[str, str] | None:
    """A button's arguments; None when they are not texts by name."""
    try:
        found: Any = json.loads(value or "{}")
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    pairs = cast("dict[str, Any]", found).items()
    return {name: text for name, text in pairs if isinstance(text, str)}


def _dotted(verb: str) -> str:
    return verb.replace(" ", ".")
