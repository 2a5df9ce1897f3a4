"""One family of remixes in each chat: credit, consent, takedown and review."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.core import World, running
from tests.fakes.discord_bot import Town
from tests.fakes.family_story import lives_through
from tests.fakes.slack_bot import Office
from tests.fakes.stages import RICH, OnDiscord, OnSlack, OnTheWeb
from tests.fakes.web_life import on_the_web


async def test_a_family_on_the_web(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.provider.instant = True
    async with running(world, RICH) as core:
        await lives_through(OnTheWeb(core, await on_the_web(core)))


async def test_a_family_on_discord(town: Town) -> None:
    town.world.provider.instant = True
    caro, dora = town.studio.member("Caro"), town.studio.member("Dora")
    async with town.bot(RICH) as life:
        stage = OnDiscord(town, life)
        stage.people |= {"Caro": caro, "Dora": dora}
        await lives_through(stage)


async def test_a_family_on_slack(office: Office) -> None:
    office.world.provider.instant = True
    caro = office.server.member("Caro", office.channel)
    dora = office.server.member("Dora", office.channel)
    async with office.bot(RICH) as life:
        stage = OnSlack(office, life)
        stage.people |= {"Caro": caro, "Dora": dora}
        await lives_through(stage)
