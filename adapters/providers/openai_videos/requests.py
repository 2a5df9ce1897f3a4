"""Our wishes as requests of the contract: fields, forms and paths. Strict in what it sends."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from adapters.providers.openai_videos.profile import Profile
from adapters.providers.values import usable_id
from bot.domain.jobs import Reference
from bot.errors import JobNotFound
from bot.ports import SubmitRequest

Form = list[tuple[str, Any]]


def id_of(reference: Reference) -> str:
    """The id in a reference; raises `JobNotFound` when it was never one of ours."""
    name = usable_id(reference.get("id"))
    if name is None:
        raise JobNotFound("the job has no usable id")
    return name


def path_of(template: str, name: str = "") -> str:
    """A path with the id put in; whatever the id holds stays inside its segment."""
    return template.replace("{id}", quote(name, safe=""))


def create_body(profile: Profile, wish: SubmitRequest, image: bytes | None) -> dict[str, Any]:
    """The ``json`` or ``files`` of a create, by the profile's encoding."""
    fields: dict[str, Any] = {
        **profile.extra_fields,
        "model": wish.model,
        "prompt": wish.prompt,
        "seconds": str(wish.seconds),
        "size": str(wish.size),
    }
    as_file = image is not None and profile.image == "file"
    if profile.encoding == "multipart" or as_file:
        return {"files": _form(fields, image if as_file else None)}
    if profile.seconds == "number":
        fields["seconds"] = wish.seconds
    if image is not None:
        fields["input_reference"] = {"image_url": _data_url(image)}
    return {"json": fields}


def _form(fields: dict[str, Any], image: bytes | None) -> Form:
    """Every field as a part of its own, the picture as a file."""
    form: Form = [(name, (None, value)) for name, value in fields.items()]
    if image is not None:
        form.append(("input_reference", ("first-frame.jpg", image, "image/jpeg")))
    return form


def _data_url(image: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(image).decode()


def remix_body(prompt: str) -> dict[str, Any]:
    """A remix takes everything but the prompt from its source."""
    return {"json": {"prompt": prompt}}


def extend_body(name: str, prompt: str, seconds: int) -> dict[str, Any]:
    """An extension names its source inside the body."""
    return {"json": {"video": {"id": name}, "prompt": prompt, "seconds": str(seconds)}}
