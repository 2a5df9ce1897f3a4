"""A Slack of our own with a crowd in it, as a process of its own: ``python -m bench.slack_crowd``.

Arguments are a folder for uploads and the number of people. Its first line is JSON: where it is
and its tokens. What the crowd does is asked for over HTTP, at ``/control/…``; see `Crowd`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from aiohttp import web

from bench.crowding import no_pauses, until
from bench.processes import say_and_stay, share_cores
from tests.fakes.slack_server import spec
from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.server import SlackServer

TYPED = "/sora"
_PLENTY = 1_000_000


class Crowd:
    """People who type the same command in turn, each in a channel of their own."""

    def __init__(self, server: SlackServer, number: int) -> None:
        self._server = server
        # A channel for each, or their first cards would take a second each.
        self._channels = [server.channel(f"videos-{turn}") for turn in range(number)]
        self._people = [
            server.member(f"Person {turn}", channel) for turn, channel in enumerate(self._channels)
        ]
        self._prompt = ""
        self._asked: list[tuple[float, asyncio.Task[Asked]]] = []
        self._answered: dict[str, float] = {}

    @property
    def first(self) -> Channel:
        """Where the first of them is."""
        return self._channels[0]

    async def greet(self, request: web.Request) -> web.Response:
        """{prompt} → {}: one command of each person, the next after the first answer."""
        self._prompt = (await request.json())["prompt"]
        for turn in range(len(self._people)):
            asked = await self._send(turn)
            assert asked.acked, asked.failed
        return web.json_response({})

    async def load(self, request: web.Request) -> web.Response:
        """{rate, number} → {}: the commands of the greeting again, at a steady pace.

        Nobody waits for an answer before the next is sent. The call returns when each was acked,
        or can be acked no more.
        """
        wanted = await request.json()
        rate, number = wanted["rate"], wanted["number"]
        with no_pauses():
            began = time.monotonic()
            sent: list[asyncio.Task[Asked]] = []
            for turn in range(number):
                await asyncio.sleep(max(0.0, began + turn / rate - time.monotonic()))
                sent.append(self._send(turn))
            await asyncio.wait(sent)
        return web.json_response({})

    async def rest(self, request: web.Request) -> web.Response:
        """{cards, patience} → {}: returns when every command is answered, and has its card."""
        wanted = await request.json()

        def rests() -> bool:
            return all(task.done() and task.result().messages for _, task in self._asked) and (
                not wanted["cards"] or len(self._posted()) == len(self._asked)
            )

        await until(rests, wanted["patience"])
        return web.json_response({})

    async def seen(self, request: web.Request) -> web.Response:
        """{} → what became of everything that was asked; see `bench.loads.Seen`."""
        del request
        asked = [task.result() for _, task in self._asked]
        posted = self._posted()
        body = {
            "asked": [f"trigger/{one.trigger_id}" for one in asked],
            "acks": [1000 * one.acked.took if one.acked else None for one in asked],
            "answers": [
                self._answer(sent, one) for (sent, _), one in zip(self._asked, asked, strict=True)
            ],
            "cards": len(posted),
            "doubles": len(posted) - len({one.blocks[0]["block_id"] for one in posted}),
            "violations": self._server.violations,
        }
        return web.json_response(body)

    async def deliver_to(self, request: web.Request) -> web.Response:
        """{url} → {}: deliver over HTTP from now on."""
        await self._server.deliver_to((await request.json())["url"])
        return web.json_response({})

    async def files(self, request: web.Request) -> web.Response:
        """{} → the SHA-256 of each file in the channel."""
        del request
        shown = (file for place in self._channels for one in place.all for file in one.files)
        return web.json_response([file.sha256 for file in shown])

    def _send(self, turn: int) -> asyncio.Task[Asked]:
        who = turn % len(self._people)
        asking = self._people[who].slash(self._channels[who], TYPED, self._prompt)
        task = asyncio.create_task(asking)
        self._asked.append((time.time(), task))
        return task

    def _posted(self) -> list[Message]:
        bot = self._server.bot
        return [one for place in self._channels for one in place.messages if one.author is bot]

    @staticmethod
    def _answer(sent: float, asked: Asked) -> float | None:
        """Ms from a command to its answer, by the time stamp of the message."""
        return 1000 * (float(asked.messages[0].ts) - sent) if asked.messages else None


async def serve(folder: Path, number: int) -> None:
    """Until it is told to stop."""
    # Blocks are checked in tests. Here that would take longer than what is measured.
    spec.is_present = lambda: False
    server = SlackServer(folder)
    # Nor is it Slack's own patience that is measured.
    server.door.limits.burst = _PLENTY
    crowd = Crowd(server, number)
    for name in ("greet", "load", "rest", "seen", "files", "deliver_to"):
        server.app.router.add_post(f"/control/{name}", getattr(crowd, name))
    await server.start()
    where = {"url": server.url, "api_url": server.api_url, "team": server.home.id}
    where |= {"bot_token": server.bot_token, "app_token": server.app_token}
    where |= {"signing_secret": server.signing_secret, "channel": crowd.first.id}
    await say_and_stay(where)
    await server.aclose()


if __name__ == "__main__":
    share_cores(chat=True)
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
