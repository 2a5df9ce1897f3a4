"""Admins on Discord: hidden commands, rights checked twice, limits for people and roles."""

from __future__ import annotations

import pytest

from bot.commands.grammar import GRAMMAR, Kind, Param, Right
from bot.domain.jobs import JobState
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE
from tests.fakes.core import Options as CoreOptions
from tests.fakes.discord_bot import Town, plain_text
from tests.fakes.discord_server.commands import NotOffered
from tests.fakes.discord_server.people import Person
from tests.fakes.discord_server.permissions import Permission

WAITING = CoreOptions(allowed=Allowed(slots=0))


async def test_admin_commands_are_offered_to_those_who_manage_the_server(town: Town) -> None:
    async with town.bot():
        assert town.mara.sees(town.channel, "sora-admin")
        assert not town.ana.sees(town.channel, "sora-admin")
        assert town.ana.sees(town.channel, "sora")
        assert not town.mara.sees(town.mara.dm, "sora-admin")


async def test_a_server_that_offers_them_to_others_gives_no_rights_away(town: Town) -> None:
    async with town.bot() as life:
        # As Server Settings → Integrations does.
        for command in town.server.commands.scope(None):
            command["default_member_permissions"] = None
        asked = await town.ana.slash(
            town.channel, "sora-admin credits grant", person=town.ana, amount=500
        )
        assert "Only an admin of this workspace" in plain_text(await asked.answer())
        assert await life.core.purse(town.as_person(town.ana)) == (0, 0)


async def test_an_admin_grants_credits(town: Town) -> None:
    async with town.bot() as life:
        asked = await town.mara.slash(
            town.channel,
            "sora-admin credits grant",
            person=town.ben,
            amount=500,
            reason="for the *film*",
        )
        assert "@Ben got 500 credits and has 2,500 to spend now." in plain_text(
            await asked.answer()
        )
        assert await life.core.purse(town.as_person(town.ben)) == (ALLOWANCE + 500, 0)


async def test_an_admin_grants_a_channel_credits_that_pay_for_what_is_asked_there(
    town: Town,
) -> None:
    async with town.bot(WAITING) as life:
        asked = await town.mara.slash(
            town.channel, "sora-admin credits grant", channel=town.channel, amount=500
        )
        room = f"<#{town.channel.id}>"
        assert f"{room} got 500 credits and has 500 to spend now." in plain_text(
            await asked.answer()
        )
        ordered = await town.ana.slash(town.channel, "sora create", prompt="a kite")
        assert f"80 credits held, paid by {room}, 420 left there" in plain_text(
            await ordered.answer()
        )
        assert await life.core.purse(town.as_person(town.ana)) == (0, 0)


async def test_a_grant_to_nobody_and_to_two_at_once_is_refused(town: Town) -> None:
    async with town.bot():
        both: dict[str, object] = {"person": town.ben, "channel": town.channel}
        for more in ({}, both):
            asked = await town.mara.slash(
                town.channel, "sora-admin credits grant", amount=500, **more
            )
            assert "Nothing was started or charged." in plain_text(await asked.answer())


async def test_people_give_each_other_credits_but_none_to_bots(town: Town) -> None:
    async with town.bot() as life:
        given = await town.ana.slash(town.channel, "sora give", person=town.ben, amount=100)
        assert "@Ben got 100 credits of yours." in plain_text(await given.answer())
        refused = await town.ana.slash(
            town.channel, "sora give", person=town.server.bot, amount=100
        )
        assert "somebody who is no bot" in plain_text(await refused.answer())
        assert await life.core.purse(town.as_person(town.ana)) == (ALLOWANCE - 100, 0)


async def test_a_limit_for_everyone_holds_for_everyone(town: Town) -> None:
    async with town.bot(WAITING) as life:
        asked = await town.mara.slash(
            town.channel,
            "sora-admin quota set",
            person=town.studio.everyone,
            limit="1",
            unit="videos",
            period="day",
        )
        assert "Set for everyone: at most 1 video per day" in plain_text(await asked.answer())
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        refused = await town.ana.slash(town.channel, "sora create", prompt="a second kite")
        answer = plain_text(await refused.answer())
        assert "over your limit of 1 video per day" in answer
        assert "> a second kite" in answer
        assert len(await life.jobs()) == 1


async def test_a_role_may_make_more_than_everyone(town: Town) -> None:
    plus = town.studio.role("Plus")
    town.studio.members[town.ben.id].roles.append(plus)
    async with town.bot(WAITING) as life:
        for who, limit in ((town.studio.everyone, "0"), (plus, "5")):
            asked = await town.mara.slash(
                town.channel,
                "sora-admin quota set",
                person=who,
                limit=limit,
                unit="videos",
                period="week",
            )
            await asked.answer()
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await (await town.ben.slash(town.channel, "sora create", prompt="a kite")).answer()
        assert [job.person.name for job in await life.jobs()] == ["Ben"]
        standing = await (await town.ben.slash(town.channel, "sora quota")).answer()
        assert "1 of 5 videos this week" in plain_text(standing)
        assert "limit of role Plus" in plain_text(standing)


async def test_the_menu_of_a_person_sets_their_limit(town: Town) -> None:
    async with town.bot():
        asked = await town.mara.user_menu(town.ben, "Set video quota", town.channel)
        assert asked.modal
        assert asked.modal.title == "Limit for Ben"
        sent = await town.mara.submit(asked.modal, limit="20", unit="videos", period="week")
        assert "at most 20 videos per week" in plain_text(await sent.answer())
        shown = await town.mara.slash(town.channel, "sora-admin quota show", person=town.ben)
        assert "0 of 20 videos this week" in plain_text(await shown.answer())


async def test_a_limit_that_is_no_number_is_refused_in_one_sentence(town: Town) -> None:
    async with town.bot():
        asked = await town.mara.user_menu(town.ben, "Set video quota", town.channel)
        sent = await town.mara.submit(asked.modal, limit="many", unit="videos", period="week")
        assert "Limit cannot be “many”. Possible: 0–1,000,000 or none." in plain_text(
            await sent.answer()
        )


async def test_the_menu_of_a_person_is_hidden_from_members(town: Town) -> None:
    async with town.bot():
        with pytest.raises(NotOffered):
            await town.ana.user_menu(town.ben, "Set video quota", town.channel)


async def test_servers_know_nothing_of_each_other(town: Town) -> None:
    other = town.server.guild("Other")
    elsewhere = other.channel("elsewhere")
    eve = other.member("Eve", Permission.MANAGE_GUILD)
    town.world.provider.instant = True
    async with town.bot() as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.wait(5_000)
        job = (await life.jobs())[0].id
        for command in ("show", "status", "cancel"):
            answer = await (await eve.slash(elsewhere, f"sora {command}", job=job)).answer()
            assert "There is no job" in plain_text(answer)
        assert await eve.autocomplete(elsewhere, "sora show", option="job", typed="") == []


# --- holding back, blocking, looking ------------------------------------------------------


async def told(town: Town, who: Person, command: str, **options: object) -> str:
    """What somebody is answered to a command of admins."""
    asked = await who.slash(town.channel, f"sora-admin {command}", **options)
    answer = await asked.answer()
    assert answer.ephemeral
    return plain_text(answer)


async def test_a_pause_shows_on_the_card_until_an_admin_resumes(town: Town) -> None:
    async with town.bot() as life:
        said = await told(town, town.mara, "pause", what="sora-2", reason="*no* answer")
        assert "Paused: sora-2" in said.replace("*", "")
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.wait(5_000)
        assert "Paused by an admin" in plain_text(town.card())
        assert town.world.provider.posts == 0
        await told(town, town.mara, "resume", what="sora-2")
        await life.wait(5_000)
        assert town.world.provider.posts == 1
        assert "Paused" not in plain_text(town.card())


async def test_a_stop_pays_back_and_shuts_the_counter(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        assert "1 waiting job cancelled" in await told(town, town.mara, "stop")
        await life.work()
        assert plain_text(town.card()).startswith("Cancelled")
        assert await life.core.purse(town.as_person(town.ana)) == (ALLOWANCE, 0)
        refused = await town.ana.slash(town.channel, "sora create", prompt="a boat")
        assert "an admin stopped it" in plain_text(await refused.answer())


async def test_who_is_blocked_by_a_mention_orders_nothing_by_command_or_button(
    town: Town,
) -> None:
    async with town.bot() as life:
        town.world.provider.instant = True
        await (await town.ben.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.wait(5_000)
        said = await told(town, town.mara, "block", person=town.ben, reason="too many kites")
        assert "@Ben can look but order nothing" in said
        again = await town.ben.press(town.videos()[0], "Again")
        assert "An admin has blocked @Ben" in plain_text(await again.answer())
        assert "too many kites" in plain_text(await again.answer())
        assert len(await life.jobs()) == 1
        assert "can order again" in await told(town, town.mara, "unblock", person=town.ben)
        await (await town.ben.slash(town.channel, "sora create", prompt="a boat")).answer()
        assert len(await life.jobs()) == 2


async def test_a_member_who_gets_at_the_commands_all_the_same_is_refused_and_on_record(
    town: Town,
) -> None:
    async with town.bot(WAITING) as life:
        for command in town.server.commands.scope(None):
            command["default_member_permissions"] = None
        await (await town.ben.slash(town.channel, "sora create", prompt="a kite")).answer()
        for verb in ("pause", "drain", "stop", "resume", "jobs", "audit"):
            assert "Only an admin of this workspace" in await told(town, town.ana, verb)
        for verb in ("block", "unblock"):
            said = await told(town, town.ana, verb, person=town.ben)
            assert "Only an admin of this workspace" in said
        assert [job.state for job in await life.jobs()] == [JobState.WAITING]
        shown = await told(town, town.mara, "audit")
        assert shown.count("tried") == 8
        assert "tried block · @Ben · refused: not an admin" in shown
        assert "a kite · waiting" in await told(town, town.mara, "jobs", person=town.ben)


async def test_a_channel_has_a_style_and_members_choose_another_from_a_list(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        said = await told(town, town.mara, "style add", name="noir", words="black and white")
        assert "noir is a style now" in said.replace("`", "")
        await told(town, town.mara, "style add", name="brand", words="our red")
        (noir,) = await town.mara.autocomplete(
            town.channel, "sora-admin style use", option="name", typed="noi"
        )
        here = f"<#{town.channel.id}>"
        said = await told(town, town.mara, "style use", name=noir.value, channel=here)
        assert "take the style" in said
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        offered = await town.ana.autocomplete(
            town.channel, "sora create", option="preset", typed=""
        )
        assert [one.name for one in offered] == [
            *("brand · our red", "noir · black and white", "No style")
        ]
        brand = offered[0].value
        asked = await town.ana.slash(town.channel, "sora create", prompt="a boat", preset=brand)
        await asked.answer()
        await life.work()
        assert "Style: brand" in plain_text(town.cards()[-1])
        await life.wait(5_000)
        sent = [taken.request.prompt for taken in town.world.provider.taken.values()]
        assert sent == ["a kite\n\nStyle: black and white", "a boat\n\nStyle: our red"]


# --- money --------------------------------------------------------------------------------


async def test_a_budget_is_told_of_in_the_channel_that_was_chosen_and_holds(town: Town) -> None:
    async with town.bot(WAITING) as life:
        said = await told(town, town.mara, "settings", name="alerts", value="here")
        assert "Alerts go to" in said
        said = await told(town, town.mara, "budget set", amount="1.60", period="month")
        assert "$0.00 of $1.60 this month" in said
        for _ in range(2):
            await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        asked = await town.ben.slash(town.channel, "sora create", prompt="a kite")
        assert "The budget of this workspace" in plain_text(await asked.answer())
        await life.wait(20_000)
        alerts = [plain_text(one) for one in town.ours()]
        alerts = [text for text in alerts if "% of the budget is spent" in text]
        assert [text.strip("*").split(" %")[0] for text in alerts] == ["50", "75", "90", "100"]


async def test_a_wish_for_more_is_granted_by_an_admins_press_and_nobody_elses(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await told(town, town.mara, "settings", name="alerts", value="here")
        asked = await town.ana.slash(town.channel, "sora more", amount=300, reason="the *film*")
        assert "Asked the admins for 300 credits" in plain_text(await asked.answer())
        await life.wait(5_000)
        wish = next(one for one in town.ours() if "asks for 300 credits" in plain_text(one))
        refused = await town.ben.press(wish, "Approve")
        assert "Only an admin" in plain_text(await refused.answer())
        await (await town.mara.press(wish, "Approve")).answer()
        await life.wait(5_000)
        assert "Approved by @Mara" in plain_text(wish)
        assert (await life.core.purse(town.as_person(town.ana)))[0] == ALLOWANCE + 300


async def test_above_a_price_a_press_says_yes(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await told(town, town.mara, "settings", name="confirm", value="50")
        asked = await town.ana.slash(town.channel, "sora create", prompt="a kite")
        question = await asked.answer()
        assert "This costs 80 credits" in plain_text(question)
        assert await life.jobs() == ()
        await (await town.ana.press(question, "Yes, for 80 credits")).answer()
        assert [job.spec.prompt for job in await life.jobs()] == ["a kite"]


async def test_a_member_is_refused_every_verb_of_admins_and_is_on_record(town: Town) -> None:
    verbs = [verb for verb in GRAMMAR if verb.right is Right.ADMIN]
    async with town.bot(WAITING) as life:
        # As Server Settings → Integrations does.
        for command in town.server.commands.scope(None):
            command["default_member_permissions"] = None
        for verb in verbs:
            needed = {param.name: something(town, param) for param in verb.params if param.required}
            path = (verb.menu, verb.words[-1]) if verb.menu else verb.words
            said = await told(town, town.ana, " ".join(path), **needed)
            assert "Only an admin of this workspace" in said, verb.name
        async with life.core.store.reading() as tx:
            found = await tx.audit.newest(town.as_person(town.ana).tenant, 1_000)
        assert sorted(one.verb for one in found) == sorted(verb.name for verb in verbs)


def something(town: Town, param: Param) -> object:
    """A value that a parameter takes on Discord."""
    match param.kind:
        case Kind.PERSON:
            return town.ben
        case Kind.NUMBER:
            return "5" if param.choices else 5
        case Kind.CHOICE:
            return param.choices[0]
        case _:
            return "k7qm2x9d4t"
