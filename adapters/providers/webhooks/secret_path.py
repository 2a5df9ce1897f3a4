"""Who signs nothing: Kling, Krea, Higgsfield, and Gemini where a create names the address.

All that can be seen is that the sender knows an address which nobody else was told. Sources: the
pages of these backends, 2026-11.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from adapters.providers.webhooks.messages import (
    Body,
    Message,
    News,
    Refusal,
    object_of,
    text_in,
    within,
)

HEADERS: tuple[str, ...] = ()
_NAMES = ("task_id", "job_id", "request_id", "id")
"""Where names of jobs are: of Kling, Krea, Higgsfield, Gemini."""
_STATES = ("task_status", "status")
UNDER_WAY = frozenset(
    {"submitted", "pending", "queued", "processing", "in_progress", "running", "scheduled"}
)
"""Words for a job that is not over: some tell each step, and no step is worth a question."""


def read(trusted: Sequence[str], message: Message, now: int) -> News | Refusal:  # noqa: ARG001 - no time is signed
    """See `schemes.Read`. It must name a job, for nothing else makes it a message."""
    given = message.secret.encode("utf-8", "replace")
    if not any(hmac.compare_digest(one.encode(), given) for one in trusted if one):
        return Refusal.NOT_SIGNED
    body = object_of(message.body)
    if body is None:
        return Refusal.NONSENSE
    places = (within(body, "data"), body)
    name = _first(places, _NAMES)
    if not name:
        return Refusal.NONSENSE
    is_over = _first(places, _STATES).lower() not in UNDER_WAY
    return News(message.digest, name if is_over else None)


def _first(places: Sequence[Body], names: Sequence[str]) -> str:
    found = (text_in(place, name) for place in places for name in names)
    return next((text for text in found if text), "")
