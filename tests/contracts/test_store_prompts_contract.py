"""The law of saved prompts: each person has their own, one for each name."""

from __future__ import annotations

from bot.domain.prompts import Prompt
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, EVE, NOW


async def test_a_prompt_is_found_under_its_name_by_whoever_saved_it(store: SqlStore) -> None:
    dunes, sea = Prompt("dunes", "a red kite “over” dunes 🪁", NOW), Prompt("a-sea", "waves", NOW)
    async with store.transaction() as tx:
        await tx.prompts.put(ANA, dunes)
        await tx.prompts.put(ANA, sea)
    async with store.reading() as tx:
        assert await tx.prompts.get(ANA, "dunes") == dunes
        assert await tx.prompts.all(ANA) == (sea, dunes)
        # Eve has Ana's id, in another workspace.
        for other in (BEN, EVE):
            assert await tx.prompts.get(other, "dunes") is None
            assert await tx.prompts.all(other) == ()


async def test_a_prompt_takes_the_place_of_the_one_of_its_name(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.prompts.put(ANA, Prompt("dunes", "first", NOW))
        await tx.prompts.put(ANA, Prompt("dunes", "second", NOW + 1))
        assert await tx.prompts.all(ANA) == (Prompt("dunes", "second", NOW + 1),)


async def test_a_prompt_is_forgotten_once_and_only_by_whoever_saved_it(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.prompts.put(ANA, Prompt("dunes", "first", NOW))
        assert not await tx.prompts.drop(BEN, "dunes")
        assert not await tx.prompts.drop(EVE, "dunes")
        assert await tx.prompts.drop(ANA, "dunes")
        assert not await tx.prompts.drop(ANA, "dunes")
        assert await tx.prompts.get(ANA, "dunes") is None
