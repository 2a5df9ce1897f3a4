"""Drafts, review and publishing, as people say it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.commands.grammar import GRAMMAR, Kind, Verb
from bot.domain.audit import Outcome
from bot.domain.jobs import Job, Wanted
from bot.domain.library import LibraryFilter
from bot.domain.messages import Reply
from bot.domain.refs import Person, Place
from bot.domain.releases import Release, Stand
from tests.fakes.chat import Post
from tests.fakes.core import ANA, BEN, MARA, STUDIO, TENANT, Core, World
from tests.fakes.typist import Typist, words

CARO = Person(TENANT, "caro", "Caro", roles=("reviewers",))
DORA = Person(TENANT, "dora", "Dora", roles=("reviewers",))
ADMINS = Place(TENANT, "admins")
S = Stand


async def made(core: Core, typist: Typist, line: str = "/sora create a red kite") -> Job:
    reply = await typist.says(line)
    assert not reply.refused, words(reply)
    await core.wait(2_000)
    return await core.job(reply.jobs[0])


async def stand(core: Core, job: Job) -> Release:
    async with core.store.reading() as tx:
        release = await tx.releases.get(job.id)
    assert release
    return release


def open_posts(world: World) -> list[Post]:
    """Messages with a video that everybody reads."""
    posts = world.chat.posts.values()
    return [post for post in posts if post.message.video and not post.place.private]


async def refusals(core: Core) -> list[tuple[str, str, str]]:
    async with core.store.reading() as tx:
        found = await tx.audit.newest(TENANT, 100)
    return [(r.actor.id, r.verb, r.reason) for r in found if r.outcome is Outcome.REFUSED]


async def reviewed(typist: Typist) -> None:
    """Everything in the studio begins as a draft, and reviewers publish it."""
    for line in ("drafts all review:yes", "reviewers <@&reviewers|Reviewers>"):
        said = await typist.says(f"/sora-admin {line}", MARA)
        assert not said.refused, words(said)
    await typist.says("/sora-admin settings alerts here", MARA, ADMINS)


def buttons(message_of: Reply | Post) -> list[str]:
    return [button.label for button in message_of.message.buttons]


# --- without reviewers --------------------------------------------------------------------


async def test_without_a_policy_a_video_is_published_at_once(
    core: Core, typist: Typist, world: World
) -> None:
    job = await made(core, typist)
    assert (await stand(core, job)).stand is S.PUBLISHED
    assert len(open_posts(world)) == 1


async def test_a_draft_goes_to_its_author_alone_until_they_publish_it(
    core: Core, typist: Typist, world: World
) -> None:
    await typist.says("/sora-admin drafts all", MARA)
    job = await made(core, typist)
    assert (await stand(core, job)).stand is S.DRAFT
    assert not open_posts(world)
    private = world.chat.posts[f"result/{job.id}"]
    assert private.place.private
    assert "Publish" in buttons(private)
    assert "only its author sees" in world.chat.posts[f"card/{job.id}"].text

    asked = await typist.presses("publish", {"job": job.id})
    assert "✓ You got the video" in words(asked)
    now = asked.message.buttons[0]
    said = await typist.presses(now.verb, dict(now.args))
    assert words(said) == f"#{job.id} is published in #studio."
    await core.wait(1_000)
    [post] = open_posts(world)
    assert "Ana published a video." in post.text
    assert post.place == STUDIO


async def test_a_title_and_tags_come_with_it_and_can_be_changed_later(
    core: Core, typist: Typist, world: World
) -> None:
    job = await made(core, typist)
    published_at = (await stand(core, job)).published_at
    line = f'/sora publish {job.id} title:"The red kite" tags:Dunes,kite sure'
    assert "tells the new words" in words(await typist.says(line))
    await core.wait(1_000)
    [post] = open_posts(world)
    assert post.text.splitlines()[:2] == ["The red kite", "#dunes #kite"]
    after = await stand(core, job)
    assert (after.title, after.tags) == ("The red kite", ("dunes", "kite"))
    assert after.published_at == published_at


@pytest.mark.parametrize(
    "typed, allowed",
    [
        ('title:"' + "x" * 81 + '"', "80 characters"),
        ("tags:" + ",".join(f"t{n}" for n in range(9)), "up to 8 words"),
        ('description:"' + "x" * 501 + '"', "500 characters"),
    ],
)
async def test_words_that_are_too_long_are_refused_with_what_is_allowed(
    core: Core, typist: Typist, typed: str, allowed: str
) -> None:
    job = await made(core, typist)
    said = await typist.says(f"/sora publish {job.id} {typed} sure")
    assert said.refused
    assert allowed in words(said)


async def test_several_are_published_at_once_with_a_result_for_each(
    core: Core, typist: Typist, world: World
) -> None:
    await typist.says("/sora-admin drafts all", MARA)
    first, second = await made(core, typist), await made(core, typist, "/sora create a boat")
    of_ben = await typist.says("/sora create a fox", BEN)
    await core.wait(2_000)
    said = await typist.says(f"/sora publish {first.id} {of_ben.jobs[0]} {second.id} sure")
    lines = words(said).splitlines()
    assert lines[0] == f"#{first.id} is published in #studio."
    assert "somebody else’s" in lines[1]
    assert lines[2] == f"#{second.id} is published in #studio."
    await core.wait(1_000)
    assert len(open_posts(world)) == 2


async def test_all_drafts_are_published_by_one_word(core: Core, typist: Typist) -> None:
    await typist.says("/sora-admin drafts all", MARA)
    await made(core, typist)
    await made(core, typist, "/sora create a boat")
    assert words(await typist.says("/sora publish all sure")).count("is published") == 2
    assert "no drafts" in words(await typist.says("/sora drafts"))


async def test_only_remixes_begin_as_drafts_where_that_is_the_policy(
    core: Core, typist: Typist
) -> None:
    await typist.says("/sora-admin drafts remixes", MARA)
    root = await made(core, typist)
    remix = await made(core, typist, f"/sora remix {root.id} at night")
    assert (await stand(core, root)).stand is S.PUBLISHED
    assert (await stand(core, remix)).stand is S.DRAFT


async def test_a_channel_may_have_another_policy_than_its_workspace(
    core: Core, typist: Typist
) -> None:
    await typist.says("/sora-admin settings drafts all", MARA)
    await typist.says("/sora-admin drafts off", MARA, Place(TENANT, "lobby"))
    draft = await made(core, typist)
    reply = await typist.says("/sora create a boat", place=Place(TENANT, "lobby"))
    await core.wait(2_000)
    assert (await stand(core, draft)).stand is S.DRAFT
    assert (await stand(core, await core.job(reply.jobs[0]))).stand is S.PUBLISHED


async def test_what_repeats_the_video_that_it_changes_is_not_ready(
    core: Core, typist: Typist
) -> None:
    root = await made(core, typist)
    await typist.says("/sora-admin drafts remixes", MARA)
    same = await made(core, typist, f"/sora remix {root.id} A red  kite")
    shown = await typist.says(f"/sora publish {same.id}")
    assert "✗ It repeats the prompt" in words(shown)
    said = await typist.says(f"/sora publish {same.id} sure")
    assert said.refused
    assert "change something first" in words(said)
    assert (await stand(core, same)).stand is S.DRAFT


async def test_an_unpublished_video_leaves_the_chat_and_can_be_published_again(
    core: Core, typist: Typist, world: World
) -> None:
    job = await made(core, typist)
    assert "is a draft now" in words(await typist.says(f"/sora unpublish {job.id}"))
    await core.wait(1_000)
    assert not open_posts(world)
    await typist.says(f"/sora publish {job.id} sure")
    await core.wait(1_000)
    assert len(open_posts(world)) == 1


async def test_a_deleted_video_is_gone_everywhere_and_comes_back_as_a_draft(
    core: Core, typist: Typist, world: World
) -> None:
    job = await made(core, typist)
    await typist.says(f"/sora show {job.id}", BEN, Place(TENANT, "lobby"))
    await core.wait(1_000)
    assert len(open_posts(world)) == 2
    assert "is deleted everywhere" in words(await typist.says(f"/sora delete {job.id}"))
    await core.wait(1_000)
    assert not open_posts(world)
    assert (await typist.says(f"/sora show {job.id}", BEN)).refused
    assert (await typist.says(f"/sora remix {job.id} at night")).refused
    assert job.id in words(await typist.says("/sora drafts deleted"))
    assert "is a draft now" in words(await typist.says(f"/sora restore {job.id}"))
    assert (await stand(core, job)).stand is S.DRAFT


async def test_nobody_deletes_what_is_somebody_elses_but_an_admin(
    core: Core, typist: Typist
) -> None:
    job = await made(core, typist)
    for verb in ("delete", "unpublish"):
        assert "somebody else’s" in words(await typist.says(f"/sora {verb} {job.id}", BEN))
    assert not (await typist.says(f"/sora delete {job.id}", MARA)).refused


async def test_a_private_video_may_be_published_and_then_be_remixed_by_all(
    core: Core, typist: Typist, world: World
) -> None:
    await typist.says("/sora create a red kite private:yes")
    await core.wait(2_000)
    job = await core.job("j000000001")
    assert (await typist.says(f"/sora remix {job.id} at night", BEN)).refused
    await typist.says(f"/sora publish {job.id} sure")
    await core.wait(1_000)
    remix = await typist.says(f"/sora remix {job.id} at night", BEN)
    assert not remix.refused
    await core.wait(2_000)
    assert len(open_posts(world)) == 2


async def test_a_remix_of_a_published_draft_hangs_under_its_published_message(
    core: Core, typist: Typist, world: World
) -> None:
    await typist.says("/sora-admin drafts all", MARA)
    root = await made(core, typist)
    await typist.says(f"/sora publish {root.id} sure")
    await core.wait(1_000)
    await typist.says("/sora-admin drafts off", MARA)
    remix = await made(core, typist, f"/sora remix {root.id} at night")
    [head] = [post for post in open_posts(world) if "published" in post.text]
    assert world.chat.posts[f"result/{remix.id}"].place.thread == head.ref.id


# --- with reviewers -----------------------------------------------------------------------


async def sent(core: Core, typist: Typist) -> Job:
    await reviewed(typist)
    job = await made(core, typist)
    said = await typist.says(f"/sora publish {job.id} sure")
    assert "went to the reviewers" in words(said)
    await core.wait(1_000)
    return job


async def test_a_reviewer_claims_a_draft_and_publishes_it(
    core: Core, typist: Typist, world: World
) -> None:
    job = await sent(core, typist)
    notice = world.chat.posts[f"notice/review/{job.id}/1"]
    assert notice.place == ADMINS
    assert buttons(notice) == ["I review it"]
    claimed = await typist.presses("review claim", {"job": job.id}, CARO)
    assert buttons(claimed) == ["Publish", "Give back …"]
    await core.wait(1_000)
    assert "Caro looks at it" in notice.text
    assert not buttons(notice)
    watched = [post for key, post in world.chat.posts.items() if key.startswith("show/review")]
    assert [post.place.channel for post in watched] == ["dm-caro"]
    said = await typist.presses("review approve", {"job": job.id}, CARO)
    assert words(said) == f"#{job.id} is published."
    await core.wait(1_000)
    assert len(open_posts(world)) == 1
    assert "Caro published your video" in world.chat.posts[f"notice/reviewed/{job.id}/1"].text


async def test_of_two_reviewers_who_press_at_once_one_claims_and_the_other_hears_who_has_it(
    core: Core, typist: Typist
) -> None:
    job = await sent(core, typist)
    first = await typist.presses("review claim", {"job": job.id}, CARO)
    second = await typist.presses("review claim", {"job": job.id}, DORA)
    assert not first.refused
    assert words(second).startswith("@Caro is at this one already")
    for verb in ("review approve", "review reject"):
        said = await typist.presses(verb, {"job": job.id, "reason": "no"}, DORA)
        assert words(said).startswith("@Caro is at this one already")


async def test_whoever_presses_at_the_very_same_moment_one_has_it(
    core: Core, typist: Typist
) -> None:
    job = await sent(core, typist)
    presses = [typist.presses("review claim", {"job": job.id}, who) for who in (CARO, DORA, MARA)]
    said = await asyncio.gather(*presses)
    assert sorted(reply.refused for reply in said) == [False, True, True]
    who = (await stand(core, job)).reviewer
    assert who
    losers = [words(reply) for reply in said if reply.refused]
    assert all(line.startswith(f"@{who.name} is at this one already") for line in losers)


async def test_a_reviewer_gives_a_draft_back_with_a_reason_and_its_author_sends_it_again(
    core: Core, typist: Typist, world: World
) -> None:
    job = await sent(core, typist)
    await typist.says(f"/sora review claim {job.id}", CARO)
    await typist.says(f"/sora review reject {job.id} the logo is wrong", CARO)
    await core.wait(1_000)
    told = world.chat.posts[f"notice/reviewed/{job.id}/1"]
    assert told.place.channel == "dm-ana"
    assert told.message.quote == "the logo is wrong"
    assert not open_posts(world)
    assert "the logo is wrong" in words(await typist.says("/sora drafts"))
    await typist.says(f"/sora publish {job.id} sure")
    await core.wait(1_000)
    assert f"notice/review/{job.id}/2" in world.chat.posts


@pytest.mark.parametrize(
    "who", [BEN, ANA, replace(ANA, roles=("reviewers",)), replace(ANA, admin=True)]
)
@pytest.mark.parametrize("verb", ["review claim", "review approve", "review reject"])
async def test_nobody_decides_on_their_own_draft_and_no_one_but_a_reviewer(
    core: Core, typist: Typist, who: Person, verb: str
) -> None:
    job = await sent(core, typist)
    said = await typist.presses(verb, {"job": job.id, "reason": "fine"}, who)
    assert said.refused
    assert (await stand(core, job)).stand is S.REVIEW
    assert (who.id, verb, "Withheld") in await refusals(core)


BYPASSES = (
    ("show {job}", BEN),
    ("remix {job} at night", BEN),
    ("again {job}", BEN),
    ("sponsor {job} 5", BEN),
    ("publish {job} sure", BEN),
    ("publish {job} sure", ANA),
    ("publish {job} sure to:#studio", ANA),
    ("unpublish {job}", BEN),
    ("delete {job}", BEN),
    ("restore {job}", BEN),
    ("review approve {job}", ANA),
    ("review approve {job}", BEN),
    ("review claim {job}", BEN),
    ("review reject {job} no", BEN),
    ("review list", BEN),
)


@pytest.mark.parametrize("line, who", BYPASSES)
async def test_whoever_tries_to_get_round_the_review_is_refused_and_on_record(
    core: Core, typist: Typist, world: World, line: str, who: Person
) -> None:
    job = await sent(core, typist)
    before = await stand(core, job)
    said = await typist.says("/sora " + line.format(job=job.id), who)
    assert said.refused, words(said)
    await core.wait(2_000)
    assert not open_posts(world)
    assert await stand(core, job) == before
    verb = " ".join(line.split()[:2]) if line.startswith("review") else line.split(maxsplit=1)[0]
    assert (who.id, verb, "Withheld") in await refusals(core)


@pytest.mark.parametrize("line", ["show {job}", "again {job}", "status {job}"])
async def test_what_an_author_does_with_their_draft_shows_it_to_nobody_else(
    core: Core, typist: Typist, world: World, line: str
) -> None:
    job = await sent(core, typist)
    await typist.says("/sora " + line.format(job=job.id))
    await core.wait(2_000)
    assert not open_posts(world)


@pytest.mark.parametrize("who, found", [(ANA, True), (BEN, False), (CARO, True), (MARA, True)])
async def test_a_draft_is_offered_to_its_author_and_reviewers_alone(
    core: Core, typist: Typist, who: Person, *, found: bool
) -> None:
    job = await sent(core, typist)
    offered = await core.videos.suggest(who, STUDIO, "", Wanted.ANY)
    assert (job.id in [one.id for one in offered]) is found


async def test_a_draft_is_not_in_the_gallery(core: Core, typist: Typist) -> None:
    await sent(core, typist)
    async with core.store.reading() as tx:
        assert await tx.library.find(LibraryFilter(BEN)) == ()


async def test_what_a_video_is_not_cannot_be_undone_and_says_what_it_is(
    core: Core, typist: Typist
) -> None:
    job = await made(core, typist)
    assert "this one is published" in words(await typist.says(f"/sora restore {job.id}"))
    await typist.says(f"/sora unpublish {job.id}")
    assert "this one is a draft" in words(await typist.says(f"/sora unpublish {job.id}"))
    await typist.says(f"/sora delete {job.id}")
    assert "it is deleted" in words(await typist.says(f"/sora delete {job.id}"))
    assert "this one is deleted" in words(await typist.says(f"/sora publish {job.id} sure"))


async def test_pictures_that_show_a_deleted_video_go_with_it(
    core: Core, typist: Typist, world: World
) -> None:
    root = await made(core, typist)
    remix = await made(core, typist, f"/sora remix {root.id} at night")
    said = await typist.says(f"/sora tree {root.id} here")
    assert "on its way" in words(said)
    pair = (await typist.says("/sora create a boat n:2")).jobs
    await core.wait(20_000)
    pictures = [post for post in world.chat.posts.values() if post.message.attachments]
    assert len(pictures) == 2
    await typist.says(f"/sora delete {remix.id}")
    await typist.says(f"/sora delete {pair[1]}")
    await core.wait(1_000)
    assert not [post for post in world.chat.posts.values() if post.message.attachments]


JOB_VERBS = [verb for verb in GRAMMAR if any(param.kind is Kind.JOB for param in verb.params)]


def filled(verb: Verb, job: Job) -> dict[str, str]:
    """Something for every argument that has to be there, and each flag."""
    args: dict[str, str] = {}
    for param in verb.params:
        if param.kind is Kind.JOB:
            args[param.name] = job.id
        elif param.kind is Kind.FLAG:
            args[param.name] = "yes"
        elif param.required:
            args[param.name] = (
                "5" if param.kind is Kind.NUMBER else param.choices[0] if param.choices else "words"
            )
    return args


@pytest.mark.parametrize(
    "who", [ANA, BEN, replace(ANA, admin=True)], ids=["author", "other", "boss"]
)
@pytest.mark.parametrize("verb", JOB_VERBS, ids=lambda verb: verb.name)
async def test_no_verb_about_a_video_brings_a_draft_under_review_before_others(
    core: Core, typist: Typist, world: World, verb: Verb, who: Person
) -> None:
    job = await sent(core, typist)
    await typist.presses(verb.name, filled(verb, job), who)
    await core.wait(20_000)
    shown = [post for post in open_posts(world) if f"#{job.id}" in post.text]
    assert not shown
    assert (await stand(core, job)).stand is not S.PUBLISHED
