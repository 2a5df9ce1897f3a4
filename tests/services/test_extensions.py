"""What comes after the end of a finished video: made by its backend, or joined to it here."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.jobs import Failure, Job, JobState, Operation
from bot.domain.later import timing_of
from bot.domain.lineage import MOST_ADDED
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.releases import DraftPolicy, Stand
from bot.domain.workspaces import Choice
from bot.errors import (
    AssetExpired,
    CannotExtend,
    FullLength,
    InvalidInput,
    InvalidRequest,
    JobNotFound,
    MediaFailed,
    NothingBetter,
    QuotaExceeded,
    TooLate,
    Unsupported,
)
from bot.ports import Capabilities
from bot.services.videos import Anew, Further, How
from tests.fakes.core import (
    ALLOWANCE,
    ANA,
    BEN,
    KITE,
    PRICE,
    STUDIO,
    TENANT,
    Core,
    Options,
    World,
    running,
)

S = JobState
ABLE = Capabilities(lists=True, list_complete=True, cancels=True, remixes=True, extends=True)
BLIND = Capabilities(lists=True, list_complete=True, takes_image=False)
LANDS = Further("it lands")
IN_WORDS = "a red kite over dunes\n\nThen: it lands"
HERE = "Continued here from the last picture"
ALONE = "it could not be joined, so only the new part is here"


async def finished(core: Core, world: World) -> Job:
    world.provider.instant = True
    job = (await core.create(ANA)).jobs[0]
    await core.wait(2_000)
    return await core.job(job.id)


async def ordered(core: Core, parent: Job, further: Further = LANDS) -> Job:
    name = f"extend {core.world.new_id()}"
    accepted = await core.videos.extend(BEN, STUDIO, name, parent.id, further)
    return accepted.jobs[0]


async def extended(core: Core, parent: Job, further: Further = LANDS) -> Job:
    job = await ordered(core, parent, further)
    await core.wait(2_000)
    return await core.job(job.id)


def sent(world: World) -> list[str]:
    return [taken.request.prompt for taken in world.provider.taken.values()]


def told(world: World, job: Job) -> str:
    return world.chat.posts[f"result/{job.id}"].text


async def lasts(core: Core, job: Job) -> int:
    """Seconds of its video."""
    async with core.store.reading() as tx:
        video = await tx.videos.of(job.id)
    assert video
    return video.seconds


async def content(core: Core, job: Job) -> bytes:
    async with core.store.reading() as tx:
        video = await tx.videos.of(job.id)
    assert video
    return core.blobs.open(video.blob).read_bytes()


# --- what is ordered ----------------------------------------------------------------------


async def test_only_what_is_added_is_paid_for_by_who_asks_for_it(core: Core, world: World) -> None:
    root = await finished(core, world)
    child = await extended(core, root, Further("it lands", 4))
    assert (child.remix_of, child.root, child.operation) == (root.id, root.id, Operation.EXTEND)
    assert child.spec.seconds == 4
    assert (child.spec.model, child.spec.size) == (root.spec.model, root.spec.size)
    assert await core.purse(BEN) == (ALLOWANCE - PRICE // 2, 0)
    assert await core.purse(ANA) == (ALLOWANCE - PRICE, 0)
    assert await core.faults() == ()


async def test_without_a_length_it_is_as_long_as_its_model_usually_makes(
    core: Core, world: World
) -> None:
    child = await ordered(core, await finished(core, world))
    assert child.spec.seconds == core.videos.shop.catalogue().get("sora-2").default_seconds


async def test_a_length_that_the_model_does_not_make_is_refused(core: Core, world: World) -> None:
    root = await finished(core, world)
    with pytest.raises(InvalidInput) as refusal:
        await ordered(core, root, Further(seconds=5))
    assert refusal.value.field == "seconds"


async def test_quotas_count_the_seconds_that_are_added(world: World) -> None:
    rules = (Rule(EVERYONE, Unit.SECONDS, Period.DAY, 12),)
    async with running(world, Options(quotas=rules)) as core:
        root = await finished(core, world)
        await extended(core, root, Further(seconds=4))
        await extended(core, root, Further(seconds=8))
        with pytest.raises(QuotaExceeded):
            await ordered(core, root, Further(seconds=4))


async def test_only_a_finished_video_is_extended(core: Core) -> None:
    waiting = (await core.create()).jobs[0]
    with pytest.raises(TooLate) as refusal:
        await ordered(core, waiting)
    assert refusal.value.wish == "extend"


async def test_the_same_press_twice_is_one_extension(core: Core, world: World) -> None:
    root = await finished(core, world)
    orders = [await core.videos.extend(BEN, STUDIO, "press", root.id, LANDS) for _ in "12"]
    first, second = ([job.id for job in order.jobs] for order in orders)
    assert first == second


async def test_an_extension_is_a_draft_where_remixes_are(core: Core, world: World) -> None:
    root = await finished(core, world)
    async with core.store.transaction() as tx:
        await tx.workspaces.choose(TENANT, Choice.DRAFTS, DraftPolicy.REMIXES)
    child = await extended(core, root)
    async with core.store.reading() as tx:
        release = await tx.releases.get(child.id)
    assert release
    assert release.stand is Stand.DRAFT


# --- made by the backend ------------------------------------------------------------------


async def test_a_backend_that_extends_gets_the_new_words_and_makes_the_whole(
    core: Core, world: World
) -> None:
    world.provider.capabilities = ABLE
    root = await finished(core, world)
    child = await extended(core, root)
    assert child.state is S.DONE
    assert sent(world)[1:] == ["it lands"]
    assert world.provider.taken["video_2"].extends is world.provider.taken["video_1"]
    assert child.sent_prompt is None
    assert await lasts(core, child) == 16
    assert await content(core, child) == await content(core, root) + b" and then " + (
        world.provider.video + b"video_2"
    )
    assert "Extended from @Ana’s video · started by @Ana" in told(world, child)
    assert HERE not in told(world, child)


async def test_without_new_words_those_of_the_video_go_on(core: Core, world: World) -> None:
    world.provider.capabilities = ABLE
    child = await extended(core, await finished(core, world), Further())
    assert child.spec.prompt == "a red kite over dunes"
    assert sent(world)[1:] == ["a red kite over dunes"]


async def test_an_extension_is_extended_there_again(core: Core, world: World) -> None:
    world.provider.capabilities = ABLE
    child = await extended(core, await finished(core, world))
    grandchild = await extended(core, child, Further("it sleeps"))
    assert sent(world)[2:] == ["it sleeps"]
    assert await lasts(core, grandchild) == 24
    assert (grandchild.remix_of, grandchild.root) == (child.id, child.root)


async def test_an_extension_whose_order_got_no_answer_is_found_by_the_length_of_the_whole(
    core: Core, world: World
) -> None:
    world.provider.capabilities = ABLE
    root = await finished(core, world)
    world.provider.lose.append(TimeoutError())
    child = await extended(core, root)
    assert child.state is S.SUBMIT_UNKNOWN
    await core.wait(60_000)
    assert await core.state(child.id) is S.DONE
    assert world.provider.posts == 2


async def test_two_that_a_list_cannot_tell_apart_are_not_taken_for_each_other(
    core: Core, world: World
) -> None:
    world.provider.capabilities = ABLE
    root = await finished(core, world)
    world.provider.lose += [TimeoutError(), TimeoutError()]
    child = await ordered(core, root, Further(seconds=8))
    twin = (await core.create(BEN, replace(KITE, seconds=16, prompt=KITE.prompt))).jobs[0]
    await core.wait(60_000)
    states = {await core.state(child.id), await core.state(twin.id)}
    assert states == {S.SUBMIT_UNKNOWN}


# --- joined here --------------------------------------------------------------------------


async def test_elsewhere_it_begins_with_the_last_picture_and_is_joined_to_what_was(
    core: Core, world: World
) -> None:
    root = await finished(core, world)
    child = await extended(core, root)
    assert child.state is S.DONE
    request = world.provider.taken["video_2"].request
    assert (request.prompt, request.seconds) == (IN_WORDS, 8)
    assert request.image
    assert child.spec.image
    assert b"last frame of" in core.blobs.open(child.spec.image).read_bytes()
    whole = await content(core, root) + b" and then " + world.provider.video + b"video_2"
    assert await content(core, child) == whole
    assert await lasts(core, child) == 16
    assert f"{HERE}: the provider did not extend it." in told(world, child)
    assert await core.purse(BEN) == (ALLOWANCE - PRICE, 0)


async def test_what_was_joined_here_is_whole_only_here(core: Core, world: World) -> None:
    child = await extended(core, await finished(core, world))
    world.provider.capabilities = ABLE
    grandchild = await extended(core, child, Further("it sleeps"))
    assert sent(world)[2:] == [f"{IN_WORDS}\n\nThen: it sleeps"]
    assert world.provider.taken["video_3"].extends is None
    assert await lasts(core, grandchild) == 24


async def test_without_new_words_the_same_are_sent_once(core: Core, world: World) -> None:
    child = await extended(core, await finished(core, world), Further())
    await extended(core, child, Further())
    assert sent(world) == ["a red kite over dunes"] * 3


@pytest.mark.parametrize("refusal", [JobNotFound, AssetExpired, Unsupported])
async def test_what_the_backend_has_forgotten_is_joined_here(
    core: Core, world: World, refusal: type[JobNotFound]
) -> None:
    world.provider.capabilities = ABLE
    root = await finished(core, world)
    world.provider.refuse.append(refusal("gone"))
    child = await extended(core, root)
    assert child.state is S.DONE
    assert child.attempt == 2
    assert sent(world)[-1] == IN_WORDS
    assert world.provider.taken["video_3"].request.image
    assert await lasts(core, child) == 16
    assert HERE in told(world, child)


async def test_a_new_part_that_cannot_be_joined_is_kept_alone_and_says_so(
    core: Core, world: World
) -> None:
    root = await finished(core, world)
    world.media.joins.append(MediaFailed("no"))
    child = await extended(core, root)
    assert child.state is S.DONE
    assert await lasts(core, child) == 8
    assert ALONE in told(world, child)
    assert await core.purse(BEN) == (ALLOWANCE - PRICE, 0)
    assert [path for path in core.blobs.scratch().iterdir() if path.suffix == ".mp4"] == []


@pytest.mark.parametrize("row", [False, True])
async def test_a_new_part_of_a_video_that_is_gone_meanwhile_is_kept_alone(
    core: Core, world: World, *, row: bool
) -> None:
    root = await finished(core, world)
    world.provider.instant = False
    child = await extended(core, root)
    assert child.state is S.QUEUED
    await (_lose_row if row else _lose_file)(core, root)
    world.provider.finish()
    await core.wait(60_000)
    child = await core.job(child.id)
    assert child.state is S.DONE
    assert await lasts(core, child) == 8
    assert ALONE in told(world, child)


async def _lose_row(core: Core, job: Job) -> None:
    async with core.store.transaction() as tx:
        await tx.videos.drop(job.id)


async def _lose_file(core: Core, job: Job) -> None:
    async with core.store.reading() as tx:
        video = await tx.videos.of(job.id)
    assert video
    await core.blobs.delete(video.blob)


async def test_a_video_that_is_gone_before_is_gone_on_from_by_nobody(
    core: Core, world: World
) -> None:
    root = await finished(core, world)
    await _lose_file(core, root)
    child = await extended(core, root)
    assert (child.state, child.failure) == (S.FAILED, Failure.NO_SOURCE)
    assert world.provider.posts == 1
    assert await core.purse(BEN) == (ALLOWANCE, 0)


async def test_a_backend_that_has_the_video_needs_no_picture_of_it(
    core: Core, world: World
) -> None:
    world.provider.capabilities = ABLE
    root = await finished(core, world)
    await _lose_file(core, root)
    child = await extended(core, root)
    assert child.state is S.DONE
    assert child.spec.image is None


async def test_where_neither_has_it_nothing_is_sent_in_words_alone(
    core: Core, world: World
) -> None:
    world.provider.capabilities = ABLE
    root = await finished(core, world)
    await _lose_file(core, root)
    world.provider.refuse.append(JobNotFound("gone"))
    child = await extended(core, root)
    assert (child.state, child.failure) == (S.FAILED, Failure.NO_SOURCE)
    assert len(world.provider.taken) == 1
    assert await core.purse(BEN) == (ALLOWANCE, 0)


async def test_a_retry_of_a_failed_extension_goes_on_from_the_same_video(
    core: Core, world: World
) -> None:
    root = await finished(core, world)
    world.provider.refuse.append(InvalidRequest("no"))
    child = await extended(core, root)
    assert child.state is S.FAILED
    accepted = await core.videos.retry(BEN, STUDIO, "retry", child.id, Anew(seconds=4))
    await core.wait(2_000)
    again = await core.job(accepted.jobs[0].id)
    assert (again.state, again.operation, again.remix_of) == (S.DONE, Operation.EXTEND, root.id)
    assert sent(world)[-1] == IN_WORDS
    assert await core.purse(BEN) == (ALLOWANCE - PRICE // 2, 0)


async def test_again_is_another_end_of_the_same_video(core: Core, world: World) -> None:
    root = await finished(core, world)
    child = await extended(core, root)
    order = await core.videos.again(BEN, STUDIO, "again", child.id, "it flies on")
    await core.wait(2_000)
    twin = await core.job(order.jobs[0].id)
    assert (twin.operation, twin.remix_of) == (Operation.EXTEND, root.id)
    assert sent(world)[-1] == "a red kite over dunes\n\nThen: it flies on"
    assert await lasts(core, twin) == 16


# --- what is made of an extended video ----------------------------------------------------


async def test_a_remix_of_an_extended_video_changes_all_of_it(core: Core, world: World) -> None:
    world.provider.capabilities = ABLE
    child = await extended(core, await finished(core, world), Further("it lands", 4))
    remix = await _remixed(core, child)
    assert remix.spec.seconds == 16
    assert sent(world)[2:] == ["at night"]
    assert await core.purse(ANA) == (ALLOWANCE - 3 * PRICE, 0)


async def _remixed(core: Core, job: Job) -> Job:
    order = await core.videos.remix(ANA, STUDIO, f"remix {job.id}", job.id, "at night")
    await core.wait(2_000)
    return await core.job(order.jobs[0].id)


async def test_of_one_longer_than_is_sold_the_remix_is_told_in_words_and_as_long_as_can_be(
    core: Core, world: World
) -> None:
    world.provider.capabilities = ABLE
    child = await extended(core, await finished(core, world))
    child = await extended(core, child, Further("it sleeps"))
    remix = await _remixed(core, child)
    request = world.provider.taken["video_4"].request
    assert request.prompt == f"{IN_WORDS}\n\nThen: it sleeps\n\nChange: at night"
    assert request.seconds == remix.spec.seconds == 20
    assert remix.spec.image
    assert b"first frame of" in core.blobs.open(remix.spec.image).read_bytes()


async def test_there_is_no_final_of_what_was_made_in_parts(core: Core, world: World) -> None:
    child = await extended(core, await finished(core, world))
    with pytest.raises(NothingBetter):
        await core.videos.finalize(BEN, STUDIO, "final", child.id)
    assert "finalize" not in {
        b.verb for b in world.chat.posts[f"result/{child.id}"].message.buttons
    }


# --- what is possible ---------------------------------------------------------------------


async def test_where_nobody_can_go_on_from_it_the_order_names_whose_videos_can_be_extended(
    world: World,
) -> None:
    world.provider.capabilities = BLIND
    async with running(world) as core:
        root = await finished(core, world)
        with pytest.raises(CannotExtend) as refusal:
            await ordered(core, root)
        assert (refusal.value.model, refusal.value.able) == ("sora-2", ())


async def test_a_backend_without_pictures_extends_what_it_has(world: World) -> None:
    world.provider.capabilities = replace(BLIND, extends=True)
    async with running(world) as core:
        child = await extended(core, await finished(core, world))
        assert child.state is S.DONE
        assert await lasts(core, child) == 16
        world.provider.refuse.append(JobNotFound("gone"))
        lost = await extended(core, child)
        assert (lost.state, lost.failure) == (S.FAILED, Failure.NO_SOURCE)


async def test_what_can_be_done_nowhere_any_more_is_not_sent_in_words_alone(world: World) -> None:
    world.provider.capabilities = replace(BLIND, extends=True)
    async with running(world) as core:
        root = await finished(core, world)
        later = How(timing_of("+1m"))
        order = await core.videos.extend(BEN, STUDIO, "later", root.id, LANDS, later)
        world.provider.capabilities = BLIND
        await core.wait(90_000)
        lost = await core.job(order.jobs[0].id)
        assert (lost.state, lost.failure) == (S.FAILED, Failure.LOST)
        assert world.provider.posts == 1
        assert await core.purse(BEN) == (ALLOWANCE, 0)


async def test_a_video_is_extended_six_times_one_after_the_other(core: Core, world: World) -> None:
    video = await finished(core, world)
    for _ in range(MOST_ADDED):
        video = await extended(core, video, Further("further", 4))
    assert video.state is S.DONE
    with pytest.raises(FullLength) as refusal:
        await ordered(core, video)
    assert refusal.value.times == MOST_ADDED


async def test_a_video_never_gets_longer_than_two_minutes(core: Core, world: World) -> None:
    world.provider.capabilities = ABLE
    video = await finished(core, world)
    async with core.store.transaction() as tx:
        found = await tx.videos.of(video.id)
        assert found
        await tx.videos.drop(video.id)
        await tx.videos.add(replace(found, duration_ms=112_000))
    with pytest.raises(FullLength) as refusal:
        await ordered(core, video, Further(seconds=12))
    assert (refusal.value.whole, refusal.value.asked) == (112, 12)
    assert await ordered(core, video, Further(seconds=8))


async def test_nothing_is_left_over_in_the_folder_for_work(core: Core, world: World) -> None:
    await extended(core, await finished(core, world))
    left: list[Path] = list(core.blobs.scratch().iterdir())
    assert left == []
