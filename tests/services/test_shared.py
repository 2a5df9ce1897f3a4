"""What people of a linked workspace ask of authors and admins, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.domain.audit import Record
from bot.domain.jobs import Job
from bot.domain.permits import LIVES
from bot.domain.refs import Person, Place, Tenant
from bot.domain.releases import Stand
from bot.ports import JobFilter
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, TENANT, World
from tests.fakes.pair import DESKS, OFFICE, OLGA, PAUL, SHOW, Pair, buttons, serving
from tests.fakes.typist import words


@pytest.fixture
async def pair(tmp_path: Path, store_url: str) -> AsyncGenerator[Pair]:
    """Both workspaces, linked where a test links them."""
    async with serving(World(tmp_path, store_url)) as pair:
        yield pair
        assert await pair.core.faults() == ()


async def asking(pair: Pair, line: str = "at night") -> tuple[Job, str]:
    """Ana wants to be asked, and Paul of the office would like to remix her video."""
    job = await pair.published()
    await pair.does(f"/sora remixers {job.id} ask")
    said = await pair.does(f"/sora remix {job.id} {line}", PAUL)
    assert "I asked Ana (web chat) whether you may remix" in said
    async with pair.core.store.reading() as tx:
        [ask] = await tx.asks.waiting(ANA, 9)
    return job, ask.id


async def presses(pair: Pair, verb: str, ask: str, **more: str) -> str:
    """What Ana is answered."""
    reply = await pair.typist.presses(verb, {"request": ask, **more})
    await pair.core.wait(2_000)
    return words(reply)


async def orders(pair: Pair) -> tuple[Job, ...]:
    """All of the office."""
    async with pair.core.store.reading() as tx:
        return await tx.jobs.list(JobFilter(OFFICE))


async def records(pair: Pair, tenant: Tenant) -> list[Record]:
    """What the audit of a workspace has."""
    async with pair.core.store.reading() as tx:
        return list(await tx.audit.newest(tenant, 99))


async def stand(pair: Pair, job: Job) -> Stand:
    """Where a video stands at home."""
    async with pair.core.store.reading() as tx:
        release = await tx.releases.get(job.id)
    assert release
    return release.stand


# --- authors who are asked ----------------------------------------------------------------


async def test_an_author_is_asked_where_they_live_and_nothing_is_held_meanwhile(
    pair: Pair,
) -> None:
    job, ask = await asking(pair)
    post = pair.home.posts[f"notice/ask/{ask}"]
    assert post.place == Place(TENANT, "dm-ana", private=True)
    assert f"Paul (Slack) would like to remix your video #{job.id}" in post.text
    assert post.message.quote == "at night"
    labels = [button.label for button in post.message.buttons]
    assert labels == ["Let them", "No, thanks …", "Always let Paul (Slack)"]
    assert "Paul (Slack)" in await pair.does("/sora asks")
    assert "Ana (web chat)" in await pair.does("/sora asks", PAUL)
    assert await orders(pair) == ()
    assert await pair.core.purse(PAUL) == (0, 0)


async def test_a_yes_orders_and_charges_in_the_workspace_of_whoever_asked(pair: Pair) -> None:
    job, ask = await asking(pair)
    before = await pair.core.purse(ANA)
    assert "You said yes" in await presses(pair, "allow", ask)
    [remix] = await orders(pair)
    assert (remix.person, remix.place, remix.remix_of) == (PAUL, DESKS, job.id)
    assert await pair.core.purse(PAUL) == (ALLOWANCE - PRICE, 0)
    assert await pair.core.purse(ANA) == before
    told = pair.office.posts[f"notice/permitted/{ask}"]
    assert told.place.channel == f"dm-{PAUL.id}"
    assert told.text == f"Ana (web chat) lets you remix #{job.id}. Your order is on its way."
    assert pair.office.posts[f"result/{remix.id}"].place.channel == DESKS.channel
    again = await pair.does(f"/sora remix {job.id} in rain", PAUL)
    assert "I asked" in again, "a yes is to one order"


async def test_always_lets_whoever_asked_until_both_are_no_longer_linked(pair: Pair) -> None:
    job, ask = await asking(pair)
    await presses(pair, "allow", ask, always="yes")
    assert (await pair.says(f"/sora remix {job.id} in rain", PAUL)).jobs
    assert "I asked" in await pair.does(f"/sora remix {job.id} in rain", OLGA)
    await pair.does("/sora-admin unlink studio", OLGA)
    assert (await pair.says(f"/sora remix {job.id} in snow", PAUL)).refused
    assert len(await orders(pair)) == 2


async def test_a_no_comes_back_with_its_reason(pair: Pair) -> None:
    job, ask = await asking(pair)
    await presses(pair, "decline", ask, reason="it is for a client")
    told = pair.office.posts[f"notice/permitted/{ask}"]
    assert f"Ana (web chat) would rather not have you remix #{job.id}" in told.text
    assert told.message.quote == "it is for a client"
    assert await orders(pair) == ()


async def test_nobody_else_decides_and_her_namesake_least_of_all(pair: Pair) -> None:
    _, ask = await asking(pair)
    for who in (PAUL, OLGA, BEN, MARA):
        reply = await pair.typist.presses("allow", {"request": ask}, who)
        assert reply.refused, who
    assert await orders(pair) == ()


@pytest.mark.parametrize("who, line", [(MARA, "unlink slack"), (OLGA, "unlink studio")])
async def test_unlinking_ends_what_was_asked_and_tells_both(
    pair: Pair, who: Person, line: str
) -> None:
    job, ask = await asking(pair)
    await pair.does(f"/sora-admin {line}", who)
    told = pair.office.posts[f"notice/permitted/{ask}"].text
    assert told == (
        "Your workspace and that of Ana (web chat) are no longer linked. "
        f"Your order for #{job.id} ended without an answer, and nothing was charged."
    )
    over = pair.home.posts[f"notice/lapsed/{ask}"].text
    assert over.startswith("Paul (Slack) asked whether they may remix your video")
    assert "no longer linked" in over
    asked = pair.home.posts[f"notice/ask/{ask}"]
    assert "nothing to decide" in asked.text
    assert not asked.message.buttons
    assert "both workspaces are no longer linked" in await presses(pair, "allow", ask)
    assert await orders(pair) == ()
    await pair.link()
    assert "no longer linked" in await presses(pair, "allow", ask), "it does not come back"


async def test_a_yes_at_the_moment_of_unlinking_is_an_order_or_none_but_never_both(
    pair: Pair,
) -> None:
    _, ask = await asking(pair)
    said, _ = await asyncio.gather(
        pair.typist.presses("allow", {"request": ask}),
        pair.typist.says("/sora-admin unlink slack", MARA),
    )
    await pair.core.wait(2_000)
    told = pair.office.posts[f"notice/permitted/{ask}"].text
    made = await orders(pair)
    assert bool(made) == (not said.refused) == ("on its way" in told)


async def test_a_yes_to_what_was_taken_out_meanwhile_orders_nothing_and_says_why(
    pair: Pair,
) -> None:
    job, ask = await asking(pair)
    await pair.does(f"/sora unpublish {job.id}", OLGA)
    said = await presses(pair, "allow", ask)
    assert "it could not be ordered yet. Paul (Slack) was told why" in said
    told = pair.office.posts[f"notice/permitted/{ask}"].text
    assert f"#{job.id} is not shared between both workspaces any more" in told
    assert await orders(pair) == ()
    assert await pair.core.purse(PAUL) == (0, 0)


async def test_what_somebody_elsewhere_lacks_is_their_own_business(pair: Pair) -> None:
    _, ask = await asking(pair)
    await pair.does("/sora-admin drain all lent to the neighbours", OLGA)
    said = await presses(pair, "allow", ask)
    assert "neighbours" not in said
    assert "was told why" in said
    assert "neighbours" in pair.office.posts[f"notice/permitted/{ask}"].text
    assert await orders(pair) == ()


async def test_what_nobody_decides_lapses_on_both_sides(pair: Pair) -> None:
    job, ask = await asking(pair)
    pair.core.clock.advance(LIVES)
    assert await pair.core.asks.tidy() == 1
    await pair.core.work()
    assert "Paul (Slack) asked a week ago" in pair.home.posts[f"notice/lapsed/{ask}"].text
    told = pair.office.posts[f"notice/permitted/{ask}"].text
    assert f"Ana (web chat) did not answer within 7 days whether you may remix #{job.id}" in told


async def test_a_question_is_kept_over_a_restart_and_the_yes_still_counts(
    tmp_path: Path, store_url: str
) -> None:
    world = World(tmp_path, store_url)
    async with serving(world) as pair:
        _, ask = await asking(pair)
    async with serving(world) as pair:
        assert "You said yes" in await presses(pair, "allow", ask)
        [remix] = await orders(pair)
        assert remix.person == PAUL


# --- videos that should go ----------------------------------------------------------------


async def reported(pair: Pair) -> tuple[Job, str]:
    """Paul would like Ana's video to go; both workspaces have a channel for alerts."""
    job = await pair.published()
    await pair.does("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await pair.does("/sora-admin settings alerts here", OLGA, Place(OFFICE, "bosses"))
    said = await pair.does(f"/sora takedown {job.id} it shows my logo", PAUL)
    assert said.startswith(f"The admins of its own workspace were asked to take down #{job.id}.")
    async with pair.core.store.reading() as tx:
        [wish] = await tx.takedowns.open(TENANT, 9)
        assert await tx.takedowns.open(OFFICE, 9) == ()
    return job, wish.id


async def test_a_wish_goes_to_the_admins_of_the_videos_own_workspace(pair: Pair) -> None:
    job, wish = await reported(pair)
    post = pair.home.posts[f"notice/takedown/{wish}"]
    assert post.place == Place(TENANT, "admins")
    assert f"Paul (Slack) asks for a takedown of #{job.id} by @Ana" in post.text
    assert not any(post.place.channel == "bosses" for post in pair.office.posts.values())
    assert "it shows my logo" in await pair.does("/sora-admin takedown list", MARA)
    assert "Nobody asks" in await pair.does("/sora-admin takedown list", OLGA)


async def test_a_yes_takes_it_out_of_both_and_the_outcome_comes_back(pair: Pair) -> None:
    job, wish = await reported(pair)
    await pair.does(f"/sora-admin takedown yes {wish}", MARA)
    assert pair.videos() == []
    assert pair.videos(pair.home) == []
    told = pair.office.posts[f"notice/takedown/told/{wish}"]
    assert told.place.channel == f"dm-{PAUL.id}"
    assert told.text == f"#{job.id} was taken down, as you asked."
    assert await stand(pair, job) is Stand.REJECTED
    async with pair.core.store.reading() as tx:
        assert len(await tx.takedowns.strikes(ANA, 0)) == 1
        assert await tx.takedowns.strikes(PAUL, 0) == ()


async def test_a_no_comes_back_too_and_the_video_stays_in_both(pair: Pair) -> None:
    job, wish = await reported(pair)
    await pair.does(f"/sora-admin takedown no {wish} it is ours", MARA)
    told = pair.office.posts[f"notice/takedown/told/{wish}"]
    assert f"An admin looked at #{job.id} and keeps it." in told.text
    assert told.message.quote == "it is ours"
    assert len(pair.videos()) == len(pair.videos(pair.home)) == 1


@pytest.mark.parametrize("verb", ["yes", "no"])
async def test_no_admin_of_the_other_workspace_decides(pair: Pair, verb: str) -> None:
    job, wish = await reported(pair)
    reply = await pair.says(f"/sora-admin takedown {verb} {wish}", OLGA)
    assert reply.refused
    assert await stand(pair, job) is Stand.PUBLISHED
    assert len(pair.videos()) == 1


async def test_nobody_reports_what_does_not_stand_in_their_workspace(pair: Pair) -> None:
    await pair.open()
    job = await pair.made()
    said = await pair.says(f"/sora takedown {job.id} no", PAUL)
    assert "There is no job" in words(said)


async def test_whoever_made_what_a_video_elsewhere_was_made_of_has_a_claim(pair: Pair) -> None:
    job = await pair.published()
    await pair.does("/sora-admin settings gallery here", MARA)
    theirs = await pair.made(f"/sora remix {job.id} at night", PAUL)
    await pair.does(f"/sora publish {theirs.id} to:studio sure", PAUL)
    await pair.does(f"/sora takedown {theirs.id} not like that", ANA)
    said = await pair.does("/sora-admin takedown list", OLGA)
    assert "Ana (web chat), whose video it remixes" in said


# --- what admins there can do -------------------------------------------------------------


async def test_an_admin_there_takes_it_out_of_their_channels_alone_and_that_is_on_record(
    pair: Pair,
) -> None:
    job = await pair.published()
    await pair.does(f"/sora show {job.id}", PAUL)
    details = await pair.says(f"/sora status {job.id}", OLGA)
    assert buttons(details.message)["unpublish"] == job.id
    reply = await pair.typist.presses("unpublish", {"job": job.id}, OLGA)
    await pair.core.wait(2_000)
    assert words(reply).startswith(f"#{job.id} is taken out of this workspace.")
    assert pair.videos() == []
    assert len(pair.videos(pair.home)) == 1
    assert await stand(pair, job) is Stand.PUBLISHED
    [record, *_] = await records(pair, OFFICE)
    assert (record.actor, record.verb) == (OLGA, "unpublish")
    assert (record.change.subject, record.change.after) == (f"#{job.id}", "taken out")
    assert f"unpublish · #{job.id}: taken out" in await pair.does("/sora-admin audit", OLGA)
    assert not [one for one in await records(pair, TENANT) if one.verb == "unpublish"]


async def test_others_there_are_offered_to_report_it_but_not_to_take_it_out(pair: Pair) -> None:
    job = await pair.published()
    details = await pair.says(f"/sora status {job.id}", PAUL)
    assert set(buttons(details.message)) == {"remix", "extend", "takedown"}
    reply = await pair.typist.presses("unpublish", {"job": job.id}, PAUL)
    assert "somebody else’s" in words(reply)
    assert [post.place for post in pair.videos()] == [SHOW]


async def test_an_admin_there_who_reports_it_can_take_it_out_at_once(pair: Pair) -> None:
    job = await pair.published()
    reply = await pair.says(f"/sora takedown {job.id} not here", OLGA)
    [out] = reply.message.buttons
    assert (out.verb, dict(out.args)) == ("unpublish", {"job": job.id})


async def test_of_two_admins_who_take_it_out_at_once_one_did(pair: Pair) -> None:
    job = await pair.published()
    said = await asyncio.gather(
        *(pair.typist.presses("unpublish", {"job": job.id}, OLGA) for _ in range(2))
    )
    assert sorted(reply.refused for reply in said) == [False, True]
    done = [one for one in await records(pair, OFFICE) if one.change.after == "taken out"]
    assert len(done) == 1


# --- the library --------------------------------------------------------------------------


async def test_the_library_there_has_what_was_published_in_it_with_who_made_it(
    pair: Pair,
) -> None:
    job = await pair.published()
    hidden = await pair.made("/sora create a red fox")
    for line in ("library", "search red", "top", "search red order:best"):
        said = await pair.does(f"/sora {line}", PAUL)
        assert f"#{job.id}" in said
        assert "Ana (web chat)" in said
        assert hidden.id not in said
        at_home = await pair.does(f"/sora {line}", BEN)
        assert hidden.id in at_home
        assert "@Ana" in at_home
    mine = words(await pair.says("/sora library mine", PAUL))
    assert job.id not in mine, "her id is his, but her videos are not"


async def test_a_page_there_shows_plays_and_likes_what_it_lists(pair: Pair) -> None:
    job = await pair.published()
    reply = await pair.says("/sora library", PAUL)
    show = reply.message.buttons[0]
    assert (show.verb, show.args["job"]) == ("show", job.id)
    await pair.does(f"/sora show {job.id}", PAUL)
    assert "You like" in await pair.does(f"/sora like {job.id}", PAUL)
    assert "♥ 1" in await pair.does("/sora library liked", PAUL)
    assert "♥ 1" in await pair.does("/sora library")


@pytest.mark.parametrize(
    "line, who",
    [
        ("/sora unpublish {}", ANA),
        ("/sora delete {}", ANA),
        ("/sora unpublish {}", OLGA),
        ("/sora-admin unlink slack", MARA),
    ],
)
async def test_what_no_longer_stands_there_is_not_found_there(
    pair: Pair, line: str, who: Person
) -> None:
    job = await pair.published()
    await pair.does(line.format(job.id), who)
    for typed in ("library", "search kite"):
        assert job.id not in words(await pair.says(f"/sora {typed}", PAUL))


async def test_an_export_has_only_videos_of_the_own_workspace(pair: Pair) -> None:
    job = await pair.published()
    assert not (await pair.says("/sora export", PAUL)).message.attachments
    own = await pair.made("/sora create a harbour", PAUL)
    [file] = (await pair.says("/sora export", PAUL)).message.attachments
    with ZipFile(BytesIO(file.content)) as archive:
        told = b"".join(archive.read(name) for name in archive.namelist())
    assert own.id.encode() in told
    assert job.id.encode() not in told
