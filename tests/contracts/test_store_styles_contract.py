"""The law of styles: each workspace has its own, and a channel has at most one of them."""

from __future__ import annotations

from bot.domain.styles import Style
from storage.store import SqlStore
from tests.storage.examples import DEMO, OTHER

NOIR, BRAND = Style("noir", "black and white, “hard” light 🌧"), Style("brand", "our red, clean")


async def test_a_style_is_found_under_its_name_in_its_workspace_alone(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.styles.put(DEMO, NOIR)
        await tx.styles.put(DEMO, BRAND)
    async with store.reading() as tx:
        assert await tx.styles.get(DEMO, "noir") == NOIR
        assert await tx.styles.all(DEMO) == (BRAND, NOIR)
        assert await tx.styles.get(OTHER, "noir") is None
        assert await tx.styles.all(OTHER) == ()


async def test_a_style_takes_the_place_of_the_one_of_its_name_also_in_channels(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await tx.styles.put(DEMO, NOIR)
        await tx.styles.use(DEMO, "general", "noir")
        await tx.styles.put(DEMO, Style("noir", "grey"))
        assert await tx.styles.all(DEMO) == (Style("noir", "grey"),)
        assert await tx.styles.of(DEMO, "general") == Style("noir", "grey")


async def test_a_channel_has_the_style_that_was_given_to_it_last(store: SqlStore) -> None:
    async with store.transaction() as tx:
        for tenant in (DEMO, OTHER):
            await tx.styles.put(tenant, NOIR)
            await tx.styles.put(tenant, BRAND)
        await tx.styles.use(DEMO, "general", "noir")
        await tx.styles.use(DEMO, "general", "brand")
        await tx.styles.use(DEMO, "studio", "noir")
        await tx.styles.use(OTHER, "general", "noir")
    async with store.transaction() as tx:
        assert await tx.styles.of(DEMO, "general") == BRAND
        assert await tx.styles.of(DEMO, "lab") is None
        assert await tx.styles.uses(DEMO) == {"general": "brand", "studio": "noir"}
        await tx.styles.use(DEMO, "general", None)
        await tx.styles.use(DEMO, "lab", None)
        assert await tx.styles.of(DEMO, "general") is None
        assert await tx.styles.uses(DEMO) == {"studio": "noir"}
        assert await tx.styles.uses(OTHER) == {"general": "noir"}


async def test_a_style_that_is_gone_is_that_of_no_channel_even_when_its_name_comes_back(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        for tenant in (DEMO, OTHER):
            await tx.styles.put(tenant, NOIR)
            await tx.styles.use(tenant, "general", "noir")
        await tx.styles.drop(DEMO, "noir")
        await tx.styles.drop(DEMO, "noir")
        assert await tx.styles.get(DEMO, "noir") is None
        await tx.styles.put(DEMO, NOIR)
        assert await tx.styles.of(DEMO, "general") is None
        assert await tx.styles.of(OTHER, "general") == NOIR


async def test_a_channel_has_no_style_of_a_name_that_nobody_keeps(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.styles.use(DEMO, "general", "noir")
        assert await tx.styles.of(DEMO, "general") is None
