"""What holds in a workspace: what its admins chose, else the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.audit import Change, Deed
from bot.domain.later import window_of
from bot.domain.quotas import for_channel
from bot.domain.refs import Tenant
from bot.domain.releases import DraftPolicy, House, Remixers
from bot.domain.workspaces import HOUSE_RULES, NEVER, NO, YES, Choice, Workspace
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

    async def house(self, tx: Unit, tenant: Tenant, channel: str) -> House:
        """What holds for the videos of a channel: its own rules, else those of its workspace."""
        whole = await tx.workspaces.chosen(tenant)
        here = await tx.workspaces.chosen(tenant, channel)
        own = {choice: value for choice, value in here.items() if choice in HOUSE_RULES}
        return _house({**whole, **own}, self._defaults.house)

    async def look_at_house(self, tenant: Tenant, channel: str) -> House:
        """The same, outside of any transaction."""
        async with self._store.reading() as tx:
            return await self.house(tx, tenant, channel)

    async def name_reviewer(self, deed: Deed, subject: str, *, gone: bool = False) -> None:
        """Let a person or role (as `Rule.subject` has it) decide on drafts, or no longer."""
        check(deed)
        tenant = deed.person.tenant
        async with self._store.transaction() as tx:
            named = (await tx.workspaces.chosen(tenant)).get(Choice.REVIEWERS, "").split()
            others = [one for one in named if one != subject]
            change = Change(
                subject, "reviewer" if subject in named else "", "" if gone else "reviewer"
            )
            if not await noted(tx, deed, change, self._clock.now()):
                value = " ".join(others if gone else [*others, subject])
                await tx.workspaces.choose(tenant, Choice.REVIEWERS, value or None)

    async def look(self, tenant: Tenant) -> Workspace:
        """The same, outside of any transaction."""
        async with self._store.reading() as tx:
            return await self.of(tx, tenant)

    async def choose(
        self, deed: Deed, choice: Choice, value: str | None, channel: str = ""
    ) -> Changed:
        """Choose something for a whole workspace or one channel; None goes back to what was before.

        Raises `InvalidInput` for a value that cannot be.
        """
        check(deed)
        tenant = deed.person.tenant
        if value is not None:
            value = _checked(choice, value)
        async with self._store.transaction() as tx:
            before = await self.of(tx, tenant)
            chosen = await tx.workspaces.chosen(tenant, channel)
            about = f"{choice} {for_channel(channel)}" if channel else choice
            change = Change(about, chosen.get(choice, ""), value or "")
            if not await noted(tx, deed, change, self._clock.now()):
                await tx.workspaces.choose(tenant, choice, value, channel)
            return Changed(before, await self.of(tx, tenant))


def _chosen(values: Mapping[Choice, str], defaults: Workspace) -> Workspace:
    confirm = values.get(Choice.CONFIRM)
    return Workspace(
        _zone(values[Choice.ZONE]) if Choice.ZONE in values else defaults.zone,
        defaults.confirm_above if confirm is None else int(confirm),
        values.get(Choice.ALERTS, defaults.alerts),
        window_of(values[Choice.OFF_PEAK]) if Choice.OFF_PEAK in values else defaults.off_peak,
        _house(values, defaults.house),
        values.get(Choice.GALLERY, defaults.gallery),
    )


def _house(values: Mapping[Choice, str], defaults: House) -> House:
    reviewed = values.get(Choice.REVIEW)
    return House(
        DraftPolicy(values[Choice.DRAFTS]) if Choice.DRAFTS in values else defaults.drafts,
        defaults.reviewed if reviewed is None else reviewed == YES,
        tuple(values.get(Choice.REVIEWERS, "").split()) or defaults.reviewers,
        Remixers(values[Choice.REMIXERS]) if Choice.REMIXERS in values else defaults.remixers,
    )


def _checked(choice: Choice, value: str) -> str:
    match choice:
        case Choice.ZONE:
            return str(_zone(value))
        case Choice.CONFIRM if not value.isdecimal():
            raise InvalidInput("confirm", value, "a whole number of credits")
        case Choice.OFF_PEAK:
            return _hours(value)
        case Choice.DRAFTS:
            return _one_of(choice, value, tuple(DraftPolicy))
        case Choice.REMIXERS:
            return _one_of(choice, value, tuple(Remixers))
        case Choice.REVIEW:
            return _one_of(choice, value, (YES, NO))
        case Choice.CONFIRM | Choice.ALERTS | Choice.GALLERY | Choice.REVIEWERS:
            return value


def _one_of(choice: Choice, text: str, words: tuple[str, ...]) -> str:
    if text.lower() not in words:
        raise InvalidInput(choice, text, " or ".join(words))
    return text.lower()


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
