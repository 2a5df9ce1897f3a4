"""Carries what changed back to the chats: the newest state of each message, results first."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain import retry
from bot.domain.jobs import Job, JobState
from bot.domain.messages import Message, VideoFile
from bot.domain.refs import Blob, MessageRef, Person, Place
from bot.domain.videos import Video
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone
from bot.ports import Blobs, ChatPlatform, Clock, Outgoing, Store, Unit
from bot.services import cards
from bot.services.moves import Moves, card_key, result_key
from bot.services.views import Horizon, JobView, Outlook

BATCH = 50
"""Messages taken from the outbox at once."""
IDLE = 5 * retry.SECOND
"""Ms between two looks when nothing calls; a lost call costs this much."""
LINK_LIFE = 7 * 24 * 60 * retry.MINUTE
"""Ms that a link to our own server works."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it will be sent; None where there is nothing left to send it from or for.

    `posted` when it may be on the screen already, in older words, although nobody noted where:
    the answer to an earlier post was lost, or the bot died before it was stored.
    """

    item: Outgoing
    message: Message | None
    owner: Person | None
    posted: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """It is on the screen."""

    item: Outgoing
    ref: MessageRef


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now; again at `due_at` (ms)."""

    item: Outgoing
    due_at: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """It can never be delivered there."""

    item: Outgoing


Outcome = Sent | Postponed | Dropped


class Announcer:
    """One sender for all chats; each place is served in order, places side by side.

    Messages for a chat that is not plugged in stay where they are until it is.
    """

    def __init__(
        self,
        store: Store,
        moves: Moves,
        horizon: Horizon,
        blobs: Blobs,
        clock: Clock,
        platforms: Mapping[str, ChatPlatform],
    ) -> None:
        self._store = store
        self._moves = moves
        self._horizon = horizon
        self._blobs = blobs
        self._clock = clock
        self._platforms = platforms
        self._called = asyncio.Event()
        self._since = clock.now()

    def call(self) -> None:
        """There is something to send."""
        self._called.set()

    async def run(self) -> None:
        """Send for ever; cancel to stop."""
        while True:
            self._called.clear()
            try:
                await self.send_due()
            except Exception:
                # A fault here must not silence the bot: the outbox still has everything.
                log.exception("sending failed; trying again")
                await self._clock.sleep(retry.SECOND)
            if not self._called.is_set():
                await self._rest()

    async def _rest(self) -> None:
        async with self._store.reading() as tx:
            due = await tx.outbox.next_due(self._platforms)
        wait = IDLE if due is None else min(IDLE, due - self._clock.now())
        if wait <= 0:
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(wait))
        called = asyncio.ensure_future(self._called.wait())
        try:
            await asyncio.wait({sleeping, called}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            called.cancel()

    async def send_due(self) -> bool:
        """Send one batch of what is due; False when there was nothing."""
        letters = await self._write_due()
        by_place: defaultdict[Place, list[Letter]] = defaultdict(list)
        for letter in letters:
            by_place[letter.item.place].append(letter)
        sent = await asyncio.gather(*(self._send_all(each) for each in by_place.values()))
        outcomes = [outcome for place in sent for outcome in place]
        if outcomes:
            await self._record(outcomes)
        return bool(letters)

    # --- writing --------------------------------------------------------------------------

    async def _write_due(self) -> list[Letter]:
        now = self._clock.now()
        async with self._store.reading() as tx:
            outlook = Outlook(tx, self._horizon, now)
            return [
                await self._write(tx, outlook, item, now)
                for item in await tx.outbox.due(now, BATCH, self._platforms)
            ]

    async def _write(self, tx: Unit, outlook: Outlook, item: Outgoing, now: int) -> Letter:
        job = await tx.jobs.get(item.job_id)
        if job is None:
            return Letter(item, None, None)
        view = await outlook.view(job)
        if item.key != card_key(job.id):
            return Letter(item, self._result(view), job.person)
        posted = item.ref is None and (item.tries > 0 or job.accepted_at < self._since)
        return Letter(item, cards.card(view, now), job.person, posted)

    def _result(self, view: JobView) -> Message | None:
        if view.video is None:
            return None
        try:
            return cards.result(view, self._file(view.job, view.video))
        except FileNotFoundError:
            log.error("the file of job %s is gone", view.job.id)  # noqa: TRY400 - known cause
            return None

    def _file(self, job: Job, video: Video) -> VideoFile:
        poster = video.poster
        return VideoFile(
            path=self._blobs.open(video.blob),
            filename=f"sora-{job.id}.mp4",
            size=video.blob.size,
            width=video.width,
            height=video.height,
            duration_ms=video.duration_ms,
            poster=self._blobs.open(poster) if poster else None,
            url=self._url(video.blob),
            poster_url=self._url(poster),
        )

    def _url(self, blob: Blob | None) -> str | None:
        return self._blobs.url(blob, LINK_LIFE) if blob else None

    # --- sending --------------------------------------------------------------------------

    async def _send_all(self, letters: Iterable[Letter]) -> list[Outcome]:
        return [await self._send(letter) for letter in letters]

    async def _send(self, letter: Letter) -> Outcome:
        item = letter.item
        platform = self._platforms[item.place.tenant.platform]
        if letter.message is None or letter.owner is None:
            return Dropped(item)
        try:
            ref = await _deliver(platform, item, letter.message, letter.owner)
            if letter.posted:
                # A repeated nonce gave us the first message as it was.
                await platform.edit(ref, letter.message)
            return Sent(item, ref)
        except ChatBusy as busy:
            return Postponed(item, self._clock.now() + max(0, busy.retry_after_ms))
        except (ChatGone, ChatForbidden) as error:
            log.warning("%s cannot be delivered: %s", item.key, error)
            return Dropped(item)
        except (ChatError, OSError) as error:
            log.warning("%s: %s", item.key, error)
            return self._later(item)
        except Exception:
            log.exception("%s broke its adapter", item.key)
            return self._later(item)

    def _later(self, item: Outgoing) -> Outcome:
        limit = retry.DELIVERY.tries
        if limit is not None and item.tries + 1 >= limit:
            return Dropped(item)
        return Postponed(item, self._clock.now() + retry.DELIVERY.wait(item.tries, 0.5))

    # --- recording ------------------------------------------------------------------------

    async def _record(self, outcomes: Iterable[Outcome]) -> None:
        """What happened to a batch, and the jobs that are done with it, in one transaction."""
        async with self._store.transaction() as tx:
            moved = [await self._record_one(tx, outcome) for outcome in outcomes]
        for job in moved:
            self._moves.tell(job)

    async def _record_one(self, tx: Unit, outcome: Outcome) -> Job | None:
        item = outcome.item
        match outcome:
            case Postponed(due_at=due_at):
                await tx.outbox.postpone(item, due_at)
                return None
            case Sent(ref=ref):
                await tx.outbox.sent(item, ref)
                return await self._delivered(tx, item, "delivery:posted")
            case Dropped():
                await tx.outbox.drop(item)
                return await self._delivered(tx, item, "delivery:dropped")

    async def _delivered(self, tx: Unit, item: Outgoing, why: str) -> Job | None:
        """A job is done once its result is posted, or surely cannot be: it is kept either way."""
        if item.key != result_key(item.job_id):
            return None
        job = await tx.jobs.get(item.job_id)
        if job is None or job.state is not JobState.DELIVERING:
            return None
        now = self._clock.now()
        return await self._moves.write(tx, job, JobState.DONE, why, now, due_at=None)


async def _deliver(
    platform: ChatPlatform, item: Outgoing, message: Message, owner: Person
) -> MessageRef:
    if item.ref is not None:
        await platform.edit(item.ref, message)
        return item.ref
    if item.place.private:
        return await platform.notify_privately(owner, message, item.key)
    try:
        return await platform.post(item.place, message, item.key)
    except (ChatGone, ChatForbidden):
        if message.video is None:
            raise
        # The place is closed to us, but the video is paid for: its owner gets it in private.
        return await platform.notify_privately(owner, message, item.key)
