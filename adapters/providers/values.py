"""Single values in the JSON of backends: lenient in what it reads, never surprised. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from adapters.providers.refusals import Json, as_list, as_object
from bot.domain.jobs import JobState

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
MAX_LINK = 8192
MAX_PROMPT = 40_000
MAX_SHORT = 100
_YEAR_2000, _YEAR_2100 = 946_684_800, 4_102_444_800
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


def usable_id(value: object) -> str | None:
    """An id as text, or None. Dots alone would walk up the path."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    if isinstance(value, int) and abs(value) >= 10**30:
        return None
    text = str(value)
    usable = 0 < len(text) <= MAX_ID and text.isprintable() and text.strip(". ")
    return text if usable else None


def read_status(value: object, own: Mapping[str, JobState], unsaid: JobState) -> JobState:
    """A status word as a state; `own` are further words. Unknown ones mean that it still runs."""
    if not isinstance(value, str) or not value.strip():
        return unsaid
    word = value.strip().lower().replace("-", "_").replace(" ", "_")
    return own.get(word) or STATUSES.get(word) or S.RENDERING


def link_at(data: object, path: str) -> str | None:
    """The link at a path such as ``urls.0``; None when there is none."""
    link = at(data, path)
    usable = isinstance(link, str) and 0 < len(link.strip()) <= MAX_LINK
    return link.strip() if isinstance(link, str) and usable else None


def read_progress(value: object) -> int | None:
    """Percent, out of 48, 0.48, "48" or "48%"; None when it is none of these."""
    if isinstance(value, str):
        text = value.strip()
        number = number_of(text.removesuffix("%"))
        share = "." in text and not text.endswith("%")
    else:
        number, share = number_of(value), isinstance(value, float)
    if number is None or number < 0:
        return None
    return min(_FULL, int(number * _FULL if share and number <= 1 else number))


def read_time(value: object) -> int | None:
    """Ms since the epoch, out of seconds, ms or an ISO date; None when it cannot be a time."""
    number = number_of(value)
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
    number = number_of(text)
    if number is None:
        return text_of(value, MAX_SHORT)
    return f"{number:.10g}"


def read_cost(data: Json) -> int | None:
    """USD·10⁻⁶ that the server reports; None when it does not or the figure is absurd."""
    for path, micros in _COSTS:
        number = number_of(at(data, path))
        if number is not None and 0 <= number * micros <= _MAX_COST:
            return round(number * micros)
    return None


def number_of(value: object) -> float | None:
    """A finite number, also written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def text_of(value: object, most: int) -> str | None:
    """Text that can be stored anywhere, or None."""
    if not isinstance(value, str):
        return None
    return value[:most].encode("utf-8", "replace").decode()
