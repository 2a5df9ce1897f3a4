"""Gemini Omni by Google's Interactions API: a video is changed by talking on about it.

Source: ai.google.dev's page on Omni of 2026-07-30, google-genai 3.3.0; read in November 2026. Its
page of September 2026 for frames, references and extensions; what an extension brings, and that two
pictures may be frames, from measurements that integrators published in the same month.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from adapters.providers.refusals import Json, Refusal, as_list, as_object, refusal_in
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    bare,
    check_apart,
    check_pair,
    id_of,
    lines_of,
    ratio_of,
    word_of,
)
from adapters.providers.values import at, link_at, read_status, read_time, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import JobNotFound, Moderated, Unsupported
from bot.ports import Capabilities, SubmitRequest

_MOST = 6
"""References; where a model takes fewer, the catalogue says so."""
_MORE = range(3, 11)
"""Seconds that can be added at a time."""
_GO_ON = "Extend this video: "
"""What tells an extension from a change: a later turn may name no task."""
_USUAL = "720p"
"""What is made when no resolution is named."""
_BLOCKED = re.compile(
    r"\bsafety\b|\bblocked\b|responsible[ _]ai|prohibited|polic(y|ies)\b", re.IGNORECASE
)
_FILE = re.compile(r"files/([A-Za-z0-9_-]{1,100})(?:[:/?]|\Z)")
_STOPPED = {"requires_continuation": JobState.FAILED}
_NO_FILE = frozenset({403, 404, 410})
"""Of a file that is gone, Google says that one may not see it."""


class Gemini(Wire):
    """A job is an interaction; its file is one of the Files API, for 48 hours.

    Pictures have no names: one or two are frames by the task, or all are references. There is
    always sound.
    """

    name = "gemini"
    url = "https://generativelanguage.googleapis.com/v1beta"
    header = "x-goog-api-key"
    prefix = ""
    kinds = MappingProxyType(dict.fromkeys(("prohibited_content", "blocklist"), Moderated))
    capabilities = Capabilities(
        remixes=True, extends=True, deletes=True, cancels=True, takes_last=True, references=_MOST
    )

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /interactions."""
        check_pair(pictures)
        check_apart(pictures)
        frames = tuple(one for one in (pictures.first, pictures.last) if one)
        shown = [_image(one) for one in frames or pictures.references]
        words = {"type": "text", "text": wish.prompt}
        fields = {
            "model": wish.model,
            "input": [*shown, words] if shown else wish.prompt,
            "generation_config": {"video_config": {"task": _task(pictures)}},
        }
        lines = lines_of(wish.size).lower()
        form = {"aspect_ratio": ratio_of(wish.size), "resolution": lines}
        fields |= _told_at(wish.webhook_url)
        return _ask(fields, {**form, "duration": f"{wish.seconds}s"})

    def remix(self, parent: Reference, prompt: str, webhook_url: str = "") -> Ask:
        """POST /interactions: the next turn of the parent's talk, in its shape and length."""
        return _turn(parent, prompt, webhook_url, {})

    def extend(self, parent: Reference, prompt: str, seconds: int, webhook_url: str = "") -> Ask:
        """POST /interactions: the next turn; its length is what is added, and all of it comes."""
        if seconds not in _MORE:
            raise Unsupported(f"this backend adds {_MORE[0]} to {_MORE[-1]} seconds")
        return _turn(parent, _GO_ON + prompt, webhook_url, {"duration": f"{seconds}s"})

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """``id``, and what a remix has to say again."""
        kept, lines = super().made(data, sent), at(sent.json, "response_format.resolution")
        more = {"model": at(sent.json, "model"), "resolution": lines or _USUAL}
        return {**kept, **more} if kept else None

    def question(self, reference: Reference) -> Ask:
        """GET /interactions/{id}."""
        return Ask("GET", f"/interactions/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """An interaction; its video is a file of Google's or stands in it."""
        if not isinstance(data.get("status"), str):
            return None
        state = read_status(data["status"], _STOPPED, JobState.RENDERING)
        told = Told(state, refusal=_why(data), created_at=read_time(data.get("created")))
        return _finished(data, told) if state is JobState.FETCHING else told

    def result(self, status: int, data: Json, told: Told) -> Told | None:
        """A file: it can be had once it is ``ACTIVE``."""
        state = data.get("state")
        if status in _NO_FILE:
            return replace(told, state=JobState.EXPIRED, more=None)
        if not isinstance(state, str) or told.more is None:
            return None
        if state == "ACTIVE":
            return replace(told, content=f"{told.more.path}:download?alt=media", more=None)
        ended = JobState.FAILED if state == "FAILED" else JobState.RENDERING
        return replace(told, state=ended, refusal=_read(data), more=None)

    def cancel(self, reference: Reference) -> Ask:
        """POST /interactions/{id}/cancel."""
        return Ask("POST", f"/interactions/{id_of(reference)}/cancel")

    def delete(self, reference: Reference) -> Ask:
        """DELETE /interactions/{id}."""
        return Ask("DELETE", f"/interactions/{id_of(reference)}")


def _task(pictures: Pictures) -> str:
    if pictures.references:
        return "reference_to_video"
    return "image_to_video" if pictures.first else "text_to_video"


def _image(image: bytes) -> dict[str, str]:
    return {"type": "image", "data": bare(image), "mime_type": "image/jpeg"}


def _turn(parent: Reference, words: str, told_at: str, form: Mapping[str, str]) -> Ask:
    """The next turn of the parent's talk; raises `JobNotFound` when there was none."""
    model, name = word_of(parent, "model"), usable_id(parent.get("id"))
    if not (model and name):
        raise JobNotFound("the job has no model or no usable id")
    lines = word_of(parent, "resolution") or _USUAL
    finer = {} if lines == _USUAL else {"resolution": lines}
    fields = {"model": model, "previous_interaction_id": name, "input": words}
    return _ask({**fields, **_told_at(told_at)}, {**finer, **form})


def _told_at(url: str) -> dict[str, Any]:
    return {"webhook_config": {"uris": [url]}} if url else {}


def _ask(fields: Mapping[str, Any], form: Mapping[str, str]) -> Ask:
    """A create in the background, kept so that it can be asked and talked on about."""
    video = {"type": "video", **form, "delivery": "uri"}
    whole = {**fields, "response_format": video, "background": True, "store": True}
    return Ask("POST", "/interactions", whole)


def _finished(data: Json, told: Told) -> Told:
    """Where the video of a completed interaction is.

    One that shows nothing yet is known to get it later; one that only talks has none.
    """
    content = list(_output(data))
    link = next((link for part in content if (link := link_at(part, "uri"))), "")
    inline = next((part["data"] for part in content if isinstance(part.get("data"), str)), "")
    if file := _FILE.search(link):
        return replace(told, more=Ask("GET", f"/files/{file[1]}"), refusal=Refusal())
    if link or inline:
        return replace(told, links=tuple(filter(None, [link])), inline=inline, refusal=Refusal())
    talk = next((part["text"] for part in content if isinstance(part.get("text"), str)), "")
    why = told.refusal if told.refusal != Refusal() else _blamed(refusal_in(talk))
    state = JobState.RENDERING if why == Refusal() else JobState.FAILED
    return replace(told, state=state, refusal=why)


def _output(data: Json) -> Iterator[Json]:
    """What the model gave out, part by part."""
    for step in as_list(data.get("steps")):
        if at(step, "type") == "model_output":
            yield from (as_object(part) for part in as_list(at(step, "content")))


def _why(data: Json) -> Refusal:
    """Why an interaction failed: said of it as a whole, or of a step."""
    found = (_read(as_object(one)) for one in (data, *as_list(data.get("steps"))))
    return next((one for one in found if one != Refusal()), Refusal())


def _read(data: Json) -> Refusal:
    given = {name: data[name] for name in ("error", "errors") if data.get(name)}
    return _blamed(refusal_in(given)) if given else Refusal()


def _blamed(refusal: Refusal) -> Refusal:
    """The filters of content are known by their words alone."""
    return replace(refusal, code="safety") if _BLOCKED.search(refusal.message) else refusal
