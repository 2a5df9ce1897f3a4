"""Real money: caps, what is kept for the urgent, and who hears of it."""

from __future__ import annotations

import pytest

from bot.domain.refs import Person, Place
from bot.domain.usage import Usage, of_channel
from tests.fakes.core import ANA, BEN, MARA, PRICE, STUDIO, TENANT
from tests.fakes.typist import Typist, words

LEAD = Person(TENANT, "lea", "Lea", roles=("77",))
DOLLARS = PRICE / 100
"""What one kite costs."""


async def alerts(chat: Typist) -> list[str]:
    """What was told in the channel for admins."""
    await chat.core.work()
    return [post.text for post in chat.core.world.chat.in_channel("admins")]


async def test_an_order_over_the_budget_is_refused_and_says_when_there_is_room_again(
    chat: Typist,
) -> None:
    await chat.says("/sora-admin budget set 2 per month", MARA)
    for _ in range(2):
        assert not (await chat.says("a kite", ANA)).refused
    reply = await chat.says("a kite", ANA)
    assert words(reply) == (
        "The budget of this workspace for this month has $0.40 left, and this costs $0.80. "
        "It starts anew on Thursday 1 October 00:00 Europe/Berlin; an admin can raise it. "
        "Nothing was started or charged."
    )
    assert await chat.core.purse(ANA) == (2000 - 2 * PRICE, 2 * PRICE)


async def test_what_failed_makes_room_again(chat: Typist) -> None:
    await chat.says("/sora-admin budget set 0.80 per day", MARA)
    await chat.says("a kite", ANA)
    assert (await chat.says("a kite", ANA)).refused
    job = (await chat.core.jobs())[0]
    await chat.says(f"/sora cancel {job.id}", ANA)
    assert not (await chat.says("a kite", ANA)).refused


async def test_the_next_period_starts_anew_by_itself(chat: Typist) -> None:
    await chat.says("/sora-admin budget set 0.80 per day", MARA)
    await chat.says("a kite", ANA)
    assert (await chat.says("a kite", ANA)).refused
    chat.core.clock.advance(24 * 3_600_000)
    assert not (await chat.says("a kite", ANA)).refused


async def test_a_budget_of_a_channel_leaves_others_alone(chat: Typist) -> None:
    await chat.says("/sora-admin budget set 0 per day for:#studio", MARA)
    assert "budget of this channel" in words(await chat.says("a kite", ANA))
    other = Place(TENANT, "elsewhere")
    assert not (await chat.says("a kite", ANA, other)).refused


async def test_a_budget_of_a_provider_holds_everywhere(chat: Typist) -> None:
    await chat.says("/sora-admin budget set 0 per day for:simulator", MARA)
    assert "budget of the provider simulator" in words(await chat.says("a kite", ANA))


async def test_a_part_of_it_is_for_urgent_work_alone(chat: Typist) -> None:
    line = "/sora-admin budget set 1.60 per day reserve:0.80 role:<@&77|leads>"
    await chat.says(line, MARA)
    assert not (await chat.says("a kite", ANA)).refused
    assert "The rest is kept for urgent work." in words(await chat.says("a kite", ANA))
    assert not (await chat.says("a kite", LEAD)).refused
    assert (await chat.says("a kite", LEAD)).refused


async def test_without_a_role_admins_do_the_urgent_work(chat: Typist) -> None:
    await chat.says("/sora-admin budget set 0.80 per day reserve:0.80", MARA)
    assert (await chat.says("a kite", ANA)).refused
    assert not (await chat.says("a kite", MARA)).refused


async def test_a_budget_is_shown_with_what_was_spent_and_can_be_taken_away(chat: Typist) -> None:
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    reply = await chat.says("/sora-admin budget set 8 per month", MARA)
    assert words(reply).startswith("Set. workspace · $0.00 of $8.00 this month (0 %)")
    await chat.says("a kite", ANA)
    shown = words(await chat.says("/sora-admin budget show", MARA))
    assert shown.startswith("workspace · $0.80 of $8.00 this month (10 %) · starts anew Thursday")
    reply = await chat.says("/sora-admin budget set none per month", MARA)
    assert words(reply) == "Taken away: the budget per month for workspace."
    reply = await chat.says("/sora-admin budget set none per month", MARA)
    assert words(reply) == "There is no budget per month for workspace to take away."
    assert words(await chat.says("/sora-admin budget show", MARA)).startswith("No budget is set.")


async def test_without_a_channel_for_alerts_the_admin_hears_that_nobody_would_be_told(
    chat: Typist,
) -> None:
    reply = await chat.says("/sora-admin budget set 8 per month", MARA)
    assert "There is no channel for alerts yet" in words(reply)


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("a lot per month", "Amount cannot be"),
        ("-5 per month", "Amount cannot be"),
        ("5 per year", "Period cannot be"),
        ("5 per month for:nowhere", "Scope cannot be “nowhere”. Possible: workspace,"),
        ("5 per month for:#nowhere", "There is no channel “#nowhere” here."),
        ("5 per month reserve:6", "Reserve cannot be “6”. Possible: $5.00 at most."),
        ("5 per month role:@ben", "Role cannot be “@ben”. Possible: a role or user group"),
    ],
)
async def test_a_strange_budget_is_refused(chat: Typist, line: str, sentence: str) -> None:
    reply = await chat.says(f"/sora-admin budget set {line}", MARA)
    assert reply.refused
    assert words(reply).startswith(sentence)


# --- alerts -------------------------------------------------------------------------------


async def test_each_threshold_is_told_once_in_the_channel_for_admins(chat: Typist) -> None:
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await chat.says("/sora-admin budget set 3.20 per day", MARA)
    told: list[int] = []
    for _ in range(4):
        await chat.says("a kite", ANA)
        told.append(len(await alerts(chat)))
    assert told == [0, 1, 2, 4]
    found = await alerts(chat)
    assert [text.split(" %")[0] for text in found] == ["50", "75", "90", "100"]
    assert "workspace · $1.60 of $3.20 today" in found[0]
    assert "New orders are refused until" in found[3]


async def test_what_falls_and_rises_again_is_not_told_again(chat: Typist) -> None:
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await chat.says("/sora-admin budget set 1.60 per day", MARA)
    for _ in range(3):
        await chat.says("a kite", ANA)
        await chat.core.work()
        job = (await chat.core.jobs())[0]
        await chat.says(f"/sora cancel {job.id}", ANA)
        await chat.core.work()
    assert len(await alerts(chat)) == 1


async def test_the_next_period_is_told_of_anew(chat: Typist) -> None:
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await chat.says("/sora-admin budget set 1.60 per day", MARA)
    await chat.says("a kite", ANA)
    chat.core.clock.advance(24 * 3_600_000)
    await chat.says("a kite", ANA)
    assert len(await alerts(chat)) == 2


async def test_a_cap_that_is_lowered_below_what_was_spent_is_told_at_once(chat: Typist) -> None:
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await chat.says("a kite", ANA)
    await chat.says("/sora-admin budget set 1 per day", MARA)
    assert [text.split(" %")[0] for text in await alerts(chat)] == ["50", "75"]


async def test_what_was_missed_is_told_once_there_is_a_channel(chat: Typist) -> None:
    await chat.says("/sora-admin budget set 1.60 per day", MARA)
    await chat.says("a kite", ANA)
    assert await alerts(chat) == []
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    assert len(await alerts(chat)) == 1


async def test_what_the_backend_said_it_cost_is_what_counts(busy_chat: Typist) -> None:
    chat = busy_chat
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await chat.says("/sora-admin budget set 2 per day", MARA)
    chat.core.world.provider.cost_micros = 1_900_000
    await chat.says("a kite", ANA)
    assert await alerts(chat) == []
    chat.core.world.provider.finish()
    await chat.core.wait(60_000)
    assert [text.split(" %")[0] for text in await alerts(chat)] == ["50", "75", "90"]
    async with chat.core.store.reading() as tx:
        found = await tx.usage.total(TENANT, of_channel(STUDIO.channel), "", 0)
    assert found == Usage(1, 8, PRICE, 1_900_000)


# --- limits that are shared, or granted ---------------------------------------------------


async def test_a_limit_of_a_channel_is_shared_by_all_in_it(chat: Typist) -> None:
    await chat.says("/sora-admin quota set #studio 1 videos per day", MARA)
    assert not (await chat.says("a kite", ANA)).refused
    reply = await chat.says("a kite", BEN)
    assert words(reply).startswith("This would be over the limit of this channel of 1 video per")
    assert not (await chat.says("a kite", BEN, Place(TENANT, "elsewhere"))).refused
    shown = words(await chat.says("/sora quota", BEN))
    assert "1 of 1 video today" in shown
    assert "limit of #studio" in shown


async def test_a_limit_of_the_workspace_is_shared_by_all(chat: Typist) -> None:
    await chat.says("/sora-admin quota set workspace 100 credits per month", MARA)
    assert not (await chat.says("a kite", ANA)).refused
    reply = await chat.says("a kite", BEN, Place(TENANT, "elsewhere"))
    assert "the limit that this whole workspace shares" in words(reply)


async def test_a_limit_of_a_model_leaves_the_others_alone(chat: Typist) -> None:
    await chat.says("/sora-admin quota set everyone 0 videos per day model:sora-2-pro", MARA)
    assert not (await chat.says("a kite", ANA)).refused
    reply = await chat.says("a kite model:sora-2-pro", ANA)
    assert "over your limit of 0 videos of sora-2-pro per day" in words(reply)


async def test_more_than_a_limit_is_granted_until_it_starts_anew(chat: Typist) -> None:
    await chat.says("/sora-admin quota set everyone 1 videos per day", MARA)
    await chat.says("a kite", ANA)
    assert (await chat.says("a kite", ANA)).refused
    reply = await chat.says("/sora-admin quota grant @ana 1 videos per day", MARA)
    assert words(reply) == "@Ana has 1 video more today."
    assert not (await chat.says("a kite", ANA)).refused
    assert (await chat.says("a kite", ANA)).refused
    assert not (await chat.says("a kite", BEN)).refused
    assert (await chat.says("a kite", BEN)).refused
    chat.core.clock.advance(24 * 3_600_000)
    assert not (await chat.says("a kite", ANA)).refused
    assert (await chat.says("a kite", ANA)).refused


async def test_more_of_what_nothing_limits_is_refused(chat: Typist) -> None:
    reply = await chat.says("/sora-admin quota grant @ana 1 videos per day", MARA)
    assert reply.refused
    assert "nothing, for no limit holds for them" in words(reply)


async def test_limits_start_anew_for_somebody_whose_limits_are_reset(chat: Typist) -> None:
    await chat.says("/sora-admin quota set everyone 2 videos per week", MARA)
    for _ in range(2):
        await chat.says("a kite", ANA)
    await chat.says("/sora-admin quota reset @ana", MARA)
    assert "2 of 4 videos this week" in words(await chat.says("/sora quota", ANA))
    for _ in range(2):
        assert not (await chat.says("a kite", ANA)).refused
    assert (await chat.says("a kite", ANA)).refused


async def test_who_made_most_comes_first(chat: Typist) -> None:
    await chat.says("a kite", BEN)
    for _ in range(2):
        await chat.says("a kite", ANA)
    shown = words(await chat.says("/sora-admin quota top", MARA))
    assert shown.splitlines() == [
        "1. @Ana · 2 videos, 16 seconds · 160 credits · $1.60",
        "2. @Ben · 1 video, 8 seconds · 80 credits · $0.80",
    ]


# --- a yes to the price -------------------------------------------------------------------


async def test_above_a_price_a_yes_comes_first_and_is_one_order(chat: Typist) -> None:
    await chat.says("/sora-admin settings confirm 100", MARA)
    assert not (await chat.says("a kite", ANA)).refused
    reply = await chat.says("a kite x2", ANA)
    assert words(reply).startswith("This costs 160 credits and you have 1,920.")
    assert await chat.core.purse(ANA) == (1920, 80)
    yes, no = reply.message.buttons
    assert (yes.label, no.verb) == ("Yes, for 160 credits", "dismiss")
    for _ in range(2):
        assert not (await chat.presses(yes.verb, dict(yes.args), ANA)).refused
    assert await chat.core.purse(ANA) == (1760, 240)
    assert len(await chat.core.jobs()) == 3


async def test_nobody_says_yes_for_somebody_else_or_after_a_day(chat: Typist) -> None:
    await chat.says("/sora-admin settings confirm 10", MARA)
    yes, _ = (await chat.says("a kite", ANA)).message.buttons
    assert (await chat.presses(yes.verb, dict(yes.args), BEN)).refused
    chat.core.clock.advance(25 * 3_600_000)
    assert (await chat.presses(yes.verb, dict(yes.args), ANA)).refused
    assert await chat.core.jobs() == ()


async def test_what_could_not_be_ordered_anyway_is_refused_without_a_question(
    chat: Typist,
) -> None:
    await chat.says("/sora-admin settings confirm 10", MARA)
    await chat.says("/sora-admin budget set 0 per day", MARA)
    assert (await chat.says("a kite", ANA)).refused


# --- asking for more ----------------------------------------------------------------------


async def test_a_wish_for_more_is_granted_by_one_press_and_told(chat: Typist) -> None:
    await chat.says("/sora-admin settings alerts here", MARA, Place(TENANT, "admins"))
    await chat.says("/sora-admin quota set everyone 1 videos per day", MARA)
    await chat.says("a kite", ANA)
    button = (await chat.says("/sora quota", ANA)).message.buttons[0]
    assert (button.label, button.asks) == ("Ask for more", "reason")
    reply = await chat.presses(button.verb, {"reason": "the spring film"}, ANA)
    assert words(reply) == "Asked the admins for 1 video more today. You will be told."
    await chat.core.work()
    (post,) = chat.core.world.chat.in_channel("admins")
    assert "@Ana asks for 1 video more today" in post.text
    approve, deny = post.message.buttons
    assert not (await chat.presses(approve.verb, dict(approve.args), MARA)).refused
    late = await chat.presses(deny.verb, dict(deny.args), MARA)
    assert words(late).startswith("This was approved already, by @Mara.")
    assert not (await chat.says("a kite", ANA)).refused
    await chat.core.work()
    assert "Approved by @Mara" in chat.core.world.chat.in_channel("admins")[0].text
    assert chat.core.world.chat.told(ANA)[-1] == "An admin approved: you have 1 video more today."


async def test_a_wish_that_is_denied_changes_nothing(chat: Typist) -> None:
    reply = await chat.says("/sora more 300 please", ANA)
    assert words(reply).startswith("Asked the admins for 300 credits. You will be told. They have")
    assert (await chat.says("/sora more", ANA)).refused
    before = await chat.core.purse(ANA)
    await chat.says("/sora-admin deny j000000001", MARA)
    assert await chat.core.purse(ANA) == before
    assert not (await chat.says("/sora more", ANA)).refused


async def test_a_member_cannot_grant_their_own_wish(chat: Typist) -> None:
    await chat.says("/sora more", ANA)
    reply = await chat.presses("admin approve", {"request": "j000000001"}, ANA)
    assert words(reply).startswith("Only an admin")


# --- how a workspace lives ----------------------------------------------------------------


async def test_a_workspace_has_a_time_zone_of_its_own(chat: Typist) -> None:
    await chat.says("/sora-admin quota set everyone 1 videos per day", MARA)
    await chat.says("/sora-admin settings zone Asia/Tokyo", MARA)
    assert "00:00 Asia/Tokyo" in words(await chat.says("/sora quota", ANA))
    await chat.says("/sora-admin settings zone none", MARA)
    assert "00:00 Europe/Berlin" in words(await chat.says("/sora quota", ANA))


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("zone Mars", "Zone cannot be “Mars”. Possible: a time zone such as"),
        ("confirm lots", "Confirm cannot be “lots”. Possible: a whole number of credits"),
        ("alerts there", "Alerts cannot be “there”. Possible: here, in the channel"),
        ("zone", "Value is missing"),
    ],
)
async def test_a_strange_setting_is_refused(chat: Typist, line: str, sentence: str) -> None:
    reply = await chat.says(f"/sora-admin settings {line}", MARA)
    assert reply.refused
    assert words(reply).startswith(sentence)
