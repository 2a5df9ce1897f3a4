"""Families of videos: who changed whose, and the words in which a change is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.jobs import Job, Operation
from bot.domain.refs import Person

MAX_WORDS = 32_000
"""Characters of a prompt that backends take."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom a remix owes something: who made the video that it changes, and who the first one.

    `operation` is how it was made of that.
    """

    parent: Person
    root: Person
    operation: Operation = Operation.REMIX


def same_account(job: Job, parent: Job) -> bool:
    """Whether a backend that made `parent` is the one that `job` goes to."""
    ours, theirs = job.offer, parent.offer
    return (ours.provider, ours.account, ours.base_url) == (
        theirs.provider,
        theirs.account,
        theirs.base_url,
    )


def is_emulated(job: Job) -> bool:
    """Whether a backend that cannot change a video was told all of it anew."""
    return job.operation is Operation.REMIX and job.sent_prompt is not None


def merged(before: str, change: str) -> str:
    """Words for a backend that cannot change a video: what it showed, then what is different.

    What is too long loses its beginning, never the change.
    """
    tail = f"\n\nChange: {change}"
    return (before[: MAX_WORDS - len(tail)] + tail)[-MAX_WORDS:]
