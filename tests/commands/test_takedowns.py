"""Videos that somebody wants to be taken down, as people say it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.jobs import Job
from bot.domain.refs import Person, Place, Tenant
from bot.domain.releases import Release, Stand
from bot.domain.takedowns import WITHIN
from tests.fakes.core import ANA, BEN, MARA, TENANT, Core, World
from tests.fakes.typist import Typist, words

CARO = Person(TENANT, "caro", "Caro")
OLGA = Person(TENANT, "olga", "Olga", admin=True)
ADMINS = Place(TENANT, "admins")
S = Stand


async def made(
    core: Core, typist: Typist, line: str = "/sora create a red kite", person: Person = ANA
) -> Job:
    reply = await typist.says(line, person)
    assert not reply.refused, words(reply)
    await core.wait(2_000)
    return await core.job(reply.jobs[0])


async def stand(core: Core, job: Job) -> Release:
    async with core.store.reading() as tx:
        release = await tx.releases.get(job.id)
    assert release
    return release


async def asked(core: Core, typist: Typist, video: Job, person: Person = CARO) -> str:
    """Somebody wants a video to go; returns what their wish is called."""
    said = await typist.says(f"/sora takedown {video.id} it shows my logo", person)
    assert not said.refused, words(said)
    async with core.store.reading() as tx:
        wishes = await tx.takedowns.open(TENANT, 99)
    return next(one.id for one in wishes if (one.job_id, one.person) == (video.id, person))


def videos_of(world: World, job: Job) -> list[str]:
    """Keys of the messages that show its video."""
    keys = (f"result/{job.id}", f"release/{job.id}")
    return [key for key in world.chat.posts if key.startswith((*keys, "show/"))]


async def test_a_wish_goes_to_the_admins_and_the_first_press_takes_the_video_down(
    core: Core, typist: Typist, world: World
) -> None:
    await typist.says("/sora-admin settings alerts here", MARA, ADMINS)
    kite = await made(core, typist)
    await typist.says(f"/sora show {kite.id}", BEN, Place(TENANT, "lobby"))
    await core.wait(1_000)
    assert len(videos_of(world, kite)) == 2
    wish = await asked(core, typist, kite)
    await core.wait(1_000)
    notice = world.chat.posts[f"notice/takedown/{wish}"]
    assert notice.place == ADMINS
    assert notice.text.splitlines() == [
        f"@Caro asks for a takedown of #{kite.id} by @Ana",
        "Why: it shows my logo",
    ]
    assert notice.message.quote == "a red kite"
    assert [b.label for b in notice.message.buttons][:2] == ["Take it down", "Keep it"]

    said = await typist.presses("admin takedown yes", {"request": wish}, MARA)
    assert "Taken down by @Mara" in words(said)
    await core.wait(1_000)
    assert not videos_of(world, kite)
    after = await stand(core, kite)
    assert (after.stand, after.moderated, after.reason) == (S.REJECTED, True, "it shows my logo")
    assert "Taken down by @Mara" in notice.text
    assert not notice.message.buttons
    assert f"#{kite.id} was taken down, as you asked." in world.chat.told(CARO)
    [told] = world.chat.in_channel("dm-ana")
    assert "took your video" in told.text
    assert told.message.quote == "it shows my logo"


async def test_what_was_taken_down_comes_back_only_through_a_reviewer(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    wish = await asked(core, typist, kite)
    await typist.presses("admin takedown yes", {"request": wish}, MARA)
    said = await typist.says(f"/sora publish {kite.id} sure")
    assert "went to the reviewers" in words(said)
    assert (await stand(core, kite)).stand is S.REVIEW
    await typist.says(f"/sora review approve {kite.id}", MARA)
    assert (await stand(core, kite)).stand is S.PUBLISHED


async def test_what_was_unpublished_or_deleted_meanwhile_needs_a_reviewer_too(
    core: Core, typist: Typist
) -> None:
    for line, back in (("unpublish", None), ("delete", "restore")):
        kite = await made(core, typist)
        wish = await asked(core, typist, kite)
        await typist.says(f"/sora {line} {kite.id}")
        assert not (await typist.presses("admin takedown yes", {"request": wish}, MARA)).refused
        if back:
            await typist.says(f"/sora {back} {kite.id}")
        assert (await stand(core, kite)).stand is S.DRAFT
        said = await typist.says(f"/sora publish {kite.id} sure")
        assert "went to the reviewers" in words(said)


async def test_a_video_that_is_kept_stays_and_whoever_asked_hears_it(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    wish = await asked(core, typist, kite)
    said = await typist.says(f"/sora-admin takedown no {wish} it is no logo", MARA)
    assert "Kept by @Mara" in words(said)
    await core.wait(1_000)
    assert (await stand(core, kite)).stand is S.PUBLISHED
    [told] = world.chat.in_channel("dm-caro")
    assert "looked at" in told.text
    assert told.message.quote == "it is no logo"
    assert not world.chat.told(ANA)


async def test_admins_find_wishes_in_a_list_those_of_authors_first(
    core: Core, typist: Typist
) -> None:
    assert "Nobody asks" in words(await typist.says("/sora-admin takedown list", MARA))
    kite = await made(core, typist)
    night = await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    rain = await made(core, typist, f"/sora remix {night.id} in the rain", CARO)
    await asked(core, typist, kite)
    of_parent, of_root = [await asked(core, typist, rain, who) for who in (BEN, ANA)]
    lines = words(await typist.says("/sora-admin takedown list", MARA)).splitlines()
    assert "@Ben, whose video it remixes: it shows my logo" in lines[0]
    assert lines[0].startswith(of_parent)
    assert "@Ana, with whose video it began: it shows my logo" in lines[1]
    assert lines[1].startswith(of_root)
    assert len(lines) == 3
    assert (await typist.says("/sora-admin takedown list", BEN)).refused


async def test_one_takedown_grants_all_wishes_about_the_video(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    first, second = await asked(core, typist, kite), await asked(core, typist, kite, BEN)
    await typist.presses("admin takedown yes", {"request": first}, MARA)
    await core.wait(1_000)
    for who in (BEN, CARO):
        assert f"#{kite.id} was taken down, as you asked." in world.chat.told(who)
    late = await typist.presses("admin takedown no", {"request": second}, OLGA)
    assert "approved already, by @Mara" in words(late)
    assert len(world.chat.told(ANA)) == 1


@pytest.mark.parametrize("first, second", [("yes", "no"), ("no", "yes")])
async def test_of_two_admins_at_once_the_first_decides(
    core: Core, typist: Typist, first: str, second: str
) -> None:
    kite = await made(core, typist)
    wish = await asked(core, typist, kite)
    answers = await asyncio.gather(
        typist.presses(f"admin takedown {first}", {"request": wish}, MARA),
        typist.presses(f"admin takedown {second}", {"request": wish}, OLGA),
    )
    assert sorted(one.refused for one in answers) == [False, True]
    async with core.store.reading() as tx:
        decided = await tx.takedowns.get(TENANT, wish)
        records = await tx.audit.newest(TENANT, 9)
    assert decided
    down = (await stand(core, kite)).stand is S.REJECTED
    assert (decided.state == "down") is down
    done = [one for one in records if one.outcome == "done" and "takedown" in one.verb]
    assert [one.change.after for one in done] == [f"{decided.state} #{kite.id}"]


@pytest.mark.parametrize("word", ["yes", "no"])
async def test_a_decision_that_comes_twice_is_one_and_answered_alike(
    core: Core, typist: Typist, word: str
) -> None:
    kite = await made(core, typist)
    wish = await asked(core, typist, kite)
    line = f"/sora-admin takedown {word} {wish}"
    once = await typist.says(line, MARA, interaction="click")
    before = await stand(core, kite)
    twice = await typist.says(line, MARA, interaction="click")
    assert not twice.refused
    assert words(twice) == words(once)
    assert await stand(core, kite) == before


async def test_a_person_asks_once_about_a_video(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    wish = await asked(core, typist, kite)
    again = await typist.says(f"/sora takedown {kite.id} please", CARO)
    assert "You asked the admins about this already" in words(again)
    await typist.presses("admin takedown no", {"request": wish}, MARA)
    again = await typist.says(f"/sora takedown {kite.id} please", CARO)
    assert "denied already, by @Mara" in words(again)


async def test_only_published_videos_of_others_can_be_asked_for(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    own = await typist.says(f"/sora takedown {kite.id} please")
    assert "a video of somebody else" in words(own)
    await typist.says(f"/sora unpublish {kite.id}")
    assert (await typist.says(f"/sora takedown {kite.id} please", CARO)).refused
    stranger = Person(Tenant("web", "other"), "caro", "Eve")
    assert "no job" in words(await typist.says(f"/sora takedown {kite.id} please", stranger))


async def test_nobody_but_an_admin_decides_and_none_of_them_on_their_own_video(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    wish = await asked(core, typist, kite)
    for who in (ANA, BEN, replace(ANA, admin=True), replace(OLGA, tenant=Tenant("web", "other"))):
        for verb in ("yes", "no"):
            said = await typist.presses(f"admin takedown {verb}", {"request": wish}, who)
            assert said.refused
    assert (await stand(core, kite)).stand is S.PUBLISHED


async def test_after_three_in_thirty_days_the_next_videos_begin_under_review(
    core: Core, typist: Typist, world: World
) -> None:
    for number in range(3):
        kite = await made(core, typist)
        assert (await stand(core, kite)).stand is S.PUBLISHED
        assert not [told for told in world.chat.told(ANA) if "3 videos of yours" in told]
        wish = await asked(core, typist, kite)
        await typist.presses("admin takedown yes", {"request": wish}, MARA)
        await core.wait(1_000)
        assert len(world.chat.told(ANA)) == number + 1 + (number == 2)
    assert "3 videos of yours were taken down within 30 days" in world.chat.told(ANA)[-1]
    watched = await made(core, typist)
    assert (await stand(core, watched)).stand is S.DRAFT
    assert not [
        key
        for key, post in world.chat.posts.items()
        if post.message.video and not post.place.private and watched.id in key
    ]
    assert "went to the reviewers" in words(await typist.says(f"/sora publish {watched.id} sure"))
    of_ben = await made(core, typist, person=BEN)
    assert (await stand(core, of_ben)).stand is S.PUBLISHED
    core.clock.advance(WITHIN)
    assert (await stand(core, await made(core, typist))).stand is S.PUBLISHED


async def test_an_author_who_hears_of_a_remix_can_ask_with_one_press(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    await made(core, typist, f"/sora remix {kite.id} at night", BEN)
    await core.wait(11_000)
    [told] = world.chat.in_channel("dm-ana")
    button = next(one for one in told.message.buttons if one.verb == "takedown")
    assert button.asks == "reason"
    said = await typist.presses("takedown", {**button.args, "reason": "not like this"})
    assert "The admins were asked" in words(said)
