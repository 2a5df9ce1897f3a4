"""xAI's video API: Grok Imagine, with prices in its answers.

Source: docs.x.ai's guide and reference of videos, xai-sdk 1.21.0; read in November 2026.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from adapters.providers.refusals import (
    Json,
    Refusal,
    as_object,
    kind_by_words,
    refusal_in,
)
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    data_url,
    dropped,
    id_of,
    lines_of,
    ratio_of,
)
from adapters.providers.values import link_at, read_cost, read_progress, read_status, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import Billing, Moderated
from bot.ports import Capabilities, SubmitRequest

_BLOCKED = "moderation_blocked"


class XAI(Wire):
    """Jobs are named by ``request_id``. A changed video needs the link of the first: no remix."""

    name = "xai"
    url = "https://api.x.ai/v1"
    kinds = MappingProxyType({"personal_team_blocked:spending_limit": Billing})
    capabilities = Capabilities()

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /videos/generations."""
        image = pictures.first
        fields = {
            "model": wish.model,
            "prompt": wish.prompt,
            "duration": wish.seconds,
            "aspect_ratio": ratio_of(wish.size),
            "resolution": lines_of(wish.size).lower(),
            "image": {"url": data_url(image)} if image else None,
        }
        return Ask("POST", "/videos/generations", dropped(fields))

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """Its ``request_id``."""
        name = usable_id(data.get("request_id"))
        return {"id": name} if name else None

    def question(self, reference: Reference) -> Ask:
        """GET /videos/{request_id}."""
        return Ask("GET", f"/videos/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A job; one that waits may be told by its name alone, a finished one by its link."""
        link, status = link_at(data, "video.url"), data.get("status")
        if not (isinstance(status, str) or link or usable_id(data.get("request_id"))):
            return None
        unsaid = JobState.FETCHING if link else JobState.QUEUED
        state, cost = read_status(status, {}, unsaid), read_cost(data)
        why = _why(data, state)
        # Work that was made and then held back is paid for: its price stands beside it.
        charged = True if why != Refusal() and cost else None
        return Told(
            state,
            read_progress(data.get("progress")),
            why,
            tuple(filter(None, [link])),
            cost_micros=cost,
            charged=charged,
        )


def _why(data: Json, state: JobState) -> Refusal:
    """Why there is no video; what was finished may be held back by the rules of content."""
    video = as_object(data.get("video"))
    if state is JobState.FETCHING and video.get("respect_moderation") is False:
        return Refusal(code=_BLOCKED, message="the video does not respect the rules of content")
    if state is not JobState.FAILED:
        return Refusal()
    refusal = refusal_in({"error": data.get("error")})
    # Such a failure may be called "permission_denied" too.
    blocked = kind_by_words(refusal) is Moderated
    return replace(refusal, type=_BLOCKED) if blocked else refusal
