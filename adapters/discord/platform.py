"""Discord as a chat of the core's: the port, on top of a client that may come and go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from adapters.chats.pictures import Files, Unread
from adapters.discord import render
from adapters.discord.client import PLAIN, AnyClient, make_client
from adapters.discord.counter import Counter, Till
from adapters.discord.keys import mark_of, nonce_of, press_named
from adapters.discord.ladder import LIMITS, Ladder, UploadLimits, by_link, carried_by
from adapters.discord.outgoing import Outgoing, ThreadArchived, ThreadExists, TooLarge
from adapters.discord.places import NAME, Access, People, channel_of
from adapters.discord.supervisor import Supervisor
from bot import wording
from bot.domain.catalogue import Catalogue
from bot.domain.messages import Message
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.errors import ChatForbidden, ChatGone
from bot.ports import Answer, Clock, Media, Notes, PlaceLimits, Suggest

EDIT_PACE = 5_000
"""Ms between two edits of one message."""
CHANNEL_PACE = 1_000
"""Ms of a channel's edits that each active card takes: Discord lets five go in five seconds."""
EDIT_WINDOW = 55 * 60_000
"""Ms after which a message is left alone: Discord slows edits of those older than an hour."""
PATIENCE = 1.5
"""Seconds that people who are being served get when the bot stops."""
UPLOADS = 4
"""Files on their way at once."""
RUNGS = 3
"""Limits tried for one video before only a link is posted."""
THREAD_LIFE = 1440
"""Minutes without a word after which Discord puts a thread away."""
MAX_TITLE = 100
MOST_REMEMBERED = 1_000
LOOK_BACK = 100
"""Newest messages looked through for one that may have been posted already."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator decides. `home` is the server for those who write in private.

    `settle` is how long (s) a start waits for the next server to appear.
    """

    token: str
    shards: int = PLAIN
    home: str = ""
    settle: float = 2.0


@dataclass(frozen=True, slots=True)
class Around:
    """What the adapter stands on."""

    notes: Notes
    files: Files
    media: Media
    clock: Clock
    catalogue: Callable[[], Catalogue]
    suggest: Suggest


class DiscordChat:
    """`ChatPlatform` for every server that the bot is in."""

    def __init__(self, options: Options, around: Around) -> None:
        clock = around.clock
        self._out = Outgoing(clock)
        self._ladder = Ladder(around.media, around.files.scratch)
        self._limits = UploadLimits(around.notes)
        self._access = Access(self._guild)
        self._people = people = People(lambda: self._client, options.home, clock.now)
        self._counter = Counter(
            Till(
                people,
                self._access,
                around.catalogue,
                around.files,
                self._attached,
                self._ladder,
                around.notes,
                around.suggest,
                clock,
            )
        )
        self._supervisor = Supervisor(
            lambda: make_client(
                self._counter, around.notes, around.catalogue(), options.shards, options.settle
            ),
            options.token,
            clock,
        )
        self._uploads = asyncio.Semaphore(UPLOADS)
        self._private: dict[str, int] = {}
        self._removed: set[str] = set()

    @property
    def name(self) -> str:
        """``discord``."""
        return NAME

    @property
    def ready(self) -> bool:
        """Whether people are served now."""
        return self._supervisor.ready

    async def check(self) -> tuple[str, str, bool]:
        """A line of the health view: name, words, whether all is well."""
        words = self._supervisor.fault or wording.discord_line(connected=self.ready)
        return (wording.HEALTH_DISCORD, words, self.ready)

    def find(self, tenant: Tenant, text: str) -> Person | None:
        """Somebody by id, or a role as ``role:<id>`` with its name; see `bot.commands.values`."""
        kind, _, name = text.rpartition(":")
        if kind != "role":
            bot = self._people.is_bot(text)
            return Person(tenant, text, bot=bot) if text.isdecimal() else None
        guild = self._client.get_guild(int(tenant.id)) if self.ready else None
        role = guild.get_role(int(name)) if guild and name.isdecimal() else None
        return Person(tenant, text, role.name) if role else None

    @property
    def _client(self) -> AnyClient:
        return self._supervisor.client

    def _guild(self, guild_id: int) -> discord.Guild | None:
        return self._client.get_guild(guild_id)

    async def _attached(self, url: str) -> bytes:
        try:
            return await self._client.http.get_from_cdn(url)
        except discord.HTTPException as error:
            raise Unread(str(error)) from error

    # --- the port -------------------------------------------------------------------------

    async def limits(self, place: Place) -> PlaceLimits:
        """Upload limit of the server, as Discord says or as we learned."""
        return PlaceLimits(await self._upload_limit(place), EDIT_PACE, CHANNEL_PACE, EDIT_WINDOW)

    async def serve(self, answer: Answer) -> None:
        """Connect; raises `ConfigError` when the token cannot work."""
        self._counter.open(answer)
        await self._supervisor.start()

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """A new message; the same nonce within minutes is the same message."""
        if again and (found := await self._find(place, nonce)):
            return found
        return await self._put(place, message, nonce)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Other words for a message. Its files stay as they are."""
        frame = _frame(ref.place, None)
        target = self._channel(ref.place).get_partial_message(int(ref.id))
        limit = await self._upload_limit(ref.place)

        async def change() -> None:
            carried = None
            if message.video:
                # A layout without its player would hide the clip that is still attached.
                carried = carried_by(await target.fetch(), message.video, limit)
            await target.edit(
                view=render.layout(message, frame, carried),
                allowed_mentions=render.allowed(message),
            )

        await self._awake(ref.place, change)

    async def remove(self, ref: MessageRef) -> None:
        """The message with all that is attached to it; a thread below it lives on."""
        target = self._channel(ref.place).get_partial_message(int(ref.id))
        with suppress(ChatGone):
            await self._awake(ref.place, target.delete)
        if len(self._removed) >= MOST_REMEMBERED:
            self._removed.clear()
        self._removed.add(ref.id)

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        """The thread under a message; one in a thread is that thread."""
        place = ref.place
        if place.thread or place.private:
            return place
        message = self._channel(place).get_partial_message(int(ref.id))
        name = title[:MAX_TITLE] or NAME
        try:
            await self._out.call(
                lambda: message.create_thread(name=name, auto_archive_duration=THREAD_LIFE)
            )
        except ThreadExists:
            log.debug("message %s has its thread already", ref.id)
        # A thread has the id of the message that it hangs under.
        return Place(place.tenant, place.channel, ref.id)

    async def notify_privately(
        self, person: Person, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """A direct message; raises `ChatForbidden` when the person takes none."""
        place = Place(person.tenant, str(await self._private_channel(person)), private=True)
        return await self.post(place, message, nonce, again=again)

    async def preflight(self, place: Place) -> tuple[str, ...]:
        """Rights that are missing there."""
        return self._access.problems(place)

    async def aclose(self) -> None:
        """Serve nobody any more, and hang up."""
        await self._counter.close(PATIENCE)
        await self._supervisor.aclose()

    # --- posting --------------------------------------------------------------------------

    async def _put(self, place: Place, message: Message, nonce: str) -> MessageRef:
        """With its video as large as it may be; a limit that proves too high is lowered."""
        video = message.video
        if message.picture or video is None:
            return await self._send(place, message, nonce, None)
        for _ in range(RUNGS):
            limit = await self._upload_limit(place)
            carried = await self._ladder.carried(video, limit)
            try:
                return await self._send(place, message, nonce, carried)
            except TooLarge:
                size = carried.file.stat().st_size if carried.file else limit
                await self._limits.refused(place.tenant, size)
        carried = by_link(video, await self._upload_limit(place))
        return await self._send(place, message, nonce, carried)

    async def _send(
        self, place: Place, message: Message, nonce: str, carried: render.Carried | None
    ) -> MessageRef:
        channel, frame = self._channel(place), _frame(place, mark_of(nonce))

        async def send(name: str) -> discord.Message:
            return await channel.send(
                view=render.layout(message, frame, carried),
                files=render.files_of(message, carried),
                nonce=nonce_of(name),
                allowed_mentions=render.allowed(message),
            )

        if carried is None:
            return _ref(place, await self._sent(send, nonce))
        async with self._uploads:
            return _ref(place, await self._sent(send, nonce))

    async def _sent(
        self, send: Callable[[str], Awaitable[discord.Message]], nonce: str
    ) -> discord.Message:
        """Post it. While Discord knows a nonce it may answer with a message that was removed."""
        name = nonce
        message = await self._out.call(partial(send, name))
        while str(message.id) in self._removed:
            name += "+"
            message = await self._out.call(partial(send, name))
        return message

    async def _find(self, place: Place, nonce: str) -> MessageRef | None:
        """A message of ours that an earlier try may have left there; nonces do not last."""
        mark, me = mark_of(nonce), self._client.user
        channel = self._channel(place)

        async def look() -> int | None:
            async for message in channel.history(limit=LOOK_BACK):
                if me and message.author.id == me.id and mark in _marks(message):
                    return message.id
            return None

        try:
            found = await self._out.call(look)
        except (ChatForbidden, ChatGone):
            return None  # where we may not look, the nonce has to do
        return MessageRef(place, str(found)) if found else None

    async def _awake(self, place: Place, change: Callable[[], Awaitable[None]]) -> None:
        """Change a message, also in a thread that was put away."""
        try:
            await self._out.call(change)
        except ThreadArchived:
            await self._wake(place)
            await self._out.call(change)

    async def _wake(self, place: Place) -> None:
        http, thread = self._client.http, channel_of(place)
        await self._out.call(lambda: http.edit_channel(thread, archived=False))

    # --- places ---------------------------------------------------------------------------

    def _channel(self, place: Place) -> discord.PartialMessageable:
        guild = None if place.private else int(place.tenant.id)
        return self._client.get_partial_messageable(channel_of(place), guild_id=guild)

    async def _private_channel(self, person: Person) -> int:
        if person.id not in self._private:
            http, user = self._client.http, int(person.id)
            opened: Any = await self._out.call(lambda: http.start_private_message(user))
            self._private[person.id] = int(opened["id"])
        return self._private[person.id]

    async def _upload_limit(self, place: Place) -> int:
        guild = None if place.private else self._client.get_guild(int(place.tenant.id))
        said = guild.filesize_limit if guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        return await self._limits.of(place.tenant, min(said, LIMITS[0]))


def _frame(place: Place, mark: str | None) -> render.Frame:
    """In a private message, buttons have to name their server."""
    return render.Frame(place.tenant.id if place.private else None, mark)


def _ref(place: Place, message: discord.Message) -> MessageRef:
    return MessageRef(place, str(message.id))


def _marks(message: discord.Message) -> set[str | None]:
    """The marks on the buttons of a message."""
    pending: list[Any] = list(message.components)
    marks: set[str | None] = set()
    while pending:
        part = pending.pop()
        pending += getattr(part, "children", ())
        press = press_named(str(getattr(part, "custom_id", "")))
        if press:
            marks.add(press.mark)
    return marks
