"""Styles that admins keep for their workspace, and which of them an order takes."""

from __future__ import annotations

from bot import wording
from bot.domain.audit import Change, Deed
from bot.domain.prompts import name_of
from bot.domain.quotas import for_channel
from bot.domain.refs import Person, Place, Tenant
from bot.domain.styles import MOST, PLAIN, Style
from bot.errors import InvalidInput, UnknownThing
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, noted

CHANNEL = ""
"""Asked for, it is whatever style the channel has."""


class Styles:
    """Admins change them, everybody of the workspace may order with them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def add(self, deed: Deed, typed: str, text: str) -> Style:
        """Keep a style in place of the one of that name; raises `InvalidInput`.

        What was ordered before keeps the words that it was ordered with.
        """
        check(deed)
        tenant, style = deed.person.tenant, Style(_checked(typed), text)
        async with self._store.transaction() as tx:
            known = {one.name: one for one in await tx.styles.all(tenant)}
            before = known.get(style.name)
            change = Change(style.name, before.text if before else "", text)
            if await noted(tx, deed, change, self._clock.now()):
                return style
            if before is None and len(known) >= MOST:
                raise InvalidInput("name", style.name, wording.up_to_styles(MOST))
            await tx.styles.put(tenant, style)
        return style

    async def remove(self, deed: Deed, typed: str) -> str:
        """Forget a style, also in its channels; returns its name, raises `UnknownThing`."""
        check(deed)
        tenant, name = deed.person.tenant, _checked(typed)
        async with self._store.transaction() as tx:
            found = await tx.styles.get(tenant, name)
            change = Change(name, found.text if found else "")
            if await noted(tx, deed, change, self._clock.now()):
                return name
            if found is None:
                raise UnknownThing("style", typed)
            await tx.styles.drop(tenant, name)
        return name

    async def use(self, deed: Deed, channel: str, typed: str) -> str | None:
        """Give a channel a style, or `PLAIN`; returns its name or None, raises `UnknownThing`."""
        check(deed)
        tenant, name = deed.person.tenant, None if typed == PLAIN else _checked(typed)
        async with self._store.transaction() as tx:
            before = await tx.styles.of(tenant, channel)
            change = Change(for_channel(channel), before.name if before else "", name or "")
            if await noted(tx, deed, change, self._clock.now()):
                return name
            if name and await tx.styles.get(tenant, name) is None:
                raise UnknownThing("style", typed)
            await tx.styles.use(tenant, channel, name)
        return name

    async def of(self, person: Person) -> tuple[tuple[Style, ...], dict[str, str]]:
        """All of the person's workspace, by name, and the name of each channel's, by its id."""
        async with self._store.reading() as tx:
            styles = await tx.styles.all(person.tenant)
            return styles, dict(sorted((await tx.styles.uses(person.tenant)).items()))

    async def offered(self, tenant: Tenant) -> tuple[Style, ...]:
        """All of a workspace, by name."""
        async with self._store.reading() as tx:
            return await tx.styles.all(tenant)

    async def here(self, place: Place) -> Style | None:
        """The style that orders of a place take."""
        async with self._store.reading() as tx:
            return await tx.styles.of(place.tenant, place.channel)

    async def suggest(self, person: Person, typed: str) -> tuple[Style, ...]:
        """Those that somebody may mean by what they typed so far."""
        wanted = typed.strip().lower()
        return tuple(one for one in await self.offered(person.tenant) if wanted in one.name)


async def chosen(tx: Unit, person: Person, place: Place, preset: str) -> Style | None:
    """The style of an order in a place: that of the name typed, none, or the one of its channel.

    Raises `UnknownThing`.
    """
    if preset == CHANNEL:
        return await tx.styles.of(place.tenant, place.channel)
    return None if preset == PLAIN else await _named(tx, person, preset)


async def _named(tx: Unit, person: Person, typed: str) -> Style:
    name = name_of(typed)
    found = await tx.styles.get(person.tenant, name) if name else None
    if found is None:
        raise UnknownThing("style", typed)
    return Style(found.name, found.text, asked=True)


def _checked(typed: str) -> str:
    name = name_of(typed)
    if name is None or name == PLAIN:
        raise InvalidInput("name", wording.cut(typed, 40), wording.STYLE_NAME)
    return name
