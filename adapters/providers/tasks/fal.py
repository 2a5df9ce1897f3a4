"""fal's queue: one key, models of many makers, each at a path of its own.

Source: fal.ai's documentation of its inference API, its errors and its models
(``/models/{model}/llms.txt``), fal-client 1.0.3, and the types of inputs in @fal-ai/client 1.10.1,
read in November 2026. Status, result and cancel are asked at owner and app of a model, without what
follows them; the addresses in answers say the same and are not used.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from adapters.providers.refusals import Json, Refusal, as_list, refusal_in
from adapters.providers.tasks.families import Family, input_of, route_of
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire, id_of, word_of
from adapters.providers.values import link_at, read_status, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import JobNotFound
from bot.ports import Capabilities, SubmitRequest

_FIRST_ERROR, _FIRST_FAULT, _NOT_TAKEN = 400, 500, 422
_NAMESPACES = frozenset({"workflows", "comfy"})
"""First steps of a path that belong to no owner."""
_AUDIO, _END, _IMAGES = "generate_audio", "end_image_url", "image_urls"
_VEO = Family("veo3.1/", "{}s", last="last_frame_url", paired="first_frame_url", sound=_AUDIO)
_KLING = Family(
    "kling-video/v3",
    "{}",
    lines=None,
    framed=False,
    frame="start_image_url",
    last=_END,
    sound=_AUDIO,
)
_FAMILIES = (
    Family("gemini-omni-flash/v1.2", references=_IMAGES, most=10, heard=True),
    Family("gemini-omni-flash", heard=True),
    Family("minimax/h3", lines={"720p": "768P", "480p": "480P"}, framed=False, heard=True),
    Family("pika"),
    Family("sora-2"),
    replace(_VEO, word="veo3.1/fast"),
    replace(_VEO, word="veo3.1/lite"),
    replace(_VEO, word="veo3.1", references=_IMAGES, most=3),
    Family("veo3", "{}s", sound=_AUDIO),
    Family("veo", "{}s"),
    _KLING,
    replace(_KLING, word="kling-video/v2.6"),
    replace(_KLING, word="kling-video/o1", references=_IMAGES, most=7, sound=None),
    replace(_KLING, word="kling-video/o3", frame="image_url", references=_IMAGES, most=4),
    replace(_KLING, word="kling-video/v4", lines={}, sound=None),
    Family("kling-video/v2.5-turbo/pro", "{}", lines=None, framed=False, last="tail_image_url"),
    Family("kling-video", "{}", lines=None, framed=False),
    Family("hailuo-02/", "{}", lines=None, ratio=False, last=_END),
    Family("hailuo", "{}", lines=None, ratio=False),
    Family("seedance-2.0", "{}", last=_END, references=_IMAGES, most=9, sound=_AUDIO),
    Family("seedance/v1.5", "{}", last=_END, sound=_AUDIO),
    Family("seedance/v1/lite", "{}", last=_END, references="reference_image_urls", most=4),
    Family("seedance/v1/pro/fast", "{}"),
    Family("seedance/v1", "{}", last=_END),
    Family("grok-imagine-video", references="reference_image_urls", most=7),
    Family("", "{}"),
)


class Fal(Wire):
    """A request that failed is completed, too: its result is the error."""

    name = "fal"
    url = "https://queue.fal.run"
    prefix = "Key "
    capabilities = Capabilities(cancels=True, takes_last=True, references=10, switches_sound=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /{model}, or the route beside it that takes pictures."""
        path = quote(route_of(_FAMILIES, wish.model, pictures))
        told_at = {"fal_webhook": wish.webhook_url} if wish.webhook_url else {}
        return Ask("POST", f"/{path}", input_of(_FAMILIES, wish, pictures), params=told_at)

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """The id of the request, and the app that it is asked at."""
        name = usable_id(data.get("request_id"))
        steps = sent.path.strip("/").split("/")
        app = "/".join(steps[: 3 if steps[0] in _NAMESPACES else 2])
        return {"id": name, "app": app} if name else None

    def question(self, reference: Reference) -> Ask:
        """GET …/status."""
        return Ask("GET", f"{_request(reference)}/status")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A status; what became of a completed request, only its result says."""
        if not isinstance(data.get("status"), str):
            return None
        refusal = refusal_in({"error": data.get("error"), "error_type": data.get("error_type")})
        if refusal.type == "client_cancelled":
            return Told(JobState.CANCELLED, charged=False)
        state = read_status(data["status"], {}, JobState.RENDERING)
        more = Ask("GET", _request(reference)) if state is JobState.FETCHING else None
        return Told(state, refusal=refusal, more=more)

    def result(self, status: int, data: Json, told: Told) -> Told | None:
        """The model's output, or its own error with its own status."""
        if status < _FIRST_ERROR:
            return _output(data)
        refusal = refusal_in(data)
        if not (_says(told.refusal) or _is_of_the_request(status, data)):
            return None
        why = refusal if _says(refusal) else told.refusal
        return Told(JobState.FAILED, refusal=why, charged=_is_charged(status))

    def cancel(self, reference: Reference) -> Ask:
        """PUT …/cancel."""
        return Ask("PUT", f"{_request(reference)}/cancel")


def _request(reference: Reference) -> str:
    name, app = id_of(reference), word_of(reference, "app")
    if not app:
        raise JobNotFound("the job has no app")
    return f"/{app}/requests/{name}"


def _output(data: Json) -> Told | None:
    """A finished request; one without a video is paid like any other."""
    if not data:
        return None
    link = link_at(data, "video.url") or link_at(data, "videos.0.url")
    if link:
        return Told(JobState.FETCHING, links=(link,))
    return Told(JobState.FAILED, refusal=Refusal(message="no video came"), charged=True)


def _says(refusal: Refusal) -> bool:
    return bool(refusal.type or refusal.message)


def _is_of_the_request(status: int, data: Json) -> bool:
    """Whether an error is that of the request, and not of the question about it."""
    typed = as_list(data.get("detail")) or data.get("error_type")
    return status == _NOT_TAKEN or bool(typed)


def _is_charged(status: int) -> bool | None:
    """Faults of theirs are free; an input that a model refused may have cost its time."""
    if status >= _FIRST_FAULT:
        return False
    return True if status == _NOT_TAKEN else None
