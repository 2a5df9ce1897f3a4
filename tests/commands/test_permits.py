"""Who may remix whose video, as people say it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import fields, replace

import pytest

from bot.commands.grammar import AGREED
from bot.domain.audit import Outcome
from bot.domain.jobs import Job, Operation
from bot.domain.messages import Jump, Reply
from bot.domain.permits import KEPT, LIVES, AskState, Order
from bot.domain.refs import Person, Place, Tenant
from bot.services.orders import CreateRequest
from bot.services.origins import SOON
from tests.fakes.core import (
    ALLOWANCE,
    ANA,
    BEN,
    MARA,
    PRICE,
    STUDIO,
    TENANT,
    Core,
    World,
)
from tests.fakes.typist import Typist, words

CARO = Person(TENANT, "caro", "Caro")


async def made(
    core: Core, typist: Typist, line: str = "/sora create a red kite", person: Person = ANA
) -> Job:
    reply = await typist.says(line, person)
    assert not reply.refused, words(reply)
    await core.wait(2_000)
    return await core.job(reply.jobs[0])


async def thread_of(world: World, job: Job) -> Place:
    return replace(STUDIO, thread=world.chat.posts[f"result/{job.id}"].ref.id)


async def refusals(core: Core) -> list[tuple[str, str, str]]:
    async with core.store.reading() as tx:
        found = await tx.audit.newest(TENANT, 100)
    return [(r.actor.id, r.verb, r.reason) for r in found if r.outcome is Outcome.REFUSED]


# --- whom an author lets ------------------------------------------------------------------


async def test_without_a_choice_everyone_may_remix(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    assert words(await typist.says(f"/sora remixers {kite.id}")) == (
        f"#{kite.id} can be remixed by everyone."
    )
    assert not (await typist.says(f"/sora remix {kite.id} at night", BEN)).refused


async def test_a_video_can_be_closed_to_all_but_its_author(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    said = await typist.says(f"/sora remixers {kite.id} nobody")
    assert words(said) == f"#{kite.id} can be remixed by nobody but the author."
    no = await typist.says(f"/sora remix {kite.id} at night", BEN)
    assert words(no) == f"@Ana lets nobody else remix #{kite.id}. Nothing was started or charged."
    assert await core.purse(BEN) == (0, 0)
    assert not (await typist.says(f"/sora remix {kite.id} at night")).refused


async def test_what_one_says_of_a_video_counts_before_what_one_says_of_all(
    core: Core, typist: Typist
) -> None:
    kite, boat = await made(core, typist), await made(core, typist, "/sora create a boat")
    assert "nobody but the author" in words(await typist.says("/sora remixers mine nobody"))
    await typist.says(f"/sora remixers {boat.id} everyone")
    assert (await typist.says(f"/sora remix {kite.id} at night", BEN)).refused
    assert not (await typist.says(f"/sora remix {boat.id} at night", BEN)).refused
    assert "nobody but the author" in words(await typist.says("/sora remixers mine"))


async def test_what_one_says_of_all_ones_videos_counts_before_what_admins_say(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    said = await typist.says("/sora-admin settings remixers nobody", MARA)
    assert "chose nothing: nobody but the author" in words(said)
    assert (await typist.says(f"/sora remix {kite.id} at night", BEN)).refused
    await typist.says("/sora remixers mine team")
    assert not (await typist.says(f"/sora remix {kite.id} at night", BEN)).refused


async def test_only_its_author_says_who_may_remix_a_video(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    for who in (BEN, MARA):
        said = await typist.says(f"/sora remixers {kite.id} nobody", who)
        assert "somebody else’s" in words(said)
    assert "by everyone" in words(await typist.says(f"/sora remixers {kite.id}", BEN))


async def test_a_setting_that_there_is_not_is_refused_with_those_there_are(
    core: Core, typist: Typist
) -> None:
    said = await typist.says("/sora-admin settings remixers friends", MARA)
    assert said.refused
    assert "everyone or team or ask or nobody" in words(said)


# --- ways around it -----------------------------------------------------------------------

Way = Callable[[Typist, Job, Place], Awaitable[Reply]]


async def _typed(typist: Typist, video: Job, _: Place) -> Reply:
    return await typist.says(f"/sora remix {video.id} at night", BEN)


async def _pressed(typist: Typist, video: Job, _: Place) -> Reply:
    return await typist.presses("remix", {"job": video.id, "prompt": "at night"}, BEN)


async def _in_the_thread(typist: Typist, _: Job, thread: Place) -> Reply:
    return await typist.says("/sora remix at night", BEN, thread)


async def _replied(typist: Typist, _: Job, thread: Place) -> Reply:
    return await typist.replies("at night", BEN, thread)


async def _muttered(typist: Typist, _: Job, thread: Place) -> Reply:
    asked = await typist.mutters("at night", BEN, thread)
    go = asked.message.buttons[0]
    return await typist.presses(go.verb, dict(go.args), BEN)


async def _as_an_admin(typist: Typist, video: Job, _: Place) -> Reply:
    return await typist.says(f"/sora remix {video.id} at night", replace(BEN, admin=True))


WAYS = (_typed, _pressed, _in_the_thread, _replied, _muttered, _as_an_admin)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
async def test_no_way_to_remix_leads_round_an_author_who_lets_nobody(
    core: Core, typist: Typist, world: World, way: Way
) -> None:
    await typist.says("/sora-admin threads thread", MARA)
    kite = await made(core, typist)
    await typist.says(f"/sora remixers {kite.id} nobody")
    before = len(await core.jobs())
    said = await way(typist, kite, await thread_of(world, kite))
    assert said.refused
    assert "@Ana lets nobody else remix" in words(said)
    assert len(await core.jobs()) == before
    assert (BEN.id, "remix", "Withheld") in await refusals(core)


async def test_a_final_of_somebody_elses_video_needs_its_author_too(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    await typist.says("/sora remixers mine nobody")
    said = await typist.says(f"/sora finalize {kite.id}", BEN)
    assert "@Ana lets nobody else" in words(said)
    await typist.says("/sora remixers mine ask")
    assert "I asked @Ana" in words(await typist.says(f"/sora finalize {kite.id}", BEN))
    async with core.store.reading() as tx:
        [ask] = await tx.asks.waiting(ANA, 9)
    await typist.presses("allow", {"request": ask.id})
    [final] = await remixes(core)
    assert (final.person, final.operation, final.remix_of) == (BEN, Operation.FINALIZE, kite.id)
    assert not (await typist.says(f"/sora finalize {kite.id}")).refused


async def test_another_one_like_somebodys_remix_needs_the_author_of_what_it_changes(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    remix = await made(core, typist, f"/sora remix {kite.id} at night", CARO)
    await typist.says(f"/sora remixers {kite.id} nobody")
    for who in (BEN, CARO):
        said = await typist.says(f"/sora again {remix.id} in the rain", who)
        assert "@Ana lets nobody else" in words(said)
    # The remix itself is Caro's, and she lets everyone.
    assert not (await typist.says(f"/sora remix {remix.id} in the rain", BEN)).refused


async def test_a_yes_to_a_price_is_none_to_a_remix(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    await typist.says("/sora-admin settings confirm 10", MARA)
    asked = await typist.says(f"/sora remix {kite.id} at night", BEN)
    yes = asked.message.buttons[0]
    assert yes.verb == AGREED
    await typist.says(f"/sora remixers {kite.id} nobody")
    said = await typist.presses(AGREED, dict(yes.args), BEN)
    assert "@Ana lets nobody else" in words(said)


async def test_what_was_permitted_and_failed_may_be_tried_again_by_the_same_person(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    late = await typist.says(f"/sora remix {kite.id} at night when:+2h", BEN)
    await typist.says(f"/sora cancel {late.jobs[0]}", BEN)
    await typist.says(f"/sora remixers {kite.id} nobody")
    assert not (await typist.says(f"/sora retry {late.jobs[0]}", BEN)).refused
    other = await typist.says(f"/sora retry {late.jobs[0]}", MARA)
    assert "@Ana lets nobody else" in words(other)


async def test_an_order_that_came_twice_is_one_also_when_the_author_changed_their_mind(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    first = await typist.says(f"/sora remix {kite.id} at night", BEN, interaction="twice")
    await typist.says(f"/sora remixers {kite.id} nobody")
    again = await typist.says(f"/sora remix {kite.id} at night", BEN, interaction="twice")
    assert again.jobs == first.jobs


async def test_a_remix_of_what_was_closed_since_is_not_ready_to_be_published(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    await typist.says("/sora-admin drafts remixes", MARA)
    remix = await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    await typist.says("/sora remixers mine nobody")
    shown = await typist.says(f"/sora publish {remix.id}", BEN)
    assert "✗ Whoever made what it changes wants nobody" in words(shown)


# --- authors who are asked ----------------------------------------------------------------


async def asking(core: Core, typist: Typist, line: str = "at night") -> tuple[Job, str]:
    """Ana wants to be asked, and Ben would like to remix her video."""
    kite = await made(core, typist)
    await typist.says(f"/sora remixers {kite.id} ask")
    said = await typist.says(f"/sora remix {kite.id} {line}", BEN)
    assert not said.refused
    assert "I asked @Ana" in words(said)
    await core.wait(1_000)
    async with core.store.reading() as tx:
        [ask] = await tx.asks.waiting(ANA, 9)
    return kite, ask.id


async def remixes(core: Core) -> list[Job]:
    return [job for job in await core.jobs() if job.remix_of]


async def test_a_remix_waits_for_its_author_and_nothing_is_held_meanwhile(
    core: Core, typist: Typist, world: World
) -> None:
    kite, ask = await asking(core, typist)
    assert not await remixes(core)
    assert await core.purse(BEN) == (0, 0)
    post = world.chat.posts[f"notice/ask/{ask}"]
    assert post.place.channel == "dm-ana"
    assert f"@Ben would like to remix your video #{kite.id}" in post.text
    assert post.message.quote == "at night"
    labels = [button.label for button in post.message.buttons]
    assert labels == ["Let them", "No, thanks …", "Always let @Ben"]


async def test_a_yes_orders_it_for_whoever_asked_in_their_place_at_their_price(
    core: Core, typist: Typist, world: World
) -> None:
    kite, ask = await asking(core, typist, "at night when:+2h")
    said = await typist.presses("allow", {"request": ask})
    assert "You said yes" in words(said)
    [remix] = await remixes(core)
    assert (remix.person, remix.place, remix.spec.prompt) == (BEN, STUDIO, "at night")
    assert (remix.remix_of, remix.interaction) == (kite.id, "said-3")
    assert remix.not_before
    assert await core.purse(BEN) == (ALLOWANCE - PRICE, PRICE)
    await core.wait(1_000)
    post = world.chat.posts[f"notice/ask/{ask}"]
    assert "You said yes" in post.text
    assert not post.message.buttons
    assert world.chat.told(BEN) == [f"@Ana lets you remix #{kite.id}. Your order is on its way."]


async def test_a_yes_is_to_one_order(core: Core, typist: Typist) -> None:
    kite, ask = await asking(core, typist)
    await typist.presses("allow", {"request": ask})
    again = await typist.says(f"/sora remix {kite.id} in the rain", BEN)
    assert "I asked @Ana" in words(again)
    assert len(await remixes(core)) == 1


async def test_an_author_lets_somebody_always_until_they_choose_anew(
    core: Core, typist: Typist
) -> None:
    kite, ask = await asking(core, typist)
    await typist.presses("allow", {"request": ask, "always": "yes"})
    for _ in range(2):
        assert (await typist.says(f"/sora remix {kite.id} in the rain", BEN)).jobs
    assert "I asked" in words(await typist.says(f"/sora remix {kite.id} in the rain", CARO))
    await typist.says(f"/sora remixers {kite.id} ask")
    assert "I asked" in words(await typist.says(f"/sora remix {kite.id} in the rain", BEN))


async def test_a_no_is_told_in_private_with_its_reason(
    core: Core, typist: Typist, world: World
) -> None:
    kite, ask = await asking(core, typist)
    await typist.presses("decline", {"request": ask, "reason": "it is for a client"})
    await core.wait(1_000)
    told = world.chat.posts[f"notice/permitted/{ask}"]
    assert told.place.channel == "dm-ben"
    assert f"would rather not have you remix #{kite.id}" in told.text
    assert told.message.quote == "it is for a client"
    assert not await remixes(core)
    assert await core.purse(BEN) == (0, 0)


@pytest.mark.parametrize("first, second", [("allow", "decline"), ("decline", "allow")])
async def test_of_two_presses_at_once_the_first_decides(
    core: Core, typist: Typist, first: str, second: str
) -> None:
    _, ask = await asking(core, typist)
    won, lost = await asyncio.gather(
        typist.presses(first, {"request": ask}), typist.presses(second, {"request": ask})
    )
    assert {won.refused, lost.refused} == {True, False}
    refused = won if won.refused else lost
    assert "already, by @Ana" in words(refused)
    async with core.store.reading() as tx:
        kept = await tx.asks.get(TENANT, ask)
    assert kept
    assert len(await remixes(core)) == (1 if kept.state is AskState.YES else 0)


async def test_a_yes_that_comes_twice_orders_once(core: Core, typist: Typist) -> None:
    _, ask = await asking(core, typist)
    await asyncio.gather(*(typist.presses("allow", {"request": ask}) for _ in range(3)))
    assert len(await remixes(core)) == 1


async def test_the_same_request_is_one_question(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    await typist.says("/sora remixers mine ask")
    for _ in range(2):
        said = await typist.says(f"/sora remix {kite.id} at night", BEN, interaction="twice")
        assert "I asked @Ana" in words(said)
    async with core.store.reading() as tx:
        assert len(await tx.asks.by(BEN, 9)) == 1


async def test_one_question_at_a_time_about_a_video(core: Core, typist: Typist) -> None:
    kite, _ = await asking(core, typist)
    said = await typist.says(f"/sora remix {kite.id} in the rain", BEN)
    assert said.refused
    assert "You asked @Ana about this already" in words(said)
    assert "I asked @Ana" in words(await typist.says(f"/sora remix {kite.id} in the rain", CARO))


@pytest.mark.parametrize("verb", ["allow", "decline"])
async def test_nobody_decides_for_an_author(core: Core, typist: Typist, verb: str) -> None:
    _, ask = await asking(core, typist)
    for who in (BEN, CARO, MARA):
        assert (await typist.presses(verb, {"request": ask}, who)).refused
    stranger = Person(Tenant("web", "other"), "ana", "Eve")
    said = await typist.presses(verb, {"request": ask}, stranger)
    assert "There is no request" in words(said)
    async with core.store.reading() as tx:
        assert await tx.asks.waiting(ANA, 9)


async def test_whoever_is_blocked_asks_nothing(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    await typist.says("/sora remixers mine ask")
    await typist.says("/sora-admin block @ben", MARA)
    assert (await typist.says(f"/sora remix {kite.id} at night", BEN)).refused
    async with core.store.reading() as tx:
        assert not await tx.asks.by(BEN, 9)


async def test_whoever_cannot_pay_bothers_no_author(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    await typist.says("/sora remixers mine ask")
    await typist.says("/sora quota", BEN)
    await typist.says(f"/sora-admin credits take @ben {ALLOWANCE}", MARA)
    assert (await typist.says(f"/sora remix {kite.id} at night", BEN)).refused
    async with core.store.reading() as tx:
        assert not await tx.asks.by(BEN, 9)


async def test_a_yes_to_what_cannot_be_ordered_now_is_kept_and_both_hear_why(
    core: Core, typist: Typist, world: World
) -> None:
    kite, ask = await asking(core, typist)
    await typist.says("/sora quota", BEN)
    await typist.says(f"/sora-admin credits take @ben {ALLOWANCE}", MARA)
    said = await typist.presses("allow", {"request": ask})
    assert "You said yes, but it could not be ordered yet: This costs 80 credits" in words(said)
    await core.wait(1_000)
    [told] = world.chat.told(BEN)
    assert "This costs 80 credits" in told
    assert not await remixes(core)
    await typist.says("/sora-admin credits grant @ben 100", MARA)
    assert (await typist.says(f"/sora remix {kite.id} in the rain", BEN)).jobs


async def test_what_was_blocked_paused_or_deleted_meanwhile_is_not_ordered(
    core: Core, typist: Typist
) -> None:
    for line, who in (
        ("-admin block @ben", MARA),
        ("-admin drain all maintenance", MARA),
        (" delete {video}", ANA),
    ):
        kite, ask = await asking(core, typist)
        await typist.says("/sora" + line.format(video=kite.id), who)
        assert "could not be ordered yet" in words(await typist.presses("allow", {"request": ask}))
        await typist.says("/sora-admin unblock @ben", MARA)
        await typist.says("/sora-admin resume", MARA)
    assert not await remixes(core)


async def test_a_price_that_was_agreed_to_needs_no_second_yes_to_it(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    await typist.says("/sora remixers mine ask")
    await typist.says("/sora-admin settings confirm 10", MARA)
    price = await typist.says(f"/sora remix {kite.id} at night", BEN)
    said = await typist.presses(AGREED, dict(price.message.buttons[0].args), BEN)
    assert "I asked @Ana" in words(said)
    await core.wait(2 * 24 * 3_600_000, step=24 * 3_600_000)
    async with core.store.reading() as tx:
        [ask] = await tx.asks.waiting(ANA, 9)
    await typist.presses("allow", {"request": ask.id})
    assert len(await remixes(core)) == 1


async def test_a_question_lapses_after_a_week_and_both_hear_of_it(
    core: Core, typist: Typist, world: World
) -> None:
    kite, ask = await asking(core, typist)
    core.clock.advance(LIVES - 2_000)
    assert await core.asks.tidy() == 0
    core.clock.advance(2_000)
    assert await core.asks.tidy() == 1
    assert await core.asks.tidy() == 0
    await core.work()
    [told] = world.chat.told(BEN)
    assert f"@Ana did not answer within 7 days whether you may remix #{kite.id}" in told
    assert "lapsed" in world.chat.told(ANA)[-1]
    late = await typist.presses("allow", {"request": ask})
    assert "lapsed already" in words(late)
    core.clock.advance(KEPT)
    await core.asks.tidy()
    async with core.store.reading() as tx:
        assert not await tx.asks.by(BEN, 9)


async def test_whoever_takes_no_private_messages_is_asked_below_their_video(
    core: Core, typist: Typist, world: World
) -> None:
    world.chat.dms_closed = True
    kite, ask = await asking(core, typist)
    post = world.chat.posts[f"notice/ask/{ask}"]
    assert post.place == await thread_of(world, kite)
    assert post.text.startswith("@Ana, ")
    await typist.presses("decline", {"request": ask})
    await core.wait(1_000)
    assert "You said no" in post.text


async def test_what_was_asked_in_private_is_shown_in_no_channel(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    await typist.says("/sora remixers mine ask")
    world.chat.dms_closed = True
    alone = Place(TENANT, "dm", private=True)
    said = await typist.says(f"/sora remix {kite.id} a secret", BEN, alone)
    assert "I asked @Ana" in words(said)
    await core.wait(1_000)
    assert not [key for key in world.chat.posts if key.startswith("notice/ask")]
    assert "a secret" in words(await typist.says("/sora asks"))


async def test_both_find_their_questions_in_a_list(core: Core, typist: Typist) -> None:
    assert "Nobody waits for a yes" in words(await typist.says("/sora asks"))
    kite, ask = await asking(core, typist)
    of_ana = await typist.says("/sora asks")
    assert words(of_ana).splitlines() == [
        "These wait for you",
        f"{ask} · @Ben · #{kite.id} · at night",
    ]
    assert [button.verb for button in of_ana.message.buttons] == ["allow", "decline", "allow"]
    await typist.says(f"/sora decline {ask} not this one")
    assert words(await typist.says("/sora asks", BEN)).splitlines()[1].endswith("· no")
    assert "Nobody waits" in words(await typist.says("/sora asks", CARO))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
async def test_every_way_to_remix_asks_first(
    core: Core, typist: Typist, world: World, way: Way
) -> None:
    await typist.says("/sora-admin threads thread", MARA)
    kite = await made(core, typist)
    await typist.says("/sora remixers mine ask")
    said = await way(typist, kite, await thread_of(world, kite))
    assert "I asked @Ana" in words(said)
    assert not await remixes(core)
    async with core.store.reading() as tx:
        [ask] = await tx.asks.waiting(ANA, 9)
    await typist.presses("allow", {"request": ask.id})
    [remix] = await remixes(core)
    assert (remix.person, remix.spec.prompt) == (BEN, "at night")


def test_an_order_that_waits_keeps_all_that_a_remix_can_have() -> None:
    """A new field of a request has to be kept too, or not be possible for a remix.

    The style that it asks for is in the spec by then.
    """
    told = {one.name for one in fields(CreateRequest)}
    kept = {one.name for one in fields(Order)} | {"person", "source"}
    assert told - kept == {"retry_of", "found", "preset"}


# --- authors who are told -----------------------------------------------------------------


async def test_an_author_hears_of_a_remix_once_it_is_published(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    remix = await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    assert not world.chat.told(ANA)
    await core.wait(SOON)
    [told] = world.chat.in_channel("dm-ana")
    assert told.text == f"@Ben remixed your video: watch it · #{remix.id}"
    assert told.message.quote == "at night"
    assert {button.verb for button in told.message.buttons} >= {"show", "tree"}
    assert Jump("watch it", world.chat.posts[f"result/{remix.id}"].ref) in told.message.lines[0]
    assert not world.chat.told(BEN)


async def test_the_first_author_of_a_family_hears_of_it_too_and_nobody_twice(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    night = await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    rain = await made(core, typist, f"/sora remix {night.id} in the rain", CARO)
    own = await made(core, typist, f"/sora remix {rain.id} in the snow", ANA)
    await core.wait(SOON)
    assert world.chat.told(BEN) == [f"@Caro remixed your video: watch it · #{rain.id}"]
    assert world.chat.told(ANA) == [
        f"@Ben remixed your video: watch it · #{night.id}",
        f"@Caro remixed a video that began with yours: watch it · #{rain.id}",
    ]
    assert world.chat.told(CARO) == [f"@Ana remixed your video: watch it · #{own.id}"]


async def test_a_draft_is_told_of_when_it_is_published_and_only_then(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    await typist.says("/sora-admin drafts remixes", MARA)
    remix = await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    await core.wait(SOON)
    assert not world.chat.told(ANA)
    for _ in range(2):
        await typist.says(f"/sora publish {remix.id} sure", BEN)
        await core.wait(SOON + 1_000)
        assert len(world.chat.told(ANA)) == 1
        await typist.says(f"/sora unpublish {remix.id}", BEN)


async def test_what_was_taken_back_before_is_not_told(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    remix = await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    await typist.says(f"/sora unpublish {remix.id}", BEN)
    await core.wait(SOON)
    assert not world.chat.told(ANA)


async def test_whoever_wants_to_hear_of_no_remix_hears_of_none(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    assert "You hear of each" in words(await typist.says("/sora notify"))
    assert "You hear of no remix" in words(await typist.says("/sora notify off"))
    await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    await core.wait(SOON)
    assert not world.chat.told(ANA)
    await typist.says("/sora notify on")
    await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    await core.wait(SOON)
    assert len(world.chat.told(ANA)) == 1
