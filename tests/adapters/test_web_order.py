"""The form is always set to something that can be ordered."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from adapters.web.order import Order, usual
from bot.domain.catalogue import Catalogue, Model
from bot.domain.videos import Size
from tests.fakes.core import catalogue

MODELS = {model.name: model for model in catalogue() if model.provider == "simulator"}
SORA, PRO = MODELS["sora-2"], MODELS["sora-2-pro"]
WIDE = Size(1792, 1024)


def test_the_form_starts_with_the_default_model_and_its_defaults() -> None:
    order = usual(Catalogue((SORA, PRO)))
    assert order == Order(SORA, SORA.default_size, SORA.default_seconds, 1)


def test_with_nothing_on_sale_there_is_no_order() -> None:
    assert usual(Catalogue(())) is None


def test_the_price_is_for_all_variations() -> None:
    order = Order(PRO, WIDE, 8, count=3)
    assert order.price(catalogue()) == 50 * 8 * 3


def test_relaxed_work_is_cheaper_by_the_piece() -> None:
    sold = replace(catalogue(), relaxed_off=33)
    order = Order(SORA, SORA.default_size, 8, count=3)
    assert replace(order, when="relaxed").price(sold) == 54 * 3
    assert replace(order, when="offpeak").price(sold) == 54 * 3
    assert replace(order, when="22:30").price(sold) == 80 * 3
    assert replace(order, when="nonsense").price(sold) == 80 * 3


def test_what_has_no_price_says_so() -> None:
    assert Order(replace(SORA, prices=()), SORA.default_size, 8).price(catalogue()) is None


def test_another_model_keeps_what_it_can_do_and_replaces_the_rest() -> None:
    order = Order(PRO, WIDE, 20).with_model(SORA)
    assert (order.size, order.seconds) == (SORA.default_size, 20)


@given(st.data())
def test_every_change_of_model_leaves_a_possible_order(data: st.DataObject) -> None:
    models: list[Model] = list(catalogue())
    model = data.draw(st.sampled_from(models))
    order = Order(
        model, data.draw(st.sampled_from(model.sizes)), data.draw(st.sampled_from(model.seconds))
    )
    changed = order.with_model(data.draw(st.sampled_from(models)))
    assert changed.size in changed.model.sizes
    assert changed.seconds in changed.model.seconds


def test_the_form_sends_what_can_also_be_typed() -> None:
    assert Order(SORA, Size(720, 1280), 4, 2).args("a kite") == {
        "prompt": "a kite",
        "model": "sora-2",
        "size": "720x1280",
        "seconds": "4",
        "count": "2",
        "when": "now",
    }


def test_the_form_sends_a_style_only_where_one_was_chosen() -> None:
    order = Order(SORA, Size(720, 1280), 4)
    assert replace(order, preset="none").args("a kite") == {
        **order.args("a kite"),
        "preset": "none",
    }
    assert "preset" not in order.args("a kite")
