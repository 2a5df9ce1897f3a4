"""Runs the server as a process of its own: python -m tests.fakes.slack_server.serve.

Its first line is JSON: where the Web API is, and all that a bot is told of its app. One workspace
is there, with one channel. What people do there is asked for over HTTP, for benches: see Control.
"""

import asyncio
import json
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.offers import NotOffered
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.server import SlackServer


async def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    with tempfile.TemporaryDirectory() as folder:
        server = SlackServer(Path(folder))
        control = Control(server)
        server.app.router.add_get("/control/figures", control.figures)
        for name in ("slash", "mention", "answer", "deliver_to"):
            server.app.router.add_post(f"/control/{name}", getattr(control, name))
        await server.start()
        print(json.dumps(control.address()), flush=True)  # noqa: T201  # its product
        try:
            await _stopped()
        finally:
            await server.aclose()


class Control:
    """What a bench asks people to do, and what it wants to know. People appear when named."""

    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.channel = server.channel("videos")
        self.people: dict[str, Person] = {}
        self.asked: list[Asked] = []

    def address(self) -> dict[str, str]:
        """What the first line says."""
        server = self.server
        return {
            "url": server.url,
            "api_url": server.api_url,
            "bot_token": server.bot_token,
            "app_token": server.app_token,
            "signing_secret": server.signing_secret,
            "client_id": server.oauth.client_id,
            "client_secret": server.oauth.client_secret,
            "authorize_url": server.authorize_url,
            "team": server.home.id,
            "channel": self.channel.id,
        }

    async def slash(self, request: web.Request) -> web.Response:
        """{command, text?, user?} → {id, took (s, null without an ack), text, failed}."""
        wanted = await request.json()
        person = self._person(wanted)
        try:
            asked = await person.slash(self.channel, wanted["command"], wanted.get("text", ""))
        except NotOffered as why:
            return web.json_response({"not_offered": str(why)}, status=400)
        self.asked.append(asked)
        took = asked.acked.took if asked.acked else None
        told = {"id": len(self.asked) - 1, "took": took, "text": asked.text}
        return web.json_response(told | {"failed": asked.failed})

    async def mention(self, request: web.Request) -> web.Response:
        """{text, user?} → {ts}."""
        wanted = await request.json()
        said = self._person(wanted).mention(self.channel, wanted["text"])
        return web.json_response({"ts": said.ts})

    async def answer(self, request: web.Request) -> web.Response:
        """{id, timeout? (s)} → {text} of the first answer to a command, or status 504."""
        wanted = await request.json()
        try:
            found = await self.asked[int(wanted["id"])].answer(wanted.get("timeout", 10))
        except AssertionError as why:
            return web.json_response({"failed": str(why)}, status=504)
        return web.json_response({"text": found.text})

    async def deliver_to(self, request: web.Request) -> web.Response:
        """{url} → {}: deliver over HTTP from now on; status 400 when the bot is not there."""
        wanted = await request.json()
        try:
            await self.server.deliver_to(wanted["url"])
        except AssertionError as why:
            return web.json_response({"failed": str(why)}, status=400)
        return web.json_response({})

    async def figures(self, request: web.Request) -> web.Response:
        """{calls and refusals by method, messages, edits in the worst minute, violations}."""
        server = self.server
        found: dict[str, Any] = {
            "calls": Counter(one.method for one in server.calls),
            "refused": Counter(
                one.method for one in server.calls if one.status != 200 or one.error
            ),
            "messages": len(self.channel.messages),
            "edits_in_worst_minute": server.edits_in_worst_minute(),
            "sockets": len(server.sockets.lines),
            "violations": server.violations,
        }
        return web.json_response(found)

    def _person(self, wanted: dict[str, Any]) -> Person:
        name = wanted.get("user", "Ana")
        if name not in self.people:
            self.people[name] = self.server.member(name, self.channel)
        return self.people[name]


async def _stopped() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve())
