"""xAI's video API: Grok Imagine, with prices in its answers.

Source: docs.x.ai's guide and reference of videos (edits, extensions, references), xai-sdk 1.21.0
(last frame, sound); read in November 2026. That 1.5 takes frames and references at once, from
bodies that integrators published.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from adapters.providers.refusals import (
    Json,
    Refusal,
    as_object,
    kind_by_words,
    refusal_in,
)
from adapters.providers.tasks.wire import (
    Ask,
    Pictures,
    Told,
    Wire,
    check_apart,
    check_pair,
    data_url,
    dropped,
    id_of,
    lines_of,
    ratio_of,
    word_of,
)
from adapters.providers.values import (
    at,
    link_at,
    number_of,
    read_cost,
    read_progress,
    read_status,
    usable_id,
)
from bot.domain.jobs import JobState, Reference
from bot.errors import AssetExpired, Billing, JobNotFound, Moderated, Unsupported
from bot.ports import Capabilities, SubmitRequest

_BLOCKED = "moderation_blocked"
_MOST = 7
"""References."""
_FINEST = "1080p"
"""What nothing makes that looks at references or at another video."""
_EDITED, _EXTENDED = 8.7, 15
"""Seconds that a video may have at most to be changed, or to be made longer."""
_MORE = range(2, 11)
"""Seconds that can be added at a time."""


class XAI(Wire):
    """Jobs are named by ``request_id``; ``model`` and ``resolution`` are for what comes after them.

    What changes or extends a video wants its link, which is asked for just before and is temporary.
    Both cost a cent for each second of the first besides; the answer tells the whole price.
    """

    name = "xai"
    url = "https://api.x.ai/v1"
    kinds = MappingProxyType({"personal_team_blocked:spending_limit": Billing})
    capabilities = Capabilities(
        remixes=True, extends=True, takes_last=True, references=_MOST, switches_sound=True
    )
    asks_parent = True

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /videos/generations."""
        lines = lines_of(wish.size).lower()
        _check(wish.model, lines, pictures)
        fields = {
            "model": wish.model,
            "prompt": wish.prompt,
            "duration": wish.seconds,
            "aspect_ratio": ratio_of(wish.size),
            "resolution": lines,
            "image": _image(pictures.first),
            "last_frame": _image(pictures.last),
            "reference_images": [_image(one) for one in pictures.references] or None,
            "generate_audio": wish.sound,
        }
        return Ask("POST", "/videos/generations", dropped(fields))

    def source(self, data: Json, parent: Reference) -> Reference:
        """Its link and its length; the model as well, where nobody noted it."""
        link, model = link_at(data, "video.url"), word_of(parent, "model") or data.get("model")
        if not link:
            raise AssetExpired("the first video has no link")
        if not isinstance(model, str) or not model:
            raise JobNotFound("nobody knows the model of the first video")
        seconds = number_of(at(data, "video.duration")) or 0
        return {**parent, "model": model, "link": link, "seconds": seconds}

    def remix(self, parent: Reference, prompt: str, webhook_url: str = "") -> Ask:
        """POST /videos/edits: in the shape and the length of the first."""
        return Ask("POST", "/videos/edits", _after(parent, prompt, _EDITED))

    def extend(self, parent: Reference, prompt: str, seconds: int, webhook_url: str = "") -> Ask:
        """POST /videos/extensions: the first is in the new file, too."""
        if seconds not in _MORE:
            raise Unsupported(f"this backend adds {_MORE[0]} to {_MORE[-1]} seconds")
        fields = {**_after(parent, prompt, _EXTENDED), "duration": seconds}
        return Ask("POST", "/videos/extensions", fields)

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """Its ``request_id``; what is made of another video is never finer than 720p."""
        name = usable_id(data.get("request_id"))
        more = {one: at(sent.json, one) for one in ("model", "resolution")}
        return dropped({"id": name, **more}) if name else None

    def question(self, reference: Reference) -> Ask:
        """GET /videos/{request_id}."""
        return Ask("GET", f"/videos/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A job; one that waits may be told by its name alone, a finished one by its link."""
        link, status = link_at(data, "video.url"), data.get("status")
        if not (isinstance(status, str) or link or usable_id(data.get("request_id"))):
            return None
        unsaid = JobState.FETCHING if link else JobState.QUEUED
        state, cost = read_status(status, {}, unsaid), read_cost(data)
        why = _why(data, state)
        # Work that was made and then held back is paid for: its price stands beside it.
        charged = True if why != Refusal() and cost else None
        return Told(
            state,
            read_progress(data.get("progress")),
            why,
            tuple(filter(None, [link])),
            cost_micros=cost,
            charged=charged,
        )


def _check(model: str, lines: str, pictures: Pictures) -> None:
    """Raises `Unsupported` for pictures that this model has no place for."""
    check_pair(pictures)
    newer = "1.5" in model and "lite" not in model
    if pictures.last and not newer:
        raise Unsupported("this model takes no last frame")
    if not newer:
        check_apart(pictures)
    if pictures.references and lines == _FINEST:
        raise Unsupported(f"with references there is no {_FINEST}")


def _image(image: bytes | None) -> dict[str, str] | None:
    return {"url": data_url(image)} if image else None


def _after(parent: Reference, prompt: str, longest: float) -> dict[str, Any]:
    """The fields of what is made of another video; raises `Unsupported` where that would spoil it.

    One that is too long would be cut, one that is too fine be made coarser.
    """
    seconds = number_of(parent.get("seconds")) or 0
    if seconds > longest:
        raise Unsupported(f"this backend takes videos up to {longest:g} seconds")
    if word_of(parent, "resolution") == _FINEST:
        raise Unsupported(f"what is made of another video is not {_FINEST}")
    video = {"url": word_of(parent, "link")}
    return {"model": word_of(parent, "model"), "prompt": prompt, "video": video}


def _why(data: Json, state: JobState) -> Refusal:
    """Why there is no video; what was finished may be held back by the rules of content."""
    video = as_object(data.get("video"))
    if state is JobState.FETCHING and video.get("respect_moderation") is False:
        return Refusal(code=_BLOCKED, message="the video does not respect the rules of content")
    if state is not JobState.FAILED:
        return Refusal()
    refusal = refusal_in({"error": data.get("error")})
    # Such a failure may be called "permission_denied" too.
    blocked = kind_by_words(refusal) is Moderated
    return replace(refusal, type=_BLOCKED) if blocked else refusal
