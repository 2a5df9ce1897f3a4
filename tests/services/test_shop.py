"""What is on sale, and who makes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.domain.catalogue import Catalogue, Model
from bot.domain.order import Lane
from bot.domain.routes import Route
from bot.errors import InvalidInput, Retired
from bot.services.shop import Shop, Supplier
from tests.fakes.clock import FakeClock
from tests.fakes.core import KITE, STUDIO, catalogue

SORA = catalogue().models[0]
FAL = replace(SORA, provider="fal", upstream="fal-ai/sora", prices=((KITE.size, 7),))
CHEAP = replace(SORA, provider="cheap", prices=((KITE.size, 5),), seconds=(4,))
ACCOUNTS = (
    Supplier("simulator", "default", "http://a"),
    Supplier("fal", "first", "http://b"),
    Supplier("fal", "second", "http://b"),
    Supplier("cheap", "default", "http://c"),
)


def shop(*routes: Route, models: tuple[Model, ...] = (SORA, FAL, CHEAP)) -> Shop:
    return Shop(Catalogue(models), ACCOUNTS, FakeClock(), ZoneInfo("UTC"), routes)


def makers(of: Shop, lane: Lane = Lane.NORMAL) -> list[str]:
    return [offer.gate for offer in of.offers(KITE, lane, STUDIO)]


def test_without_a_route_everyone_makes_it_in_the_order_of_the_settings() -> None:
    assert makers(shop()) == ["simulator/default", "fal/first", "fal/second"]


def test_a_route_is_all_that_there_is_for_an_order() -> None:
    routed = shop(Route(("fal/second", "simulator"), channel=STUDIO.channel))
    assert makers(routed) == ["fal/second", "simulator/default"]
    assert routed.offers(KITE, place=STUDIO)[0].price == 7 * 8


def test_a_provider_in_a_chain_stands_for_all_of_its_accounts() -> None:
    routed = shop(Route(("fal",), lane=Lane.RELAXED))
    assert makers(routed, Lane.RELAXED) == ["fal/first", "fal/second"]
    assert makers(routed)[0] == "simulator/default"


def test_what_nobody_of_a_chain_makes_is_refused_with_what_they_do_make() -> None:
    routed = shop(Route(("cheap",), model="sora-2"))
    with pytest.raises(InvalidInput) as no:
        routed.offers(KITE, place=STUDIO)
    assert no.value.allowed == "sora-2"


def test_a_retired_model_names_what_comes_in_its_place() -> None:
    old = replace(SORA, retire_on=date(2026, 9, 1), replaced_by="newer")
    newer = replace(old, name="newer", replaced_by="newest")
    newest = replace(SORA, name="newest")
    with pytest.raises(Retired) as no:
        shop(models=(old, newer, newest)).catalogue().get("SORA-2")
    assert (no.value.name, no.value.on, no.value.instead) == ("sora-2", old.retire_on, "newest")


def test_a_retired_model_without_a_successor_names_none() -> None:
    circle = replace(SORA, retire_on=date(2026, 9, 1), replaced_by="sora-2")
    with pytest.raises(Retired) as no:
        shop(models=(circle,)).catalogue().get("sora-2")
    assert no.value.instead == ""


def test_what_is_retired_at_one_provider_is_made_by_the_next() -> None:
    gone = replace(SORA, retire_on=date(2026, 9, 1))
    assert makers(shop(models=(gone, FAL))) == ["fal/first", "fal/second"]
