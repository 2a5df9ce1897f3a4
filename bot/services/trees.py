"""Families of remixes as their readers may see them, in words and as a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bot import wording
from bot.domain.jobs import UNCOUNTED, Job, may_see
from bot.domain.messages import Attachment, Line
from bot.domain.refs import Person, Place, Tenant
from bot.domain.releases import House, may_watch
from bot.domain.trees import FamilyChart, Framed, drawn, walked
from bot.errors import NotHere, TooLate, UnknownThing
from bot.ports import Blobs, Charts, Clock, Store, Unit
from bot.services.blocks import refuse_blocked
from bot.services.moves import Told
from bot.services.showing import is_published
from bot.services.threads import FINISHED
from bot.services.videos import reached_by
from bot.services.workspaces import Workspaces

LOOKED_AT = 300
"""Newest remixes of a video that belong to its tree."""
TREE = "tree/"
"""Beginning of the nonces of families that are shown to everybody."""
LISTED = 20
"""Videos that a message has room for in words."""


@dataclass(frozen=True, slots=True)
class Family:
    """A first video and what was made of it, in the order of their making.

    `frames` are all of them as whoever looks may see them, without stills; `chart` is the picture,
    with as many as are drawn.
    """

    jobs: tuple[Job, ...]
    frames: tuple[Framed, ...]
    chart: FamilyChart

    @property
    def title(self) -> str:
        """Whose video they go back to."""
        return self.chart.title

    @property
    def root(self) -> Job:
        """The first one."""
        return self.jobs[0]


class Trees:
    """What remixes of a video there are."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        blobs: Blobs,
        charts: Charts,
        workspaces: Workspaces,
        told: Told,
    ) -> None:
        self._store = store
        self._clock = clock
        self._told = told
        self._blobs = blobs
        self._charts = charts
        self._workspaces = workspaces

    async def family(self, viewer: Person, typed: str) -> Family:
        """The family that a job belongs to, as `viewer` may see it.

        Raises `UnknownThing`, and `TooLate` for a first one of which there is no video.
        """
        async with self._store.reading() as tx:
            root = await root_of(tx, await reached_by(tx, self._workspaces, viewer, typed))
            return await self.read(tx, root, viewer)

    async def post(self, person: Person, place: Place, interaction: str, typed: str) -> None:
        """Show everybody in a place the family that a job belongs to, as all may see it.

        Raises `NotHere` in private, and for a family that is; otherwise as `family` does. Who is
        blocked shows nothing to others.
        """
        if place.private:
            raise NotHere("tree")
        async with self._store.transaction() as tx:
            root = await root_of(tx, await reached_by(tx, self._workspaces, person, typed))
            await refuse_blocked(tx, person)
            if (await self._framed(tx, root, nobody(person.tenant), {})).hidden:
                raise NotHere("tree:private")
            key = f"{TREE}{person.tenant.key}/{interaction}"
            await tx.outbox.touch(key, root.id, place, self._clock.now())
        self._told(root)

    async def read(self, tx: Unit, root: Job, viewer: Person) -> Family:
        """The same of a first video within a transaction."""
        jobs, houses = await _all_of(tx, root), dict[str, House]()
        frames = tuple([await self._framed(tx, job, viewer, houses) for job in jobs])
        shown = drawn(frames)
        note = wording.tree_note(len(frames) - len(shown), hidden=any(one.hidden for one in shown))
        pictured = tuple([await self._with_still(tx, frame) for frame in shown])
        title = wording.tree_title(None if frames[0].hidden else root.person, viewer.tenant)
        return Family(jobs, frames, FamilyChart(title, pictured, note))

    async def _framed(self, tx: Unit, job: Job, viewer: Person, houses: dict[str, House]) -> Framed:
        """Without its still. `houses` are the rules of channels that were looked up already."""
        if not await self._watches(tx, job, viewer, houses):
            return Framed(job.id, job.remix_of, hidden=True)
        state = "" if job.state in FINISHED else wording.STATE_WORDS[job.state]
        name = wording.called_from(job.person, viewer.tenant)
        return Framed(job.id, job.remix_of, name, state=state)

    async def _watches(self, tx: Unit, job: Job, viewer: Person, houses: dict[str, House]) -> bool:
        if job.person.tenant != viewer.tenant:
            return await is_published(tx, job, viewer.tenant)
        release = await tx.releases.get(job.id)
        if release is None:
            return may_see(viewer, job)
        channel = release.channel
        if channel not in houses:
            houses[channel] = await self._workspaces.house(tx, job.person.tenant, channel)
        return may_watch(viewer, release, houses[channel])

    async def _with_still(self, tx: Unit, frame: Framed) -> Framed:
        video = None if frame.hidden or frame.state else await tx.videos.of(frame.id)
        if video is None:
            return frame
        still: Path | None = None
        if video.poster:
            try:
                still = self._blobs.open(video.poster)
            except FileNotFoundError:
                still = None
        return replace(frame, still=still, simulated=video.simulated)

    async def picture(self, family: Family) -> Attachment:
        """The picture of a family."""
        name, alt = f"tree-{family.root.id}.png", wording.tree_alt(len(family.chart.frames))
        return Attachment(name, await self._charts.tree(family.chart), "image/png", alt)


def nobody(tenant: Tenant) -> Person:
    """Who may see no more than everybody does."""
    return Person(tenant, "")


def lines(family: Family, here: Tenant) -> tuple[Line, ...]:
    """The tree in words for a workspace, as much as a message holds."""
    jobs = zip(family.jobs, family.frames, strict=True)
    shown = {frame.id: None if frame.hidden else job for job, frame in jobs}
    steps = [wording.tree_line(shown[name], depth, here) for name, depth in walked(family.frames)]
    left = len(steps) - LISTED
    head = wording.tree_head(family.title, len(steps) - 1)
    return (head, *steps[:LISTED], *((wording.more_line(left),) if left > 0 else ()))


async def root_of(tx: Unit, job: Job) -> Job:
    """The first video of the family that a job belongs to; raises as `Trees.family` does."""
    root = job if job.root is None else await tx.jobs.get(job.root)
    if root is None:
        raise UnknownThing("job", job.id)
    if root.state not in FINISHED:
        raise TooLate("show", root.state)
    return root


async def _all_of(tx: Unit, root: Job) -> tuple[Job, ...]:
    """The first one and all that were made of it or will be, the oldest first."""
    newest = await tx.jobs.family(root.id, LOOKED_AT)
    found = {job.id: job for job in newest if job.state not in UNCOUNTED}
    older = await _older(tx, root, found.values())
    return (root, *older, *found.values())


async def _older(tx: Unit, root: Job, newest: Iterable[Job]) -> tuple[Job, ...]:
    """What the newest go back to and is not among them, the oldest first."""
    known = {root.id, *(job.id for job in newest)}
    found: list[Job] = []
    wanted = [job.remix_of for job in newest]
    for name in wanted:
        job = await tx.jobs.get(name) if name and name not in known else None
        if job:
            known.add(job.id)
            found.append(job)
            wanted.append(job.remix_of)
    return tuple(sorted(found, key=lambda job: job.accepted_at))
