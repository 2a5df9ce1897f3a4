"""What our buttons and dialogs carry: a verb and a job, so that they work for ever.

A wish that admins decide on, or an order that waits for a yes, stands in the place of the job.

    sora:cancel:k7qm2x9d4t                  a button
    sora:remix?prompt:k7qm2x9d4t@123~5f0c   asks first; pressed in private for workspace 123
    sora:retry:k7qm2x9d4t!seconds=4         what else it says, as in the address of a page
    sora+compose:-:1183…                    a dialog; its last part makes it one of a kind

Everything is in the name, nothing in memory: a restart changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from bot.commands.grammar import AGREED, verb_named
from bot.domain.messages import Button

NOBODY = "-"
"""In place of a job, where there is none."""
MAX_NAME = 100
"""Characters of a name that Discord takes."""
LONGEST_ONCE = 20
"""Characters of the interaction that makes a dialog one of a kind."""
MAX_NONCE = 25
"""Characters of a nonce that Discord takes."""
_MARK_CHARS = 8

_TAIL = r"(?P<job>[0-9a-z-]{1,20})(?:@(?P<guild>\d{1,20}))?"
_MORE = r"(?:!(?P<more>[!-~]+))?"
BUTTON = re.compile(
    rf"sora:(?P<verb>[a-z.]+)(?:\?(?P<asks>[a-z]+))?:{_TAIL}(?:~(?P<mark>[0-9a-f]{{{_MARK_CHARS}}}))?"
    rf"{_MORE}"
)
DIALOG = re.compile(rf"sora\+(?P<verb>[a-z.]+):{_TAIL}:(?P<once>[0-9]+){_MORE}")

More = tuple[tuple[str, str], ...]
"""Arguments beside the job, by name."""


@dataclass(frozen=True, slots=True)
class Press:
    """What a button means. `guild` is the workspace of a button in a private message.

    `mark` tells the message that it stands on from all others; see `mark_of`. `more` are arguments
    beside the job, by name.
    """

    verb: str
    job: str
    asks: str | None = None
    guild: str | None = None
    mark: str | None = None
    more: More = ()

    @property
    def args(self) -> dict[str, str]:
        """What it is about, as the core names it."""
        return _args(self.verb, self.job, self.more)

    @property
    def custom_id(self) -> str:
        """Its name on Discord."""
        asks = f"?{self.asks}" if self.asks else ""
        mark = f"~{self.mark}" if self.mark else ""
        return (
            f"sora:{_dotted(self.verb)}{asks}:{self.job}{_at(self.guild)}{mark}{_also(self.more)}"
        )

    @property
    def fits(self) -> bool:
        """Whether Discord takes its name, and that of the dialog that it opens."""
        longer = LONGEST_ONCE if self.asks else 0
        return len(self.custom_id) + longer <= MAX_NAME


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a dialog will do when it is sent. `once` is the interaction that opened it.

    `more` as in `Press`.
    """

    verb: str
    job: str
    once: str
    guild: str | None = None
    more: More = ()

    @property
    def args(self) -> dict[str, str]:
        """What it is about, as the core names it."""
        return _args(self.verb, self.job, self.more)

    @property
    def custom_id(self) -> str:
        """Its name on Discord."""
        place = f"{self.job}{_at(self.guild)}:{self.once}"
        return f"sora+{_dotted(self.verb)}:{place}{_also(self.more)}"


def press_of(button: Button, guild: str | None, mark: str | None) -> Press:
    """What one of the core's buttons becomes."""
    name = about(button.verb)
    more = tuple((key, value) for key, value in button.args.items() if key != name)
    what = button.args.get(name, NOBODY)
    return Press(button.verb, what, button.asks, guild, mark, more)


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
    more = _more_in(found)
    return Press(verb, found["job"], found["asks"], found["guild"], found["mark"], more)


def dialog_named(custom_id: str) -> Dialog | None:
    """The dialog of that name; None when it is not one of ours."""
    found = DIALOG.fullmatch(custom_id)
    if found is None:
        return None
    verb = found["verb"].replace(".", " ")
    return Dialog(verb, found["job"], found["once"], found["guild"], _more_in(found))


def nonce_of(key: str) -> str:
    """The nonce of a message, as it is or, when too long, as its fingerprint."""
    if len(key) <= MAX_NONCE:
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:MAX_NONCE]


def mark_of(key: str) -> str:
    """What the buttons of a message carry, so that it is found after its nonce was forgotten."""
    return hashlib.sha256(key.encode()).hexdigest()[:_MARK_CHARS]


def _args(verb: str, job: str, more: More) -> dict[str, str]:
    return dict(more) if job == NOBODY else {about(verb): job} | dict(more)


def _also(more: More) -> str:
    return f"!{urlencode(more)}" if more else ""


def _more_in(found: re.Match[str]) -> More:
    return tuple(parse_qsl(found["more"] or "", keep_blank_values=True))


def _dotted(verb: str) -> str:
    return verb.replace(" ", ".")


def _at(guild: str | None) -> str:
    return f"@{guild}" if guild else ""
