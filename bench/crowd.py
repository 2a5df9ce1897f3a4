"""A Discord of our own with a crowd in it, as a process of its own: ``python -m bench.crowd``.

Arguments are a folder for uploads and the number of people. Its first line is JSON: where it is
and its token. What the crowd does is asked for over HTTP, at ``/control/…``; see `Crowd`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from aiohttp import web

from bench.crowding import no_pauses, until
from bench.processes import say_and_stay, share_cores
from tests.fakes.discord_server import spec
from tests.fakes.discord_server.interactions import COMMAND, Asked
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.server import DiscordServer

TYPED = "sora create"
PATIENCE = 3.0
"""Seconds after which Discord takes no first answer any more."""
BOOSTED = 2
"""Tier of the server: its members may upload 50 MiB."""


class Crowd:
    """People in one channel who type the same command in turn."""

    def __init__(self, server: DiscordServer, number: int) -> None:
        self._server = server
        self.studio = server.guild("Studio", BOOSTED)
        self.channel = self.studio.channel("videos")
        self._people = [self.studio.member(f"Person {turn}") for turn in range(number)]
        self._asked: list[Asked] = []

    async def greet(self, request: web.Request) -> web.Response:
        """{prompt} → {}: one command of each person, the next after the first answer."""
        prompt = (await request.json())["prompt"]
        for person in self._people:
            asked = await person.slash(self.channel, TYPED, prompt=prompt)
            assert asked.acked, asked.failed
            self._asked.append(asked)
        return web.json_response({})

    async def load(self, request: web.Request) -> web.Response:
        """{rate, number} → {}: the commands of the greeting again, at a steady pace.

        Nobody waits for an answer before the next is sent. The call returns when no first answer
        can come in time any more.
        """
        wanted = await request.json()
        rate, number = wanted["rate"], wanted["number"]
        with no_pauses():
            began = time.monotonic()
            for turn in range(number):
                await asyncio.sleep(max(0.0, began + turn / rate - time.monotonic()))
                self._send(self._asked[turn % len(self._people)])
            await until(lambda: all(one.acked for one in self._asked), PATIENCE)
        return web.json_response({})

    async def rest(self, request: web.Request) -> web.Response:
        """{cards, patience} → {}: returns when every command is answered, and has its card."""
        wanted = await request.json()

        def rests() -> bool:
            return all(one.message for one in self._asked) and (
                not wanted["cards"] or len(self._posted()) == len(self._asked)
            )

        await until(rests, wanted["patience"])
        return web.json_response({})

    async def seen(self, request: web.Request) -> web.Response:
        """{} → what became of everything that was asked; see `bench.discord.Seen`."""
        del request
        posted = self._posted()
        body = {
            "asked": [str(one.id) for one in self._asked],
            "acks": self._first("POST", "interaction_token"),
            "answers": self._first("PATCH", "webhook_token"),
            "cards": len(posted),
            "doubles": len(posted) - len({one.nonce for one in posted}),
            "violations": self._server.violations,
        }
        return web.json_response(body)

    async def files(self, request: web.Request) -> web.Response:
        """{} → the SHA-256 of each file in the channel."""
        del request
        return web.json_response([file.sha256 for one in self._posted() for file in one.files])

    def _send(self, before: Asked) -> None:
        interactions = self._server.interactions
        # `ask` lets everyone who waits look again at whatever happens: too slow for a crowd.
        asked = interactions._new(  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
            COMMAND, before.user, before.channel, before.data, None
        )
        payload = interactions.payload(asked)
        asked.created = time.time()
        self._server.world.news.tell("INTERACTION_CREATE", payload, self.studio.id)
        self._asked.append(asked)

    def _posted(self) -> list[Message]:
        return [one for one in self.channel.messages if one.author is self._server.bot]

    def _first(self, method: str, token: str) -> list[float | None]:
        """Ms from each command to the first request that names its token and was taken."""
        came: dict[str, float] = {}
        for request in self._server.requests:
            if request.method == method and token in request.params and 200 <= request.status < 300:
                came.setdefault(request.params[token], request.at)
        return [
            1000 * (came[one.token] - one.created) if one.token in came else None
            for one in self._asked
        ]


async def serve(folder: Path, number: int) -> None:
    """Until it is told to stop."""
    # Bodies are checked in tests. Here that would take longer than what is measured.
    spec.is_present = lambda: False
    server = DiscordServer(folder)
    crowd = Crowd(server, number)
    for name in ("greet", "load", "rest", "seen", "files"):
        server.app.router.add_post(f"/control/{name}", getattr(crowd, name))
    await server.start()
    place = {"guild": str(crowd.studio.id), "channel": str(crowd.channel.id)}
    place |= {"url": server.url, "gateway": server.gateway.url, "token": server.token}
    await say_and_stay(place)
    await server.aclose()


if __name__ == "__main__":
    share_cores(chat=True)
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
