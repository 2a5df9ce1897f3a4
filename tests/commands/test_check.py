"""A second look at a job that ended without a video: nothing is ordered, nothing charged twice."""

import pytest

from bot.domain.jobs import JobState
from tests.fakes.core import ALLOWANCE, ANA, BEN, PRICE
from tests.fakes.typist import Typist, words

S = JobState
FIRST, SECOND = "j000000001", "j000000002"


@pytest.fixture
async def failed(busy_chat: Typist) -> Typist:
    """A job that the backend called failed."""
    await busy_chat.says("a red kite")
    await busy_chat.core.work()
    busy_chat.core.world.provider.now(S.FAILED, error="out of memory")
    await busy_chat.core.wait(2_000)
    assert await busy_chat.core.state(FIRST) is S.FAILED
    return busy_chat


async def test_the_card_of_such_a_job_offers_the_look(failed: Typist) -> None:
    buttons = failed.core.world.chat.posts[f"card/{FIRST}"].message.buttons
    assert "check" in [button.verb for button in buttons]


async def test_a_video_that_is_there_after_all_is_taken_over_and_paid_for_once(
    failed: Typist,
) -> None:
    core = failed.core
    core.world.provider.finish()
    reply = await failed.presses("check", {"job": FIRST})
    assert words(reply).startswith(f"Accepted · #{SECOND} · {PRICE} credits held")
    await core.wait(3_000)
    assert await core.state(SECOND) is S.DONE
    assert core.world.provider.posts == 1
    assert await core.purse() == (ALLOWANCE - PRICE, 0)
    assert await core.faults() == ()


async def test_it_is_taken_over_once(failed: Typist) -> None:
    failed.core.world.provider.finish()
    await failed.presses("check", {"job": FIRST})
    again = await failed.presses("check", {"job": FIRST})
    assert again.refused
    # Whether it is paid by now depends on how soon the file is here.
    available, _ = await failed.core.purse()
    assert available == ALLOWANCE - PRICE
    assert len(await failed.core.jobs()) == 2


async def test_a_backend_that_still_has_nothing_is_quoted_and_nothing_is_held(
    failed: Typist,
) -> None:
    reply = await failed.presses("check", {"job": FIRST})
    assert words(reply) == (
        "The provider has no video for this job, also on a second look. "
        "It said: “out of memory”. Nothing was started or charged."
    )
    assert await failed.core.purse() == (ALLOWANCE, 0)


async def test_only_the_owner_or_an_admin_may_look(failed: Typist) -> None:
    assert (await failed.presses("check", {"job": FIRST}, BEN)).refused


async def test_a_job_that_the_backend_never_had_is_not_asked_about(chat: Typist) -> None:
    await chat.says("a red kite")
    await chat.says(f"/sora cancel {FIRST}", ANA)
    reply = await chat.says(f"/sora check {FIRST}")
    assert words(reply).startswith("There is nothing to ask the provider about: this one is canc")
