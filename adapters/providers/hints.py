"""When a backend wants to be asked again: ms from now, out of headers, fields and words.

Nothing here is trusted: garbage, negative and absurd values count as not said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, cast

from bot.errors import Room

LONGEST = 24 * 60 * 60 * 1000
"""A wait above a day (ms) is taken for nonsense, such as a date written as a number."""

_MOST_REQUESTS = 10**9
"""A limit above this is none."""
_NUMBER = r"\d{1,12}(?:\.\d{1,9})?"
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_PIECE = re.compile(rf"({_NUMBER})\s*(ms|milli|s|m|h)[a-z]*\s*", re.IGNORECASE)
_DURATION = re.compile(rf"(?:{_NUMBER}(?:ms|s|m|h))+")
_WORDS = re.compile(
    rf"\b(?:again|retry|wait|resets?)\b[^\d]{{0,40}}?"
    rf"((?:{_NUMBER}\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b\s*)+"
    rf"|(?:{_NUMBER}(?:ms|s|m|h))+)",
    re.IGNORECASE,
)
_ROOMS = ("x-ratelimit-{}-requests", "x-ratelimit-{}", "ratelimit-{}")
"""Of OpenAI; of Luma and most others; of the draft of a standard."""
_RESET = "x-ratelimit-reset"
_IN_MS = 10**11
"""Times of Unix from here on are in ms: in seconds they would be of the year 5138."""
_READ = 2000
"""Characters of a text that are searched."""


def retry_after_ms(headers: Mapping[str, str], error: Mapping[str, Any], now: int) -> int | None:
    """The wait that an error answer asks for, the plainest source first; None when none does.

    `headers` of the answer; `error` is the error object of its body (its ``headers``, fields and
    ``message`` are read); `now` in ms.
    """
    plain = _lower(headers)
    # OpenRouter passes on what a model's own provider said.
    inner = {**_lower(_within(error, "metadata").get("headers")), **_lower(error.get("headers"))}
    sources = (
        _from_headers(plain, now),
        _from_headers({"date": plain.get("date", ""), **inner}, now),
        _from_fields(error),
        _from_words(str(error.get("message") or "")),
        _duration(plain.get("x-ratelimit-reset-requests", "")),
        *(_reset(given.get(_RESET, ""), plain.get("date", ""), now) for given in (plain, inner)),
    )
    return next((wait for wait in sources if wait is not None), None)


def poll_after_ms(headers: Mapping[str, str], now: int) -> int | None:
    """The pause before the next question that a good answer asks for (source: official SDK)."""
    plain = _lower(headers)
    asked = _sane(_number(plain.get("openai-poll-after-ms", "")))
    return _from_headers(plain, now) if asked is None else asked


def room_left(headers: Mapping[str, str], now: int) -> Room | None:
    """What the headers of a rate say, all three of one spelling; None when one is missing."""
    plain = _lower(headers)
    found = (_room(plain, spelling, now) for spelling in _ROOMS)
    return next((room for room in found if room), None)


def _room(headers: Mapping[str, str], spelling: str, now: int) -> Room | None:
    # A limit may be followed by its window: ``100, 100;w=60``.
    limit = _number(re.split("[,;]", headers.get(spelling.format("limit"), ""))[0])
    left = _number(headers.get(spelling.format("remaining"), ""))
    resets = _reset(headers.get(spelling.format("reset"), ""), headers.get("date", ""), now)
    if limit is None or left is None or resets is None or not 0 <= left <= limit:
        return None
    if not 1 <= limit <= _MOST_REQUESTS:
        return None
    return Room(int(limit), int(left), resets)


def _reset(text: str, sent: str, now: int) -> int | None:
    """Ms until a rate begins anew: a duration, a date, or a time of Unix in seconds or ms."""
    number = _number(text)
    if number is None:
        wait = _duration(text)
        return _until(text, sent, now) if wait is None else wait
    if number * 1000 <= LONGEST:
        return _sane(number * 1000)
    there = _date(sent)
    when = number if number >= _IN_MS else number * 1000
    wait = when - (now if there is None else there)
    return _sane(max(0, wait)) if wait >= -LONGEST else None


def _within(error: Mapping[str, Any], name: str) -> Mapping[str, object]:
    found = error.get(name)
    return cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}


def _lower(headers: object) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    pairs = cast("Mapping[object, object]", headers).items()
    return {str(name).lower(): str(value) for name, value in pairs}


def _from_headers(headers: Mapping[str, str], now: int) -> int | None:
    exact = _sane(_number(headers.get("retry-after-ms", "")))
    if exact is not None:
        return exact
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return _sane(seconds * 1000)
    duration = _duration(text)
    return _until(text, headers.get("date", ""), now) if duration is None else duration


def _until(text: str, sent: str, now: int) -> int | None:
    """Ms until an HTTP date, by the sender's own clock where it says what time it is there."""
    when, there = _date(text), _date(sent)
    if when is None:
        return None
    return _sane(max(0, when - (now if there is None else there)))


def _date(text: str) -> int | None:
    try:
        when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return int(when.timestamp() * 1000)
    except (TypeError, ValueError, IndexError, OverflowError, OSError):
        return None


def _from_fields(error: Mapping[str, Any]) -> int | None:
    exact = _sane(_number(error.get("retry_after_ms")))
    if exact is not None:
        return exact
    given = error.get("retry_after", error.get("retryDelay", _retry_info(error.get("details"))))
    seconds = _number(given)
    return _duration(str(given)) if seconds is None else _sane(seconds * 1000)


def _retry_info(details: object) -> object:
    """The wait among the details of an error of Google's."""
    found = cast("list[object]", details) if isinstance(details, list) else []
    infos = (cast("Mapping[str, object]", one) for one in found if isinstance(one, Mapping))
    return next((info["retryDelay"] for info in infos if "retryDelay" in info), None)


def _from_words(text: str) -> int | None:
    """``Please try again in 20s``."""
    found = _WORDS.search(text[:_READ])
    return _add_up(found[1]) if found else None


def _duration(text: str) -> int | None:
    """``12ms``, ``1m30s`` or plain seconds."""
    word = text.strip().lower()[:40]
    if _DURATION.fullmatch(word):
        return _add_up(word)
    seconds = _number(word)
    return None if seconds is None else _sane(seconds * 1000)


def _add_up(text: str) -> int | None:
    pieces = _PIECE.findall(text)
    units = ("ms" if unit.lower() == "milli" else unit.lower() for _, unit in pieces)
    return _sane(sum(float(n) * _UNITS[unit] for (n, _), unit in zip(pieces, units, strict=True)))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, str) and not value.isascii():
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _sane(ms: float | None) -> int | None:
    return math.ceil(ms) if ms is not None and 0 <= ms <= LONGEST else None
