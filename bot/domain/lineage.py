"""Families of videos: who changed whose, and the words in which a change is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.jobs import Job, Operation
from bot.domain.refs import Person
from bot.domain.styles import Style, added_by, styled

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


def style_of(job: Job) -> Style | None:
    """The style that a backend is told with a job.

    One that changes the video itself is told only what somebody asked for, not what a channel has.
    """
    style = job.spec.style
    changes = job.operation is Operation.REMIX and job.sent_prompt is None
    return None if style and changes and not style.asked else style


def own_words(job: Job) -> str:
    """The person's prompt with its style, without those of the videos before it."""
    return styled(job.spec.prompt, style_of(job))


def told(job: Job) -> str:
    """All the words that a backend is told."""
    return own_words(job) if job.sent_prompt is None else job.sent_prompt


def unstyled(words: str, styles: Iterable[Style]) -> str:
    """Words that were sent, as people may read them: without what styles added."""
    for style in styles:
        words = words.replace(added_by(style), "")
    return words


def merged(before: str, change: str) -> str:
    """Words for a backend that cannot change a video: what it showed, then what is different.

    What is too long loses its beginning, never the change.
    """
    tail = f"\n\nChange: {change}"
    return (before[: MAX_WORDS - len(tail)] + tail)[-MAX_WORDS:]
