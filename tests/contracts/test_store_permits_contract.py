"""The law of permissions: what people chose, whom they let, and who was asked what."""

from __future__ import annotations

from bot.domain.people import Own
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, EVE


async def test_what_somebody_chooses_for_themselves_holds_until_they_choose_again(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        assert await tx.people.chosen(ANA) == {}
        await tx.people.choose(ANA, Own.REMIXERS, "ask")
        await tx.people.choose(ANA, Own.REMIXERS, "nobody")
        await tx.people.choose(EVE, Own.REMIXERS, "team")
    async with store.transaction() as tx:
        assert await tx.people.chosen(ANA) == {Own.REMIXERS: "nobody"}
        assert await tx.people.chosen(EVE) == {Own.REMIXERS: "team"}
        assert await tx.people.chosen(BEN) == {}
        await tx.people.choose(ANA, Own.REMIXERS, None)
        assert await tx.people.chosen(ANA) == {}
