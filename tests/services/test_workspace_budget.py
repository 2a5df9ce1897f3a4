"""A workspace that counts edits gets every last word at once, and the bars share what is left."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.domain.jobs import JobState
from bot.domain.messages import Message
from bot.domain.pace import WINDOW
from bot.domain.refs import MessageRef, Place
from bot.errors import ChatError
from bot.ports import Clock, PlaceLimits
from bot.services.line import Allowed
from bot.services.pacing import PASSING
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.core import TENANT, Core, Options, World, running

S = JobState
BUDGET = 50
SLACK = PlaceLimits(
    upload_bytes=10 * 2**20, edit_pace=3_000, workspace_pace=1_500, workspace_edits=BUDGET
)
CHANNELS = [Place(TENANT, f"channel-{number}") for number in range(4)]


@dataclass
class TimedChat(FakeChat):
    """Notes when each message was edited; refuses videos while `full`."""

    clock: Clock = field(default_factory=FakeClock)
    edited: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    full: bool = False

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        if self.full and message.video:
            raise ChatError("no room for files")
        return await super().post(place, message, nonce, again=again)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        await super().edit(ref, message)
        self.edited.append((self.clock.now(), self.log[-1].removeprefix("edit card/")))

    def most_in_a_minute(self) -> int:
        """The most edits in any span of that length."""
        times = [at for at, _ in self.edited]
        return max(sum(end - WINDOW < at <= end for at in times) for end in times)

    def last_edit(self, job_id: str) -> int:
        """When the card of a job was last edited."""
        return max(at for at, name in self.edited if name == job_id)


@asynccontextmanager
async def rendering(world: World, number: int) -> AsyncGenerator[tuple[Core, TimedChat, list[str]]]:
    """So many jobs that render in several channels."""
    chat = world.chat = TimedChat(clock=world.clock, place_limits=SLACK)
    # Each is asked about every few seconds: the test takes as long as that takes.
    world.provider.poll_after_ms = 4_000
    async with running(world, Options(Allowed(slots=number), allowance=100_000)) as core:
        accepted = [await core.create(place=CHANNELS[n % len(CHANNELS)]) for n in range(number)]
        await core.work()
        world.provider.now(S.RENDERING, 10)
        yield core, chat, [one.jobs[0].id for one in accepted]


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_forty_jobs_that_end_one_after_another_keep_to_the_budget(world: World) -> None:
    async with rendering(world, 40) as (core, chat, orders):
        done: dict[str, int] = {}
        for second in range(200):
            for n, taken in enumerate(world.provider.taken.values()):
                taken.progress = min(99, second)
                if second == 60 + 3 * n:
                    taken.state = S.FETCHING
            await core.wait(1_000)
            for job_id in orders:
                if job_id not in done and await core.state(job_id) is S.DONE:
                    done[job_id] = core.clock.now()
        assert sorted(done) == sorted(orders)
        assert all(0 <= chat.last_edit(job_id) - at <= 2_000 for job_id, at in done.items())
        assert all("Done" in chat.posts[f"card/{job_id}"].text for job_id in orders)
        assert 30 <= chat.most_in_a_minute() <= BUDGET


async def test_a_job_costs_one_last_word(world: World) -> None:
    async with rendering(world, 1) as (core, chat, (job_id,)):
        await core.wait(20_000)
        chat.log.clear()
        world.provider.finish()
        await core.wait(8_000)
        assert chat.log == [f"post result/{job_id}", f"edit card/{job_id}"]
        assert chat.posts[f"card/{job_id}"].text.startswith("Done")


async def test_a_delivery_that_takes_long_is_told_of(world: World) -> None:
    async with rendering(world, 1) as (core, chat, (job_id,)):
        await core.wait(20_000)
        chat.full = True
        world.provider.finish()
        await core.wait(8_000)
        assert await core.state(job_id) is S.DELIVERING
        assert "Ready" not in chat.posts[f"card/{job_id}"].text
        await core.wait(PASSING)
        assert chat.posts[f"card/{job_id}"].text.startswith("Ready · posting the video")
        chat.full = False
        await core.wait(60_000)
        assert chat.posts[f"card/{job_id}"].text.startswith("Done")
