"""Wishes that a video is taken down: anybody asks, the first admin who presses decides."""

from __future__ import annotations

from bot import wording
from bot.domain import takedowns as rules
from bot.domain.audit import Change, Deed
from bot.domain.jobs import Job
from bot.domain.notices import TakedownAsked, TakedownDecided, TakenDown, Watched
from bot.domain.refs import Person, alone
from bot.domain.takedowns import Claim, Takedown, TakedownState
from bot.errors import AlreadyDecided, AskedAlready, InvalidInput, UnknownThing, Withheld
from bot.ports import Unit
from bot.services.audit import check, check_admin, noted
from bot.services.notices import Notices, tell
from bot.services.orders import Desk
from bot.services.releases import Releases
from bot.services.showing import is_published
from bot.services.videos import reached_by

LISTED = 20


class Takedowns:
    """One wish for a person and a video, decided once."""

    def __init__(self, desk: Desk, notices: Notices, releases: Releases) -> None:
        self._desk = desk
        self._store = desk.store
        self._clock = desk.clock
        self._notices = notices
        self._releases = releases

    async def ask(self, person: Person, typed: str, reason: str) -> Takedown:
        """Ask the admins of its own workspace to take down a video of somebody else.

        Raises `AskedAlready`, or `AlreadyDecided`, for whoever asked that before.
        """
        async with self._store.transaction() as tx:
            job = await self._published(tx, person, typed)
            new = await self._new(tx, person, job, reason)
            kept = await tx.takedowns.add(new)
            if kept.id != new.id:
                raise _before(kept)
            home = job.person.tenant
            await self._notices.post(tx, home, _asked(new), TakedownAsked(new.id))
        self._desk.told(job)
        return new

    async def _published(self, tx: Unit, person: Person, typed: str) -> Job:
        job = await reached_by(tx, self._desk.workspaces, person, typed)
        if job.person == person:
            raise InvalidInput("video", job.id, wording.OF_SOMEBODY_ELSE)
        if not await is_published(tx, job, person.tenant):
            raise Withheld("draft", job.id)
        return job

    async def _new(self, tx: Unit, person: Person, job: Job, reason: str) -> Takedown:
        parent = await tx.jobs.get(job.remix_of) if job.remix_of else None
        root = await tx.jobs.get(job.root) if job.root else None
        claim = rules.claim_of(person, parent, root)
        name, now = self._desk.new_id(), self._clock.now()
        return Takedown(name, job.id, job.person, person, claim, reason, now)

    async def open(self, admin: Person) -> tuple[tuple[Takedown, Job | None], ...]:
        """What nobody decided on; first what authors ask of what was made of their videos."""
        check_admin(admin)
        async with self._store.reading() as tx:
            found = await tx.takedowns.open(admin.tenant, LISTED)
            return tuple(
                [
                    (one, await tx.jobs.get(one.job_id))
                    for one in sorted(found, key=lambda one: one.claim is Claim.NONE)
                ]
            )

    async def decide(self, deed: Deed, takedown_id: str, *, down: bool) -> tuple[Takedown, Job]:
        """Take the video down everywhere, or keep it; raises `AlreadyDecided` for the second."""
        check(deed)
        admin = deed.person
        state = TakedownState.DOWN if down else TakedownState.KEPT
        async with self._store.transaction() as tx:
            takedown = await tx.takedowns.get(admin.tenant, takedown_id)
            job = await tx.jobs.get(takedown.job_id) if takedown else None
            # Who asked for it elsewhere does not bring it before their own admins.
            if takedown is None or job is None or job.person.tenant != admin.tenant:
                raise UnknownThing("request", takedown_id)
            if takedown.author == admin:
                raise Withheld("own", job.id)
            change = Change(takedown.author.id, f"#{job.id}", f"{state} #{job.id}")
            if not await noted(tx, deed, change, self._clock.now()):
                await self._settle(tx, takedown, state, deed)
                if down:
                    await self._take_down(tx, takedown, job, deed)
            decided = await tx.takedowns.get(admin.tenant, takedown_id)
        self._desk.told(job)
        return decided or takedown, job

    async def _settle(self, tx: Unit, one: Takedown, state: TakedownState, deed: Deed) -> None:
        """Note what was decided, and tell whoever asked."""
        now, person = self._clock.now(), one.person
        if not await tx.takedowns.decide(one, state, deed.person, deed.reason, now):
            raise _before(one)
        await self._notices.changed(tx, _asked(one))
        await tell(tx, f"takedown/told/{one.id}", TakedownDecided(one.id), alone(person), now)

    async def _take_down(self, tx: Unit, takedown: Takedown, job: Job, deed: Deed) -> None:
        """All that asked for it have their wish; its author hears why, and where they stand."""
        for other in await tx.takedowns.about(job.id):
            await self._settle(tx, other, TakedownState.DOWN, deed)
        reason = deed.reason or takedown.reason
        await self._releases.take_down(tx, job, deed.person, reason)
        now, author = self._clock.now(), takedown.author
        await tell(tx, f"taken/{takedown.id}", TakenDown(takedown.id), alone(author), now)
        until = rules.watched_until(await tx.takedowns.strikes(author, now - rules.WITHIN))
        if until > now:
            await tell(tx, f"watched/{author.key}/{until}", Watched(until), alone(author), now)


def _asked(takedown: Takedown) -> str:
    """What admins are asked by."""
    return f"takedown/{takedown.id}"


def _before(takedown: Takedown) -> AskedAlready | AlreadyDecided:
    """Somebody asked for it, or decided on it, before."""
    if takedown.state is TakedownState.OPEN:
        return AskedAlready(wording.ADMINS)
    by = takedown.decided_by
    state = "approved" if takedown.state is TakedownState.DOWN else "denied"
    return AlreadyDecided(state, wording.called(by) if by else wording.ADMINS)
