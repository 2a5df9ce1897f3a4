"""When to come back, in all the ways that backends say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.hints import LONGEST, poll_after_ms, retry_after_ms, room_left
from bot.errors import Room
from tests.fakes.clock import START
from tests.payloads.any_json import ANY_JSON

NOW = START
# START is 2026-09-21 14:13:20 UTC.
SOON = "Mon, 21 Sep 2026 14:13:50 GMT"


@pytest.mark.parametrize(
    "headers, wait",
    [
        ({"Retry-After": "20"}, 20_000),
        ({"retry-after": "1.5"}, 1500),
        ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "350", "retry-after": "20"}, 350),
        ({"retry-after-ms": "0.2"}, 1),
        ({"retry-after": SOON}, 30_000),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:00 GMT"}, 0),
        # The sender's clock is an hour ahead; only the difference counts.
        (
            {
                "retry-after": "Mon, 21 Sep 2026 15:13:50 GMT",
                "date": "Mon, 21 Sep 2026 15:13:20 GMT",
            },
            30_000,
        ),
        ({"retry-after": SOON, "date": "yesterday"}, 30_000),
        ({"retry-after": "30s"}, 30_000),
        ({"x-ratelimit-reset-requests": "12ms"}, 12),
        ({"x-ratelimit-reset-requests": "1m30s"}, 90_000),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360_000),
        ({"x-ratelimit-reset-requests": "1.5s"}, 1500),
        ({"x-ratelimit-reset-requests": "20"}, 20_000),
        ({"x-ratelimit-reset-requests": "1m30s", "retry-after": "2"}, 2000),
    ],
)
def test_headers_are_understood(headers: Mapping[str, str], wait: int) -> None:
    assert retry_after_ms(headers, {}, NOW) == wait


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "nan", "inf", "1e400", "1790000000", "999999999999999999999", "٣٣٣٣٣٣٣٣"],
)
def test_nonsense_counts_as_not_said(value: str) -> None:
    assert retry_after_ms({"retry-after": value}, {}, NOW) is None
    assert retry_after_ms({"retry-after-ms": value}, {}, NOW) is None
    assert poll_after_ms({"openai-poll-after-ms": value}, NOW) is None


def test_a_date_far_away_counts_as_not_said() -> None:
    assert retry_after_ms({"retry-after": "Mon, 21 Sep 2099 14:13:50 GMT"}, {}, NOW) is None


def test_a_broken_hint_does_not_hide_a_good_one() -> None:
    headers = {"retry-after-ms": "-1", "retry-after": "7"}
    assert retry_after_ms(headers, {}, NOW) == 7000


@pytest.mark.parametrize(
    "error, wait",
    [
        # SDK 3.51: the error object may carry headers of its own
        ({"headers": {"Retry-After": "9"}}, 9000),
        ({"headers": {"Retry-After-Ms": 250}}, 250),
        ({"headers": ["Retry-After"]}, None),
        ({"retry_after": 4}, 4000),
        ({"retry_after": "4.5"}, 4500),
        ({"retry_after_ms": 4}, 4),
        ({"retryDelay": "34s"}, 34_000),
        # Google: one of the details
        ({"details": ["?", {"@type": "Help"}, {"retryDelay": "34.5s"}]}, 34_500),
        ({"details": {"retryDelay": "34s"}}, None),
        ({"message": "Please try again in 20s. Visit our site."}, 20_000),
        ({"message": "Please try again in 350ms."}, 350),
        ({"message": "try again in 1m30s"}, 90_000),
        ({"message": "Please retry after 6 seconds."}, 6000),
        ({"message": "Please wait 2 minutes"}, 120_000),
        ({"message": "Please try again in 1.2s"}, 1200),
        ({"message": "Limit 25, used 25. Please try again later."}, None),
        ({"message": "try again in 99999999 hours"}, None),
        ({"message": None}, None),
    ],
)
def test_hints_inside_the_body_are_understood(error: dict[str, Any], wait: int | None) -> None:
    assert retry_after_ms({}, error, NOW) == wait


def test_the_refill_of_a_bucket_is_only_the_last_resort() -> None:
    headers = {"x-ratelimit-reset-requests": "12ms"}
    assert retry_after_ms(headers, {"message": "try again in 20s"}, NOW) == 20_000


def test_the_pause_between_polls_is_obeyed() -> None:
    assert poll_after_ms({"openai-poll-after-ms": "2500"}, NOW) == 2500
    # ofox.ai
    assert poll_after_ms({"retry-after": "1"}, NOW) == 1000
    assert poll_after_ms({}, NOW) is None


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "retry-after-ms", "date", "x-ratelimit-reset-requests"]),
        st.text(max_size=40) | st.from_regex(r"[0-9.smh:\- ]{0,20}"),
    ),
    st.dictionaries(st.sampled_from(["headers", "retry_after", "message", "retryDelay"]), ANY_JSON),
)
def test_no_hint_breaks_anything(headers: dict[str, str], error: dict[str, Any]) -> None:
    wait = retry_after_ms(headers, error, NOW)
    assert wait is None or 0 <= wait <= LONGEST


def test_headers_tell_how_much_is_left_of_a_rate() -> None:
    limits = {
        "X-RateLimit-Limit-Requests": "25",
        "x-ratelimit-remaining-requests": "7",
        "x-ratelimit-reset-requests": "1m12s",
    }
    assert room_left(limits, NOW) == Room(25, 7, 72_000)


_SOON = (NOW + 30_000) // 1000
"""In half a minute, as a time of Unix."""


@pytest.mark.parametrize(
    "form, reset, resets",
    [
        # Luma: a time of Unix
        ("X-RateLimit-{}", str(_SOON), 30_000),
        # OpenRouter: the same in ms
        ("X-RateLimit-{}", str(NOW + 30_500), 30_500),
        ("x-ratelimit-{}", f"{_SOON}.5", 30_500),
        ("x-ratelimit-{}", "12", 12_000),
        ("x-ratelimit-{}", "1m30s", 90_000),
        ("x-ratelimit-{}", SOON, 30_000),
        ("RateLimit-{}", "30", 30_000),
        ("X-RateLimit-{}-Requests", "12ms", 12),
        # Over by now, or by the time that this came
        ("X-RateLimit-{}", str(_SOON - 90), 0),
        # Nonsense
        ("X-RateLimit-{}", str(_SOON + 90_000), None),
        ("X-RateLimit-{}", "100000", None),
        ("X-RateLimit-{}", "9" * 30, None),
        ("X-RateLimit-{}", "-1", None),
        ("X-RateLimit-{}", "soon", None),
        ("X-RateLimit-{}-Tokens", "12ms", None),
    ],
)
def test_the_room_of_a_rate_is_read_in_every_spelling(
    form: str, reset: str, resets: int | None
) -> None:
    said = (("Limit", "25"), ("Remaining", "7"), ("Reset", reset))
    room = room_left({form.format(name): text for name, text in said}, NOW)
    assert room == (None if resets is None else Room(25, 7, resets))


def test_a_reset_is_told_by_the_clock_of_who_sent_it() -> None:
    # Theirs is an hour ahead.
    ahead = {"date": "Mon, 21 Sep 2026 15:13:20 GMT", "x-ratelimit-reset": str(_SOON + 3600)}
    room = room_left({"x-ratelimit-limit": "9", "x-ratelimit-remaining": "9", **ahead}, NOW)
    assert room == Room(9, 9, 30_000)


def test_a_limit_may_be_followed_by_its_window() -> None:
    said = {"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "4", "ratelimit-reset": "9"}
    assert room_left(said, NOW) == Room(100, 4, 9000)


def test_of_two_spellings_the_one_for_requests_counts() -> None:
    said = {"limit": "9", "remaining": "9", "reset": "9"}
    both = {f"x-ratelimit-{name}": text for name, text in said.items()}
    requests = {f"x-ratelimit-{name}-requests": text for name, text in said.items()}
    assert room_left({**both, **requests, "x-ratelimit-limit-requests": "25"}, NOW) == Room(
        25, 9, 9000
    )
    assert room_left({**both, "x-ratelimit-limit-requests": "25"}, NOW) == Room(9, 9, 9000)


def test_a_reset_says_when_to_come_back_where_nothing_better_does() -> None:
    reset = {"x-ratelimit-reset": str(_SOON)}
    assert retry_after_ms(reset, {}, NOW) == 30_000
    assert retry_after_ms({**reset, "retry-after": "2"}, {}, NOW) == 2000
    assert retry_after_ms({}, {"metadata": {"headers": reset}}, NOW) == 30_000
    inner = {"metadata": {"headers": {**reset, "Retry-After": "17"}}}
    assert retry_after_ms({}, inner, NOW) == 17_000
    assert retry_after_ms({}, {"metadata": "?"}, NOW) is None


@pytest.mark.parametrize(
    "limit, left, resets",
    [("", "7", "1s"), ("25", "", "1s"), ("25", "7", ""), ("25", "26", "1s"), ("0", "0", "1s")],
)
def test_headers_that_say_only_half_of_it_say_nothing(limit: str, left: str, resets: str) -> None:
    headers = {
        "x-ratelimit-limit-requests": limit,
        "x-ratelimit-remaining-requests": left,
        "x-ratelimit-reset-requests": resets,
    }
    assert room_left(headers, NOW) is None


@given(
    st.dictionaries(
        st.sampled_from(
            [f"x-ratelimit-{name}" for name in ("limit", "remaining", "reset")] + ["date"]
        ),
        st.text(max_size=40) | st.from_regex(r"[0-9.smh:,;=\- ]{0,20}"),
    )
)
def test_no_room_breaks_anything(headers: dict[str, str]) -> None:
    room = room_left(headers, NOW)
    assert room is None or (0 <= room.left <= room.limit and 0 <= room.resets <= LONGEST)
