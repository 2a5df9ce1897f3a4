"""What the catalogue sells of providers with APIs of their own is what their wires can ask for."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date

import pytest

from adapters.providers.tasks.registry import WIRES
from adapters.providers.tasks.wire import Pictures, lines_of, ratio_of
from bot.backends import BUILT_IN
from bot.domain.catalogue import MICROS_PER_CREDIT, Catalogue, Model, parse
from bot.domain.videos import Size, nearest
from bot.ports import SubmitRequest

CATALOGUE = parse(tomllib.loads(BUILT_IN.read_text("utf-8")))
NATIVE = [model for model in CATALOGUE if model.provider in WIRES]
CLOSED = date(2026, 9, 24)
each_model = pytest.mark.parametrize("model", NATIVE, ids=lambda m: f"{m.provider} {m.name}")
SAMPLE = b"\xff\xd8picture"


def sent(model: Model, size: Size, seconds: int, image: bytes | None = None) -> str:
    """A create without what is the same for every size and length."""
    wish = SubmitRequest("a red kite", model.upstream, size, seconds)
    return json.dumps(WIRES[model.provider].create(wish, Pictures(image)).json, sort_keys=True)


@each_model
def test_no_two_sizes_and_lengths_are_asked_for_alike(model: Model) -> None:
    orders = [(size, seconds) for size in model.sizes for seconds in model.seconds]
    assert len({sent(model, *order) for order in orders}) == len(orders)


@each_model
def test_every_size_is_one_that_its_words_stand_for(model: Model) -> None:
    for size in model.sizes:
        words = (lines_of(size), ratio_of(size))
        alike = [one for one in model.sizes if (lines_of(one), ratio_of(one)) == words]
        assert alike == [size]
        turned = Size(size.height, size.width)
        assert nearest(turned, model.sizes) == turned


@each_model
def test_a_first_frame_is_sold_only_where_the_wire_takes_one(model: Model) -> None:
    able = WIRES[model.provider].capabilities.takes_image
    assert able or not model.takes_image
    if model.takes_image:
        size, seconds = model.default_size, model.default_seconds
        assert sent(model, size, seconds, SAMPLE) != sent(model, size, seconds)


@each_model
def test_all_that_is_sold_besides_words_is_asked_for(model: Model) -> None:
    wish = SubmitRequest("a kite", model.upstream, model.default_size, model.default_seconds)
    shown = tuple(SAMPLE + bytes([number]) for number in range(model.references))
    ways = [(wish, Pictures())]
    ways += [(wish, Pictures(SAMPLE))] if model.takes_image else []
    ways += [(wish, Pictures(SAMPLE, SAMPLE + b"end"))] if model.takes_last else []
    ways += [(wish, Pictures(references=shown))] if shown else []
    if model.switches_sound:
        ways += [(replace(wish, sound=heard), Pictures()) for heard in (True, False)]
    wire = WIRES[model.provider]
    asked = {json.dumps(wire.create(*way).json, sort_keys=True) for way in ways}
    assert len(asked) == len(ways)
    if wire.capabilities.switches_sound and model.sound is not None:
        assert wire.create(replace(wish, sound=model.sound), Pictures())


@each_model
def test_credits_are_cents_rounded_up(model: Model) -> None:
    for costs, prices in (
        (dict(model.costs), dict(model.prices)),
        (dict(model.switched_costs), dict(model.switched_prices)),
    ):
        assert prices == {size: -(-cost // MICROS_PER_CREDIT) for size, cost in costs.items()}


@each_model
def test_none_is_sold_without_an_account_of_its_provider(model: Model) -> None:
    for provider in ("simulator", "openai", "custom"):
        upstreams = {one.upstream for one in CATALOGUE.offered((provider,), CLOSED)}
        assert model.upstream not in upstreams
    assert model in CATALOGUE.offered((model.provider,), CLOSED)


def test_what_is_retired_leads_to_a_name_that_exists() -> None:
    names = {model.name for model in CATALOGUE if not model.retired(CLOSED)}
    retired = [model for model in CATALOGUE if model.retired(CLOSED)]
    assert [model.name for model in retired] == ["sora-2", "sora-2-pro"]
    assert {model.replaced_by for model in retired} <= names


def test_one_model_of_two_providers_has_the_same_sizes_and_lengths_at_both() -> None:
    sold: Catalogue = CATALOGUE.offered(("gemini", "fal"), CLOSED)
    omni = sold.get("gemini-omni-1.2-flash")
    [other] = [m for m in CATALOGUE.of("fal", CLOSED) if m.name == omni.name]
    assert (omni.provider, omni.sizes, omni.seconds) == ("gemini", other.sizes, other.seconds)
