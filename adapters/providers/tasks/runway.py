"""Runway's tasks: models of many makers, and answers that say what work cost, also what failed.

Source: docs.dev.runwayml.com (errors, task failures, moderation, tiers) and SDK 5.24.0, read in
November 2026; what each model takes besides words, by the SDK's types.

A video can be changed there only by models that cost more than the one that made it (28 credits a
second with aleph2, 12 with gen4.5), and no price of ours says so: remixes are made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.providers.refusals import Json, Refusal, refusal_in
from adapters.providers.tasks.families import Takes, check_takes
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire, dropped, id_of
from adapters.providers.values import (
    at,
    link_at,
    number_of,
    read_progress,
    read_status,
    read_time,
)
from bot.domain.jobs import JobState, Reference
from bot.ports import Capabilities, SubmitRequest

_MICROS = 10_000
"""USD·10⁻⁶ of a credit."""
_MOST = 10**7
"""Credits above this are no price."""


_NOTHING = Takes()
_TAKES: Mapping[str, Takes] = MappingProxyType(
    {
        "gemini_omni_flash_1.1": Takes(last=True, heard=True),
        "kling3.0_4k": Takes(last=True, sound=True),
        "kling3.0_pro": Takes(last=True, sound=True),
        "kling3.0_standard": Takes(last=True, sound=True),
        "klingO3_4k": Takes(last=True, sound=True),
        "klingO3_pro": Takes(last=True, sound=True),
        "klingO3_standard": Takes(last=True, sound=True),
        "seedance2": Takes(last=True, references=9, sound=True),
        "seedance2_5": Takes(last=True, references=30, sound=True),
        "seedance2_fast": Takes(last=True, references=9, sound=True),
        "seedance2_mini": Takes(last=True, references=9, sound=True),
        "veo3.1": Takes(last=True, sound=True),
        "veo3.1_fast": Takes(last=True, sound=True),
        "wan3": Takes(last=True, references=10, sound=True),
        "wan3_prime": Takes(last=True, references=10, sound=True),
    }
)
_LOST = frozenset({JobState.FAILED, JobState.MODERATED, JobState.CANCELLED})


class Runway(Wire):
    """Jobs are named by ``id`` alone. Links last a day or two; each question makes new ones.

    Above the limit of renders at once a task is taken all the same, and waits as THROTTLED; 429
    means that the day's number is used up. What is stopped is billed like what was made.
    """

    name = "runway"
    url = "https://api.dev.runwayml.com/v1"
    headers = MappingProxyType({"X-Runway-Version": "2024-11-06"})
    capabilities = Capabilities(
        deletes=True,
        cancels=True,
        takes_last=True,
        references=30,
        switches_sound=True,
        charges_cancels=True,
    )

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """POST /text_to_video or /image_to_video; the ratio is the size in pixels.

        Raises `Unsupported` for what the model has no field for.
        """
        takes = _TAKES.get(wish.model, _NOTHING)
        check_takes(takes, wish, pictures)
        fields = {
            "model": wish.model,
            "promptText": wish.prompt,
            "promptImage": _frames(pictures),
            "references": [{"uri": pictures.said(one)} for one in pictures.references] or None,
            "audio": wish.sound if takes.sound else None,
            "ratio": f"{wish.size.width}:{wish.size.height}",
            "duration": wish.seconds,
        }
        path = "/text_to_video" if pictures.first is None else "/image_to_video"
        return Ask("POST", path, dropped(fields))

    def question(self, reference: Reference) -> Ask:
        """GET /tasks/{id}."""
        return Ask("GET", f"/tasks/{id_of(reference)}")

    def told(self, data: Json, reference: Reference) -> Told | None:
        """A task; the answer to a create has no status and tells of none."""
        if not isinstance(data.get("status"), str):
            return None
        refusal = refusal_in({"code": data.get("failureCode"), "message": data.get("failure")})
        state = _state(read_status(data["status"], {}, JobState.RENDERING), refusal)
        link, cost = link_at(data, "output.0"), _cost(data)
        return Told(
            state,
            read_progress(data.get("progress")),
            refusal,
            (link,) if link else (),
            cost_micros=cost,
            created_at=read_time(data.get("createdAt")),
            charged=_charged(state, cost),
        )

    def cancel(self, reference: Reference) -> Ask:
        """DELETE /tasks/{id} stops what runs."""
        return Ask("DELETE", f"/tasks/{id_of(reference)}")

    def delete(self, reference: Reference) -> Ask:
        """DELETE /tasks/{id} removes what has ended."""
        return self.cancel(reference)


def _frames(pictures: Pictures) -> str | list[dict[str, str]] | None:
    """One picture is the first frame; two say where they stand."""
    first, last = pictures.first, pictures.last
    if first is None or last is None:
        return None if first is None else pictures.said(first)
    named = {"first": first, "last": last}
    return [{"uri": pictures.said(one), "position": name} for name, one in named.items()]


def _state(state: JobState, refusal: Refusal) -> JobState:
    """``SAFETY.INPUT.TEXT``, ``INPUT_PREPROCESSING.SAFETY.TEXT`` and the like are content rules."""
    moderated = state is JobState.FAILED and "safety" in refusal.code.split(".")
    return JobState.MODERATED if moderated else state


def _cost(data: Json) -> int | None:
    """What a task that ended took, after refunds; that of one that runs is only an estimate."""
    cost = number_of(at(data, "cost.credits"))
    return None if cost is None or not 0 <= cost <= _MOST else round(cost * _MICROS)


def _charged(state: JobState, cost: int | None) -> bool | None:
    """Moderated work costs as much as other work, unless the task itself says what it cost."""
    if state not in _LOST:
        return None
    if cost is not None:
        return cost > 0
    return True if state is JobState.MODERATED else None
