"""Runs the server as a process of its own: python -m tests.fakes.discord_server.serve.

Its first line is JSON: where REST and gateway are, and the token. One guild is there, with one
channel; POST /control/slash lets somebody type a command in it, for benches.
"""

import asyncio
import json
import signal
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.commands import NotOffered
from tests.fakes.discord_server.people import Person
from tests.fakes.discord_server.server import DiscordServer


async def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    with tempfile.TemporaryDirectory() as folder:
        server = DiscordServer(Path(folder))
        studio = server.guild("Studio")
        control = Control(studio.channel("videos"), studio.member("Ana"))
        server.app.router.add_post("/control/slash", control.slash)
        await server.start()
        print(json.dumps(_address(server)), flush=True)  # noqa: T201  # its product
        try:
            await _stopped()
        finally:
            await server.aclose()


class Control:
    """What a bench asks people to do, over HTTP."""

    def __init__(self, channel: Channel, person: Person) -> None:
        self.channel = channel
        self.person = person

    async def slash(self, request: web.Request) -> web.Response:
        """{command, options} → {took (s, null when nothing came in time), type, failed}."""
        wanted = await request.json()
        try:
            asked = await self.person.slash(
                self.channel, wanted["command"], **wanted.get("options", {})
            )
        except NotOffered as why:
            return web.json_response({"not_offered": str(why)}, status=400)
        ack = asked.acked
        body: dict[str, Any] = {"took": None, "type": None, "failed": asked.failed}
        return web.json_response(body | ({"took": ack.took, "type": ack.type} if ack else {}))


def _address(server: DiscordServer) -> dict[str, str]:
    return {"url": server.url, "gateway": server.gateway.url, "token": server.token}


async def _stopped() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve())
