"""One story for every backend: a real client, a simulator that speaks its API, and the whole core.

Each step ends in one word of what this backend does, for the table in docs/providers.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Container, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import cast

import pytest
from PIL import Image

from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.simulator.jobs import SimJob
from adapters.providers.simulator.machine import Machine
from bot.domain.catalogue import Catalogue
from bot.domain.jobs import TERMINAL, Failure, Job, JobState
from bot.domain.releases import RESTORABLE
from bot.domain.videos import Fit, Size, VideoSpec
from bot.errors import InvalidInput
from bot.ports import Clock, Media
from bot.services.moves import result_key
from bot.services.videos import Further
from tests.fakes.backends import Backend, backend
from tests.fakes.core import ALLOWANCE, ANA, KITE, PRICE, STUDIO, Core, Options, World, running
from tests.fakes.media import FakeMedia
from tests.fakes.provider import FakeProvider
from tests.fakes.rich import RICH, SORA

S = JobState
HOUR = 60 * 60_000
PATIENCE = 25 * HOUR
"""Ms after which no job of this story is still waited for."""
MODELS = {
    "fal": "bytedance/seedance-2.0/text-to-video",
    "higgsfield": "veo3.1",
    "kling": "kling-v3-omni",
    "krea": "google/veo-3.1-fast",
    "replicate": "bytedance/seedance-2.0",
    "runway": "seedance2",
    "xai": "grok-imagine-video-1.5",
}
"""Models that take what others of the same provider have no place for."""
ABLE = "able"
"""How these are called here."""
LONGER = 4
"""Seconds that an extension adds."""
AT_REST = TERMINAL | {S.SUBMIT_UNKNOWN}


class Pictures(FakeMedia):
    """Media tools whose pictures are real ones, since backends look at them."""

    async def prepare_image(self, source: Path, size: Size, fit: Fit | None, target: Path) -> None:
        _paint(target, size, source)

    async def frame(self, video: Path, target: Path) -> None:
        _paint(target, KITE.size)

    async def last_frame(self, video: Path, target: Path) -> None:
        _paint(target, KITE.size)


def _paint(target: Path, size: Size, source: Path | None = None) -> None:
    """Each source another colour, so that pictures can be told apart."""
    digest = hashlib.sha256(source.read_bytes() if source else b"").digest()
    colour = (digest[0], digest[1], digest[2])
    Image.new("RGB", (size.width, size.height), colour).save(target, "JPEG")


@dataclass(frozen=True)
class Stage:
    """The core and the backend that it orders from."""

    core: Core
    back: Backend

    @property
    def machine(self) -> Machine:
        return self.back.machine

    def plan(self, *faults: Fault) -> None:
        self.machine.plan(*faults)

    async def order(self, spec: VideoSpec = KITE) -> str:
        """An order, once it is at rest; gives its id."""
        job = (await self.core.create(spec=spec)).jobs[0]
        await self.rest(job.id)
        return job.id

    async def rest(self, job_id: str, until: Container[JobState] = AT_REST) -> JobState:
        """The job's state when nothing more will happen by itself."""
        waited = 0
        await self.core.work()
        while (state := await self.core.state(job_id)) not in until and waited < PATIENCE:
            # Steps that grow: a day of looking would be long.
            step = max(1000, waited // 10)
            await self.core.wait(step, step)
            waited += step
        return state

    async def made(self, spec: VideoSpec) -> tuple[Job, SimJob] | None:
        """An order and what it became there; None when it was refused before it was one."""
        try:
            job_id = await self.order(replace(spec, model=ABLE))
        except InvalidInput:
            assert await self.core.jobs() == ()
            return None
        await self.is_done(job_id)
        [made] = self.machine.archive.all()
        return await self.core.job(job_id), made

    def posted(self, job_id: str) -> int:
        """Messages that show its video."""
        return int(result_key(job_id) in self.core.world.chat.posts)

    async def is_done(self, job_id: str) -> None:
        """It was charged once, and its video stands in the channel once."""
        job = await self.core.job(job_id)
        assert job.state is S.DONE, (job.state, job.failure, job.reason)
        assert self.posted(job_id) == 1
        assert list(await self.core.kinds(job_id)) == ["hold", "settle"]

    async def cost_nothing(self, job_id: str, state: JobState) -> None:
        """It ended without a video, and without a charge."""
        job = await self.core.job(job_id)
        assert job.state is state, (job.state, job.failure, job.reason)
        assert self.posted(job_id) == 0
        assert await self.core.purse() == (ALLOWANCE, 0)
        assert not await self.core.faults()


@asynccontextmanager
async def stage(dialect: str, folder: Path) -> AsyncGenerator[Stage]:
    """A bot with one backend."""
    able = replace(RICH, name=ABLE, upstream=MODELS.get(dialect, RICH.upstream))
    async with staged(
        lambda clock: backend(dialect, key="key-of-the-studio", clock=clock),
        folder,
        Options(catalogue=Catalogue((SORA, able))),
    ) as on:
        yield on


@asynccontextmanager
async def staged(
    opened: Callable[[Clock], AbstractAsyncContextManager[Backend]],
    folder: Path,
    options: Options | None = None,
    media: Media | None = None,
) -> AsyncGenerator[Stage]:
    """A bot with the backend that `opened` gives for a clock; `media` in place of `Pictures`."""
    world = World(folder)
    world.media = cast("FakeMedia", media) if media else Pictures()
    async with opened(world.clock) as back:
        # The core asks nothing of it that is not in the port.
        world.provider = cast("FakeProvider", back.client)
        async with running(world, options) as core:
            yield Stage(core, back)


# --- the steps ------------------------------------------------------------------------------


async def create(on: Stage) -> str:
    """An order becomes a video in the channel, charged once."""
    job_id = await on.order()
    await on.is_done(job_id)
    assert on.back.posts == on.back.accepted == 1
    assert await on.core.purse() == (ALLOWANCE - PRICE, 0)
    return "yes"


async def first_frame(on: Stage) -> str:
    """A picture to begin with arrives there, or the order is refused before it is one."""
    spec = replace(KITE, image=await on.core.picture())
    if not on.back.client.capabilities.takes_image:
        with pytest.raises(InvalidInput):
            await on.core.create(spec=spec)
        assert await on.core.jobs() == ()
        return "no"
    job_id = await on.order(spec)
    await on.is_done(job_id)
    [made] = on.machine.archive.all()
    assert made.spec.image
    return "yes"


async def last_frame(on: Stage) -> str:
    """A picture to end with arrives beside the one to begin with, or the order is refused."""
    spec = replace(KITE, image=await on.core.picture(), last=await on.core.picture(b"end"))
    found = await on.made(spec)
    assert (found is not None) == on.back.client.capabilities.takes_last
    if found is None:
        return "no"
    job, made = found
    assert made.spec.image
    assert job.spec.last
    assert made.last == job.spec.last.sha256
    return "yes"


async def references(on: Stage) -> str:
    """Pictures of what is to be seen arrive in their order, or the order is refused."""
    most = on.back.client.capabilities.references
    shown = [await on.core.picture(name) for name in (b"cat", b"hat")[: most or 1]]
    found = await on.made(replace(KITE, references=tuple(shown)))
    assert (found is not None) == bool(most)
    if found is None:
        return "no"
    job, made = found
    assert made.references == tuple(one.sha256 for one in job.spec.references)
    assert made.spec.image is None
    return "yes"


async def sound(on: Stage) -> str:
    """It is told to be silent, or the order is refused."""
    found = await on.made(replace(KITE, sound=False))
    assert (found is not None) == on.back.client.capabilities.switches_sound
    if found is None:
        return "no"
    assert found[1].sound is False
    return "yes"


async def extend(on: Stage) -> str:
    """A finished video goes on: there, or here by a clip that begins with its last picture."""
    first = await on.order()
    further = Further("it lands", LONGER)
    job = (await on.core.videos.extend(ANA, STUDIO, "extend", first, further)).jobs[0]
    await on.rest(job.id)
    await on.is_done(job.id)
    before, after = on.machine.archive.all()
    if on.back.client.capabilities.extends:
        assert after.parent == before.id
        assert after.spec.seconds >= before.spec.seconds + LONGER
        return "yes"
    assert after.parent is None
    assert after.spec.image
    assert after.spec.seconds == LONGER
    return "joined here"


async def poll(on: Stage) -> str:
    """What renders for long is asked about, held and not charged; at last it is given up."""
    on.plan(Fault(Kind.NEVER_ENDS))
    job = (await on.core.create()).jobs[0]
    await on.core.wait(10 * 60_000, 10_000)
    assert await on.core.state(job.id) in {S.QUEUED, S.RENDERING}
    assert on.machine.stats()["requests"]["retrieve"] > 5
    assert await on.core.purse() == (ALLOWANCE - PRICE, PRICE)
    await on.rest(job.id)
    await on.cost_nothing(job.id, S.EXPIRED)
    return "yes"


async def download(on: Stage) -> str:
    """A copy that breaks off goes on, and the video comes whole."""
    on.plan(Fault(Kind.TRUNCATED), Fault(Kind.SERVER_ERROR, on="content", status=502))
    job_id = await on.order()
    await on.is_done(job_id)
    assert on.machine.stats()["requests"]["content"] >= 2
    return "goes on"


async def remix(on: Stage) -> str:
    """A change of a finished video becomes one of its own, there or made anew here."""
    first = await on.order()
    job = (await on.core.videos.remix(ANA, STUDIO, "remix", first, "in the rain")).jobs[0]
    await on.rest(job.id)
    await on.is_done(job.id)
    *_, made = on.machine.archive.all()
    capabilities = on.back.client.capabilities
    if made.parent is not None:
        assert capabilities.remixes
        return "yes"
    assert "in the rain" in made.prompt
    assert KITE.prompt in made.prompt
    assert bool(made.spec.image) == capabilities.takes_image
    return "made anew"


async def moderated(on: Stage) -> str:
    """What the rules of the backend forbid ends with its words, and costs nothing."""
    on.plan(Fault(Kind.MODERATED))
    job_id = await on.order()
    state = await on.core.state(job_id)
    assert state in {S.MODERATED, S.FAILED}, state
    await on.cost_nothing(job_id, state)
    assert on.back.posts == 1
    return "told" if state is S.MODERATED else "as a failure"


async def failed(on: Stage) -> str:
    """What fails there costs nothing here, and is not tried again by itself."""
    on.plan(Fault(Kind.FAILED))
    job_id = await on.order()
    await on.cost_nothing(job_id, S.FAILED)
    assert on.back.posts == 1
    return "yes"


async def rate_limit(on: Stage) -> str:
    """Too many requests: it waits, and is made once."""
    on.plan(Fault(Kind.RATE_LIMITED, wait_ms=3000))
    job_id = await on.order()
    await on.is_done(job_id)
    assert (on.back.posts, on.back.accepted) == (2, 1)
    return "waits"


async def slots(on: Stage) -> str:
    """Too many renders at once: it waits, and is made once."""
    on.plan(Fault(Kind.CONCURRENCY))
    job_id = await on.order()
    await on.is_done(job_id)
    assert (on.back.posts, on.back.accepted) == (2, 1)
    return "waits"


async def billing(on: Stage) -> str:
    """An empty account: the order ends without a charge, and nothing is sent after it."""
    on.plan(Fault(Kind.BILLING, times=0))
    job_id = await on.order()
    await on.cost_nothing(job_id, S.FAILED)
    assert (await on.core.job(job_id)).failure is Failure.BILLING
    assert (on.back.posts, on.back.accepted) == (1, 0)
    return "stops"


async def lost_answer(on: Stage) -> str:
    """A create whose answer was lost is never sent twice: it is found again, or kept as unknown."""
    on.plan(Fault(Kind.LOST_ANSWER, accepted=True))
    job_id = await on.order()
    assert (on.back.posts, on.back.accepted) == (1, 1)
    if await on.rest(job_id, TERMINAL) is S.DONE:
        await on.is_done(job_id)
        can = on.back.client.capabilities
        assert can.lists or can.finds
        return "found again"
    assert await on.core.state(job_id) is S.SUBMIT_UNKNOWN
    assert await on.core.purse() == (ALLOWANCE - PRICE, PRICE)
    return "held"


async def retired(on: Stage) -> str:
    """A model that is gone ends the order without a charge."""
    on.plan(Fault(Kind.RETIRED_MODEL))
    job_id = await on.order()
    await on.cost_nothing(job_id, S.FAILED)
    assert (await on.core.job(job_id)).failure is Failure.MODEL_RETIRED
    return "yes"


async def delete(on: Stage) -> str:
    """A deleted video is gone there too once it can no longer be restored."""
    job_id = await on.order()
    await on.core.releases.delete(ANA, job_id)
    on.core.clock.advance(RESTORABLE + HOUR)
    assert await on.core.erasure.run() == 1
    if not on.back.client.capabilities.deletes:
        assert len(on.machine.archive) == 1
        return "no"
    assert len(on.machine.archive) == 0
    return "yes"


Step = Callable[[Stage], Awaitable[str]]
STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "create": create,
        "first frame": first_frame,
        "last frame": last_frame,
        "references": references,
        "sound": sound,
        "poll": poll,
        "download": download,
        "remix": remix,
        "extend": extend,
        "moderated": moderated,
        "failed": failed,
        "rate limit": rate_limit,
        "slots": slots,
        "billing stop": billing,
        "lost answer": lost_answer,
        "model retired": retired,
        "delete": delete,
    }
)
