"""Replicate: models of many makers behind one API of predictions; each has inputs of its own.

Source: replicate.com's HTTP API and pages on predictions, the schemas of its video models
(``/{owner}/{name}/api/schema``), and its Python client 1.0.7; read in November 2026. Pictures may
be data URLs there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

from adapters.providers.refusals import Json, Refusal, refusal_in
from adapters.providers.tasks.families import Family, input_of
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire, id_of
from adapters.providers.values import link_at, read_status, read_time, text_of
from bot.domain.jobs import JobState, Reference
from bot.errors import BadCredentials, ModelRetired
from bot.ports import Capabilities, SubmitRequest

_SMALL = MappingProxyType({"4K": "4k"})
_AUDIO, _SEEN = "generate_audio", "reference_images"
_VEO = Family("google/veo-3.1-fast", lines=_SMALL, frame="image", last="last_frame", sound=_AUDIO)
_KLING = Family("kwaivgi/kling-v3", lines=_SMALL, frame="start_image", last="end_image")
_MODES = MappingProxyType({"720p": "standard", "1080p": "pro"})
_FAMILIES = (
    _VEO,
    Family("google/veo-3.1-", lines=_SMALL, frame="image"),
    replace(_VEO, word="google/veo-3.1", references=_SEEN, most=3, seen_in=("16:9", 8)),
    Family(
        "bytedance/seedance-2.0",
        lines=_SMALL,
        frame="image",
        last="last_frame_image",
        references=_SEEN,
        most=9,
        sound=_AUDIO,
    ),
    replace(
        _KLING,
        word="kwaivgi/kling-v3-omni-video",
        lines=_MODES,
        lined="mode",
        references=_SEEN,
        most=7,
        sound=_AUDIO,
    ),
    replace(_KLING, word="kwaivgi/kling-v3-video", lines=_MODES, lined="mode", sound=_AUDIO),
    replace(
        _KLING,
        word="kwaivgi/kling-o1",
        lines={**_MODES, "720p": "std"},
        lined="mode",
        references=_SEEN,
        most=7,
    ),
    replace(_KLING, word="kwaivgi/kling-v2.5-turbo-pro"),
    replace(_KLING, word="kwaivgi/kling-v1.6-pro", references=_SEEN, most=4),
    replace(_KLING, word="kwaivgi/", last=None),
    Family("luma/", lines=_SMALL, frame="start_image"),
    Family("minimax/hailuo-02", lines=_SMALL, frame="first_frame_image", last="last_frame_image"),
    Family("minimax/", lines=_SMALL, frame="first_frame_image"),
    Family("", lines=_SMALL, frame="image"),
)
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
    capabilities = Capabilities(cancels=True, takes_last=True, references=9, switches_sound=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /models/{owner}/{name}/predictions, or /predictions with a version."""
        name, _, version = wish.model.partition(":")
        owner, slash, short = name.partition("/")
        body = {"input": input_of(_FAMILIES, wish, pictures), **_told_at(wish)}
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
