"""The server as a process of its own, and beside a bot that is one and gets killed."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.sample import App, Client
from tests.fakes.slack_server.server import SlackServer

__all__ = ["slack_server"]

# Each starts processes, on a machine that may be busy.
pytestmark = pytest.mark.timeout(60)
Body = dict[str, Any]


@asynccontextmanager
async def process(module: str, *arguments: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A part of the fake as a process; killed at the end if it still runs."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.fakes.slack_server.{module}", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.communicate()


async def line_of(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout
    return await asyncio.wait_for(child.stdout.readline(), 40)


async def ask(session: aiohttp.ClientSession, name: str, **wanted: object) -> tuple[int, Body]:
    """Ask the server's process for something: status and answer."""
    async with session.post(f"/control/{name}", json=wanted) as response:
        return response.status, await response.json()


async def figures(session: aiohttp.ClientSession) -> Body:
    async with session.get("/control/figures") as response:
        return await response.json()


@asynccontextmanager
async def bot_of(told: Body) -> AsyncGenerator[App]:
    """A bolt app that answers a command later, over its response_url."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(told["bot_token"], base_url=told["api_url"], session=session)
        app: App = AsyncApp(client=client, signing_secret=told["signing_secret"])

        @app.command("/sora")
        async def make(ack: AsyncAck, respond: AsyncRespond, client: Client, body: Body) -> None:
            await ack()
            posted = await client.chat_postMessage(channel=body["channel_id"], text="Making")
            await client.chat_update(channel=body["channel_id"], ts=posted["ts"], text="Made")
            await respond(f"{body['user_name']} made {body['text']}")

        yield app


async def test_a_bench_orders_and_counts_over_sockets() -> None:
    async with process("serve") as child:
        told = json.loads(await line_of(child))
        async with aiohttp.ClientSession(told["url"]) as session, bot_of(told) as app:
            assert await ask(session, "slash", command="/other") == (
                400,
                {"not_offered": "/other is not a valid command"},
            )
            handler = AsyncSocketModeHandler(app, told["app_token"], ping_interval=0.3)
            await handler.connect_async()
            status, asked = await ask(session, "slash", command="/sora", text="a kite", user="Ben")
            assert (status, asked["failed"]) == (200, "")
            assert 0 < asked["took"] < 3
            answer = await ask(session, "answer", id=asked["id"])
            assert answer == (200, {"text": "ben made a kite"})
            found = await figures(session)
            await handler.close_async()
        assert found["calls"]["chat.postMessage"] == found["calls"]["chat.update"] == 1
        assert (found["messages"], found["edits_in_worst_minute"], found["sockets"]) == (1, 1, 1)
        assert (found["refused"], found["violations"]) == ({}, [])
        child.terminate()
        assert await child.wait() == 0


async def test_a_bench_orders_over_http() -> None:
    async with process("serve") as child:
        told = json.loads(await line_of(child))
        async with aiohttp.ClientSession(told["url"]) as session, bot_of(told) as app:
            nowhere = "http://127.0.0.1:9/slack/events"
            assert (await ask(session, "deliver_to", url=nowhere))[0] == 400
            runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            address = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
            assert await ask(session, "deliver_to", url=address) == (200, {})
            _, asked = await ask(session, "slash", command="/sora", text="a kite")
            assert (await ask(session, "answer", id=asked["id"]))[1]["text"] == "ana made a kite"
            await runner.cleanup()


async def test_a_killed_bot_is_noticed_and_its_next_life_serves(slack_server: SlackServer) -> None:
    channel = slack_server.channel("videos")
    ana = slack_server.member("Ana", channel)
    told = (slack_server.api_url, slack_server.bot_token, slack_server.app_token)
    for text in ("a kite", "a boat"):
        async with process("small_bot", *told) as bot:
            assert await line_of(bot) == b"connected\n"
            await slack_server.until(lambda: slack_server.sockets.lines)
            assert (await ana.slash(channel, "/sora", text)).text == f"Making {text}"
            bot.send_signal(signal.SIGKILL)
            await slack_server.until(lambda: not slack_server.sockets.lines)
        assert "dispatch_failed" in (await ana.slash(channel, "/sora")).failed
