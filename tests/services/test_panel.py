from dataclasses import replace

from bot.services.panel import Panel
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, STUDIO, Core, World


async def fine() -> tuple[str, str, bool]:
    return ("Disk", "plenty", True)


async def test_the_panel_shows_nothing_of_others_that_is_private(core: Core) -> None:
    panel = Panel(core.store, core.quotas, [])
    secret = (await core.create(place=replace(STUDIO, private=True))).jobs[0]
    open_to_all = (await core.create()).jobs[0]
    assert [job.id for job in await panel.jobs(BEN, 10)] == [open_to_all.id]
    assert {job.id for job in await panel.jobs(MARA, 10)} == {open_to_all.id, secret.id}


async def test_the_gallery_shows_finished_videos(core: Core, world: World) -> None:
    panel = Panel(core.store, core.quotas, [])
    world.provider.instant = True
    job = (await core.create()).jobs[0]
    assert await panel.gallery(BEN, 10) == ()
    await core.wait(3_000)
    [(shown, video)] = await panel.gallery(BEN, 10)
    assert shown.id == job.id == video.job_id


async def test_members_see_their_own_statement_and_admins_the_whole_journal(core: Core) -> None:
    panel = Panel(core.store, core.quotas, [])
    await core.create()
    await core.create(BEN)
    assert {entry.account for entry in await panel.ledger(ANA, 50)} == {f"person/{ANA.key}"}
    assert len({entry.account for entry in await panel.ledger(MARA, 50)}) == 5


async def test_the_wallet_of_a_newcomer_is_full(core: Core) -> None:
    panel = Panel(core.store, core.quotas, [])
    assert await panel.wallet(ANA) == (ALLOWANCE, 0)
    await core.create()
    assert await panel.wallet(ANA) == (ALLOWANCE - PRICE, PRICE)


async def test_health_adds_up_the_ledger_the_line_and_what_else_is_watched(core: Core) -> None:
    panel = Panel(core.store, core.quotas, [fine])
    await core.create(number=3)
    await core.work()
    health = await panel.health()
    assert [name for name, _, _ in health] == ["Ledger", "Queue", "Disk"]
    assert all(ok for _, _, ok in health)
    assert "2 running, 1 waiting" in health[1][1]
