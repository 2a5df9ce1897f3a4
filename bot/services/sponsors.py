"""What people set aside for the remixes of a video."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import ledger
from bot.domain.ledger import Kind, Pot, Transfer
from bot.domain.refs import Person
from bot.ports import Clock, Store
from bot.services.blocks import refuse_blocked
from bot.services.ledger import Credits, check_amount, move
from bot.services.moves import tell_banner
from bot.services.purses import PUT
from bot.services.videos import Videos


@dataclass(frozen=True, slots=True)
class Sponsored:
    """A pot after a change: `moved` into it (below 0: out of it), `inside` it, `left` to spend."""

    root: str
    moved: int
    inside: int
    left: int


class Sponsors:
    """Pots, one for each sponsor and family of videos; the balance of a pot is its cap."""

    def __init__(self, store: Store, clock: Clock, credits_: Credits, videos: Videos) -> None:
        self._store = store
        self._clock = clock
        self._credits = credits_
        self._videos = videos

    async def sponsor(self, person: Person, typed: str, amount: int, interaction: str) -> Sponsored:
        """Put `amount` of one's own credits into the pot of a video; 0 takes back what is left.

        Once for each interaction. Raises `TooFewCredits`.
        """
        check_amount(amount, least=0)
        job = (await self._videos.finished(person, typed)).job
        pot = Pot(person.tenant, job.root or job.id, person.id)
        inside, own = ledger.credits_of(pot), ledger.credits_of(person)
        async with self._store.transaction() as tx:
            if amount:
                await refuse_blocked(tx, person)
            await self._credits.open(tx, person)
            moved = amount or -await tx.ledger.balance(inside)
            if moved:
                ref = f"sponsor/{person.tenant.key}/{interaction}"
                await move(tx, self._transfer(ref, person, pot, moved))
                await tell_banner(tx, pot.root, pot.tenant, self._clock.now())
            left = await tx.ledger.balance(own)
            return Sponsored(pot.root, moved, await tx.ledger.balance(inside), left)

    def _transfer(self, ref: str, person: Person, pot: Pot, moved: int) -> Transfer:
        own, inside = ledger.credits_of(person), ledger.credits_of(pot)
        source, target = (own, inside) if moved > 0 else (inside, own)
        why = f"{PUT}{person.name}" if moved > 0 else "sponsor:back"
        now = self._clock.now()
        return Transfer(ref, Kind.TRANSFER, source, target, abs(moved), person.key, why, now)
