"""Which chain an order goes along, and what an operator may write."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bot.domain.order import Lane
from bot.domain.refs import Place, Tenant
from bot.domain.routes import Route, chain_of, parse
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "docs" / "providers.example.toml"
HERE = Place(Tenant("slack", "T1"), "C1")
THREAD = Place(Tenant("slack", "T1"), "C1", "171.5")
GATES = ("fal/default", "fal/second", "backup/default")
BY_CHANNEL = Route(("fal",), channel="C1")
BY_MODEL = Route(("backup",), model="Sora-2")
BY_LANE = Route(("fal/second",), lane=Lane.RELAXED)


@pytest.mark.parametrize(
    "routes, lane, place, chain",
    [
        ([], Lane.NORMAL, HERE, None),
        ([BY_LANE], Lane.NORMAL, HERE, None),
        ([BY_LANE], Lane.RELAXED, None, ("fal/second",)),
        ([BY_LANE, BY_MODEL], Lane.RELAXED, HERE, ("backup",)),
        ([BY_LANE, BY_MODEL, BY_CHANNEL], Lane.RELAXED, HERE, ("fal",)),
        ([BY_MODEL, BY_CHANNEL], Lane.NORMAL, THREAD, ("fal",)),
        ([BY_CHANNEL, BY_MODEL], Lane.NORMAL, None, ("backup",)),
        ([BY_MODEL, Route(("fal",), model="sora-2")], Lane.NORMAL, HERE, ("backup",)),
    ],
    ids=[
        "no routes",
        "another lane",
        "its lane",
        "model before lane",
        "channel before all",
        "a thread is in its channel",
        "nowhere is in no channel",
        "the first of two alike",
    ],
)
def test_the_closest_route_leads(
    routes: list[Route], lane: Lane, place: Place | None, chain: tuple[str, ...] | None
) -> None:
    assert chain_of(routes, "sora-2", lane, place) == chain


def test_the_example_sends_relaxed_work_to_the_backup() -> None:
    [route] = parse(tomllib.loads(EXAMPLE.read_text("utf-8")), GATES)
    assert route == Route(("backup",), lane=Lane.RELAXED)


def test_every_fault_of_every_route_is_told_at_once() -> None:
    odd = [{"use": ["nobody"], "lane": "fast"}, {"use": "fal", "chanel": "C1"}, 7]
    with pytest.raises(ConfigError) as error:
        parse({"route": odd}, GATES)
    told = "\n".join(error.value.complaints)
    for words in (
        "no. 1: there is no account 'nobody'",
        "no. 1: lane is not one of urgent, normal, relaxed",
        "no. 2: there is no 'chanel'",
        "no. 2: use is not a list of accounts",
        "no. 3: use is not a list of accounts",
    ):
        assert words in told
