"""Replicate: models of many makers behind one API of predictions; each has inputs of its own.

Source: replicate.com's HTTP API and pages on predictions, the pages of its video models, and its
Python client 1.0.7; read in November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

from adapters.providers.refusals import Json, Refusal, refusal_in
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
from adapters.providers.values import link_at, read_status, read_time, text_of
from bot.domain.jobs import JobState, Reference
from bot.errors import BadCredentials, ModelRetired
from bot.ports import Capabilities, SubmitRequest

_FRAMES: Mapping[str, str] = MappingProxyType(
    {"kwaivgi": "start_image", "luma": "start_image", "minimax": "first_frame_image"}
)
"""What makers call the first frame; with all others it is ``image``."""
_ENDED = {"aborted": JobState.CANCELLED}
_LINKS = ("output", "output.0", "output.video", "output.url")
_BLOCKED = re.compile(r"\bE005\b|flagged|\bnsfw\b|\bsensitive\b|\bsafety\b", re.IGNORECASE)
"""Failures are told in words alone."""
_PERCENT = re.compile(r"^\s*(\d{1,3})%\s*\|", re.MULTILINE)
_MOST, _TAIL = 100_000, 2000
_FULL = 100


class Replicate(Wire):
    """Models are ``owner/name`` or ``owner/name:version``, or a version alone.

    What a prediction gave out is deleted after an hour.
    """

    name = "replicate"
    url = "https://api.replicate.com/v1"
    kinds = MappingProxyType(
        {"invalid_version_or_not_permitted": ModelRetired, "unauthenticated": BadCredentials}
    )
    capabilities = Capabilities(cancels=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /models/{owner}/{name}/predictions, or /predictions with a version."""
        image = pictures.first
        name, _, version = wish.model.partition(":")
        owner, slash, short = name.partition("/")
        fields = {
            "prompt": wish.prompt,
            "duration": wish.seconds,
            "aspect_ratio": ratio_of(wish.size),
            "resolution": lines_of(wish.size).lower(),
            _FRAMES.get(owner, "image"): data_url(image) if image else None,
        }
        body = {"input": dropped(fields), **_told_at(wish)}
        if version or not slash:
            return Ask("POST", "/predictions", {"version": version or name, **body})
        path = f"/models/{quote(owner, safe='')}/{quote(short, safe='')}/predictions"
        return Ask("POST", path, body)

    def question(self, reference: Reference) -> Ask:
        """GET /predictions/{id}."""
        return Ask("GET", f"/predictions/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A prediction; its output is a link or a list of them."""
        if not isinstance(data.get("status"), str):
            return None
        state = read_status(data["status"], _ENDED, JobState.RENDERING)
        links = [link for path in _LINKS if (link := link_at(data, path))]
        if state is JobState.FETCHING and not links and data.get("data_removed") is True:
            state = JobState.EXPIRED
        return Told(
            state,
            _percent(data),
            _why(data) if state is JobState.FAILED else Refusal(),
            tuple(links),
            created_at=read_time(data.get("created_at")),
        )

    def cancel(self, reference: Reference) -> Ask:
        """POST /predictions/{id}/cancel."""
        return Ask("POST", f"/predictions/{id_of(reference)}/cancel")


def _told_at(wish: SubmitRequest) -> Json:
    """Where the end is told, and nothing before it."""
    if not wish.webhook_url:
        return {}
    return {"webhook": wish.webhook_url, "webhook_events_filter": ["completed"]}


def _percent(data: Json) -> int | None:
    """What the last bar in the logs shows."""
    logs = text_of(data.get("logs"), _MOST) or ""
    bars = _PERCENT.findall(logs[-_TAIL:])
    return min(_FULL, int(bars[-1])) if bars else None


def _why(data: Json) -> Refusal:
    refusal = refusal_in({"error": data.get("error")})
    return replace(refusal, code="nsfw") if _BLOCKED.search(refusal.message) else refusal
