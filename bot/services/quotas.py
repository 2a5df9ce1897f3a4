"""Limits per period: asked before every hold, changed by admins, shown to anyone who asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot import wording
from bot.domain import ledger, quotas
from bot.domain.audit import Change, Deed
from bot.domain.quotas import Extra, Given, Rule, Standing, Window
from bot.domain.refs import Person, Place, Tenant
from bot.domain.usage import Usage
from bot.errors import InvalidInput
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, check_admin, noted
from bot.services.ledger import Credits
from bot.services.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may still do: credits to spend, credits held, and each limit as it stands."""

    available: int
    held: int
    standings: tuple[Standing, ...]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as limits see it: who orders how much of which model, and where."""

    person: Person
    place: Place
    model: str
    usage: Usage


class Quotas:
    """Rules of the workspace over defaults from the settings."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        credits_: Credits,
        workspaces: Workspaces,
        defaults: tuple[Rule, ...],
    ) -> None:
        self._store = store
        self._clock = clock
        self._credits = credits_
        self._workspaces = workspaces
        self._defaults = defaults

    async def standing(self, person: Person, place: Place | None = None) -> Allowance:
        """Where a person stands now, in a channel if one is given; opens a newcomer's account."""
        channel = place.channel if place else None
        async with self._store.transaction() as tx:
            await self._credits.open(tx, person)
            zone = (await self._workspaces.of(tx, person.tenant)).zone
            rules = await self._applicable(tx, person, channel)
            standings = await self._stand(tx, person, rules, zone)
            return Allowance(
                await tx.ledger.balance(ledger.credits_of(person)),
                await tx.ledger.balance(ledger.held_for(person)),
                tuple([await self._whole(tx, person, one, zone) for one in standings]),
                zone,
            )

    async def admit(self, tx: Unit, asked: Asked, zone: ZoneInfo) -> None:
        """Raise `QuotaExceeded` when an order would go over a limit."""
        person = asked.person
        rules = await self._applicable(tx, person, asked.place.channel)
        counting = quotas.of_model(rules, asked.model)
        over = quotas.first_over(await self._stand(tx, person, counting, zone), asked.usage)
        if over:
            # Only a refusal tells the whole of it.
            quotas.check((await self._whole(tx, person, over, zone),), asked.usage)

    async def _applicable(self, tx: Unit, person: Person, channel: str | None) -> tuple[Rule, ...]:
        stored = await tx.quotas.rules(person.tenant)
        return quotas.applicable(self._defaults + stored, person, channel)

    async def _stand(
        self, tx: Unit, person: Person, rules: tuple[Rule, ...], zone: ZoneInfo
    ) -> tuple[Standing, ...]:
        """Rules with what was used and granted; nothing about when they reset and what is held."""
        now = self._clock.now()
        own = any(not quotas.is_shared(rule) for rule in rules)
        extras = await tx.quotas.extras(person, now) if own else ()
        standings: list[Standing] = []
        for rule in rules:
            scope, since = quotas.scope_of(rule, person), quotas.started(rule, now, zone)
            usage = await tx.usage.total(person.tenant, scope, rule.model, since)
            extra = sum(one.amount for one in extras if one.fits(rule))
            standings.append(Standing(rule, usage, 0, extra=extra))
        return tuple(standings)

    async def _whole(
        self, tx: Unit, person: Person, standing: Standing, zone: ZoneInfo
    ) -> Standing:
        now, tenant, rule = self._clock.now(), person.tenant, standing.rule
        scope, since = quotas.scope_of(rule, person), quotas.started(rule, now, zone)
        first = await tx.usage.first(tenant, scope, rule.model, since)
        held = await tx.usage.held(tenant, scope, rule.model, since)
        return replace(standing, resets_at=quotas.resets(rule, now, zone, first), held=held)

    # --- what admins do -------------------------------------------------------------------

    async def rules(self, admin: Person) -> tuple[Rule, ...]:
        """All rules in force in the workspace, defaults included."""
        check_admin(admin)
        async with self._store.reading() as tx:
            stored = await tx.quotas.rules(admin.tenant)
        return quotas.overlaid(self._defaults, stored)

    async def set_rule(self, deed: Deed, rule: Rule) -> None:
        """Put a rule in place of the one for the same subject, unit, period and model."""
        check(deed)
        tenant = deed.person.tenant
        async with self._store.transaction() as tx:
            change = Change(rule.subject, await _stored(tx, tenant, rule), _typed(rule))
            if not await noted(tx, deed, change, self._clock.now()):
                await tx.quotas.set_rule(tenant, rule)

    async def drop_rule(self, deed: Deed, rule: Rule) -> bool:
        """Take a rule away; False when there was none."""
        check(deed)
        tenant = deed.person.tenant
        async with self._store.transaction() as tx:
            change = Change(rule.subject, await _stored(tx, tenant, rule))
            earlier = await noted(tx, deed, change, self._clock.now())
            if not earlier:
                await tx.quotas.drop_rule(tenant, rule)
        return bool((earlier or change).before)

    async def grant(
        self, tx: Unit, person: Person, wanted: Rule, amount: int, ref: str
    ) -> Given | None:
        """More of what a limit of the person counts, until it starts anew; None without a limit.

        `wanted` tells unit, period and model. Whoever calls has checked the right; once a `ref`.
        """
        now = self._clock.now()
        zone = (await self._workspaces.of(tx, person.tenant)).zone
        for rule in await self._applicable(tx, person, None):
            until = quotas.grant_ends(rule, now, zone)
            extra = Extra(ref, person.id, wanted.unit, wanted.period, wanted.model, amount, until)
            if extra.fits(rule):
                await tx.quotas.give(person.tenant, extra)
                return Given(rule, amount, until)
        return None

    async def grant_as(self, deed: Deed, person: Person, wanted: Rule, amount: int) -> Given:
        """The same by an admin; raises `InvalidInput` where there is no such limit."""
        check(deed)
        ref = f"grant/{person.tenant.key}/{deed.interaction}"
        async with self._store.transaction() as tx:
            given = await self.grant(tx, person, wanted, amount, ref)
            if given is None:
                own = _own(await self._applicable(tx, person, None))
                raise InvalidInput("limit", f"{wanted.unit} per {wanted.period}", _kinds(own))
            more = f"{amount} {wanted.unit} more this {wanted.period}"
            await noted(tx, deed, Change(person.id, _typed(given.rule), more), self._clock.now())
        return given

    async def reset(self, deed: Deed, person: Person) -> tuple[Given, ...]:
        """Let every limit of a person start anew: as much more as was used. Once an interaction."""
        check(deed)
        ref = f"reset/{person.tenant.key}/{deed.interaction}/"
        async with self._store.transaction() as tx:
            zone = (await self._workspaces.of(tx, person.tenant)).zone
            rules = _own(await self._applicable(tx, person, None))
            standings = await self._stand(tx, person, rules, zone)
            used = [(one.rule, one.used - one.extra) for one in standings if one.used > one.extra]
            words = ", ".join(f"{number} {rule.unit} more" for rule, number in used)
            if await noted(tx, deed, Change(person.id, "", words), self._clock.now()):
                return await self._given(tx, person, rules, ref)
            given = [
                await self.grant(tx, person, rule, number, f"{ref}{place}")
                for place, (rule, number) in enumerate(used)
            ]
        return tuple(one for one in given if one)

    async def _given(
        self, tx: Unit, person: Person, rules: tuple[Rule, ...], ref: str
    ) -> tuple[Given, ...]:
        """What was granted before under refs that begin with `ref`."""
        extras = await tx.quotas.extras(person, self._clock.now())
        mine = [one for one in extras if one.ref.startswith(ref)]
        return tuple(
            Given(rule, one.amount, one.until) for rule in rules for one in mine if one.fits(rule)
        )


def _own(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Those that count what the person alone does."""
    return tuple(rule for rule in rules if not quotas.is_shared(rule))


def _kinds(rules: tuple[Rule, ...]) -> str:
    return ", ".join(f"{rule.unit} per {rule.period}" for rule in rules) or wording.NO_LIMIT_TO_LIFT


async def _stored(tx: Unit, tenant: Tenant, rule: Rule) -> str:
    """The rule that is in the place of another now, as one would type it."""
    stored = await tx.quotas.rules(tenant)
    return next((_typed(r) for r in stored if quotas.replaces(rule, r)), "")


def _typed(rule: Rule) -> str:
    rolling = " rolling" if rule.window is Window.ROLLING else ""
    of_model = f" of {rule.model}" if rule.model else ""
    return f"{rule.limit} {rule.unit}{of_model} per {rule.period}{rolling}"
