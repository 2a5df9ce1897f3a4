"""A real browser for tests, where the machine has one."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

ARGS = (
    "--no-sandbox",  # a container's root has no namespace to hide the browser in
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)
PATIENCE = 15_000
"""Ms that a page may take for a change; a shared machine is slow at times."""


def find_chromium() -> str | None:
    """The system's browser."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@asynccontextmanager
async def open_browser() -> AsyncGenerator[Browser]:
    """One browser; skips the test, with the reason, where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        await browser.close()


PLAY = """
async (video) => {
  let shown = 0;
  const count = () => { shown += 1; video.requestVideoFrameCallback(count); };
  video.requestVideoFrameCallback(count);
  video.currentTime = 0;
  await video.play();
  await new Promise((resolve, reject) => {
    video.addEventListener("ended", resolve, { once: true });
    video.addEventListener("error", () => reject(video.error.message), { once: true });
  });
  const { totalVideoFrames, corruptedVideoFrames } = video.getVideoPlaybackQuality();
  return {
    shown, total: totalVideoFrames, corrupted: corruptedVideoFrames,
    seconds: video.duration, width: video.videoWidth, height: video.videoHeight,
    heard: video.webkitAudioDecodedByteCount,
  };
}
"""
"""Plays a <video> to its end: frames decoded and shown, and bytes of sound."""

WATCH = """
(card) => new Promise((resolve) => {
  const percents = [];
  const look = () => {
    const bar = card.querySelector("[role=progressbar]");
    if (bar) percents.push(Number(bar.ariaValueNow));
    if (card.innerText.includes("Done")) resolve(percents);
  };
  new MutationObserver(look).observe(card, { subtree: true, childList: true, attributes: true });
  look();
})
"""
"""Every percentage that one card showed until it was done; never comes back for a new node."""


async def play(page: Page, selector: str) -> dict[str, float]:
    """Play the last video that `selector` finds; see `PLAY`."""
    return await page.locator(selector).last.evaluate(PLAY)
