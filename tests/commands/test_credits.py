"""Credits as people see and move them: purses of channels, pots of sponsors."""

from dataclasses import replace

import pytest

from bot.commands.dispatch import Commands
from bot.domain.messages import plain
from bot.domain.refs import Person, Tenant
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


# --- moving credits -----------------------------------------------------------------------


async def test_an_admin_takes_credits_back_but_never_more_than_there_are(chat: Typist) -> None:
    reply = await chat.says("/sora-admin credits take @ben 500 granted twice", MARA)
    assert words(reply) == "500 credits taken back from @Ben, 1,500 left there."
    refused = await chat.says("/sora-admin credits take @ben 1,501", MARA)
    assert words(refused).startswith("1,501 credits cannot be moved: there are 1,500.")
    assert await chat.core.purse(BEN) == (1500, 0)


async def test_an_admin_moves_credits_between_people_and_channels(chat: Typist) -> None:
    reply = await chat.says("/sora-admin credits transfer from @ana to #studio 200 film", MARA)
    assert words(reply) == (
        "200 credits moved from @Ana (1,800 left) to #studio (200 to spend now)."
    )
    back = await chat.says("/sora-admin credits transfer #studio @ben 50", MARA)
    assert words(back) == "50 credits moved from #studio (150 left) to @Ben (2,050 to spend now)."
    same = await chat.says("/sora-admin credits transfer @ben @ben 50", MARA)
    assert words(same).startswith("Target cannot be “Ben”. Possible: somebody else.")


async def test_people_give_credits_of_their_own_to_others_only(chat: Typist) -> None:
    reply = await chat.says("/sora give @ben 100 for the storyboard")
    assert words(reply) == "@Ben got 100 credits of yours. You have 1,900 to spend."
    assert await chat.core.purse(BEN) == (2100, 0)
    for line in ("@ana 5", "@ben 1901", "@ben 0", "@ben -5", "#studio 5", "@bem 5", "<@&7|Plus> 5"):
        assert (await chat.says(f"/sora give {line}")).refused, line
    assert await chat.core.purse(ANA) == (1900, 0)


async def test_bots_get_no_credits(chat: Typist) -> None:
    def find(tenant: Tenant, text: str) -> Person | None:
        return Person(tenant, text, bot=True)

    chat.commands = Commands(replace(chat.services, find_person=find))
    reply = await chat.says("/sora give <@ben|Ben> 5")
    assert words(reply).startswith("Person cannot be “@Ben”. Possible: somebody who is no bot.")


async def test_the_same_press_moves_credits_once(chat: Typist) -> None:
    for line, person in (
        ("/sora give @ben 100", ANA),
        ("/sora-admin credits take @ben 100", MARA),
        ("/sora-admin credits transfer @ana @ben 100", MARA),
    ):
        once = await chat.says(line, person, interaction=f"click {line}")
        twice = await chat.says(line, person, interaction=f"click {line}")
        assert words(once) == words(twice)
    assert await chat.core.purse(ANA) == (1800, 0)
    assert await chat.core.purse(BEN) == (2100, 0)


async def test_a_finished_video_is_refunded_once_to_whoever_paid(busy_chat: Typist) -> None:
    job = await finished(busy_chat)
    reply = await busy_chat.says(f"/sora-admin refund {job} the sound was broken", MARA)
    assert words(reply) == f"80 credits for #{job} are back with @Ana."
    again = await busy_chat.says(f"/sora-admin refund {job}", MARA)
    assert words(again) == f"80 credits for #{job} were given back before, to @Ana."
    (record,) = (await busy_chat.says("/sora-admin audit", MARA)).message.lines
    assert f"@Ana: #{job}: 80 credits back" in plain(record)
    assert await busy_chat.core.purse(ANA) == (2000, 0)
    assert await busy_chat.core.faults() == ()


async def test_a_refund_goes_to_the_channel_or_the_pot_that_paid(busy_chat: Typist) -> None:
    first = await finished(busy_chat)
    await busy_chat.says("/sora-admin credits grant #studio 80", MARA)
    job = await finished(busy_chat)
    reply = await busy_chat.says(f"/sora-admin refund {job}", MARA)
    assert words(reply) == f"80 credits for #{job} are back with #studio."
    await busy_chat.says(f"/sora sponsor {first} 80")
    remix = (await busy_chat.says(f"/sora remix {first} at night", BEN)).jobs[0]
    await busy_chat.core.wait(2_000)
    await busy_chat.says(f"/sora-admin refund {remix}", MARA)
    assert "80 credits are back" in words(await busy_chat.says(f"/sora sponsor {first} 0"))


async def test_the_card_of_a_video_tells_that_its_price_went_back(busy_chat: Typist) -> None:
    job = await finished(busy_chat)
    card = busy_chat.core.world.chat.posts[f"card/{job}"]
    assert "Refunded" not in card.text
    await busy_chat.says(f"/sora-admin refund {job}", MARA)
    await busy_chat.core.work()
    told = "Refunded by an admin: 80 credits are back with @Ana."
    assert told in busy_chat.core.world.chat.posts[f"card/{job}"].text
    assert told in words(await busy_chat.says(f"/sora status {job}"))


async def test_the_head_of_a_thread_tells_what_a_refund_put_back(busy_chat: Typist) -> None:
    first = await finished(busy_chat)
    await busy_chat.says(f"/sora sponsor {first} 80")
    remix = (await busy_chat.says(f"/sora remix {first} at night", BEN)).jobs[0]
    await busy_chat.core.wait(5_000)
    posts = busy_chat.core.world.chat.posts
    assert "@Ana pays" not in posts[f"banner/{first}"].text
    await busy_chat.says(f"/sora-admin refund {remix}", MARA)
    await busy_chat.core.wait(5_000)
    assert "@Ana pays up to 80 credits more" in posts[f"banner/{first}"].text


async def test_what_was_not_charged_is_not_refunded(busy_chat: Typist) -> None:
    job = (await busy_chat.says("a kite")).jobs[0]
    reply = await busy_chat.says(f"/sora-admin refund {job}", MARA)
    assert words(reply).startswith("Only a finished video can be refunded; this one is ")
    await busy_chat.says(f"/sora cancel {job}")
    await busy_chat.core.wait(2_000)
    assert (await busy_chat.says(f"/sora-admin refund {job}", MARA)).refused
    assert (await busy_chat.says("/sora-admin refund zzzz", MARA)).refused
    assert await busy_chat.core.purse(ANA) == (2000, 0)


async def test_the_history_tells_who_moved_what_and_why(busy_chat: Typist) -> None:
    await busy_chat.says("/sora-admin credits grant @ana 5 spring film", MARA)
    job = await finished(busy_chat)
    await busy_chat.says("/sora give @ben 20")
    lines = words(await busy_chat.says("/sora-admin credits history @ana", MARA)).splitlines()
    assert [line.partition(" · ")[2] for line in lines[1:]] == [
        "Transferred -20 → 1,905 · by @Ana",
        f"Held -80 → 1,925 · by @Ana · #{job}",
        "Granted +5 → 2,005 · by @Mara · “spring film”",
        "Granted +2,000 → 2,000",
    ]
    assert lines[0] == "@Ana"
    everybody = words(await busy_chat.says("/sora-admin credits history", MARA))
    assert "@Ben · Transferred +20 → 2,020 · by @Ana" in everybody
    nobody = words(await busy_chat.says("/sora-admin credits history #studio", MARA))
    assert nobody.splitlines() == ["#studio", "No credits have moved yet."]


@pytest.mark.parametrize(
    "line",
    [
        "credits take @ana 5",
        "credits transfer @ana @ben 5",
        "credits history",
        "credits history @ana",
        "credits grant #studio 5",
        "refund k7qm",
    ],
)
async def test_only_admins_move_what_is_not_theirs(chat: Typist, line: str) -> None:
    reply = await chat.says(f"/sora-admin {line}", BEN)
    assert words(reply).startswith("Only an admin of this workspace can do that.")
    assert await chat.core.purse(ANA) == (0, 0)


# --- schedules ----------------------------------------------------------------------------


async def test_an_admin_lets_credits_come_by_themselves(chat: Typist) -> None:
    line = "/sora-admin credits schedule"
    assert words(await chat.says(f"{line} @ben 100 per day cap:500", MARA)) == (
        "From now on for @Ben: 100 credits per day, up to a balance of 500."
    )
    assert words(await chat.says(f"{line} #studio 5000 per month expires", MARA)) == (
        "From now on for #studio: 5,000 credits per month, what is left goes when the next come."
    )
    assert words(await chat.says(f"{line} everyone 70 weekly", MARA)) == (
        "From now on for everyone: 70 credits per week. The first come within a quarter of an hour."
    )
    shown = words(await chat.says("/sora-admin credits schedules", MARA))
    assert shown.splitlines() == [
        "@Ben · 100 credits per day, up to a balance of 500",
        "#studio · 5,000 credits per month, what is left goes when the next come",
        "everyone · 70 credits per week",
    ]
    ended = words(await chat.says(f"{line} @ben none", MARA))
    assert ended == "Ended for @Ben. What everyone gets, or what the settings say, still comes."
    assert words(await chat.says(f"{line} @ben none", MARA)) == (
        "No credits of their own come by themselves for @Ben."
    )
    assert words(await chat.says(f"{line} everyone none", MARA)).startswith("Ended for everyone.")


@pytest.mark.parametrize(
    "line",
    ["@ben 100", "@ben lots per day", "@ben 0 per day", "@bem 5 per day", "@ben 5 per year", ""],
)
async def test_a_strange_schedule_is_refused(chat: Typist, line: str) -> None:
    reply = await chat.says(f"/sora-admin credits schedule {line}", MARA)
    assert reply.refused
    assert await chat.core.purse(BEN) == (0, 0)
