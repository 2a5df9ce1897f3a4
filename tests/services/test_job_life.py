from dataclasses import replace
from pathlib import Path

import pytest

from bot import errors
from bot.domain.jobs import Failure, JobState
from bot.domain.messages import Tone
from bot.domain.videos import Fit
from bot.ports import Capabilities
from bot.services.worker import Patience
from tests.fakes.core import (
    ALLOWANCE,
    ANA,
    KITE,
    PRICE,
    STUDIO,
    Core,
    Options,
    World,
    running,
)

S = JobState


async def test_a_video_is_ordered_rendered_posted_and_paid(core: Core, world: World) -> None:
    accepted = await core.create()
    job_id = accepted.jobs[0].id
    assert (accepted.price, accepted.left) == (PRICE, ALLOWANCE - PRICE)
    await core.work()
    assert await core.state(job_id) is S.QUEUED
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)
    world.provider.now(S.RENDERING, 40)
    await core.wait(3_000)
    assert world.chat.posts[f"card/{job_id}"].message.progress == 40
    world.provider.finish()
    await core.wait(3_000)
    assert await core.state(job_id) is S.DONE
    assert await core.purse() == (ALLOWANCE - PRICE, 0)
    assert await core.kinds(job_id) == ["hold", "settle"]
    result = world.chat.posts[f"result/{job_id}"]
    assert result.message.video is not None
    assert result.message.video.path.read_bytes().startswith(world.provider.video)
    assert "@Ana" in result.text
    assert world.chat.posts[f"card/{job_id}"].text.startswith("Done")
    assert world.provider.posts == 1


async def test_the_result_is_a_new_message_that_comes_after_its_card(
    core: Core, world: World
) -> None:
    world.provider.instant = True
    job_id = (await core.create()).jobs[0].id
    await core.wait(2_000)
    posts = [line for line in world.chat.log if line.startswith("post")]
    assert posts == [f"post card/{job_id}", f"post result/{job_id}"]


async def test_a_card_says_its_place_in_line(core: Core, world: World) -> None:
    ids = [(await core.create()).jobs[0].id for _ in range(4)]
    await core.work()
    assert [await core.state(job_id) for job_id in ids] == [
        S.QUEUED,
        S.QUEUED,
        S.WAITING,
        S.WAITING,
    ]
    assert "2nd in line" in world.chat.posts[f"card/{ids[3]}"].text


async def test_a_freed_slot_goes_to_the_next_in_line_at_once(core: Core, world: World) -> None:
    ids = [(await core.create()).jobs[0].id for _ in range(3)]
    await core.work()
    world.provider.finish()
    await core.wait(2_000)
    assert await core.state(ids[2]) is not S.WAITING
    assert world.provider.posts == 3


async def test_a_failed_render_costs_nothing_and_says_why(core: Core, world: World) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.now(S.FAILED, error="out of <memory>")
    await core.wait(2_000)
    job = await core.job(job_id)
    assert (job.state, job.failure) == (S.FAILED, Failure.RENDER_FAILED)
    assert await core.purse() == (ALLOWANCE, 0)
    card = world.chat.posts[f"card/{job_id}"]
    assert card.message.tone is Tone.BAD
    assert "out of <memory>" in card.text
    assert "Retry" in [button.label for button in card.message.buttons]


async def test_a_refused_prompt_is_moderated_and_offers_to_change_it(
    core: Core, world: World
) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.now(S.MODERATED, error="policy")
    await core.wait(2_000)
    assert await core.state(job_id) is S.MODERATED
    buttons = world.chat.posts[f"card/{job_id}"].message.buttons
    change = next(button for button in buttons if button.asks == "prompt")
    assert (change.verb, change.args) == ("again", {"job": job_id})


async def test_a_backend_that_charges_for_failures_charges_the_workspace_not_the_person(
    core: Core, world: World
) -> None:
    world.provider.capabilities = Capabilities(charges_failures=True)
    await core.create()
    await core.work()
    world.provider.now(S.FAILED)
    await core.wait(2_000)
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == PRICE


@pytest.mark.parametrize("charges, lost", [(True, PRICE), (False, 0)])
async def test_what_somebody_stopped_at_the_backend_costs_what_a_cancel_costs(
    core: Core,
    world: World,
    charges: bool,  # noqa: FBT001 - a case
    lost: int,
) -> None:
    world.provider.capabilities = Capabilities(charges_cancels=charges)
    await core.create()
    await core.work()
    world.provider.now(S.CANCELLED)
    await core.wait(2_000)
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == lost


@pytest.mark.parametrize(
    "error,state,failure",
    [
        (errors.Moderated("no"), S.MODERATED, Failure.MODERATED),
        (errors.InvalidRequest("no"), S.FAILED, Failure.INVALID_REQUEST),
        (errors.Billing("no"), S.FAILED, Failure.BILLING),
        (errors.BadCredentials("no"), S.FAILED, Failure.CREDENTIALS),
        (errors.ModelRetired("no"), S.FAILED, Failure.MODEL_RETIRED),
    ],
)
async def test_a_create_that_is_refused_for_good_ends_the_job_and_gives_back_the_hold(
    core: Core, world: World, error: Exception, state: JobState, failure: Failure
) -> None:
    world.provider.refuse.append(error)
    job_id = (await core.create()).jobs[0].id
    await core.work()
    job = await core.job(job_id)
    assert (job.state, job.failure, job.reason) == (state, failure, "no")
    assert await core.purse() == (ALLOWANCE, 0)
    assert world.provider.posts == 1


async def test_a_busy_backend_is_tried_again_when_it_said_and_the_card_counts_down(
    core: Core, world: World
) -> None:
    world.provider.refuse.append(errors.RateLimited(retry_after_ms=20_000))
    job_id = (await core.create()).jobs[0].id
    await core.work()
    assert await core.state(job_id) is S.WAITING
    card = world.chat.posts[f"card/{job_id}"]
    assert "busy" in card.text
    assert "attempt 2" in card.text
    await core.wait(19_000)
    assert world.provider.posts == 1
    await core.wait(3_000)
    assert world.provider.posts == 2
    assert await core.state(job_id) is S.QUEUED
    assert [one.outcome for one in await core.attempts(job_id)] == ["RateLimited", None]


async def test_a_rate_limit_makes_everyone_wait_not_only_the_one_who_met_it(
    core: Core, world: World
) -> None:
    world.provider.refuse.append(errors.RateLimited(retry_after_ms=20_000))
    await core.create()
    await core.work()
    second = (await core.create()).jobs[0].id
    await core.wait(10_000)
    assert world.provider.posts == 1
    assert await core.state(second) is S.WAITING
    await core.wait(15_000)
    assert world.provider.posts == 3


async def test_a_backend_out_of_reach_is_given_up_on_without_a_charge(
    core: Core, world: World
) -> None:
    world.provider.refuse.extend(errors.Transient("refused") for _ in range(8))
    job_id = (await core.create()).jobs[0].id
    await core.wait(600_000)
    assert (await core.job(job_id)).failure is Failure.TOO_MANY_TRIES
    assert await core.purse() == (ALLOWANCE, 0)


async def test_a_picture_is_fitted_before_the_job_gets_into_line(core: Core, world: World) -> None:
    spec = replace(KITE, image=await core.picture(b"raw"), fit=Fit.PAD)
    job_id = (await core.create(spec=spec)).jobs[0].id
    assert await core.state(job_id) is S.ACCEPTED
    await core.work()
    sent = world.provider.taken["video_1"].request.image
    assert sent is not None
    assert sent.read_bytes() == b"fitted by pad: raw"
    assert await core.state(job_id) is S.QUEUED


@pytest.mark.parametrize("error", [errors.BadImage("too large"), errors.MediaFailed("tool")])
async def test_a_picture_that_cannot_be_used_ends_the_job_before_anything_is_sent(
    core: Core, world: World, error: Exception
) -> None:
    world.media.fails.append(error)
    spec = replace(KITE, image=await core.picture())
    job_id = (await core.create(spec=spec)).jobs[0].id
    await core.work()
    assert (await core.job(job_id)).failure is Failure.BAD_IMAGE
    assert world.provider.posts == 0
    assert await core.purse() == (ALLOWANCE, 0)


async def test_a_completed_job_without_a_real_video_is_copied_again_and_then_given_up_on(
    core: Core, world: World
) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.finish()
    world.media.fails.extend(errors.NotAVideo("html") for _ in range(12))
    await core.wait(5_000)
    assert await core.state(job_id) is S.FETCHING
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)
    await core.wait(1_200_000)
    assert (await core.job(job_id)).failure is Failure.BAD_FILE
    assert await core.purse() == (ALLOWANCE, 0)


async def test_a_broken_download_is_tried_again_without_rendering_again(
    core: Core, world: World
) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.finish()
    world.provider.downloads.extend([errors.Transient("cut"), errors.Transient("cut")])
    await core.wait(20_000)
    assert await core.state(job_id) is S.DONE
    assert world.provider.posts == 1


async def test_a_file_that_expired_upstream_is_lost_and_free(core: Core, world: World) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.finish()
    world.provider.downloads.append(errors.AssetExpired())
    await core.wait(2_000)
    assert (await core.job(job_id)).failure is Failure.LOST
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == PRICE


async def test_a_clip_without_a_still_is_still_a_clip(core: Core, world: World) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.finish()

    async def no_still(video: Path, target: Path) -> None:
        raise errors.MediaFailed("no still")

    world.media.poster = no_still  # the one tool that fails
    await core.wait(2_000)
    message = world.chat.posts[f"result/{job_id}"].message
    assert message.video is not None
    assert message.video.poster is None


async def test_faults_while_asking_change_nothing_but_the_time(core: Core, world: World) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.asks.extend(
        [errors.Transient("x"), errors.BadCredentials("x"), errors.JobNotFound("x")]
    )
    await core.wait(120_000)
    world.provider.finish()
    await core.wait(20_000)
    assert await core.state(job_id) is S.DONE


async def _two_one_after_the_other(core: Core, world: World) -> None:
    world.provider.poll_after_ms = 5_000
    for _ in range(2):
        await core.create()
        await core.wait(7_000)


async def test_a_limit_of_questions_holds_up_all_questions(core: Core, world: World) -> None:
    await _two_one_after_the_other(core, world)
    asked = len(world.provider.asked)
    world.provider.asks.append(errors.RateLimited(retry_after_ms=60_000))
    await core.wait(50_000)
    assert len(world.provider.asked) == asked + 1
    world.provider.finish()
    await core.wait(20_000)
    assert {job.state for job in await core.jobs()} == {S.DONE}


async def test_a_limit_of_files_holds_up_all_files(core: Core, world: World) -> None:
    await _two_one_after_the_other(core, world)
    world.provider.downloads.append(errors.RateLimited(retry_after_ms=60_000))
    world.provider.finish()
    await core.wait(30_000)
    assert {job.state for job in await core.jobs()} == {S.FETCHING}
    await core.create()
    await core.wait(1_000)
    assert world.provider.posts == 3
    await core.wait(40_000)
    assert {job.state for job in await core.jobs()} >= {S.DONE}


async def test_a_job_that_the_backend_never_finds_again_is_lost_and_free(
    core: Core, world: World
) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.taken.clear()
    await core.wait(300_000)
    assert (await core.job(job_id)).failure is Failure.LOST
    assert await core.purse() == (ALLOWANCE, 0)


async def test_our_own_patience_is_no_failure_but_has_an_end(world: World) -> None:
    patience = Patience(slow=60_000, lost=600_000)
    async with running(world, Options(patience=patience)) as core:
        job_id = (await core.create()).jobs[0].id
        await core.wait(200_000)
        assert await core.state(job_id) is S.QUEUED
        assert "longer than expected" in world.chat.posts[f"card/{job_id}"].text
        await core.wait(500_000)
        job = await core.job(job_id)
        assert (job.state, job.failure) == (S.EXPIRED, Failure.TIMED_OUT)
        assert await core.purse() == (ALLOWANCE, 0)


async def test_a_lost_timer_is_found_by_the_sweep(core: Core, world: World) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.finish()
    core.wakeups.timers.clear()
    core.clock.advance(5_000)
    await core.sweep()
    assert await core.state(job_id) is S.DONE


async def test_private_work_is_told_to_its_owner_alone(core: Core, world: World) -> None:
    world.provider.instant = True
    request_place = replace(STUDIO, private=True)
    accepted = await core.create(place=request_place)
    await core.wait(2_000)
    places = {post.place.channel for post in world.chat.posts.values()}
    assert places == {f"dm-{ANA.id}"}
    assert await core.state(accepted.jobs[0].id) is S.DONE
