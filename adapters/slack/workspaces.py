"""The workspaces that the bot is installed in: who the bot is there, and its calls."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.calls import Calls
from adapters.slack.faults import FAULTS, REVOKED, REVOKED_WAIT, Revoked, chat_error, word_of
from bot.domain.refs import Tenant
from bot.errors import ChatBusy, ChatError
from bot.ports import Clock

NAME = "slack"
"""The `platform` of every reference of ours."""
PATIENCE = aiohttp.ClientTimeout(total=30, sock_connect=15)
"""For a call; uploads have their own."""
CONNECTIONS = 64
"""Connections at once."""


class NotInstalled(ChatBusy):
    """The bot has no good token there: messages wait until it is added again."""

    def __init__(self) -> None:
        super().__init__(REVOKED_WAIT)


Tokens = Callable[[str], Awaitable[str | None]]
"""The bot's token in a workspace; None where it is not installed."""

log = logging.getLogger(__name__)


class TokenRefused(Exception):
    """Slack takes the token no more, or never did; says its word for it."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace. `url` is its own address with a slash at the end.

    `scopes` are what was granted, empty when Slack did not say. `enterprise` is empty outside of
    an organization of several workspaces.
    """

    tenant: Tenant
    token: str
    bot_user: str
    bot_id: str
    bot_name: str
    url: str
    enterprise: str
    scopes: frozenset[str]
    calls: Calls


def tenant_of(team: str) -> Tenant:
    """A workspace by its id."""
    return Tenant(NAME, team)


class Net:
    """The connections that all workspaces share. `base` is the Web API's address."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Opened with the first use, within the running loop."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._session = aiohttp.ClientSession(timeout=PATIENCE, connector=connector)
        return self._session

    def client(self, token: str | None = None) -> AsyncWebClient:
        """A client that never repeats a call by itself: not every call may be repeated."""
        return AsyncWebClient(token, base_url=self.base, session=self.session, retry_handlers=[])

    def is_own(self, url: str) -> bool:
        """Whether an address is at the server that we were told to use."""
        parts, own = urlsplit(url), urlsplit(self.base)
        return (parts.scheme, parts.netloc) == (own.scheme, own.netloc)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session:
            await self._session.close()


class Workspaces:
    """Finds workspaces by their ids; what was found is kept until it is forgotten."""

    def __init__(self, net: Net, clock: Clock, tokens: Tokens) -> None:
        self._net = net
        self._clock = clock
        self._tokens = tokens
        self._known: dict[str, Workspace] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def known(self) -> Mapping[str, Workspace]:
        """Those found so far, by id; without those whose token is no longer good."""
        return {team: one for team, one in self._known.items() if not one.calls.refused}

    async def of(self, team: str) -> Workspace:
        """One workspace; raises `NotInstalled` where the bot is not (any more)."""
        found = self._known.get(team)
        if found and not found.calls.refused:
            return found
        async with self._asking[team]:
            return self.known.get(team) or await self._find(team)

    async def _find(self, team: str) -> Workspace:
        token = await self._tokens(team)
        if token is None:
            raise NotInstalled
        try:
            found = self.add(await introduced(self._net, token, self._clock))
        except TokenRefused as error:
            log.warning("workspace %s: token refused: %s", team, error)
            raise Revoked(str(error)) from error
        if found.tenant.id != team:
            raise NotInstalled
        return found

    def add(self, workspace: Workspace) -> Workspace:
        """Keep one that is known already."""
        self._known[workspace.tenant.id] = workspace
        return workspace

    def forget(self, team: str) -> None:
        """Its token is no longer good, or the bot was removed; fine when it is not known."""
        self._known.pop(team, None)

    async def refused(self, team: str) -> str | None:
        """The token of a workspace if Slack takes it no more; what was known of it is forgotten.

        None also when Slack cannot be asked.
        """
        self.forget(team)
        token = await self._tokens(team)
        if token is None:
            return None
        try:
            await introduced(self._net, token, self._clock)
        except TokenRefused:
            return token
        except ChatError as error:
            log.warning("workspace %s: nothing is known of its token: %s", team, error)
        return None


async def introduced(net: Net, token: str, clock: Clock) -> Workspace:
    """Whose token it is.

    Raises `TokenRefused` for one that Slack does not take, `ChatError` when it cannot be asked.
    """
    client = net.client(token)
    try:
        response: Any = await cast("Any", client).api_call("auth.test")
    except FAULTS as error:
        if word_of(error) in REVOKED:
            raise TokenRefused(word_of(error)) from error
        raise chat_error(error) from error
    told: Mapping[str, Any] = response.data
    granted = {name.lower(): text for name, text in dict(response.headers).items()}
    return Workspace(
        tenant_of(str(told["team_id"])),
        token,
        str(told["user_id"]),
        str(told.get("bot_id") or ""),
        str(told.get("user") or "Sora"),
        str(told.get("url") or "https://slack.com/"),
        str(told.get("enterprise_id") or ""),
        frozenset(filter(None, str(granted.get("x-oauth-scopes", "")).replace(" ", "").split(","))),
        Calls(client, clock),
    )
