"""Reactions on Discord: a sign on a video's message says that somebody likes it."""

from __future__ import annotations

from bot.domain.jobs import Job
from tests.fakes.discord_bot import Life, Town
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.people import Person

HEARD = 1
"""Sessions that hear of a sign: the bot has one."""


async def first_video(town: Town, life: Life, channel: Channel | None = None) -> Message:
    """Ana's, in the channel."""
    town.world.provider.instant = True
    where = channel or town.channel
    await (await town.ana.slash(where, "sora create", prompt="a red kite")).answer()
    await life.wait(5_000)
    return town.videos(channel)[0]


async def likes(life: Life, job: Job) -> int:
    async with life.core.store.reading() as tx:
        return await tx.likes.count(job.id)


async def until_liked_by(town: Town, life: Life, job: Job, people: int) -> None:
    """The count is `people`, soon."""
    while await likes(life, job) != people:
        await town.server.world.news.wait(0.01)


async def still_liked_by(town: Town, life: Life, video: Message, people: int) -> None:
    """The count is `people` once all that was sent so far has been taken."""
    (job, *_) = await life.jobs()
    # What comes in is taken in its order, so whatever Mara does comes last.
    assert town.mara.reacts(video, "⭐") == HEARD
    await until_liked_by(town, life, job, people + 1)
    assert town.mara.takes_back(video, "⭐") == HEARD
    await until_liked_by(town, life, job, people)


async def test_a_person_likes_a_video_until_their_last_sign_is_gone(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        (job,) = await life.jobs()
        assert town.ben.reacts(video, "❤\ufe0f") == HEARD
        await until_liked_by(town, life, job, 1)
        assert town.ben.reacts(video, "👍🏽") == HEARD
        await still_liked_by(town, life, video, 1)
        assert town.ben.takes_back(video, "❤\ufe0f") == HEARD
        await still_liked_by(town, life, video, 1)
        assert town.ben.takes_back(video, "👍🏽") == HEARD
        await until_liked_by(town, life, job, 0)


async def test_bots_other_signs_and_other_messages_like_nothing(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        words = town.ben.says(town.channel, "look at that")
        robo = town.studio.member("Robo")
        robo.bot = True
        assert robo.reacts(video, "⭐") == HEARD
        assert town.server.world.react(town.server.bot, video, "⭐") == HEARD
        assert town.ben.reacts(video, "🎉") == HEARD
        assert town.ben.reacts(words, "⭐") == HEARD
        assert town.ben.reacts(town.card(), "⭐") == HEARD
        await still_liked_by(town, life, video, 0)


async def test_a_remix_is_liked_in_its_thread(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        asked = await town.ben.press(video, "Remix")
        await (await town.ben.submit(asked.modal, prompt="at night")).answer()
        await life.wait(5_000)
        thread = town.server.thread(video)
        assert thread
        (night,) = town.videos(thread)
        assert town.ana.reacts(night, "🔥") == HEARD
        first, second = await life.jobs()
        await until_liked_by(town, life, second, 1)
        assert await likes(life, first) == 0


async def in_private(town: Town, life: Life, who: Person) -> Message:
    """A video that only its author sees."""
    town.world.provider.instant = True
    await (await who.slash(who.dm, "sora create", prompt="a secret kite")).answer()
    await life.wait(5_000)
    return town.videos(who.dm)[0]


async def test_signs_on_private_messages_are_not_even_heard(town: Town) -> None:
    async with town.bot() as life:
        video = await in_private(town, life, town.ana)
        assert town.ana.reacts(video, "⭐") == 0
