"""What native APIs of the simulator refuse before they look at values."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Collection

from PIL import Image, UnidentifiedImageError

from adapters.providers.refusals import as_list, as_object
from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.native.front import Json, text_at
from adapters.providers.values import at


def check_names(fields: Json, needed: Collection[str], others: Collection[str] = ()) -> None:
    """Raises `ApiError` when a field is missing, or is there and unknown."""
    for name in needed:
        if fields.get(name) is None:
            raise ApiError(400, f"{name} is required", code="invalid_input", param=name)
    for name in fields:
        if name not in needed and name not in others:
            raise ApiError(400, f"{name[:100]} is not known", code="invalid_input", param=name)


def one_of(fields: Json, path: str, allowed: Collection[str], default: str = "") -> str:
    """The text at a path, which must be one of these; raises `ApiError`."""
    value = text_at(fields, path, default)
    if value not in allowed:
        text = f"{path} must be one of {', '.join(allowed)}"
        raise ApiError(400, text, code="invalid_input", param=path)
    return value


def object_at(fields: Json, path: str) -> Json:
    """The object at a path; empty when there is none. Raises `ApiError`."""
    value = at(fields, path)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ApiError(400, f"{path} must be an object", code="invalid_input", param=path)
    return value  # pyright: ignore[reportUnknownVariableType]  # a JSON object's keys are strings


def list_at(fields: Json, path: str) -> list[Json]:
    """The objects in the list at a path; empty when there is none. Raises `ApiError`."""
    value = at(fields, path)
    if value is None:
        return []
    items = as_list(value)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in items):
        text = f"{path} must be a list of objects"
        raise ApiError(400, text, code="invalid_input", param=path)
    return [dict(as_object(one)) for one in items]


def flag_at(fields: Json, path: str) -> bool | None:
    """Yes or no at a path; None when nothing is there. Raises `ApiError`."""
    value = at(fields, path)
    if value is not None and not isinstance(value, bool):
        raise ApiError(400, f"{path} must be a boolean", code="invalid_input", param=path)
    return value


def sides_of_picture(text: str) -> tuple[int, int] | None:
    """Width and height of a picture in bare base64; None when it cannot be read."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True))) as picture:
            return picture.size
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None


def texts_at(fields: Json, path: str) -> tuple[str, ...]:
    """The texts of a list; none when there is no list. Raises `ApiError`."""
    value = at(fields, path)
    items = as_list(value)
    texts = tuple(one for one in items if isinstance(one, str))
    if value is not None and (not items or len(texts) < len(items)):
        raise ApiError(400, f"{path} must be a list of texts", code="invalid_input", param=path)
    return texts
