"""How calls keep within Slack's limits, and what its refusals mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import calls as module
from adapters.slack import faults
from adapters.slack.calls import LONGEST, TIERS, Calls, Rule, Window, keys_of
from adapters.slack.faults import (
    BUSY_WAIT,
    LONGEST_WAIT,
    FilesBlocked,
    NoSuchChannel,
    NoSuchFile,
    NoSuchMessage,
    NotInside,
    Revoked,
    Unsure,
    ViewChanged,
    chat_error,
    retry_after,
)
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone, ThreadGone
from tests.fakes.clock import START, FakeClock
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.methods import METHODS
from tests.fakes.slack_server.sample import client_of
from tests.fakes.slack_server.server import SlackServer

__all__ = ["slack_server"]

POST, EDIT = "chat.postMessage", "chat.update"
TIMES = st.lists(st.integers(0, 2_000), max_size=60)
RULES = st.builds(Rule, st.integers(1, 8), st.integers(1, 5_000))


# --- one key --------------------------------------------------------------------------------


@given(RULES, TIMES)
def test_no_stretch_of_time_ever_has_more_calls_than_the_rule_allows(
    rule: Rule, gaps: list[int]
) -> None:
    window, now, taken = Window(rule), START, list[int]()
    for gap in gaps:
        now += gap
        now += window.wait(now)
        assert window.wait(now) == 0
        window.take(now)
        taken.append(now)
    for first in taken:
        assert sum(first <= at < first + rule.per for at in taken) <= rule.count


@given(RULES, TIMES)
def test_nobody_waits_while_the_rule_allows_one_more(rule: Rule, gaps: list[int]) -> None:
    window, now, taken = Window(rule), START, list[int]()
    for gap in gaps:
        now += gap
        recent = sum(at > now - rule.per for at in taken)
        assert (window.wait(now) == 0) == (recent < rule.count)
        if recent < rule.count:
            window.take(now)
            taken.append(now)


@given(RULES, st.lists(st.integers(-(10**9), 10**9), min_size=1), st.integers(0, 10**6))
def test_a_clock_that_jumps_holds_nothing_for_longer_than_the_rule_or_the_pause(
    rule: Rule, jumps: list[int], pause: int
) -> None:
    window, now = Window(rule), START
    window.pause(pause, now)
    for jump in jumps:
        now += jump
        assert 0 <= window.wait(now) <= max(rule.per, pause)
        window.take(now)


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 9_000)), min_size=1))
def test_a_pause_lasts_as_long_as_the_longest_that_was_asked_for(
    pauses: list[tuple[int, int]],
) -> None:
    window, now, until = Window(Rule(100, 1)), START, 0
    for gap, wait in pauses:
        now += gap
        window.pause(wait, now)
        until = max(until, now + wait)
        assert window.wait(now) == until - now


# --- keys -----------------------------------------------------------------------------------


def test_messages_are_counted_by_channel_and_all_else_by_method() -> None:
    assert keys_of(POST, {"channel": "C1"}) == [(POST, "C1")]
    assert keys_of(EDIT, {"channel": "C1"}) == [(EDIT, "")]


def test_no_method_is_granted_more_than_slack_grants() -> None:
    for method, count in TIERS.items():
        granted = METHODS[method].per_minute
        assert granted, method
        assert count <= granted, method


# --- calling --------------------------------------------------------------------------------


@pytest.fixture
async def client(slack_server: SlackServer) -> AsyncIterator[AsyncWebClient]:
    async with client_of(slack_server) as made:
        made.retry_handlers.clear()
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def calls(client: AsyncWebClient, clock: FakeClock) -> Calls:
    return Calls(client, clock)


def hello(channel: Channel) -> Mapping[str, str]:
    return {"channel": channel.id, "text": "hello"}


async def test_a_pause_holds_its_own_key_only(
    calls: Calls, clock: FakeClock, slack_server: SlackServer
) -> None:
    busy, free = slack_server.channel("busy"), slack_server.channel("free")
    slack_server.faults.throttle(POST, 30)
    with pytest.raises(ChatBusy) as raised:
        await calls.call(POST, hello(busy))
    assert raised.value.retry_after_ms == 30_000
    clock.advance(10_000)
    with pytest.raises(ChatBusy) as raised:
        await calls.call(POST, hello(busy))
    assert raised.value.retry_after_ms == 20_000
    assert len(slack_server.calls) == 1
    await calls.call(POST, hello(free))
    clock.advance(20_000)
    await calls.call(POST, hello(busy))
    assert (len(busy.messages), len(free.messages)) == (1, 1)


async def test_a_pause_of_a_method_holds_it_everywhere_and_no_other(
    calls: Calls, slack_server: SlackServer
) -> None:
    channel = slack_server.channel("videos")
    told = await calls.call(POST, hello(channel))
    change = {**hello(channel), "ts": told["ts"]}
    slack_server.faults.throttle(EDIT, 30)
    for _ in range(2):
        with pytest.raises(ChatBusy):
            await calls.call(EDIT, change)
    assert len(slack_server.find(EDIT)) == 1
    await calls.call(POST, hello(channel))


async def test_a_short_wait_is_waited_for_and_a_long_one_is_not(
    calls: Calls, clock: FakeClock, slack_server: SlackServer
) -> None:
    channel = slack_server.channel("videos")
    slack_server.door.limits.burst = 100
    for _ in range(3):
        await calls.call(POST, hello(channel))
    with pytest.raises(ChatBusy) as raised:
        await calls.call(POST, hello(channel))
    assert raised.value.retry_after_ms == 3_000 > LONGEST
    clock.advance(1_500)
    waiting = asyncio.create_task(calls.call(POST, hello(channel)))
    await asyncio.sleep(0)
    assert clock.sleepers == 1
    clock.advance(1_500)
    await waiting
    assert len(channel.messages) == 4


async def test_many_who_wait_for_a_turn_get_no_more_than_there_are(
    calls: Calls, clock: FakeClock, slack_server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST", 60_000)
    channel = slack_server.channel("videos")
    slack_server.door.limits.burst = 100
    posting = [asyncio.create_task(calls.call(POST, hello(channel))) for _ in range(10)]
    for number in (3, 6, 9, 10):
        await slack_server.until(lambda number=number: len(channel.messages) >= number)
        await clock.run_for(2_999)
        assert len(channel.messages) == number
        clock.advance(1)
    await asyncio.gather(*posting)


async def test_what_cannot_wait_goes_at_once(calls: Calls, slack_server: SlackServer) -> None:
    channel = slack_server.channel("videos")
    slack_server.faults.throttle(POST, 30)
    with pytest.raises(ChatBusy):
        await calls.at_once(POST, hello(channel))
    await calls.at_once(POST, hello(channel))
    assert len(channel.messages) == 1


async def test_a_call_whose_answer_is_lost_is_never_sent_twice(
    calls: Calls, slack_server: SlackServer
) -> None:
    channel = slack_server.channel("videos")
    slack_server.faults.reset(POST, after=True)
    with pytest.raises(Unsure):
        await calls.call(POST, hello(channel))
    assert (len(slack_server.calls), len(channel.messages)) == (1, 1)


async def test_a_refused_token_pauses_no_key_and_is_remembered(
    calls: Calls, slack_server: SlackServer
) -> None:
    channel = slack_server.channel("videos")
    slack_server.gate.revoked = True
    with pytest.raises(Revoked, match="retry after 60000 ms"):
        await calls.call(POST, hello(channel))
    assert calls.refused


async def test_keys_that_nobody_uses_are_forgotten(
    calls: Calls, slack_server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KEYS", 3)
    for number in range(10):
        await calls.call(POST, hello(slack_server.channel(f"c{number}")))
    assert len(calls._windows) <= 3


# --- what refusals mean ---------------------------------------------------------------------


def refusal(
    word: str = "", status: int = 200, headers: Mapping[str, str] | None = None
) -> SlackApiError:
    """What the library raises when Slack said no."""
    # For a page the library says what it never promised: text.
    data: Any = {"ok": False, "error": word} if word else "<html>"
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="chat.postMessage",
        req_args={},
        data=data,
        headers=dict(headers or {}),
        status_code=status,
    )
    return SlackApiError("refused", response)


MEANINGS: dict[type[ChatError], tuple[str, ...]] = {
    NotInside: ("not_in_channel", "method_not_supported_for_channel_type"),
    NoSuchChannel: ("channel_not_found",),
    NoSuchMessage: ("message_not_found",),
    ChatGone: (
        "is_archived",
        "cant_update_message",
        "edit_window_closed",
        "user_not_found",
        "users_not_found",
        "user_disabled",
    ),
    ThreadGone: ("thread_not_found",),
    NoSuchFile: ("file_deleted", "file_not_found"),
    ViewChanged: ("hash_conflict",),
    Revoked: (
        "account_inactive",
        "app_uninstalled",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    ),
    FilesBlocked: (
        "file_type_not_allowed",
        "file_upload_size_restricted",
        "file_uploads_disabled",
        "file_uploads_except_images_disabled",
        "slack_connect_file_upload_sharing_blocked",
        "storage_limit_reached",
    ),
    ChatForbidden: (
        "cannot_dm_bot",
        "cant_delete_file",
        "cant_delete_message",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "messages_tab_disabled",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "posting_to_channel_denied",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
    ),
    Unsure: ("fatal_error", "internal_error", "request_timeout", "service_unavailable"),
    ChatBusy: ("ratelimited", "rate_limited"),
    ChatError: ("invalid_blocks", "msg_too_long", "a_word_of_tomorrow"),
}
PAIRS = [(word, kind) for kind, words in MEANINGS.items() for word in words]


@pytest.mark.parametrize("word, kind", PAIRS, ids=[word for word, _ in PAIRS])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_each_word_of_slacks_has_one_meaning(word: str, kind: type[ChatError], status: int) -> None:
    assert type(chat_error(refusal(word, status))) is kind


def test_no_word_has_two_meanings_and_none_is_without_a_test() -> None:
    sorted_ = [word for words, _ in faults._SORTED for word in words]
    assert len(sorted_) == len(set(sorted_))
    assert set(sorted_) <= {word for word, _ in PAIRS}


@pytest.mark.parametrize(
    "error",
    [
        refusal(status=500),
        refusal(status=502),
        refusal(status=404),
        SlackRequestError("no answer"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ServerTimeoutError(),
        ConnectionResetError(),
        TimeoutError(),
    ],
)
def test_without_a_word_nobody_knows_whether_it_took_effect(error: Exception) -> None:
    assert type(chat_error(error)) is Unsure


def test_a_429_without_a_word_is_busy_all_the_same() -> None:
    found = chat_error(refusal(status=429, headers={"Retry-After": "7"}))
    assert isinstance(found, ChatBusy)
    assert found.retry_after_ms == 7_000


@pytest.mark.parametrize(
    "said, wait",
    [
        ("30", 30_000),
        ("0", 0),
        ("1.5", 1_500),
        ("-5", 0),
        ("soon", BUSY_WAIT),
        ("", BUSY_WAIT),
        ("nan", BUSY_WAIT),
        ("inf", BUSY_WAIT),
        ("Fri, 27 Nov 2026 04:00:00 GMT", BUSY_WAIT),
        ("1e300", LONGEST_WAIT),
        ("99999999", LONGEST_WAIT),
    ],
)
@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
def test_how_long_to_wait_is_read_with_care(name: str, said: str, wait: int) -> None:
    assert retry_after(refusal("ratelimited", 429, {name: said})) == wait


def test_when_slack_does_not_say_how_long_it_is_a_moment() -> None:
    assert retry_after(refusal("ratelimited", 429)) == BUSY_WAIT
