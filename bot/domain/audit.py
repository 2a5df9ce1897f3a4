"""What admins did and what others tried: each record is written once and never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.refs import Person

MAX_TEXT = 300
"""Characters kept of each text of a record."""


class Outcome(StrEnum):
    """What came of a try."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does as an admin: who, with which verb of the grammar, and why.

    `interaction` names the request, so that the same one twice is one deed. `whom` is what the
    person or role that it is about is called, where that was said.
    """

    person: Person
    verb: str
    interaction: str
    reason: str = ""
    whom: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a deed changes. Empty is nothing: `before` of something new, `after` of what is gone.

    `subject` is a person's id, or whatever else the verb is about, as `Rule.subject` has it.
    Both others are values as one would type them: ``20 videos per week``, ``pause``.
    """

    subject: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the audit. `at` is ms, `whom` and `interaction` as in `Deed`.

    Of a refused deed, `after` is what was wished, and `reason` the name of the refusal's class.
    """

    actor: Person
    verb: str
    change: Change
    reason: str
    at: int
    outcome: Outcome = Outcome.DONE
    whom: str = ""
    interaction: str = field(default="", compare=False)
    """Empty: it may be written any number of times."""


def done(deed: Deed, change: Change, at: int) -> Record:
    """The record of a deed that came about."""
    return _record(deed, change, deed.reason[:MAX_TEXT], at, Outcome.DONE)


def refused(deed: Deed, wish: Change, why: str, at: int) -> Record:
    """The record of a deed that was refused; nothing changed."""
    return _record(deed, wish, why, at, Outcome.REFUSED)


def _record(deed: Deed, change: Change, why: str, at: int, outcome: Outcome) -> Record:
    short = _short(change)
    return Record(deed.person, deed.verb, short, why, at, outcome, deed.whom, deed.interaction)


def _short(change: Change) -> Change:
    return Change(change.subject[:MAX_TEXT], change.before[:MAX_TEXT], change.after[:MAX_TEXT])
