"""Looking through finished videos, and liking them, as people say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.commands.threads import SILENCE
from bot.domain.jobs import Job
from bot.domain.messages import Reply
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.ports import JobFilter
from bot.services.showing import shown
from tests.fakes.core import ANA, BEN, MARA, TENANT, Core, World, running
from tests.fakes.typist import Typist, words

ELSEWHERE = Tenant("web", "elsewhere")
GENERAL = Place(TENANT, "general")
EVE = Person(ELSEWHERE, "eve", "Eve")


async def made(
    core: Core, typist: Typist, prompt: str, person: Person = ANA, place: Place | None = None
) -> Job:
    line = f"/sora create {prompt}"
    reply = await (typist.says(line, person, place) if place else typist.says(line, person))
    assert not reply.refused, words(reply)
    await core.wait(2_000)
    async with core.store.reading() as tx:
        (newest,) = await tx.jobs.list(JobFilter(TENANT, limit=1))
    return newest


def listed(reply: Reply) -> Sequence[str]:
    """Ids of the videos in a list, in order."""
    return [line.split()[0].removeprefix("#") for line in words(reply).splitlines()]


async def test_the_library_lists_what_was_made_the_newest_first(core: Core, typist: Typist) -> None:
    first = await made(core, typist, "a red kite")
    second = await made(core, typist, "a paper boat", BEN)
    reply = await typist.says("/sora library", MARA)
    assert listed(reply) == [second.id, first.id]
    assert "a paper boat · @Ben" in words(reply)
    assert [(one.verb, one.args["job"]) for one in reply.message.buttons] == [
        ("show", second.id),
        ("show", first.id),
    ]


async def test_words_find_a_video_and_nothing_else(core: Core, typist: Typist) -> None:
    kite = await made(core, typist, "a red kite over dunes")
    await made(core, typist, "a paper boat")
    assert listed(await typist.says("/sora search KITE dune")) == [kite.id]
    assert "Try fewer words" in words(await typist.says("/sora search submarine"))
    assert listed(await typist.says('/sora search "kite')) == [kite.id]


async def test_options_narrow_a_search(core: Core, typist: Typist) -> None:
    kite = await made(core, typist, "a red kite")
    other = await made(core, typist, "a blue kite", BEN, GENERAL)
    assert listed(await typist.says("/sora search kite author:@ben")) == [other.id]
    assert listed(await typist.says("/sora library mine")) == [kite.id]
    assert listed(await typist.says("/sora library channel")) == [kite.id]
    assert listed(await typist.says("/sora library channel", ANA, GENERAL)) == [other.id]
    assert listed(await typist.says("/sora library since:7d")) == [other.id, kite.id]
    assert "Try fewer" in words(await typist.says("/sora library until:2001-01-01"))
    refused = await typist.says("/sora library since:yesterday-ish")
    assert refused.refused
    assert "2026-11-01" in words(refused)


async def test_a_draft_is_found_by_its_author_alone(core: Core, typist: Typist) -> None:
    draft = await made(core, typist, "a secret kite private:yes")
    assert listed(await typist.says("/sora library drafts")) == [draft.id]
    assert listed(await typist.says("/sora library mine")) == [draft.id]
    assert "draft" in words(await typist.says("/sora library mine"))
    for line in (
        "/sora library",
        "/sora library drafts",
        "/sora search kite",
        "/sora library mine",
    ):
        assert draft.id not in words(await typist.says(line, BEN))


async def test_more_leads_through_all_pages_also_after_a_restart(world: World) -> None:
    async with running(world) as core:
        typist = Typist(core)
        made_ = [await made(core, typist, f"kite number {n}") for n in range(12)]
        first = await typist.says("/sora search kite number")
    newest = [job.id for job in reversed(made_)]
    assert listed(first) == newest[:10]
    more = first.message.buttons[-1]
    assert (more.verb, more.label) == ("page", "More")
    async with running(world) as core:
        typist = Typist(core)
        second = await typist.presses(more.verb, dict(more.args))
        assert listed(second) == newest[10:]
        assert "page" not in [button.verb for button in second.message.buttons]
        # Who presses sees with their own eyes, and in another workspace nothing.
        assert listed(await typist.presses(more.verb, dict(more.args), BEN)) == newest[10:]
        assert (await typist.presses(more.verb, dict(more.args), EVE)).refused


@pytest.mark.parametrize("request_", ["", "1", "x-1-1", "9-1-1", "1-1", "1--1", "9" * 30 + "-1-1"])
async def test_a_page_that_there_is_not_is_refused(typist: Typist, request_: str) -> None:
    assert (await typist.presses("page", {"request": request_})).refused


async def test_a_like_counts_once_and_can_be_taken_back(core: Core, typist: Typist) -> None:
    kite = await made(core, typist, "a red kite")
    assert "♥ 1" in words(await typist.says(f"/sora like {kite.id}"))
    assert "♥ 1" in words(await typist.says(f"/sora like {kite.id}"))
    liked = await typist.says(f"/sora like {kite.id}", BEN)
    assert "♥ 2" in words(liked)
    assert "♥ 2" in words(await typist.says("/sora library"))
    assert listed(await typist.says("/sora library liked", MARA)) == ["Nothing"]
    (undo,) = liked.message.buttons
    assert "♥ 1" in words(await typist.presses(undo.verb, dict(undo.args), BEN))
    assert "no like of yours" in words(await typist.says(f"/sora unlike {kite.id}", BEN))
    assert listed(await typist.says("/sora library liked")) == [kite.id]


async def test_the_details_of_a_video_have_a_button_to_like_it(core: Core, typist: Typist) -> None:
    kite = await made(core, typist, "a red kite")
    details = await typist.says(f"/sora status {kite.id}", BEN)
    (like,) = [button for button in details.message.buttons if button.verb == "like"]
    assert "♥ 1" in words(await typist.presses("like", dict(like.args), BEN))
    core.world.provider.instant = False
    running_ = await typist.says("/sora create a blue kite")
    unmade = await typist.says(f"/sora status {running_.jobs[0]}")
    assert "like" not in [button.verb for button in unmade.message.buttons]


async def test_the_best_come_first_when_they_are_asked_for(core: Core, typist: Typist) -> None:
    first = await made(core, typist, "a red kite")
    second = await made(core, typist, "a blue kite")
    await typist.says(f"/sora like {first.id}", BEN)
    assert listed(await typist.says("/sora library order:best")) == [first.id, second.id]
    assert listed(await typist.says("/sora search kite order:newest")) == [second.id, first.id]


async def test_the_top_tells_likes_and_remixes(core: Core, typist: Typist) -> None:
    assert "/sora top all" in words(await typist.says("/sora top"))
    first = await made(core, typist, "a red kite")
    second = await made(core, typist, "a blue kite")
    third = await made(core, typist, "a paper boat")
    await typist.says(f"/sora like {third.id}", BEN)
    await typist.says(f"/sora remix {first.id} at night", BEN)
    await core.wait(2_000)
    lines = words(await typist.says("/sora top")).splitlines()
    assert lines[0] == f"1. #{third.id} a paper boat · @Ana · ♥ 1"
    assert lines[1] == f"2. #{first.id} a red kite · @Ana · ♥ 0 · 1 remix"
    assert len(lines) == 4
    assert second.id in lines[3]
    core.world.clock.advance(8 * 24 * 3_600_000)
    assert "Nothing" in words(await typist.says("/sora top week"))
    assert len(words(await typist.says("/sora top month")).splitlines()) == 4
    assert len(words(await typist.says("/sora top all")).splitlines()) == 4


async def test_what_one_may_not_watch_one_cannot_like(core: Core, typist: Typist) -> None:
    draft = await made(core, typist, "a secret kite private:yes")
    assert (await typist.says(f"/sora like {draft.id}", BEN)).refused
    assert (await typist.says(f"/sora like {draft.id}", EVE)).refused
    async with core.store.reading() as tx:
        assert await tx.likes.count(draft.id) == 0


async def test_what_was_not_made_cannot_be_liked(core: Core, typist: Typist) -> None:
    core.world.provider.instant = False
    reply = await typist.says("/sora create a red kite")
    refused = await typist.says(f"/sora like {reply.jobs[0]}")
    assert refused.refused


# --- reacting -----------------------------------------------------------------------------


async def message_of(core: Core, job: Job) -> MessageRef:
    """Where the video of a job stands."""
    async with core.store.reading() as tx:
        found = await shown(tx, job.id, TENANT)
    assert found
    assert found.ref
    return found.ref


async def likes_of(core: Core, job: Job) -> int:
    async with core.store.reading() as tx:
        return await tx.likes.count(job.id)


async def test_two_signs_of_one_person_are_one_like_until_both_are_gone(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist, "a red kite")
    video = await message_of(core, kite)
    for sign in ("❤\ufe0f", "❤", "👍🏽"):
        assert await typist.reacts(sign, video, BEN) == SILENCE
        assert await likes_of(core, kite) == 1
    await typist.reacts("🔥", video, MARA)
    assert await likes_of(core, kite) == 2
    await typist.reacts("❤", video, BEN, gone=True)
    assert await likes_of(core, kite) == 2
    await typist.reacts("👍", video, BEN, gone=True)
    assert await likes_of(core, kite) == 2
    await typist.reacts("👍🏽", video, BEN, gone=True)
    assert await likes_of(core, kite) == 1
    assert listed(await typist.says("/sora library liked", MARA)) == [kite.id]


async def test_a_word_outlives_a_reaction_that_is_taken_away(core: Core, typist: Typist) -> None:
    kite = await made(core, typist, "a red kite")
    video = await message_of(core, kite)
    await typist.says(f"/sora like {kite.id}")
    await typist.reacts("⭐", video)
    await typist.reacts("⭐", video, gone=True)
    assert await likes_of(core, kite) == 1


async def test_other_signs_bots_and_other_messages_like_nothing(core: Core, typist: Typist) -> None:
    kite = await made(core, typist, "a red kite")
    video = await message_of(core, kite)
    cards = [post.ref for post in core.world.chat.posts.values() if post.ref != video]
    assert cards
    for other in (*cards, MessageRef(video.place, "m99"), MessageRef(GENERAL, video.id)):
        assert await typist.reacts("⭐", other, BEN) == SILENCE
    await typist.reacts("🎉", video, BEN)
    await typist.reacts("⭐", video, replace(BEN, bot=True))
    await typist.reacts("⭐", video, EVE)
    assert await likes_of(core, kite) == 0


async def test_the_message_of_a_draft_likes_nothing(core: Core, typist: Typist) -> None:
    draft = await made(core, typist, "a secret kite private:yes")
    async with core.store.reading() as tx:
        (*_, posted) = await tx.outbox.of_job(draft.id)
    assert posted.ref
    await typist.reacts("⭐", posted.ref, BEN)
    await typist.reacts("⭐", posted.ref)
    assert await likes_of(core, draft) == 0
