"""Families of videos: who changed whose, and the words in which a change is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.jobs import Job, Offer, Operation
from bot.domain.refs import Person
from bot.domain.styles import Style, added_by, styled

MAX_WORDS = 32_000
"""Characters of a prompt that backends take."""
LONGEST = 120
"""Seconds of a video with all that was added to it."""
MOST_ADDED = 6
"""Times that a video is extended, one after the other."""
OF_ANOTHER = frozenset({Operation.REMIX, Operation.EXTEND})
"""What a backend may do itself with a video that it has."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom a remix owes something: who made the video that it changes, and who the first one.

    `operation` is how it was made of that.
    """

    parent: Person
    root: Person
    operation: Operation = Operation.REMIX


def same_account(ours: Offer, parent: Job) -> bool:
    """Whether an offer is of the backend that made `parent`."""
    theirs = parent.offer
    return (ours.provider, ours.account, ours.base_url) == (
        theirs.provider,
        theirs.account,
        theirs.base_url,
    )


def has_whole(offer: Offer, parent: Job) -> bool:
    """Whether an offer is of the backend that made all of the video of `parent`."""
    return bool(parent.reference) and same_account(offer, parent) and not is_joined(parent)


def is_of_another(job: Job) -> bool:
    """Whether it changes or extends a video, itself or in words."""
    return job.operation in OF_ANOTHER


def is_native(job: Job) -> bool:
    """Whether the backend itself changes or extends the video, once the job was let through."""
    return is_of_another(job) and job.sent_prompt is None


def is_emulated(job: Job) -> bool:
    """Whether a backend that does not change or extend a video was told all of it in words."""
    return is_of_another(job) and job.sent_prompt is not None


def is_joined(job: Job) -> bool:
    """Whether its video is what a backend made with the one before it, joined by us."""
    return job.operation is Operation.EXTEND and job.sent_prompt is not None


def style_of(job: Job) -> Style | None:
    """The style that a backend is told with a job.

    One that changes the video itself is told only what somebody asked for, not what a channel has.
    """
    style = job.spec.style
    return None if style and is_native(job) and not style.asked else style


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
    return _ended(before, f"\n\nChange: {change}")


def continued(before: str, more: str) -> str:
    """Words for a clip that begins with the last picture of another: what came before, what comes.

    What is too long loses its beginning, never what comes.
    """
    return _ended(before, f"\n\nThen: {more}")


def told_after(before: str, parent: Job, job: Job, words: str) -> str:
    """All words down to `parent`, and then those of `job`, which are `words` with their style.

    What goes on in the same words is told them once.
    """
    if job.operation is not Operation.EXTEND:
        return merged(before, words)
    if job.spec.prompt == parent.spec.prompt:
        return _ended(before, words.removeprefix(job.spec.prompt))
    return continued(before, words)


def _ended(before: str, tail: str) -> str:
    return (before[: MAX_WORDS - len(tail)] + tail)[-MAX_WORDS:]
