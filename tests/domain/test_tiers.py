import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.refs import Person
from bot.domain.tiers import Tiers, parse
from bot.domain.videos import Size
from bot.errors import ConfigError, NotInTier
from tests.fakes.core import ANA, KITE, MARA, TENANT, catalogue

EXAMPLE = Path(__file__).parents[2] / "docs" / "tiers.example.toml"
PLUS = Person(TENANT, "pia", "Pia", roles=("7", "112233445566778899"))
PRO = Person(TENANT, "pat", "Pat", roles=("998877665544332211", "112233445566778899"))


def example() -> Tiers:
    return parse(tomllib.loads(EXAMPLE.read_text("utf-8")), catalogue())


def named(tiers: Tiers, person: Person) -> str | None:
    tier = tiers.of(person)
    return tier.name if tier else None


def complaints(*tiers: object, **more: object) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as error:
        parse({"tier": list(tiers), **more}, catalogue())
    return error.value.complaints


def test_the_example_is_whole() -> None:
    assert [tier.name for tier in example().tiers] == ["free", "plus", "pro"]


def test_everyone_is_in_the_first_tier_and_a_role_leads_to_its_own() -> None:
    assert named(example(), ANA) == "free"
    assert named(example(), PLUS) == "plus"


def test_of_several_tiers_the_last_in_the_file_counts() -> None:
    assert named(example(), PRO) == "pro"


def test_admins_are_in_no_tier_and_may_order_everything() -> None:
    assert named(example(), MARA) is None
    example().check(MARA, replace(KITE, model="sora-2-pro", seconds=20), 4)


def test_without_a_file_everybody_may_order_everything() -> None:
    assert named(Tiers(), ANA) is None
    Tiers().check(ANA, replace(KITE, model="sora-2-pro", seconds=20), 4)


def test_what_a_tier_names_may_be_ordered_up_to_its_edge() -> None:
    example().check(ANA, KITE, 1)
    example().check(PLUS, replace(KITE, model="sora-2-pro", seconds=12), 2)
    example().check(PRO, replace(KITE, model="sora-2-pro", size=Size(1792, 1024), seconds=20), 4)


@pytest.mark.parametrize(
    "changes, count, better",
    [
        ({"model": "sora-2-pro"}, 1, "plus"),
        ({"seconds": 12}, 1, "plus"),
        ({"seconds": 16}, 1, "pro"),
        ({"size": Size(1792, 1024)}, 1, "pro"),
        ({}, 2, "plus"),
        ({}, 3, "pro"),
    ],
)
def test_anything_above_it_is_refused_and_the_next_tier_that_allows_it_is_named(
    changes: dict[str, Any], count: int, better: str
) -> None:
    with pytest.raises(NotInTier) as refusal:
        example().check(ANA, replace(KITE, **changes), count)
    assert (refusal.value.tier, refusal.value.better) == ("free", better)


def test_no_tier_is_named_where_none_would_do() -> None:
    tiers = parse({"tier": [{"name": "all", "max_seconds": 8}]}, catalogue())
    with pytest.raises(NotInTier) as refusal:
        tiers.check(ANA, replace(KITE, seconds=12), 1)
    assert refusal.value.better is None


def test_roles_may_be_numbers_and_models_in_any_case() -> None:
    tiers = parse(
        {"tier": [{"name": "free", "models": ["SORA-2"]}, {"name": "plus", "roles": [7]}]},
        catalogue(),
    )
    assert tiers.tiers[0].terms.models == ("sora-2",)
    assert named(tiers, PLUS) == "plus"


@pytest.mark.parametrize(
    "changes, complaint",
    [
        ({"name": ""}, "name: '' is not a text"),
        ({"models": "sora-2"}, "models: 'sora-2' is not a list"),
        ({"models": []}, "models: [] is not a list of one or more"),
        ({"models": ["sora-9"]}, "models: there is no model 'sora-9'; possible: sora-2,"),
        ({"sizes": ["1280x270"]}, "sizes: no model makes '1280x270'; possible: 1280x720,"),
        ({"sizes": [720]}, "sizes: 720 is not a text"),
        ({"max_seconds": 0}, "max_seconds: 0 is not a whole number of 1 or more"),
        ({"max_seconds": True}, "max_seconds: True is not a whole number"),
        ({"max_count": 5}, "max_count: 5 is more than the 4 that one order can have"),
        ({"publish": "no"}, "publish: 'no' is neither true nor false"),
        ({"roles": [True]}, "roles: True is not a text"),
        ({"second": 8}, "there is no 'second'; possible: name, roles, models, max_seconds,"),
    ],
)
def test_a_fault_is_told_with_the_number_of_its_tier(
    changes: dict[str, Any], complaint: str
) -> None:
    (said,) = complaints({"name": "free"}, {"name": "plus", "roles": ["7"]} | changes)
    assert said.startswith(f"tiers, tier no. 2: {complaint}")


def test_all_faults_of_all_tiers_are_told_at_once() -> None:
    said = complaints(
        {"max_seconds": "8", "max_count": -1},
        {"name": "plus"},
        {"name": "pro", "roles": ["7", "8"]},
        {"name": "pro", "roles": ["7"]},
        "free",
        tiers=[],
    )
    for words in (
        "tiers: there is no 'tiers', only [[tier]]",
        "tiers, tier no. 1: name is missing",
        "tiers, tier no. 1: max_seconds: '8' is not a whole number of 1 or more",
        "tiers, tier no. 1: max_count: -1 is not a whole number of 1 or more",
        "tiers, tier no. 5: name is missing",
        "tiers, tier no. 2: roles is missing",
        "tiers: two are called 'pro'",
        "tiers: role '7' is in more than one",
    ):
        assert words in said


@pytest.mark.parametrize("data", [{}, {"tier": {}}, {"tier": []}])
def test_a_file_without_a_tier_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="at least one"):
        parse(data, catalogue())
