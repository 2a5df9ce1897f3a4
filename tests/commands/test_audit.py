"""Who did what as an admin: everything is on record, whoever tried it, whatever came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.commands.grammar import GRAMMAR, Right, Verb
from bot.domain.audit import Outcome, Record
from bot.domain.refs import Place, Tenant
from storage.store import SqlStore
from storage.tables import audit, metadata
from tests.fakes.core import ANA, BEN, MARA, TENANT, Core
from tests.fakes.typist import Typist, words

ADMIN_VERBS = [verb for verb in GRAMMAR if verb.right is Right.ADMIN]
SUCCEEDS: Mapping[str, str] = {
    "admin threads": "/sora-admin threads off",
    "admin settings": "/sora-admin settings confirm 300",
    "admin approve": "/sora-admin approve j000000002",
    "admin deny": "/sora-admin deny j000000002",
    "admin drafts": "/sora-admin drafts all",
    "admin reviewers": "/sora-admin reviewers @ben",
}
"""A line that changes something, for verbs whose first example does not."""
COMES_FIRST: Mapping[str, str] = {
    "admin quota grant": "/sora-admin quota set @ben 9 videos per week",
    "admin quota reset": "/sora-admin quota set @ben 9 videos per week",
    "admin approve": "/sora more because",
    "admin deny": "/sora more because",
    "admin style remove": "/sora-admin style add noir black and white",
    "admin style use": "/sora-admin style add noir black and white",
}
"""What must have been said for it."""
ELSEWHERE = frozenset(
    {
        "admin refund",
        "admin resolve",
        "admin takedown yes",
        "admin takedown no",
        "admin unlink",
    }
)
"""Verbs that need a certain job, or another workspace, to succeed.

See `test_credits`, `test_unknowns`, `test_takedowns` and `test_links`.
"""
UNDONE = (
    ("/sora-admin block @ben", "/sora-admin unblock @ben"),
    ("/sora-admin pause", "/sora-admin resume"),
    ("/sora-admin settings confirm 5", "/sora-admin settings confirm none"),
    ("/sora-admin budget set 5 per day", "/sora-admin budget set none per day"),
    ("/sora-admin threads off", "/sora-admin threads mention"),
    (
        "/sora-admin quota set @ben 5 videos per day",
        "/sora-admin quota set @ben none videos per day",
    ),
    (
        "/sora-admin credits schedule @ben 5 per week",
        "/sora-admin credits schedule @ben none",
    ),
)
"""A line, and one that takes it back."""
TWICE = (
    *UNDONE,
    *((again, line) for line, again in UNDONE),
    ("", "/sora-admin quota grant @ben 5 videos per week"),
    ("", "/sora-admin quota reset @ben"),
    ("", "/sora-admin style add noir black and white"),
    ("/sora-admin style add noir black and white", "/sora-admin style remove noir"),
    ("/sora-admin style add noir black and white", "/sora-admin style use noir"),
    ("", "/sora-admin drain"),
    ("", "/sora-admin approve j000000002"),
    ("", "/sora-admin deny j000000002"),
)
"""A line that comes twice, after another one or none."""
every_admin_verb = pytest.mark.parametrize("verb", ADMIN_VERBS, ids=lambda verb: verb.name)


async def records(core: Core, tenant: Tenant = TENANT) -> tuple[Record, ...]:
    async with core.store.reading() as tx:
        return await tx.audit.newest(tenant, 100)


async def all_rows(core: Core) -> dict[str, list[tuple[object, ...]]]:
    """All that is stored but for the audit."""
    store = core.store
    assert isinstance(store, SqlStore)
    async with store.database.reading() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table))]
            for table in metadata.sorted_tables
            if table is not audit
        }


# --- every verb -----------------------------------------------------------------------------


@every_admin_verb
async def test_a_member_who_tries_it_is_refused_changes_nothing_and_is_on_record(
    chat: Typist, verb: Verb
) -> None:
    await chat.says("a kite", BEN)
    before = await all_rows(chat.core)
    for line in verb.examples:
        reply = await chat.says(line, BEN)
        assert reply.refused
        assert words(reply).startswith("Only an admin of this workspace can do that.")
    reply = await chat.presses(verb.name, {}, BEN)
    assert words(reply).startswith("Only an admin of this workspace can do that.")
    assert await all_rows(chat.core) == before
    found = await records(chat.core)
    assert len(found) == len(verb.examples) + 1
    assert {(one.actor, one.verb, one.outcome, one.reason) for one in found} == {
        (BEN, verb.name, Outcome.REFUSED, "NotAllowed")
    }


@pytest.mark.parametrize(
    "verb", [verb for verb in ADMIN_VERBS if verb.name not in ELSEWHERE], ids=lambda verb: verb.name
)
async def test_an_admins_use_of_it_is_on_record_unless_it_only_looks(
    chat: Typist, verb: Verb
) -> None:
    await chat.says("a kite", BEN)
    if verb.name in COMES_FIRST:
        assert not (await chat.says(COMES_FIRST[verb.name], MARA)).refused
    earlier = len(await records(chat.core))
    before = await all_rows(chat.core)
    reply = await chat.says(SUCCEEDS.get(verb.name, verb.examples[0]), MARA)
    assert not reply.refused, words(reply)
    newest = (await records(chat.core))[: -earlier or None]
    found = [(one.actor, one.verb, one.outcome) for one in newest]
    if verb.looks:
        assert found == []
        untouched = {"accounts", "entries"}  # whoever is looked at gets their first allowance
        after = await all_rows(chat.core)
        assert [name for name in after if after[name] != before[name]] in ([], sorted(untouched))
    else:
        assert found == [(MARA, verb.name, Outcome.DONE)]


@pytest.mark.parametrize("first, line", TWICE)
async def test_a_line_that_comes_twice_is_done_once_and_answered_alike(
    chat: Typist, first: str, line: str
) -> None:
    await chat.says("a kite", BEN)
    await chat.says("/sora more 300 because", BEN)
    await chat.says("/sora-admin quota set everyone 9 videos per week", MARA)
    if first:
        await chat.says(first, MARA)
    once = await chat.says(line, MARA, interaction="click")
    before, found = await all_rows(chat.core), await records(chat.core)
    twice = await chat.says(line, MARA, interaction="click")
    assert not once.refused, words(once)
    assert words(twice) == words(once)
    assert await all_rows(chat.core) == before
    assert await records(chat.core) == found


@pytest.mark.parametrize("line, undone", UNDONE)
async def test_what_was_undone_since_is_not_done_by_a_line_that_comes_late(
    chat: Typist, line: str, undone: str
) -> None:
    await chat.says(line, MARA, interaction="click")
    await chat.says(undone, MARA)
    before = await all_rows(chat.core)
    await chat.says(line, MARA, interaction="click")
    assert await all_rows(chat.core) == before
    assert len(await records(chat.core)) == 2


@every_admin_verb
async def test_a_try_that_comes_twice_is_on_record_once(chat: Typist, verb: Verb) -> None:
    for _ in range(2):
        assert (await chat.says(verb.examples[0], BEN, interaction="click")).refused
    (record,) = await records(chat.core)
    assert record.outcome is Outcome.REFUSED


@every_admin_verb
async def test_a_wish_that_cannot_be_read_is_on_record_too(chat: Typist, verb: Verb) -> None:
    asked = f"{verb.command} person: --amount"
    for who in (BEN, MARA):
        await chat.says(asked, who)
    found = await records(chat.core)
    assert {one.verb for one in found} == {verb.name}
    assert [one.outcome for one in found if one.actor == BEN] == [Outcome.REFUSED]


# --- what is on record ----------------------------------------------------------------------


async def test_a_record_tells_what_was_before_and_after_and_why(chat: Typist) -> None:
    await chat.says("/sora-admin quota set <@ben|Benny> 20 videos per week", MARA)
    await chat.says("/sora-admin quota set @ben 5 videos per week rolling", MARA)
    await chat.says("/sora-admin quota set @ben none videos per week", MARA)
    await chat.says("/sora-admin credits grant @ben 500 for the spring film", MARA)
    await chat.says("/sora-admin threads off", MARA)
    shown = words(await chat.says("/sora-admin audit", MARA)).splitlines()
    assert [line.rpartition(" · ")[0] for line in shown] == [
        "@Mara · threads · #studio: mention → off",
        "@Mara · credits grant · @Ben: 2000 credits → 2500 credits · “for the spring film”",
        "@Mara · quota set · @Ben: 5 videos per week rolling → none",
        "@Mara · quota set · @Ben: 20 videos per week → 5 videos per week rolling",
        "@Mara · quota set · @Benny: 20 videos per week",
    ]


async def test_a_try_tells_what_was_wished_and_why_it_came_to_nothing(chat: Typist) -> None:
    await chat.says("/sora-admin credits grant @ana 500 because", ANA)
    await chat.says("/sora-admin quota set @ben lots videos week", MARA)
    await chat.says("/sora-admin credits grant @nobody 5", MARA)
    shown = words(await chat.says("/sora-admin audit", MARA)).splitlines()
    assert [line.rpartition(" · ")[0] for line in shown] == [
        "@Mara · tried credits grant · nobody: 5 · refused: there is no such thing",
        "@Mara · tried quota set · @Ben: lots videos week · refused: a value that is not possible",
        "@Ana · tried credits grant · @Ana: 500 because · refused: not an admin",
    ]


async def test_the_audit_of_a_person_is_what_they_did_and_what_was_done_to_them(
    chat: Typist,
) -> None:
    await chat.says("/sora-admin credits grant @ben 500", MARA)
    await chat.says("/sora-admin credits grant @ana 500", MARA)
    await chat.says("/sora-admin audit", BEN)
    shown = words(await chat.says("/sora-admin audit @ben", MARA)).splitlines()
    assert [line.split(" · ")[:2] for line in shown] == [
        ["@Ben", "tried audit"],
        ["@Mara", "credits grant"],
    ]


async def test_the_same_grant_twice_is_on_record_once(chat: Typist) -> None:
    for _ in range(2):
        await chat.says("/sora-admin credits grant @ben 500", MARA, interaction="click")
    assert len(await records(chat.core)) == 1


async def test_only_the_newest_are_shown(chat: Typist) -> None:
    for number in range(20):
        await chat.says(f"/sora-admin credits grant @ben {number + 1}", MARA)
    shown = words(await chat.says("/sora-admin audit", MARA)).splitlines()
    assert len(shown) == 15
    assert "4190 credits → 2210 credits" not in shown[0]
    assert "2190 credits → 2210 credits" in shown[0]


async def test_an_empty_audit_says_so(chat: Typist) -> None:
    assert words(await chat.says("/sora-admin audit", MARA)).startswith("Nothing is on record yet")


async def test_what_no_store_can_keep_does_not_break_the_record(chat: Typist) -> None:
    reply = await chat.presses("admin credits grant", {"person": "b\0en", "amount": "\ud800"}, BEN)
    assert words(reply).startswith("Only an admin of this workspace can do that.")
    assert len(await records(chat.core)) == 1


async def test_a_workspace_does_not_see_the_records_of_another(chat: Typist) -> None:
    other = Tenant("web", "other")
    eve = replace(MARA, tenant=other)
    await chat.says("/sora-admin credits grant @ben 500", MARA)
    shown = words(await chat.says("/sora-admin audit", eve, Place(other, "studio")))
    assert shown.startswith("Nothing is on record yet")


async def test_a_change_and_its_record_are_stored_together_or_not_at_all(chat: Typist) -> None:
    long_name = replace(MARA, name="M\ud800ra")
    reply = await chat.says("/sora-admin quota set @ben 1 video per week", long_name)
    assert "reference" in words(reply)
    assert words(await chat.says("/sora-admin quota show", MARA)).startswith("No limits are set.")
