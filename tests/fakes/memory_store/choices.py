"""What admins and channels chose: limits, budgets, schedules, switches, blocks and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.domain.audit import Outcome, Record
from bot.domain.blocks import Block
from bot.domain.budgets import Budget, Spending
from bot.domain.circuits import WHOLE, Circuit
from bot.domain.gates import Gate
from bot.domain.prompts import Prompt
from bot.domain.quotas import Extra, Rule
from bot.domain.refs import Person, Place, Tenant
from bot.domain.schedules import Schedule
from bot.domain.styles import Style
from bot.domain.switches import Switch
from bot.domain.threads import ThreadMode
from bot.domain.workspaces import Choice
from tests.fakes.memory_store.tables import (
    ALERTS,
    AUDIT,
    BLOCKS,
    BUDGETS,
    CHANNEL_STYLES,
    CHOICES,
    CIRCUITS,
    EXTRAS,
    GATES,
    MODES,
    PROMPTS,
    RULES,
    SCHEDULES,
    STYLES,
    SWITCHES,
    Table,
    V,
    View,
)


class _Rows:
    def __init__(self, view: View) -> None:
        self._view = view

    def _here(self, table: Table[tuple[Tenant, str], V], tenant: Tenant) -> tuple[V, ...]:
        rows = sorted(self._view.of(table).items(), key=lambda row: row[0][1])
        return tuple(row for (where, _), row in rows if where == tenant)

    def _drop(self, table: Table[tuple[Tenant, str], V], key: tuple[Tenant, str]) -> bool:
        return self._view.change(table).pop(key, None) is not None


class MemoryQuotas(_Rows):
    """`QuotaRows` within one transaction."""

    async def rules(self, tenant: Tenant) -> tuple[Rule, ...]:
        rows = sorted(self._view.of(RULES).items(), key=lambda row: row[0][1:])
        return tuple(rule for (where, *_), rule in rows if where == tenant)

    async def set_rule(self, tenant: Tenant, rule: Rule) -> None:
        self._view.change(RULES)[_rule_key(tenant, rule)] = rule

    async def drop_rule(self, tenant: Tenant, rule: Rule) -> bool:
        return self._view.change(RULES).pop(_rule_key(tenant, rule), None) is not None

    async def extras(self, person: Person, now: int) -> tuple[Extra, ...]:
        found = [
            extra
            for tenant, extra in self._view.of(EXTRAS).values()
            if (tenant, extra.person) == (person.tenant, person.id) and extra.until > now
        ]
        return tuple(sorted(found, key=lambda extra: (extra.until, extra.ref)))

    async def give(self, tenant: Tenant, extra: Extra) -> bool:
        if extra.ref in self._view.of(EXTRAS):
            return False
        self._view.change(EXTRAS)[extra.ref] = (tenant, extra)
        return True


def _rule_key(tenant: Tenant, rule: Rule) -> tuple[Tenant, str, str, str, str]:
    return tenant, rule.subject, rule.unit.value, rule.period.value, rule.model


class MemoryBudgets(_Rows):
    """`BudgetRows` within one transaction."""

    async def all(self, tenant: Tenant) -> tuple[Budget, ...]:
        rows = sorted(self._view.of(BUDGETS).items(), key=lambda row: row[0][1:])
        return tuple(budget for (where, *_), budget in rows if where == tenant)

    async def set(self, tenant: Tenant, budget: Budget) -> None:
        self._view.change(BUDGETS)[tenant, budget.scope, budget.period.value] = budget

    async def drop(self, tenant: Tenant, budget: Budget) -> bool:
        key = (tenant, budget.scope, budget.period.value)
        return self._view.change(BUDGETS).pop(key, None) is not None

    async def alert(self, tenant: Tenant, spending: Spending, percent: int, at: int) -> bool:
        budget = spending.budget
        key = (tenant, budget.scope, budget.period.value, spending.started_at, percent)
        if key in self._view.of(ALERTS):
            return False
        self._view.change(ALERTS)[key] = at
        return True


class MemorySchedules(_Rows):
    """`ScheduleRows` within one transaction."""

    async def of(self, tenant: Tenant) -> tuple[Schedule, ...]:
        return self._here(SCHEDULES, tenant)

    async def everywhere(self) -> tuple[tuple[Tenant, Schedule], ...]:
        rows = self._view.of(SCHEDULES).items()
        found = [(tenant, schedule) for (tenant, _), schedule in rows]
        return tuple(sorted(found, key=lambda row: (row[0].key, row[1].subject)))

    async def put(self, tenant: Tenant, schedule: Schedule) -> None:
        self._view.change(SCHEDULES)[tenant, schedule.subject] = schedule

    async def drop(self, tenant: Tenant, subject: str) -> bool:
        return self._drop(SCHEDULES, (tenant, subject))


class MemorySwitches(_Rows):
    """`SwitchRows` within one transaction."""

    async def of(self, tenant: Tenant) -> tuple[Switch, ...]:
        return self._here(SWITCHES, tenant)

    async def put(self, tenant: Tenant, switch: Switch) -> None:
        self._view.change(SWITCHES)[tenant, switch.scope] = switch

    async def drop(self, tenant: Tenant, scope: str) -> bool:
        return self._drop(SWITCHES, (tenant, scope))


class MemoryBlocks(_Rows):
    """`BlockRows` within one transaction."""

    async def of(self, person: Person) -> Block | None:
        return self._view.of(BLOCKS).get((person.tenant, person.id))

    async def put(self, tenant: Tenant, block: Block) -> None:
        self._view.change(BLOCKS)[tenant, block.person_id] = block

    async def drop(self, person: Person) -> bool:
        return self._drop(BLOCKS, (person.tenant, person.id))


class MemoryWorkspaces(_Rows):
    """`WorkspaceRows` within one transaction."""

    async def chosen(self, tenant: Tenant, channel: str = "") -> Mapping[Choice, str]:
        here = (tenant, channel)
        rows = self._view.of(CHOICES).items()
        return {choice: value for (*where, choice), value in rows if tuple(where) == here}

    async def choose(
        self, tenant: Tenant, choice: Choice, value: str | None, channel: str = ""
    ) -> None:
        if value is None:
            self._view.change(CHOICES).pop((tenant, channel, choice), None)
        else:
            self._view.change(CHOICES)[tenant, channel, choice] = value

    async def having(self, choice: Choice) -> tuple[tuple[Tenant, str], ...]:
        rows = self._view.of(CHOICES).items()
        found = [
            (tenant, value)
            for (tenant, where, name), value in rows
            if (where, name) == ("", choice)
        ]
        return tuple(sorted(found, key=lambda row: row[0].key))


class MemoryChannels(_Rows):
    """`ChannelRows` within one transaction."""

    async def mode(self, place: Place) -> ThreadMode:
        return self._view.of(MODES).get((place.tenant, place.channel), ThreadMode.MENTION)

    async def set_mode(self, tenant: Tenant, channel: str, mode: ThreadMode) -> None:
        self._view.change(MODES)[tenant, channel] = mode


class MemoryGates(_Rows):
    """`GateRows` within one transaction."""

    async def get(self, key: str) -> Gate | None:
        return self._view.of(GATES).get(key)

    async def put(self, gate: Gate) -> None:
        self._view.change(GATES)[gate.key] = gate


class MemoryCircuits(_Rows):
    """`CircuitRows` within one transaction."""

    async def get(self, gate: str, model: str = WHOLE) -> Circuit:
        return self._view.of(CIRCUITS).get((gate, model)) or Circuit(gate, model)

    async def put(self, circuit: Circuit) -> None:
        self._view.change(CIRCUITS)[circuit.gate, circuit.model] = circuit

    async def open(self) -> tuple[Circuit, ...]:
        rows = sorted(self._view.of(CIRCUITS).items(), key=lambda row: row[0])
        return tuple(circuit for _, circuit in rows if circuit.trouble)


class MemoryAudit(_Rows):
    """`AuditRows` within one transaction."""

    async def add(self, record: Record) -> Record | None:
        if found := next(self._before(record), None):
            return found
        actor = record.actor
        plain = replace(record, actor=Person(actor.tenant, actor.id, actor.name))
        self._view.change(AUDIT)[len(self._view.of(AUDIT)) + 1] = plain
        return None

    def _before(self, record: Record) -> Iterator[Record]:
        """What the same request did already; where it failed, also that it failed at the same."""
        change = record.change
        for one in self._view.of(AUDIT).values():
            done, subject = one.outcome is Outcome.DONE, one.change.subject == change.subject
            if not record.interaction or _request(one) != _request(record):
                continue
            if record.outcome is Outcome.DONE and done and subject:
                yield one
            if record.outcome is Outcome.REFUSED and (
                done or (subject and one.change.after == change.after)
            ):
                yield one

    async def newest(
        self, tenant: Tenant, limit: int, person_id: str | None = None
    ) -> tuple[Record, ...]:
        found = [
            record
            for record in self._view.of(AUDIT).values()
            if record.actor.tenant == tenant
            and person_id in {None, record.actor.id, record.change.subject}
        ]
        return tuple(found[::-1][:limit])


def _request(record: Record) -> tuple[Tenant, str, str]:
    return record.actor.tenant, record.interaction, record.verb


class MemoryPrompts(_Rows):
    """`PromptRows` within one transaction."""

    async def put(self, person: Person, prompt: Prompt) -> None:
        self._view.change(PROMPTS)[person, prompt.name] = prompt

    async def get(self, person: Person, name: str) -> Prompt | None:
        return self._view.of(PROMPTS).get((person, name))

    async def all(self, person: Person) -> tuple[Prompt, ...]:
        found = [one for (whose, _), one in self._view.of(PROMPTS).items() if whose == person]
        return tuple(sorted(found, key=lambda one: one.name))

    async def drop(self, person: Person, name: str) -> bool:
        return self._view.change(PROMPTS).pop((person, name), None) is not None


class MemoryStyles(_Rows):
    """`StyleRows` within one transaction."""

    async def put(self, tenant: Tenant, style: Style) -> None:
        self._view.change(STYLES)[tenant, style.name] = Style(style.name, style.text)

    async def get(self, tenant: Tenant, name: str) -> Style | None:
        return self._view.of(STYLES).get((tenant, name))

    async def all(self, tenant: Tenant) -> tuple[Style, ...]:
        return self._here(STYLES, tenant)

    async def drop(self, tenant: Tenant, name: str) -> None:
        self._drop(STYLES, (tenant, name))
        for channel, used in (await self.uses(tenant)).items():
            if used == name:
                self._drop(CHANNEL_STYLES, (tenant, channel))

    async def use(self, tenant: Tenant, channel: str, name: str | None) -> None:
        if name is None:
            self._drop(CHANNEL_STYLES, (tenant, channel))
        else:
            self._view.change(CHANNEL_STYLES)[tenant, channel] = name

    async def of(self, tenant: Tenant, channel: str) -> Style | None:
        name = self._view.of(CHANNEL_STYLES).get((tenant, channel))
        return await self.get(tenant, name) if name else None

    async def uses(self, tenant: Tenant) -> Mapping[str, str]:
        rows = self._view.of(CHANNEL_STYLES).items()
        return {channel: name for (where, channel), name in rows if where == tenant}
