"""What admins and people read of an account in trouble."""

from __future__ import annotations

from bot.domain.circuits import OPENS_AFTER
from bot.errors import Billing, Transient
from tests.fakes.core import MARA
from tests.fakes.typist import Typist, words


async def out_of_money(chat: Typist) -> str:
    """A job that waits since another one met a bill; its id."""
    chat.core.world.provider.refuse.append(Billing("pay"))
    await chat.says("a kite")
    await chat.core.work()
    return (await chat.says("a boat")).jobs[0]


async def test_the_doctor_names_an_account_in_trouble_and_what_helps(busy_chat: Typist) -> None:
    assert "account simulator" not in words(await busy_chat.says("/sora-admin doctor", MARA))
    await out_of_money(busy_chat)
    told = words(await busy_chat.says("/sora-admin doctor", MARA))
    assert "account simulator/default" in told
    assert "is out of money" in told
    assert "/sora-admin resume simulator" in told


async def test_the_jobs_of_a_workspace_come_with_the_accounts_in_trouble(
    busy_chat: Typist,
) -> None:
    job = await out_of_money(busy_chat)
    first, second, *_ = words(await busy_chat.says("/sora-admin jobs", MARA)).splitlines()
    assert first.startswith("simulator/default is out of money · next try")
    assert job in second


async def test_people_read_why_their_order_waits(busy_chat: Typist) -> None:
    job = await out_of_money(busy_chat)
    why = "The bot’s account at the provider is out of money · admins are told · next try"
    assert why in words(await busy_chat.says(f"/sora status {job}"))
    queue = words(await busy_chat.says("/sora queue"))
    assert "1st in line, the provider has trouble · @Ana" in queue


async def test_faults_need_no_admin(busy_chat: Typist) -> None:
    core = busy_chat.core
    core.world.provider.refuse.extend(Transient("down") for _ in range(OPENS_AFTER))
    job = (await busy_chat.says("a kite")).jobs[0]
    await core.wait(40_000)
    told = words(await busy_chat.says(f"/sora status {job}"))
    assert "The provider does not answer as it should · next try" in told
    assert "admins are told" not in told


async def test_resuming_says_what_is_tried_again(busy_chat: Typist) -> None:
    await out_of_money(busy_chat)
    told = words(await busy_chat.says("/sora-admin resume", MARA)).splitlines()
    assert told == [
        "Nothing was held back for everything.",
        "Tried again with the next order: simulator/default.",
    ]
    assert busy_chat.core.world.provider.posts == 1
    await busy_chat.core.sweep()
    assert busy_chat.core.world.provider.posts == 2
