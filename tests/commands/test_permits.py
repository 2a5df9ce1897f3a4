"""Who may remix whose video, as people say it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.grammar import AGREED
from bot.domain.audit import Outcome
from bot.domain.jobs import Job
from bot.domain.messages import Reply
from bot.domain.refs import Person, Place
from tests.fakes.core import ANA, BEN, MARA, STUDIO, TENANT, Core, World, running
from tests.fakes.typist import Typist, words

CARO = Person(TENANT, "caro", "Caro")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One whose backend needs no time."""
    world = World(tmp_path)
    world.provider.instant = True
    return world


@pytest.fixture
async def core(world: World) -> AsyncGenerator[Core]:
    """One life in it."""
    async with running(world) as core:
        yield core


@pytest.fixture
def typist(core: Core) -> Typist:
    """Somebody who types at it."""
    return Typist(core)


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
