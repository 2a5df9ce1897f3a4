"""Slack's own types find what is wrong with a call, and let pass what is right."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.records import PLACE, kept
from tests.fakes.slack_server.sample import client_of, refused
from tests.fakes.slack_server.server import SlackServer
from tests.oracle import packages, session
from tests.oracle.check import complaints

__all__ = ["slack_server"]

Body = dict[str, Any]
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
needs_types = pytest.mark.skipif(
    not packages.are_here(), reason="Slack's types are not here: python -m tests.oracle.packages"
)


def call(method: str, *, typed: bool = True, **args: object) -> Body:
    return {"method": method, "args": args, "typed": typed}


def post(**args: object) -> Body:
    return {"method": "chat.postMessage", "args": args, "typed": True}


WRONG: list[tuple[Body, str]] = [
    (post(text="hello"), "'{ text: string; }' is missing"),
    (post(channel="C1", text="hello", mood="good"), "'\"mood\"' does not exist in type"),
    (
        post(channel="C1", text="-", blocks=[{"type": "section", "text": {"type": "mrkdown"}}]),
        '"mrkdown"\' is not assignable',
    ),
    (
        post(channel="C1", text="-", blocks=[{"type": "actions"}]),
        "'elements' is missing",
    ),
    (
        call("views.open", trigger_id="1", view={"type": "modal", "blocks": []}),
        "'title' is missing",
    ),
    (call("files.getUploadURLExternal", filename="a", length="9"), "assignable to type 'number'"),
    (call("response_url", text="hello", response_tipe="ephemeral"), "'\"response_tipe\"' does not"),
    (call("ack of a form", response_action="errors"), "'errors' is missing"),
    (call("videos.make", prompt="a kite"), "Slack's types have no such method"),
]
RIGHT: list[Body] = [
    post(channel="C1", text="hello", blocks=[SECTION], unfurl_links=False, team_id="T1"),
    call("auth.test", typed=False, team_id="T1"),
    call("files.getUploadURLExternal", typed=False, filename="a", length="9", alt_txt="A kite"),
    call("conversations.history", typed=False, channel="C1", limit="5", inclusive="1"),
    call("response_url", text="hello", replace_original=True, response_type="ephemeral"),
    call("response_url", delete_original=True),
    call("ack of a command", text="hello", blocks=[SECTION]),
    call("ack of a form", response_action="errors", errors={"prompt": "Too long."}),
    call("files.completeUploadExternal", files=[{"id": "F1"}], channel_id="C1", blocks=[SECTION]),
]


@needs_types
@pytest.mark.timeout(120)  # a compiler starts, on a machine that may be busy
def test_only_wrong_calls_are_named_each_with_its_reason() -> None:
    found = complaints([*RIGHT, *(one for one, _ in WRONG)])
    assert len(found) == len(WRONG)
    for wrong, reason in WRONG:
        (about,) = (one for one in found if one.endswith(json.dumps(wrong["args"])))
        assert reason in about


@needs_types
@pytest.mark.timeout(120)
def test_a_wrong_call_makes_the_run_fail() -> None:
    assert session.compared(RIGHT).passed
    report = session.compared([*RIGHT, post(text="hello")])
    assert report.failed
    assert f"1 of {len(RIGHT) + 1} kinds of calls do not fit" in str(report.longrepr)


async def test_one_call_of_each_shape_is_kept(
    slack_server: SlackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLACE, str(tmp_path))
    channel = slack_server.channel("videos")
    async with client_of(slack_server) as client:
        for text in ("One kite.", "Another kite."):
            await client.chat_postMessage(channel=channel.id, text=text)
        await client.chat_postMessage(channel=channel.id, text="A kite.", unfurl_links=False)
        await client.conversations_info(channel=channel.id, include_num_members=True)
    unfurled, plain, info = kept(tmp_path)
    assert info["args"] == {"channel": channel.id, "include_num_members": "1"}
    assert (info["typed"], plain["typed"]) == (False, True)
    assert unfurled["args"].keys() - plain["args"].keys() == {"unfurl_links"}


async def test_what_the_server_calls_wrong_is_not_kept(
    slack_server: SlackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLACE, str(tmp_path))
    async with client_of(slack_server) as client:
        await refused(client.chat_postMessage(channel="C0AAAAAAAA9", text="x" * 40_001))
        await refused(client.chat_postMessage(channel="C0AAAAAAAA9", text="A kite."))
    assert "msg_too_long" in slack_server.violations.pop()
    assert [one["args"]["text"] for one in kept(tmp_path)] == ["A kite."]
