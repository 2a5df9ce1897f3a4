"""fal's queue: one key, models of many makers, each at a path of its own.

Source: fal.ai's documentation of its inference API, its errors and its models
(``/models/{model}/llms.txt``), and fal-client 1.0.3, read in November 2026. Status, result and
cancel are asked at owner and app of a model, without what follows them; the addresses in answers
say the same and are not used.
"""

from __future__ import annotations

from urllib.parse import quote

from adapters.providers.refusals import Json, Refusal, as_list, refusal_in
from adapters.providers.tasks.families import Family, input_of
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire, id_of, word_of
from adapters.providers.values import link_at, read_status, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import JobNotFound
from bot.ports import Capabilities, SubmitRequest

_FIRST_ERROR, _FIRST_FAULT, _NOT_TAKEN = 400, 500, 422
_NAMESPACES = frozenset({"workflows", "comfy"})
"""First steps of a path that belong to no owner."""
_BEGINS_WITH_WORDS, _BEGINS_WITH_PICTURE = "text-to-video", "image-to-video"
_FAMILIES = (
    Family("gemini-omni-flash"),
    Family("minimax/h3", lines={"720p": "768P", "480p": "480P"}, framed=False),
    Family("pika"),
    Family("sora-2"),
    Family("veo", "{}s"),
    Family("kling-video/v3", "{}", lines=None, framed=False, frame="start_image_url"),
    Family("kling-video/v4", "{}", framed=False, frame="start_image_url"),
    Family("kling-video", "{}", lines=None, framed=False),
    Family("hailuo", "{}", lines=None, ratio=False),
    Family("", "{}"),
)


class Fal(Wire):
    """A request that failed is completed, too: its result is the error."""

    name = "fal"
    url = "https://queue.fal.run"
    prefix = "Key "
    capabilities = Capabilities(cancels=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /{model}."""
        image = pictures.first
        path = quote(_endpoint(wish.model, image))
        told_at = {"fal_webhook": wish.webhook_url} if wish.webhook_url else {}
        return Ask("POST", f"/{path}", input_of(_FAMILIES, wish, image), params=told_at)

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


def _endpoint(model: str, image: bytes | None) -> str:
    """What begins with a picture is beside what begins with words, or below it."""
    if image is None or _BEGINS_WITH_PICTURE in model:
        return model
    return f"{model.removesuffix(_BEGINS_WITH_WORDS).rstrip('/')}/{_BEGINS_WITH_PICTURE}"


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
