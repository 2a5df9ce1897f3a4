"""Krea's API: models of many makers, each at a path of its own, jobs at one.

Source: docs.krea.ai (job lifecycle, rate limits, billing, models) and the API's description of
August 2026, read in November 2026. Pictures must be addresses there, so they are made assets first,
which stay in the account until somebody deletes them there.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

from adapters.providers.refusals import Json, refusal_in
from adapters.providers.tasks.families import Family, input_of
from adapters.providers.tasks.wire import Ask, Pictures, Place, Told, Wire, id_of
from adapters.providers.values import at, link_at, read_status, read_time, usable_id
from bot.domain.jobs import JobState, Reference
from bot.ports import Capabilities, SubmitRequest

_STATES = MappingProxyType({"backlogged": JobState.QUEUED})
_LINKS = ("result.urls.0", "result.video_url")
_END, _SEEN, _AUDIO = "end_image", "reference_images", "generate_audio"
_HAILUO_LINES = {"720p": "768p", "540p": "512p"}
_FAMILY = Family("", frame="start_image")
_KLING = replace(_FAMILY, word="kling/", lines=None, last=_END)
_SIDES = replace(_FAMILY, seconds=None, lines=None, sides=True)
_FAMILIES = (
    replace(_KLING, word="kling/kling-2.6", sound=_AUDIO),
    replace(_KLING, word="kling/kling-3.0", sound=_AUDIO),
    _KLING,
    replace(
        _FAMILY, word="hailuo-", lines={"720p": "768p", "540p": "512p"}, ratio=False, last=_END
    ),
    replace(_FAMILY, word="hailuo", seconds=None, lines=None, ratio=False),
    replace(_SIDES, word="wan-2.1", last=_END),
    replace(_SIDES, word="wan-2.2"),
    replace(_FAMILY, word="wan-2.5", sound=_AUDIO),
    replace(_SIDES, word="ray-2"),
    replace(_FAMILY, word="veo-2", lines=None),
    replace(_FAMILY, word="veo-3.1-lite", last=_END),
    replace(_FAMILY, word="veo-3.1", last=_END, references=_SEEN, most=3, sound=_AUDIO),
    replace(_FAMILY, word="veo-3", sound=_AUDIO),
    replace(_FAMILY, word="seedance-1.0-pro-fast"),
    replace(_FAMILY, word="seedance-1.0-pro", last=_END, references=_SEEN, most=4),
    replace(_FAMILY, word="grok-video", references=_SEEN, most=7),
    replace(_FAMILY, word="ltx-video", lines=None, last=_END, sound=_AUDIO),
    replace(_FAMILY, word="runway/gen-3", lines=None),
    replace(_FAMILY, word="runway/", lines=None, pixels=True),
    _FAMILY,
)
"""Fields that a model does not know are refused."""


class Krea(Wire):
    """What failed or was cancelled is not billed. Jobs above the limit wait in a backlog."""

    name = "krea"
    url = "https://api.krea.ai"
    uploads = True
    capabilities = Capabilities(cancels=True, takes_last=True, references=7, switches_sound=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /generate/video/{maker}/{model}."""
        path = f"/generate/video/{quote(wish.model)}"
        told_at = {"X-Webhook-URL": wish.webhook_url} if wish.webhook_url else {}
        return Ask("POST", path, input_of(_FAMILIES, wish, pictures), told_at)

    def upload(self, image: bytes) -> Ask:
        """POST /assets, with the file itself."""
        return Ask("POST", "/assets", file=image)

    def uploaded(self, data: Json) -> Place | None:
        """An asset."""
        link = link_at(data, "image_url")
        return Place(link) if link else None

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
