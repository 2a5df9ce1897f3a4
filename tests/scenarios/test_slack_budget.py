"""Forty jobs in one workspace on Slack: within its edits a minute, and no video late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.jobs import JobState
from bot.services.line import Allowed
from tests.fakes.core import Options as CoreOptions
from tests.fakes.slack_bot import Life, Office
from tests.fakes.slack_server.fixtures import running_slack
from tests.fakes.slack_server.messages import Message

S = JobState
JOBS, CHANNELS = 40, 4
MINUTE = 60_000
ENOUGH = 1_000_000


@dataclass
class Diary:
    """What was to be seen, and when by the bot's clock (ms)."""

    edits: list[int] = field(default_factory=list[int])
    due: dict[str, int] = field(default_factory=dict[str, int])
    shown: dict[str, int] = field(default_factory=dict[str, int])
    told: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def worst_minute(self) -> int:
        """The most edits in a minute."""
        return max(sum(end - MINUTE < at <= end for at in self.edits) for end in self.edits)

    def latest(self, what: dict[str, int]) -> int:
        """The longest wait for something, from when its video was there."""
        return max(what[name] - self.due[name] for name in self.due)


def with_id(messages: Sequence[Message], name: str) -> list[Message]:
    """Messages about one job, by their buttons."""
    return [one for one in messages if any(name in b["value"] for b in one.buttons.values())]


async def note(diary: Diary, life: Life, office: Office) -> None:
    """Write down what is new."""
    now = life.core.clock.now()
    diary.edits += [now] * (len(office.server.find("chat.update")) - len(diary.edits))
    everything = [one for place in office.server.world.channels.values() for one in place.all]
    for job in await life.jobs():
        if job.state in {S.DELIVERING, S.DONE}:
            diary.due.setdefault(job.id, now)
        for one in with_id(everything, job.id):
            if one.files:
                diary.shown.setdefault(job.id, now)
            elif one.text.startswith("Done"):
                diary.told.setdefault(job.id, now)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_forty_jobs_stay_within_the_edits_and_every_video_comes_at_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("office")
    async with running_slack(folder) as server:
        office = Office(server, folder)
        # Slack counts real seconds; here two hundred of the bot's pass in some of those.
        for method in ("chat.update", "files.info", "files.getUploadURLExternal", "users.info"):
            server.limit(method, ENOUGH)
        server.limit("files.completeUploadExternal", ENOUGH)
        server.files.share_delay = 0
        provider = office.world.provider
        provider.poll_after_ms = 4_000
        places = [server.channel(f"films-{number}") for number in range(CHANNELS)]
        async with office.bot(CoreOptions(Allowed(slots=JOBS), allowance=100_000)) as life:
            for number in range(JOBS):
                asked = await office.ana.slash(places[number % CHANNELS], "/sora", "a kite")
                await asked.answer()
            await life.live(20_000)
            provider.now(S.RENDERING, 10)
            diary = Diary()
            for second in range(220):
                for number, taken in enumerate(provider.taken.values()):
                    taken.progress = min(99, second)
                    if second == 60 + 3 * number:
                        taken.state = S.FETCHING
                await life.live(1_000)
                await note(diary, life, office)
        assert len(diary.due) == len(diary.shown) == len(diary.told) == JOBS
        assert 30 <= diary.worst_minute < 50
        assert diary.latest(diary.shown) <= 2_000
        assert diary.latest(diary.told) <= 2_000
    assert server.violations == []
