"""The page in a real browser, with a bot behind it that plays its part from a script."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from adapters.web.gallery import PAGE
from tests.fakes.chromium import WATCH, open_browser, play
from tests.fakes.reports import CHART, LEDGER
from tests.fakes.scripted_core import FRAMES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(60),
    pytest.mark.asyncio(loop_scope="module"),
]
NASTY = "<img src=x onerror=alert(1)><script>alert(2)</script> {{ 7*7 }} `${1}` &amp;"
ROOT = Path(__file__).parents[2]
PHONE: ViewportSize = {"width": 390, "height": 800}
DESK: ViewportSize = {"width": 1360, "height": 860}


@asynccontextmanager
async def running(data: Path) -> AsyncGenerator[str]:
    """A bot in a process of its own; it must end by itself when asked to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.scripted_core",
        str(data),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    yield (await process.stdout.readline()).decode().strip()
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with running(tmp_path_factory.mktemp("data")) as address:
        yield address


class Visitor:
    """Somebody with the page open. Every complaint of their browser fails the test."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)

    @property
    def line(self) -> Locator:
        return self.page.get_by_role("combobox", name="Describe a video")

    async def say(self, text: str) -> None:
        line = self.page.locator(".composer textarea")
        await line.fill(text)
        await line.press("Enter")

    def message(self, text: str) -> Locator:
        """Messages whose text contains `text`."""
        return self.page.locator("article.msg", has_text=text)

    def card(self, prompt: str) -> Locator:
        """Cards of the bot that quote `prompt`."""
        return self.page.locator("article.is-bot", has=self.page.get_by_text(prompt, exact=True))


class Visit(Protocol):
    def __call__(
        self, person: str = "ana", *, size: ViewportSize = DESK, dark: bool = False
    ) -> Awaitable[Visitor]: ...


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def context(browser: Browser) -> BrowserContext:
    """One for all, so that the page's parts are loaded once."""
    return await browser.new_context(reduced_motion="reduce")


@pytest_asyncio.fixture(loop_scope="module")
async def visit(context: BrowserContext, address: str) -> AsyncIterator[Visit]:
    """Open the page as somebody."""
    visitors: list[Visitor] = []

    async def open_page(
        person: str = "ana", *, size: ViewportSize = DESK, dark: bool = False
    ) -> Visitor:
        visitor = Visitor(await context.new_page())
        visitors.append(visitor)
        await visitor.page.set_viewport_size(size)
        await visitor.page.emulate_media(color_scheme="dark" if dark else "light")
        await visitor.page.goto(f"{address}/?as={person}")
        await visitor.page.locator(".composer").wait_for()
        return visitor

    yield open_page
    for visitor in visitors:
        await visitor.page.close()
    assert [visitor.complaints for visitor in visitors] == [[] for _ in visitors]


# --- the main thing -------------------------------------------------------------------------


async def test_a_typed_prompt_becomes_a_card_that_moves_and_a_video_that_plays(
    visit: Visit,
) -> None:
    ana = await visit("ana")
    await ana.say("/sora create a kite for the first test seconds:4")
    card = ana.card("a kite for the first test").first
    await expect(card).to_be_visible()
    moves = asyncio.ensure_future(card.evaluate(WATCH))
    await expect(card).to_contain_text("Done")
    percents = await moves
    assert len(percents) > 2
    assert percents == sorted(percents)
    video = ana.card("a kite for the first test").locator("video")
    await expect(video).to_have_count(1)
    figures = await play(ana.page, "video")
    assert figures["total"] == FRAMES
    assert figures["shown"] > FRAMES // 2
    assert figures["heard"] > 0
    assert (figures["width"], figures["height"]) == (640, 360)


async def test_a_reload_keeps_everything_that_was_kept(visit: Visit) -> None:
    ana = await visit("ana")
    await ana.say("a kite to come back to")
    await expect(ana.card("a kite to come back to").locator("video")).to_be_visible()
    await ana.page.reload()
    await expect(ana.card("a kite to come back to").locator("video")).to_be_visible()
    await expect(ana.message("a kite to come back to").locator(".typed")).to_be_visible()
    assert (await play(ana.page, "video"))["total"] == FRAMES


async def test_a_playing_video_goes_on_while_other_cards_move_and_its_own_is_edited(
    visit: Visit,
) -> None:
    ana = await visit("ana")
    await ana.say("a kite that keeps playing")
    video = ana.card("a kite that keeps playing").locator("video")
    await expect(video).to_be_visible()
    await video.evaluate("v => { v.loop = true; v.dataset.mine = 'yes'; return v.play() }")
    await ana.say("a kite beside it")
    await expect(ana.card("a kite beside it").locator("video")).to_be_visible()
    await expect(video).to_have_attribute("data-mine", "yes")
    assert await video.evaluate("v => !v.paused && v.currentTime > 0")


async def test_typed_lines_stand_above_the_cards_they_caused(visit: Visit) -> None:
    ana = await visit("ana")
    await ana.say("a kite in order")
    await expect(ana.card("a kite in order").locator("video")).to_be_visible()
    texts = await ana.message("a kite in order").locator(".typed, .card blockquote").all()
    kinds = [await text.evaluate("e => e.tagName") for text in texts]
    assert kinds[:3] == ["P", "BLOCKQUOTE", "BLOCKQUOTE"]


async def test_countdowns_tick_by_themselves(visit: Visit) -> None:
    ana = await visit("ana")
    await ana.say("a slow kite that counts down")
    moment = ana.card("a slow kite that counts down").locator(".moment")
    before = await moment.inner_text()
    assert before.startswith("in ")
    await expect(moment).not_to_have_text(before)


# --- text stays text ------------------------------------------------------------------------


async def test_what_people_write_is_shown_and_never_run(visit: Visit) -> None:
    ana = await visit("ana")
    await ana.say(f"slow {NASTY}")
    card = ana.page.locator("article.is-bot blockquote", has_text="onerror=alert")
    await expect(card.last).to_have_text(f"slow {NASTY}")
    await expect(ana.page.locator("article .typed", has_text="alert").last).to_have_text(
        f"slow {NASTY}"
    )
    await ana.page.reload()
    await expect(card.last).to_have_text(f"slow {NASTY}")
    assert await ana.page.locator("article img, article script").count() == 0


# --- who sees what --------------------------------------------------------------------------


async def test_everyone_in_the_channel_sees_the_card_and_private_words_stay_private(
    visit: Visit,
) -> None:
    ana, ben = await visit("ana"), await visit("ben")
    await ana.page.get_by_role("button", name="Only you see it").click()
    await ana.say("a slow secret kite")
    await expect(ana.card("a slow secret kite")).to_contain_text("Only you can see this")
    await ana.page.get_by_role("button", name="Only you see it").click()
    await ana.say("a slow kite for all")
    await expect(ben.card("a slow kite for all")).to_be_visible()
    assert await ben.message("secret").count() == 0
    await ben.page.reload()
    await expect(ben.card("a slow kite for all")).to_be_visible()
    assert "secret" not in await ben.page.content()


async def test_a_message_that_is_taken_back_goes_from_all_pages_and_stays_away(
    visit: Visit,
) -> None:
    ana, ben = await visit("ana"), await visit("ben")
    await ana.say("a slow kite to retract")
    await expect(ben.card("a slow kite to retract")).to_be_visible()
    await ana.card("a slow kite to retract").get_by_role("button", name="Cancel").click()
    for one in (ana, ben):
        await expect(one.card("a slow kite to retract")).to_have_count(0)
        await one.page.reload()
        await expect(one.message("a slow kite to retract").first).to_be_visible()
        await expect(one.card("a slow kite to retract")).to_have_count(0)


async def test_an_answer_for_the_asker_is_theirs_until_they_dismiss_it(visit: Visit) -> None:
    ana, ben = await visit("ana"), await visit("ben")
    await ana.say("/sora quota")
    answer = ana.message("You said quota")
    await expect(answer).to_contain_text("Only you can see this")
    await expect(answer).to_contain_text("/sora quota")
    assert await ben.message("You said quota").count() == 0
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)


async def test_files_of_an_answer_are_seen_and_saved_by_the_asker_alone(
    visit: Visit, address: str
) -> None:
    mara, ben = await visit("mara"), await visit("ben")
    await mara.say("/sora-admin quota show")
    answer = mara.message("Spent in November:")
    picture = answer.get_by_alt_text(CHART.alt)
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 120)
    async with mara.page.expect_download() as saving:
        await answer.get_by_role("link", name="ledger.csv").click()
    saved = await saving.value
    assert saved.suggested_filename == LEDGER.name
    assert Path(await saved.path()).read_bytes() == LEDGER.content
    await expect(ben.message("Spent in November:")).to_have_count(0)
    link = f"{address}{await picture.get_attribute('src')}"
    assert (await mara.page.request.get(link)).status == 200
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)
    assert (await mara.page.request.get(link)).status == 404


async def test_the_switcher_makes_the_page_somebody_elses(visit: Visit) -> None:
    ana = await visit("ana")
    await ana.page.get_by_role("link", name="Ben").click()
    await expect(ana.page.get_by_role("link", name="Ben")).to_have_attribute("aria-current", "true")
    await ana.page.locator(".composer").wait_for()
    await ana.say("a slow kite by another")
    await expect(ana.card("a slow kite by another")).to_contain_text("asked by @Ben")


# --- doing things ---------------------------------------------------------------------------


async def test_a_double_click_is_one_press(visit: Visit) -> None:
    ana = await visit("ana")
    await ana.say("a kite to see again")
    again = ana.page.get_by_role("button", name="Again").last
    await expect(ana.card("a kite to see again").locator("video")).to_have_count(1)
    await again.dblclick()
    await expect(ana.card("a kite to see again").locator("video")).to_have_count(2)
    await asyncio.sleep(0.5)
    # Two cards and two results; a third job would have brought a fifth message by now.
    assert await ana.card("a kite to see again").count() == 4


async def test_a_button_may_ask_for_words_first(visit: Visit) -> None:
    ana = await visit("ana")
    await ana.say("a kite to change")
    await expect(ana.card("a kite to change").locator("video")).to_be_visible()
    await ana.page.get_by_role("button", name="Another prompt").last.click()
    words = ana.page.get_by_label("New prompt")
    await expect(words).to_have_value("a kite to change")
    await words.fill("a slow changed kite")
    await words.press("Enter")
    await expect(ana.card("a slow changed kite")).to_be_visible()
    await expect(words).to_have_count(0)


async def test_cancel_stops_the_card_and_gives_the_credits_back(visit: Visit) -> None:
    mara = await visit("mara")
    purse = mara.page.locator(".wallet")
    await expect(purse).to_contain_text("credits")
    before = await purse.inner_text()
    await mara.say("a slow kite to cancel")
    await expect(purse).not_to_have_text(before)
    await mara.card("a slow kite to cancel").get_by_role("button", name="Cancel").click()
    await expect(mara.card("a slow kite to cancel")).to_contain_text("Cancelled.")
    await expect(purse).to_have_text(before)


async def test_the_form_prices_what_is_chosen_and_orders_it(visit: Visit, tmp_path: Path) -> None:
    picture = tmp_path / "first frame.png"
    Image.new("RGB", (64, 36), "red").save(picture)
    mara = await visit("mara")
    await mara.page.get_by_role("button", name="All options").click()
    await mara.page.get_by_label("Prompt").fill("a slow kite from the form")
    price = mara.page.locator(".order .price")
    await expect(price).to_have_text(re.compile(r"^80 credits · you have \d,\d{3}$"))
    await choose(mara.page, "Model", "Sora 2 Pro (simulated)")
    await expect(price).to_contain_text("240 credits")
    await choose(mara.page, "Seconds", "4 s")
    await choose(mara.page, "Variations", "3 ×")
    await expect(price).to_contain_text("360 credits")
    async with mara.page.expect_file_chooser() as chooser:
        await mara.page.get_by_role("button", name="First frame", exact=True).click()
    await (await chooser.value).set_files(picture)
    await expect(mara.page.get_by_role("button", name="first frame.png")).to_be_visible()
    await expect(mara.page.get_by_label("Prompt")).to_have_value("a slow kite from the form")
    await mara.page.get_by_role("button", name="Make video").dblclick()
    card = mara.card("a slow kite from the form")
    await expect(card).to_contain_text("sora-2-pro · 1280×720 · 4 s")
    await expect(mara.page.locator(".order")).to_be_hidden()
    assert await card.count() == 1


async def test_the_form_asks_for_what_its_model_takes_besides_words(
    visit: Visit, tmp_path: Path
) -> None:
    names = ("start", "end")
    for name in names:
        Image.new("RGB", (64, 36), "red").save(tmp_path / f"{name}.png")
    mara = await visit("mara")
    await mara.page.get_by_role("button", name="All options").click()
    last = mara.page.get_by_role("button", name="Last frame", exact=True)
    price = mara.page.locator(".order .price")
    await expect(price).to_contain_text("80 credits")
    await expect(last).to_be_hidden()
    await choose(mara.page, "Model", "Omni (simulated)")
    await choose(mara.page, "Sound", "Off")
    await expect(price).to_contain_text("48 credits")
    for name, button in zip(names, ("First frame", "Last frame"), strict=True):
        async with mara.page.expect_file_chooser() as chooser:
            await mara.page.get_by_role("button", name=button, exact=True).click()
        await (await chooser.value).set_files(tmp_path / f"{name}.png")
        await expect(mara.page.get_by_role("button", name=f"{name}.png")).to_be_visible()
    await mara.page.get_by_label("Prompt").fill("a slow kite that lands")
    await mara.page.get_by_role("button", name="Make video").click()
    card = mara.card("a slow kite that lands")
    await expect(card).to_contain_text("omni · 1280×720 · 8 s · no sound")


async def test_the_form_takes_a_start_from_its_list_or_as_typed(visit: Visit) -> None:
    mara = await visit("mara")
    await mara.page.get_by_role("button", name="All options").click()
    price = mara.page.locator(".order .price")
    start = mara.page.get_by_label("Start, or a time")
    await start.click()
    await mara.page.get_by_role("option", name="When there is room", exact=True).click()
    await expect(price).to_contain_text("64 credits")
    await start.fill("22:30")
    await start.press("Enter")
    await expect(price).to_contain_text("80 credits")
    await start.fill("relaxed")
    await start.press("Enter")
    await expect(price).to_contain_text("64 credits")
    await mara.page.get_by_label("Prompt").fill("a slow kite")
    await mara.page.get_by_role("button", name="Make video").click()
    await expect(mara.card("a slow kite")).to_contain_text("3rd in line · relaxed")


async def test_the_form_offers_the_styles_of_the_workspace(visit: Visit) -> None:
    mara = await visit("mara")
    await mara.page.get_by_role("button", name="All options").click()
    style = mara.page.get_by_label("Style")
    await expect(style).to_have_value("As the channel has it")
    await choose(mara.page, "Style", "noir · black and white")
    await mara.page.get_by_label("Prompt").fill("a slow kite in the dark")
    await mara.page.get_by_role("button", name="Make video").click()
    await expect(mara.card("a slow kite in the dark")).to_contain_text("Style: noir")


async def choose(page: Page, label: str, option: str) -> None:
    await page.get_by_label(label).click()
    await page.get_by_role("option", name=option, exact=True).click()
    # What is done next shall not meet a list that is about to close.
    await expect(page.get_by_role("listbox")).to_have_count(0)


async def test_a_refused_order_keeps_what_was_written_in_the_form(visit: Visit) -> None:
    ben = await visit("ben")
    await ben.page.get_by_role("button", name="All options").click()
    words = ben.page.get_by_label("Prompt")
    await words.fill("a forbidden kite")
    await ben.page.get_by_role("button", name="Make video").click()
    await expect(ben.message("That is not possible here.")).to_be_visible()
    await expect(words).to_have_value("a forbidden kite")
    assert await ben.card("a forbidden kite").count() == 0


async def test_an_example_is_one_click_from_being_a_prompt(
    browser: Browser, tmp_path: Path
) -> None:
    async with running(tmp_path) as address:
        page = await browser.new_page()
        await page.goto(address)
        await page.get_by_role("button", name="A red kite").click()
        line = page.get_by_role("combobox", name="Describe a video")
        await expect(line).to_have_value(re.compile("^A red kite"))
        await line.press("Enter")
        await expect(page.get_by_text("Make the first video")).to_be_hidden()
        await page.close()


async def test_everything_can_be_done_from_the_keyboard(visit: Visit) -> None:
    mara = await visit("mara")
    await mara.line.focus()
    keys = mara.page.keyboard
    await keys.type("/sora-admin q")
    options = mara.page.get_by_role("option")
    await expect(options).to_have_count(5)
    await keys.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await keys.press("Enter")
    await expect(mara.line).to_have_value("/sora-admin quota set ")
    await expect(mara.page.get_by_text("/sora-admin quota set <person>")).to_be_visible()
    await keys.type("@ben 20 videos per week")
    await keys.press("Enter")
    await expect(mara.message("You said admin quota set")).to_be_visible()
    await keys.press("ArrowUp")
    await expect(mara.line).to_have_value("/sora-admin quota set @ben 20 videos per week")
    await keys.press("Tab")
    assert await mara.page.evaluate("document.activeElement.ariaLabel") == "Only you see it"


async def test_members_are_not_offered_what_only_admins_may(visit: Visit) -> None:
    ben = await visit("ben")
    await ben.line.fill("/sora-admin")
    assert await ben.page.get_by_role("option").count() == 0


# --- the panel ------------------------------------------------------------------------------


async def test_the_panel_shows_jobs_videos_credits_usage_and_health(visit: Visit) -> None:
    mara = await visit("mara")
    await mara.say("a kite for the panel")
    row = mara.page.get_by_role("row", name="a kite for the panel")
    await expect(row).to_contain_text("done")
    await show(mara.page, "Gallery")
    await expect(mara.page.locator(".tile", has_text="a kite for the panel")).to_be_visible()
    await show(mara.page, "Credits")
    await expect(mara.page.get_by_role("row").filter(has_text="Spent").first).to_be_visible()
    await show(mara.page, "Usage")
    await expect(mara.page.get_by_role("row", name="@mara")).to_contain_text("$")
    chart = mara.page.get_by_role("img", name="A bar for each user")
    await expect(chart).to_be_visible()
    await expect(chart).to_have_js_property("naturalWidth", 1200)
    await show(mara.page, "Health")
    await expect(mara.page.locator(".fact.is-bad")).to_contain_text("0 GB free")


async def show(page: Page, view: str) -> None:
    await page.get_by_role("navigation", name="Views").get_by_text(view, exact=True).click()


async def in_gallery(visit: Visit, prompt: str, *, size: ViewportSize = DESK) -> Visitor:
    """Mara at the gallery, where a video of hers has just appeared."""
    mara = await visit("mara", size=size)
    await mara.say(prompt)
    await expect(mara.card(prompt)).to_have_count(2)
    await show(mara.page, "Gallery")
    await expect(tile(mara, prompt)).to_be_visible()
    return mara


def tile(visitor: Visitor, prompt: str) -> Locator:
    return visitor.page.locator(".tile", has_text=prompt)


async def test_a_video_of_the_gallery_is_loaded_and_plays_when_it_is_pressed(visit: Visit) -> None:
    mara = await in_gallery(visit, "a kite that plays")
    wall = mara.page.locator(".gallery")
    await expect(wall.locator("video")).to_have_count(0)
    await tile(mara, "a kite that plays").locator(".press").press("Enter")
    player = tile(mara, "a kite that plays").locator("video")
    await expect(player).to_be_focused()
    await expect(player).to_have_js_property("error", None)
    await expect(player).to_have_js_property("videoWidth", 640)


async def test_words_and_choices_narrow_the_gallery_and_an_empty_one_says_so(visit: Visit) -> None:
    mara = await in_gallery(visit, "a lantern to look for")
    page = mara.page
    await page.get_by_role("searchbox").fill("lantern to look")
    await expect(page.get_by_role("status").filter(has_text="1 video")).to_be_visible()
    await expect(page.locator(".tile")).to_have_count(1)
    await page.get_by_role("button", name="Filters").click()
    await page.get_by_label("By", exact=True).select_option("@Ben")
    await expect(page.locator(".tile")).to_have_count(0)
    await expect(page.get_by_text("No videos here. Try fewer words or filters")).to_be_visible()
    await expect(page.get_by_role("button", name="Filters · 1")).to_be_visible()
    await page.get_by_label("Show", exact=True).select_option("Mine")
    await expect(page.get_by_label("By", exact=True)).to_be_disabled()
    await expect(page.locator(".tile")).to_have_count(1)


async def test_more_adds_a_page_and_the_keyboard_goes_on_at_its_first_video(
    browser: Browser, tmp_path: Path
) -> None:
    async with running(tmp_path) as address:
        mara = Visitor(await browser.new_page(reduced_motion="reduce"))
        await mara.page.goto(f"{address}/?as=mara")
        await show(mara.page, "Gallery")
        for number in range(PAGE + 2):
            await mara.say(f"a kite of many, {number}")
        tiles, more = mara.page.locator(".tile"), mara.page.get_by_role("button", name="More")
        await expect(more).to_be_visible()
        await expect(tiles.first).to_contain_text(f"a kite of many, {PAGE + 1}")
        await expect(tiles).to_have_count(PAGE)
        await more.press("Enter")
        await expect(tiles).to_have_count(PAGE + 2)
        await expect(more).to_have_count(0)
        await expect(tiles.nth(PAGE).locator(".press")).to_be_focused()
        await expect(tiles.last).to_contain_text("a kite of many, 0")
        assert mara.complaints == []
        await mara.page.close()


async def test_a_heart_says_that_one_likes_a_video_and_takes_it_back(visit: Visit) -> None:
    mara = await in_gallery(visit, "a kite to like")
    heart = tile(mara, "a kite to like").get_by_role("button", name="Like “a kite to like”")
    await expect(heart).to_have_attribute("aria-pressed", "false")
    for pressed, told in (("true", "♥ 1"), ("false", "♡ 0")):
        await heart.click()
        await expect(heart).to_have_attribute("aria-pressed", pressed)
        await expect(heart).to_have_text(told)


async def test_a_video_that_leaves_the_wall_does_not_take_the_keyboard_with_it(
    visit: Visit,
) -> None:
    mara = await in_gallery(visit, "a kite for a while")
    page, heart = mara.page, tile(mara, "a kite for a while").locator(".heart")
    await heart.click()
    await page.get_by_role("button", name="Filters").click()
    await page.get_by_label("Show", exact=True).select_option("What I like")
    await expect(page.locator(".tile")).to_have_count(1)
    await heart.press("Enter")
    await expect(page.locator(".tile")).to_have_count(0)
    await expect(page.locator(".told")).to_be_focused()


async def test_a_family_opens_over_the_page_and_closes_with_the_keyboard(visit: Visit) -> None:
    mara = await in_gallery(visit, "a kite with a family")
    opener = tile(mara, "a kite with a family").locator("[aria-haspopup=dialog]")
    await opener.focus()
    await mara.page.keyboard.press("Enter")
    dialog = mara.page.get_by_role("dialog", name="Family of remixes")
    await expect(dialog.get_by_role("img", name=CHART.alt)).to_be_visible()
    await expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    await mara.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(opener).to_be_focused()


# --- every screen ---------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_nothing_is_wider_than_the_screen(
    visit: Visit, size: ViewportSize, *, dark: bool
) -> None:
    ben = await visit("ben", size=size, dark=dark)
    await ben.say("a slow kite with averyveryveryveryverylongwordthatdoesnotfitonaphoneatall " * 3)
    await expect(ben.message("averyvery").last).to_be_visible()
    await ben.page.get_by_role("button", name="All options").click()
    await expect(ben.page.get_by_label("Prompt")).to_be_visible()
    for view in ("Jobs", "Gallery", "Credits", "Usage", "Health"):
        await show(ben.page, view)
        await expect(ben.page.locator(".view:visible")).to_have_count(1)
        width = await ben.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"]
    lightness = await ben.page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] / 255"
    )
    assert (lightness < 0.5) is dark


async def test_on_a_phone_one_thing_is_seen_at_a_time(visit: Visit) -> None:
    ben = await visit("ben", size=PHONE)
    await expect(ben.page.get_by_role("region", name="Chat")).to_be_visible()
    await show(ben.page, "Jobs")
    await expect(ben.page.get_by_role("region", name="Chat")).to_be_hidden()
    await show(ben.page, "Chat")
    await expect(ben.page.get_by_role("region", name="Chat")).to_be_visible()


async def test_a_reader_further_up_is_told_of_news_and_not_pulled_down(visit: Visit) -> None:
    ana, ben = await visit("ana"), await visit("ben")
    for number in range(4):
        await ana.say(f"a slow kite to scroll past {number}")
    await expect(ben.card("a slow kite to scroll past 3")).to_be_visible()
    log = ben.page.get_by_role("log")
    await log.evaluate("e => { e.scrollTop = 0 }")
    await asyncio.sleep(0.2)
    await ana.say("a slow kite out of sight")
    await expect(ben.page.get_by_text("New messages")).to_be_visible()
    assert await log.evaluate("e => e.scrollTop") == 0
    await ben.page.get_by_text("New messages").click()
    await expect(ben.card("a slow kite out of sight")).to_be_in_viewport()
