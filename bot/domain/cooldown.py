"""Much the same prompt refused again and again: a hint, and a moment to think about it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.domain.jobs import Failure, Job
from bot.domain.lineage import own_words
from bot.domain.retry import MINUTE

IN_A_ROW = 3
"""Orders refused one after the other that give the hint."""
WITHIN = 10 * MINUTE
"""Ms from the end of the first of them to that of the last."""
LOOKED_AT = 16
"""Ended jobs of a person that may belong to the last three orders."""
_PIECE = 3
"""Letters of a piece of a prompt: a measure that needs no spaces between words."""
_ALIKE = 0.5
"""Share of the pieces of the shorter prompt that is in the longer one."""


def is_stuck(ended: Sequence[Job]) -> bool:
    """Whether the last orders of a person were refused by content rules, and much alike.

    `ended` are their jobs that ended, the newest first; the videos of one order count once.
    """
    orders = list({job.interaction: job for job in reversed(ended)}.values())[-IN_A_ROW:]
    if len(orders) < IN_A_ROW or any(job.failure is not Failure.MODERATED for job in orders):
        return False
    ends = [job.finished_at or job.updated_at for job in orders]
    alike = all(are_alike(own_words(a), own_words(b)) for a, b in pairwise(orders))
    return alike and max(ends) - min(ends) <= WITHIN


def cool_until(ended: Sequence[Job], pause: int) -> int:
    """When who is stuck may order again (ms), `pause` ms after the last refusal; else 0."""
    if not is_stuck(ended):
        return 0
    return (ended[0].finished_at or ended[0].updated_at) + pause


def are_alike(one: str, other: str) -> bool:
    """Whether two prompts share most of their words, in whatever order."""
    first, second = _pieces(one), _pieces(other)
    shorter = min(len(first), len(second))
    return one == other or (shorter > 0 and len(first & second) >= _ALIKE * shorter)


def _pieces(prompt: str) -> frozenset[str]:
    text = " ".join(prompt.lower().split())
    return frozenset(text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1))
