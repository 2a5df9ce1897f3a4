"""A change of a finished video: whose it is, what it costs, and in which words it is sent."""

from dataclasses import replace

import pytest

from bot.domain.catalogue import Catalogue
from bot.domain.jobs import Job, JobState, Wanted
from bot.domain.videos import VideoSpec
from bot.errors import JobNotFound, MediaFailed, TooLate, UnknownThing, Unsupported
from bot.ports import Capabilities
from bot.services.orders import Accepted
from tests.fakes.core import ALLOWANCE, ANA, BEN, KITE, PRICE, STUDIO, Core, Options, World, running
from tests.fakes.rich import ABLE, RICH

S = JobState
REMIXES = Capabilities(lists=True, list_complete=True, cancels=True, remixes=True)


async def finished(core: Core, world: World, spec: VideoSpec = KITE) -> Job:
    world.provider.instant = True
    job = (await core.create(ANA, spec)).jobs[0]
    await core.wait(2_000)
    return await core.job(job.id)


async def remixed(core: Core, parent: Job, change: str = "at night") -> Job:
    accepted = await core.videos.remix(BEN, STUDIO, f"remix {change}", parent.id, change)
    await core.wait(2_000)
    return await core.job(accepted.jobs[0].id)


def sent(world: World) -> list[str]:
    return [taken.request.prompt for taken in world.provider.taken.values()]


async def test_a_remix_is_charged_to_who_asks_for_it_and_knows_its_family(
    core: Core, world: World
) -> None:
    root = await finished(core, world)
    child = await remixed(core, root)
    grandchild = await remixed(core, child, "with snow")
    assert (child.remix_of, child.root) == (root.id, root.id)
    assert (grandchild.remix_of, grandchild.root) == (child.id, root.id)
    assert await core.purse(BEN) == (ALLOWANCE - 2 * PRICE, 0)
    assert await core.purse(ANA) == (ALLOWANCE - PRICE, 0)


async def test_a_backend_that_can_remix_gets_the_change_alone(core: Core, world: World) -> None:
    world.provider.capabilities = REMIXES
    child = await remixed(core, await finished(core, world))
    assert child.state is S.DONE
    assert sent(world) == ["a red kite over dunes", "at night"]
    assert child.sent_prompt is None


async def test_a_backend_that_cannot_remix_is_told_the_video_and_every_change(
    core: Core, world: World
) -> None:
    child = await remixed(core, await finished(core, world))
    await remixed(core, child, "with snow")
    assert sent(world)[1:] == [
        "a red kite over dunes\n\nChange: at night",
        "a red kite over dunes\n\nChange: at night\n\nChange: with snow",
    ]
    assert child.spec.prompt == "at night"


async def test_a_video_that_the_backend_has_forgotten_is_remixed_in_words(
    core: Core, world: World
) -> None:
    world.provider.capabilities = REMIXES
    root = await finished(core, world)
    world.provider.refuse.append(JobNotFound("expired"))
    child = await remixed(core, root)
    assert child.state is S.DONE
    assert sent(world)[-1] == "a red kite over dunes\n\nChange: at night"
    assert child.attempt == 2


async def test_a_remix_whose_order_got_no_answer_is_found_by_the_words_that_were_sent(
    core: Core, world: World
) -> None:
    root = await finished(core, world)
    world.provider.lose.append(TimeoutError())
    child = await remixed(core, root)
    assert child.state is S.SUBMIT_UNKNOWN
    await core.wait(60_000)
    assert await core.state(child.id) is S.DONE
    assert world.provider.posts == 2


async def test_the_card_and_the_result_name_parent_and_root(core: Core, world: World) -> None:
    child = await remixed(core, await finished(core, world))
    grandchild = await remixed(core, child, "with snow")
    credit = "Remix of @Ben’s video · started by @Ana"
    assert credit in world.chat.posts[f"result/{grandchild.id}"].text


async def test_only_a_finished_video_that_one_may_see_is_remixed(core: Core, world: World) -> None:
    waiting = (await core.create()).jobs[0]
    with pytest.raises(TooLate) as refusal:
        await core.videos.remix(BEN, STUDIO, "1", waiting.id, "at night")
    assert refusal.value.wish == "remix"
    hidden = await core.create(place=replace(STUDIO, private=True))
    with pytest.raises(UnknownThing):
        await core.videos.remix(BEN, STUDIO, "2", hidden.jobs[0].id, "at night")


async def test_the_same_press_twice_is_one_remix(core: Core, world: World) -> None:
    root = await finished(core, world)
    orders = [await core.videos.remix(BEN, STUDIO, "press", root.id, "at night") for _ in "12"]
    first, second = ([job.id for job in order.jobs] for order in orders)
    assert first == second
    assert await core.purse(BEN) == (ALLOWANCE - PRICE, PRICE)


async def again(core: Core, job: Job, prompt: str | None) -> Accepted:
    return await core.videos.again(BEN, STUDIO, f"again {prompt}", job.id, prompt)


async def test_again_keeps_everything_but_what_is_said_anew(core: Core, world: World) -> None:
    picture = await core.picture()
    first = (await core.create(spec=replace(KITE, image=picture, seconds=12))).jobs[0]
    await core.work()
    # Its picture is fitted by now, so that nothing changes meanwhile.
    job = await core.job(first.id)
    same = (await again(core, job, None)).jobs[0]
    other = (await again(core, job, "a blue kite")).jobs[0]
    assert same.spec == job.spec
    assert other.spec == replace(job.spec, prompt="a blue kite")
    assert same.person == BEN


async def test_again_of_a_remix_is_a_remix_of_the_same(core: Core, world: World) -> None:
    root = await finished(core, world)
    child = await remixed(core, root)
    twin = (await again(core, child, None)).jobs[0]
    assert (twin.remix_of, twin.root) == (root.id, root.id)


async def test_suggestions_are_ones_own_and_those_of_the_place(world: World) -> None:

    async with running(world) as core:
        mine = (await core.create(ANA)).jobs[0]
        elsewhere = replace(STUDIO, channel="elsewhere")
        theirs = (await core.create(BEN)).jobs[0]
        await core.create(BEN, place=elsewhere)
        await core.create(BEN, place=replace(STUDIO, private=True))
        found = await core.videos.suggest(ANA, STUDIO, "", Wanted.ANY)
        assert {job.id for job in found} == {mine.id, theirs.id}
        assert await core.videos.suggest(ANA, STUDIO, "boat", Wanted.ANY) == ()
        assert len(await core.videos.suggest(ANA, STUDIO, "RED ki", Wanted.LIVE)) == 2
        assert await core.videos.suggest(ANA, STUDIO, mine.id[:5], Wanted.FINISHED) == ()


async def test_a_remix_in_words_begins_with_the_first_picture_and_says_so(
    core: Core, world: World
) -> None:
    child = await remixed(core, await finished(core, world))
    [_, taken] = world.provider.taken.values()
    assert taken.request.image, "the backend got a picture"
    assert child.spec.image
    result = world.chat.posts[f"result/{child.id}"].text
    assert "Made anew from all the words so far and the first picture" in result


async def test_a_backend_that_changes_the_video_itself_gets_no_picture(
    core: Core, world: World
) -> None:
    world.provider.capabilities = REMIXES
    child = await remixed(core, await finished(core, world))
    [_, taken] = world.provider.taken.values()
    assert taken.request.image is None
    assert "Made anew" not in world.chat.posts[f"result/{child.id}"].text


async def test_a_remix_that_its_backend_turns_out_not_to_make_begins_with_the_first_picture(
    core: Core, world: World
) -> None:
    world.provider.capabilities = REMIXES
    root = await finished(core, world)
    world.provider.refuse.append(Unsupported("not this model"))
    child = await remixed(core, root)
    [_, taken] = world.provider.taken.values()
    assert taken.request.image
    result = world.chat.posts[f"result/{child.id}"].text
    assert "Made anew from all the words so far and the first picture" in result


async def test_what_is_to_be_seen_stays_with_a_remix_in_words_instead_of_a_first_picture(
    world: World,
) -> None:
    world.provider.capabilities = ABLE
    async with running(world, Options(catalogue=Catalogue((RICH,)))) as core:
        spec = replace(KITE, references=(await core.picture(),))
        await remixed(core, await finished(core, world, spec))
    [_, taken] = world.provider.taken.values()
    assert len(taken.request.references) == 1
    assert taken.request.image is None


async def test_a_backend_that_takes_no_pictures_gets_the_words_alone(
    core: Core, world: World
) -> None:
    world.provider.capabilities = Capabilities(lists=True, list_complete=True, takes_image=False)
    child = await remixed(core, await finished(core, world))
    assert child.state is S.DONE
    assert child.spec.image is None
    result = world.chat.posts[f"result/{child.id}"].text
    assert "Made anew from all the words so far: the provider changes no videos." in result


async def test_a_remix_whose_first_picture_cannot_be_read_is_made_of_words(
    core: Core, world: World
) -> None:
    root = await finished(core, world)
    world.media.fails.append(MediaFailed("no picture"))
    child = await remixed(core, root)
    assert child.state is S.DONE
    assert child.spec.image is None
