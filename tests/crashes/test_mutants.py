"""The table is worth something: without any one protection it turns red."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.crashes.mutants import Blind, Deaf, Nameless, NoIntents, NoRefs, NoRequests, NoVersions
from tests.crashes.stories import CANCEL_AT_ANY_GATE, CREATE, STORIES, Case, Story
from tests.crashes.table import plan_of, pressed, tried
from tests.fakes.memory_store.store import MemoryStore


def story(name: str) -> Story:
    return next(one for one in STORIES if one.name == name)


@pytest.mark.parametrize(
    "store, case, words",
    [
        (NoIntents, Case(CREATE), "2 videos of"),
        (NoIntents, Case(CREATE, "lists nothing"), "2 videos of"),
        (NoRequests, Case(CREATE), "there are jobs that nobody asked for"),
        (NoRefs, Case(story("refund one of two")), "refund twice"),
    ],
    ids=["intent", "intent where nothing is listed", "key of requests", "key of transfers"],
)
async def test_a_store_without_one_protection_is_found_out(
    store: type[MemoryStore], case: Case, words: str
) -> None:
    assert not (await tried(case, 1)).faults
    found = (await tried(case, 1, replace(plan_of(case), store=store))).faults
    assert any(words in fault for fault in found)


async def test_a_store_that_lets_an_old_view_win_is_found_out() -> None:
    case = Case(CANCEL_AT_ANY_GATE)
    assert not (await pressed(case, 0)).faults
    found = (await pressed(case, 0, replace(plan_of(case), store=NoVersions))).faults
    assert any("although its owner stopped it" in fault for fault in found)


async def test_a_chat_that_does_not_look_before_it_posts_again_is_found_out() -> None:
    case = Case(CREATE)
    found = (await tried(case, 1, replace(plan_of(case), window=Deaf))).faults
    assert any("result/" in fault and "was posted 2 times" in fault for fault in found)


async def test_a_list_that_is_wrongly_said_to_be_complete_is_found_out() -> None:
    case = Case(CREATE)
    found = (await tried(case, 1, replace(plan_of(case), client=Blind))).faults
    assert any("2 videos of" in fault for fault in found)


async def test_a_lost_create_that_is_not_asked_for_by_its_name_is_found_out() -> None:
    case = Case(CREATE, "finds")
    assert not (await tried(case, 1)).faults
    found = (await tried(case, 1, replace(plan_of(case), client=Nameless))).faults
    assert any("rests as submit_unknown" in fault for fault in found)
