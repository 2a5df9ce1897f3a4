"""OpenRouter's video API: one key, models of many makers, prices in its answers.

Source: openrouter.ai's documentation of video generation and its SDK 1.3.84, read in November 2026.
For `previous_job_id` the SDK alone; how many references a model takes, nobody says.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from adapters.providers.refusals import Json, refusal_in
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    check_apart,
    data_url,
    dropped,
    id_of,
    word_of,
)
from adapters.providers.values import (
    at,
    link_at,
    read_cost,
    read_progress,
    read_status,
    read_time,
    usable_id,
)
from bot.domain.jobs import JobState, Reference
from bot.errors import Billing, JobNotFound, Moderated
from bot.ports import Capabilities, SubmitRequest

_MOST = 9
"""References that the most willing of its models takes."""
_LINKS = ("urls.0", "unsigned_urls.0")
"""Signed ones need no key; the others are OpenRouter's own and do."""


class OpenRouter(Wire):
    """Jobs are named by ``id``: the address to ask at follows from it. ``model`` is for remixes.

    A finished job can be gone on with by its id, where its model allows it. Nothing says how an
    edit is told from an extension: the words are what they are, so none is sold as an extension.
    """

    name = "openrouter"
    url = "https://openrouter.ai/api/v1"
    kinds = MappingProxyType({"402": Billing, "403": Moderated})
    capabilities = Capabilities(
        remixes=True, takes_last=True, references=_MOST, switches_sound=True
    )

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /videos. Beside frames it would drop references without a word."""
        check_apart(pictures)
        fields = {
            "model": wish.model,
            "prompt": wish.prompt,
            "duration": wish.seconds,
            "size": str(wish.size),
            "frame_images": _frames(pictures) or None,
            "input_references": [_picture(one) for one in pictures.references] or None,
            "generate_audio": wish.sound,
            "callback_url": wish.webhook_url or None,
        }
        return Ask("POST", "/videos", dropped(fields))

    def remix(self, parent: Reference, prompt: str, webhook_url: str = "") -> Ask:
        """POST /videos with the job that it begins with; its shape and length are that one's."""
        model, name = word_of(parent, "model"), usable_id(parent.get("id"))
        if not (model and name):
            raise JobNotFound("the job has no model or no usable id")
        fields = {
            "model": model,
            "prompt": prompt,
            "previous_job_id": name,
            "callback_url": webhook_url or None,
        }
        return Ask("POST", "/videos", dropped(fields))

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """``id``, and the model, which a remix has to say again."""
        kept = super().made(data, sent)
        return dropped({**kept, "model": at(sent.json, "model")}) if kept else None

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


def _frames(pictures: Pictures) -> list[dict[str, Any]]:
    named = {"first_frame": pictures.first, "last_frame": pictures.last}
    return [{**_picture(one), "frame_type": name} for name, one in named.items() if one]


def _picture(image: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(image)}}
