"""Wishes for more: a member asks, the first admin who presses decides."""

from __future__ import annotations

from collections.abc import Callable

from bot import wording
from bot.domain import ledger
from bot.domain import quotas as rules
from bot.domain.audit import Change, Deed
from bot.domain.notices import Decided, MoreAsked, Request, Wish
from bot.domain.quotas import Rule, Unit
from bot.domain.refs import Person, alone
from bot.errors import AlreadyDecided, AskedAlready, UnknownThing
from bot.ports import Clock, Store
from bot.ports import Unit as Transaction
from bot.services.audit import check, noted
from bot.services.ledger import Credits
from bot.services.notices import Notices
from bot.services.quotas import Quotas

USUAL = 500
"""Credits that are asked for where nobody says how many."""


class Requests:
    """One open wish a person, decided once."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        quotas: Quotas,
        credits_: Credits,
        notices: Notices,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._quotas = quotas
        self._credits = credits_
        self._notices = notices
        self._new_id = new_id

    async def ask(self, person: Person, amount: int | None, reason: str) -> Request:
        """Ask admins for more of what is used up: of a limit, else credits.

        Raises `AskedAlready` while an earlier wish is open.
        """
        lacking = await self._lacking(person)
        usual = lacking.limit if lacking and lacking.limit else USUAL
        request = Request(
            id=self._new_id(),
            person=person,
            amount=usual if amount is None else amount,
            unit=lacking.unit if lacking else Unit.CREDITS,
            period=lacking.period if lacking else None,
            model=lacking.model if lacking else "",
            reason=reason,
            state=Wish.OPEN,
            asked_at=self._clock.now(),
        )
        async with self._store.transaction() as tx:
            if not await tx.notices.ask(request):
                raise AskedAlready
            news = MoreAsked(request.id)
            await self._notices.post(tx, person.tenant, f"more/{request.id}", news)
        return request

    async def _lacking(self, person: Person) -> Rule | None:
        """The first limit of the person's own that leaves nothing."""
        for standing in (await self._quotas.standing(person)).standings:
            if not standing.left and not rules.is_shared(standing.rule):
                return standing.rule
        return None

    async def decide(self, deed: Deed, request_id: str, *, approve: bool) -> Request:
        """Decide on a wish, and give what was asked for; raises `AlreadyDecided` for the second."""
        check(deed)
        admin, state = deed.person, Wish.APPROVED if approve else Wish.DENIED
        async with self._store.transaction() as tx:
            request = await tx.notices.request(admin.tenant, request_id)
            if request is None:
                raise UnknownThing("request", request_id)
            change = Change(request.person.id, _typed(request), state)
            if not await noted(tx, deed, change, self._clock.now()):
                await self._settle(tx, request, state, admin)
            return await tx.notices.request(admin.tenant, request_id) or request

    async def _settle(self, tx: Transaction, request: Request, state: Wish, admin: Person) -> None:
        if not await tx.notices.decide(request, state, admin, self._clock.now()):
            by = request.decided_by
            raise AlreadyDecided(request.state, wording.called(by) if by else "")
        if state is Wish.APPROVED:
            await self._give(tx, request, admin)
        await self._tell(tx, request)

    async def _give(self, tx: Transaction, request: Request, admin: Person) -> None:
        ref = f"request/{request.id}"
        if request.period is None:
            await self._credits.open(tx, request.person)
            await tx.ledger.post(
                ledger.grant(
                    ref,
                    request.person,
                    request.amount,
                    admin.key,
                    "admin:approved",
                    self._clock.now(),
                )
            )
        else:
            wanted = Rule("", request.unit, request.period, 0, model=request.model)
            await self._quotas.grant(tx, request.person, wanted, request.amount, ref)

    async def _tell(self, tx: Transaction, request: Request) -> None:
        person = request.person
        await self._notices.changed(tx, f"more/{request.id}")
        news = Decided(request.id)
        await self._notices.post(tx, person.tenant, f"decided/{request.id}", news, alone(person))


def _typed(request: Request) -> str:
    return f"{request.amount} {request.unit}" + (f" per {request.period}" if request.period else "")
