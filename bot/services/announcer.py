"""Carries what changed back to the chats: the newest state of each message, results first."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.domain import retry
from bot.domain.jobs import Job, JobState
from bot.ports import (
    Besides,
    ChatPlatform,
    Clock,
    Kind,
    Lane,
    Leads,
    Outgoing,
    Store,
    Unit,
    alone,
)
from bot.services.delivery import Dropped, Outcome, Postponed, Removed, Sent, deliver
from bot.services.lanes import Lanes
from bot.services.letters import Blank, Letter, Letters
from bot.services.moves import Moves, result_key
from bot.services.pacing import Pacing
from bot.services.records import Close, Records, first_of

BATCH = 50
"""Messages taken from the outbox at once."""
FRESH = 2 * retry.SECOND
"""Ms after which a letter that was not sent yet is written anew."""
IDLE = 5 * retry.SECOND
"""Ms between two looks when nothing calls; a lost call costs this much."""
SWARM = 50
"""Ms between two looks while lanes are busy and none of them ends."""
GRACE = 2 * retry.SECOND
"""Ms that messages on their way get when the bot stops, so that a finished upload is noted."""

_EVER = 2**62
"""Ms; nothing is due later."""
_ALL = 1_000_000
"""Messages that may wait from an earlier life."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """Lanes that were started; `more` may be due for others, the next message is at `next_at`."""

    lanes: Sequence[asyncio.Task[None]] = ()
    more: bool = False
    next_at: int | None = None


class Announcer:
    """One sender for all chats; each lane is served in order, lanes side by side.

    A lane that is on its way is left alone until what happened to it is noted: so no message is
    taken twice, and a slow one holds up nobody but its own lane. Messages for a chat that is not
    plugged in stay where they are until it is.
    """

    def __init__(
        self,
        store: Store,
        moves: Moves,
        letters: Letters,
        clock: Clock,
        platforms: Mapping[str, ChatPlatform],
        leads: Leads = alone,
    ) -> None:
        self._store = store
        self._moves = moves
        self._clock = clock
        self._platforms = platforms
        self._letters = letters
        self._leads = leads
        self._called = asyncio.Event()
        self._freed = asyncio.Event()
        self._taking = asyncio.Lock()
        self._lanes = Lanes(clock, self._lane_ended)
        self._records = Records(self._record, clock)
        self._pacing = Pacing()
        self._inherited: frozenset[str] | None = None
        self._unsure: set[str] = set()
        self._untaken: set[str] = set()

    def _lane_ended(self) -> None:
        self._freed.set()
        self.call()

    def call(self) -> None:
        """There is something to send."""
        self._called.set()

    async def look_back(self) -> None:
        """Learn what an earlier life may have posted and not noted.

        Done by itself before anything is sent; a message that came before is only looked for once
        more than it needs to be.
        """
        async with self._store.reading() as tx:
            self._inherited = await self._left_over(tx)

    async def _left_over(self, tx: Unit) -> frozenset[str]:
        waiting = await tx.outbox.due(_EVER, _ALL, self._platforms)
        return frozenset(item.key for item in waiting if item.ref is None)

    async def run(self) -> None:
        """Send for ever; cancel to stop, which lets what is on its way arrive for a moment."""
        try:
            while True:
                self._called.clear()
                self._freed.clear()
                await self._turn()
        finally:
            await self._lanes.stop(GRACE if self._leads() else 0)
            await self._records.drain()

    async def _turn(self) -> None:
        try:
            begun = await self._begin()
        except Exception:
            # A fault here must not silence the bot: the outbox still has everything.
            log.exception("nothing could be taken to send; trying again")
            await self._clock.sleep(retry.SECOND)
            return
        if not begun.more:
            await self._rest(begun.next_at)

    async def _rest(self, next_at: int | None) -> None:
        """Until something falls due, may go again, or somebody calls."""
        ends = (next_at, self._lanes.next_release(), self._pacing.next_release())
        waits = [at - self._clock.now() for at in ends if at is not None]
        await first_of(self._clock.sleep(min([IDLE, *waits])), self._called.wait())
        if self._lanes.busy:
            # Most calls in a swarm are for lanes that are busy: a look for each would find nothing.
            await first_of(self._clock.sleep(SWARM), self._freed.wait())

    async def send_due(self) -> bool:
        """Send one batch of what is due and note it; False when there was nothing to begin."""
        begun = await self._begin()
        await asyncio.gather(*begun.lanes)
        return bool(begun.lanes)

    # --- taking ---------------------------------------------------------------------------

    async def _begin(self) -> Begun:
        """Start the lanes that have something due and are free."""
        # One at a time: a lane is busy only once it was started.
        async with self._taking:
            return await self._take() if self._lanes.room and self._leads() else Begun()

    async def _take(self) -> Begun:
        now = self._clock.now()
        besides = Besides(self._lanes.closed(now), self._pacing.held(now))
        async with self._store.reading() as tx:
            if self._inherited is None:
                self._inherited = await self._left_over(tx)
            items = await tx.outbox.due(now, BATCH, self._platforms, besides)
            letters = await self._letters.write(tx, items, now)
            next_at = await self._next_due(tx, now)
        lanes = islice(_by_lane(letters), self._lanes.room)
        started = [self._start(lane, of) for lane, of in lanes]
        return Begun(started, len(items) == BATCH, next_at)

    async def _next_due(self, tx: Unit, now: int) -> int | None:
        """When what is not due yet will be; whoever was called meanwhile need not know."""
        if self._called.is_set():
            return None
        return await tx.outbox.next_due(self._platforms, now)

    def _start(self, lane: Lane, letters: Iterable[Letter | Blank]) -> asyncio.Task[None]:
        return self._lanes.start(lane, self._serve(lane, letters))

    # --- sending --------------------------------------------------------------------------

    async def _serve(self, lane: Lane, letters: Iterable[Letter | Blank]) -> None:
        """What is not sent here stays due, and is taken and written anew."""
        notes: list[asyncio.Task[None]] = []
        for letter in letters:
            if self._is_over(letter):
                break
            outcome = await self._send(letter)
            if outcome:
                notes.append(self._records.note(outcome))
            if isinstance(outcome, Postponed) and outcome.busy:
                # The chat counts calls by channel: the others wait without one.
                self._lanes.pause(lane, outcome.due_at)
                break
        await self._records.written(notes)

    def _is_over(self, letter: Letter | Blank) -> bool:
        stale = isinstance(letter, Letter) and self._clock.now() - letter.written_at > FRESH
        return stale or self._lanes.stopping

    async def _send(self, letter: Letter | Blank) -> Outcome | None:
        """None when it is held for its time, or another bot may be at it."""
        if isinstance(letter, Blank):
            return Dropped(letter.item)
        item = letter.item
        platform = self._platforms[item.place.tenant.platform]
        again = self._is_again(item)
        if item.gone and item.ref is None and not again:
            return Dropped(item)
        if item.lane.kind is Kind.EDIT and letter.job and not item.gone:
            at = await self._may_edit(platform, letter, letter.job)
            if at is None:
                return Dropped(item)
            if at > self._clock.now():
                return None
        if not self._leads():
            return None
        self._unsure.add(item.key)
        outcome = await deliver(platform, letter, self._clock, again=again)
        self._learn(outcome, again=again)
        if item.lane.kind is not Kind.RESULT and letter.job:
            self._pace(outcome, letter.job)
        return outcome

    def _pace(self, outcome: Outcome, job: Job) -> None:
        match outcome:
            case Sent(item):
                self._pacing.shown(item, job, self._clock.now())
            case Removed(item) | Dropped(item):
                self._pacing.forget(item)
            case Postponed():
                pass

    async def _may_edit(self, platform: ChatPlatform, letter: Letter, job: Job) -> int | None:
        now, place = self._clock.now(), letter.item.place
        try:
            limits = await platform.limits(place)
        except Exception:
            # Whatever is wrong with the place, the edit itself has the better words for it.
            log.debug("limits of %s are unknown", place, exc_info=True)
            return now
        return self._pacing.when(letter.item, job, limits, now)

    def _is_again(self, item: Outgoing) -> bool:
        """Whether it may be on the screen although nobody noted where.

        An answer was lost, or what happened could not be noted, or it was there before this life
        began: the bot may have died in between. No time is asked, for clocks are set back.
        """
        if item.ref or item.key in self._untaken:
            return False
        doubtful = item.key in self._unsure or item.key in (self._inherited or ())
        return doubtful or item.tries > 0

    def _learn(self, outcome: Outcome, *, again: bool) -> None:
        """A card that a busy chat never took need not be looked for. Videos take several calls."""
        busy = isinstance(outcome, Postponed) and outcome.busy
        if busy and not again and outcome.item.lane.kind is Kind.CARD:
            self._untaken.add(outcome.item.key)
        else:
            self._untaken.discard(outcome.item.key)

    # --- recording ------------------------------------------------------------------------

    async def _record(self, close: Close) -> None:
        """What happened to some messages, and the jobs that are done with it, all at once."""
        async with self._store.transaction() as tx:
            outcomes = close()
            moved = [await self._record_one(tx, outcome) for outcome in outcomes]
        self._unsure.difference_update(outcome.item.key for outcome in outcomes)
        for job in moved:
            self._moves.tell(job)

    async def _record_one(self, tx: Unit, outcome: Outcome) -> Job | None:
        item = outcome.item
        match outcome:
            case Postponed(due_at=due_at, busy=busy):
                # A busy lane is paused, and those behind it must not get before it.
                await tx.outbox.postpone(item, item.due_at if busy else due_at)
                return None
            case Sent(ref=ref):
                await tx.outbox.sent(item, ref)
                return await self._delivered(tx, item, "delivery:posted")
            case Removed():
                await tx.outbox.removed(item)
                return await self._delivered(tx, item, "delivery:removed")
            case Dropped():
                await tx.outbox.drop(item)
                return await self._delivered(tx, item, "delivery:dropped")

    async def _delivered(self, tx: Unit, item: Outgoing, why: str) -> Job | None:
        """A job is done once its result is posted, or surely cannot be: it is kept either way."""
        if item.job_id is None or item.key != result_key(item.job_id):
            return None
        job = await tx.jobs.get(item.job_id)
        if job is None or job.state is not JobState.DELIVERING:
            return None
        now = self._clock.now()
        return await self._moves.write(tx, job, JobState.DONE, why, now, due_at=None)


def _by_lane(letters: Iterable[Letter | Blank]) -> Iterable[tuple[Lane, Sequence[Letter | Blank]]]:
    found: defaultdict[Lane, list[Letter | Blank]] = defaultdict(list)
    for letter in letters:
        found[letter.item.lane].append(letter)
    return found.items()
