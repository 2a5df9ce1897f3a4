"""The gallery of a workspace with very many videos, as somebody at a browser looks through it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from playwright.async_api import expect

from adapters.web.gallery import PAGE
from adapters.web.platform import TENANT
from bench.library import VIDEOS, fill, multiply, vocabulary
from storage.store import open_store
from tests.fakes.blank import blank_at
from tests.fakes.chromium import find_chromium, open_browser
from tests.scenarios.test_browser_demo import demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(150),
    pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium on this machine"),
]
WRITTEN = 250
"""Videos that are stored one by one; all others are copies of these."""
SOON = 5_000
"""Ms that the gallery may take for an answer on a machine that does much else."""


async def filled(data: Path) -> None:
    random = Random(50)  # noqa: S311 - the same prompts each time
    data.mkdir()
    store = await open_store(blank_at(data / "bot.db"))
    await fill(store, random, vocabulary(random), WRITTEN, TENANT)
    await store.aclose()
    multiply(data / "bot.db", VIDEOS // WRITTEN - 1)


async def test_the_gallery_is_looked_through_among_very_many_videos(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await filled(data)
    async with open_browser() as browser, demo(data) as address:
        page = await browser.new_page(reduced_motion="reduce")
        await page.goto(f"{address}/?as=ben")
        views = page.get_by_role("navigation", name="Views")
        tiles, told = page.locator(".tile"), page.locator(".told")
        await views.get_by_text("Gallery", exact=True).click()
        await expect(tiles).to_have_count(PAGE, timeout=SOON)
        await page.get_by_role("button", name="More").click()
        await expect(tiles).to_have_count(2 * PAGE, timeout=SOON)
        await page.get_by_role("searchbox").fill("x7x")
        await expect(told).to_have_text(f"{PAGE} videos, and there are more", timeout=SOON)
        assert len(set(await tiles.locator(".tile-title").all_inner_texts())) == 1
        await page.get_by_role("searchbox").fill("")
        await page.get_by_role("button", name="Filters").click()
        await page.get_by_label("Tag").fill("#channel-3")
        await expect(tiles.first.locator(".tile-tags")).to_have_text("#channel-3", timeout=SOON)
        tagged = await tiles.locator(".tile-tags").all_inner_texts()
        assert tagged == ["#channel-3"] * PAGE
