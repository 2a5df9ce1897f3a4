"""Videos that go from one workspace into another that is linked, as people say it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.jobs import Wanted
from bot.domain.library import LibraryFilter
from bot.domain.links import Link
from bot.domain.refs import Person
from bot.errors import ChatGone, UnknownThing
from bot.ports import JobFilter
from bot.services.panel import Panel
from bot.services.releases import Words
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, TENANT, World
from tests.fakes.pair import (
    DESKS,
    OFFICE,
    OLGA,
    PAUL,
    SHOW,
    TESS,
    THIRD,
    Pair,
    buttons,
    mentioned,
    serving,
)
from tests.fakes.typist import words


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncGenerator[Pair]:
    """Both, with a backend that needs no time."""
    async with serving(World(tmp_path)) as pair:
        yield pair


# --- publishing ---------------------------------------------------------------------------


async def test_a_video_is_published_into_the_gallery_of_a_linked_workspace(pair: Pair) -> None:
    await pair.open()
    job = await pair.made()
    asked = await pair.says(f"/sora publish {job.id} to:slack")
    assert not pair.videos()
    yes = asked.message.buttons[0]
    said = words(await pair.typist.presses(yes.verb, dict(yes.args)))
    await pair.core.wait(2_000)
    assert said == f"#{job.id} appears in the gallery of slack."
    [post] = pair.videos()
    assert post.place == SHOW
    assert post.text.splitlines()[0] == "Ana (web chat) published a video."
    assert mentioned(post.message) == []
    assert buttons(post.message) == {"remix": job.id, "extend": job.id, "status": job.id}
    [own] = pair.videos(pair.home)
    assert own.message.video
    assert post.message.video
    assert own.message.video.path == post.message.video.path


async def test_its_title_comes_with_it_and_is_changed_in_both(pair: Pair) -> None:
    job = await pair.published()
    await pair.does(f'/sora publish {job.id} title:"The red kite" sure')
    for chat in (pair.home, pair.office):
        [post] = pair.videos(chat)
        assert post.text.splitlines()[0] == "The red kite"
    said = await pair.does(f'/sora publish {job.id} to:slack title:"Dusk" sure')
    assert said == f"#{job.id} stands in slack as it is now."
    for chat in (pair.home, pair.office):
        [post] = pair.videos(chat)
        assert post.text.splitlines()[0] == "Dusk"


async def test_without_a_link_there_is_no_such_place(pair: Pair) -> None:
    job = await pair.made()
    said = await pair.says(f"/sora publish {job.id} to:slack sure")
    assert words(said).startswith("There is no channel or linked workspace “slack” here.")


async def test_without_a_gallery_the_publisher_is_told_so(pair: Pair) -> None:
    await pair.link()
    job = await pair.made()
    said = await pair.says(f"/sora publish {job.id} to:slack sure")
    assert said.refused
    assert words(said).startswith("slack has no channel for videos from elsewhere yet.")
    assert not pair.videos()


async def test_a_gallery_that_the_bot_may_not_post_in_takes_none(pair: Pair) -> None:
    await pair.open()
    job = await pair.made()
    pair.office.problems = ("no files in #secret-plans",)
    said = words(await pair.says(f"/sora publish {job.id} to:slack sure"))
    assert said.startswith("The bot cannot post videos in the gallery of slack.")
    assert "secret" not in said


async def test_a_gallery_with_reviewers_takes_none_as_they_cannot_look_at_it(pair: Pair) -> None:
    await pair.open()
    await pair.does("/sora-admin drafts off review:yes", OLGA, SHOW)
    job = await pair.made()
    said = await pair.says(f"/sora publish {job.id} to:slack sure")
    assert words(said).startswith("In slack a reviewer has to agree")
    assert not pair.videos()


async def test_a_draft_is_published_at_home_first(pair: Pair) -> None:
    await pair.open()
    await pair.does("/sora-admin drafts all review:yes", MARA)
    job = await pair.made()
    said = await pair.says(f"/sora publish {job.id} to:slack sure")
    assert words(said).startswith("This is no published video.")
    await pair.does(f"/sora publish {job.id} sure")
    assert (await pair.says(f"/sora publish {job.id} to:slack sure")).refused
    await pair.does(f"/sora review claim {job.id}", MARA)
    await pair.does(f"/sora review approve {job.id}", MARA)
    await pair.does(f"/sora publish {job.id} to:slack sure")
    assert len(pair.videos()) == 1


async def test_what_repeats_the_video_that_it_changes_stays_at_home(pair: Pair) -> None:
    await pair.open()
    root = await pair.made()
    same = await pair.made(f"/sora remix {root.id} a  red Kite")
    said = await pair.says(f"/sora publish {same.id} to:slack sure")
    assert "change something first" in words(said)
    assert not pair.videos()


@pytest.mark.parametrize("who", [BEN, MARA])
async def test_nobody_publishes_across_what_is_somebody_elses(pair: Pair, who: Person) -> None:
    await pair.open()
    job = await pair.made()
    said = await pair.says(f"/sora publish {job.id} to:slack sure", who)
    assert "somebody else’s" in words(said)
    assert not pair.videos()


async def test_whoever_is_blocked_publishes_nothing_across(pair: Pair) -> None:
    await pair.open()
    job = await pair.made()
    await pair.does("/sora-admin block @ana", MARA)
    assert (await pair.says(f"/sora publish {job.id} to:slack sure")).refused
    assert not pair.videos()


async def test_several_workspaces_of_one_kind_of_chat_are_told_apart_by_name(pair: Pair) -> None:
    for admin, name in ((OLGA, "paris"), (TESS, "rome")):
        made = words(await pair.says("/sora-admin link", MARA)).rsplit(" ", 1)[-1]
        await pair.does(f"/sora-admin link {made} name:{name}", admin)
    await pair.does("/sora-admin settings gallery here", OLGA, SHOW)
    job = await pair.made()
    assert "paris or rome" in words(await pair.says(f"/sora publish {job.id} to:slack sure"))
    await pair.does(f"/sora publish {job.id} to:Paris sure")
    assert [post.place.tenant for post in pair.videos()] == [OFFICE]


async def test_videos_go_the_other_way_too(pair: Pair) -> None:
    await pair.link()
    await pair.does("/sora-admin settings gallery here", MARA)
    job = await pair.made(person=PAUL)
    said = await pair.does(f"/sora publish {job.id} to:studio sure", PAUL)
    assert said.endswith("appears in the gallery of studio.")
    [post] = pair.videos(pair.home)
    assert "Paul (Slack) published a video." in post.text
    await pair.does(f"/sora remix {job.id} at night", BEN)
    assert len(pair.videos(pair.home)) == 2


async def test_a_closed_gallery_brings_the_video_to_nobody_else(pair: Pair) -> None:
    await pair.open()
    job = await pair.made()
    pair.office.fails.extend([ChatGone("archived")] * 3)
    await pair.does(f"/sora publish {job.id} to:slack sure")
    await pair.core.wait(60_000)
    assert pair.office.posts == {}


# --- what the other workspace may do ------------------------------------------------------


async def test_people_there_remix_it_with_their_own_credits(pair: Pair) -> None:
    job = await pair.published()
    remix = await pair.made(f"/sora remix {job.id} at night", PAUL)
    assert (remix.person, remix.place) == (PAUL, DESKS)
    assert (remix.remix_of, remix.root) == (job.id, job.id)
    assert await pair.core.purse(PAUL) == (ALLOWANCE - PRICE, 0)
    assert await pair.core.purse(ANA) == (ALLOWANCE - PRICE, 0)
    post = pair.office.posts[f"result/{remix.id}"]
    assert "Remix of Ana’s video (web chat) · started by Ana (web chat)" in post.text
    assert mentioned(post.message) == [PAUL]
    assert await pair.core.faults() == ()
    assert len(pair.videos(pair.home)) == 1


async def test_remixes_hang_under_the_message_of_their_own_workspace(pair: Pair) -> None:
    job = await pair.published()
    [there] = pair.videos()
    theirs = await pair.says(f"/sora remix {job.id} at night", PAUL, SHOW)
    ours = await pair.made(f"/sora remix {job.id} with snow", BEN)
    assert pair.office.posts[f"result/{theirs.jobs[0]}"].place.thread == there.ref.id
    home = pair.home.posts[f"result/{job.id}"]
    assert pair.home.posts[f"result/{ours.id}"].place.thread == home.ref.id


async def test_each_workspace_has_a_head_of_its_thread_with_what_it_knows_of(pair: Pair) -> None:
    job = await pair.published()
    theirs = (await pair.says(f"/sora remix {job.id} at night", PAUL, SHOW)).jobs[0]
    ours = await pair.made(f"/sora remix {job.id} with snow", BEN)
    [head] = [post for key, post in pair.home.posts.items() if key.startswith("banner/")]
    [other] = [post for key, post in pair.office.posts.items() if key.startswith("banner/")]
    assert "Remixes of @Ana’s video" in head.text
    assert "Remixes of Ana’s video (web chat)" in other.text
    assert ours.id in head.text
    assert theirs not in head.text
    assert theirs in other.text
    assert ours.id not in other.text
    await pair.does(f"/sora publish {ours.id} to:slack sure", BEN)
    assert f"#{ours.id}" in other.text
    assert "Ben (web chat)" in other.text
    assert mentioned(other.message) == []


async def test_a_remix_that_goes_across_hangs_under_what_it_changes_there(pair: Pair) -> None:
    job = await pair.published()
    [there] = pair.videos()
    ours = await pair.made(f"/sora remix {job.id} with snow", BEN)
    await pair.does(f"/sora publish {ours.id} to:slack sure", BEN)
    assert pair.videos()[1].place.thread == there.ref.id


async def test_what_was_made_of_a_video_whose_first_one_is_unknown_hangs_under_that_video(
    pair: Pair,
) -> None:
    await pair.open()
    root = await pair.made()
    ours = await pair.made(f"/sora remix {root.id} with snow", BEN)
    await pair.does(f"/sora publish {ours.id} to:slack sure", BEN)
    [there] = pair.videos()
    first = (await pair.says(f"/sora remix {ours.id} at night", PAUL, SHOW)).jobs[0]
    second = (await pair.says(f"/sora remix {first} in rain", PAUL, SHOW)).jobs[0]
    for name in (first, second):
        assert pair.office.posts[f"result/{name}"].place.thread == there.ref.id
    assert (await pair.says(f"/sora show {root.id}", PAUL)).refused


async def test_in_its_thread_there_no_id_is_needed(pair: Pair) -> None:
    job = await pair.published()
    [there] = pair.videos()
    thread = replace(SHOW, thread=there.ref.id)
    first = (await pair.says("/sora remix at night", PAUL, thread)).jobs[0]
    second = (await pair.says("/sora remix in rain", PAUL, thread)).jobs[0]
    assert (await pair.core.job(first)).remix_of == job.id
    assert (await pair.core.job(second)).remix_of == first


async def test_it_is_shown_again_there_and_tells_nothing_of_money(pair: Pair) -> None:
    job = await pair.published()
    said = await pair.does(f"/sora show {job.id[:6]}", PAUL)
    assert "Ana (web chat) published a video." in said
    assert [post.place for post in pair.videos()] == [SHOW, DESKS]
    details = await pair.says(f"/sora status {job.id}", PAUL)
    assert "Ana (web chat)" in words(details)
    assert "credits" not in words(details)
    assert details.message.quote == "a red kite"
    assert mentioned(details.message) == []


async def test_a_sponsor_there_pays_for_remixes_there_alone(pair: Pair) -> None:
    job = await pair.published()
    await pair.does(f"/sora sponsor {job.id} 500", OLGA)
    await pair.does(f"/sora remix {job.id} at night", PAUL)
    await pair.does(f"/sora remix {job.id} at night", BEN)
    assert await pair.core.purse(PAUL) == (0, 0), "he needed no purse of his own yet"
    assert await pair.core.purse(OLGA) == (ALLOWANCE - 500, 0)
    assert await pair.core.purse(BEN) == (ALLOWANCE - PRICE, 0)
    assert await pair.core.faults() == ()


# --- the family ---------------------------------------------------------------------------


async def test_both_see_one_tree_with_what_stands_in_their_own_workspace(pair: Pair) -> None:
    job = await pair.published()
    theirs = await pair.made(f"/sora remix {job.id} at night", PAUL)
    ours = await pair.made(f"/sora remix {job.id} with snow", BEN)
    seen = [await pair.does(f"/sora tree {job.id}", who) for who in (ANA, PAUL)]
    home, there = seen
    assert home.splitlines()[0].startswith("Remixes of @Ana’s video")
    assert there.splitlines()[0].startswith("Remixes of Ana’s video (web chat)")
    for said, own, other in ((home, ours, theirs), (there, theirs, ours)):
        assert own.id in said
        assert other.id not in said
        assert other.spec.prompt not in said
        assert said.count("private") == 1
    await pair.does(f"/sora publish {ours.id} to:slack sure", BEN)
    there = await pair.does(f"/sora tree {theirs.id}", PAUL)
    assert f"Ben (web chat) · with snow · #{ours.id}" in there
    assert "private" not in there


async def test_what_was_made_there_comes_home_when_it_is_published_back(pair: Pair) -> None:
    job = await pair.published()
    await pair.does("/sora-admin settings gallery here", MARA)
    theirs = await pair.made(f"/sora remix {job.id} at night", PAUL)
    await pair.does(f"/sora publish {theirs.id} to:studio sure", PAUL)
    post = pair.videos(pair.home)[-1]
    assert "Paul (Slack) published a video." in post.text
    assert "Remix of @Ana’s video · started by @Ana" in post.text
    assert post.place.thread == pair.home.posts[f"result/{job.id}"].ref.id
    said = await pair.does(f"/sora tree {job.id}")
    assert f"Paul (Slack) · at night · #{theirs.id}" in said


async def test_a_picture_of_the_family_there_goes_with_the_video(pair: Pair) -> None:
    job = await pair.published()
    await pair.does(f"/sora tree {job.id} here", PAUL, SHOW)
    assert any(key.startswith("tree/") for key in pair.office.posts)
    assert "Remixes of Ana’s video (web chat)" in pair.office.in_channel("C1")[-1].text
    await pair.does(f"/sora unpublish {job.id}", OLGA)
    assert pair.office.posts == {}
    assert (await pair.says(f"/sora tree {job.id}", PAUL)).refused


async def test_a_family_whose_first_video_does_not_stand_there_is_grey_at_its_root(
    pair: Pair,
) -> None:
    await pair.open()
    root = await pair.made()
    ours = await pair.made(f"/sora remix {root.id} with snow", BEN)
    await pair.does(f"/sora publish {ours.id} to:slack sure", BEN)
    reply = await pair.says(f"/sora tree {ours.id}", PAUL)
    assert words(reply).splitlines()[:2] == ["Remixes of a private video · 1 remix", "private"]
    assert root.id not in repr(reply.message.lines)
    assert root.id not in repr(reply.message.buttons)
    assert (await pair.says(f"/sora tree {ours.id} here", PAUL)).refused


# --- what it may not ----------------------------------------------------------------------

TRIES = (
    "again {job}",
    "finalize {job}",
    "retry {job}",
    "check {job}",
    "cancel {job}",
    "publish {job} sure",
    "delete {job}",
    "restore {job}",
    "review claim {job}",
    "review approve {job}",
    "review reject {job} no",
)
ADMINS_TRY = ("refund {job}", "resolve {job} not-made")
LOOKS = ("show {job}", "status {job}", "tree {job}", "remix {job} at night", "sponsor {job} 5")


@pytest.mark.parametrize("line", TRIES)
@pytest.mark.parametrize("who", [PAUL, OLGA])
async def test_nobody_there_does_what_is_for_its_own_workspace(
    pair: Pair, line: str, who: Person
) -> None:
    job = await pair.published()
    before, rows = await pair.core.job(job.id), await pair.rows(job)
    said = await pair.says("/sora " + line.format(job=job.id), who)
    assert "There is no job" in words(said)
    assert (await pair.core.job(job.id), await pair.rows(job)) == (before, rows)


@pytest.mark.parametrize("line", ADMINS_TRY)
async def test_no_admin_there_settles_or_refunds_it(pair: Pair, line: str) -> None:
    job = await pair.published()
    said = await pair.says("/sora-admin " + line.format(job=job.id), OLGA)
    assert "There is no job" in words(said)
    assert await pair.core.purse(ANA) == (ALLOWANCE - PRICE, 0)


@pytest.mark.parametrize("line", [*LOOKS, *TRIES, "unpublish {job}"])
@pytest.mark.parametrize("who", [PAUL, OLGA, TESS])
async def test_before_it_is_published_there_it_is_unknown(
    pair: Pair, line: str, who: Person
) -> None:
    await pair.open()
    job = await pair.made()
    for typed in (job.id, job.id[:6]):
        said = await pair.says("/sora " + line.format(job=typed), who)
        assert "There is no job" in words(said)
    assert not pair.office.posts
    async with pair.core.store.reading() as tx:
        assert await tx.jobs.list(JobFilter(who.tenant)) == ()


@pytest.mark.parametrize("line", LOOKS)
async def test_it_is_known_in_no_third_workspace(pair: Pair, line: str) -> None:
    job = await pair.published()
    await pair.link(TESS)
    assert "There is no job" in words(await pair.says("/sora " + line.format(job=job.id), TESS))


@pytest.mark.parametrize("line", LOOKS)
@pytest.mark.parametrize("end", ["/sora unpublish {job}", "/sora delete {job}"])
async def test_once_it_is_taken_back_at_home_it_is_unknown_there_and_gone(
    pair: Pair, line: str, end: str
) -> None:
    job = await pair.published()
    await pair.does(f"/sora show {job.id}", PAUL)
    await pair.does(f"/sora remix {job.id} at night", PAUL, SHOW)
    await pair.does(end.format(job=job.id))
    [left] = pair.videos()
    assert "result/" in next(key for key, post in pair.office.posts.items() if post is left)
    assert not any(key.startswith("banner/") for key in pair.office.posts)
    assert "There is no job" in words(await pair.says("/sora " + line.format(job=job.id), PAUL))


async def test_taken_back_at_home_it_can_be_published_in_both_again(pair: Pair) -> None:
    job = await pair.published()
    await pair.does(f"/sora unpublish {job.id}")
    assert not pair.videos()
    await pair.does(f"/sora publish {job.id} sure")
    assert not pair.videos()
    await pair.does(f"/sora publish {job.id} to:slack sure")
    assert len(pair.videos()) == 1


async def test_a_remix_there_of_what_is_gone_is_not_made_again(pair: Pair) -> None:
    job = await pair.published()
    remix = await pair.made(f"/sora remix {job.id} at night", PAUL)
    await pair.does(f"/sora again {remix.id}", PAUL)
    await pair.does(f"/sora unpublish {job.id}")
    assert "There is no job" in words(await pair.says(f"/sora again {remix.id}", PAUL))
    await pair.does(f"/sora show {remix.id}", PAUL)


@pytest.mark.parametrize("line", LOOKS)
async def test_after_unlinking_the_message_stays_but_nothing_new_is_made_of_it(
    pair: Pair, line: str
) -> None:
    job = await pair.published()
    await pair.does("/sora-admin unlink slack", MARA)
    assert len(pair.videos()) == 1
    assert "There is no job" in words(await pair.says("/sora " + line.format(job=job.id), PAUL))
    assert (await pair.says(f"/sora publish {job.id} to:slack sure")).refused
    await pair.does(f'/sora publish {job.id} title:"News" sure')
    assert "News" not in pair.videos()[0].text
    await pair.does(f"/sora unpublish {job.id}")
    assert not pair.videos()


async def test_signs_on_its_message_there_count_as_long_as_both_are_linked(pair: Pair) -> None:
    job = await pair.published()
    [post] = pair.videos()
    await pair.typist.reacts("⭐", post.ref, PAUL)
    await pair.does("/sora-admin unlink slack", MARA)
    await pair.typist.reacts("⭐", post.ref, OLGA)
    async with pair.core.store.reading() as tx:
        assert await tx.likes.has(job.id, PAUL)
        assert not await tx.likes.has(job.id, ANA)
        assert await tx.likes.count(job.id) == 1


@pytest.mark.parametrize("who", ["team", "nobody"])
async def test_people_there_remix_only_what_its_author_lets_everyone_remix(
    pair: Pair, who: str
) -> None:
    job = await pair.published()
    await pair.does(f"/sora remixers {job.id} {who}")
    said = await pair.says(f"/sora remix {job.id} at night", PAUL)
    assert said.refused
    assert f"remix #{job.id}" in words(said)
    async with pair.core.store.reading() as tx:
        assert await tx.jobs.list(JobFilter(OFFICE)) == ()
        assert await tx.asks.waiting(ANA, 9) == ()


async def test_a_link_that_ended_meanwhile_lets_nothing_through(pair: Pair) -> None:
    await pair.open()
    job = await pair.made()
    link = await pair.typist.services.links.meant(ANA, "slack")
    await pair.does("/sora-admin unlink studio", OLGA)
    with pytest.raises(UnknownThing):
        await pair.core.abroad.publish(ANA, job.id, link, Words())
    forged = Link(TENANT, THIRD, "rome", link.at)
    with pytest.raises(UnknownThing):
        await pair.core.abroad.publish(ANA, job.id, forged, Words())


async def test_an_admin_there_takes_it_out_of_their_workspace_alone(pair: Pair) -> None:
    job = await pair.published()
    assert "somebody else’s" in words(await pair.says(f"/sora unpublish {job.id}", PAUL))
    assert len(pair.videos()) == 1
    await pair.does("/sora-admin unlink studio", OLGA)
    said = await pair.does(f"/sora unpublish {job.id}", OLGA)
    assert said == f"#{job.id} is taken out of this workspace. In its own nothing changes."
    assert not pair.videos()
    assert len(pair.videos(pair.home)) == 1
    assert "There is no job" in words(await pair.says(f"/sora unpublish {job.id}", OLGA))


async def test_lists_there_name_none_of_its_jobs_but_its_gallery_does(pair: Pair) -> None:
    job = await pair.published()
    hidden = await pair.made("/sora create a fox")
    for line in ("jobs all", "queue", "drafts", "quota"):
        said = words(await pair.says(f"/sora {line}", OLGA))
        assert job.id not in said
        assert hidden.id not in said
    said = words(await pair.says("/sora-admin jobs all", OLGA))
    assert job.id not in said
    services = pair.typist.services
    found = await pair.core.videos.suggest(OLGA, SHOW, "", Wanted.FINISHED)
    assert found == ()
    panel = Panel(pair.core.store, pair.core.quotas, services.reports, services.charts, ())
    shown, _ = await panel.gallery(LibraryFilter(OLGA))
    assert [one.found.job.id for one in shown] == [job.id]
    assert list(await panel.jobs(OLGA, 9)) == []
