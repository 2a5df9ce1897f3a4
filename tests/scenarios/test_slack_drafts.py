"""Drafts on Slack: in private first, with a reviewer, and gone from everywhere when deleted."""

from __future__ import annotations

from bot.domain.releases import RESTORABLE
from bot.ports import Capabilities
from tests.fakes.slack_bot import Life, Office
from tests.fakes.slack_server.people import Person

DELETES = Capabilities(lists=True, list_complete=True, cancels=True, deletes=True)


async def says(office: Office, who: Person, command: str, text: str) -> str:
    asked = await who.slash(office.channel, command, text)
    return (await asked.answer()).text


async def draft(office: Office, life: Life, rules: str = "drafts all") -> str:
    """Ana's, where everything begins as one; its id."""
    office.world.provider.instant = True
    office.world.provider.capabilities = DELETES
    await says(office, office.mara, "/sora-admin", rules)
    await says(office, office.ana, "/sora", "a red kite")
    await life.live(5_000)
    await office.server.until(lambda: office.videos(office.ana.direct))
    return (await life.jobs())[0].id


async def test_a_draft_is_published_by_two_presses(office: Office) -> None:
    async with office.bot() as life:
        await draft(office, life)
        assert office.videos() == []
        (video,) = office.videos(office.ana.direct)
        shown = await (await office.ana.press(video, "Publish")).answer()
        assert "You got the video" in shown.text
        job = (await life.jobs())[0].id
        said = await says(office, office.ana, "/sora", f"publish {job} sure")
        assert f"{job}" in said
        assert "is published in" in said
        await life.live(5_000)
        (published,) = await office.server.until(office.videos)
        assert "published a video" in published.text


async def test_a_reviewer_publishes_what_its_author_may_not(office: Office) -> None:
    async with office.bot() as life:
        job = await draft(office, life, "drafts all review:yes")
        said = await says(office, office.ana, "/sora", f"publish {job} sure")
        assert "went to the reviewers" in said
        said = await says(office, office.ana, "/sora", f"review approve {job}")
        assert "Only a reviewer can do that" in said
        said = await says(office, office.ben, "/sora", f"review claim {job}")
        assert "Only a reviewer can do that" in said
        said = await says(office, office.mara, "/sora", f"review claim {job}")
        assert "You review" in said
        await life.live(5_000)
        assert await office.server.until(lambda: office.videos(office.mara.direct))
        said = await says(office, office.mara, "/sora", f"review approve {job}")
        assert "is published" in said
        await life.live(5_000)
        assert len(await office.server.until(office.videos)) == 1


async def test_a_deleted_video_leaves_no_message_no_file_and_no_asset(office: Office) -> None:
    async with office.bot() as life:
        job = await draft(office, life)
        await says(office, office.ana, "/sora", f"publish {job} sure")
        await life.live(5_000)
        await office.server.until(office.videos)
        assert "is deleted everywhere" in await says(office, office.ana, "/sora", f"delete {job}")
        await life.live(5_000)
        await office.server.until(lambda: not office.ours())
        assert office.videos(office.ana.direct) == []
        kept = office.server.world.shelf.files.values()
        await office.server.until(lambda: all(file.deleted for file in kept))
        office.world.clock.advance(RESTORABLE)
        assert await life.core.erasure.run() == 1
        media = office.world.folder / "media"
        assert [path for path in media.rglob("*") if path.is_file()] == []
        assert len(office.world.provider.deleted) == 1
