"""Reactions on Slack: a sign on a video's message says that somebody likes it."""

from __future__ import annotations

from bot.domain.jobs import Job
from tests.fakes.slack_bot import Life, Office
from tests.fakes.slack_server.messages import Message


async def first_video(office: Office, life: Life) -> Message:
    """Ana's, in the channel."""
    office.world.provider.instant = True
    await (await office.ana.slash(office.channel, "/sora", "a red kite")).answer()
    await life.live(5_000)
    return (await office.server.until(office.videos))[0]


async def likes(life: Life, job: Job) -> int:
    async with life.core.store.reading() as tx:
        return await tx.likes.count(job.id)


async def until_liked_by(office: Office, life: Life, job: Job, people: int) -> None:
    """The count is `people`, soon."""
    while await likes(life, job) != people:
        await office.server.world.news.wait(0.01)


async def taken(office: Office) -> None:
    """All that was told so far is stored, so that what comes next comes after it."""
    await office.server.until(lambda: all(one.taken for one in office.server.events.told))


async def still_liked_by(office: Office, life: Life, video: Message, people: int) -> None:
    """The count is `people` once all that was told so far has been worked on."""
    (job, *_) = await life.jobs()
    await taken(office)
    # Signs are worked on in their order, so whatever Mara does comes last.
    office.mara.reacts(video, "star")
    await until_liked_by(office, life, job, people + 1)
    office.mara.takes_back(video, "star")
    await until_liked_by(office, life, job, people)


async def test_a_person_likes_a_video_until_their_last_sign_is_gone(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(office, life)
        (job,) = await life.jobs()
        office.ben.reacts(video, "heart")
        await until_liked_by(office, life, job, 1)
        office.ben.reacts(video, "+1::skin-tone-3")
        await still_liked_by(office, life, video, 1)
        office.ben.takes_back(video, "heart")
        await still_liked_by(office, life, video, 1)
        office.ben.takes_back(video, "+1::skin-tone-3")
        await until_liked_by(office, life, job, 0)
        assert not office.ben.ephemerals
        assert len(office.ours()) == len(office.cards()) + 1


async def test_a_remix_is_liked_in_its_thread(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(office, life)
        view = await (await office.ben.press(video, "Remix")).dialog()
        await office.ben.submit(view, prompt="at night")
        await life.live(5_000)
        night = (await office.server.until(lambda: office.videos()[1:]))[0]
        assert night.is_reply
        office.ana.reacts(night, "fire")
        first, second = await life.jobs()
        await until_liked_by(office, life, second, 1)
        assert await likes(life, first) == 0


async def test_bots_other_signs_and_other_messages_like_nothing(office: Office) -> None:
    robo = office.server.member("Robo", office.channel)
    robo.bot_id = "B1"
    async with office.bot() as life:
        video = await first_video(office, life)
        words = office.ben.says(office.channel, "look at that")
        robo.reacts(video, "star")
        office.server.world.react(office.server.bot, video, "star")
        office.ben.reacts(video, "tada")
        office.ben.reacts(words, "star")
        office.ben.reacts(office.card(), "star")
        await still_liked_by(office, life, video, 0)
        assert not office.ben.ephemerals


async def test_people_of_other_organizations_like_nothing_and_are_told_nothing(
    office: Office,
) -> None:
    eve = office.server.stranger("Eve", office.channel)
    async with office.bot() as life:
        video = await first_video(office, life)
        eve.reacts(video, "star")
        await still_liked_by(office, life, video, 0)
        assert not eve.ephemerals


async def test_a_sign_that_comes_twice_or_late_is_taken_once(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(office, life)
        (job,) = await life.jobs()
        office.ben.reacts(video, "thumbsup")
        await until_liked_by(office, life, job, 1)
        office.ben.takes_back(video, "thumbsup")
        await until_liked_by(office, life, job, 0)
        (added,) = office.server.events.of_kind("reaction_added")
        for again in (False, True):
            office.server.events.redeliver(added, under_new_id=again)
        await office.server.until(lambda: len(added.results) == 2)
        await still_liked_by(office, life, video, 0)


async def test_a_sign_that_came_while_the_bot_was_away_counts_when_it_is_back(
    office: Office,
) -> None:
    office.server.events.delays = (0.05,) * 200
    async with office.bot() as life:
        video = await first_video(office, life)
        await taken(office)
    office.ben.reacts(video, "fire")
    async with office.bot() as life:
        (job,) = await life.jobs()
        await until_liked_by(office, life, job, 1)


async def test_without_the_right_nothing_is_heard(office: Office) -> None:
    office.server.world.offers.scopes.remove("reactions:read")
    async with office.bot() as life:
        video = await first_video(office, life)
        office.ben.reacts(video, "star")
        assert not office.server.events.of_kind("reaction_added")
