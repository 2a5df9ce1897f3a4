"""Names and codes of workspaces that share videos."""

from __future__ import annotations

import pytest

from bot.domain.links import MAX_NAME, Link, digest_of, free_name, is_name, meant
from bot.domain.refs import Tenant

HERE = Tenant("discord", "1")
PARIS = Link(HERE, Tenant("slack", "T1"), "paris", 0)
ROME = Link(HERE, Tenant("slack", "T2"), "rome", 0)
WEB = Link(HERE, Tenant("web", "demo"), "web", 0)


def test_a_code_may_be_typed_in_capitals_and_with_spaces_around_it() -> None:
    assert digest_of(" J7QM2X ") == digest_of("j7qm2x")
    assert digest_of("j7qm2x") != digest_of("j7qm2y")


def test_a_code_cannot_be_read_in_what_is_kept_of_it() -> None:
    assert "j7qm2x" not in digest_of("j7qm2x")


@pytest.mark.parametrize("name", ["slack", "paris-2", "7", "a" * MAX_NAME])
def test_a_name_is_one_short_word(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "Paris", "-a", "new york", "#studio", "a" * (MAX_NAME + 1)])
def test_anything_else_is_no_name(name: str) -> None:
    assert not is_name(name)


def test_a_name_that_is_taken_gets_the_first_free_number() -> None:
    assert free_name("slack", ()) == "slack"
    assert free_name("slack", {"slack", "slack-2"}) == "slack-3"
    longest = "a" * MAX_NAME
    assert is_name(free_name(longest, {longest}))


def test_a_name_means_one_workspace_and_a_kind_of_chat_all_of_its_kind() -> None:
    links = (PARIS, ROME, WEB)
    assert meant("Paris", links) == (PARIS,)
    assert meant("slack", links) == (PARIS, ROME)
    assert meant("web", links) == (WEB,)
    assert meant("discord", links) == ()
