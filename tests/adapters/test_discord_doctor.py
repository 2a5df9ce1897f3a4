"""The doctor names what is wrong on Discord's side, and how to mend it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from adapters.discord.doctor import Patient, examine, invite
from adapters.discord.places import WANTED
from bot.domain.findings import Finding
from tests.fakes.discord_bot import Town
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.server import DiscordServer
from tests.fakes.life import on_sale

__all__ = ["discord_server"]


@pytest.fixture
def town(discord_server: DiscordServer, tmp_path: Path) -> Town:
    return Town(discord_server, tmp_path)


def patient(town: Town) -> Patient:
    return Patient(town.server.token, 1, "", "https://sora.example", on_sale())


async def found(patient: Patient) -> dict[str, Finding]:
    return {finding.name: finding async for finding in examine(patient)}


async def test_a_bot_that_has_run_is_well(town: Town) -> None:
    async with town.bot():
        pass
    findings = await found(patient(town))
    assert [finding.name for finding in findings.values() if not finding.fine] == []
    assert findings["Commands"].words == "all 5 are as this version has them"
    assert findings["Studio"].words == "1 channel in sight"
    assert findings["Private messages"].words == f"count for {town.studio.id}"


async def test_without_a_token_it_says_where_to_get_one(town: Town) -> None:
    findings = await found(replace(patient(town), token=""))
    assert list(findings) == ["Token"]
    assert "Developer Portal" in findings["Token"].fix


async def test_a_wrong_token_is_told_from_a_line_that_is_down(town: Town) -> None:
    findings = await found(replace(patient(town), token="wrong"))
    assert findings["Token"].words == "Discord does not accept it"
    await town.server.aclose()
    findings = await found(patient(town))
    assert list(findings) == ["Discord"]
    assert not findings["Discord"].fine


async def test_commands_that_discord_does_not_have_are_named(town: Town) -> None:
    findings = await found(patient(town))
    assert not findings["Commands"].fine
    assert "sora, sora-admin" in findings["Commands"].words


async def test_a_channel_without_rights_is_named_with_what_it_lacks(town: Town) -> None:
    town.channel.deny(town.studio.everyone, Permission.ATTACH_FILES)
    secret = town.studio.channel("secret")
    secret.deny(town.studio.everyone, Permission.VIEW_CHANNEL)
    findings = await found(patient(town))
    assert findings["Studio"].words == (
        "1 channel in sight, 1 channel hidden from the bot; rights are missing, see below"
    )
    fault = findings["Studio #videos"]
    assert fault.words == "missing: Attach Files"
    assert (
        fault.fix == "Channel settings of #videos, Permissions: allow the bot's role Attach Files."
    )


async def test_a_home_that_the_bot_is_not_in_is_a_fault(town: Town) -> None:
    findings = await found(replace(patient(town), home="1"))
    assert not findings["Private messages"].fine
    assert str(town.studio.id) in findings["Private messages"].fix


async def test_an_address_for_interactions_takes_them_from_the_bot(town: Town) -> None:
    town.server.world.interactions_endpoint = "https://elsewhere.example"
    findings = await found(patient(town))
    assert "go to https://elsewhere.example" in findings["Interactions"].words
    assert "clear Interactions Endpoint URL" in findings["Interactions"].fix


async def test_a_bot_in_no_server_is_sent_to_its_invite(discord_server: DiscordServer) -> None:
    asked = Patient(discord_server.token, 1, "", "", on_sale())
    findings = await found(asked)
    assert not findings["Servers"].fine
    assert findings["Invite"].words.startswith("https://discord.com/oauth2/authorize?")


def test_the_invite_asks_for_what_is_used_and_no_more() -> None:
    asked = parse_qs(urlsplit(invite(42)).query)
    assert asked["client_id"] == ["42"]
    assert set(asked["scope"][0].split()) == {"bot", "applications.commands"}
    rights = discord.Permissions(int(asked["permissions"][0]))
    assert {name for name, has in rights if has} == {"read_messages", *WANTED} - {"view_channel"}
