"""Luma's Agents API: Ray 3.2, priced by the clip, with links that live for an hour.

Source: docs.agents.lumalabs.ai (video generation, error handling, rate limits, FAQ) and SDK
luma-agents 0.5.0, read in November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.providers.refusals import Json, as_list, refusal_in
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    bare,
    dropped,
    id_of,
    lines_of,
    ratio_of,
)
from adapters.providers.values import at, link_at, read_status, read_time
from bot.domain.jobs import JobState, Reference
from bot.errors import Billing, Moderated
from bot.ports import Capabilities, SubmitRequest

_GRID = 24
"""Places for keyframes in a second, the last one included."""
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
    which no catalogue can say: a remix is a new clip, told all that was said before. It can go on
    with one at the usual price, but then gives the five new seconds alone: that is no extension.
    References are for its pictures only, and there is no sound. Nothing stops or removes a job.
    """

    name = "luma"
    url = "https://agents.lumalabs.ai/v1"
    kinds = MappingProxyType({"content_moderated": Moderated, "budget_exhausted": Billing})
    capabilities = Capabilities(takes_last=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /generations. Keyframes, unlike start and end frames, go with ten seconds too."""
        ends = {0: pictures.first, wish.seconds * _GRID: pictures.last}
        frames = {place: bare(one) for place, one in ends.items() if one}
        shown = [{"data": data, "media_type": "image/jpeg"} for data in frames.values()]
        video = {
            "resolution": lines_of(wish.size),
            "duration": f"{wish.seconds}s",
            "keyframes": shown or None,
            "keyframe_indexes": list(frames) or None,
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
