import re
from dataclasses import replace
from io import BytesIO

from PIL import Image

from bot.domain.library import LibraryFilter
from bot.domain.refs import Tenant
from bot.domain.styles import Style
from bot.domain.usage import Usage
from bot.services.library import Library
from bot.services.panel import Check, Panel
from bot.services.reports import Reports
from tests.fakes.charts import FakeCharts
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, STUDIO, Core, World
from tests.fakes.typist import Typist


async def fine() -> tuple[str, str, bool]:
    return ("Disk", "plenty", True)


def panel_of(core: Core, *checks: Check) -> Panel:
    reports = Reports(core.store, core.clock, core.workspaces)
    return Panel(core.store, core.quotas, reports, FakeCharts(), checks)


async def test_the_panel_shows_nothing_of_others_that_is_private(core: Core) -> None:
    panel = panel_of(core)
    secret = (await core.create(place=replace(STUDIO, private=True))).jobs[0]
    open_to_all = (await core.create()).jobs[0]
    assert [job.id for job in await panel.jobs(BEN, 10)] == [open_to_all.id]
    assert {job.id for job in await panel.jobs(MARA, 10)} == {open_to_all.id, secret.id}


async def test_the_gallery_shows_finished_videos_page_by_page(core: Core, world: World) -> None:
    panel, every = panel_of(core), LibraryFilter(BEN, limit=2)
    world.provider.instant = True
    jobs = (await core.create(number=3)).jobs
    assert await panel.gallery(every) == ([], None)
    await core.wait(9_000)
    first, following = await panel.gallery(every)
    assert following is not None
    second, end = await panel.gallery(replace(every, after=following))
    assert end is None
    shown = [*first, *second]
    assert {one.found.job.id for one in shown} == {job.id for job in jobs}
    assert all(one.found.video.job_id == one.found.job.id for one in shown)


async def test_the_panel_offers_the_styles_of_the_viewers_workspace_alone(core: Core) -> None:
    noir = Style("noir", "black and white")
    async with core.store.transaction() as tx:
        await tx.styles.put(BEN.tenant, noir)
        await tx.styles.put(Tenant("slack", "T1"), Style("sepia", "brown"))
    assert await panel_of(core).styles(BEN) == (noir,)


async def test_the_gallery_tells_a_viewer_what_they_like_and_what_was_remixed(
    core: Core, world: World
) -> None:
    panel = panel_of(core)
    world.provider.instant = True
    parent = (await core.create()).jobs[0]
    await core.wait(3_000)
    library = Library(core.store, core.clock, core.workspaces)
    await library.like(BEN, parent.id)
    await Typist(core).says(f"/sora remix {parent.id} at night", BEN)
    await core.wait(6_000)
    for viewer, liked in ((BEN, True), (ANA, False)):
        shown, _ = await panel.gallery(LibraryFilter(viewer))
        told = {one.found.job.id: (one.found.likes, one.liked, one.remixes) for one in shown}
        assert told.pop(parent.id) == (1, liked, 1)
        assert list(told.values()) == [(0, False, 0)]


async def test_members_see_their_own_statement_and_admins_the_whole_journal(core: Core) -> None:
    panel = panel_of(core)
    await core.create()
    await core.create(BEN)
    assert {entry.account for entry in await panel.ledger(ANA, 50)} == {f"person/{ANA.key}"}
    assert len({entry.account for entry in await panel.ledger(MARA, 50)}) == 5


async def test_the_wallet_of_a_newcomer_is_full(core: Core) -> None:
    panel = panel_of(core)
    assert await panel.wallet(ANA) == (ALLOWANCE, 0)
    await core.create()
    assert await panel.wallet(ANA) == (ALLOWANCE - PRICE, PRICE)


async def test_health_adds_up_the_ledger_the_line_and_what_else_is_watched(core: Core) -> None:
    panel = panel_of(core, fine)
    await core.create(number=3)
    await core.work()
    health = await panel.health()
    assert [name for name, _, _ in health] == ["Ledger", "Queue", "Disk"]
    assert all(ok for _, _, ok in health)
    assert "2 running, 1 waiting" in health[1][1]


async def test_members_see_their_own_usage_and_admins_everyones(core: Core) -> None:
    panel = panel_of(core)
    await core.create(number=2)
    await core.create(BEN)
    own = await panel.usage(BEN)
    assert own.rows == ((BEN.id, Usage(1, 8, PRICE, 800_000)),)
    assert own.total == Usage(1, 8, PRICE, 800_000)
    everyones = await panel.usage(MARA)
    assert [name for name, _ in everyones.rows] == [ANA.id, BEN.id]
    assert everyones.total == Usage(3, 24, 3 * PRICE, 2_400_000)


async def test_the_picture_of_the_usage_shows_what_its_table_does(core: Core) -> None:
    panel = panel_of(core)
    assert await panel.picture(await panel.usage(MARA)) is None
    await core.create(number=2)
    await core.create(BEN)
    for viewer, bars in ((BEN, ["@ben"]), (MARA, ["@ana", "@ben"])):
        picture = await panel.picture(await panel.usage(viewer))
        assert picture is not None
        assert picture.is_picture
        with Image.open(BytesIO(picture.content)) as image:
            told = image.info["chart"]
        assert re.findall(r"label='([^']*)'", told) == bars
        assert f"value={PRICE}," in told
