"""JSON of the contract to jobs of ours. Pure: lenient in what it reads, never surprised."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from adapters.providers.openai_videos.profile import Profile
from adapters.providers.openai_videos.refusals import (
    Json,
    Refusal,
    as_list,
    as_object,
    kind_by_name,
    kind_by_words,
    refusal_in,
)
from bot.domain.jobs import JobState, Reference
from bot.errors import AssetExpired, ModelRetired, Moderated, ProviderError
from bot.ports import RemoteJob

S = JobState
_SYNONYMS: Mapping[JobState, str] = {
    S.QUEUED: "queued pending submitted starting in_queue throttled not_start preprocessing "
    "waiting created accepted scheduled",
    S.RENDERING: "in_progress processing running dreaming unknown",
    S.FETCHING: "completed complete succeeded success succeed done finished",
    S.FAILED: "failed failure fail error incomplete budget_exceeded requires_action",
    S.CANCELLED: "cancelled canceled",
    S.EXPIRED: "expired deleted",
    S.MODERATED: "nsfw moderated content_filtered",
}
STATUSES: Mapping[str, JobState] = {
    word: state for state, words in _SYNONYMS.items() for word in words.split()
}
"""What servers of this shape call their states (source: their code, November 2026)."""

MAX_ID = 2048
"""Characters of an id; gateways pack provider and model into theirs (about 300)."""
_MAX_LINK = 8192
_MAX_PROMPT = 40_000
_MAX_SHORT = 100
_YEAR_2000, _YEAR_2100 = 946_684_800, 4_102_444_800
_WRAPPERS = ("data", "video", "task", "job", "result")
_FULL = 100

_COSTS: tuple[tuple[str, float], ...] = (
    ("usage.provider_reported_cost_usd", 1e6),
    ("usage.cost", 1e6),
    ("usage.cost_usd", 1e6),
    ("usage.cost_in_usd_ticks", 1e-4),
    ("usage.estimated_cost", 1e6),
    ("cost_usd", 1e6),
    ("cost", 1e6),
)
"""Where a cost in US dollars may stand (LiteLLM, OpenRouter, xAI, others), and micros for each."""
_MAX_COST = 10**11


def at(data: object, path: str) -> object:
    """The value at a path such as ``urls.0``; None when there is none."""
    for step in path.split("."):
        items = as_list(data)
        if items and step.isdecimal():
            data = items[int(step)] if int(step) < len(items) else None
        else:
            data = as_object(data).get(step)
    return data


# --- finding the job in an answer -----------------------------------------------------------


def job_id(data: Json, profile: Profile) -> str | None:
    """The id of a job object; None when it has none that could be used in a URL."""
    found = (usable_id(data.get(name)) for name in profile.id_fields)
    return next((name for name in found if name), None)


def usable_id(value: object) -> str | None:
    """An id as text, or None. Dots alone would walk up the path."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    if isinstance(value, int) and abs(value) >= 10**30:
        return None
    text = str(value)
    usable = 0 < len(text) <= MAX_ID and text.isprintable() and text.strip(". ")
    return text if usable else None


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
        prompt=_text(data.get("prompt"), _MAX_PROMPT),
        model=_text(data.get("model"), _MAX_SHORT),
        size=_text(data.get("size"), _MAX_SHORT),
        seconds=read_seconds(data.get("seconds", data.get("duration"))),
        cost_micros=read_cost(data),
    )


def read_status(value: object, profile: Profile, unsaid: JobState) -> JobState:
    """A status word as a state. Unknown words mean that it still runs."""
    if not isinstance(value, str) or not value.strip():
        return unsaid
    word = value.strip().lower().replace("-", "_").replace(" ", "_")
    return profile.statuses.get(word) or STATUSES.get(word) or S.RENDERING


def _outcome(
    data: Json, profile: Profile, unsaid: JobState, secret: str
) -> tuple[JobState, ProviderError | None]:
    state = read_status(data.get("status"), profile, unsaid)
    if data.get("respect_moderation") is False:
        return S.MODERATED, Moderated()
    refusal = refusal_in({"error": data.get("error")}, secret)
    if state is S.FETCHING and (refusal.code or refusal.message):
        # Some servers say "completed" of everything that has ended.
        state = S.FAILED
    if state is S.FAILED:
        return _failed(refusal)
    if state is S.MODERATED:
        return state, Moderated(refusal.message)
    return state, AssetExpired(refusal.message) if state is S.EXPIRED else None


def _failed(refusal: Refusal) -> tuple[JobState, ProviderError]:
    kind = kind_by_name(refusal) or kind_by_words(refusal)
    if kind is Moderated:
        return S.MODERATED, Moderated(refusal.message)
    if kind is ModelRetired:
        return S.FAILED, ModelRetired(refusal.message)
    return S.FAILED, ProviderError(refusal.message)


# --- single values ------------------------------------------------------------------------------


def read_progress(value: object) -> int | None:
    """Percent, out of 48, 0.48, "48" or "48%"; None when it is none of these."""
    if isinstance(value, str):
        text = value.strip()
        number = _number(text.removesuffix("%"))
        share = "." in text and not text.endswith("%")
    else:
        number, share = _number(value), isinstance(value, float)
    if number is None or number < 0:
        return None
    return min(_FULL, int(number * _FULL if share and number <= 1 else number))


def read_time(value: object) -> int | None:
    """Ms since the epoch, out of seconds, ms or an ISO date; None when it cannot be a time."""
    number = _number(value)
    seconds = _iso_time(value) if number is None else number
    if seconds is None:
        return None
    seconds = seconds / 1000 if seconds > _YEAR_2100 else seconds
    return round(seconds * 1000) if _YEAR_2000 <= seconds <= _YEAR_2100 else None


def _iso_time(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value.strip()[:40])
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def read_seconds(value: object) -> str | None:
    """A length as plain digits where it is a number ("8", 8, 8.0, "8s"); None when unsaid."""
    text = value.strip().lower().removesuffix("s") if isinstance(value, str) else value
    number = _number(text)
    if number is None:
        return _text(value, _MAX_SHORT)
    return f"{number:.10g}"


def read_cost(data: Json) -> int | None:
    """USD·10⁻⁶ that the server reports; None when it does not or the figure is absurd."""
    for path, micros in _COSTS:
        number = _number(at(data, path))
        if number is not None and 0 <= number * micros <= _MAX_COST:
            return round(number * micros)
    return None


def read_link(data: object, profile: Profile) -> str | None:
    """The link to the finished file in a job object or around it; None when there is none."""
    for one in _candidates(data):
        for path in profile.links:
            link = at(one, path)
            if isinstance(link, str) and 0 < len(link.strip()) <= _MAX_LINK:
                return link.strip()
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object, most: int) -> str | None:
    """Text that can be stored anywhere, or None."""
    if not isinstance(value, str):
        return None
    return value[:most].encode("utf-8", "replace").decode()


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
