"""Limits per person: asked before every hold, changed by admins, shown to anyone who asks."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain import ledger, quotas
from bot.domain.quotas import Rule, Standing, Usage
from bot.domain.refs import Person
from bot.errors import NotAllowed
from bot.ports import Clock, Store, Unit
from bot.services.ledger import Credits


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may still do: credits to spend, credits held, and each limit as it stands."""

    available: int
    held: int
    standings: tuple[Standing, ...]
    zone: ZoneInfo


class Quotas:
    """Rules of the workspace over defaults from the settings."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        credits_: Credits,
        zone: ZoneInfo,
        defaults: tuple[Rule, ...],
    ) -> None:
        self._store = store
        self._clock = clock
        self._credits = credits_
        self._zone = zone
        self._defaults = defaults

    async def standing(self, person: Person) -> Allowance:
        """Where a person stands now; opens the account of a newcomer."""
        async with self._store.transaction() as tx:
            await self._credits.open(tx, person)
            return Allowance(
                await tx.ledger.balance(ledger.credits_of(person)),
                await tx.ledger.balance(ledger.held_for(person)),
                await self._standings(tx, person),
                self._zone,
            )

    async def admit(self, tx: Unit, person: Person, asked: Usage) -> None:
        """Raise `QuotaExceeded` when `asked` would go over a limit of the person."""
        quotas.check(await self._standings(tx, person), asked)

    async def _standings(self, tx: Unit, person: Person) -> tuple[Standing, ...]:
        stored = await tx.quotas.rules(person.tenant)
        rules = quotas.applicable(self._defaults + stored, person)
        return tuple([await self._stand(tx, person, rule) for rule in rules])

    async def _stand(self, tx: Unit, person: Person, rule: Rule) -> Standing:
        now = self._clock.now()
        usage, oldest = await tx.quotas.usage(person, quotas.started(rule, now, self._zone))
        return Standing(rule, usage, quotas.resets(rule, now, self._zone, oldest))

    async def rules(self, admin: Person) -> tuple[Rule, ...]:
        """All rules in force in the workspace, defaults included."""
        _check_admin(admin)
        async with self._store.reading() as tx:
            stored = await tx.quotas.rules(admin.tenant)
        return quotas.overlaid(self._defaults, stored)

    async def set_rule(self, admin: Person, rule: Rule) -> None:
        """Put a rule in place of the one for the same subject, unit and period."""
        _check_admin(admin)
        async with self._store.transaction() as tx:
            await tx.quotas.set_rule(admin.tenant, rule)

    async def drop_rule(self, admin: Person, rule: Rule) -> bool:
        """Take a rule away; False when there was none."""
        _check_admin(admin)
        async with self._store.transaction() as tx:
            return await tx.quotas.drop_rule(admin.tenant, rule)


def _check_admin(person: Person) -> None:
    if not person.admin:
        raise NotAllowed("admin")
