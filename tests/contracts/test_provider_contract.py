"""What every video backend promises, whichever dialect it speaks."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters.media.probe import probe_file
from adapters.providers.simulator.faults import Fault, Kind
from bot.domain.jobs import JobState, Reference
from bot.domain.videos import Size
from bot.errors import JobNotFound, ProviderError, Transient, Unsupported
from bot.ports import RemoteJob, SubmitRequest, VideoProvider
from tests.fakes.backends import DIALECTS, backend
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider

WISH = SubmitRequest("a red kite over dunes", "sora-2", Size(1280, 720), 4)
STATES = frozenset(
    {
        JobState.QUEUED,
        JobState.RENDERING,
        JobState.FETCHING,
        JobState.FAILED,
        JobState.MODERATED,
        JobState.EXPIRED,
        JobState.CANCELLED,
    }
)


@dataclass
class Bench:
    """A provider and the strings behind it. `ended` waits until a job runs no more.

    `hides` are the ends that it calls completed: then there is no file.
    """

    provider: VideoProvider
    now: Callable[[], int]
    ended: Callable[[Reference], Awaitable[RemoteJob]]
    doom: Callable[[Kind], None]
    real_files: bool
    hides: frozenset[Kind] = frozenset()

    async def finished(self) -> Reference:
        """A job whose file can be had."""
        job = await self.provider.submit(WISH)
        assert (await self.ended(job.reference)).state is JobState.FETCHING
        return job.reference


@pytest.fixture(params=["memory", "memory that finds", *DIALECTS])
async def bench(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    if request.param.startswith("memory"):
        yield _in_memory(finds="finds" in request.param)
        return
    async with backend(request.param) as running:
        yield Bench(
            running.client,
            lambda: time.time_ns() // 1_000_000,
            running.ended,
            lambda kind: running.machine.plan(Fault(kind)),
            real_files=True,
            hides=frozenset({Kind.FAILED}) if request.param == "litellm" else frozenset(),
        )


def _in_memory(*, finds: bool) -> Bench:
    clock = FakeClock()
    provider = FakeProvider(clock)
    provider.capabilities = replace(provider.capabilities, finds=finds)
    fates: dict[Kind, JobState] = {
        Kind.FAILED: JobState.FAILED,
        Kind.MODERATED: JobState.MODERATED,
        Kind.NEVER_ENDS: JobState.RENDERING,
    }
    planned: list[Kind] = []

    async def ended(reference: Reference) -> RemoteJob:
        state = fates[planned.pop()] if planned else JobState.FETCHING
        provider.now(state, error="planned" if state is JobState.FAILED else "")
        return await provider.fetch(reference)

    return Bench(provider, clock.now, ended, planned.append, real_files=False)


async def test_a_create_is_taken_and_can_be_asked_about(bench: Bench) -> None:
    made = await bench.provider.submit(WISH)
    asked = await bench.provider.fetch(made.reference)
    assert made.state in STATES
    assert asked.state in STATES
    assert asked.reference == made.reference


async def test_a_reference_survives_being_stored(bench: Bench) -> None:
    made = await bench.provider.submit(WISH)
    stored = json.loads(json.dumps(dict(made.reference)))
    assert isinstance(stored["id"], str)
    assert (await bench.provider.fetch(stored)).state in STATES


async def test_two_creates_are_two_jobs(bench: Bench) -> None:
    first, second = await bench.provider.submit(WISH), await bench.provider.submit(WISH)
    assert first.reference["id"] != second.reference["id"]


async def test_progress_is_a_percentage_or_unknown(bench: Bench) -> None:
    made = await bench.provider.submit(WISH)
    for job in (made, await bench.ended(made.reference)):
        assert job.progress is None or 0 <= job.progress <= 100


async def test_a_finished_file_lands_where_it_was_wanted(bench: Bench, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    await bench.provider.download(await bench.finished(), target)
    assert target.read_bytes()[4:8] == b"ftyp"
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    if bench.real_files:
        assert probe_file(target).has_audio


async def test_a_file_can_be_copied_again(bench: Bench, tmp_path: Path) -> None:
    target, reference = tmp_path / "clip.mp4", await bench.finished()
    await bench.provider.download(reference, target)
    first = target.read_bytes()
    await bench.provider.download(reference, target)
    assert target.read_bytes() == first


async def test_a_file_that_is_not_ready_may_be_asked_for_later(
    bench: Bench, tmp_path: Path
) -> None:
    bench.doom(Kind.NEVER_ENDS)
    made = await bench.provider.submit(WISH)
    with pytest.raises(Transient):
        await bench.provider.download(made.reference, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "kind, state",
    [(Kind.FAILED, JobState.FAILED), (Kind.MODERATED, JobState.MODERATED)],
    ids=["failed", "moderated"],
)
async def test_a_failed_job_is_an_answer_and_no_error(
    bench: Bench, kind: Kind, state: JobState, tmp_path: Path
) -> None:
    bench.doom(kind)
    made = await bench.provider.submit(WISH)
    job = await bench.ended(made.reference)
    assert job.state is (JobState.FETCHING if kind in bench.hides else state)
    with pytest.raises(ProviderError):
        await bench.provider.download(made.reference, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_job_that_nobody_made_is_not_found(bench: Bench, tmp_path: Path) -> None:
    for reference in ({"id": "video_nobody"}, {"id": "a/../b?c#d"}, {}):
        with pytest.raises(JobNotFound):
            await bench.provider.fetch(reference)
        with pytest.raises(JobNotFound):
            await bench.provider.download(reference, tmp_path / "clip.mp4")


async def test_a_list_shows_what_was_made_since_then(bench: Bench) -> None:
    since = bench.now()
    made = await bench.provider.submit(WISH)
    if not bench.provider.capabilities.lists:
        with pytest.raises(Unsupported):
            await bench.provider.list_jobs(since)
        return
    listed = {job.reference["id"]: job for job in await bench.provider.list_jobs(since)}
    found = listed[made.reference["id"]]
    for said, wished in (
        (found.prompt, WISH.prompt),
        (found.model, WISH.model),
        (found.size, "1280x720"),
        (found.seconds, "4"),
    ):
        assert said in {None, wished}
    assert found.created_at is None or found.created_at >= since // 1000 * 1000


async def test_a_list_leaves_out_what_is_too_old(bench: Bench) -> None:
    if not bench.provider.capabilities.lists:
        pytest.skip("this backend does not list")
    await bench.provider.submit(WISH)
    listed = await bench.provider.list_jobs(bench.now() + 3_600_000)
    assert [job for job in listed if job.created_at is not None] == []


async def test_a_create_is_found_by_our_name_for_it(bench: Bench) -> None:
    wish = replace(WISH, name="k7m2p9qx4t-1")
    made = await bench.provider.submit(wish)
    if not bench.provider.capabilities.finds:
        with pytest.raises(Unsupported):
            await bench.provider.find(wish.name)
        return
    found = await bench.provider.find(wish.name)
    assert found is not None
    assert found.reference == made.reference
    assert found.state in STATES
    assert await bench.provider.find("k7m2p9qx4t-2") is None


async def test_a_remix_is_a_new_job_or_refused_beforehand(bench: Bench) -> None:
    reference = await bench.finished()
    if not bench.provider.capabilities.remixes:
        with pytest.raises(Unsupported):
            await bench.provider.remix(reference, "in the rain")
        return
    remixed = await bench.provider.remix(reference, "in the rain")
    assert remixed.reference["id"] != reference["id"]
    assert (await bench.ended(remixed.reference)).state is JobState.FETCHING


async def test_an_extension_is_a_new_job_or_refused_beforehand(bench: Bench) -> None:
    reference = await bench.finished()
    if not bench.provider.capabilities.extends:
        with pytest.raises(Unsupported):
            await bench.provider.extend(reference, "it lands", 4)
        return
    longer = await bench.provider.extend(reference, "it lands", 4)
    assert longer.reference["id"] != reference["id"]


async def test_a_picture_is_taken_or_refused_beforehand(bench: Bench, tmp_path: Path) -> None:
    from tests.payloads.simulated import picture  # noqa: PLC0415 - drawn only here

    frame = tmp_path / "frame.jpg"
    frame.write_bytes(picture("JPEG"))
    wish = replace(WISH, image=frame)
    if not bench.provider.capabilities.takes_image:
        with pytest.raises(Unsupported):
            await bench.provider.submit(wish)
        return
    made = await bench.provider.submit(wish)
    assert (await bench.ended(made.reference)).state is JobState.FETCHING


async def test_deleting_is_final_and_may_be_repeated(bench: Bench) -> None:
    reference = await bench.finished()
    if not bench.provider.capabilities.deletes:
        with pytest.raises(Unsupported):
            await bench.provider.delete(reference)
        return
    await bench.provider.delete(reference)
    await bench.provider.delete(reference)
    with pytest.raises(JobNotFound):
        await bench.provider.fetch(reference)


async def test_a_cancelled_job_runs_no_more(bench: Bench) -> None:
    bench.doom(Kind.NEVER_ENDS)
    made = await bench.provider.submit(WISH)
    if not bench.provider.capabilities.cancels:
        with pytest.raises(Unsupported):
            await bench.provider.cancel(made.reference)
        return
    await bench.provider.cancel(made.reference)
    try:
        state = (await bench.provider.fetch(made.reference)).state
    except JobNotFound:
        state = JobState.CANCELLED
    assert state is JobState.CANCELLED
