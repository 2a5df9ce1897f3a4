"""Everyone's place in line and when it may be their turn: read once, asked by every card.

A line of a thousand is no work for each of its thousand cards. It is read when somebody asks after
it changed, or after a moment in which another process may have changed it; those who only joined
are read alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain import gates, progress
from bot.domain.gates import Declared
from bot.domain.jobs import Job, JobState
from bot.domain.order import Kind, Standings, Waiter
from bot.domain.progress import Expectation, Forecast, Pace
from bot.domain.videos import Size
from bot.ports import Unit
from bot.services.moves import gate_key, gate_of
from bot.services.shop import Shop

FRESH = 1_000
"""Ms for which a line is believed that another process may have changed."""
HISTORY = 50
"""Past jobs that an expectation is made of."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a waiting job stands; `starts_at` (ms) is None while an admin holds it back."""

    place: int
    starts_at: int | None


@dataclass(frozen=True, slots=True)
class _Board:
    """One line as it was read at `read_at`, with those who joined it since."""

    read_at: int
    standings: Standings
    forecast: Forecast

    def join(self, waiter: Waiter, hope: Expectation) -> None:
        """One more; harmless for one who stands there, for two cards may ask at once."""
        if waiter.job_id in self.standings:
            return
        self.standings.join(waiter)
        if self.standings.ready(waiter.job_id):
            self.forecast.add(hope.median)


@dataclass(slots=True)
class _Seen:
    """What is known of a gate: its line, who came and is not in it yet, how often it changed."""

    board: _Board | None = None
    joining: set[str] = field(default_factory=set[str])
    changes: int = 0


class Places:
    """The lines of all gates, within what their accounts are declared to take."""

    def __init__(self, shop: Shop, declared: Declared) -> None:
        self._shop = shop
        self._declared = declared
        self._seen: defaultdict[str, _Seen] = defaultdict(_Seen)

    def told(self, job: Job) -> None:
        """A job changed: the line is not what it was, unless it only became longer."""
        seen = self._seen[gate_key(job)]
        came = job.state is JobState.WAITING and not job.attempt
        if came and not (seen.board and job.id in seen.board.standings):
            seen.joining.add(job.id)
            return
        seen.joining.discard(job.id)
        seen.changes += 1
        seen.board = None

    async def stand(self, tx: Unit, job: Job, now: int) -> Stand | None:
        """Where a job stands; None when it has left the line."""
        seen = self._seen[gate_key(job)]
        board = _fresh(seen, now) or await self._read(tx, gate_key(job), now)
        if seen.joining or job.id not in board.standings:
            await self._join(tx, board, job)
        if job.id not in board.standings:
            return None
        place = board.standings.place(job.id)
        waiter = board.standings.waiter(job.id)
        if waiter.held_back:
            return Stand(place, None)
        ready = board.standings.ready(job.id)
        return Stand(place, board.forecast.starts[place - 1] if ready else waiter.due_at)

    async def _read(self, tx: Unit, gate: str, now: int) -> _Board:
        seen = self._seen[gate]
        changes = seen.changes
        known = await gate_of(tx, gate)
        opens_at = max(now, known.opens_at)
        runs = await tx.jobs.runs(gate)
        waiting = await tx.jobs.waiting(gate)
        # Who is due when the gate opens is in line as much as those who are due now.
        standings = Standings(waiting, [run.person for run in runs], opens_at)
        provider = gate.partition("/")[0]
        hopes = await self._hopes(tx, provider, {one.kind for one in (*runs, *waiting)})
        ends = [progress.ready_at(run.since, now, hopes[run.kind]) for run in runs]
        limits = self._declared.of(gate)
        slots = gates.slots_of(known, limits)
        pace = Pace(
            # Where nobody knows how many there are, nobody waits for one.
            len(runs) + len(waiting) if slots is None else slots,
            gates.gap(known, limits),
            gates.next_turn(known, limits, now),
        )
        forecast = Forecast(pace, ends, now)
        for waiter in standings.in_turn():
            forecast.add(hopes[waiter.kind].median)
        board = _Board(now, standings, forecast)
        if changes == seen.changes:
            seen.board = board
        return board

    async def _join(self, tx: Unit, board: _Board, job: Job) -> None:
        """Let those stand in line who came since it was read."""
        seen, provider = self._seen[gate_key(job)], job.offer.provider
        missing = [name for name in (*seen.joining, job.id) if name not in board.standings]
        for waiter in await tx.jobs.joining(missing) if missing else ():
            hopes = await self._hopes(tx, provider, {waiter.kind})
            board.join(waiter, hopes[waiter.kind])
        if board is seen.board:
            # Whoever is not there yet was stored after this look began.
            seen.joining -= {name for name in seen.joining if name in board.standings}

    async def _hopes(self, tx: Unit, provider: str, kinds: set[Kind]) -> Mapping[Kind, Expectation]:
        return {kind: await self._hope(tx, provider, kind) for kind in kinds}

    async def _hope(self, tx: Unit, provider: str, kind: Kind) -> Expectation:
        return await expected(tx, kind, self._shop.typical_of(provider, kind[0]))


def _fresh(seen: _Seen, now: int) -> _Board | None:
    board = seen.board
    return board if board and 0 <= now - board.read_at < FRESH else None


async def expected(tx: Unit, kind: Kind, typical: int) -> Expectation:
    """How long a job of a kind takes: from past ones, else the `typical` ms of the catalogue."""
    model, width, height, seconds = kind
    past = await tx.jobs.durations(model, str(Size(width, height)), seconds, HISTORY)
    return progress.expect(past, typical)
