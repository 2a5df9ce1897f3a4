"""Kling's tasks: errors are numbers in the body, and a job is asked about where it was made.

Source: klingai.com's API documents (general information, capability map, text, image, several
images and Omni to video, extension, callbacks) as stored in public repositories, read in November
2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from adapters.providers.refusals import Json, Kind, Refusal, as_object, refusal_in
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    bare,
    check_apart,
    check_pair,
    dropped,
    id_of,
    lines_of,
    ratio_of,
    word_of,
)
from adapters.providers.values import at, link_at, number_of, read_status, read_time, usable_id
from bot.domain.jobs import JobState, Reference
from bot.errors import (
    AssetExpired,
    BadCredentials,
    Billing,
    ConcurrencyLimited,
    InvalidRequest,
    JobNotFound,
    Moderated,
    RateLimited,
    Unsupported,
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
_FROM_MANY, _OMNI, _LONGER = "multi-image2video", "omni-video", "video-extend"
_NAMED = (_FROM_TEXT, _FROM_IMAGE, _OMNI, _FROM_MANY)
"""Routes whose tasks can have a name of ours."""
_MANY, _MOST = 4, 7
"""Pictures that the two routes for several take."""
_MORE = (4, 5)
"""Seconds that an extension is said to add: 4 to 5, as it likes."""
_MODES = {"1080p": "pro", "4K": "4k"}
_MODERATED = "risk control"
"""What a task says that failed by the content rules; it has no code."""


class Kling(Wire):
    """Jobs are named by ``id``, and by ``kind``: the route that made them. Files stay for 30 days.

    What a model takes decides the route: Omni models have one for all, other references go to that
    for several images, which knows a single model.

    A key of the new sort goes in as it is; access and secret keys of older accounts do not. Our own
    names of tasks must differ within an account, and tasks can be asked for by them; nothing is
    promised of how soon, so that a name which is not known proves nothing.
    """

    name = "kling"
    url = "https://api-singapore.klingai.com/v1"
    kinds = MappingProxyType({code: kind for kind, all_ in _KINDS.items() for code in all_.split()})
    capabilities = Capabilities(
        extends=True, finds=True, takes_last=True, references=_MOST, switches_sound=True
    )
    asks_parent = True

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /videos/{kind}, by model and pictures; a first frame brings its own ratio."""
        mode = _MODES.get(lines_of(wish.size), "std")
        kind, shown = _pictured(wish.model, mode, pictures)
        fields = {
            "model_name": wish.model,
            "prompt": wish.prompt,
            "mode": mode,
            "duration": str(wish.seconds),
            "aspect_ratio": None if pictures.first else ratio_of(wish.size),
            **shown,
            "sound": _sound(wish),
            "callback_url": wish.webhook_url or None,
            "external_task_id": wish.name or None,
        }
        return Ask("POST", f"/videos/{kind}", dropped(fields))

    def source(self, data: Json, parent: Reference) -> Reference:
        """Its video, whose id is another than the task's."""
        video = usable_id(at(data, "data.task_result.videos.0.id"))
        if video is None:
            raise AssetExpired("the first video has no id")
        return {**parent, "video": video}

    def extend(self, parent: Reference, prompt: str, seconds: int, webhook_url: str = "") -> Ask:
        """POST /videos/video-extend: the first is in the new file, too."""
        if seconds not in _MORE:
            raise Unsupported("this backend adds 4 to 5 seconds, no more and no less")
        fields = {
            "video_id": word_of(parent, "video"),
            "prompt": prompt,
            "callback_url": webhook_url or None,
        }
        return Ask("POST", f"/videos/{_LONGER}", dropped(fields))

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """The task's id, and the last step of the path that it was made at."""
        name = usable_id(at(data, "data.task_id"))
        return {"id": name, "kind": sent.path.rpartition("/")[2]} if name else None

    def question(self, reference: Reference) -> Ask:
        """GET /videos/{kind}/{id}."""
        kind = word_of(reference, "kind") or _FROM_TEXT
        if kind not in {*_NAMED, _LONGER}:
            raise JobNotFound("the job is of no known kind")
        return Ask("GET", f"/videos/{kind}/{id_of(reference)}")

    def finding(self, name: str) -> tuple[Ask, ...]:
        """A task is also asked about by its ``external_task_id``, at each route that makes any."""
        return tuple(Ask("GET", f"/videos/{kind}/{quote(name, safe='')}") for kind in _NAMED)

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


def _pictured(model: str, mode: str, pictures: Pictures) -> tuple[str, dict[str, Any]]:
    """The route and its fields for pictures; raises `Unsupported` where the model has none."""
    check_pair(pictures)
    if _is_omni(model):
        return _OMNI, {"image_list": _image_list(pictures) or None}
    if pictures.references:
        return _FROM_MANY, {"image_list": _several(model, pictures)}
    if pictures.first is None:
        return _FROM_TEXT, {}
    if pictures.last:
        _check_last(model, mode)
    tail = bare(pictures.last) if pictures.last else None
    return _FROM_IMAGE, {"image": bare(pictures.first), "image_tail": tail}


def _is_omni(model: str) -> bool:
    return "omni" in model or model.endswith("-o1")


def _is_new(model: str) -> bool:
    """Whether it is of the third series."""
    return "v3" in model or "3.0" in model


def _image_list(pictures: Pictures) -> list[dict[str, str]]:
    ends = {"first_frame": pictures.first, "end_frame": pictures.last}
    frames = [{"image_url": bare(one), "type": end} for end, one in ends.items() if one]
    shown = [*frames, *({"image_url": bare(one)} for one in pictures.references)]
    if len(shown) > _MOST:
        raise Unsupported(f"this model takes {_MOST} pictures with its frames")
    return shown


def _several(model: str, pictures: Pictures) -> list[dict[str, str]]:
    check_apart(pictures)
    if "v1-6" not in model:
        raise Unsupported("this model takes no references")
    if len(pictures.references) > _MANY:
        raise Unsupported(f"this model takes {_MANY} references")
    return [{"image": bare(one)} for one in pictures.references]


def _check_last(model: str, mode: str) -> None:
    """Raises `Unsupported` where a last frame is not known, or is left out without a word."""
    if "master" in model:
        raise Unsupported("this model takes no last frame")
    if mode == "std" and not _is_new(model):
        raise Unsupported("this model takes a last frame in 1080p only")


def _sound(wish: SubmitRequest) -> str | None:
    """``on`` or ``off``; older models are silent, and know no word for it.

    Raises `Unsupported` where they should not be.
    """
    if _is_new(wish.model) or "v2-6" in wish.model:
        return None if wish.sound is None else ("on" if wish.sound else "off")
    if wish.sound:
        raise Unsupported("this model has no sound")
    return None


def _state(state: JobState, refusal: Refusal) -> JobState:
    moderated = state is JobState.FAILED and _MODERATED in refusal.message.lower()
    return JobState.MODERATED if moderated else state


def _charged(task: Json) -> bool | None:
    """By the units that it took in the end, whatever a unit is worth."""
    units = number_of(task.get("final_unit_deduction"))
    return None if units is None else units > 0
