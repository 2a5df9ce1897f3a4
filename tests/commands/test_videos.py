"""Looking, stopping and ordering again, from the typed line to the answer."""

import pytest

from bot.domain.jobs import JobState
from bot.errors import Moderated
from bot.ports import Capabilities
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, STUDIO, World, running
from tests.fakes.typist import Typist, words

FIRST = "j000000001"

# --- lists --------------------------------------------------------------------------------


async def test_jobs_lists_the_newest_first_with_a_button_for_each(chat: Typist) -> None:
    for number in range(6):
        await chat.says(f"kite {number}")
    reply = await chat.says("/sora jobs")
    assert words(reply).splitlines()[0].startswith("#j000000006 kite 5 · waiting · ")
    assert len(reply.message.lines) == 6
    assert [button.verb for button in reply.message.buttons] == ["status"] * 5
    assert reply.message.buttons[0].args == {"job": "j000000006"}


async def test_jobs_of_all_say_whose_they_are_and_hide_private_ones(chat: Typist) -> None:
    await chat.says("a kite", BEN)
    await chat.says("a secret kite --private", BEN)
    assert "No jobs here yet" in words(await chat.says("/sora jobs"))
    listed = words(await chat.says("/sora jobs all"))
    assert "@Ben" in listed
    assert "secret" not in listed


async def test_failed_jobs_have_a_list_of_their_own(busy_chat: Typist) -> None:
    busy_chat.core.world.provider.refuse.append(Moderated("no"))
    await busy_chat.says("a famous kite")
    await busy_chat.core.work()
    await busy_chat.says("a plain kite")
    listed = words(await busy_chat.says("/sora jobs failed"))
    assert "a famous kite · refused by content rules" in listed
    assert "a plain kite" not in listed


async def test_a_list_that_does_not_exist_is_refused(chat: Typist) -> None:
    reply = await chat.says("/sora jobs yours")
    assert words(reply).startswith("Which cannot be “yours”. Possible: mine, all or failed.")


async def test_the_queue_shows_what_runs_and_what_waits(busy_chat: Typist) -> None:
    for number in range(3):
        await busy_chat.says(f"kite {number}")
    await busy_chat.core.work()
    shown = words(await busy_chat.says("/sora queue", BEN))
    running, waiting = shown.split("Waiting\n")
    assert running.startswith("Running\n#j000000001 kite 0 · in the provider’s queue")
    assert "kite 1" in running
    assert waiting.startswith("#j000000003 kite 2 · 1st in line · @Ana")


async def test_the_queue_has_buttons_for_ones_own_jobs_only(chat: Typist) -> None:
    await chat.says("a kite")
    assert len((await chat.says("/sora queue")).message.buttons) == 1
    assert (await chat.says("/sora queue", BEN)).message.buttons == ()


async def test_a_long_queue_is_cut(chat: Typist) -> None:
    for _ in range(3):
        await chat.says("kite seconds:4 x4")
    reply = await chat.says("/sora queue")
    assert words(reply).splitlines()[-1] == "… and 2 more"


async def test_an_empty_queue_says_so(chat: Typist) -> None:
    assert "Nothing runs and nothing waits" in words(await chat.says("/sora queue"))


# --- one job ------------------------------------------------------------------------------


async def test_status_shows_the_card_of_a_job(chat: Typist) -> None:
    await chat.says("a red kite")
    reply = await chat.says(f"/sora status #{FIRST}")
    assert reply.message.quote == "a red kite"
    assert "sora-2 · 1280×720 · 8 s · 80 credits · asked by @Ana" in words(reply)
    assert not reply.jobs


async def test_status_without_an_id_is_about_the_newest_job(chat: Typist) -> None:
    assert "No jobs here yet" in words(await chat.says("/sora status"))
    await chat.says("an old kite")
    await chat.says("a new kite")
    assert (await chat.says("/sora status")).message.quote == "a new kite"


@pytest.mark.parametrize("typed", ["zzzz", "???", "the second one"])
async def test_a_job_that_does_not_exist_is_unknown(chat: Typist, typed: str) -> None:
    reply = await chat.presses("status", {"job": typed})
    assert words(reply).startswith(f"There is no job “{typed}” here. Yours are under /sora jobs.")


async def test_an_id_that_could_be_two_jobs_asks_for_more_of_it(chat: Typist) -> None:
    await chat.says("kite x2")
    reply = await chat.says("/sora status j0000")
    assert words(reply).startswith("More than one job begins with “j0000”: ")


async def test_a_command_that_needs_a_job_says_so(chat: Typist) -> None:
    reply = await chat.says("/sora cancel")
    assert words(reply).startswith("Job is missing: the job’s id, or its first four characters.")


async def test_a_finished_video_can_be_shown_again(busy_chat: Typist) -> None:
    core = busy_chat.core
    core.world.provider.instant = True
    await busy_chat.says("a red kite")
    await core.wait(10_000)
    assert await core.state(FIRST) is JobState.DONE
    reply = await busy_chat.says(f"/sora show {FIRST}", BEN)
    assert reply.jobs == (FIRST,)
    assert words(reply).startswith("Done")


async def test_there_is_nothing_to_show_of_an_unfinished_job(chat: Typist) -> None:
    await chat.says("a red kite")
    reply = await chat.says(f"/sora show {FIRST}")
    assert words(reply).startswith("There is no finished video to show: this one is waiting.")


# --- cancel and retry ---------------------------------------------------------------------


async def test_cancelling_what_waits_gives_the_credits_back_at_once(chat: Typist) -> None:
    await chat.says("a red kite")
    reply = await chat.presses("cancel", {"job": FIRST})
    assert words(reply) == f"Cancelled #{FIRST} · 80 credits are back, nothing was charged"
    assert await chat.core.purse() == (ALLOWANCE, 0)


async def test_cancelling_what_renders_is_a_wish_at_first(busy_chat: Typist) -> None:
    await busy_chat.says("a red kite")
    await busy_chat.core.work()
    reply = await busy_chat.says(f"/sora cancel {FIRST}")
    assert words(reply) == (
        f"Cancel is noted for #{FIRST} · it stops as soon as the provider lets go; "
        "80 credits come back then"
    )
    await busy_chat.core.work()
    assert await busy_chat.core.state(FIRST) is JobState.CANCELLED


@pytest.mark.parametrize(
    "can, told",
    [
        (Capabilities(), "the provider stops nothing: it goes on there"),
        (
            Capabilities(cancels=True, charges_cancels=True),
            "it stops, but the provider bills what it began",
        ),
    ],
)
async def test_a_cancel_that_costs_says_who_bears_that(
    world: World, can: Capabilities, told: str
) -> None:
    world.provider.capabilities, world.provider.instant = can, False
    async with running(world) as core:
        chat = Typist(core)
        await chat.says("a red kite")
        await core.work()
        reply = await chat.says(f"/sora cancel {FIRST}")
        assert told in words(reply)
        assert words(reply).endswith("; 80 credits come back then")
        await core.work()
        assert await core.purse() == (ALLOWANCE, 0)
        assert await core.lost() == PRICE
        assert not await core.faults()


async def test_only_the_owner_or_an_admin_cancels(chat: Typist) -> None:
    await chat.says("a red kite")
    refused = await chat.says(f"/sora cancel {FIRST}", BEN)
    assert words(refused).startswith("This job is somebody else’s: only they or an admin")
    assert not (await chat.says(f"/sora cancel {FIRST}", MARA)).refused


async def test_what_has_ended_cannot_be_cancelled(chat: Typist) -> None:
    await chat.says("a red kite")
    await chat.says(f"/sora cancel {FIRST}")
    reply = await chat.says(f"/sora cancel {FIRST}")
    assert words(reply).startswith("This can no longer be cancelled: it is already cancelled.")


async def test_a_retry_is_a_new_order_of_the_same(chat: Typist) -> None:
    await chat.says("a red kite seconds:12")
    await chat.says(f"/sora cancel {FIRST}")
    reply = await chat.says(f"/sora retry {FIRST}")
    assert words(reply).startswith("Accepted · #j000000002 · 120 credits held")
    again = await chat.core.job("j000000002")
    assert (again.retry_of, again.spec.prompt, again.place) == (FIRST, "a red kite", STUDIO)


async def test_what_still_runs_is_not_retried(chat: Typist) -> None:
    await chat.says("a red kite")
    reply = await chat.says(f"/sora retry {FIRST}", ANA)
    assert words(reply).startswith("Only what ended without a video can be retried")
