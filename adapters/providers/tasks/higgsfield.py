"""Higgsfield's API: models of many makers, each at a path of its own, requests at one.

Source: docs.higgsfield.ai (requests, errors, rate limits), the API's description of July 2026 and
both official clients (Python 0.2.0, whose base is api.higgsfield.ai), read in November 2026.
Pictures must be public addresses there, so they are put where it says first, as its clients do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

from adapters.providers.refusals import Json, as_object, refusal_in
from adapters.providers.tasks.families import Family, input_of, route_of
from adapters.providers.tasks.wire import Ask, Pictures, Place, Told, Wire, id_of
from adapters.providers.values import link_at, read_status, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import Billing, RateLimited
from bot.ports import Capabilities, SubmitRequest

_JPEG = "image/jpeg"
_BARE = {"480p": "480", "720p": "720", "1080p": "1080"}
_END, _IMAGES, _AUDIO = "end_image_url", "image_urls", "generate_audio"
_VEO = Family(
    "veo3.1/fast",
    "{}",
    lines=_BARE,
    last="last_frame_url",
    paired="first_frame_url",
    sound=_AUDIO,
)
_FAMILIES = (
    _VEO,
    replace(_VEO, word="veo3.1", references=_IMAGES, most=3),
    Family("veo", "{}", lines=_BARE),
    Family("/dop/", seconds=None, lines=None, ratio=False, routed=False, last=_END),
    Family("seedance/v1", lines=_BARE),
    Family("seedance-2", sound=_AUDIO),
    Family("kling", lines=None, framed=False),
    Family("hailuo-02/", lines=None, ratio=False, last=_END),
    Family("hailuo", lines=None, ratio=False),
    Family("wan", ratio=False),
    Family(""),
)
_SIGNED = re.compile(r"content-type|x-[a-z-]+", re.IGNORECASE)
"""Headers that a place for a file may want."""


class Higgsfield(Wire):
    """What failed or was moderated is not billed. Only what still waits can be cancelled.

    The same create under the same ``Idempotency-Key`` is one request, whoever repeats it on its
    way. Nothing can be asked for by that key, and no create is ever sent again from here: it helps
    against what stands in between alone.

    The key is ``KEY:SECRET``. An empty account is a 403, a model that rests a while a 423.
    """

    name = "higgsfield"
    url = "https://platform.higgsfield.ai"
    prefix = "Key "
    kinds = MappingProxyType({"http_403": Billing, "http_423": RateLimited})
    uploads = True
    capabilities = Capabilities(cancels=True, takes_last=True, references=3, switches_sound=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /{model}, or the route beside it that takes pictures."""
        told_at = {"hf_webhook": wish.webhook_url} if wish.webhook_url else {}
        named = {"Idempotency-Key": wish.name} if wish.name else {}
        fields = input_of(_FAMILIES, wish, pictures)
        path = quote(route_of(_FAMILIES, wish.model, pictures))
        return Ask("POST", f"/{path}", fields, named, told_at)

    def upload(self, image: bytes) -> Ask:
        """POST /files/generate-upload-url."""
        return Ask("POST", "/files/generate-upload-url", {"content_type": _JPEG})

    def uploaded(self, data: Json) -> Place | None:
        """A place for the file, at another host, and what it is called from then on."""
        link, put = link_at(data, "public_url"), link_at(data, "upload_url")
        wanted = as_object(data.get("upload_headers"))
        signed = {k: v for k, v in wanted.items() if _SIGNED.fullmatch(k) and isinstance(v, str)}
        return Place(link, put, {"content-type": _JPEG, **_lower(signed)}) if link and put else None

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """The id of the request."""
        name = usable_id(data.get("request_id"))
        return {"id": name} if name else None

    def question(self, reference: Reference) -> Ask:
        """GET /requests/{id}/status."""
        return Ask("GET", f"/requests/{id_of(reference)}/status")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A status, at the end with the file."""
        if not isinstance(data.get("status"), str):
            return None
        link = link_at(data, "video.url") or link_at(data, "videos.0.url")
        return Told(
            read_status(data["status"], {}, JobState.RENDERING),
            refusal=refusal_in({"error": data.get("error")}),
            links=(link,) if link else (),
        )

    def cancel(self, reference: Reference) -> Ask:
        """POST /requests/{id}/cancel."""
        return Ask("POST", f"/requests/{id_of(reference)}/cancel")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that can be sent, each once whatever its capitals."""
    return {k.lower(): v for k, v in headers.items() if v.isascii() and v.isprintable()}
