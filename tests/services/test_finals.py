"""The final of a draft: the same video once more, by a better model."""

from dataclasses import replace

import pytest

from bot.domain.jobs import Job, JobState, Operation
from bot.domain.later import Timing
from bot.domain.order import Lane
from bot.domain.videos import Size
from bot.errors import InvalidRequest, NothingBetter, TooLate, UnknownThing
from bot.ports import Capabilities
from bot.services.videos import How
from tests.fakes.core import ALLOWANCE, ANA, BEN, KITE, MARA, PRICE, STUDIO, Core, World

S = JobState
FINAL = 240
"""Credits that the final of `KITE` costs."""
REMIXES = Capabilities(lists=True, list_complete=True, cancels=True, remixes=True)


async def finished(core: Core, world: World) -> Job:
    world.provider.instant = True
    job = (await core.create(ANA)).jobs[0]
    await core.wait(2_000)
    return await core.job(job.id)


async def finalized(core: Core, draft: Job) -> Job:
    accepted, _ = await core.videos.finalize(BEN, STUDIO, f"final {draft.id}", draft.id)
    await core.wait(2_000)
    return await core.job(accepted.jobs[0].id)


async def test_a_final_is_the_same_by_the_better_model_and_of_the_family(
    core: Core, world: World
) -> None:
    draft = await finished(core, world)
    final = await finalized(core, draft)
    assert final.spec == replace(KITE, model="sora-2-pro")
    assert final.operation is Operation.FINALIZE
    assert (final.remix_of, final.root, final.state) == (draft.id, draft.id, S.DONE)
    assert await core.purse(BEN) == (ALLOWANCE - FINAL, 0)
    assert await core.purse(ANA) == (ALLOWANCE - PRICE, 0)


@pytest.mark.parametrize("capabilities", [REMIXES, Capabilities(lists=True, list_complete=True)])
async def test_a_final_is_a_create_of_all_the_words_also_of_a_remix(
    core: Core, world: World, capabilities: Capabilities
) -> None:
    world.provider.capabilities = capabilities
    root = await finished(core, world)
    order = await core.videos.remix(BEN, STUDIO, "night", root.id, "at night")
    await core.wait(2_000)
    await finalized(core, await core.job(order.jobs[0].id))
    last = list(world.provider.taken.values())[-1].request
    assert last.prompt == "a red kite over dunes\n\nChange: at night"
    assert last.model == "sora-2-pro"


async def test_a_remix_of_a_final_changes_the_final(core: Core, world: World) -> None:
    world.provider.capabilities = REMIXES
    final = await finalized(core, await finished(core, world))
    order = await core.videos.remix(ANA, STUDIO, "night", final.id, "at night")
    await core.wait(2_000)
    child = await core.job(order.jobs[0].id)
    assert (child.operation, child.remix_of) == (Operation.REMIX, final.id)
    assert child.spec.model == "sora-2-pro"
    assert list(world.provider.taken.values())[-1].request.prompt == "at night"


async def test_in_words_a_remix_of_a_final_begins_with_its_whole_prompt(
    core: Core, world: World
) -> None:
    final = await finalized(core, await finished(core, world))
    await core.videos.remix(ANA, STUDIO, "night", final.id, "at night")
    await core.wait(2_000)
    sent = list(world.provider.taken.values())[-1].request.prompt
    assert sent == "a red kite over dunes\n\nChange: at night"


async def test_a_first_frame_is_kept(core: Core, world: World) -> None:
    world.provider.instant = True
    spec = replace(KITE, image=await core.picture())
    draft = (await core.create(ANA, spec)).jobs[0]
    await core.wait(2_000)
    final = await finalized(core, await core.job(draft.id))
    assert final.state is S.DONE
    assert final.spec.image is not None
    first, last = [taken.request for taken in world.provider.taken.values()]
    assert first.image
    assert last.image


async def test_what_the_best_model_made_has_no_final(core: Core, world: World) -> None:
    final = await finalized(core, await finished(core, world))
    with pytest.raises(NothingBetter) as no:
        await core.videos.finalize(BEN, STUDIO, "again", final.id)
    assert no.value.model == "sora-2-pro"
    assert await core.purse(BEN) == (ALLOWANCE - FINAL, 0)


async def test_only_a_finished_video_that_one_may_see_is_finalized(
    core: Core, world: World
) -> None:
    waiting = (await core.create()).jobs[0]
    with pytest.raises(TooLate) as refusal:
        await core.videos.finalize(BEN, STUDIO, "1", waiting.id)
    assert refusal.value.wish == "finalize"
    hidden = await core.create(place=replace(STUDIO, private=True))
    with pytest.raises(UnknownThing):
        await core.videos.finalize(BEN, STUDIO, "2", hidden.jobs[0].id)


async def test_the_same_press_twice_is_one_final(core: Core, world: World) -> None:
    draft = await finished(core, world)
    orders = [await core.videos.finalize(BEN, STUDIO, "press", draft.id) for _ in "12"]
    assert len({accepted.jobs[0].id for accepted, _ in orders}) == 1
    assert await core.purse(BEN) == (ALLOWANCE - FINAL, FINAL)


async def test_a_final_that_fails_costs_nothing_and_its_retry_is_a_final(
    core: Core, world: World
) -> None:
    draft = await finished(core, world)
    world.provider.refuse.append(InvalidRequest("no"))
    failed = await finalized(core, draft)
    assert failed.state is S.FAILED
    assert await core.purse(BEN) == (ALLOWANCE, 0)
    retried = await core.videos.retry(BEN, STUDIO, "retry", failed.id)
    again = await core.videos.again(BEN, STUDIO, "again", failed.id, None)
    for accepted in (retried, again):
        job = accepted.jobs[0]
        assert (job.operation, job.remix_of) == (Operation.FINALIZE, draft.id)


async def test_a_final_may_wait_for_free_slots(core: Core, world: World) -> None:
    draft = await finished(core, world)
    timing = Timing(Lane.RELAXED)
    accepted, _ = await core.videos.finalize(BEN, STUDIO, "later", draft.id, How(timing))
    assert accepted.jobs[0].lane is Lane.RELAXED


async def test_card_and_result_say_what_it_is_the_final_of(core: Core, world: World) -> None:
    draft = await finished(core, world)
    night = await core.videos.remix(BEN, STUDIO, "night", draft.id, "at night")
    await core.wait(2_000)
    accepted, _ = await core.videos.finalize(MARA, STUDIO, "final", night.jobs[0].id)
    await core.wait(2_000)
    shown = world.chat.posts[f"result/{accepted.jobs[0].id}"].text
    assert "Finalized from @Ben’s video · started by @Ana" in shown


async def test_only_results_that_can_have_a_final_offer_it(core: Core, world: World) -> None:
    draft = await finished(core, world)
    final = await finalized(core, draft)
    offered = {
        job.id: [b.label for b in world.chat.posts[f"result/{job.id}"].message.buttons]
        for job in (draft, final)
    }
    assert offered[draft.id] == ["Remix", "Extend", "Again", "Finalize, 240 credits", "Details"]
    assert offered[final.id] == ["Remix", "Extend", "Again", "Details"]


async def test_a_size_that_the_better_model_lacks_becomes_the_nearest(core: Core) -> None:
    shop = core.videos.shop
    final = shop.final(replace(KITE, size=Size(1280, 718)))
    assert final
    assert (final.spec.size, final.offer.price) == (Size(1280, 720), FINAL)
