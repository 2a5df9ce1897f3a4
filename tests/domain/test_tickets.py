"""What links to files say about themselves."""

from __future__ import annotations

import pytest

from bot.domain.refs import Tenant
from bot.domain.tickets import Ticket, ticket_of


@pytest.mark.parametrize(
    "ticket",
    [Ticket("j1"), Ticket("j1", Tenant("web", "demo")), Ticket("j1", Tenant("slack", "T/1?&"))],
)
def test_a_ticket_comes_back_from_its_text(ticket: Ticket) -> None:
    assert ticket_of(str(ticket)) == ticket


@pytest.mark.parametrize("text", ["", "/", "/web/demo", "j1/web", "j1/web/", "j1//demo"])
def test_what_cannot_be_one_is_none(text: str) -> None:
    assert ticket_of(text) is None
