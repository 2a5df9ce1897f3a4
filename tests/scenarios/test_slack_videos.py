"""The main job on Slack: ask, watch the card, get the video."""

from __future__ import annotations

from bot.domain.jobs import JobState
from tests.fakes.core import ALLOWANCE
from tests.fakes.slack_bot import Life, Office

S = JobState


async def purse(life: Life, office: Office) -> tuple[int, int]:
    """What Ana can spend, and what is held for her."""
    return await life.core.purse(office.as_person(office.ana))


async def test_a_command_becomes_a_card_and_the_card_becomes_a_video(office: Office) -> None:
    async with office.bot() as life:
        asked = await office.ana.slash(office.channel, "/sora", "a red kite 4s portrait")
        assert not asked.failed
        answer = await asked.answer()
        assert answer.ephemeral
        assert "40 credits held, 1,960 left" in answer.text
        await life.work()
        card = office.card()
        assert "a red kite" in card.text
        office.world.provider.now(S.RENDERING, 48)
        await life.wait(10_000)
        assert "Rendering 48 %" in card.text
        office.world.provider.finish()
        await life.live(10_000)
        video = await office.server.until(lambda: office.videos()[-1:])
        assert office.ana.tag in video[0].text
        assert list(video[0].buttons) == ["Remix", "Again", "Details"]
        assert video[0].files[0].data == office.world.provider.video + b"video_1"
        assert card.text.startswith("Done")
        assert [job.state for job in await life.jobs()] == [S.DONE]
        assert await purse(life, office) == (ALLOWANCE - 40, 0)
