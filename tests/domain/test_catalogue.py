import math
import tomllib
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.domain.catalogue import Catalogue, parse
from bot.domain.order import Lane
from bot.domain.refs import Blob
from bot.domain.videos import Size, VideoSpec
from bot.errors import ConfigError, InvalidInput, Unpriced

BUILT_IN = Path(bot.__file__).with_name("catalogue.toml")


def entry(**changes: object) -> dict[str, Any]:
    return {
        "provider": "p",
        "name": "m-1",
        "seconds": [4, 8],
        "default_seconds": 8,
        "default_size": "1280x720",
        "prices": {"1280x720": 10},
        "typical_ms": 1000,
        "source": "a test",
        "as_of": date(2026, 1, 1),
    } | changes


def one(**changes: object) -> Catalogue:
    return parse({"model": [entry(**changes)]})


def test_the_built_in_catalogue_is_whole_and_names_its_sources() -> None:
    catalogue = parse(tomllib.loads(BUILT_IN.read_text("utf-8")))
    assert {model.provider for model in catalogue} >= {"simulator", "openai"}
    assert all(model.source and model.as_of for model in catalogue)


def test_a_retired_model_leaves_the_menu_on_its_day() -> None:
    catalogue = one(retire_on=date(2026, 9, 24))
    assert catalogue.offered(("p",), date(2026, 9, 23)).models
    assert not catalogue.offered(("p",), date(2026, 9, 24)).models


def test_only_the_models_of_the_chosen_provider_are_offered() -> None:
    assert not one().offered(("other",), date(2026, 1, 1)).models


def test_sound_the_other_way_has_prices_of_its_own_where_it_is_said() -> None:
    wide, tall = Size(1280, 720), Size(720, 1280)
    model = one(
        prices={"1280x720": 10, "720x1280": 10},
        costs={"1280x720": "0.09"},
        sound=True,
        switches_sound=True,
        switched_prices={"1280x720": 6},
    ).default
    assert [model.price(wide, 2, said) for said in (None, True, False)] == [20, 20, 12]
    assert model.price(tall, 2, sound=False) == 20
    assert [model.cost(wide, 2, said) for said in (None, True, False)] == [
        *(180_000, 180_000),
        120_000,
    ]
    dearer = replace(model, switched_costs=((wide, 70_000),))
    assert dearer.cost(wide, 2, sound=False) == 140_000


@pytest.mark.parametrize(
    "changes",
    [
        {"takes_last": "yes"},
        {"references": True},
        {"references": -1},
        {"sound": "on"},
        {"switches_sound": True},
        {"switched_prices": {"1280x720": "6"}},
    ],
)
def test_what_a_model_takes_besides_words_is_read_strictly(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        one(**changes)


def test_a_price_is_per_second_of_the_size() -> None:
    model = one(prices={"1280x720": 10, "1792x1024": 50}).default
    assert model.price(Size(1280, 720), 8) == 80
    assert model.price(Size(1792, 1024), 4) == 200
    assert model.sizes == (Size(1280, 720), Size(1792, 1024))


@given(st.integers(0, 10**6), st.integers(0, 100))
def test_relaxed_work_costs_whole_credits_of_what_is_left_of_the_price(
    price: int, percent: int
) -> None:
    sold = replace(one(), relaxed_off=percent)
    assert sold.reduced(price, Lane.RELAXED) == math.ceil(Fraction(price * (100 - percent), 100))
    assert sold.reduced(price, Lane.NORMAL) == sold.reduced(price, Lane.URGENT) == price


def test_a_size_without_a_price_cannot_be_sold() -> None:
    with pytest.raises(Unpriced):
        one().default.price(Size(1, 1), 8)


def test_a_model_is_found_by_its_name_in_any_case() -> None:
    assert one().get(" M-1 ").name == "m-1"
    with pytest.raises(InvalidInput, match="m-1"):
        one().get("nope")


def test_an_empty_catalogue_has_no_default() -> None:
    with pytest.raises(InvalidInput):
        _ = Catalogue(()).default


@pytest.mark.parametrize(
    "changes,complaint",
    [
        ({"prices": {"big": 1}}, "big is not a size"),
        ({"prices": {"1280x720": -1}}, "-1 is not a whole number"),
        ({"prices": {"1280x720": 1.5}}, "1.5 is not a whole number"),
        ({"default_size": "720x1280"}, "has no price"),
        ({"default_seconds": 9}, "is not among its seconds"),
        ({"as_of": "yesterday"}, "is not a date"),
        ({"typical_ms": True}, "True is not a whole number"),
    ],
)
def test_a_faulty_model_is_named_with_its_fault(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        one(**changes)


def test_all_faults_are_told_at_once() -> None:
    missing = entry()
    del missing["source"]
    with pytest.raises(ConfigError) as error:
        parse({"model": [missing, entry(default_seconds=1), entry()]})
    assert len(error.value.complaints) == 2
    assert "source" in error.value.complaints[0]


HD, TALL = Size(1280, 720), Size(720, 1280)
NO_HD = {"1920x1080": 70, "1024x1792": 50, "720x1280": 30}
DRAFT = VideoSpec("a kite", "m-1", HD, 8)


@pytest.mark.parametrize(
    "changes,final",
    [
        ({}, ""),
        ({"name": "sora-2"}, "sora-2-pro"),
        ({"name": "sora-2", "finalizes_on": ""}, ""),
        ({"finalizes_on": "m-2"}, "m-2"),
    ],
)
def test_which_model_makes_finals_is_in_the_catalogue(changes: dict[str, Any], final: str) -> None:
    catalogue = one(**changes)
    assert catalogue.finalizing(catalogue.default.name.upper()) == final
    assert catalogue.finalizing("another") == ""


def test_a_final_is_the_same_in_the_nearest_size_that_there_is() -> None:
    model = one(name="m-2", default_size="720x1280", prices=NO_HD).default
    assert (same := model.final_of(replace(DRAFT, size=TALL)))
    assert (same.model, same.size, same.prompt) == ("m-2", TALL, "a kite")
    assert (larger := model.final_of(DRAFT))
    assert larger.size == Size(1920, 1080)


def test_what_a_model_cannot_make_has_no_final() -> None:
    model = one(name="m-2").default
    assert model.final_of(replace(DRAFT, seconds=12)) is None
    assert model.final_of(replace(DRAFT, image=Blob("0" * 64, ".jpg", 1))) is None
    assert one(takes_image=True).default.final_of(replace(DRAFT, image=Blob("0" * 64, ".jpg", 1)))
