"""What admins read of the providers' bills."""

from dataclasses import replace

from bot.domain.jobs import JobState
from bot.ports import Capabilities
from tests.fakes.core import ANA, MARA
from tests.fakes.typist import Typist, words


async def test_an_account_is_told_in_words(busy_chat: Typist) -> None:
    core, provider = busy_chat.core, busy_chat.core.world.provider
    core.clock.advance(300_000)
    provider.instant = True
    provider.cost_micros = 700_000
    await core.create()
    await core.wait(5_000)
    provider.capabilities = replace(provider.capabilities, charges_failures=True)
    provider.instant, provider.cost_micros = False, None
    await core.create()
    await core.work()
    provider.taken["video_2"].state = JobState.FAILED
    await core.wait(20_000)
    core.clock.advance(300_000)
    provider.taken["stray"] = replace(provider.taken.pop("video_1"), id="stray")
    shown = words(await busy_chat.says("/sora-admin reconcile", MARA)).splitlines()
    assert shown == [
        "What providers charge, this month",
        "simulator/default · 2 jobs · expected $0.80 · reported $1.50 · difference $0.70",
        "0 jobs without a report, $0.00 expected · 1 charged failure, $0.80",
        "The provider’s list has 1 job not ours: stray; it lacks video_1.",
    ]


async def test_less_than_expected_has_a_minus(busy_chat: Typist) -> None:
    core, provider = busy_chat.core, busy_chat.core.world.provider
    provider.instant, provider.cost_micros = True, 100_000
    provider.capabilities = Capabilities()
    await core.create()
    await core.wait(5_000)
    said = words(await busy_chat.says("/sora-admin reconcile month", MARA))
    assert "expected $0.80 · reported $0.10 · difference -$0.70" in said
    assert "cannot list its jobs" in said


async def test_without_jobs_there_is_nothing_to_compare(chat: Typist) -> None:
    said = words(await chat.says("/sora-admin reconcile last-week", MARA))
    assert said == "Nobody made anything in that time."


async def test_members_are_told_nothing(chat: Typist) -> None:
    assert (await chat.says("/sora-admin reconcile", ANA)).refused
