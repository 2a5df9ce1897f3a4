"""Credits as people see and move them: purses of channels, pots of sponsors."""

import pytest

from tests.fakes.core import ANA, BEN, MARA
from tests.fakes.typist import Typist, words


async def finished(chat: Typist) -> str:
    chat.core.world.provider.instant = True
    job = (await chat.says("a kite")).jobs[0]
    await chat.core.wait(2_000)
    return job


@pytest.mark.parametrize("room", ["#studio", "<#studio|studio>", "channel:#studio"])
async def test_an_admin_gives_a_channel_credits_which_pay_there(chat: Typist, room: str) -> None:
    reply = await chat.says(f"/sora-admin credits grant {room} 500 spring film", MARA)
    assert words(reply) == "#studio got 500 credits and has 500 to spend now."
    accepted = await chat.says("a kite")
    assert words(accepted).splitlines()[0] == (
        f"Accepted · #{accepted.jobs[0]} · 80 credits held, paid by #studio, 420 left there"
    )
    assert "Paid by #studio" in words(await chat.says("/sora status"))
    assert await chat.core.purse(ANA) == (0, 0)


async def test_there_is_no_channel_of_that_name(chat: Typist) -> None:
    reply = await chat.says("/sora-admin credits grant #garden 500", MARA)
    assert words(reply).startswith("There is no channel “#garden” here.")


async def test_a_person_and_a_channel_at_once_are_nobody(chat: Typist) -> None:
    both = {"person": "<@ben|Ben> <#studio|studio>", "amount": "5"}
    assert (await chat.presses("admin credits grant", both, MARA)).refused


async def test_somebody_pays_for_remixes_of_a_video(busy_chat: Typist) -> None:
    job = await finished(busy_chat)
    reply = await busy_chat.says(f"/sora sponsor {job} 100")
    assert words(reply) == (
        f"Up to 100 credits of yours pay for remixes of #{job}, whoever asks for them. "
        f"You have 1,820 to spend. Take the rest back with /sora sponsor {job} 0"
    )
    remix = await busy_chat.says(f"/sora remix {job} at night", BEN)
    assert "80 credits held, sponsored by @Ana, 20 left there" in words(remix)
    assert "Sponsored by @Ana" in words(await busy_chat.says("/sora status", BEN))
    back = await busy_chat.says(f"/sora sponsor {job} 0")
    assert words(back) == (
        f"20 credits are back from the remixes of #{job}. You have 1,840 to spend."
    )
    nothing = await busy_chat.says(f"/sora sponsor {job} 0")
    assert words(nothing).startswith(f"You sponsor no remixes of #{job}, so nothing comes back.")


async def test_nobody_sponsors_with_what_they_do_not_have(busy_chat: Typist) -> None:
    job = await finished(busy_chat)
    reply = await busy_chat.says(f"/sora sponsor {job} 5000", BEN)
    assert words(reply).startswith("5,000 credits cannot be moved: there are 2,000.")
    assert (await busy_chat.says(f"/sora sponsor {job}", BEN)).refused
    assert (await busy_chat.says(f"/sora sponsor {job} lots", BEN)).refused
