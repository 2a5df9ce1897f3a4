"""What holds for every answer: it always comes, and it is honest."""

import logging
from dataclasses import replace

import pytest

from bot.commands.dispatch import Commands
from bot.commands.grammar import TYPED
from bot.commands.values import by_id, person_of
from bot.domain.messages import Invocation
from bot.domain.refs import Person, Place, Tenant
from bot.errors import UnknownThing
from bot.services.quotas import Allowance, Quotas
from tests.fakes.core import ANA, STUDIO, TENANT
from tests.fakes.typist import Typist, find_person, words


class BrokenQuotas(Quotas):
    """A service with a fault."""

    async def standing(self, person: Person, place: Place | None = None) -> Allowance:
        raise ZeroDivisionError("a fault of ours")


async def test_a_fault_is_owned_up_to_with_a_reference_that_is_in_the_log(
    chat: Typist, caplog: pytest.LogCaptureFixture
) -> None:
    core = chat.core
    broken = BrokenQuotas(core.store, core.clock, core.credits, core.workspaces, ())
    commands = Commands(replace(chat.services, quotas=broken))
    with caplog.at_level(logging.ERROR):
        reply = await commands.answer(Invocation("quota", {}, ANA, STUDIO, "i"))
    assert reply.refused
    reference = caplog.messages[0].split(":")[0].removeprefix("reference ")
    assert len(reference) == 4
    assert f"reference {reference}" in words(reply)
    assert "Nothing was charged unless a card for it appears here." in words(reply)
    assert "went wrong" not in words(reply)
    assert caplog.records[0].exc_info


async def test_a_button_of_a_verb_that_is_gone_is_answered(chat: Typist) -> None:
    reply = await chat.presses("dance", {})
    assert words(reply).startswith("There is no command “dance” here.")


async def test_an_invocation_without_its_text_asks_for_help(chat: Typist) -> None:
    reply = await chat.commands.answer(Invocation(TYPED, {}, ANA, STUDIO, "i"))
    assert words(reply).startswith("Describe a video")


async def test_arguments_the_verb_does_not_know_are_left_out(chat: Typist) -> None:
    assert not (await chat.presses("queue", {"job": "k7qm", "colour": "red"})).refused


@pytest.mark.parametrize(
    "typed, person_id, name",
    [
        ("<@U123|ben>", "U123", "ben"),
        ("<@123>", "123", ""),
        ("<@!123>", "123", ""),
        ("@ben", "ben", "Ben"),
        ("Ben", "ben", "Ben"),
    ],
)
def test_a_person_is_found_however_they_are_named(typed: str, person_id: str, name: str) -> None:
    person = person_of(typed, TENANT, find_person)
    assert (person.id, person.name, person.tenant) == (person_id, name, TENANT)


def test_nobody_is_found_in_another_workspace() -> None:
    with pytest.raises(UnknownThing):
        person_of("@ben", Tenant("web", "other"), find_person)


def test_where_people_are_named_by_id_every_id_is_somebody() -> None:
    assert person_of("@U9", TENANT, by_id) == Person(TENANT, "U9")
