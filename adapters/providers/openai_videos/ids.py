"""Ids that carry more than a name. Pure.

LiteLLM keeps no jobs: an id of its is Base64 of fields such as ``video_id:…``, and the field
``model_id`` is what leads later requests to the right account. Some answers lack it.
"""

from __future__ import annotations

import base64

_PREFIX = "video_"
_PROVIDER, _MODEL, _VIDEO = "litellm:custom_llm_provider:", "model_id:", "video_id:"
_PACKED = (_PROVIDER, _MODEL, _VIDEO)


def unpacked(name: str) -> tuple[str, ...] | None:
    """The fields of a packed id, each with its own name before it; None when it is a plain one."""
    if not name.startswith(_PREFIX):
        return None
    body = name.removeprefix(_PREFIX).rstrip("=")
    try:
        text = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode()
    except ValueError:
        return None
    fields = tuple(text.split(";"))
    heads = zip(fields, _PACKED, strict=False)
    whole = len(fields) >= len(_PACKED) and all(field.startswith(head) for field, head in heads)
    return fields if whole else None


def packed(fields: tuple[str, ...]) -> str:
    """The id with these fields."""
    return _PREFIX + base64.b64encode(";".join(fields).encode()).decode()


def led_home(name: str, source: str) -> str:
    """The id of a job that was made from the job `source`, so that it leads to the same account.

    What it lacks is taken from there: all of it, or only the model. Both stay as they are when
    nothing is known.
    """
    origin, own = unpacked(source), unpacked(name)
    if origin is None:
        return name
    if own is None:
        return packed((origin[0], origin[1], _VIDEO + name, *origin[3:]))
    if own[1] != _MODEL or own[0] != origin[0]:
        return name
    return packed((own[0], origin[1], own[2], *(own[3:] or origin[3:])))
