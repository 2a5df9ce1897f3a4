"""One video at a backend, to see whether it keeps its profile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from bot.domain.findings import Finding
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import AmbiguousSubmit, RateLimited, Transient
from bot.ports import Capabilities, SubmitRequest
from bot.services.trial import PATIENCE, Trial
from tests.fakes.backends import DIALECTS, backend
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider

WISH = SubmitRequest("a red kite", "sora-2", Size(1280, 720), 4)
CAN_ALL = Capabilities(lists=True, deletes=True)


class QuickClock(FakeClock):
    """Whoever sleeps is awake at once, and later."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.meanwhile = meanwhile
        self.slept: list[int] = []

    async def sleep(self, ms: int) -> None:
        self.slept.append(ms)
        self.advance(ms)
        self.meanwhile()


async def told(trial: Trial, folder: Path) -> list[Finding]:
    return [finding async for finding in trial.run(WISH, folder / "clip.mp4")]


async def test_a_whole_trial_orders_once_and_leaves_nothing_there(tmp_path: Path) -> None:
    clock = QuickClock()
    provider = FakeProvider(clock, capabilities=CAN_ALL, cost_micros=400_000)
    clock.meanwhile = lambda: provider.now(JobState.FETCHING)
    findings = await told(Trial(provider, clock), tmp_path)
    assert [finding.name for finding in findings] == ["Order", "Ask", "List", "File", "Delete"]
    assert all(finding.fine for finding in findings)
    assert findings[1].words == "finished after 1 question, 5 s, reported cost $0.40"
    assert (provider.posts, len(provider.deleted)) == (1, 1)


async def test_what_a_backend_lacks_is_not_tried(tmp_path: Path) -> None:
    provider = FakeProvider(FakeClock(), capabilities=Capabilities(), instant=True)
    findings = await told(Trial(provider, provider.clock), tmp_path)
    assert [finding.name for finding in findings] == ["Order", "Ask", "File"]


async def test_its_own_word_for_how_long_to_wait_is_kept(tmp_path: Path) -> None:
    clock = QuickClock()
    provider = FakeProvider(clock, poll_after_ms=12_000)
    clock.meanwhile = lambda: provider.now(JobState.FETCHING)
    await told(Trial(provider, clock), tmp_path)
    assert clock.slept == [12_000]


async def test_a_question_without_an_answer_is_asked_again(tmp_path: Path) -> None:
    clock = QuickClock()
    provider = FakeProvider(clock)
    provider.asks.extend([Transient("away"), RateLimited("slow down")])
    clock.meanwhile = lambda: provider.now(JobState.FETCHING)
    findings = await told(Trial(provider, clock), tmp_path)
    assert "3 questions" in findings[1].words
    assert findings[1].fine


async def test_an_order_of_which_nobody_knows_is_not_repeated(tmp_path: Path) -> None:
    provider = FakeProvider(FakeClock())
    provider.lose.append(AmbiguousSubmit("no answer"))
    [finding] = await told(Trial(provider, provider.clock), tmp_path)
    assert provider.posts == 1
    assert not finding.fine
    assert "before you order again" in finding.fix


async def test_a_failed_job_ends_the_trial_with_its_reason(tmp_path: Path) -> None:
    clock = QuickClock()
    provider = FakeProvider(clock)
    clock.meanwhile = lambda: provider.now(JobState.FAILED, error="out of memory")
    findings = await told(Trial(provider, clock), tmp_path)
    assert [finding.fine for finding in findings] == [True, False]
    assert "ended as failed" in findings[1].words
    assert "out of memory" in findings[1].words


async def test_a_job_without_an_end_is_left_after_a_while(tmp_path: Path) -> None:
    clock = QuickClock()
    findings = await told(Trial(FakeProvider(clock), clock), tmp_path)
    assert sum(clock.slept) == PATIENCE
    assert not findings[-1].fine
    assert "before another order" in findings[-1].fix


async def test_a_file_that_does_not_come_ends_the_trial(tmp_path: Path) -> None:
    provider = FakeProvider(FakeClock(), instant=True)
    provider.downloads.append(Transient("the file is empty"))
    findings = await told(Trial(provider, provider.clock), tmp_path)
    assert "the file is empty" in findings[-1].words
    assert not findings[-1].fine


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_dialect_stands_the_trial_with_its_profile(
    dialect: str, tmp_path: Path
) -> None:
    async with backend(dialect) as running:
        findings = await told(Trial(running.client, SystemClock(), pause=20), tmp_path)
        assert [finding for finding in findings if not finding.fine] == []
        assert "MP4" in " ".join(finding.words for finding in findings)
        assert running.posts == 1
