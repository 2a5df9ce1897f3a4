"""Limits and credits, as members see them and admins set them."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.dispatch import Commands
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.refs import Person, Tenant
from bot.services.line import Allowed
from tests.fakes.core import BEN, MARA, Options, World, running
from tests.fakes.typist import Typist, words

WEEKLY = Rule(EVERYONE, Unit.VIDEOS, Period.WEEK, 2)


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncGenerator[Typist]:
    """A workspace in which everyone may make two videos a week."""
    options = Options(allowed=Allowed(slots=0), quotas=(WEEKLY,))
    async with running(World(tmp_path), options) as core:
        yield Typist(core)


async def test_quota_tells_what_is_left_and_when_it_starts_anew(limited: Typist) -> None:
    await limited.says("a kite")
    assert words(await limited.says("/sora quota")).splitlines() == [
        "1,920 credits to spend · 80 held by running jobs",
        "1 of 2 videos this week · resets Monday 00:00 Europe/Berlin · 1 held by running jobs",
    ]


async def test_without_limits_credits_are_the_limit(chat: Typist) -> None:
    assert words(await chat.says("/sora quota")).splitlines() == [
        "2,000 credits to spend",
        "No limit per day, week or month: your credits are the limit.",
    ]


async def test_going_over_a_limit_is_refused_with_the_time_of_the_next_try(
    limited: Typist,
) -> None:
    await limited.says("a kite")
    reply = await limited.says("another kite x2")
    assert reply.refused
    assert words(reply) == (
        "This would be over your limit of 2 videos per week: "
        "1 used, 1 of it held by running jobs, 2 asked for. "
        "There is room again on Monday 00:00 Europe/Berlin. Nothing was started or charged."
    )


@pytest.mark.parametrize(
    "line",
    [
        "quota show",
        "quota show @ana",
        "quota set @ana 20 videos per week",
        "credits grant @ana 100",
    ],
)
async def test_admin_commands_are_for_admins(chat: Typist, line: str) -> None:
    reply = await chat.says(f"/sora-admin {line}", BEN)
    assert reply.refused
    assert words(reply).startswith("Only an admin of this workspace can do that.")
    assert await chat.core.purse() == (0, 0)


async def test_an_admin_sees_all_limits(limited: Typist) -> None:
    await limited.says("/sora-admin quota set @ben 60 seconds per day rolling", MARA)
    shown = words(await limited.says("/sora-admin quota show", MARA))
    assert shown.splitlines() == [
        "everyone · 2 videos per week",
        "@Ben · 60 seconds per day, counted in the last 24 hours",
    ]


async def test_without_limits_an_admin_is_told_how_to_set_one(chat: Typist) -> None:
    shown = words(await chat.says("/sora-admin quota show", MARA))
    assert shown == "No limits are set. Set one: /sora-admin quota set"


async def test_an_admin_sees_where_somebody_stands(limited: Typist) -> None:
    shown = words(await limited.says("/sora-admin quota show @ben", MARA))
    assert shown.splitlines()[:2] == ["@Ben", "2,000 credits to spend"]
    assert "0 of 2 videos this week" in shown


async def test_a_limit_holds_from_the_moment_it_is_set(chat: Typist) -> None:
    reply = await chat.says("/sora-admin quota set @ben 1 video per month", MARA)
    assert words(reply) == "Set for @Ben: at most 1 video per month, from now on."
    assert not (await chat.says("a kite", BEN)).refused
    assert words(await chat.says("another", BEN)).startswith("This would be over your limit")


async def test_a_limit_can_be_for_everyone(chat: Typist) -> None:
    reply = await chat.says("/sora-admin quota set everyone 0 credits daily", MARA)
    assert words(reply) == "Set for everyone: at most 0 credits per day, from now on."
    assert (await chat.says("a kite")).refused


async def test_a_limit_can_be_taken_away_once(chat: Typist) -> None:
    await chat.says("/sora-admin quota set @ben 1 video per month", MARA)
    line = "/sora-admin quota set @ben none videos per month"
    assert words(await chat.says(line, MARA)).startswith(
        "Taken away: the limit on videos per month for @Ben."
    )
    assert words(await chat.says(line, MARA)) == (
        "There is no limit on videos per month for @Ben to take away."
    )


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("@ben lots videos week", "Limit cannot be “lots”. Possible: 0–1,000,000 or none."),
        ("@ben 5 films week", "Unit cannot be “films”. Possible: videos, seconds or credits."),
        ("@ben 5 videos year", "Period cannot be “year”. Possible: day, week or month."),
        ("@ben 5 videos", "Period is missing: per what."),
        ("", "Person is missing: who, a role or user group, a channel, everyone each, or"),
        ("@nobody 5 videos week", "There is no person “@nobody” here."),
    ],
)
async def test_a_strange_limit_is_refused(chat: Typist, line: str, sentence: str) -> None:
    reply = await chat.says(f"/sora-admin quota set {line}", MARA)
    assert reply.refused
    assert words(reply).startswith(sentence)


# --- roles --------------------------------------------------------------------------------

PLUS = replace(BEN, roles=("5", "77"))
PLUS_LIMIT = "/sora-admin quota set <@&77|Plus Friends> 3 videos per week"


async def test_a_limit_can_be_for_a_role_and_raises_that_of_everyone(limited: Typist) -> None:
    reply = await limited.says(PLUS_LIMIT, MARA)
    assert words(reply) == "Set for role Plus Friends: at most 3 videos per week, from now on."
    assert not (await limited.says("a kite x3", PLUS)).refused
    refusal = await limited.says("one more", PLUS)
    assert words(refusal).startswith("This would be over your limit of 3 videos per week")
    assert (await limited.says("a kite x3")).refused


async def test_somebody_with_a_role_is_told_whose_limit_it_is(limited: Typist) -> None:
    await limited.says(PLUS_LIMIT, MARA)
    assert words(await limited.says("/sora quota", PLUS)).splitlines()[1] == (
        "0 of 3 videos this week · resets Monday 00:00 Europe/Berlin · limit of role 77"
    )


async def test_an_admin_sees_limits_of_roles_too(limited: Typist) -> None:
    await limited.says(PLUS_LIMIT, MARA)
    shown = words(await limited.says("/sora-admin quota show", MARA))
    assert shown.splitlines() == ["everyone · 2 videos per week", "role 77 · 3 videos per week"]


async def test_a_chat_that_knows_its_roles_names_them_and_who_has_them(limited: Typist) -> None:
    known = {"role:77": Person(BEN.tenant, "role:77", "Plus"), "ben": PLUS}

    def find(tenant: Tenant, text: str) -> Person | None:
        return known.get(text) if tenant == BEN.tenant else None

    limited.commands = Commands(replace(limited.services, find_person=find))
    reply = await limited.says("/sora-admin quota set <@&77> 3 videos per week", MARA)
    assert words(reply).startswith("Set for role Plus:")
    shown = words(await limited.says("/sora-admin quota show", MARA))
    assert shown.splitlines()[1] == "role Plus · 3 videos per week"
    standing = words(await limited.says("/sora-admin quota show <@ben|Ben>", MARA))
    assert standing.endswith(" · limit of role Plus")


async def test_a_limit_of_a_role_can_be_taken_away(limited: Typist) -> None:
    await limited.says(PLUS_LIMIT, MARA)
    line = "/sora-admin quota set <@&77> none videos per week"
    assert words(await limited.says(line, MARA)).startswith(
        "Taken away: the limit on videos per week for role 77."
    )
    assert (await limited.says("a kite x3", PLUS)).refused


@pytest.mark.parametrize("line", ["credits grant <@&77|Plus> 5", "quota show <@&77|Plus>"])
async def test_where_only_a_person_can_be_meant_a_role_is_refused(chat: Typist, line: str) -> None:
    reply = await chat.says(f"/sora-admin {line}", MARA)
    assert words(reply).startswith("There is no person “Plus” here.")


# --- credits ------------------------------------------------------------------------------


async def test_granted_credits_can_be_spent_at_once(chat: Typist) -> None:
    reply = await chat.says("/sora-admin credits grant @ben 500 for the spring film", MARA)
    assert words(reply) == "@Ben got 500 credits and has 2,500 to spend now."
    assert await chat.core.purse(BEN) == (2500, 0)


async def test_a_mentioned_person_is_known_by_the_mention(chat: Typist) -> None:
    reply = await chat.says("/sora-admin credits grant <@ben|Benjamin> 1", MARA)
    assert words(reply) == "@Benjamin got 1 credit and has 2,001 to spend now."


async def test_the_same_grant_is_given_once(chat: Typist) -> None:
    for _ in range(2):
        await chat.says("/sora-admin credits grant @ben 500", MARA, interaction="click")
    assert await chat.core.purse(BEN) == (2500, 0)


async def test_a_grant_to_nobody_is_refused(chat: Typist) -> None:
    reply = await chat.says("/sora-admin credits grant @bem 500", MARA)
    assert words(reply).startswith("There is no person “@bem” here.")


@pytest.mark.parametrize("amount", ["0", "-5", "a lot", "99999999"])
async def test_a_strange_amount_is_refused(chat: Typist, amount: str) -> None:
    args = {"person": "ben", "amount": amount}
    reply = await chat.presses("admin credits grant", args, MARA)
    assert words(reply).startswith(f"Amount cannot be “{amount}”. Possible: 1–10,000,000.")
