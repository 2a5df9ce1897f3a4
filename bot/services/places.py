"""Everyone's place in line and when it may be their turn: read once, asked by every card.

A line of a thousand is no work for each of its thousand cards. It is read when somebody asks after
it changed, or after a moment in which another process may have changed it; those who only joined
are read alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain import progress
from bot.domain.jobs import Job, JobState
from bot.domain.order import Kind, Standings, Waiter
from bot.domain.progress import Expectation, Forecast, Pace
from bot.domain.videos import Size
from bot.ports import Unit
from bot.services.moves import gate_key
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


@dataclass(slots=True)
class _Board:
    """One line as it was read at `read_at`; `joining` came since then."""

    read_at: int
    standings: Standings
    forecast: Forecast
    joining: set[str] = field(default_factory=set[str])


class Places:
    """The lines of all gates, `slots` wide and `spacing` ms apart."""

    def __init__(self, shop: Shop, slots: int, spacing: int = 0) -> None:
        self._shop = shop
        self._slots = slots
        self._spacing = spacing
        self._boards: dict[str, _Board] = {}
        self._changes: defaultdict[str, int] = defaultdict(int)

    def told(self, job: Job) -> None:
        """A job changed: the line is not what it was, unless it only became longer."""
        gate = gate_key(job)
        board = self._boards.get(gate)
        came = job.state is JobState.WAITING and not job.attempt
        if board and came and job.id not in board.standings:
            board.joining.add(job.id)
            return
        self._changes[gate] += 1
        self._boards.pop(gate, None)

    async def stand(self, tx: Unit, job: Job, now: int) -> Stand | None:
        """Where a job stands; None when it has left the line."""
        board = self._fresh(gate_key(job), now) or await self._read(tx, gate_key(job), now)
        if job.id not in board.standings:
            await self._join(tx, board, job)
        if job.id not in board.standings:
            return None
        place = board.standings.place(job.id)
        waiter = board.standings.waiter(job.id)
        if waiter.held_back:
            return Stand(place, None)
        ready = board.standings.ready(job.id)
        return Stand(place, board.forecast.starts[place - 1] if ready else waiter.due_at)

    def _fresh(self, gate: str, now: int) -> _Board | None:
        board = self._boards.get(gate)
        return board if board and 0 <= now - board.read_at < FRESH else None

    async def _read(self, tx: Unit, gate: str, now: int) -> _Board:
        changes = self._changes[gate]
        known = await tx.gates.get(gate)
        opens_at = max(now, known.opens_at if known else 0)
        runs = await tx.jobs.runs(gate)
        waiting = await tx.jobs.waiting(gate)
        # Who is due when the gate opens is in line as much as those who are due now.
        standings = Standings(waiting, [run.person for run in runs], opens_at)
        provider = gate.partition("/")[0]
        hopes = await self._hopes(tx, provider, {one.kind for one in (*runs, *waiting)})
        ends = [progress.ready_at(run.since, now, hopes[run.kind]) for run in runs]
        forecast = Forecast(Pace(self._slots, self._spacing, opens_at), ends, now)
        for waiter in standings.in_turn():
            forecast.add(hopes[waiter.kind].median)
        board = _Board(now, standings, forecast)
        if changes == self._changes[gate]:
            self._boards[gate] = board
        return board

    async def _join(self, tx: Unit, board: _Board, job: Job) -> None:
        """Let those stand in line who came since it was read."""
        provider = job.offer.provider
        for waiter in await tx.jobs.joining([*board.joining, job.id]):
            hopes = await self._hopes(tx, provider, {waiter.kind})
            _add(board, waiter, hopes[waiter.kind])

    async def _hopes(self, tx: Unit, provider: str, kinds: set[Kind]) -> Mapping[Kind, Expectation]:
        return {kind: await self._hope(tx, provider, kind) for kind in kinds}

    async def _hope(self, tx: Unit, provider: str, kind: Kind) -> Expectation:
        return await expected(tx, kind, self._shop.typical_of(provider, kind[0]))


async def expected(tx: Unit, kind: Kind, typical: int) -> Expectation:
    """How long a job of a kind takes: from past ones, else the `typical` ms of the catalogue."""
    model, width, height, seconds = kind
    past = await tx.jobs.durations(model, str(Size(width, height)), seconds, HISTORY)
    return progress.expect(past, typical)


def _add(board: _Board, waiter: Waiter, hope: Expectation) -> None:
    board.joining.discard(waiter.job_id)
    # Two cards may have asked at once.
    if waiter.job_id not in board.standings:
        board.standings.join(waiter)
        if board.standings.ready(waiter.job_id):
            board.forecast.add(hope.median)
