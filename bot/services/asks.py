"""Orders that wait until the author of a video says yes: decided once, and nothing held before."""

from __future__ import annotations

from bot import wording
from bot.domain import permits as rules
from bot.domain import retry
from bot.domain.jobs import Job
from bot.domain.permits import Ask, AskState
from bot.domain.refs import Person
from bot.errors import AlreadyDecided, Refused, UnknownThing, Withheld
from bot.ports import Unit
from bot.services.orders import Desk, Orders, waited
from bot.services.permits import check_shared, lapse, settle
from bot.services.showing import check_watched

INTERVAL = 10 * retry.MINUTE
"""Ms between two looks for what lapsed."""
LISTED = 10
AT_ONCE = 100
"""Questions that lapse in one go."""


class Asks:
    """An order is accepted in the transaction that notes the yes to it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._orders = Orders(desk)
        self._store = desk.store
        self._clock = desk.clock

    async def of(self, person: Person) -> tuple[tuple[Ask, ...], tuple[Ask, ...]]:
        """What waits for somebody, the oldest first, and what they asked, the newest first."""
        async with self._store.reading() as tx:
            return await tx.asks.waiting(person, LISTED), await tx.asks.by(person, LISTED)

    async def allow(self, author: Person, ask_id: str, *, always: bool) -> Ask:
        """Say yes; the order is accepted by the rules of this moment, for whoever asked.

        Where these are against it, the yes is kept for another try. Raises `AlreadyDecided`.
        """
        async with self._store.reading() as tx:
            ask = await _for(tx, author, ask_id)
            source = await tx.jobs.get(ask.job_id)
            zone = (await self._desk.workspaces.of(tx, ask.person.tenant)).zone
        if source is None:
            raise UnknownThing("job", ask.job_id)

        async def say_yes(tx: Unit) -> None:
            await self._permit(tx, ask, always=always)
            await check_shared(tx, ask.person, source)
            await check_watched(tx, self._desk.workspaces, ask.person, source)

        try:
            await self._orders.accept(waited(ask, source), say_yes)
        except AlreadyDecided:
            raise
        except Refused as no:
            problem = wording.why_not(no, zone, self._clock.now())
            return await self._keep_yes(ask, problem, always=always)
        return await self._seen(ask, source)

    async def _keep_yes(self, ask: Ask, problem: str, *, always: bool) -> Ask:
        async with self._store.transaction() as tx:
            await self._permit(tx, ask, problem, always=always)
        return await self._seen(ask)

    async def _permit(self, tx: Unit, ask: Ask, problem: str = "", *, always: bool) -> None:
        await self._settle(tx, ask, AskState.YES, problem=problem)
        await tx.permits.give(ask.job_id, ask.person, self._clock.now(), always=always)

    async def decline(self, author: Person, ask_id: str, reason: str) -> Ask:
        """Say no, for a reason or none; raises `AlreadyDecided`."""
        async with self._store.transaction() as tx:
            ask = await _for(tx, author, ask_id)
            await self._settle(tx, ask, AskState.NO, reason=reason)
        return await self._seen(ask)

    async def tidy(self) -> int:
        """Let lapse what nobody decided in time, and forget what is long past; returns how much."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            late = await tx.asks.overdue(now - rules.LIVES, AT_ONCE)
        lapsed = sum([await self._lapse(ask) for ask in late])
        async with self._store.transaction() as tx:
            await tx.asks.tidy(now - rules.KEPT)
        return lapsed

    async def _lapse(self, ask: Ask) -> bool:
        async with self._store.transaction() as tx:
            return await lapse(tx, ask, AskState.OVER, self._clock.now())

    async def _settle(
        self, tx: Unit, ask: Ask, state: AskState, *, reason: str = "", problem: str = ""
    ) -> None:
        """Note what was decided, once, and tell both."""
        now = self._clock.now()
        if not await settle(tx, ask, state, now, reason=reason, problem=problem):
            current = await tx.asks.get(ask.person.tenant, ask.id) or ask
            raise AlreadyDecided(current.state, wording.called(ask.author))

    async def _seen(self, ask: Ask, source: Job | None = None) -> Ask:
        """As it is now; the announcer is called."""
        async with self._store.reading() as tx:
            job = source or await tx.jobs.get(ask.job_id)
            current = await tx.asks.get(ask.person.tenant, ask.id)
        if job:
            self._desk.told(job)
        return current or ask


async def _for(tx: Unit, author: Person, ask_id: str) -> Ask:
    """A question to this author."""
    ask = await tx.asks.get(author.tenant, ask_id)
    if ask is None:
        raise UnknownThing("request", ask_id)
    if ask.author != author:
        raise Withheld("others", ask.job_id)
    return ask
