"""Several workspaces on Slack: how they add the bot, and that they stay apart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from adapters.blobs import DiskBlobs
from adapters.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.oauth import asks_at
from adapters.slack.platform import Around, SlackChat
from bot.domain.jobs import JobState
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE
from tests.fakes.core import Options as CoreOptions
from tests.fakes.inbox import MemoryInbox
from tests.fakes.life import no_styles, on_sale
from tests.fakes.notes import MemoryNotes
from tests.fakes.slack_bot import Life, serving
from tests.fakes.slack_house import PUBLIC, Browser, House
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.server import SlackServer

S = JobState
WAITING = CoreOptions(allowed=Allowed(slots=0))


@pytest.fixture(params=["sockets", "http"])
def house(request: pytest.FixtureRequest, slack_server: SlackServer, tmp_path: Path) -> House:
    """Two workspaces that have not added the bot yet, and reach it in either way."""
    return House(slack_server, tmp_path, by_http=request.param == "http")


async def both_add(house: House) -> None:
    """Have both workspaces add the bot."""
    for person in (house.ana, house.zoe):
        assert (await house.adds(person)).status == 200


async def said(person: Person, channel: Channel, text: str) -> str:
    """What somebody is answered who types after /sora."""
    return (await (await person.slash(channel, "/sora", text)).answer()).text


def asked_of(link: str) -> dict[str, str]:
    """What a link to Slack asks for."""
    return {name: texts[0] for name, texts in parse_qs(urlsplit(link).query).items()}


# --- adding the bot -------------------------------------------------------------------------


async def test_somebody_adds_the_bot_from_its_page_and_uses_it(house: House) -> None:
    async with house.bot() as life:
        browser = house.browser
        page = await browser.opens(INSTALL_PATH)
        assert page.status == 200
        assert "Add Sora to your workspace" in page.words
        assert page.headers["Cache-Control"] == "no-store"
        assert "HttpOnly" in page.headers["Set-Cookie"]
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        (link,) = page.links
        asked = asked_of(link)
        assert asked["redirect_uri"] == PUBLIC + REDIRECT_PATH
        assert {"commands", "chat:write", "files:write"} <= set(asked["scope"].split(","))
        assert "channels:history" not in asked["scope"]
        done = await browser.returns(house.server.oauth.allow(link, house.zoe))
        assert done.status == 200
        assert "Sora is in Second" in done.words
        assert done.headers["Referrer-Policy"] == "no-referrer"
        app = house.server.world.app_id
        assert done.links == [
            f"slack://app?team={house.second.id}&id={app}",
            "https://second.slack.com/",
        ]
        house.world.provider.instant = True
        assert "40 credits held" in await said(house.zoe, house.shop, "a red kite 4s")
        await life.live(5_000)
        posted = house.of(house.second, house.shop)
        await house.server.until(
            lambda: any(one.files for one in house.of(house.second, house.shop))
        )
        assert "a red kite" in posted[0].text


async def test_the_token_is_stored_where_nobody_reads_it(house: House) -> None:
    async with house.bot():
        await both_add(house)
    stored = b"".join(path.read_bytes() for path in house.folder.glob("bot.db*"))
    assert house.second.bot_token.encode() not in stored
    assert house.server.bot_token.encode() not in stored


async def test_a_workspace_that_added_the_bot_has_it_after_a_restart(house: House) -> None:
    async with house.bot():
        await both_add(house)
    async with house.bot(WAITING) as life:
        await said(house.zoe, house.shop, "a kite")
        assert [job.person.tenant.id for job in await life.jobs()] == [house.second.id]


async def test_slack_is_asked_once_in_a_life_who_the_bot_is(house: House) -> None:
    async with house.bot():
        await both_add(house)
    before = len(house.server.find("auth.test"))
    async with house.bot(WAITING):
        asking = [
            person.slash(channel, "/sora", "jobs")
            for person, channel in ((house.ana, house.channel), (house.zoe, house.shop)) * 5
        ]
        for asked in await asyncio.gather(*asking):
            await asked.answer()
    asked = [call.team_id for call in house.server.find("auth.test")[before:]]
    assert sorted(asked) == sorted([house.server.home.id, house.second.id])


async def test_a_workspace_can_be_asked_for_the_rights_to_read_replies(house: House) -> None:
    async with house.bot():
        asked = asked_of(await house.browser.begins("?replies=yes&team=T123"))
        assert "channels:history" in asked["scope"].split(",")
        assert asked["team"] == "T123"


async def test_nothing_of_our_address_changes_what_slack_is_asked(house: House) -> None:
    async with house.bot():
        asked = asked_of(
            await house.browser.begins("?team=T1%26scope%3Dadmin&replies=1&scope=admin")
        )
        assert "team" not in asked
        assert "admin" not in asked["scope"].split(",")


def test_govslack_asks_on_its_own_page_and_a_proxy_has_none() -> None:
    assert asks_at("https://slack.com/api/") == "https://slack.com/oauth/v2/authorize"
    assert asks_at("https://slack-gov.com/api/") == "https://slack-gov.com/oauth/v2/authorize"
    assert asks_at("https://proxy.example/api/") == "https://slack.com/oauth/v2/authorize"


async def heard_of_it(house: House) -> None:
    """The bot took every event of the second workspace."""
    await house.server.until(lambda: all(event.taken for event in house.second.events.told))


# --- what does not add it -------------------------------------------------------------------


async def nothing_came_of_it(house: House, life: Life) -> None:
    """No token was asked for, or at least none is used."""
    house.second.install()
    assert "not in this workspace" in await said(house.zoe, house.shop, "a kite")
    assert await life.jobs() == ()


async def test_who_says_no_is_told_that_nothing_was_added(house: House) -> None:
    async with house.bot() as life:
        browser = house.browser
        page = await browser.returns(house.server.oauth.deny(await browser.begins()))
        assert "Nothing was added" in page.words
        assert "You said no" in page.words
        assert page.links == [PUBLIC + INSTALL_PATH]
        assert house.server.find("oauth.v2.access") == []
        await nothing_came_of_it(house, life)


async def test_another_browser_cannot_end_what_one_began(house: House) -> None:
    async with house.bot() as life:
        address = house.server.oauth.allow(await house.browser.begins(), house.zoe)
        other = house.browser
        assert (await other.returns(address)).status == 400
        await other.begins()
        page = await other.returns(address)
        assert page.status == 400
        assert "same browser" in page.words
        assert house.server.find("oauth.v2.access") == []
        await nothing_came_of_it(house, life)


async def test_a_state_of_nobodys_is_refused(house: House) -> None:
    async with house.bot() as life:
        link = (await house.browser.begins()).replace("state=", "state=made-up-")
        address = house.server.oauth.allow(link, house.zoe)
        browser = Browser(house.url, {"slack-app-oauth-state": asked_of(link)["state"]})
        page = await browser.returns(address)
        assert page.status == 401
        assert house.server.find("oauth.v2.access") == []
        await nothing_came_of_it(house, life)


async def test_who_takes_longer_than_ten_minutes_begins_again(house: House) -> None:
    async with house.bot() as life:
        browser = house.browser
        link = await browser.begins()
        life.core.clock.advance(601_000)
        page = await browser.returns(house.server.oauth.allow(link, house.zoe))
        assert page.status == 401
        assert "ten minutes" in page.words
        assert house.server.find("oauth.v2.access") == []
        assert (await house.adds(house.zoe)).status == 200


async def test_the_way_back_works_once_also_over_a_restart(house: House) -> None:
    async with house.bot():
        browser = house.browser
        link = await browser.begins()
    async with house.bot():
        browser.url = house.url
        cookies = dict(browser.cookies)
        address = house.server.oauth.allow(link, house.zoe)
        assert (await browser.returns(address)).status == 200
        page = await Browser(house.url, cookies).returns(address)
        assert page.status == 401
        assert len(house.server.find("oauth.v2.access")) == 1


@pytest.mark.parametrize("what", ["refused", "gone", "silent"])
async def test_where_slack_gives_no_token_the_page_says_so(house: House, what: str) -> None:
    async with house.bot() as life:
        faults = house.server.faults
        if what == "refused":
            faults.refuse("oauth.v2.access", "bad_client_secret")
        elif what == "gone":
            faults.reset("oauth.v2.access")
        else:
            faults.fail("oauth.v2.access", 503)
        page = await house.adds(house.zoe)
        assert page.status == 401
        assert "Slack did not confirm" in page.words
        await nothing_came_of_it(house, life)
        assert (await house.adds(house.zoe)).status == 200


async def test_an_organization_is_not_added_as_a_whole(house: House) -> None:
    async with house.bot() as life:
        house.server.oauth.for_all = True
        page = await house.adds(house.zoe)
        assert page.status == 400
        assert "choose one workspace" in page.words
        await nothing_came_of_it(house, life)


class FullDisk(MemoryNotes):
    """Notes that cannot be written."""

    async def write(self, name: str, text: str) -> None:
        raise OSError(28, "No space left on device")


async def test_what_cannot_be_kept_is_told_to_whoever_adds_it(house: House, tmp_path: Path) -> None:
    world = house.world
    files = DiskBlobs(tmp_path / "media", lambda: None, b"secret", world.clock)
    beside = (files, world.media, world.clock, on_sale, no_styles)
    around = Around(FullDisk(), MemoryInbox(), *beside)
    chat = SlackChat(house.options(), around)
    async with serving(chat) as house.url:
        page = await house.adds(house.zoe)
    await chat.aclose()
    assert page.status == 500
    assert "could not keep" in page.words
    assert page.links == [PUBLIC + INSTALL_PATH]


async def test_a_reason_that_somebody_made_up_is_not_shown(house: House) -> None:
    async with house.bot():
        page = await house.browser.opens(f"{REDIRECT_PATH}?error=%3Cscript%3Eevil%3C/script%3E")
        assert "evil" not in page.text
        assert "Nothing was added" in page.words


# --- leaving, and coming back ---------------------------------------------------------------


async def test_what_a_workspace_waits_for_comes_when_it_adds_the_bot_again(house: House) -> None:
    async with house.bot() as life:
        await both_add(house)
        await said(house.zoe, house.shop, "a kite")
        await said(house.ana, house.channel, "a boat")
        await life.work()
        former = house.second.bot_token
        house.second.uninstall()
        await heard_of_it(house)
        house.world.provider.finish()
        await life.live(10_000)
        assert [one.files for one in house.of(house.second, house.shop)] == [[]]
        await house.server.until(house.videos)
        assert (await house.adds(house.zoe)).status == 200
        assert house.second.bot_token != former
        await life.live(70_000)
        shown = await house.server.until(
            lambda: [one for one in house.of(house.second, house.shop) if one.files]
        )
        assert len(shown) == 1
        assert {job.state for job in await life.jobs()} == {S.DONE}


async def test_a_workspace_that_left_is_forgotten_and_the_other_works_on(house: House) -> None:
    async with house.bot(WAITING) as life:
        await both_add(house)
        await said(house.zoe, house.shop, "a kite")
        house.second.uninstall()
        await heard_of_it(house)
        before = len(house.server.calls)
        await life.live(2_000)
        await said(house.ana, house.channel, "a boat")
        later = house.server.calls[before:]
        assert {call.team_id for call in later if call.team_id} == {house.server.home.id}
    async with house.bot(WAITING):
        house.second.install()
        assert "not in this workspace" in await said(house.zoe, house.shop, "a kite")
        await said(house.ana, house.channel, "a boat")


async def test_late_news_of_an_old_token_leave_the_new_one_alone(house: House) -> None:
    async with house.bot(WAITING) as life:
        await both_add(house)
        house.second.uninstall()
        await heard_of_it(house)
        assert (await house.adds(house.zoe)).status == 200
        for told in list(house.second.events.told):
            house.second.events.redeliver(told, under_new_id=True)
        await house.server.until(lambda: len(house.second.events.told) == 4)
        await heard_of_it(house)
        await said(house.zoe, house.shop, "a kite")
        assert len(await life.jobs()) == 1


async def test_a_bot_that_heard_nothing_of_it_waits_all_the_same(house: House) -> None:
    async with house.bot() as life:
        await both_add(house)
        await said(house.zoe, house.shop, "a kite")
        await life.work()
        house.second.gate.revoked = True
        house.world.provider.finish()
        await life.live(10_000)
        assert [one.files for one in house.of(house.second, house.shop)] == [[]]
        assert (await house.adds(house.zoe)).status == 200
        await life.live(70_000)
        await house.server.until(
            lambda: any(one.files for one in house.of(house.second, house.shop))
        )


async def test_a_workspace_without_a_token_is_told_where_to_add_the_bot(house: House) -> None:
    async with house.bot() as life:
        house.second.install()
        answer = await said(house.zoe, house.shop, "a kite")
        assert f"{PUBLIC}{INSTALL_PATH}" in answer
        assert "Nothing was charged" in answer
        assert await life.jobs() == ()


# --- the operator's key ---------------------------------------------------------------------


async def test_a_lost_key_is_told_and_workspaces_add_the_bot_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot() as life:
        await both_add(house)
        assert await life.chat.check() == ("Slack", HEALTHY[house.by_http], True)
    house.key = Fernet.generate_key().decode()
    async with house.bot(WAITING) as life:
        assert "SORA_SLACK_TOKEN_KEY is not the key" in caplog.text
        _, words, fine = await life.chat.check()
        assert "SORA_SLACK_TOKEN_KEY does not fit" in words
        assert not fine
        assert "not in this workspace" in await said(house.zoe, house.shop, "a kite")
        assert (await house.adds(house.zoe)).status == 200
        await said(house.zoe, house.shop, "a kite")
        assert len(await life.jobs()) == 1
        assert (await life.chat.check())[2]


HEALTHY = {True: "Slack calls this server", False: "connected, 2 of 2 lines"}


# --- apart ----------------------------------------------------------------------------------


async def test_two_workspaces_work_side_by_side(house: House) -> None:
    house.world.provider.instant = True
    async with house.bot() as life:
        await both_add(house)
        await asyncio.gather(
            said(house.ana, house.channel, "a boat"), said(house.zoe, house.shop, "a kite")
        )
        house.ana.mention(house.channel, "a second boat")
        house.zoe.mention(house.shop, "a second kite")
        await house.server.until(lambda: house.ana.ephemerals and house.zoe.ephemerals)
        await life.live(10_000)
        await house.server.until(lambda: len(house.videos()) == 2)
        theirs = await house.server.until(
            lambda: [one for one in house.of(house.second, house.shop) if one.files][1:]
        )
        assert len(theirs) == 1
        assert not any("kite" in one.text for one in house.ours())
        assert not any("boat" in one.text for one in house.of(house.second, house.shop))
        by_tenant = {(job.person.tenant.id, job.spec.prompt) for job in await life.jobs()}
        home, second = house.server.home.id, house.second.id
        assert by_tenant == {
            (home, "a boat"),
            (home, "a second boat"),
            (second, "a kite"),
            (second, "a second kite"),
        }


async def test_the_same_id_in_two_workspaces_is_two_people(house: House) -> None:
    async with house.bot(WAITING) as life:
        await both_add(house)
        twin = house.twin(house.ana, house.second, house.shop)
        assert "80 credits held, 1,920 left" in await said(house.ana, house.channel, "a boat")
        assert "80 credits held, 1,920 left" in await said(twin, house.shop, "a kite")
        assert await life.core.purse(house.as_person(house.ana)) == (ALLOWANCE - 80, 80)
        assert await life.core.purse(house.as_person(twin)) == (ALLOWANCE - 80, 80)
        for person, channel, own, others in (
            (house.ana, house.channel, "a boat", "a kite"),
            (twin, house.shop, "a kite", "a boat"),
        ):
            for which in ("jobs", "jobs all"):
                listed = await said(person, channel, which)
                assert own in listed
                assert others not in listed


async def test_a_button_that_names_a_job_of_another_workspace_does_nothing(house: House) -> None:
    async with house.bot(WAITING) as life:
        await both_add(house)
        twin = house.twin(house.ana, house.second, house.shop, is_admin=True)
        await said(house.ana, house.channel, "a boat")
        await said(twin, house.shop, "a kite")
        await life.work()
        job = next(job for job in await life.jobs() if job.spec.prompt == "a boat")
        (card,) = house.of(house.second, house.shop)
        button = card.buttons["Cancel"]
        own = next(job for job in await life.jobs() if job.spec.prompt == "a kite").id
        assert own in button["value"]
        button["value"] = button["value"].replace(own, job.id)
        answer = await (await twin.press(card, "Cancel")).answer()
        assert "There is no job" in answer.text
        for verb in ("status", "show", "cancel", "again", "remix"):
            told = await said(twin, house.shop, f"{verb} {job.id}")
            assert "a boat" not in told
        assert {one.state for one in await life.jobs()} == {S.WAITING}
        assert await life.core.purse(house.as_person(house.ana)) == (ALLOWANCE - 80, 80)


async def test_limits_and_grants_of_one_workspace_are_not_the_others(house: House) -> None:
    async with house.bot(WAITING) as life:
        await both_add(house)
        boss = house.second.member("Bea", house.shop, is_admin=True)
        twin = house.twin(house.ana, house.second, house.shop)
        asked = await boss.slash(
            house.shop, "/sora-admin", f"quota set {twin.tag} 1 videos per day"
        )
        await asked.answer()
        await (
            await boss.slash(house.shop, "/sora-admin", f"credits grant {twin.tag} 500")
        ).answer()
        await said(twin, house.shop, "a kite")
        assert "over your limit of 1 video per day" in await said(twin, house.shop, "a second kite")
        for prompt in ("a boat", "a second boat"):
            assert "credits held" in await said(house.ana, house.channel, prompt)
        assert sum(await life.core.purse(house.as_person(house.ana))) == ALLOWANCE
        assert sum(await life.core.purse(house.as_person(twin))) == ALLOWANCE + 500


async def test_an_admin_of_one_workspace_is_none_in_another(house: House) -> None:
    async with house.bot(WAITING) as life:
        await both_add(house)
        twin = house.twin(house.mara, house.second, house.shop, is_admin=False)
        asked = await house.mara.slash(
            house.channel, "/sora-admin", f"credits grant {house.mara.tag} 500"
        )
        assert "500 credits" in (await asked.answer()).text
        asked = await twin.slash(house.shop, "/sora-admin", f"credits grant {twin.tag} 500")
        assert "Only an admin" in (await asked.answer()).text
        assert await life.core.purse(house.as_person(twin)) == (0, 0)
