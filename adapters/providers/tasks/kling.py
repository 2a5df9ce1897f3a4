"""Kling's tasks: errors are numbers in the body, and a job is asked about where it was made.

Source: klingai.com's API documents (general information, text and image to video, callbacks) as
stored in public repositories, read in November 2026.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from adapters.providers.refusals import Json, Kind, Refusal, as_object, refusal_in
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    dropped,
    id_of,
    lines_of,
    ratio_of,
    word_of,
)
from adapters.providers.values import at, link_at, number_of, read_status, read_time, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import (
    BadCredentials,
    Billing,
    ConcurrencyLimited,
    InvalidRequest,
    JobNotFound,
    Moderated,
    RateLimited,
)
from bot.ports import Capabilities, SubmitRequest

_KINDS: Mapping[Kind, str] = {
    BadCredentials: "1000 1001 1002 1003 1004 1100 1103 1304",
    Billing: "1101 1102",
    InvalidRequest: "1200 1201 1202",
    JobNotFound: "1203",
    Moderated: "1300 1301",
    RateLimited: "1302",
    ConcurrencyLimited: "1303",
}
_FROM_TEXT, _FROM_IMAGE = "text2video", "image2video"
_MODES = {"1080p": "pro", "4K": "4k"}
_MODERATED = "risk control"
"""What a task says that failed by the content rules; it has no code."""


class Kling(Wire):
    """Jobs are named by ``id``, and by ``kind``: the route that made them. Files stay for 30 days.

    A key of the new sort goes in as it is; access and secret keys of older accounts do not. Our own
    names of tasks must differ within an account, and tasks can be asked for by them; nothing is
    promised of how soon, so that a name which is not known proves nothing.
    """

    name = "kling"
    url = "https://api-singapore.klingai.com/v1"
    kinds = MappingProxyType({code: kind for kind, all_ in _KINDS.items() for code in all_.split()})
    capabilities = Capabilities(finds=True)

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /videos/text2video or /videos/image2video; a picture brings its own ratio."""
        image = pictures.first
        fields = {
            "model_name": wish.model,
            "prompt": wish.prompt,
            "mode": _MODES.get(lines_of(wish.size), "std"),
            "duration": str(wish.seconds),
            "aspect_ratio": None if image else ratio_of(wish.size),
            "image": base64.b64encode(image).decode() if image else None,
            "callback_url": wish.webhook_url or None,
            "external_task_id": wish.name or None,
        }
        kind = _FROM_IMAGE if image else _FROM_TEXT
        return Ask("POST", f"/videos/{kind}", dropped(fields))

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """The task's id, and the last step of the path that it was made at."""
        name = usable_id(at(data, "data.task_id"))
        return {"id": name, "kind": sent.path.rpartition("/")[2]} if name else None

    def question(self, reference: Reference) -> Ask:
        """GET /videos/{kind}/{id}."""
        kind = word_of(reference, "kind") or _FROM_TEXT
        if kind not in {_FROM_TEXT, _FROM_IMAGE}:
            raise JobNotFound("the job is of no known kind")
        return Ask("GET", f"/videos/{kind}/{id_of(reference)}")

    def finding(self, name: str) -> tuple[Ask, ...]:
        """A task is also asked about by its ``external_task_id``, at each route that makes any."""
        return tuple(
            Ask("GET", f"/videos/{kind}/{quote(name, safe='')}")
            for kind in (_FROM_TEXT, _FROM_IMAGE)
        )

    def found(self, data: Json, name: str, sent: Ask) -> Reference | None:
        """The task, when it is called so; raises `JobNotFound` where its number says so."""
        task = as_object(data.get("data"))
        if not task:
            self._raise_missing(data)
        called, known = at(task, "task_info.external_task_id"), usable_id(task.get("task_id"))
        kind = sent.path.split("/")[2]
        return {"id": known, "kind": kind} if known and called == name else None

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A task; raises `JobNotFound` where its number says so under a good status."""
        task = as_object(data.get("data"))
        if not isinstance(task.get("task_status"), str):
            self._raise_missing(data)
            return None
        refusal = refusal_in({"message": task.get("task_status_msg")})
        state = _state(read_status(task["task_status"], {}, JobState.RENDERING), refusal)
        link = link_at(task, "task_result.videos.0.url")
        ended = state in {JobState.FAILED, JobState.MODERATED}
        return Told(
            state,
            refusal=refusal if ended else Refusal(),
            links=(link,) if link else (),
            created_at=read_time(task.get("created_at")),
            charged=_charged(task) if ended else None,
        )

    def _raise_missing(self, data: Json) -> None:
        refusal = refusal_in(data)
        if self.kinds.get(refusal.code) is JobNotFound:
            raise JobNotFound(refusal.message)


def _state(state: JobState, refusal: Refusal) -> JobState:
    moderated = state is JobState.FAILED and _MODERATED in refusal.message.lower()
    return JobState.MODERATED if moderated else state


def _charged(task: Json) -> bool | None:
    """By the units that it took in the end, whatever a unit is worth."""
    units = number_of(task.get("final_unit_deduction"))
    return None if units is None else units > 0
