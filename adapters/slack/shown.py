"""Where posted videos stand. Slack shows a file some time after it was completed, and tells nobody.

A video goes by its file, for that is known at once; so does the thread below it. Slack names both
by the video's message, and what is known of that is kept, for who replies there names nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.calls import Calls
from adapters.slack.faults import NoSuchFile
from bot.errors import ChatError
from bot.ports import Clock, Notes

LOOKS = (300, 500, 1_000)
"""Ms before each look whether a file stands in its channel."""
MOST_REMEMBERED = 5_000
MOST_UNSEEN = 10
"""Newest files of a channel that are looked for when somebody replies to a message."""

log = logging.getLogger(__name__)


class NotThereYet(ChatError):
    """Slack has the file and will show it soon."""


class Shown:
    """The messages of posted files, and the files of messages."""

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock
        self._known: dict[tuple[str, str], str] = {}
        self._noting = asyncio.Lock()

    async def expect(self, file: str, channel: str) -> None:
        """A file was posted there; which message it becomes is not known yet."""
        async with self._noting:
            unseen = await self._unseen(channel)
            if file not in unseen:
                await self._note_unseen(channel, [*unseen, file][-MOST_UNSEEN:])

    async def ts_of(self, calls: Calls, file: str, channel: str) -> str:
        """The message of a file.

        Raises `NotThereYet` when it does not stand there yet, `NoSuchFile` when it is gone.
        """
        known = self._known.get((file, channel))
        if known:
            return known
        for wait in (0, *LOOKS):
            await self._clock.sleep(wait)
            ts = await self._look(calls, file, channel)
            if ts:
                return ts
        raise NotThereYet(file)

    async def left_of(self, calls: Calls, file: str, channel: str) -> str | None:
        """The message of a file that is to be taken back; None when only the file is left.

        Raises `NotThereYet` when it will come, `NoSuchFile` when the file is gone.
        """
        try:
            return await self.ts_of(calls, file, channel)
        except NotThereYet:
            if file in await self._unseen(channel):
                raise
            return None

    async def removed(self, file: str, channel: str) -> None:
        """A file was taken back: it is nowhere any more."""
        self._known.pop((file, channel), None)
        await self._forget(channel, file)

    async def file_at(self, calls: Calls, channel: str, ts: str) -> str | None:
        """The file of a message; None when it is not one of ours."""
        noted = await self._notes.read(_message(channel, ts))
        if noted:
            return noted
        for file in await self._unseen(channel):
            if await self._seen_at(calls, file, channel) == ts:
                return file
        return None

    async def _seen_at(self, calls: Calls, file: str, channel: str) -> str | None:
        """The message of a file that nobody has seen yet; None while Slack does not say."""
        try:
            return await self._look(calls, file, channel)
        except NoSuchFile:
            await self._forget(channel, file)
        except ChatError as error:
            log.info("nothing is known of file %s: %s", file, error)
        return None

    async def _look(self, calls: Calls, file: str, channel: str) -> str | None:
        ts = _ts_in(await info(calls, file), channel)
        if ts:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[file, channel] = ts
            await self._notes.write(_message(channel, ts), file)
            await self._forget(channel, file)
        return ts

    async def _forget(self, channel: str, file: str) -> None:
        """It need not be looked for any more."""
        async with self._noting:
            unseen = await self._unseen(channel)
            if file in unseen:
                await self._note_unseen(channel, [one for one in unseen if one != file])

    async def _unseen(self, channel: str) -> list[str]:
        return (await self._notes.read(f"unseen/{channel}") or "").split()

    async def _note_unseen(self, channel: str, files: Sequence[str]) -> None:
        await self._notes.write(f"unseen/{channel}", " ".join(files))


async def info(calls: Calls, file: str) -> Mapping[str, Any]:
    """What Slack knows of a file; raises `NoSuchFile` for one that was never completed, or gone."""
    told = await calls.call("files.info", {"file": file}, form=True)
    found: Mapping[str, Any] = told["file"]
    return found


def _message(channel: str, ts: str) -> str:
    return f"message/{channel}/{ts}"


def _ts_in(file: Mapping[str, Any], channel: str) -> str | None:
    shares: Mapping[str, Mapping[str, Any]] = file.get("shares") or {}
    for places in shares.values():
        for message in places.get(channel) or ():
            return str(message["ts"])
    return None
