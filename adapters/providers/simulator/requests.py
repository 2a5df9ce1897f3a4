"""Reads what clients send, as strictly as the official service did."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from adapters.providers.simulator.answers import ApiError, invalid, missing, no_such_model
from adapters.providers.simulator.settings import SimulatorSettings

MAX_PROMPT = 32_000
MAX_IMAGE_URL = 20_971_520
_CREATE = frozenset({"prompt", "model", "seconds", "size", "input_reference", "characters"})
_FORMATS = ("JPEG", "PNG", "WEBP")

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """A valid create. `image` is the reference as PNG of exactly the wanted size."""

    prompt: str
    model: str
    width: int
    height: int
    seconds: int
    image: bytes | None


async def read_fields(request: Request, *, takes_json: bool = True) -> Fields:
    """The fields of a JSON or multipart body; files come as bytes."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form() as form:
            return {name: await _value(part) for name, part in form.multi_items()}
    if kind == "application/json" and takes_json:
        return _parsed(await request.body())
    raise ApiError(400, f"Unsupported content type: '{kind}'.", code="unsupported_content_type")


async def _value(part: UploadFile | str) -> str | bytes:
    return part if isinstance(part, str) else await part.read()


def _parsed(body: bytes) -> Fields:
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise ApiError(400, "We could not parse the JSON body of your request.")
    return fields  # pyright: ignore[reportUnknownVariableType]  # a JSON object's keys are strings


def read_create(fields: Fields, settings: SimulatorSettings) -> Wish:
    """The wish in the fields of a create; raises `ApiError`."""
    if odd := sorted(name for name in fields if name.partition("[")[0] not in _CREATE):
        text = f"Unknown parameter: '{odd[0][:100]}'."
        raise ApiError(400, text, code="unknown_parameter", param=odd[0][:100])
    prompt = read_prompt(fields)
    model = _text(fields, "model", "sora-2")
    if model in settings.retired_models or model not in settings.models:
        raise no_such_model(model)
    size = _one_of(fields, "size", settings.models[model], "720x1280")
    seconds = _one_of(fields, "seconds", settings.seconds, "4")
    width, height = (int(side) for side in size.split("x"))
    image = _image(fields, (width, height))
    return Wish(prompt, model, width, height, int(seconds), image)


def read_prompt(fields: Fields) -> str:
    """The prompt, 1 to 32,000 characters; raises `ApiError`."""
    if "prompt" not in fields:
        raise missing("prompt")
    prompt = _text(fields, "prompt", "")
    if not 1 <= len(prompt) <= MAX_PROMPT:
        text = f"Invalid 'prompt': expected 1 to {MAX_PROMPT} characters, got {len(prompt)}."
        raise ApiError(400, text, code="invalid_length", param="prompt")
    return prompt


def read_extension(fields: Fields, settings: SimulatorSettings) -> int:
    """Seconds of the new part; raises `ApiError`."""
    if "seconds" not in fields:
        raise missing("seconds")
    return int(_one_of(fields, "seconds", settings.seconds, ""))


def read_video_id(fields: Fields) -> str:
    """The id in ``video: {id}``, or in the form key that stands for it; raises `ApiError`."""
    video = fields.get("video", fields.get("video[id]"))
    if isinstance(video, bytes):
        text = "Editing uploaded videos is limited to eligible customers."
        raise ApiError(403, text, code="not_eligible", param="video")
    if isinstance(video, Mapping):
        video = video.get("id")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # checked next
    if not isinstance(video, str):
        raise missing("video")
    return video


def _text(fields: Fields, name: str, default: str) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        text = f"Invalid type for '{name}': expected a string, but got something else instead."
        raise ApiError(400, text, code="invalid_type", param=name)
    return value


def _one_of(fields: Fields, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = _text(fields, name, default)
    if value not in allowed:
        raise invalid(name, value, ", ".join(f"'{one}'" for one in allowed))
    return value


# --- the reference picture ----------------------------------------------------------------------


def _image(fields: Fields, size: tuple[int, int]) -> bytes | None:
    given = fields.get("input_reference")
    if given is None:
        return None
    data = given if isinstance(given, bytes) else _from_object(given)
    return _checked(data, size)


def _from_object(given: object) -> bytes:
    """``{"image_url": …}`` or ``{"file_id": …}``; only data URLs are looked at here."""
    keys: set[str] = set(given) if isinstance(given, Mapping) else set()  # pyright: ignore[reportUnknownArgumentType]  # JSON keys are strings
    if len(keys & {"image_url", "file_id"}) != 1 or not isinstance(given, Mapping):
        raise _bad_reference("Provide exactly one of 'image_url' or 'file_id'.")
    url = given.get("image_url")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # checked next
    if not isinstance(url, str):
        raise _bad_reference("The simulator keeps no uploaded files.")
    if len(url) > MAX_IMAGE_URL:
        raise _bad_reference("The image URL is too long.")
    head, comma, body = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64") and comma):
        raise _bad_reference("The simulator opens data URLs only.")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise _bad_reference("The data URL is damaged.") from error


def _checked(data: bytes, size: tuple[int, int]) -> bytes:
    """The picture as PNG; its size is compared before it is unpacked."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.size != size:
                text = "Inpaint image must match the requested width and height"
                raise ApiError(400, text, param="input_reference")
            out = io.BytesIO()
            picture.convert("RGB").save(out, "PNG", compress_level=1)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        text = "Invalid image file: only JPEG, PNG and WebP are supported."
        raise _bad_reference(text) from error


def _bad_reference(text: str) -> ApiError:
    return ApiError(400, text, code="invalid_value", param="input_reference")
