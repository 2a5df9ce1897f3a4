"""What is on sale, and who makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.domain.catalogue import Catalogue, Model
from bot.domain.jobs import Job, JobState, Offer, Operation
from bot.domain.order import Lane
from bot.domain.refs import Blob
from bot.domain.routes import Route
from bot.domain.videos import Size
from bot.errors import CannotExtend, InvalidInput, Retired
from bot.ports import Capabilities
from bot.services.shop import Shop, Supplier
from tests.fakes.clock import FakeClock
from tests.fakes.core import ANA, KITE, STUDIO, catalogue

SORA = catalogue().models[0]
FAL = replace(SORA, provider="fal", upstream="fal-ai/sora", prices=((KITE.size, 7),))
CHEAP = replace(SORA, provider="cheap", prices=((KITE.size, 5),), seconds=(4,))
ACCOUNTS = (
    Supplier("simulator", "default", "http://a"),
    Supplier("fal", "first", "http://b"),
    Supplier("fal", "second", "http://b"),
    Supplier("cheap", "default", "http://c"),
)


FRAMED = replace(KITE, image=Blob("0" * 64, ".jpg", 1))
WORDS_ONLY = Capabilities(takes_image=False)
EXTENDS = Capabilities(takes_image=False, extends=True)


def shop(
    *routes: Route,
    models: tuple[Model, ...] = (SORA, FAL, CHEAP),
    accounts: Sequence[Supplier] = ACCOUNTS,
) -> Shop:
    return Shop(Catalogue(models), accounts, FakeClock(), ZoneInfo("UTC"), routes)


def wordy(*gates: str) -> list[Supplier]:
    """The accounts, of which those take no first frame."""
    able = Capabilities()
    return [replace(a, capabilities=WORDS_ONLY if a.gate in gates else able) for a in ACCOUNTS]


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


# --- what backends can do -----------------------------------------------------------------------


def test_a_first_frame_is_offered_where_one_who_makes_the_model_takes_it() -> None:
    assert shop(accounts=wordy("simulator/default", "fal/first")).catalogue().default.takes_image
    nobody = shop(accounts=wordy(*(one.gate for one in ACCOUNTS)))
    assert not nobody.catalogue().default.takes_image


def test_what_the_catalogue_makes_of_words_only_stays_so_whatever_a_backend_can() -> None:
    sold = shop(models=(replace(SORA, takes_image=False),)).catalogue()
    assert not sold.default.takes_image


def test_an_order_with_a_picture_goes_only_to_those_who_take_it() -> None:
    of = shop(accounts=wordy("simulator/default", "fal/first"))
    assert [offer.gate for offer in of.offers(FRAMED)] == ["fal/second"]
    assert of.offer(KITE).gate == "simulator/default"
    assert of.offers(FRAMED)[0].price == 7 * 8


def test_a_picture_that_nobody_takes_is_refused_with_who_would_take_it() -> None:
    other = replace(SORA, provider="cheap", name="other")
    of = shop(models=(SORA, other), accounts=wordy("simulator/default"))
    with pytest.raises(InvalidInput) as no:
        of.offers(FRAMED)
    assert no.value.allowed == "sora-2 starts from words only; use other"


def test_a_route_to_those_who_take_no_picture_says_so() -> None:
    of = shop(Route(("fal",)), accounts=wordy("fal/first", "fal/second"))
    with pytest.raises(InvalidInput) as no:
        of.offers(FRAMED)
    assert no.value.allowed == "sora-2 starts from words only"
    assert len(of.offers(KITE)) == 2


def test_what_could_be_ordered_instead_is_left_out_where_nobody_makes_it_like_that() -> None:
    other = replace(SORA, name="other")
    square = replace(other, provider="fal", prices=((Size(1024, 1024), 7),))
    square = replace(square, default_size=Size(1024, 1024))
    of = shop(models=(SORA, other, square), accounts=wordy("simulator/default"))
    assert of.catalogue().get("other").takes_image
    assert list(of.other_models(FRAMED)) == []
    assert [found.spec.model for found in of.other_models(KITE)] == ["other"]


# --- who makes what, for admins -----------------------------------------------------------------


def listed(of: Shop, channel: str = STUDIO.channel) -> dict[str, list[str]]:
    [one] = of.listed(replace(STUDIO, channel=channel))
    lanes = {str(lane): [maker.gate for maker in makers] for lane, makers in one.lanes}
    return {"all": [maker.gate for maker in one.makers], **lanes}


def test_makers_are_listed_in_the_order_in_which_they_are_asked() -> None:
    gates = ["simulator/default", "fal/first", "fal/second", "cheap/default"]
    assert listed(shop()) == {"all": gates}
    [one] = shop().listed(STUDIO)
    assert [(maker.upstream, maker.price) for maker in one.makers][1] == ("fal-ai/sora", 7)


def test_a_route_of_a_lane_is_listed_beside_them() -> None:
    routed = shop(Route(("fal/second",), model="SORA-2", lane=Lane.RELAXED))
    assert listed(routed)["relaxed"] == ["fal/second"]
    assert len(listed(routed)["all"]) == 4


def test_a_route_of_a_channel_is_listed_there_and_nowhere_else() -> None:
    routed = shop(Route(("cheap",), channel=STUDIO.channel))
    assert listed(routed) == {"all": ["cheap/default"]}
    assert "cheap/default" in listed(routed, "elsewhere")["all"][1:]


# --- what goes on from a video ------------------------------------------------------------


def made_at(gate: str) -> Job:
    """A video of `KITE`, and where it was made."""
    account = next(one for one in ACCOUNTS if one.gate == gate)
    offer = Offer(account.provider, account.account, account.base_url, "sora-2", 1)
    return Job(
        *("kite", ANA, STUDIO, "order", 0, KITE, offer, JobState.DONE, 1, 0, 0, None),
        reference={"id": "video_1"},
    )


def continuing(of: Shop, source: Job) -> list[str]:
    return [offer.gate for offer in of.continuing(KITE, source, place=STUDIO)]


def test_whoever_begins_with_a_picture_can_go_on_from_a_video_of_anybody() -> None:
    assert continuing(shop(), made_at("fal/first")) == [
        "simulator/default",
        "fal/first",
        "fal/second",
    ]
    able = shop(accounts=wordy("simulator/default", "fal/second"))
    assert continuing(able, made_at("simulator/default")) == ["fal/first"]


def test_without_pictures_only_who_has_the_video_extends_it() -> None:
    able = [replace(a, capabilities=EXTENDS) for a in ACCOUNTS]
    assert continuing(shop(accounts=able), made_at("fal/second")) == ["fal/second"]


def test_another_model_of_who_has_the_video_does_not_extend_it() -> None:
    able = [replace(a, capabilities=EXTENDS) for a in ACCOUNTS]
    source = made_at("fal/second")
    other = replace(source, spec=replace(KITE, model="sora-2-pro"))
    with pytest.raises(CannotExtend):
        continuing(shop(accounts=able), other)


def test_what_nobody_can_go_on_from_is_refused_with_whose_videos_can_be_extended() -> None:
    pro = replace(FAL, name="sora-2-pro")
    blind = wordy("simulator/default")
    with pytest.raises(CannotExtend) as no:
        continuing(shop(models=(SORA, pro), accounts=blind), made_at("simulator/default"))
    assert (no.value.model, no.value.able) == ("sora-2", ("sora-2-pro",))


def test_an_extension_without_a_picture_goes_nowhere_else() -> None:
    job = replace(made_at("simulator/default"), operation=Operation.EXTEND)
    assert shop().others(job) == ()
    framed = replace(job, spec=FRAMED)
    assert [offer.gate for offer in shop().others(framed)] == ["fal/first", "fal/second"]
