"""What our buttons and dialogs carry: a verb and a job, so that they work for ever.

A wish that admins decide on, or an order that waits for a yes, stands in the place of the job.

    sora:cancel:k7qm2x9d4t                  a button
    sora:remix?prompt:k7qm2x9d4t@123~5f0c   asks first; pressed in private for workspace 123
    sora+compose:-:1183…                    a dialog; its last part makes it one of a kind

Everything is in the name, nothing in memory: a restart changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from bot.commands.grammar import AGREED, verb_named
from bot.domain.messages import Button

NOBODY = "-"
"""In place of a job, where there is none."""
MAX_NONCE = 25
"""Characters of a nonce that Discord takes."""
_MARK_CHARS = 8

_TAIL = r"(?P<job>[0-9a-z-]{1,20})(?:@(?P<guild>\d{1,20}))?"
BUTTON = re.compile(
    rf"sora:(?P<verb>[a-z.]+)(?:\?(?P<asks>[a-z]+))?:{_TAIL}(?:~(?P<mark>[0-9a-f]{{{_MARK_CHARS}}}))?"
)
DIALOG = re.compile(rf"sora\+(?P<verb>[a-z.]+):{_TAIL}:(?P<once>[0-9]+)")


@dataclass(frozen=True, slots=True)
class Press:
    """What a button means. `guild` is the workspace of a button in a private message.

    `mark` tells the message that it stands on from all others; see `mark_of`.
    """

    verb: str
    job: str
    asks: str | None = None
    guild: str | None = None
    mark: str | None = None

    @property
    def args(self) -> dict[str, str]:
        """What it is about, as the core names it."""
        return {} if self.job == NOBODY else {about(self.verb): self.job}

    @property
    def custom_id(self) -> str:
        """Its name on Discord."""
        asks = f"?{self.asks}" if self.asks else ""
        mark = f"~{self.mark}" if self.mark else ""
        return f"sora:{_dotted(self.verb)}{asks}:{self.job}{_at(self.guild)}{mark}"


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a dialog will do when it is sent. `once` is the interaction that opened it."""

    verb: str
    job: str
    once: str
    guild: str | None = None

    @property
    def custom_id(self) -> str:
        """Its name on Discord."""
        return f"sora+{_dotted(self.verb)}:{self.job}{_at(self.guild)}:{self.once}"


def press_of(button: Button, guild: str | None, mark: str | None) -> Press:
    """What one of the core's buttons becomes."""
    what = button.args.get(about(button.verb), NOBODY)
    return Press(button.verb, what, button.asks, guild, mark)


def about(verb: str) -> str:
    """The argument of a verb that stands in a button's name."""
    if verb == AGREED:
        return "quote"
    shaped = verb_named(verb)
    return "request" if shaped and shaped.param("request") else "job"


def press_named(custom_id: str) -> Press | None:
    """The button of that name; None when it is not one of ours."""
    found = BUTTON.fullmatch(custom_id)
    if found is None:
        return None
    verb = found["verb"].replace(".", " ")
    return Press(verb, found["job"], found["asks"], found["guild"], found["mark"])


def dialog_named(custom_id: str) -> Dialog | None:
    """The dialog of that name; None when it is not one of ours."""
    found = DIALOG.fullmatch(custom_id)
    if found is None:
        return None
    return Dialog(found["verb"].replace(".", " "), found["job"], found["once"], found["guild"])


def nonce_of(key: str) -> str:
    """The nonce of a message, as it is or, when too long, as its fingerprint."""
    if len(key) <= MAX_NONCE:
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:MAX_NONCE]


def mark_of(key: str) -> str:
    """What the buttons of a message carry, so that it is found after its nonce was forgotten."""
    return hashlib.sha256(key.encode()).hexdigest()[:_MARK_CHARS]


def _dotted(verb: str) -> str:
    return verb.replace(" ", ".")


def _at(guild: str | None) -> str:
    return f"@{guild}" if guild else ""
