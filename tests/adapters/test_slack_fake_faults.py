"""What goes wrong on purpose, what is told again, and HTTP mode."""

import asyncio
import contextlib
import logging
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.errors import SlackApiError

from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.http_mode import signed
from tests.fakes.slack_server.offers import NotOffered
from tests.fakes.slack_server.parcels import Lost
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.sample import (
    App,
    Client,
    an_app,
    by_http,
    by_sockets,
    refused,
)
from tests.fakes.slack_server.scene import ana, app, channel, client
from tests.fakes.slack_server.server import SlackServer

__all__ = ["ana", "app", "channel", "client", "slack_server"]

Body = dict[str, Any]
POST = "chat.postMessage"


async def test_a_status_without_json_is_raised(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    slack_server.faults.fail(POST, 503)
    slack_server.faults.fail(POST, 503, after=True)
    for _ in range(2):
        failure = await refused(client.chat_postMessage(channel=channel.id, text="hello"))
        assert failure.status == 503
    assert len(channel.messages) == 1


async def test_a_broken_connection_hides_whether_it_worked(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    client.retry_handlers.clear()
    slack_server.faults.reset(POST)
    slack_server.faults.reset(POST, after=True)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=channel.id, text="hello")
    assert len(channel.messages) == 1


async def test_slack_can_say_no_or_later(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    slack_server.faults.refuse("chat.*", "restricted_action")
    slack_server.faults.throttle("chat.*", 7)
    with pytest.raises(SlackApiError, match="restricted_action"):
        await client.chat_postMessage(channel=channel.id, text="hello")
    failure = await refused(client.chat_postMessage(channel=channel.id, text="hello"))
    assert failure.headers["Retry-After"] == "7"
    assert [one.error for one in slack_server.find("chat.*")] == ["restricted_action", ""]


async def test_an_answer_can_be_held_back(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    held = slack_server.faults.hold(POST)
    task = asyncio.create_task(client.chat_postMessage(channel=channel.id, text="hello"))
    await held.reached.wait()
    assert len(channel.messages) == 1
    assert not task.done()
    held.release()
    assert (await task)["ok"]


async def test_a_trigger_works_once_and_not_for_long(
    app: App, slack_server: SlackServer, client: Client, ana: Person, channel: Channel
) -> None:
    @app.command("/sora")
    async def make(ack: AsyncAck) -> None:
        await ack()

    view: Body = {"type": "modal", "title": {"type": "plain_text", "text": "Hello"}, "blocks": []}
    asked = await ana.slash(channel, "/sora")
    late = await ana.slash(channel, "/sora")
    late.expire_trigger()
    await client.views_open(trigger_id=asked.trigger_id, view=view)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=asked.trigger_id, view=view)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=late.trigger_id, view=view)
    assert "exchanged_trigger_id" in slack_server.violations.pop()


async def test_a_response_url_works_five_times(app: App, ana: Person, channel: Channel) -> None:
    statuses: list[int] = []

    @app.command("/sora")
    async def make(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        statuses.extend([(await respond(str(one))).status_code for one in range(6)])

    asked = await ana.slash(channel, "/sora")
    assert statuses == [200] * 5 + [404]
    assert [one.text for one in asked.messages] == list("01234")


async def test_an_event_that_nobody_took_is_told_again_under_its_id(
    app: App, slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    heard: list[tuple[str, list[str]]] = []

    @app.event("message")
    async def said(body: Body, request: Any) -> None:  # noqa: ANN401  # bolt's own
        heard.append((body["event_id"], request.headers.get("x-slack-retry-num", [])))

    slack_server.events.delays = (0.0, 0.0, 0.0)
    slack_server.post.lose = 2
    ana.says(channel, "hello")
    await slack_server.until(lambda: len(heard) == 3)
    assert len({event_id for event_id, _ in heard}) == 1
    assert [number for _, number in heard][1:] == [["1"], ["2"]]


async def test_an_event_can_be_told_again_on_purpose(
    app: App, slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    heard: list[Body] = []

    @app.event("message")
    async def said(body: Body) -> None:
        heard.append(body)

    ana.says(channel, "hello")
    await slack_server.until(lambda: len(heard) == 1)
    event = slack_server.events.told[0]
    slack_server.events.redeliver(event)
    slack_server.events.redeliver(event, under_new_id=True)
    await slack_server.until(lambda: len(heard) == 3)
    assert len({one["event_id"] for one in heard}) == 2
    assert len({one["event"]["ts"] for one in heard}) == 1


async def test_what_the_manifest_does_not_offer_cannot_be_used(
    slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    slack_server.world.offers.install(
        {
            "features": {"slash_commands": [{"command": "/film", "description": "-"}]},
            "oauth_config": {"scopes": {"bot": ["commands"]}},
        }
    )
    with pytest.raises(NotOffered):
        await ana.slash(channel, "/sora")
    with pytest.raises(NotOffered):
        await ana.shortcut("Make a video")
    ana.mention(channel, "hello")
    assert slack_server.events.told == []


async def test_over_http_everything_is_signed(
    slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    heard: list[str] = []
    async with an_app(slack_server) as app, by_http(app, slack_server) as url:

        @app.command("/sora")
        async def make(ack: AsyncAck, body: Body) -> None:
            await ack(f"Making {body['text']}")

        @app.event("app_mention")
        async def mentioned(event: Body) -> None:
            heard.append(event["text"])

        @app.event("message")
        async def said() -> None: ...

        @app.shortcut("make_video")
        async def short(ack: AsyncAck) -> None:
            await ack()

        assert (await ana.slash(channel, "/sora", "a kite")).text == "Making a kite"
        assert not (await ana.shortcut("Make a video")).failed
        ana.mention(channel, "hello")
        await slack_server.until(lambda: heard)
        async with aiohttp.ClientSession() as session:
            for headers in (signed("another secret", "{}"), signed("signs-nothing", "{}", at=0)):
                async with session.post(url, data="{}", headers=headers) as response:
                    assert response.status == 401


async def test_an_event_without_a_listener_is_told_again(
    slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    async with an_app(slack_server) as app, by_http(app, slack_server):
        slack_server.events.delays = (0.0,)
        ana.says(channel, "hello")
        event = slack_server.events.told[0]
        await slack_server.until(lambda: len(event.results) == 2)
        assert not event.taken


async def test_a_bot_can_ask_to_be_told_only_once(
    slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    async def refuse(http: web.Request) -> web.Response:
        body = await http.json()
        if body["type"] == "url_verification":
            return web.Response(text=body["challenge"])
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    bot = web.Application()
    bot.router.add_post("/", refuse)
    runner = web.AppRunner(bot, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await slack_server.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    ana.says(channel, "hello")
    event = slack_server.events.told[0]
    await slack_server.until(lambda: event.results)
    await runner.cleanup()
    assert event.results == [Lost("http_error 500", again=False)]


async def test_an_eleventh_socket_is_sent_away(slack_server: SlackServer) -> None:
    async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as sockets:
        first: list[str] = []
        for _ in range(11):
            link = slack_server.sockets.ticket()
            socket = await sockets.enter_async_context(session.ws_connect(link))
            first.append((await socket.receive_json())["type"])
        assert first == ["hello"] * 10 + ["disconnect"]


async def test_a_bad_app_token_is_tried_for_ever(
    slack_server: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    slack_server.faults.refuse("apps.connections.open", "invalid_auth", times=2)
    async with an_app(slack_server) as app, by_sockets(app, slack_server):
        assert [one.error for one in slack_server.find("apps.*")] == ["invalid_auth"] * 2 + [""]
