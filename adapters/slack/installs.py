"""What workspaces gave us when they added the bot, sealed in the bot's own database."""

from __future__ import annotations

import json
import logging
import secrets
from datetime import datetime
from logging import Logger

from cryptography.fernet import Fernet, InvalidToken
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot import wording
from bot.ports import Clock, Inbox, Notes

STATE_LIFE = 600
"""Seconds that somebody has between our page and Slack's answer."""
PROOF = "install-key"
"""Note that shows at start whether the key is still the one that sealed the others."""
_STATE = "state/"

log = logging.getLogger(__name__)


class Seal:
    """Makes a text that nobody reads or changes without the key, a Fernet key. Times are in s."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key)

    def closed(self, text: str, at: int = 0) -> str:
        """The sealed text; `at` can be read by everyone."""
        return self._fernet.encrypt_at_time(text.encode(), at).decode()

    def opened(self, sealed: str) -> str | None:
        """What was sealed; None when another key did it, or somebody changed it."""
        return self._opened(sealed, None)

    def opened_within(self, life: int, now: int, sealed: str) -> str | None:
        """The same; None also when it was sealed longer than `life` ago."""
        return self._opened(sealed, (life, now))

    def _opened(self, sealed: str, within: tuple[int, int] | None) -> str | None:
        try:
            found = (
                self._fernet.decrypt_at_time(sealed, *within)
                if within
                else self._fernet.decrypt(sealed)
            )
        # The second one for letters that no sealed text has.
        except (InvalidToken, ValueError):
            return None
        return found.decode()


class Installations(AsyncInstallationStore):
    """Bolt's port for installations, on `Notes`: one note for each, ``install/<whole>/<team>``.

    Law: the one saved last counts; one that ended is an empty note; what cannot be read is as if
    it were not there, and the log says so. A workspace goes by its own id, which no other has, for
    that is all that an old job knows of it; `whole` is an organization that was added as a whole.
    People's own tokens are not asked for, so there are none to keep.

    `readable` is False when another key sealed what is stored.
    """

    def __init__(self, notes: Notes, seal: Seal) -> None:
        self._notes = notes
        self._seal = seal
        self.readable = True

    @property
    def logger(self) -> Logger:
        """Where bolt logs what it does with them."""
        return log

    async def look(self) -> None:
        """Find out whether the key fits what is stored; if it does not, tell the operator."""
        proof = await self._notes.read(PROOF)
        self.readable = not proof or self._seal.opened(proof) is not None
        if not self.readable:
            log.error(wording.SLACK_OTHER_KEY)

    async def async_save(self, installation: Installation) -> None:
        """Keep it in place of an earlier one."""
        whole = bool(installation.is_enterprise_install)
        name = _name(installation.enterprise_id, installation.team_id, whole=whole)
        text = json.dumps(installation.to_dict_for_copying(), default=_moment)
        await self._notes.write(name, self._seal.closed(text))
        await self._notes.write(PROOF, self._seal.closed(PROOF))
        self.readable = True

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The installation of a workspace; with `user_id`, only when that person made it."""
        whole = bool(is_enterprise_install)
        found = await self._read(_name(enterprise_id, team_id, whole=whole))
        return found if found and user_id in {None, found.user_id} else None

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """The part of an installation that is the bot's."""
        found = await self.async_find_installation(
            enterprise_id=enterprise_id,
            team_id=team_id,
            is_enterprise_install=is_enterprise_install,
        )
        return found.to_bot() if found else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget an installation; without a workspace, that of the organization as a whole."""
        name = _name(enterprise_id, team_id, whole=team_id is None)
        if await self._notes.read(name):
            await self._notes.write(name, "")

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """The same. What one person took back is not the bot's, so it stays."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def token(self, team: str) -> str | None:
        """The bot's token in a workspace; None where it is not installed."""
        found = await self.async_find_bot(enterprise_id=None, team_id=team)
        return found.bot_token if found else None

    async def end(self, team: str, token: str) -> None:
        """Forget the installation of a workspace if that is its token, and not a newer one."""
        if await self.token(team) == token:
            await self.async_delete_all(enterprise_id=None, team_id=team)

    async def _read(self, name: str) -> Installation | None:
        sealed = await self._notes.read(name)
        if not sealed:
            return None
        text = self._seal.opened(sealed)
        try:
            return Installation(**json.loads(text or ""))
        except (TypeError, ValueError):
            log.error(wording.slack_unreadable(name))  # noqa: TRY400 - the sentence is all there is to know
            return None


class States(AsyncOAuthStateStore):
    """Bolt's port for states: whoever comes back from Slack began here, lately, and comes once.

    A state is sealed and not stored, so that nobody fills the database by looking at a page. Those
    that came back are stored: an inbox takes each key once, and forgets it after a day.
    """

    def __init__(self, inbox: Inbox, seal: Seal, clock: Clock) -> None:
        self._inbox = inbox
        self._seal = seal
        self._clock = clock

    @property
    def logger(self) -> Logger:
        """Where bolt logs what it does with them."""
        return log

    async def async_issue(self, *_args: object, **_more: object) -> str:
        """A new one; good for `STATE_LIFE`."""
        state = self._seal.closed(_STATE + secrets.token_hex(16), self._clock.now() // 1000)
        return state.rstrip("=")

    async def async_consume(self, state: str) -> bool:
        """Whether it is one of ours and comes for the first time."""
        sealed = state + "=" * (-len(state) % 4)
        now = self._clock.now()
        key = self._seal.opened_within(STATE_LIFE, now // 1000, sealed)
        if key is None or not key.startswith(_STATE):
            return False
        first = await self._inbox.take([key], "", now)
        if first:
            await self._inbox.done(key)
        return first


def _name(enterprise: str | None, team: str | None, *, whole: bool) -> str:
    return f"install/{enterprise or '-'}/-" if whole else f"install/-/{team or '-'}"


def _moment(value: object) -> str:
    """The SDK's times, as the SDK reads them."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)
