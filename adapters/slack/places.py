"""Channels: whether the bot is inside, and how it gets there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from adapters.slack.faults import NotInside
from adapters.slack.workspaces import Workspace
from bot import wording
from bot.domain.refs import Place
from bot.errors import ChatError, ChatForbidden, ChatGone

INSIDE_LIFE = 600_000
"""Ms for which the bot believes that it is still a member."""
MOST_REMEMBERED = 5_000
DIRECT = "D"
"""How ids of conversations between two begin."""

log = logging.getLogger(__name__)


class Places:
    """Remembers where the bot is a member, so that not every command asks Slack."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._inside: dict[tuple[str, str], int] = {}
        self._direct: dict[tuple[str, str], str] = {}

    def inside(self, team: str, channel: str) -> None:
        """The bot was seen there."""
        if len(self._inside) >= MOST_REMEMBERED:
            self._inside.clear()
        self._inside[team, channel] = self._now()

    def outside(self, team: str, channel: str) -> None:
        """The bot is not there, or not any more."""
        self._inside.pop((team, channel), None)

    async def problems(self, workspace: Workspace, place: Place) -> tuple[str, ...]:
        """What would keep a video from being posted there; a public channel is joined.

        Where Slack cannot be asked now, nothing is known to be in the way.
        """
        at = self._inside.get((place.tenant.id, place.channel))
        if place.private or (at is not None and self._now() - at < INSIDE_LIFE):
            return ()
        try:
            await self.enter(workspace, place.channel)
        except NotInside:
            return (wording.slack_invite(workspace.bot_name),)
        except ChatGone:
            return (wording.SLACK_ARCHIVED,)
        except ChatForbidden as error:
            return (wording.slack_cannot_join(workspace.bot_name, error.needs),)
        except ChatError as error:
            log.warning("nothing is known of channel %s: %s", place.channel, error)
        return ()

    async def enter(self, workspace: Workspace, channel: str) -> None:
        """Be a member: join a public channel; raises `NotInside` for any other."""
        if channel.startswith(DIRECT):
            return
        told = await workspace.calls.call("conversations.info", {"channel": channel}, form=True)
        info: dict[str, Any] = told["channel"]
        if info.get("is_archived"):
            raise ChatGone("is_archived")
        if not info.get("is_member") and info.get("is_private"):
            raise NotInside(wording.SLACK_NOT_INSIDE)
        if not info.get("is_member"):
            await workspace.calls.call("conversations.join", {"channel": channel})
        self.inside(workspace.tenant.id, channel)

    async def direct(self, workspace: Workspace, user: str) -> str:
        """The conversation between a person and the bot."""
        key = (workspace.tenant.id, user)
        if key not in self._direct:
            told = await workspace.calls.call("conversations.open", {"users": user})
            if len(self._direct) >= MOST_REMEMBERED:
                self._direct.clear()
            self._direct[key] = str(told["channel"]["id"])
        return self._direct[key]
