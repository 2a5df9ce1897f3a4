"""Drafts on Discord: in private first, with a reviewer, and gone from everywhere when deleted."""

from __future__ import annotations

from bot.domain.releases import RESTORABLE
from bot.ports import Capabilities
from tests.fakes.discord_bot import Life, Town, plain_text
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.components import file_of, media
from tests.fakes.discord_server.messages import Message

DELETES = Capabilities(lists=True, list_complete=True, cancels=True, deletes=True)


def players(message: Message) -> list[str]:
    """Names of its files that are on the screen."""
    found = [file_of(part[key]["url"], message.files) for part, key in media(message.components)]
    return [file.name for file in found if file]


async def draft(town: Town, life: Life, **rules: str) -> tuple[Channel, Message]:
    """Ana's, where everything begins as one: her private messages, and the video in them."""
    town.world.provider.instant = True
    town.world.provider.capabilities = DELETES
    asked = await town.mara.slash(town.channel, "sora-admin drafts", policy="all", **rules)
    await asked.answer()
    await (await town.ana.slash(town.channel, "sora create", prompt="a red kite")).answer()
    await life.wait(5_000)
    (video,) = town.videos(town.ana.dm)
    return town.ana.dm, video


async def test_a_draft_is_published_by_two_presses(town: Town) -> None:
    async with town.bot() as life:
        _, video = await draft(town, life)
        assert town.videos() == []
        assert "a draft that only its author sees" in plain_text(town.card())
        job = (await life.jobs())[0].id
        asked = await town.ana.slash(town.channel, "sora video publish", job=job)
        shown = await asked.answer()
        assert "You got the video" in plain_text(shown)
        said = await (await town.ana.press(shown, "Publish now")).answer()
        assert "is published in" in plain_text(said)
        await life.wait(5_000)
        (published,) = town.videos()
        assert "@Ana published a video." in plain_text(published)
        assert published.pings == []
        assert video in town.videos(town.ana.dm)


async def test_a_reviewer_with_a_role_publishes_what_its_author_may_not(town: Town) -> None:
    async with town.bot() as life:
        await draft(town, life, review="yes")
        job = (await life.jobs())[0].id
        asked = await town.ana.slash(town.channel, "sora video publish", job=job, sure=True)
        assert "went to the reviewers" in plain_text(await asked.answer())
        await (await town.ana.slash(town.channel, "sora review approve", job=job)).answer()
        await life.wait(2_000)
        assert town.videos() == []
        said = await (await town.ben.slash(town.channel, "sora review claim", job=job)).answer()
        assert "Only a reviewer can do that" in plain_text(said)
        claimed = await town.mara.slash(town.channel, "sora review claim", job=job)
        shown = await claimed.answer()
        assert "You review" in plain_text(shown)
        await (await town.mara.press(shown, "Publish")).answer()
        await life.wait(5_000)
        assert len(town.videos()) == 1


async def test_a_deleted_video_leaves_no_message_no_file_and_no_asset(town: Town) -> None:
    async with town.bot() as life:
        await draft(town, life)
        job = (await life.jobs())[0].id
        asked = await town.ana.slash(town.channel, "sora video publish", job=job, sure=True)
        await asked.answer()
        await life.wait(5_000)
        assert town.videos()
        said = await (await town.ana.slash(town.channel, "sora video delete", job=job)).answer()
        assert "is deleted everywhere" in plain_text(said)
        await life.wait(5_000)
        assert town.ours() == []
        assert town.videos(town.ana.dm) == []
        town.world.clock.advance(RESTORABLE)
        assert await life.core.erasure.run() == 1
        media = town.world.folder / "media"
        assert [path for path in media.rglob("*") if path.is_file()] == []
        assert len(town.world.provider.deleted) == 1


async def test_other_words_for_a_published_video_leave_its_player_where_it_is(town: Town) -> None:
    async with town.bot() as life:
        town.world.provider.instant = True
        await (await town.ana.slash(town.channel, "sora create", prompt="a red kite")).answer()
        await life.wait(5_000)
        (video,) = town.videos()
        shown = players(video)
        assert len(shown) == 1
        job = (await life.jobs())[0].id
        asked = await town.ana.slash(
            town.channel, "sora video publish", job=job, title="The red kite", sure=True
        )
        assert "tells the new words" in plain_text(await asked.answer())
        await life.wait(5_000)
        (edited,) = town.videos()
        assert edited is video
        assert plain_text(edited).startswith("**The red kite**")
        assert players(edited) == shown
