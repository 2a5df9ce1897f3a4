"""The doctor names what is wrong on Slack's side, and how to mend it, without a word of a token."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack.doctor import OWN_API, Patient, examine
from adapters.slack.manifest import Options, manifest
from bot import wording
from bot.bootstrap import examine_slack
from bot.domain.findings import Finding
from bot.settings import load
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.server import SlackServer

__all__ = ["slack_server"]

READS = {
    "auth.test",
    "apps.connections.open",
    "users.info",
    "users.conversations",
    "usergroups.list",
}
URL = "https://sora.example"
MANY = Options(by_http=True, public_url=URL, installs=True)


@pytest.fixture(autouse=True)
async def looks_only(slack_server: SlackServer) -> AsyncIterator[None]:
    """Whatever a test looks at: nothing was changed, and no connection opened."""
    yield
    assert {call.method for call in slack_server.calls} <= READS
    assert slack_server.sockets.opened == 0


def patient(server: SlackServer, *admins: str, app: Options | None = None) -> Patient:
    """A bot whose app was made of the manifest."""
    options = app or Options()
    server.world.offers.install(manifest(options))
    return Patient(
        server.bot_token, server.app_token, True, admins, server.api_url, options, patience=5
    )


async def found(patient: Patient) -> dict[str, Finding]:
    findings = [finding async for finding in examine(patient)]
    told = "\n".join(map(wording.finding_line, findings))
    for token in (patient.bot_token, patient.app_token):
        assert not token or token not in told
    return {finding.name: finding for finding in findings}


async def test_an_app_made_of_the_manifest_is_well(slack_server: SlackServer) -> None:
    slack_server.channel("videos")
    findings = await found(patient(slack_server))
    assert [finding.name for finding in findings.values() if not finding.fine] == []
    assert findings["Token"].words == "belongs to sora in Studio"
    assert findings["Events"].words == "come through connections that the bot opens"
    assert findings["Scopes"].words == "all 14 are granted"
    assert findings["Admins"].words == "admins and owners of the workspace"
    assert findings["Channels"].words.startswith("in 1: #videos; it joins public ones when asked")
    assert "page App Home, Messages Tab" in findings["Private messages"].words


# --- tokens -------------------------------------------------------------------------------


async def test_without_a_token_it_links_to_an_app_of_the_manifest(
    slack_server: SlackServer,
) -> None:
    asked = replace(patient(slack_server), bot_token="")
    findings = await found(asked)
    assert list(findings) == ["Web API", "Token", "App"]
    assert "SORA_SLACK_BOT_TOKEN" in findings["Token"].fix
    link = urlsplit(findings["App"].words.removeprefix("made by opening "))
    assert json.loads(parse_qs(link.query)["manifest_json"][0]) == manifest(asked.app)
    assert slack_server.calls == []


async def test_a_token_of_another_kind_is_not_even_tried(slack_server: SlackServer) -> None:
    mixed = replace(
        patient(slack_server),
        bot_token=slack_server.app_token,
        app_token=slack_server.bot_token,
    )
    findings = await found(mixed)
    assert "begins with xoxb-" in findings["Token"].words
    assert "begins with xapp-" in findings["Events"].words
    assert slack_server.calls == []


async def test_a_wrong_token_is_told_from_one_that_was_taken_back(
    slack_server: SlackServer,
) -> None:
    asked = patient(slack_server)
    findings = await found(replace(asked, bot_token="xoxb-other"))
    assert findings["Token"].words == "is not accepted (Slack says invalid_auth)"
    assert "OAuth & Permissions" in findings["Token"].fix
    slack_server.revoke()
    findings = await found(asked)
    assert "no longer installed" in findings["Token"].words
    assert findings["Token"].fix.startswith("Install the app again.")
    assert findings["Events"].fine


async def test_a_wrong_app_token_is_told_with_where_to_make_one(
    slack_server: SlackServer,
) -> None:
    findings = await found(replace(patient(slack_server), app_token="xapp-other"))
    assert "Slack says invalid_auth" in findings["Events"].words
    assert "connections:write" in findings["Events"].fix
    assert findings["Token"].fine
    findings = await found(replace(patient(slack_server), app_token=""))
    assert findings["Events"].words == "SORA_SLACK_APP_TOKEN is not set"


# --- the line -----------------------------------------------------------------------------


async def test_a_line_that_is_down_is_no_fault_of_the_token(slack_server: SlackServer) -> None:
    asked = patient(slack_server)
    await slack_server.aclose()
    findings = await found(asked)
    assert list(findings) == ["Web API", "Slack"]
    assert not findings["Slack"].fine
    assert "SORA_SLACK_API_URL" in findings["Slack"].fix


async def test_neither_are_a_proxy_in_trouble_and_a_busy_slack(slack_server: SlackServer) -> None:
    asked = patient(slack_server)
    slack_server.faults.fail("auth.test", 502)
    assert "status 502" in (await found(asked))["Slack"].words
    slack_server.faults.throttle("auth.test", 30)
    assert "Slack says ratelimited" in (await found(asked))["Slack"].words
    slack_server.faults.reset("users.conversations", times=9)
    findings = await found(asked)
    assert findings["Token"].fine
    assert not findings["Slack"].fine


async def test_an_answer_that_does_not_come_is_not_waited_for(slack_server: SlackServer) -> None:
    hold = slack_server.faults.hold("auth.test")
    findings = await found(replace(patient(slack_server), patience=0.2))
    hold.release()
    assert "no answer in time" in findings["Slack"].words


async def test_only_another_web_api_than_slacks_own_is_mentioned(
    slack_server: SlackServer,
) -> None:
    asked = patient(slack_server)
    assert slack_server.api_url in (await found(asked))["Web API"].words
    findings = await found(replace(asked, bot_token="", api_url=OWN_API))
    assert "Web API" not in findings


# --- events over HTTP ---------------------------------------------------------------------


async def test_without_sockets_slack_must_reach_a_signed_and_encrypted_address(
    slack_server: SlackServer,
) -> None:
    by_http = Options(by_http=True, public_url=URL)
    asked = replace(patient(slack_server, app=by_http), app_token="")
    findings = await found(asked)
    assert findings["Events"].fine
    assert f"{URL}/slack/events" in findings["Events"].words
    assert "Verified" in findings["Events"].fix
    plain = replace(asked, app=replace(by_http, public_url="http://sora.example"))
    assert "https://" in (await found(plain))["Events"].fix
    assert not (await found(plain))["Events"].fine
    nowhere = replace(asked, app=replace(by_http, public_url=""))
    assert "SORA_PUBLIC_URL" in (await found(nowhere))["Events"].fix
    unsigned = await found(replace(asked, signed=False))
    assert unsigned["Events"].words == "SORA_SLACK_SIGNING_SECRET is not set"


# --- scopes -------------------------------------------------------------------------------


async def test_each_missing_scope_is_named_with_what_it_is_for(slack_server: SlackServer) -> None:
    asked = patient(slack_server)
    slack_server.world.offers.scopes -= {"files:write", "groups:read", "reactions:read"}
    findings = await found(asked)
    assert "likes a video" in findings["Scope reactions:read"].words
    assert findings["Scope files:write"].words == "missing; with it the bot posts videos"
    assert "Reinstall" in findings["Scope groups:read"].fix
    assert not findings["Channels"].fine
    assert findings["Channels"].fix == "Mend the scopes above first."
    assert "Scopes" not in findings


async def test_scopes_that_nobody_uses_are_named_but_harm_nothing(
    slack_server: SlackServer,
) -> None:
    asked = patient(slack_server)
    slack_server.world.offers.scopes |= {"reactions:write", "channels:history"}
    findings = await found(asked)
    assert findings["Scopes"].words == "more than the bot uses: reactions:write"
    assert findings["Scopes"].fine


async def test_replies_that_do_not_mention_the_bot_need_two_scopes_more(
    slack_server: SlackServer,
) -> None:
    findings = await found(patient(slack_server))
    assert "channels:history and groups:history" in findings["Replies in threads"].words
    assert "--replies" in findings["Replies in threads"].words
    findings = await found(patient(slack_server, app=Options(replies=True)))
    assert findings["Replies in threads"].words.startswith("can be heard")
    assert findings["Scopes"].words.startswith("all ")


# --- people and places --------------------------------------------------------------------


async def test_admins_that_are_nobody_here_are_named(slack_server: SlackServer) -> None:
    ana, ben = slack_server.member("Ana"), slack_server.member("Ben")
    crew = slack_server.usergroup("crew", ana)
    findings = await found(patient(slack_server, ana.id, crew))
    assert findings["Admins"].words.endswith("and the 2 ids of SORA_SLACK_ADMINS")
    ben.deactivated = True
    findings = await found(patient(slack_server, ana.id, ben.id, crew, "U0NOBODY", "S0NOGROUP"))
    expected = f"not in this workspace, or no longer active: {ben.id}, U0NOBODY, S0NOGROUP"
    assert findings["Admins"].words == expected
    assert "SORA_SLACK_ADMINS" in findings["Admins"].fix


async def test_groups_that_a_free_workspace_does_not_have_are_explained(
    slack_server: SlackServer,
) -> None:
    slack_server.faults.refuse("usergroups.list", "plan_upgrade_required")
    findings = await found(patient(slack_server, "S0CREW"))
    assert "paid plan" in findings["Admins"].fix


async def test_many_channels_are_counted_and_the_first_are_named(
    slack_server: SlackServer,
) -> None:
    for number in range(250):
        slack_server.channel(f"c{number}", private=number % 2 == 1)
    slack_server.channel("elsewhere", bot_inside=False)
    words = (await found(patient(slack_server)))["Channels"].words
    assert words.startswith("in 250: #c0, #c1, ")
    assert "#c9 and 240 more" in words
    assert words.endswith("/invite @sora")


async def test_a_bot_in_no_channel_yet_is_well(slack_server: SlackServer) -> None:
    findings = await found(patient(slack_server))
    assert findings["Channels"].fine
    assert findings["Channels"].words.startswith("in none yet")


# --- many workspaces ----------------------------------------------------------------------


async def test_for_many_workspaces_it_says_where_they_are_added(slack_server: SlackServer) -> None:
    many = replace(patient(slack_server, app=MANY), bot_token="", app_token="")
    findings = await found(many)
    assert f"{URL}/slack/install" in findings["Workspaces"].words
    assert findings["Events"].fine
    assert slack_server.calls == []
    by_sockets = replace(many, app_token=slack_server.app_token, app=replace(MANY, by_http=False))
    assert (await found(by_sockets))["Events"].fine
    assert [call.method for call in slack_server.calls] == ["apps.connections.open"]


# --- the settings -------------------------------------------------------------------------


async def test_the_settings_lead_to_the_same_look(slack_server: SlackServer) -> None:
    ana = slack_server.member("Ana")
    patient(slack_server)
    settings = load(
        slack_bot_token=slack_server.bot_token,
        slack_app_token=slack_server.app_token,
        slack_api_url=slack_server.api_url,
        slack_admins=f"{ana.id},U0NOBODY",
    )
    findings = {finding.name: finding async for finding in examine_slack(settings)}
    assert [name for name, finding in findings.items() if not finding.fine] == ["Admins"]
    assert "U0NOBODY" in findings["Admins"].words
