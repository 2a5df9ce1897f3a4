"""Orders that cost much wait for their person's yes: kept as they were asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain import retry
from bot.domain.messages import Invocation
from bot.domain.refs import Person
from bot.errors import NotConfirmed, UnknownThing
from bot.ports import Clock, Quote, Store, Unit

LIVES = 24 * 60 * retry.MINUTE
"""Ms for which a price can be agreed to."""


class Quotes:
    """A yes is stored before the order is asked for again, under the name that it had at first.

    So the same yes twice is one order, and a yes that no order followed can be given again.
    """

    def __init__(self, store: Store, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    async def offer(self, asked: Invocation, no: NotConfirmed) -> str:
        """Keep an order that waits for a yes to `no.price`; returns the name of its quote."""
        now = self._clock.now()
        quote = Quote(self._new_id(), asked, no.price, now)
        async with self._store.transaction() as tx:
            await tx.quotes.tidy(now - LIVES)
            return await tx.quotes.put(quote)

    async def agree(self, person: Person, quote_id: str) -> Invocation:
        """Note a person's yes, and return what they had asked for.

        Raises `UnknownThing` for a quote that is not theirs, or too old.
        """
        async with self._store.transaction() as tx:
            quote = await tx.quotes.get(person.tenant, quote_id)
            old = quote is None or quote.at < self._clock.now() - LIVES
            if quote is None or old or quote.asked.person.id != person.id:
                raise UnknownThing("quote", quote_id)
            await tx.quotes.agree(quote)
        return replace(quote.asked, person=person)


async def check_agreed(tx: Unit, person: Person, interaction: str, price: int, left: int) -> None:
    """Raise `NotConfirmed` unless the person said yes to `price`, or more, for this order."""
    if await tx.quotes.agreed(person.tenant, interaction) < price:
        raise NotConfirmed(price, left)
