"""The grammar as data: whole, unambiguous, and true to its own examples."""

from collections import Counter

import pytest

from bot.commands.dispatch import HANDLERS
from bot.commands.grammar import GRAMMAR, Group, Kind, Param, Right, Verb, verb_named
from bot.commands.parse import parse


def test_every_verb_has_a_handler_and_every_handler_a_verb() -> None:
    assert set(HANDLERS) == {verb.name for verb in GRAMMAR}


def test_names_are_used_once() -> None:
    names = Counter(verb.name for verb in GRAMMAR)
    assert set(names.values()) == {1}


@pytest.mark.parametrize("verb", GRAMMAR, ids=lambda verb: verb.name)
def test_no_two_parameters_of_a_verb_share_a_name(verb: Verb) -> None:
    names = Counter(name for param in verb.params for name in param.names)
    assert all(times == 1 for times in names.values())


@pytest.mark.parametrize("verb", GRAMMAR, ids=lambda verb: verb.name)
def test_only_one_parameter_takes_the_rest_of_the_line(verb: Verb) -> None:
    assert sum(param.kind is Kind.TEXT for param in verb.params) <= 1


@pytest.mark.parametrize("verb", GRAMMAR, ids=lambda verb: verb.name)
def test_every_example_is_read_as_its_own_verb(verb: Verb) -> None:
    assert [parse(example).verb for example in verb.examples] == [verb.name] * len(verb.examples)


def test_admin_verbs_are_a_command_of_their_own_and_need_the_right() -> None:
    for verb in GRAMMAR:
        admin = verb.name.startswith("admin ")
        assert (verb.group is Group.ADMIN) == admin
        assert (verb.right is Right.ADMIN) == admin


def test_a_verb_says_how_it_is_typed() -> None:
    verb = verb_named("admin credits grant")
    assert verb is not None
    assert verb.command == "/sora-admin credits grant"
    assert verb.usage == "/sora-admin credits grant <person> <amount> [reason]"


def test_usage_leaves_out_what_cannot_be_typed() -> None:
    verb = verb_named("create")
    assert verb is not None
    assert "image" not in verb.usage


def test_an_unknown_name_is_no_verb() -> None:
    assert verb_named("dance") is None


def test_a_choice_is_found_by_its_synonym_in_any_case() -> None:
    param = Param("period", Kind.CHOICE, "", choices=("week",), synonyms={"weekly": "week"})
    assert param.choice("Weekly") == "week"
    assert param.choice("WEEK") == "week"
    assert param.choice("year") is None
