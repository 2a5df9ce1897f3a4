"""What holds in a workspace: what its admins chose, else the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.audit import Change, Deed
from bot.domain.later import window_of
from bot.domain.refs import Tenant
from bot.domain.workspaces import NEVER, Choice, Workspace
from bot.errors import InvalidInput
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, noted


@dataclass(frozen=True, slots=True)
class Changed:
    """A choice as it was and as it is."""

    before: Workspace
    after: Workspace


class Workspaces:
    """`defaults` hold where nothing was chosen."""

    def __init__(self, store: Store, clock: Clock, defaults: Workspace) -> None:
        self._store = store
        self._clock = clock
        self._defaults = defaults

    async def of(self, tx: Unit, tenant: Tenant) -> Workspace:
        """How a workspace lives."""
        return _chosen(await tx.workspaces.chosen(tenant), self._defaults)

    async def look(self, tenant: Tenant) -> Workspace:
        """The same, outside of any transaction."""
        async with self._store.reading() as tx:
            return await self.of(tx, tenant)

    async def choose(self, deed: Deed, choice: Choice, value: str | None) -> Changed:
        """Choose something for a whole workspace; None goes back to the settings.

        Raises `InvalidInput` for a value that cannot be.
        """
        check(deed)
        tenant = deed.person.tenant
        if value is not None:
            value = _checked(choice, value)
        async with self._store.transaction() as tx:
            before, chosen = await self.of(tx, tenant), await tx.workspaces.chosen(tenant)
            change = Change(choice, chosen.get(choice, ""), value or "")
            if not await noted(tx, deed, change, self._clock.now()):
                await tx.workspaces.choose(tenant, choice, value)
            return Changed(before, await self.of(tx, tenant))


def _chosen(values: Mapping[Choice, str], defaults: Workspace) -> Workspace:
    confirm = values.get(Choice.CONFIRM)
    return Workspace(
        _zone(values[Choice.ZONE]) if Choice.ZONE in values else defaults.zone,
        defaults.confirm_above if confirm is None else int(confirm),
        values.get(Choice.ALERTS, defaults.alerts),
        window_of(values[Choice.OFF_PEAK]) if Choice.OFF_PEAK in values else defaults.off_peak,
    )


def _checked(choice: Choice, value: str) -> str:
    match choice:
        case Choice.ZONE:
            return str(_zone(value))
        case Choice.CONFIRM if not value.isdecimal():
            raise InvalidInput("confirm", value, "a whole number of credits")
        case Choice.OFF_PEAK:
            return _hours(value)
        case Choice.CONFIRM | Choice.ALERTS:
            return value


def _hours(text: str) -> str:
    if text.lower() == NEVER:
        return NEVER
    window = window_of(text)
    if window is None:
        raise InvalidInput("offpeak", text, f"hours such as 22:00-07:00, or {NEVER}")
    return str(window)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInput("zone", name, "a time zone such as Europe/Berlin") from None
