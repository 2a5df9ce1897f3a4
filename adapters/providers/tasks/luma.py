"""Luma's Agents API: Ray 3.2, priced by the clip, with links that live for an hour.

Source: docs.agents.lumalabs.ai (video generation, error handling, rate limits, FAQ) and SDK
luma-agents 0.5.0, read in November 2026.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType

from adapters.providers.refusals import Json, as_list, refusal_in
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    dropped,
    id_of,
    lines_of,
    ratio_of,
)
from adapters.providers.values import at, link_at, read_status, read_time
from bot.domain.jobs import JobState, Reference
from bot.errors import Billing, Moderated
from bot.ports import Capabilities, SubmitRequest

_CHARGED: Mapping[str, bool] = {
    "content_moderated": False,
    "generation_failed": False,
    "output_not_found": False,
    "budget_exhausted": True,
}
"""What is given back by the FAQ; a part may be kept where the money ran out on the way."""


class Luma(Wire):
    """Jobs are named by ``id`` alone; each question makes new links.

    It can change a finished clip by its name, but at more than three times the price of a new one,
    which no catalogue can say: a remix is a new clip, told all that was said before. Nothing stops
    or removes a job.
    """

    name = "luma"
    url = "https://agents.lumalabs.ai/v1"
    kinds = MappingProxyType({"content_moderated": Moderated, "budget_exhausted": Billing})
    capabilities = Capabilities()

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /generations. A keyframe at 0, unlike a start frame, goes with ten seconds too."""
        image = pictures.first
        data = base64.b64encode(image).decode() if image else ""
        video = {
            "resolution": lines_of(wish.size),
            "duration": f"{wish.seconds}s",
            "keyframes": [{"data": data, "media_type": "image/jpeg"}] if image else None,
            "keyframe_indexes": [0] if image else None,
        }
        fields = {
            "model": wish.model,
            "type": "video",
            "prompt": wish.prompt,
            "aspect_ratio": ratio_of(wish.size),
            "video": dropped(video),
        }
        return Ask("POST", "/generations", fields)

    def question(self, reference: Reference) -> Ask:
        """GET /generations/{id}."""
        return Ask("GET", f"/generations/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A generation, also in the answer to a create."""
        if not isinstance(data.get("state"), str):
            return None
        refusal = refusal_in(
            {"code": data.get("failure_code"), "message": data.get("failure_reason")}
        )
        outputs = as_list(data.get("output"))
        links = [link_at(one, "url") for one in outputs if at(one, "type") in (None, "video")]
        return Told(
            read_status(data["state"], {}, JobState.RENDERING),
            refusal=refusal,
            links=tuple(link for link in links if link),
            created_at=read_time(data.get("created_at")),
            charged=_CHARGED.get(refusal.code),
        )
