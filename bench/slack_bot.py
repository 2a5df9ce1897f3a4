"""A bot on a Slack of our own, as a process of its own: ours, or one that only acks.

``python -m bench.slack_bot KIND WAY FOLDER WHERE``; KIND is one of `KINDS`, WAY is
``sockets`` or ``http``, WHERE is what `bench.slack_crowd` said. It says its address for Slack.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import aiohttp
import aiosqlite
import uvicorn
from aiohttp import web
from fastapi import FastAPI
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Mount

from adapters.media.ffmpeg import Ffmpeg
from adapters.slack.manifest import EVENTS_PATH
from adapters.slack.platform import Around, Options, SlackChat
from adapters.slack.workspaces import NAME
from adapters.web.guard import LOOPBACK, Guard, Rules
from bench.backends import Endless, NoStills
from bench.bots import grounded
from bench.processes import say_and_stay, share_cores
from bot.app import keep_pauses_short
from bot.bootstrap import Ground, assemble
from bot.services.styles import Styles

LINES = 2
Ack = Callable[[], Awaitable[object]]
Listener = Callable[..., Awaitable[None]]
Where = Mapping[str, str]


class Kind(Protocol):
    """A bot that serves within the block: its address for Slack, if it has one."""

    def __call__(self, folder: Path, way: str, where: Where) -> AbstractAsyncContextManager[str]:
        """With its data in `folder`."""
        ...


def chat_on(ground: Ground, where: Where, way: str = "sockets") -> SlackChat:
    """Our adapter, not yet connected."""
    around = Around(
        ground.store.notes(NAME),
        ground.store.inbox(NAME),
        ground.blobs,
        ground.media,
        ground.clock,
        ground.backends.shop.catalogue,
        Styles(ground.store, ground.clock).offered,
    )
    app_token = where["app_token"] if way == "sockets" else ""
    secret = where["signing_secret"]
    return SlackChat(
        Options(where["bot_token"], app_token, secret, where["api_url"], LINES), around
    )


@asynccontextmanager
async def ours(folder: Path, way: str, where: Where) -> AsyncGenerator[str]:
    """The adapter, the core and the store as people run them, before a backend without an end."""
    async with grounded(folder, Endless(), NoStills(Ffmpeg())) as ground, AsyncExitStack() as stack:
        chat = chat_on(ground, where, way)
        bot = assemble(ground, {chat.name: chat}, chat.find)
        stack.push_async_callback(bot.app.stop)
        url = ""
        if way == "http":
            url = await stack.enter_async_context(_served(chat))
        await bot.app.start()
        keep_pauses_short()
        yield url


@asynccontextmanager
async def _served(chat: SlackChat) -> AsyncGenerator[str]:
    """Behind the guard of the bot's own server, as people run it."""
    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, routes=[Mount("/slack", chat.door)]
    )
    guard = Guard(app, Rules("", LOOPBACK))
    config = uvicorn.Config(guard, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}{EVENTS_PATH}"
    finally:
        server.should_exit = True
        await running


async def _ack(ack: Ack) -> None:
    await ack()


@asynccontextmanager
async def bare(folder: Path, way: str, where: Where) -> AsyncGenerator[str]:
    """Bolt alone, with our settings of it and a listener that does nothing but ack."""
    del folder
    async with _bolt(way, where, _ack) as url:
        yield url


@asynccontextmanager
async def storing(folder: Path, way: str, where: Where) -> AsyncGenerator[str]:
    """The same with the least that keeps a command over a death: one row, stored before the ack."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with aiosqlite.connect(folder / "bare.db") as database:
        await database.execute("PRAGMA journal_mode=WAL")
        await database.execute("PRAGMA synchronous=NORMAL")
        await database.execute("CREATE TABLE inbox (key TEXT PRIMARY KEY, text TEXT)")

        async def store(ack: Ack, body: Mapping[str, Any]) -> None:
            row = (body["trigger_id"], json.dumps(body))
            await database.execute("INSERT INTO inbox VALUES (?, ?)", row)
            await database.commit()
            await ack()

        async with _bolt(way, where, store) as url:
            yield url


@asynccontextmanager
async def _bolt(way: str, where: Where, listener: Listener) -> AsyncGenerator[str]:
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        client = AsyncWebClient(where["bot_token"], base_url=where["api_url"], session=session)
        secret = where["signing_secret"]
        app = AsyncApp(client=client, signing_secret=secret, process_before_response=True)
        cast("Any", app).command("/sora")(listener)
        if way == "http":
            yield await _called(stack, app)
            return
        for _ in range(LINES):
            handler = cast("Any", AsyncSocketModeHandler(app, where["app_token"]))
            await handler.connect_async()
            stack.push_async_callback(handler.close_async)
        yield ""


async def _called(stack: AsyncExitStack, app: AsyncApp) -> str:
    runner = web.AppRunner(app.web_app(path=EVENTS_PATH), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}{EVENTS_PATH}"


KINDS: Mapping[str, Kind] = {"ours": ours, "bare": bare, "storing": storing}


async def serve(kind: str, way: str, folder: Path, where: Where) -> None:
    """Until it is told to stop."""
    async with KINDS[kind](folder, way, where) as url:
        await say_and_stay(url)


def main() -> None:
    """The command line above."""
    share_cores(chat=False)
    kind, way, folder, where = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(kind, way, Path(folder), json.loads(where)))


if __name__ == "__main__":
    main()
