"""A Slack of our own on loopback: Web API, Socket Mode, files, with knobs for what goes wrong."""

import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.dialogs import Dialogs
from tests.fakes.slack_server.door import Door
from tests.fakes.slack_server.events import Events
from tests.fakes.slack_server.faults import Faults
from tests.fakes.slack_server.file_methods import FileMethods
from tests.fakes.slack_server.files import File
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.http_mode import Http
from tests.fakes.slack_server.interactions import Interactions
from tests.fakes.slack_server.limits import busiest
from tests.fakes.slack_server.oauth import AUTHORIZE, OAuth
from tests.fakes.slack_server.parcels import Post
from tests.fakes.slack_server.payloads import parsed
from tests.fakes.slack_server.people import Desk, Person
from tests.fakes.slack_server.problem import Problem
from tests.fakes.slack_server.sockets import Sockets
from tests.fakes.slack_server.team import Team
from tests.fakes.slack_server.users import User
from tests.fakes.slack_server.world import World

BOT_TOKEN, APP_TOKEN = "xoxb-of-nothing", "xapp-of-nothing"
SIGNING_SECRET = "signs-nothing"
T = TypeVar("T")


class SlackServer:
    """Start it, fill it, point a client's base_url at `api_url`. `folder` takes the uploads.

    `home` is the workspace that is there from the start; what has no other name is of it.
    """

    def __init__(self, folder: Path) -> None:
        self.app_token = APP_TOKEN
        self.signing_secret = SIGNING_SECRET
        self.violations: list[str] = []
        self.url = ""
        self.world = World(folder)
        self.sockets = Sockets(self.world, self.violations)
        self.post = Post(self.sockets)
        self.teams: list[Team] = []
        self.home = self._opened(self.world, BOT_TOKEN)
        self.oauth = OAuth(self.teams)
        self.door = Door(self.teams, self.world.news, self.violations)
        self.door.handlers["oauth.v2.access"] = self.oauth.access
        self.app = self._app()
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=1)

    @property
    def bot_token(self) -> str:
        return self.home.bot_token

    @property
    def gate(self) -> Gate:
        return self.home.gate

    @property
    def events(self) -> Events:
        return self.home.events

    @property
    def interactions(self) -> Interactions:
        return self.home.interactions

    @property
    def dialogs(self) -> Dialogs:
        return self.home.dialogs

    @property
    def files(self) -> FileMethods:
        return self.home.files

    @property
    def desk(self) -> Desk:
        return self.home.desk

    @property
    def api_url(self) -> str:
        """What AsyncWebClient takes as base_url."""
        return f"{self.url}/api/"

    @property
    def authorize_url(self) -> str:
        """What bolt's OAuth takes as authorization_url."""
        return f"{self.url}{AUTHORIZE}"

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def calls(self) -> list[Call]:
        """All that came, oldest first."""
        return self.door.calls

    @property
    def faults(self) -> Faults:
        return self.door.faults

    async def start(self, port: int = 0) -> None:
        """Listen on loopback, on a free port unless one is given."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        for team in self.teams:
            team.move_to(self.url)
        self.sockets.url = self.url.replace("http", "ws", 1) + "/link"

    async def aclose(self) -> None:
        self.faults.release_all()
        for team in self.teams:
            await team.aclose()
        await self.sockets.aclose()
        await self._hang_up()
        await self._runner.cleanup()

    async def _hang_up(self) -> None:
        if isinstance(self.post.http, Http):
            await self.post.http.aclose()

    async def deliver_to(self, url: str) -> None:
        """Deliver over HTTP from now on, to an address that must repeat a challenge first."""
        await self._hang_up()
        self.post.http = Http(url, self.signing_secret)
        assert await self.post.http.verify(), f"{url} did not repeat the challenge"

    def team(self, name: str, *, installed: bool = True) -> Team:
        """One more workspace. Without the app in it, somebody has to install it; see `oauth`."""
        made = self._opened(World(self.world.shelf.folder, name, self.world), "")
        made.world.installed = False
        if installed:
            made.install()
        return made

    def channel(self, name: str, *, private: bool = False, bot_inside: bool = True) -> Channel:
        """A channel; without the bot in it when said so."""
        return self.home.channel(name, private=private, bot_inside=bot_inside)

    def member(
        self, name: str, *channels: Channel, is_admin: bool = False, is_owner: bool = False
    ) -> Person:
        """A new person, who is in these channels."""
        return self.home.member(name, *channels, is_admin=is_admin, is_owner=is_owner)

    def stranger(self, name: str, channel: Channel) -> Person:
        """Somebody of another organisation; see Team.stranger."""
        return self.home.stranger(name, channel)

    def usergroup(self, handle: str, *people: User) -> str:
        """A group of people: its id."""
        return self.home.usergroup(handle, *people)

    def file(self, name: str, data: bytes, owner: User) -> File:
        """A file that a person has at hand, for messages and forms."""
        return self.home.file(name, data, owner)

    def revoke(self) -> None:
        """Turn the bot's token off, and tell of it."""
        self.home.revoke()

    def limit(self, method: str, count: int, per: float = 60) -> None:
        """Limit a method to `count` calls in `per` seconds, for each workspace."""
        self.door.limits.set(method, count, per)

    def find(self, pattern: str) -> list[Call]:
        """Calls that fit a pattern, as `chat.*`."""
        return [one for one in self.calls if fnmatchcase(one.method, pattern)]

    def edits_in_worst_minute(self, method: str = "chat.update") -> int:
        """The most calls of a method that took effect within any 60 s in one workspace."""
        done = [one for one in self.find(method) if one.status == 200 and not one.error]
        teams = {one.team_id for one in done}
        return max(
            (busiest(one.at for one in done if one.team_id == team) for team in teams), default=0
        )

    async def until(self, condition: Callable[[], T], timeout: float = 10) -> T:  # noqa: ASYNC109  # a plain figure
        """Wait until something is the case, and give what the condition gave."""
        end = time.monotonic() + timeout
        while not (found := condition()):
            if time.monotonic() > end:
                last = "\n".join(map(str, self.calls[-15:]))
                raise AssertionError(f"it did not happen within {timeout} s; last calls:\n{last}")
            # Conditions may look at the bot too, whose changes wake nobody here.
            await self.world.news.wait(0.05)
        return found

    def _opened(self, world: World, bot_token: str) -> Team:
        made = Team(world, Gate(world, bot_token, self.app_token), self.post, self.violations)
        made.open(self.sockets)
        made.move_to(self.url)
        self.teams.append(made)
        return made

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        # Slack takes GET and POST for every method.
        app.router.add_route("*", "/api/{method}", self.door.api)
        app.router.add_get("/link", self.sockets.serve)
        app.router.add_post("/response/{token}", self._respond)
        app.router.add_post("/upload/v1/{file_id}", self._upload)
        for route in ("/files-pri/", "/files-pri/download/"):
            app.router.add_get(route + "{team}-{file_id}/{name}", self._give)
        return app

    async def _upload(self, http: web.Request) -> web.StreamResponse:
        files = self._owner(http).files
        return await self.door.enter(http, Call("upload", ""), lambda: files.take(http))

    async def _give(self, http: web.Request) -> web.StreamResponse:
        token = http.headers.get("Authorization", "").removeprefix("Bearer ")
        call, files = Call("download", token), self._owner(http).files
        return await self.door.enter(http, call, lambda: files.give(http, call))

    def _owner(self, http: web.Request) -> Team:
        """The workspace of a file; the first one when there is no such file."""
        file_id = http.match_info["file_id"]
        owners = (team for team in self.teams if file_id in team.world.shelf.files)
        return next(owners, self.home)

    async def _respond(self, http: web.Request) -> web.StreamResponse:
        call, token = Call("response_url", ""), http.match_info["token"]
        askers = (team.interactions for team in self.teams if team.interactions.knows(token))

        async def work() -> web.StreamResponse:
            call.args = parsed(await http.text())
            try:
                next(askers, self.interactions).respond(token, call.args)
            except Problem as problem:
                if problem.is_violation:
                    raise
                return web.Response(status=404, text=problem.error)
            return web.Response(text="ok")

        return await self.door.enter(http, call, work)
