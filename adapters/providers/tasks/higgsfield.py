"""Higgsfield's API: models of many makers, each at a path of its own, requests at one.

Source: docs.higgsfield.ai (requests, errors, rate limits), the API's description of July 2026 and
both official clients (Python 0.2.0, whose base is api.higgsfield.ai), read in November 2026. A
first frame must be a public address there, so none can be sent.
"""

from __future__ import annotations

from types import MappingProxyType
from urllib.parse import quote

from adapters.providers.refusals import Json, refusal_in
from adapters.providers.tasks.families import Family, input_of
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire, id_of
from adapters.providers.values import link_at, read_status, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import Billing, RateLimited
from bot.ports import Capabilities, SubmitRequest

_BARE = {"480p": "480", "720p": "720", "1080p": "1080"}
_FAMILIES = (
    Family("veo", "{}", lines=_BARE),
    Family("seedance/v1", lines=_BARE),
    Family("kling", lines=None),
    Family("hailuo", lines=None, ratio=False),
    Family("wan", ratio=False),
    Family(""),
)


class Higgsfield(Wire):
    """What failed or was moderated is not billed. Only what still waits can be cancelled.

    The same create under the same ``Idempotency-Key`` is one request, whoever repeats it on its
    way. Nothing can be asked for by that key.

    The key is ``KEY:SECRET``. An empty account is a 403, a model that rests a while a 423.
    """

    name = "higgsfield"
    url = "https://platform.higgsfield.ai"
    prefix = "Key "
    kinds = MappingProxyType({"http_403": Billing, "http_423": RateLimited})
    capabilities = Capabilities(cancels=True, takes_image=False)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /{model}."""
        told_at = {"hf_webhook": wish.webhook_url} if wish.webhook_url else {}
        named = {"Idempotency-Key": wish.name} if wish.name else {}
        fields = input_of(_FAMILIES, wish, pictures)
        return Ask("POST", f"/{quote(wish.model)}", fields, named, told_at)

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
