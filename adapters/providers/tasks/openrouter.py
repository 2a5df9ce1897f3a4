"""OpenRouter's video API: one key, models of many makers, prices in its answers.

Source: openrouter.ai's documentation of video generation and its SDK 1.3.84, read in November 2026.
"""

from __future__ import annotations

from types import MappingProxyType

from adapters.providers.refusals import Json, refusal_in
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire, data_url, dropped, id_of
from adapters.providers.values import (
    link_at,
    read_cost,
    read_progress,
    read_status,
    read_time,
)
from bot.domain.jobs import JobState, Reference
from bot.errors import Billing, Moderated
from bot.ports import Capabilities, SubmitRequest

_LINKS = ("urls.0", "unsigned_urls.0")
"""Signed ones need no key; the others are OpenRouter's own and do."""


class OpenRouter(Wire):
    """Jobs are named by ``id`` alone: the address to ask at follows from it."""

    name = "openrouter"
    url = "https://openrouter.ai/api/v1"
    kinds = MappingProxyType({"402": Billing, "403": Moderated})
    capabilities = Capabilities()

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /videos."""
        image = pictures.first
        frame = {"type": "image_url", "image_url": {"url": data_url(image)}} if image else None
        fields = {
            "model": wish.model,
            "prompt": wish.prompt,
            "duration": wish.seconds,
            "size": str(wish.size),
            "frame_images": [{**frame, "frame_type": "first_frame"}] if frame else None,
            "callback_url": wish.webhook_url or None,
        }
        return Ask("POST", "/videos", dropped(fields))

    def models(self) -> Ask:
        """GET /videos/models."""
        return Ask("GET", "/videos/models")

    def question(self, reference: Reference) -> Ask:
        """GET /videos/{id}."""
        return Ask("GET", f"/videos/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A job object; its error is a sentence."""
        if not isinstance(data.get("status"), str):
            return None
        links = [link for path in _LINKS if (link := link_at(data, path))]
        return Told(
            read_status(data["status"], {}, JobState.RENDERING),
            read_progress(data.get("progress")),
            refusal_in({"error": data.get("error")}),
            tuple(links),
            f"/videos/{id_of(reference)}/content?index=0",
            cost_micros=read_cost(data),
            created_at=read_time(data.get("created_at")),
        )
