"""Files of answers: one link each, for whoever got it and as long as the answer stands."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from adapters.web.guard import COOKIE, LOOPBACK, Guard, Rules
from adapters.web.handouts import MOST_BYTES, ROUTE, Handouts
from adapters.web.routes import answers
from bot.domain.messages import MOST_ATTACHED, Attachment
from tests.fakes.reports import CHART, LEDGER

TOKEN = "a token of enough length"


@pytest.fixture
def held() -> Handouts:
    return Handouts()


def client(held: Handouts, token: str = "") -> httpx.AsyncClient:
    rules = Rules(token, LOOPBACK)
    app = Guard(Starlette(routes=[answers(held)]), rules)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_a_picture_is_shown_and_nobody_keeps_it(held: Handouts) -> None:
    async with client(held) as http:
        answer = await http.get(held.offer(CHART))
    assert (answer.content, answer.headers["content-type"]) == (CHART.content, "image/png")
    assert answer.headers["cache-control"] == "no-store"
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("media_type", ["text/csv", "text/html", "image/svg+xml"])
async def test_what_a_browser_might_run_is_only_handed_out(held: Handouts, media_type: str) -> None:
    async with client(held) as http:
        answer = await http.get(held.offer(Attachment("x.html", b"<script>", media_type, "")))
    assert answer.headers["content-disposition"] == 'attachment; filename="x.html"'
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_link_ends_with_its_answer(held: Handouts) -> None:
    first, second = held.offer(LEDGER), held.offer(LEDGER)
    held.withdraw(first)
    held.withdraw(first)
    async with client(held) as http:
        assert (await http.get(first)).status_code == 404
        assert (await http.get(second)).content == LEDGER.content


@pytest.mark.parametrize("path", ["/x/ledger.csv", "//ledger.csv", "/../ledger.csv", ""])
async def test_a_guessed_link_leads_nowhere(held: Handouts, path: str) -> None:
    held.offer(LEDGER)
    async with client(held) as http:
        assert (await http.get(f"{ROUTE}{path}")).status_code == 404


async def test_a_link_alone_does_not_let_anybody_in(held: Handouts) -> None:
    link = held.offer(LEDGER)
    async with client(held, TOKEN) as http:
        stranger = await http.get(link)
        assert (stranger.status_code, stranger.headers["location"]) == (303, "/login")
        http.cookies.set(COOKIE, Rules(TOKEN, LOOPBACK).pass_word)
        assert (await http.get(link)).content == LEDGER.content


def test_no_two_links_are_alike(held: Handouts) -> None:
    links = {held.offer(LEDGER) for _ in range(100)}
    assert len(links) == 100
    assert min(map(len, links)) >= len(ROUTE) + 32


def test_memory_holds_so_much_and_the_oldest_go(held: Handouts) -> None:
    large = Attachment("large.csv", b"x" * MOST_ATTACHED, "text/csv", "")
    links = [held.offer(large) for _ in range(MOST_BYTES // MOST_ATTACHED + 2)]
    assert [held.find(link) is None for link in links] == [True, True] + [False] * (len(links) - 2)
