"""Where an end may be told: named to each provider in its own way, and shown to nobody else."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from urllib.parse import quote

import pytest

from adapters.providers.refusals import tidy
from adapters.providers.tasks.registry import WIRES
from adapters.providers.tasks.wire import Ask, Pictures
from bot.errors import ProviderError
from tests.fakes.gateway import Gateway, Received, Reply
from tests.fakes.wires import TELLING, TOLD_AT, client_before, shown

SECRET = TOLD_AT.rpartition("/")[2]
CREATED = {
    "id": "a",
    "request_id": "a",
    "job_id": "a",
    "data": {"task_id": "a"},
    "status": "queued",
    "webhook": TOLD_AT,
}
"""A new job, as any of them calls it."""


def asked(name: str) -> Ask:
    return WIRES[name].create(TELLING, Pictures())


@pytest.mark.parametrize(
    "name, field, said",
    [
        ("openrouter", "callback_url", TOLD_AT),
        ("kling", "callback_url", TOLD_AT),
        ("replicate", "webhook", TOLD_AT),
        ("replicate", "webhook_events_filter", ["completed"]),
        ("gemini", "webhook_config", {"uris": [TOLD_AT]}),
    ],
)
def test_some_read_the_address_in_the_body(name: str, field: str, said: object) -> None:
    assert json.loads(json.dumps(asked(name).json))[field] == said


def test_a_version_at_replicate_is_told_it_too() -> None:
    ask = WIRES["replicate"].create(replace(TELLING, model="maker/model:f00d"), Pictures())
    assert (ask.path, TOLD_AT in shown(ask)) == ("/predictions", True)


def test_others_read_it_beside_the_body() -> None:
    assert asked("fal").params == {"fal_webhook": TOLD_AT}
    assert asked("higgsfield").params == {"hf_webhook": TOLD_AT}
    assert asked("krea").headers == {"X-Webhook-URL": TOLD_AT}


@pytest.mark.parametrize(
    "name, field, said",
    [("gemini", "webhook_config", {"uris": [TOLD_AT]}), ("openrouter", "callback_url", TOLD_AT)],
)
def test_a_remix_says_it_as_a_create_does(name: str, field: str, said: object) -> None:
    wire, parent = WIRES[name], {"id": "v1_a", "model": "gemini-omni"}
    ask = wire.remix(parent, "in the rain", TOLD_AT)
    assert json.loads(json.dumps(ask.json))[field] == said
    assert field not in shown(wire.remix(parent, "in the rain"))


def test_an_extension_says_it_as_a_create_does() -> None:
    wire, parent = WIRES["gemini"], {"id": "v1_a", "model": "gemini-omni"}
    ask = wire.extend(parent, "it lands", 5, TOLD_AT)
    assert json.loads(json.dumps(ask.json))["webhook_config"] == {"uris": [TOLD_AT]}
    assert "webhook" not in shown(wire.extend(parent, "it lands", 5))


@pytest.mark.parametrize("name", ["runway", "luma", "xai"])
def test_who_tells_nothing_is_told_nothing(name: str) -> None:
    assert SECRET not in shown(asked(name))


@pytest.mark.parametrize("name", WIRES)
def test_without_an_address_nothing_is_said_of_one(name: str) -> None:
    quiet = shown(WIRES[name].create(replace(TELLING, webhook_url=""), Pictures())).lower()
    assert "webhook" not in quiet
    assert "callback" not in quiet


@pytest.mark.parametrize("name", WIRES)
def test_no_address_stands_in_a_path_or_shows_in_a_request_or_is_kept(name: str) -> None:
    wire, ask = WIRES[name], asked(name)
    assert SECRET not in ask.path
    assert SECRET not in repr(ask)
    assert SECRET not in repr(TELLING)
    made = wire.made(CREATED, ask)
    assert made is not None
    assert SECRET not in json.dumps(dict(made))


def echo(received: Received) -> Reply:
    """All that was sent, as the reason of a refusal."""
    sent = f"{received.target} {received.headers} {received.body.decode()}"
    return Reply(422, {"error": {"message": f"cannot be told: {sent}"}, "detail": sent})


@pytest.mark.parametrize("name", WIRES)
async def test_a_refusal_that_repeats_it_does_not_show_it(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # As bot/__main__.py has it: its lines are whole addresses.
    caplog.set_level(logging.WARNING, "httpx")
    async with Gateway(echo) as gateway, client_before(gateway, WIRES[name]) as client:
        with pytest.raises(ProviderError) as caught:
            await client.submit(TELLING)
        [received] = gateway.received
    assert SECRET not in f"{caught.value!r} {caught.value.message} {caplog.text} {client!r}"
    silent = {"runway", "luma", "xai"}
    heard = f"{received.target} {received.headers} {received.body!r}"
    assert (SECRET in heard) is (name not in silent)


@pytest.mark.parametrize("text", [TOLD_AT, quote(TOLD_AT, safe=""), TOLD_AT.replace("/", "\\/")])
def test_no_spelling_of_the_address_shows_in_words(text: str) -> None:
    words = tidy(f"cannot reach {text} now")
    assert words.startswith("cannot reach https")
    assert words.endswith("*** now")
    assert SECRET.lower() not in words.lower()
