"""What comes in at the door, and what can be seen in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

WINDOW = 300
"""Seconds by which a message's own time may differ from ours."""
_DIGITS = 12
_LONGEST = 1000
"""Characters of a backend's name of a job."""

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: headers by lower-case name, the raw body.

    `secret` is what stood in the path after the account.
    """

    headers: Mapping[str, str]
    body: bytes
    secret: str = ""

    @property
    def digest(self) -> str:
        """Of the body; hexadecimal SHA-256."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class News:
    """A message of whom it should be. `id` is its own: the same again is the same news.

    `name` is the backend's name of the job that it is about; None: of something else.
    """

    id: str
    name: str | None


class Refusal(Enum):
    """Why a message is not taken, as an HTTP status."""

    NONSENSE = 400
    NOT_SIGNED = 401


def is_now(stamp: str, now: int) -> bool:
    """Whether a text is a time within the last or next minutes; both in seconds."""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > _DIGITS:
        return False
    return abs(now - int(stamp)) <= WINDOW


def object_of(body: bytes) -> Body | None:
    """The JSON object that a body is, in UTF-8; None when it is none."""
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return cast("Body", found) if isinstance(found, dict) else None


def within(body: Body, name: str) -> Body:
    """An object in an object; empty when there is none."""
    found = body.get(name)
    return cast("Body", found) if isinstance(found, dict) else {}


def text_in(body: Body, name: str) -> str:
    """A text in an object; "" when there is none that could be a name.

    What no database would take is no name: halves of characters, and what does not print.
    """
    found = body.get(name)
    if not isinstance(found, str) or len(found) > _LONGEST or not found.isprintable():
        return ""
    return found
