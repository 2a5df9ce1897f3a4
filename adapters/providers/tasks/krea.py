"""Krea's API: models of many makers, each at a path of its own, jobs at one.

Source: docs.krea.ai (job lifecycle, rate limits, billing, models) and the API's description of
August 2026, read in November 2026. A first frame must be an address there, so none can be sent.
"""

from __future__ import annotations

from types import MappingProxyType
from urllib.parse import quote

from adapters.providers.refusals import Json, refusal_in
from adapters.providers.tasks.families import Family, input_of
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire, id_of
from adapters.providers.values import at, link_at, read_status, read_time, usable_id
from bot.domain.jobs import JobState, Reference
from bot.ports import Capabilities, SubmitRequest

_STATES = MappingProxyType({"backlogged": JobState.QUEUED})
_LINKS = ("result.urls.0", "result.video_url")
_FAMILIES = (
    Family("kling/", lines=None),
    Family("hailuo-", lines={"720p": "768p", "540p": "512p"}, ratio=False),
    Family("hailuo", seconds=None, lines=None, ratio=False),
    Family("wan-2.1", seconds=None, lines=None, sides=True),
    Family("wan-2.2", seconds=None, lines=None, sides=True),
    Family("ray-2", seconds=None, lines=None, sides=True),
    Family("veo-2", lines=None),
    Family("ltx-video", lines=None),
    Family("runway/gen-3", lines=None),
    Family("runway/", lines=None, pixels=True),
    Family(""),
)
"""Fields that a model does not know are refused."""


class Krea(Wire):
    """What failed or was cancelled is not billed. Jobs above the limit wait in a backlog."""

    name = "krea"
    url = "https://api.krea.ai"
    capabilities = Capabilities(cancels=True, takes_image=False)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /generate/video/{maker}/{model}."""
        path = f"/generate/video/{quote(wish.model)}"
        told_at = {"X-Webhook-URL": wish.webhook_url} if wish.webhook_url else {}
        return Ask("POST", path, input_of(_FAMILIES, wish, pictures), told_at)

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """The id of the job."""
        name = usable_id(data.get("job_id"))
        return {"id": name} if name else None

    def question(self, reference: Reference) -> Ask:
        """GET /jobs/{id}."""
        return Ask("GET", f"/jobs/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A job object; its error stands in it or in its result."""
        if not isinstance(data.get("status"), str):
            return None
        links = [link for path in _LINKS if (link := link_at(data, path))]
        return Told(
            read_status(data["status"], _STATES, JobState.RENDERING),
            refusal=refusal_in({"error": data.get("error") or at(data, "result.error")}),
            links=tuple(links),
            created_at=read_time(data.get("created_at")),
        )

    def cancel(self, reference: Reference) -> Ask:
        """DELETE /jobs/{id}."""
        return Ask("DELETE", f"/jobs/{id_of(reference)}")
