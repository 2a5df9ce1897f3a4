"""One bot on Discord and Slack: a video goes from one to the other and is remixed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.core import ALLOWANCE, PRICE
from tests.fakes.discord_bot import Town, plain_text
from tests.fakes.discord_server.messages import Message as DiscordMessage
from tests.fakes.discord_server.server import DiscordServer
from tests.fakes.life import AnyLife
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.messages import Message as SlackMessage
from tests.fakes.slack_server.server import SlackServer
from tests.fakes.two_chats import Bridge, Chat


@pytest.fixture
def bridge(discord_server: DiscordServer, slack_server: SlackServer, tmp_path: Path) -> Bridge:
    """People on both."""
    return Bridge(Town(discord_server, tmp_path), Office(slack_server, tmp_path))


async def types(bridge: Bridge, command: str, **options: object) -> str:
    """What Mara, an admin on Discord, is answered."""
    town = bridge.town
    asked = await town.mara.slash(town.channel, f"sora-admin {command}", **options)
    return plain_text(await asked.answer())


async def writes(bridge: Bridge, text: str) -> str:
    """What Mara, an admin on Slack, is answered."""
    office = bridge.office
    return (await (await office.mara.slash(office.channel, "/sora-admin", text)).answer()).text


async def link(bridge: Bridge) -> None:
    """Both admins agree, and the office has a gallery."""
    code = (await types(bridge, "workspace link", name="studio")).strip("` \n").rsplit(" ", 1)[-1]
    assert "Linked with studio (Discord)" in await writes(bridge, f"link {code.strip('`')}")
    await writes(bridge, "settings gallery here")


async def first_video(bridge: Bridge, life: AnyLife[Chat]) -> DiscordMessage:
    """Ana's, on Discord."""
    town = bridge.town
    town.world.provider.instant = True
    await (await town.ana.slash(town.channel, "sora create", prompt="a red kite")).answer()
    await life.live(5_000)
    return town.videos()[0]


async def cross(bridge: Bridge, life: AnyLife[Chat]) -> SlackMessage:
    """Publish it to Slack by command and button, as Ana does."""
    town = bridge.town
    (job,) = await life.jobs()
    asked = await town.ana.slash(town.channel, "sora video publish", job=job.id, to="slack")
    question = await asked.answer()
    pressed = await town.ana.press(question, "Publish now")
    assert "appears in the gallery of slack." in plain_text(await pressed.answer())
    await life.live(5_000)
    return (await bridge.office.server.until(bridge.office.videos))[0]


async def test_a_video_of_discord_is_published_to_slack_and_remixed_there(bridge: Bridge) -> None:
    town, office = bridge.town, bridge.office
    async with bridge.bot() as life:
        await link(bridge)
        original = await first_video(bridge, life)
        there = await cross(bridge, life)
        assert "Ana (Discord) published a video." in there.text
        assert "<@" not in there.text
        assert [one.size for one in there.files] == [one.size for one in original.files]

        view = await (await office.ben.press(there, "Remix")).dialog()
        await office.ben.submit(view, prompt="at night")
        await life.live(5_000)
        (_, night) = await office.server.until(lambda: office.videos()[1:] and office.videos())
        assert night.thread_ts == there.ts
        assert office.ben.tag in night.text
        assert "Remix of Ana’s video (Discord) · started by Ana (Discord)" in night.text
        first, second = await life.jobs()
        assert (second.remix_of, second.root) == (first.id, first.id)
        assert second.person == office.as_person(office.ben)
        purses = [
            await life.core.purse(who)
            for who in (town.as_person(town.ana), office.as_person(office.ben))
        ]
        assert purses == [(ALLOWANCE - PRICE, 0)] * 2
        assert len(town.videos()) == 1
        assert town.server.thread(original) is None

        asked = await town.ana.slash(town.channel, "sora tree", job=first.id)
        home = plain_text(await asked.answer())
        assert "Remixes of @Ana’s video" in home
        assert "private" in home
        assert "at night" not in home
        answer = await (
            await office.ben.slash(office.channel, "/sora", f"tree {first.id}")
        ).answer()
        assert "Remixes of Ana’s video (Discord)" in answer.text
        assert "at night" in answer.text
        assert await life.core.faults() == ()


async def test_what_is_taken_back_on_discord_is_gone_on_slack(bridge: Bridge) -> None:
    town, office = bridge.town, bridge.office
    async with bridge.bot() as life:
        await link(bridge)
        await first_video(bridge, life)
        there = await cross(bridge, life)
        (job,) = await life.jobs()
        asked = await town.ana.slash(town.channel, "sora video unpublish", job=job.id)
        assert "is a draft now" in plain_text(await asked.answer())
        await life.live(5_000)
        assert there.deleted
        assert office.videos() == []
        assert town.videos() == []
        said = await (await office.ben.slash(office.channel, "/sora", f"show {job.id}")).answer()
        assert "There is no job" in said.text


async def test_who_asks_on_slack_is_let_on_discord_and_pays_on_slack(bridge: Bridge) -> None:
    town, office = bridge.town, bridge.office
    async with bridge.bot() as life:
        await link(bridge)
        await first_video(bridge, life)
        there = await cross(bridge, life)
        (job,) = await life.jobs()
        asked = await town.ana.slash(town.channel, "sora video remixers", job=job.id, who="ask")
        assert "whoever the author says yes to" in plain_text(await asked.answer())
        wish = f"remix {job.id} at night"
        said = await (await office.ben.slash(office.channel, "/sora", wish)).answer()
        assert "I asked Ana (Discord) whether you may remix" in said.text
        await life.live(5_000)
        (question,) = town.ours(town.ana.dm)
        assert "**Ben (Slack)** would like to remix your video" in plain_text(question)
        assert await life.core.purse(office.as_person(office.ben)) == (0, 0)

        pressed = await town.ana.press(question, "Let them")
        assert "You said yes" in plain_text(await pressed.answer())
        await life.live(5_000)
        (_, night) = await office.server.until(lambda: office.videos()[1:] and office.videos())
        assert night.thread_ts == there.ts
        _, remix = await life.jobs()
        assert (remix.person, remix.remix_of) == (office.as_person(office.ben), job.id)
        purses = [
            await life.core.purse(who)
            for who in (town.as_person(town.ana), office.as_person(office.ben))
        ]
        assert purses == [(ALLOWANCE - PRICE, 0)] * 2
        told = [one.text for one in office.ours(office.ben.direct)]
        assert any("Ana (Discord) lets you remix" in text for text in told)
        assert await life.core.faults() == ()


async def test_what_slack_reports_is_decided_on_discord_and_gone_on_both(bridge: Bridge) -> None:
    town, office = bridge.town, bridge.office
    async with bridge.bot() as life:
        await link(bridge)
        await types(bridge, "settings", name="alerts", value="here")
        await first_video(bridge, life)
        there = await cross(bridge, life)
        (job,) = await life.jobs()
        wish = f"takedown {job.id} it shows my logo"
        said = await (await office.ben.slash(office.channel, "/sora", wish)).answer()
        assert "The admins of its own workspace were asked" in said.text
        await life.live(5_000)
        alert = next(one for one in town.ours() if "asks for a takedown" in plain_text(one))
        assert "**Ben (Slack)** asks for a takedown" in plain_text(alert)
        assert not any("asks for a takedown" in one.text for one in office.ours())

        await (await town.mara.press(alert, "Take it down")).answer()
        await life.live(5_000)
        assert there.deleted
        assert office.videos() == []
        assert town.videos() == []
        told = [one.text for one in office.ours(office.ben.direct)]
        assert told == [f"#{job.id} was taken down, as you asked."]


async def test_an_admin_on_slack_takes_out_there_what_stays_on_discord(bridge: Bridge) -> None:
    town, office = bridge.town, bridge.office
    async with bridge.bot() as life:
        await link(bridge)
        await first_video(bridge, life)
        there = await cross(bridge, life)
        details = await (await office.mara.press(there, "Details")).answer()
        pressed = await office.mara.press(details, "Take out of this workspace")
        assert "is taken out of this workspace" in (await pressed.answer()).text
        await life.live(5_000)
        assert there.deleted
        assert len(town.videos()) == 1
        assert "taken out" in await writes(bridge, "audit")
        assert "taken out" not in await types(bridge, "audit")
