"""JSON of the contract to jobs of ours. Pure: lenient in what it reads, never surprised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from adapters.providers.judging import Judge
from adapters.providers.openai_videos.profile import Profile
from adapters.providers.refusals import Json, as_list, as_object, refusal_in
from adapters.providers.values import (
    MAX_PROMPT,
    MAX_SHORT,
    link_at,
    read_cost,
    read_progress,
    read_seconds,
    read_status,
    read_time,
    text_of,
    usable_id,
)
from bot.domain.jobs import JobState, Reference
from bot.errors import Moderated, ProviderError
from bot.ports import RemoteJob

S = JobState
_WRAPPERS = ("data", "video", "task", "job", "result")


# --- finding the job in an answer -----------------------------------------------------------


def job_id(data: Json, profile: Profile) -> str | None:
    """The id of a job object; None when it has none that could be used in a URL."""
    found = (usable_id(data.get(name)) for name in profile.id_fields)
    return next((name for name in found if name), None)


def job_in(data: object, profile: Profile) -> Json | None:
    """The job object of a good answer, also one level down (``{"data": {…}}``).

    The one with the better id is it: around it may stand a number of the request alone.
    """
    jobs = [one for one in _candidates(data) if _is_job(one, profile)]
    return min(jobs, key=lambda one: _rank(one, profile), default=None)


def _rank(data: Json, profile: Profile) -> int:
    """Place of the field that names the job; one without a name comes last."""
    names = profile.id_fields
    return next((i for i, name in enumerate(names) if usable_id(data.get(name))), len(names))


def job_in_error(data: object, profile: Profile) -> Json | None:
    """The job object behind an error status: some servers tell of failed jobs that way.

    It must look like a whole job; an error that carries an id of its own is not one.
    """
    for one in _candidates(data):
        whole = one.get("object") == "video" or (
            job_id(one, profile) and any(name in one for name in ("progress", "created_at"))
        )
        if whole and isinstance(one.get("status"), str):
            return one
    return None


def _candidates(data: object) -> Iterator[Json]:
    outer = as_object(data)
    yield outer
    for name in _WRAPPERS:
        inner = as_object(outer.get(name))
        if inner:
            yield inner


def _is_job(data: Json, profile: Profile) -> bool:
    if isinstance(data.get("status"), str) and (job_id(data, profile) or "progress" in data):
        return True
    return bool(job_id(data, profile)) and not data.get("error")


# --- the job ----------------------------------------------------------------------------------


def read_job(
    data: Json,
    reference: Reference,
    profile: Profile,
    *,
    unsaid: JobState = S.RENDERING,
    secret: str = "",
) -> RemoteJob:
    """A job object as a job; `unsaid` is its state when it names none."""
    state, error = _outcome(data, profile, unsaid, secret)
    return RemoteJob(
        reference=reference,
        state=state,
        progress=read_progress(data.get("progress")),
        error=error,
        created_at=read_time(data.get("created_at")),
        prompt=text_of(data.get("prompt"), MAX_PROMPT),
        model=text_of(data.get("model"), MAX_SHORT),
        size=text_of(data.get("size"), MAX_SHORT),
        seconds=read_seconds(data.get("seconds", data.get("duration"))),
        cost_micros=read_cost(data),
    )


def _outcome(
    data: Json, profile: Profile, unsaid: JobState, secret: str
) -> tuple[JobState, ProviderError | None]:
    state = read_status(data.get("status"), profile.statuses, unsaid)
    if data.get("respect_moderation") is False:
        return S.MODERATED, Moderated()
    judge = Judge(secret, profile.errors, profile.vague)
    return judge.ended(state, refusal_in({"error": data.get("error")}, secret))


def read_link(data: object, profile: Profile) -> str | None:
    """The link to the finished file in a job object or around it; None when there is none."""
    for one in _candidates(data):
        for path in profile.links:
            if link := link_at(one, path):
                return link
    return None


# --- lists ------------------------------------------------------------------------------------


def items_in(data: object) -> list[object] | None:
    """The items of a list answer, bare or named; None when it is no list."""
    if isinstance(data, list):
        return cast("list[object]", data)
    fields: Mapping[str, Any] = as_object(data)
    for name in ("data", "items", "videos"):
        if isinstance(fields.get(name), list):
            return as_list(fields[name])
    return None
