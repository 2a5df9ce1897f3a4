"""Creates of which nobody knows what became: what was found out so far, and how they can end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.jobs import Job, JobState

SURE_AFTER = 24 * 60 * 60_000
"""Age (ms) from which an admin's word is taken although the backend cannot be asked."""
_PREFIX = "lookup:later:"


class Look(StrEnum):
    """What a look at a backend's list says of a job."""

    FOUND = "found"
    """One that can only be it."""
    NOTHING = "nothing"
    """None like it that is not taken."""
    SEVERAL = "several"
    """Some that may be it, or another one's."""
    SILENT = "silent"
    """The backend could not be asked."""
    IMPOSSIBLE = "impossible"
    """The backend lists nothing."""


def kept(look: Look) -> str:
    """How a look in vain stands in a job's history."""
    return f"{_PREFIX}{look}"


def look_in(why: str) -> Look | None:
    """The look that a line of a job's history is about."""
    if why == "lookup:impossible":
        return Look.IMPOSSIBLE
    return Look(why.removeprefix(_PREFIX)) if why.startswith(_PREFIX) else None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A job whose create got no clear answer, since then (ms); `last_at` is of the last look."""

    job: Job
    since: int
    looks: int = 0
    last: Look | None = None
    last_at: int | None = None


def known_of(job: Job, history: Sequence[tuple[int, str, str]]) -> Unknown:
    """What a job's history, as (at, state, why), says of the time that its outcome is unknown."""
    before = [state for _, state, _ in history]
    while before and before[-1] == JobState.SUBMIT_UNKNOWN:
        before.pop()
    lines = history[len(before) :]
    since = lines[0][0] if lines else job.updated_at
    looks = [(at, look) for at, _, why in lines if (look := look_in(why))]
    at, last = looks[-1] if looks else (None, None)
    return Unknown(job, since, len(looks), last, at)


class Verdict(StrEnum):
    """What an admin says that became of a create."""

    NOT_MADE = "not-made"
    """Nothing was made: the credits go back."""
    CHARGED = "charged"
    """The backend took its money for nothing: the credits go back, the workspace bears it."""


def verdict_in(text: str) -> Verdict | None:
    """The verdict that somebody typed: ``not made``, ``Charged``; None when it is none."""
    word = "-".join(text.lower().replace("-", " ").split())
    return Verdict(word) if word in set(Verdict) else None


class Answer(StrEnum):
    """What came of a wish to settle a job."""

    ADOPTED = "adopted"
    """The backend has it; it goes on."""
    ENDED = "ended"
    """As the admin said."""
    NOTHING = "nothing"
    """Nothing like it was found; nothing changed, nor does it with the ones below."""
    SEVERAL = "several"
    SILENT = "silent"
    IMPOSSIBLE = "impossible"
    TAKEN = "taken"
    """That video belongs to another job."""
    ABSENT = "absent"
    """The backend knows none of that name."""
    OLDER = "older"
    """It was made before this one was asked for."""


CHANGING = frozenset({Answer.ADOPTED, Answer.ENDED})
"""Answers after which the job is unknown no more."""
_OF_LOOKS = {
    Look.NOTHING: Answer.NOTHING,
    Look.SEVERAL: Answer.SEVERAL,
    Look.SILENT: Answer.SILENT,
    Look.IMPOSSIBLE: Answer.IMPOSSIBLE,
}


def answer_to(verdict: Verdict | None, look: Look, age: int) -> Answer:
    """What a look in vain means for a wish; `age` is ms since the create was sent.

    Without a verdict nothing ends. What may be there is first to be told apart, and a backend that
    is silent is asked again, but not for ever.
    """
    silent = look is Look.SILENT and age < SURE_AFTER
    if verdict is None or silent or look is Look.SEVERAL:
        return _OF_LOOKS[look]
    return Answer.ENDED


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of it: the job as it is now, and backend ids that the answer is about."""

    job: Job
    answer: Answer
    verdict: Verdict | None = None
    names: tuple[str, ...] = ()
    unasked: bool = False
    """The backend could not be asked before."""
