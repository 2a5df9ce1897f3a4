"""Brings an answer to the person who asked, for their eyes only."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from adapters.slack.keys import Wish
from adapters.slack.places import Places
from adapters.slack.render import Frame, blocks, words
from adapters.slack.text import Json
from adapters.slack.workspaces import Net, Workspace
from bot.domain.messages import Message

HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
"""Where Slack takes answers."""

log = logging.getLogger(__name__)


class Answers:
    """By the address that came with the question, which is good for half an hour; else by name."""

    def __init__(self, net: Net, places: Places) -> None:
        self._net = net
        self._places = places

    async def respond(self, wish: Wish, message: Message) -> bool:
        """Show a message to whoever asked, by the address; False when Slack did not take it."""
        if not message.lines:
            await self.dismiss(wish.respond if wish.replaces else "")
            return True
        return await self._respond(
            wish.respond, _said(message) | {"replace_original": wish.replaces}
        )

    async def whisper(self, workspace: Workspace, wish: Wish, message: Message) -> None:
        """The same by name; raises `ChatError` when there is no way."""
        channel = wish.channel or await self._places.direct(workspace, wish.user)
        args: dict[str, Any] = {"channel": channel, "user": wish.user, **_said(message)}
        if wish.thread:
            args["thread_ts"] = wish.thread
        await workspace.calls.call("chat.postEphemeral", args)

    async def dismiss(self, respond: str) -> None:
        """Take a question away that only one person sees."""
        await self._respond(respond, {"delete_original": True})

    async def _respond(self, url: str, body: Json) -> bool:
        """Whether Slack took it."""
        if not (self._net.is_own(url) or _is_slacks(url)):
            return False
        try:
            async with self._net.session.post(
                url, json={"response_type": "ephemeral", **body}, allow_redirects=False
            ) as response:
                if response.status == _OK:
                    return True
                log.info("an answer was not taken: HTTP %d", response.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("an answer was not taken: %s", type(error).__name__)
        return False


_OK = 200


def _is_slacks(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.hostname in HOSTS


def _said(message: Message) -> Json:
    return {"text": words(message), "blocks": blocks(message, Frame())}
