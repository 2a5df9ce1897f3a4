"""Admins on Slack: those of the workspace and of the operator, limits for people and groups."""

from __future__ import annotations

import pytest

from adapters.slack.people import PERSON_LIFE
from bot.commands.grammar import GRAMMAR, Right
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE
from tests.fakes.core import Options as CoreOptions
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.people import Person

WAITING = CoreOptions(allowed=Allowed(slots=0))
"""Nothing is let through: what is ordered waits."""
REFUSED = "Only an admin of this workspace can do that. Ask one of them."
one_mode = pytest.mark.parametrize("office", ["sockets"], indirect=True)
"""For what does not depend on how Slack reaches the bot."""

ADMIN_VERBS = [verb for verb in GRAMMAR if verb.right is Right.ADMIN]


async def told(office: Office, who: Person, line: str) -> str:
    """What somebody is answered to a line of ``/sora-admin``."""
    asked = await who.slash(office.channel, "/sora-admin", line)
    return (await asked.answer()).text


async def ordered(office: Office, who: Person, prompt: str = "a kite") -> str:
    """What somebody is answered to an order."""
    return (await (await who.slash(office.channel, "/sora", prompt)).answer()).text


# --- who is one -----------------------------------------------------------------------------


async def test_an_admin_of_the_workspace_grants_credits_by_name(office: Office) -> None:
    async with office.bot() as life:
        line = f"credits grant {office.ben.tag} 500 for the *film* &amp; its makers"
        assert await told(office, office.mara, line) == (
            "@ben got 500 credits and has 2,500 to spend now."
        )
        assert await life.core.purse(office.as_person(office.ben)) == (ALLOWANCE + 500, 0)


async def test_an_admin_gives_a_channel_credits_that_pay_for_what_is_asked_there(
    office: Office,
) -> None:
    async with office.bot(WAITING) as life:
        line = f"credits grant <#{office.channel.id}|{office.channel.name}> 500 film"
        assert "got 500 credits and has 500 to spend now." in await told(office, office.mara, line)
        assert "paid by" in await ordered(office, office.ana)
        assert await life.core.purse(office.as_person(office.ana)) == (0, 0)


async def test_people_give_each_other_credits_by_name(office: Office) -> None:
    async with office.bot() as life:
        asked = await office.ana.slash(office.channel, "/sora", f"give {office.ben.tag} 100 thanks")
        assert "got 100 credits of yours." in (await asked.answer()).text
        assert await life.core.purse(office.as_person(office.ben)) == (ALLOWANCE + 100, 0)


async def test_a_member_is_refused_in_one_sentence_and_nothing_changes(office: Office) -> None:
    async with office.bot() as life:
        line = f"credits grant {office.ana.tag} 500"
        said = f"{REFUSED} Nothing was started or charged.\ncredits grant @ana 500"
        assert await told(office, office.ana, line) == said
        assert await life.core.purse(office.as_person(office.ana)) == (0, 0)


@one_mode
async def test_an_owner_is_an_admin_too(office: Office) -> None:
    olga = office.server.member("Olga", office.channel, is_owner=True)
    async with office.bot():
        assert "No limits are set" in await told(office, olga, "quota show")


@one_mode
async def test_the_operator_names_people_and_groups_that_are_admins(office: Office) -> None:
    crew = office.server.usergroup("crew", office.ben)
    carl = office.server.member("Carl", office.channel)
    async with office.bot(admins=frozenset({office.ana.id, crew})):
        for who in (office.ana, office.ben, office.mara):
            assert "No limits are set" in await told(office, who, "quota show")
        assert REFUSED in await told(office, carl, "quota show")


@one_mode
async def test_rights_that_were_taken_away_end_within_minutes(office: Office) -> None:
    crew = office.server.usergroup("crew", office.ben)
    async with office.bot(admins=frozenset({crew})) as life:
        for who in (office.ben, office.mara):
            assert "No limits are set" in await told(office, who, "quota show")
        office.mara.is_admin = False
        del office.server.world.usergroups[crew]
        life.core.clock.advance(PERSON_LIFE)
        for who in (office.ben, office.mara):
            assert REFUSED in await told(office, who, "quota show")


@one_mode
async def test_new_rights_begin_within_minutes(office: Office) -> None:
    async with office.bot() as life:
        assert REFUSED in await told(office, office.ben, "quota show")
        office.ben.is_admin = True
        life.core.clock.advance(PERSON_LIFE)
        assert "No limits are set" in await told(office, office.ben, "quota show")


@one_mode
async def test_somebody_whom_slack_does_not_describe_is_served_and_no_admin(office: Office) -> None:
    async with office.bot(WAITING, admins=frozenset({office.ana.id})) as life:
        office.server.faults.refuse("users.info", "internal_error", times=100)
        assert REFUSED in await told(office, office.mara, "quota show")
        assert "80 credits held" in await ordered(office, office.mara)
        assert "No limits are set" in await told(office, office.ana, "quota show")
        assert len(await life.jobs()) == 1


@one_mode
async def test_a_stranger_whom_slack_does_not_describe_spends_nothing(office: Office) -> None:
    stranger = office.server.stranger("Zoe", office.channel)
    async with office.bot(WAITING) as life:
        office.server.faults.refuse("users.info", "internal_error", times=100)
        stranger.mention(office.channel, "a kite")
        (answer,) = await office.server.until(lambda: stranger.ephemerals)
        assert "Only members of this workspace" in answer.text
        assert await life.jobs() == ()


@one_mode
async def test_old_rights_do_not_outlive_their_time_when_slack_is_silent(office: Office) -> None:
    async with office.bot(WAITING) as life:
        assert "No limits are set" in await told(office, office.mara, "quota show")
        life.core.clock.advance(PERSON_LIFE)
        office.server.faults.refuse("users.info", "internal_error", times=100)
        assert REFUSED in await told(office, office.mara, "quota show")
        assert "80 credits held" in await ordered(office, office.mara)
        office.server.faults.all.clear()
        assert "No limits are set" in await told(office, office.mara, "quota show")


# --- what they may say ----------------------------------------------------------------------


@pytest.mark.parametrize("line", ["", "help"])
async def test_the_command_alone_lists_what_there_is(office: Office, line: str) -> None:
    async with office.bot():
        answer = await told(office, office.mara, line)
        for command in ("quota show", "quota set", "credits grant", "threads"):
            assert f"/sora-admin {command} · " in answer


@one_mode
async def test_unknown_words_are_answered_with_the_commands(office: Office) -> None:
    async with office.bot():
        answer = await told(office, office.mara, "launch the rocket")
        assert "There is no command “launch the”. Try /sora-admin quota show" in answer
        assert answer.endswith("Nothing was started or charged.\nlaunch the rocket")


@one_mode
async def test_somebody_who_does_not_exist_gets_nothing(office: Office) -> None:
    async with office.bot():
        answer = await told(office, office.mara, "credits grant @nobody 500")
        assert "There is no person “@nobody” here." in answer


# --- limits ---------------------------------------------------------------------------------


async def test_a_limit_for_a_person_is_set_shown_and_kept(office: Office) -> None:
    async with office.bot(WAITING) as life:
        line = f"quota set {office.ben.tag} 1 video per week"
        assert await told(office, office.mara, line) == (
            "Set for @ben: at most 1 video per week, from now on."
        )
        assert "80 credits held" in await ordered(office, office.ben)
        answer = await ordered(office, office.ben, "a second kite")
        assert "over your limit of 1 video per week" in answer
        assert "a second kite" in answer
        shown = await told(office, office.mara, f"quota show {office.ben.tag}")
        assert "@ben" in shown
        assert "1 of 1 video this week" in shown
        assert len(await life.jobs()) == 1


@one_mode
async def test_a_group_may_make_more_than_everyone(office: Office) -> None:
    plus = office.server.usergroup("plus", office.ben)
    async with office.bot(WAITING) as life:
        await told(office, office.mara, "quota set everyone 0 videos per week")
        line = f"quota set <!subteam^{plus}> 5 videos per week"
        assert await told(office, office.mara, line) == (
            "Set for @plus: at most 5 videos per week, from now on."
        )
        assert "over your limit of 0 videos per week" in await ordered(office, office.ana)
        assert "80 credits held" in await ordered(office, office.ben)
        assert [job.person.name for job in await life.jobs()] == ["Ben"]
        standing = await ordered(office, office.ben, "quota")
        assert "1 of 5 videos this week" in standing
        assert "limit of @plus" in standing
        rules = await told(office, office.mara, "quota show")
        assert "@plus · 5 videos per week" in rules
        assert "everyone · 0 videos per week" in rules


@one_mode
async def test_an_admin_sees_the_group_limit_of_somebody_who_was_never_here(office: Office) -> None:
    plus = office.server.usergroup("plus", office.ben)
    async with office.bot():
        await told(office, office.mara, f"quota set <!subteam^{plus}> 5 videos per week")
        shown = await told(office, office.mara, f"quota show {office.ben.tag}")
        assert "0 of 5 videos this week" in shown
        assert "limit of @plus" in shown


@one_mode
async def test_who_leaves_a_group_leaves_its_limit(office: Office) -> None:
    plus = office.server.usergroup("plus", office.ben)
    async with office.bot(WAITING) as life:
        await told(office, office.mara, "quota set everyone 0 videos per week")
        await told(office, office.mara, f"quota set <!subteam^{plus}> 5 videos per week")
        assert "80 credits held" in await ordered(office, office.ben)
        office.server.world.usergroups[plus][1].clear()
        life.core.clock.advance(PERSON_LIFE)
        assert "over your limit of 0 videos per week" in await ordered(office, office.ben)


@one_mode
async def test_a_limit_that_is_taken_away_is_gone(office: Office) -> None:
    plus = office.server.usergroup("plus", office.ben)
    async with office.bot():
        await told(office, office.mara, f"quota set <!subteam^{plus}> 5 videos per week")
        answer = await told(office, office.mara, f"quota set <!subteam^{plus}> none videos weekly")
        assert "Taken away: the limit on videos per week for @plus." in answer
        assert "No limits are set" in await told(office, office.mara, "quota show")


@one_mode
async def test_credits_go_to_people_not_to_groups(office: Office) -> None:
    plus = office.server.usergroup("plus", office.ben)
    async with office.bot() as life:
        answer = await told(office, office.mara, f"credits grant <!subteam^{plus}> 500")
        assert "There is no person “@plus” here." in answer
        assert await life.core.purse(office.as_person(office.ben)) == (0, 0)


# --- holding back, blocking, looking --------------------------------------------------------


async def test_a_pause_shows_on_the_card_until_an_admin_resumes(office: Office) -> None:
    async with office.bot() as life:
        said = await told(office, office.mara, "pause sora-2 the provider has *trouble*")
        assert "Paused: sora-2" in said.replace("*", "")
        assert "Paused by an admin" in await ordered(office, office.ana)
        await life.live(5_000)
        assert "Paused by an admin" in office.card().text
        assert office.world.provider.posts == 0
        await told(office, office.mara, "resume sora-2")
        await life.live(5_000)
        assert office.world.provider.posts == 1


@one_mode
async def test_a_stop_pays_back_and_shuts_the_counter(office: Office) -> None:
    async with office.bot(WAITING) as life:
        await ordered(office, office.ana)
        assert "1 waiting job cancelled" in await told(office, office.mara, "stop all too dear")
        assert await life.core.purse(office.as_person(office.ana)) == (ALLOWANCE, 0)
        assert "an admin stopped it (“too dear”)" in await ordered(office, office.ana)
        assert "Resumed" in await told(office, office.mara, "resume")
        assert "80 credits held" in await ordered(office, office.ana)


@one_mode
async def test_who_is_blocked_by_a_mention_looks_and_orders_nothing(office: Office) -> None:
    async with office.bot(WAITING) as life:
        said = await told(office, office.mara, f"block {office.ben.tag} too many kites")
        assert "@ben can look but order nothing" in said
        assert "because of this: “too many kites”" in await ordered(office, office.ben)
        assert "credits to spend" in await ordered(office, office.ben, "quota")
        assert "80 credits held" in await ordered(office, office.ana)
        assert "can order again" in await told(office, office.mara, f"unblock {office.ben.tag}")
        assert "80 credits held" in await ordered(office, office.ben)
        assert len(await life.jobs()) == 2


@one_mode
async def test_a_member_is_refused_every_one_of_them_and_is_on_record(office: Office) -> None:
    async with office.bot(WAITING) as life:
        await ordered(office, office.ben)
        lines = ("pause", "drain", "stop", "resume", "jobs", "audit", f"block {office.ben.tag}")
        for line in lines:
            assert REFUSED in await told(office, office.ana, line)
        assert len(await life.jobs()) == 1
        assert "80 credits held" in await ordered(office, office.ben)
        shown = await told(office, office.mara, "audit")
        assert shown.count("tried") == len(lines)
        assert "tried block · @ben · refused: not an admin" in shown
        jobs = await told(office, office.mara, f"jobs waiting {office.ben.tag}")
        assert jobs.count("a kite · waiting") == 2


# --- money --------------------------------------------------------------------------------


async def test_a_budget_is_told_of_in_the_channel_that_was_chosen_and_holds(
    office: Office,
) -> None:
    async with office.bot(WAITING) as life:
        assert "Alerts go to" in await told(office, office.mara, "settings alerts here")
        where = f"<#{office.channel.id}|{office.channel.name}>"
        said = await told(office, office.mara, f"budget set 1.60 per month for:{where}")
        assert "$0.00 of $1.60 this month" in said
        for _ in range(2):
            assert "80 credits held" in await ordered(office, office.ana)
        assert "The budget of this channel for this month has" in await ordered(office, office.ben)
        await life.live(20_000)
        alerts = [one.text for one in office.ours() if "% of the budget is spent" in one.text]
        assert [text.strip("*").split(" %")[0] for text in alerts] == ["50", "75", "90", "100"]


async def test_a_wish_for_more_is_granted_by_an_admins_press_and_nobody_elses(
    office: Office,
) -> None:
    async with office.bot(WAITING) as life:
        await told(office, office.mara, "settings alerts here")
        said = await ordered(office, office.ana, "more 300 for the <film> & *more*")
        assert "Asked the admins for 300 credits" in said
        await life.live(5_000)
        wish = next(one for one in office.ours() if "asks for 300 credits" in one.text)
        refused = await office.ben.press(wish, "Approve")
        assert REFUSED in (await refused.answer()).text
        await (await office.mara.press(wish, "Approve")).answer()
        await life.live(5_000)
        assert "Approved by @Mara" in wish.text
        assert (await life.core.purse(office.as_person(office.ana)))[0] == ALLOWANCE + 300


async def test_above_a_price_a_press_says_yes(office: Office) -> None:
    async with office.bot(WAITING) as life:
        await told(office, office.mara, "settings confirm 50")
        asked = await office.ana.slash(office.channel, "/sora", "a kite")
        question = await asked.answer()
        assert "This costs 80 credits" in question.text
        assert await life.jobs() == ()
        await (await office.ana.press(question, "Yes, for 80 credits")).answer()
        assert [job.spec.prompt for job in await life.jobs()] == ["a kite"]


@one_mode
async def test_a_member_is_refused_every_verb_of_admins_and_is_on_record(office: Office) -> None:
    async with office.bot(WAITING) as life:
        lines = [line for verb in ADMIN_VERBS for line in verb.examples]
        for line in lines:
            typed = line.removeprefix("/sora-admin ")
            assert REFUSED in await told(office, office.ana, typed), line
        assert await life.jobs() == ()
        async with life.core.store.reading() as tx:
            found = await tx.audit.newest(office.as_person(office.ana).tenant, 1_000)
        assert len(found) == len(lines)
