"""A Discord of our own on loopback: REST, gateway and files, with knobs for what goes wrong."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from tests.fakes.discord_server.app_routes import AppRoutes
from tests.fakes.discord_server.channel_routes import ChannelRoutes
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.commands import Commands
from tests.fakes.discord_server.door import Answer, Door
from tests.fakes.discord_server.faults import Faults
from tests.fakes.discord_server.files import Attachment
from tests.fakes.discord_server.gateway import Gateway
from tests.fakes.discord_server.interactions import Interactions
from tests.fakes.discord_server.limits import Rule
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.patterns import fits
from tests.fakes.discord_server.people import Desk
from tests.fakes.discord_server.posting import Posting
from tests.fakes.discord_server.problem import Problem
from tests.fakes.discord_server.requests import Request
from tests.fakes.discord_server.studios import Studio
from tests.fakes.discord_server.users import User
from tests.fakes.discord_server.webhook_routes import WebhookRoutes
from tests.fakes.discord_server.world import World

TOKEN = "a-token-of-nothing"
T = TypeVar("T")


class DiscordServer:
    """Start it, fill it, point a client at it. `folder` takes the uploads."""

    def __init__(self, folder: Path, token: str = TOKEN) -> None:
        self.token = token
        self.world = World(folder)
        self.commands = Commands(self.world)
        self.interactions = Interactions(self.world)
        self.gateway = Gateway(self.world, token)
        self.door = Door(token, self.world.shelf, self.world.news)
        self.desk = Desk(self.world, self.commands, self.interactions)
        self.url = ""
        posting = Posting(self.world)
        self._app_routes = AppRoutes(self.world, self.commands)
        self._routes = [
            *self._app_routes.table(),
            *ChannelRoutes(self.world, posting).table(),
            *WebhookRoutes(self.world, posting, self.interactions).table(),
        ]
        self.app = self._app()
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1)

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def requests(self) -> list[Request]:
        """All that came, oldest first."""
        return self.door.requests

    @property
    def violations(self) -> list[str]:
        """What a correct bot never sends; a test that provokes one takes it out."""
        return self.door.violations

    @property
    def faults(self) -> Faults:
        return self.door.faults

    async def start(self, port: int = 0) -> None:
        """Listen on loopback, on a free port unless one is given."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.world.shelf.base = self.url
        self.gateway.url = self.url.replace("http", "ws", 1) + "/gateway"
        self._app_routes.gateway_url = self.gateway.url

    async def aclose(self) -> None:
        self.faults.release_all()
        await self.gateway.aclose()
        await self._runner.cleanup()

    def guild(self, name: str, tier: int = 0) -> Studio:
        """A guild that the bot is in. Connected bots learn of it."""
        made = Studio(self.desk, name, tier)
        self.world.guilds[made.id] = made
        self.world.news.tell("GUILD_CREATE", made.to_json(), made.id)
        return made

    def recommend_shards(self, count: int) -> None:
        """What GET /gateway/bot tells large bots."""
        self._app_routes.shards = count

    def file(self, name: str, data: bytes) -> Attachment:
        """A file that a person has at hand, for options and dialogs."""
        return self.world.shelf.put(name, data)

    def thread(self, message: Message) -> Channel | None:
        """The thread under a message."""
        return self.world.thread_of(message)

    def limit(self, pattern: str, count: int, per: float) -> None:
        """Limit requests: `count` in `per` seconds for each channel, guild or token."""
        self.door.limits.rules.append(Rule(pattern, count, per))

    def limit_all(self, count: int, per: float) -> None:
        """Limit all requests of the bot's token together."""
        self.door.limits.total = Rule("* **", count, per)

    def find(self, pattern: str) -> list[Request]:
        """Requests that fit a pattern, as `PATCH /channels/*/messages/*`."""
        return [one for one in self.requests if fits(pattern, one.method, one.path)]

    async def until(self, condition: Callable[[], T], timeout: float = 10) -> T:  # noqa: ASYNC109  # a plain figure
        """Wait until something is the case, and give what the condition gave."""
        end = time.monotonic() + timeout
        while not (found := condition()):
            if time.monotonic() > end:
                last = "\n".join(map(str, self.requests[-15:]))
                raise AssertionError(
                    f"it did not happen within {timeout} s; last requests:\n{last}"
                )
            # Conditions may look at the bot too, whose changes wake nobody here.
            await self.world.news.wait(0.05)
        return found

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/attachments/{place}/{file_id}/{name}", self._give_file)
        for method, route, handler in self._routes:
            self.door.open(app, method, route, handler)
        self.door.open(app, "*", "/{tail:.*}", self._unknown)
        return app

    def _unknown(self, request: Request) -> Answer:
        self.violations.append(f"{request.method} {request.path}: no such route")
        raise Problem(0)

    async def _give_file(self, http: web.Request) -> web.StreamResponse:
        file = self.world.shelf.files.get(int(http.match_info["file_id"]))
        if file is None or self.world.shelf.links_expired:
            return web.Response(status=404, text="This content is no longer available.")
        return web.FileResponse(file.path, headers={"Content-Type": file.content_type})
