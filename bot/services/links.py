"""Two workspaces agree to share videos: an admin of one makes a code, one of the other types it."""

from __future__ import annotations

from collections.abc import Callable

from bot import wording
from bot.domain import audit
from bot.domain import links as rules
from bot.domain.audit import Change, Deed
from bot.domain.links import Invite, Link
from bot.domain.refs import Person, Tenant
from bot.errors import InvalidInput, NotLinked, UnknownThing
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, check_admin, noted
from bot.services.permits import end_between

CODE = "code"
"""What a code goes by on record; nothing of itself is."""


class Links:
    """`new_code` makes ten characters that nobody can guess; they are shown once, to who asked."""

    def __init__(self, store: Store, clock: Clock, new_code: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._new_code = new_code

    async def invite(self, deed: Deed, name: str) -> str | None:
        """A new code in place of the one before; None when this request made one already.

        `name` is what this workspace is to be called over there; "" is the name of its chat.
        """
        check(deed)
        code, now = self._new_code(), self._clock.now()
        digest, name = rules.digest_of(code), _named(name, deed.person.tenant)
        async with self._store.transaction() as tx:
            if await noted(tx, deed, Change(CODE, after=name), now):
                return None
            await tx.links.invite(Invite(digest, deed.person, name, now + rules.CODE_LIFE))
        return code

    async def accept(self, deed: Deed, code: str, name: str) -> Link:
        """Link this workspace with the one that made `code`; it is on record in both.

        Raises `NotLinked` for a code that is unknown, used, too old or this workspace's own.
        """
        check(deed)
        here, now, digest = deed.person.tenant, self._clock.now(), rules.digest_of(code)
        name = _named(name, here)
        async with self._store.transaction() as tx:
            invite = await tx.links.take(digest)
            there = invite.person.tenant if invite else here
            earlier = await noted(tx, deed, Change(CODE, after=there.key), now)
            if earlier:
                return await _linked(tx, here, earlier.after)
            if invite is None or invite.ends_at <= now:
                raise NotLinked("code")
            if there == here:
                raise NotLinked("itself")
            return await self._join(tx, deed, invite, name)

    async def _join(self, tx: Unit, deed: Deed, invite: Invite, name: str) -> Link:
        here, there, now = deed.person.tenant, invite.person.tenant, self._clock.now()
        known = await tx.links.between(here, there)
        if known:
            return known
        ours = await _add(tx, Link(here, there, invite.name, now))
        await _add(tx, Link(there, here, name, now))
        done = Deed(invite.person, deed.verb, f"link/{invite.digest}")
        await tx.audit.add(audit.done(done, Change(CODE, after=here.key), now))
        return ours

    async def of(self, admin: Person) -> tuple[Link, ...]:
        """The workspaces that this one shares videos with, by name."""
        check_admin(admin)
        async with self._store.reading() as tx:
            return await tx.links.of(admin.tenant)

    async def unlink(self, deed: Deed, typed: str) -> str:
        """End a link, both ways, and return its name; what was published stays where it is.

        What people of one asked authors of the other ends with it, and all of them are told.
        """
        check(deed)
        here, name, now = deed.person.tenant, typed.strip().lower(), self._clock.now()
        async with self._store.transaction() as tx:
            found = next((one for one in await tx.links.of(here) if one.name == name), None)
            change = Change(name, found.other.key if found else "")
            if await noted(tx, deed, change, now):
                return name
            if found is None:
                raise UnknownThing("linked workspace", typed)
            await tx.links.drop(here, found.other)
            await end_between(tx, here, found.other, now)
        return name

    async def meant(self, person: Person, typed: str) -> Link:
        """The linked workspace that somebody would publish in.

        Raises `UnknownThing`, and `InvalidInput` where several are of that kind of chat.
        """
        async with self._store.reading() as tx:
            found = rules.meant(typed, await tx.links.of(person.tenant))
        match found:
            case ():
                raise UnknownThing("channel or linked workspace", typed)
            case (link,):
                return link
            case _:
                raise InvalidInput("to", typed, wording.one_of([one.name for one in found]))


async def _add(tx: Unit, link: Link) -> Link:
    """Under its name, or with a number behind it where that is taken."""
    taken = {one.name for one in await tx.links.of(link.tenant)}
    named = Link(link.tenant, link.other, rules.free_name(link.name, taken), link.at)
    await tx.links.add(named)
    return named


async def _linked(tx: Unit, here: Tenant, key: str) -> Link:
    """The link that a request made before; raises `NotLinked` when it has ended since."""
    for link in await tx.links.of(here):
        if link.other.key == key:
            return link
    raise NotLinked("code")


def _named(name: str, tenant: Tenant) -> str:
    word = (name or tenant.platform).strip().lower()
    if not rules.is_name(word):
        raise InvalidInput("name", wording.cut(name, 40), wording.LINK_NAME)
    return word
