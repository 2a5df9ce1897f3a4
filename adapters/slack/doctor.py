"""Looks at everything on Slack's side that keeps the bot from working, and says how to mend it.

Reads only, and needs no running bot: tokens, scopes, admins, channels. No token is ever told.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.manifest import EVENTS_PATH, INSTALL_PATH, Options, link, scopes
from bot import wording
from bot.domain.findings import Finding

PATIENCE = 15.0
"""Seconds that one answer may take."""
OWN_API: str = AsyncWebClient.BASE_URL
PAGE = 200
"""Channels asked for at once."""
_BOT, _APP = "xoxb-", "xapp-"
_CHANNELS = "public_channel,private_channel"
_BUSY = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable"})
"""Words that say nothing about what was asked."""
_NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the settings as the bot would use them.

    `signed`: there is a signing secret. `admins` are ids of people and user groups. `patience` is
    how long (s) one answer may take.
    """

    bot_token: str
    app_token: str
    signed: bool
    admins: Sequence[str]
    api_url: str
    app: Options
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class Workspace:
    """Whose the bot token is. `granted` is None when the answer did not carry the scopes."""

    name: str
    bot: str
    granted: frozenset[str] | None


async def examine(patient: Patient) -> AsyncIterator[Finding]:
    """Every finding, in the order in which people mend things."""
    if patient.api_url != OWN_API:
        yield wording.slack_doctor_api(patient.api_url)
    if not (patient.bot_token or patient.app.installs):
        yield wording.slack_doctor_no_token()
        yield wording.slack_doctor_new_app(link(patient.app))
        return
    async with _calls(patient) as calls:
        try:
            async for finding in _examine(calls, patient):
                yield finding
        except _Unreachable as gone:
            yield wording.slack_doctor_unreachable(gone.problem)


async def _examine(calls: Calls, patient: Patient) -> AsyncIterator[Finding]:
    if patient.app.installs:
        yield wording.slack_doctor_installs(patient.app.at(INSTALL_PATH))
        yield await _events(calls, patient)
        yield wording.slack_doctor_messages_tab()
        yield wording.slack_doctor_replies(wording.SLACK_REPLY_SCOPES)
    else:
        async for finding in _one_workspace(calls, patient):
            yield finding
    yield wording.slack_doctor_app()


async def _one_workspace(calls: Calls, patient: Patient) -> AsyncIterator[Finding]:
    found = await _workspace(calls, patient)
    if isinstance(found, Finding):
        yield found
        yield await _events(calls, patient)
        return
    yield wording.slack_doctor_token(found.bot, found.name)
    yield await _events(calls, patient)
    for finding in _scopes(found.granted):
        yield finding
    yield await _admins(calls, patient.admins)
    yield await _channels(calls, found.bot)
    yield wording.slack_doctor_messages_tab()
    granted = found.granted or frozenset()
    yield wording.slack_doctor_replies(
        scope for scope in wording.SLACK_REPLY_SCOPES if scope not in granted
    )


async def _workspace(calls: Calls, patient: Patient) -> Workspace | Finding:
    """Whose the token is, or what is wrong with it."""
    if not patient.bot_token.startswith(_BOT):
        return wording.slack_doctor_other_token()
    try:
        return await calls.who()
    except _Refused as no:
        return wording.slack_doctor_refused(no.word)


# --- how events reach the bot ----------------------------------------------------------------


async def _events(calls: Calls, patient: Patient) -> Finding:
    if not patient.app.by_http:
        return await _sockets(calls, patient.app_token)
    if not patient.signed:
        return wording.slack_doctor_unsigned()
    return wording.slack_doctor_called(patient.app.at(EVENTS_PATH))


async def _sockets(calls: Calls, token: str) -> Finding:
    """Asks for a connection without opening it."""
    if not token:
        return wording.slack_doctor_no_app_token()
    if not token.startswith(_APP):
        return wording.slack_doctor_other_app_token()
    try:
        await calls.ticket(token)
    except _Refused as no:
        return wording.slack_doctor_app_refused(no.word)
    return wording.slack_doctor_sockets()


# --- what the bot may do, for whom, and where ------------------------------------------------


def _scopes(granted: frozenset[str] | None) -> Iterator[Finding]:
    if granted is None:
        yield wording.slack_doctor_scopes_untold()
        return
    used = scopes(replies=False)
    missing = {scope: why for scope, why in used.items() if scope not in granted}
    for scope, why in missing.items():
        yield wording.slack_doctor_scope(scope, why)
    if not missing:
        yield wording.slack_doctor_scopes(len(used))
    if more := sorted(granted - scopes(replies=True).keys()):
        yield wording.slack_doctor_more_scopes(more)


async def _admins(calls: Calls, listed: Sequence[str]) -> Finding:
    try:
        strangers = [one for one in listed if not await calls.knows(one)]
    except _Refused as no:
        return wording.slack_doctor_admins_untold(no.word)
    return wording.slack_doctor_admins(len(listed), strangers)


async def _channels(calls: Calls, bot: str) -> Finding:
    try:
        return wording.slack_doctor_channels(await calls.channels(), bot)
    except _Refused as no:
        return wording.slack_doctor_channels_untold(no.word)


# --- calls -----------------------------------------------------------------------------------


class _Refused(Exception):
    """Slack said no, in a word of its own."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class _Unreachable(Exception):
    """Nobody answered, or somebody who is not Slack."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Calls:
    """The methods that the doctor uses; none of them changes anything.

    Raises `_Refused` and `_Unreachable`.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        # The SDK's own types are partly unknown.
        self._client: Any = client

    async def who(self) -> Workspace:
        """Whose the bot token is, and what it was granted."""
        told = await _answer(self._client.auth_test())
        header = cast("Mapping[str, str]", told.headers).get("X-OAuth-Scopes")
        granted = None if header is None else frozenset(map(str.strip, header.split(",")))
        return Workspace(str(told.get("team")), str(told.get("user")), granted)

    async def ticket(self, app_token: str) -> None:
        """Have Slack give out the address of a connection, and leave it unused."""
        await _answer(self._client.apps_connections_open(app_token=app_token))

    async def knows(self, name: str) -> bool:
        """Whether a person or a user group of that id is there and active."""
        if name.startswith("S"):
            told = await _answer(self._client.usergroups_list())
            return name in {group["id"] for group in told["usergroups"]}
        try:
            told = await _answer(self._client.users_info(user=name))
        except _Refused as no:
            if no.word in _NOBODY:
                return False
            raise
        return not told["user"].get("deleted")

    async def channels(self) -> list[str]:
        """Names of the channels that the bot is in, without those put away."""
        names: list[str] = []
        cursor: str | None = None
        while True:
            told = await _answer(
                self._client.users_conversations(
                    types=_CHANNELS, exclude_archived=True, limit=PAGE, cursor=cursor
                )
            )
            names += [str(channel["name"]) for channel in told["channels"]]
            metadata: Any = told.get("response_metadata")
            cursor = metadata["next_cursor"] if metadata else None
            if not cursor:
                return names


@asynccontextmanager
async def _calls(patient: Patient) -> AsyncGenerator[Calls]:
    # The SDK minds its own time limit only where it opens the session.
    limit = aiohttp.ClientTimeout(total=patient.patience)
    async with aiohttp.ClientSession(timeout=limit) as session:
        yield Calls(
            AsyncWebClient(
                patient.bot_token, base_url=patient.api_url, session=session, retry_handlers=[]
            )
        )


async def _answer(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - the SDK's answers have no types
    """What Slack answered."""
    try:
        return await call
    except SlackApiError as error:
        raise _not_told(error) from error
    except TimeoutError as error:
        raise _Unreachable("no answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise _Unreachable(f"{type(error).__name__}: {error}") from error


def _not_told(error: SlackApiError) -> _Refused | _Unreachable:
    """A refusal has a word; without one, something on the way answered in Slack's place."""
    answer: Any = cast("Any", error).response
    data = getattr(answer, "data", None)
    word = cast("Mapping[str, object]", data).get("error") if isinstance(data, Mapping) else None
    if word in _BUSY:
        return _Unreachable(f"Slack says {word}")
    if word:
        return _Refused(wording.cut(str(word)))
    status = getattr(answer, "status_code", None) or getattr(answer, "status", "unknown")
    return _Unreachable(f"an answer that is not Slack's, status {status}")
