"""The main job, as somebody at a browser lives it: the whole bot, its real database and backend."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fakes.chromium import WATCH, find_chromium, open_browser, play

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(150),
    pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium on this machine"),
]
SECONDS, FPS, PRICE = 4, 24, 40
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
SOON, LATER = 10_000, 60_000
"""Ms that a card and a video may take on a machine that does much else."""


@asynccontextmanager
async def demo(data: Path) -> AsyncGenerator[str]:
    """``sora-bot demo`` until Ctrl-C, which it must obey. One render at a time, so that a second
    job waits in line.
    """
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("sora-bot"),
        *("demo", "--port", "0", "--data", str(data)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "SORA_RENDERS_AT_ONCE": "1", "SORA_SIMULATOR_RENDER_MS": "3000"},
        cwd=data.parent,
    )
    try:
        yield await asyncio.wait_for(_address(process), 30)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 20) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    async for line in process.stdout:
        if found := ADDRESS.search(line.decode()):
            return found[0]
    raise AssertionError("the bot ended without printing its address")


class Ana:
    """Somebody at the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.purse = page.locator(".wallet")

    async def come(self, address: str) -> None:
        await self.page.goto(address)
        await expect(self.purse).to_contain_text("credits")

    async def say(self, text: str) -> None:
        line = self.page.get_by_role("combobox", name="Describe a video")
        await line.fill(text)
        await line.press("Enter")

    def cards(self, prompt: str) -> Locator:
        return self.page.locator("article.is-bot", has=self.page.get_by_text(prompt, exact=True))

    def video(self, prompt: str) -> Locator:
        return self.cards(prompt).locator("video")

    async def credits(self) -> int:
        return int(re.sub(r"\D", "", await self.purse.inner_text()))


async def test_from_a_typed_line_to_a_playing_video_and_back_after_a_restart(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    async with open_browser() as browser:
        ana = Ana(await browser.new_page(reduced_motion="reduce"))
        async with demo(data) as address:
            await ana.come(address)
            had = await ana.credits()
            await makes_a_video(ana)
            await has(ana, had - PRICE)
            await finds_and_likes_it(ana)

            await ana.page.reload()
            await everything_is_there(ana)
            await has(ana, had - PRICE)

            await cancels_one(ana, had)
            await everything_is_there(ana)
        async with demo(data) as address:
            await ana.come(address)
            await everything_is_there(ana)
            await expect(ana.cards("a waiting kite").last).to_contain_text("Cancelled.")
            await has(ana, had - 2 * PRICE)


async def test_a_video_goes_on_by_its_button_with_new_words_and_a_length(tmp_path: Path) -> None:
    async with open_browser() as browser, demo(tmp_path / "data") as address:
        ana = Ana(await browser.new_page(reduced_motion="reduce"))
        await ana.come(address)
        had = await ana.credits()
        await ana.say(f"/sora create a red kite over dunes seconds:{SECONDS}")
        result = ana.cards("a red kite over dunes").filter(has=ana.page.locator("video"))
        await expect(result).to_be_visible(timeout=LATER)
        await result.get_by_role("button", name="Extend").click()
        await result.get_by_label("What comes next").fill("it lands on the highest dune")
        await result.get_by_label("How much longer").select_option(str(SECONDS))
        await result.get_by_role("button", name="Send").click()
        longer = ana.cards("it lands on the highest dune").filter(has=ana.page.locator("video"))
        await expect(longer).to_be_visible(timeout=LATER)
        await expect(longer).to_contain_text(f"{SECONDS} s more · {PRICE} credits")
        await expect(longer).to_contain_text("Extended from @Ana’s video")
        figures = await play(ana.page, "article video")
        assert figures["seconds"] == pytest.approx(2 * SECONDS, abs=0.1)
        await has(ana, had - 2 * PRICE)

        # Without a word the same goes on, for as long as the model usually makes.
        await longer.get_by_role("button", name="Extend").click()
        await longer.get_by_role("button", name="Send").click()
        again = ana.cards("it lands on the highest dune").filter(has=ana.page.locator("video"))
        await expect(again).to_have_count(2, timeout=LATER)


async def makes_a_video(ana: Ana) -> None:
    await ana.say(f"/sora create a red kite over dunes seconds:{SECONDS}")
    card = ana.cards("a red kite over dunes").first
    await expect(card).to_be_visible(timeout=SOON)
    moves = asyncio.ensure_future(card.evaluate(WATCH))
    await expect(ana.video("a red kite over dunes")).to_be_visible(timeout=LATER)
    await expect(card).to_contain_text("Done", timeout=SOON)
    percents: list[int] = await moves
    assert len(set(percents)) > 1
    assert percents == sorted(percents)
    await plays_to_its_end(ana)


async def plays_to_its_end(ana: Ana) -> None:
    figures = await play(ana.page, "article video")
    assert figures["total"] == SECONDS * FPS
    assert figures["corrupted"] == 0
    assert figures["shown"] > FPS
    assert figures["seconds"] == pytest.approx(SECONDS, abs=0.1)
    assert (figures["width"], figures["height"]) == (1280, 720)
    assert figures["heard"] > 0


async def finds_and_likes_it(ana: Ana) -> None:
    """In the gallery: by a word, with its still, its heart, and the picture of its family."""
    await ana.page.get_by_role("navigation", name="Views").get_by_text("Gallery").click()
    await ana.page.get_by_role("searchbox", name="Search videos").fill("dune")
    tile = ana.page.locator(".tile", has_text="a red kite over dunes")
    await expect(tile.locator("img")).not_to_have_js_property("naturalWidth", 0)
    heart = tile.get_by_role("button", name="Like “a red kite over dunes”")
    await heart.click()
    await expect(heart).to_have_attribute("aria-pressed", "true", timeout=SOON)
    await expect(heart).to_have_text("♥ 1")
    await tile.get_by_role("button", name="Family").click()
    family = ana.page.get_by_role("dialog", name="Family of remixes")
    await expect(family.get_by_role("img")).to_be_visible(timeout=SOON)
    await family.get_by_role("button", name="Close").click()
    await expect(family).to_have_count(0)
    await tile.get_by_role("button", name="Play: a red kite over dunes").click()
    await expect(tile.locator("video")).to_have_js_property("paused", value=False)
    await ana.page.get_by_role("searchbox", name="Search videos").fill("submarine")
    await expect(ana.page.get_by_text("No videos here.")).to_be_visible()


async def everything_is_there(ana: Ana) -> None:
    """The line that was typed, the card, and the video, which still plays."""
    typed = ana.page.locator("article .typed", has_text="a red kite over dunes")
    await expect(typed).to_be_visible()
    await expect(ana.cards("a red kite over dunes")).to_have_count(2)
    video = ana.video("a red kite over dunes")
    await video.evaluate("v => { v.currentTime = 0; return v.play() }")
    await expect(video).to_have_js_property("paused", value=False)
    await video.evaluate("v => v.pause()")


async def cancels_one(ana: Ana, had: int) -> None:
    """Two more: one renders and is paid for, one waits behind it and is taken back."""
    await ana.say(f"/sora create a rendering kite seconds:{SECONDS}")
    await ana.say(f"/sora create a waiting kite seconds:{SECONDS}")
    waiting = ana.cards("a waiting kite").first
    await expect(waiting).to_contain_text("in line", timeout=SOON)
    await has(ana, had - 3 * PRICE)
    await waiting.get_by_role("button", name="Cancel").click()
    await expect(waiting).to_contain_text("Cancelled.", timeout=SOON)
    await expect(waiting).to_contain_text("nothing was charged")
    await has(ana, had - 2 * PRICE)
    await expect(ana.video("a rendering kite")).to_be_visible(timeout=LATER)


async def has(ana: Ana, number: int) -> None:
    """The header shows so many credits."""
    await expect(ana.purse).to_have_text(f"{number:,} credits", timeout=SOON)
