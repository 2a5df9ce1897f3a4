"""What admins read of unknown outcomes, and what they type to settle them."""

import pytest

from bot.domain.jobs import JobState
from bot.errors import AmbiguousSubmit
from bot.ports import Capabilities
from tests.fakes.core import ALLOWANCE, ANA, MARA
from tests.fakes.typist import Typist, words


async def lost(chat: Typist, capabilities: Capabilities) -> str:
    chat.core.world.provider.capabilities = capabilities
    chat.core.world.provider.lose.append(AmbiguousSubmit("cut"))
    job_id = (await chat.says("a red kite over dunes")).jobs[0]
    await chat.core.work()
    assert await chat.core.state(job_id) is JobState.SUBMIT_UNKNOWN
    return job_id


async def test_the_list_says_what_is_known_and_how_to_settle_it(busy_chat: Typist) -> None:
    job_id = await lost(busy_chat, Capabilities())
    await busy_chat.core.wait(6_000)
    now = busy_chat.core.clock.now()
    reply = await busy_chat.says("/sora-admin unknown", MARA)
    head, asked, looked, ways = words(reply).splitlines()
    assert head == (
        f"#{job_id} a red kite over dunes · @Ana · 80 credits held · unknown since <{now - 6_000}>"
    )
    assert asked.startswith("Asked of simulator/default: sora-2 · 1280×720 · 8 s · <")
    assert looked == f"1 look, the last one <{now - 1_000}>: this provider cannot list its jobs"
    assert "not-made" in ways
    assert [(one.verb, one.args) for one in reply.message.buttons] == [
        ("admin resolve", {"job": job_id})
    ]


async def test_without_any_the_list_says_so(chat: Typist) -> None:
    assert words(await chat.says("/sora-admin unknown", MARA)) == (
        "No outcome is unknown: nothing to settle."
    )


async def test_never_made_is_told_with_the_credits_and_once(busy_chat: Typist) -> None:
    job_id = await lost(busy_chat, Capabilities())
    reply = await busy_chat.says(f"/sora-admin resolve {job_id} not-made", MARA)
    assert words(reply) == f"#{job_id} · closed as never made: @Ana has 80 credits back."
    assert await busy_chat.core.purse() == (ALLOWANCE, 0)
    again = await busy_chat.says(f"/sora-admin resolve {job_id} charged", MARA)
    assert again.refused
    assert words(again) == (
        "This outcome is not unknown, or somebody settled it already: it is failed. "
        "This request changed and cost nothing."
    )


async def test_a_verdict_that_comes_twice_is_on_record_once(busy_chat: Typist) -> None:
    job_id = await lost(busy_chat, Capabilities())
    for _ in range(2):
        line = f"/sora-admin resolve {job_id} not-made"
        await busy_chat.says(line, MARA, interaction="click")
    (record,) = words(await busy_chat.says("/sora-admin audit", MARA)).splitlines()
    assert f"resolve · #{job_id}: unknown → not-made" in record
    assert await busy_chat.core.purse() == (ALLOWANCE, 0)


async def test_charged_is_told_with_whose_loss_it_is(busy_chat: Typist) -> None:
    job_id = await lost(busy_chat, Capabilities())
    reply = await busy_chat.says(f"/sora-admin resolve {job_id} charged", MARA)
    assert words(reply) == (
        f"#{job_id} · closed as charged without a video: @Ana has 80 credits back, "
        "the workspace bears 80 credits."
    )


@pytest.mark.parametrize("typed", ["", "not-made", "as:charged"])
async def test_what_is_there_after_all_is_told_instead(busy_chat: Typist, typed: str) -> None:
    job_id = await lost(busy_chat, Capabilities(lists=True))
    reply = await busy_chat.says(f"/sora-admin resolve {job_id[:9]} {typed}".strip(), MARA)
    assert not reply.refused
    assert words(reply) == (
        f"#{job_id} · found at the provider as video_1: it goes on, its credits stay held."
    )


async def test_a_typo_settles_nothing_and_says_what_is_possible(busy_chat: Typist) -> None:
    job_id = await lost(busy_chat, Capabilities())
    reply = await busy_chat.says(f"/sora-admin resolve {job_id} chargd", MARA)
    assert reply.refused
    assert words(reply) == (
        f"#{job_id} · nothing changed: the provider knows no chargd. Possible: not-made, "
        "charged, or the provider’s id of the video."
    )


async def test_the_button_looks_once_more(busy_chat: Typist) -> None:
    job_id = await lost(busy_chat, Capabilities())
    reply = await busy_chat.presses("admin resolve", {"job": job_id}, MARA)
    assert not reply.refused
    assert "this provider cannot list its jobs" in words(reply)


async def test_members_settle_nothing(busy_chat: Typist) -> None:
    job_id = await lost(busy_chat, Capabilities())
    for line in ("unknown", f"resolve {job_id}", f"resolve {job_id} not-made"):
        reply = await busy_chat.says(f"/sora-admin {line}", ANA)
        assert reply.refused
        assert "Only an admin" in words(reply)
    assert await busy_chat.core.state(job_id) is JobState.SUBMIT_UNKNOWN


async def test_who_settled_it_and_how_is_on_record(busy_chat: Typist) -> None:
    ended = await lost(busy_chat, Capabilities())
    taken = await lost(busy_chat, Capabilities())
    for typed in (
        f"{ended} charged",
        f"{taken} video_404",
        f"{taken} video_2",
        f"{taken} not-made",
    ):
        await busy_chat.says(f"/sora-admin resolve {typed}", MARA)
    shown = words(await busy_chat.says("/sora-admin audit", MARA)).splitlines()
    assert [line.rpartition(" · ")[0] for line in shown] == [
        f"@Mara · tried resolve · {taken} not-made · refused: too late",
        f"@Mara · resolve · #{taken}: unknown → video_2",
        f"@Mara · resolve · #{ended}: unknown → charged",
    ]
