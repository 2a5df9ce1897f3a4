"""Several workspaces that add the bot by themselves, with browsers that go from page to page."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
from cryptography.fernet import Fernet

from adapters.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.oauth import OAuth
from adapters.slack.platform import Options
from bot.ports import Media
from tests.fakes.core import Options as CoreOptions
from tests.fakes.slack_bot import Life, Office, serving
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.team import Team

PUBLIC = "https://sora.example"
"""Where browsers find the bot by name; those of tests know its real address."""
LINK = re.compile(r'<a href="([^"]*)"')


@dataclass
class Page:
    """What a browser shows."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def links(self) -> list[str]:
        """Where it leads."""
        return [html.unescape(link) for link in LINK.findall(self.text)]

    @property
    def words(self) -> str:
        """What people read."""
        body = self.text.partition("<body>")[2]
        return html.unescape(re.sub(r"<[^>]+>", " ", body))


@dataclass
class Browser:
    """Somebody's browser, which keeps the bot's cookie. `url` is the bot's real address."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    async def opens(self, path: str) -> Page:
        """A page of the bot's."""
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(self.url + path, cookies=self.cookies) as answer,
        ):
            # They are for https only; browsers make an exception for this machine.
            self.cookies |= {name: one.value for name, one in answer.cookies.items()}
            return Page(answer.status, await answer.text(), dict(answer.headers))

    async def begins(self, query: str = "") -> str:
        """Go to where one begins: the link to Slack."""
        return next(link for link in (await self.opens(INSTALL_PATH + query)).links if "?" in link)

    async def returns(self, address: str) -> Page:
        """Follow Slack back to the bot."""
        assert address.startswith(PUBLIC + REDIRECT_PATH)
        return await self.opens(address.removeprefix(PUBLIC))


@dataclass
class House(Office):
    """Two workspaces, `server.home` and `second`, that have to add the bot first.

    `url` is the bot's address while it lives; `key` seals what it keeps of them.
    """

    key: str = field(default_factory=lambda: Fernet.generate_key().decode())
    url: str = ""
    second: Team = field(init=False)
    shop: Channel = field(init=False)
    zoe: Person = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.server.home.world.installed = False
        self.second = self.server.team("Second", installed=False)
        self.shop = self.second.channel("shop")
        self.zoe = self.second.member("Zoe", self.shop)

    @asynccontextmanager
    async def bot(
        self,
        options: CoreOptions | None = None,
        *,
        media: Media | None = None,
        sockets: int = 2,
        admins: frozenset[str] = frozenset(),
    ) -> AsyncGenerator[Life]:
        """The same; its pages can be reached, however Slack reaches it."""
        living = super().bot(options, media=media, sockets=sockets, admins=admins)
        async with living as life, serving(life.chat) as self.url:
            yield life

    def options(self) -> Options:
        """What an operator of the bot would set."""
        return self._options(2, frozenset())

    def _options(self, sockets: int, admins: frozenset[str]) -> Options:
        oauth = self.server.oauth
        installs = OAuth(
            oauth.client_id, oauth.client_secret, self.key, PUBLIC, self.server.authorize_url
        )
        return replace(super()._options(sockets, admins), bot_token="", installs=installs)

    @property
    def browser(self) -> Browser:
        """A new one."""
        return Browser(self.url)

    async def adds(self, person: Person) -> Page:
        """Have somebody add the bot to their workspace: the page at the end."""
        browser = self.browser
        link = await browser.begins()
        return await browser.returns(self.server.oauth.allow(link, person))

    def of(self, team: Team, channel: Channel) -> list[Message]:
        """Messages of the bot in a channel of any workspace."""
        return [one for one in channel.all if one.author is team.bot and not one.deleted]

    def twin(self, person: Person, team: Team, channel: Channel, **rights: bool) -> Person:
        """Somebody of another workspace who happens to have the same id."""
        made = replace(person, name="Twin", team_id=team.id, desk=team.desk, **rights)
        team.world.users[made.id] = made
        channel.members.add(made.id)
        return made
