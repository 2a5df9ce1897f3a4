"""The line to Discord: kept up while that makes sense, given up with a sentence where not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from adapters.discord.client import PATIENCE
from adapters.discord.platform import DiscordChat, Options
from bot.domain.messages import Message
from bot.domain.refs import Place
from bot.errors import ChatBusy, ConfigError
from tests.fakes.discord_bot import Life, Town
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.server import DiscordServer

__all__ = ["discord_server"]


@pytest.fixture
def town(discord_server: DiscordServer, tmp_path: Path) -> Town:
    return Town(discord_server, tmp_path)


async def connected(life: Life) -> None:
    async with asyncio.timeout(15):
        while not life.chat.ready:
            life.core.clock.advance(1_000)
            await asyncio.sleep(0.01)


async def test_a_wrong_token_stops_the_start_with_a_sentence(town: Town) -> None:
    async with town.bot() as life:
        chat = DiscordChat(Options("wrong", settle=0.05), life.around)
        with pytest.raises(ConfigError, match="Discord does not accept SORA_DISCORD_TOKEN"):
            await chat.serve(life.commands.answer)
        await chat.aclose()


@pytest.mark.parametrize("code", [4004, 4014])
async def test_a_close_that_no_new_try_changes_is_not_tried_again(town: Town, code: int) -> None:
    async with town.bot() as life:
        town.server.gateway.drop(code)
        await town.server.until(lambda: not life.chat.ready)
        for _ in range(100):
            life.core.clock.advance(60_000)
            await asyncio.sleep(0)
        assert town.server.gateway.identifies == 1
        _, words, fine = await life.chat.check()
        assert not fine
        assert f"code {code}" in words


async def test_a_server_that_is_down_at_the_start_is_tried_again(town: Town) -> None:
    town.server.faults.fail("GET /users/@me", 503)
    async with town.bot() as life:
        assert not life.chat.ready
        await connected(life)
        assert (await life.chat.check())[1] == "connected"


async def test_between_two_lives_messages_wait(town: Town) -> None:
    town.server.faults.fail("GET /users/@me", 503)
    async with town.bot() as life:
        place = Place(town.as_person(town.ana).tenant, str(town.channel.id))
        with pytest.raises(ChatBusy):
            await life.chat.post(place, Message((("hello",),)), "card/1")
        await connected(life)
        await life.chat.post(place, Message((("hello",),)), "card/1")
        assert len(town.ours()) == 1


async def test_many_shards_serve_all_servers(town: Town) -> None:
    others = [town.server.guild(f"Server {number}") for number in range(3)]
    channels = [guild.channel("videos") for guild in others]
    people = [guild.member("Eve") for guild in others]
    town.server.recommend_shards(1)
    async with town.bot(shards=0) as life:
        for who, channel in zip(people, channels, strict=True):
            await (await who.slash(channel, "sora create", prompt="a kite")).answer()
        assert len(await life.jobs()) == 3


async def test_an_upload_has_as_long_as_its_line_needs(town: Town) -> None:
    async with town.bot() as life:
        session: Any = vars(life.chat._client.http)["_HTTPClient__session"]
        assert session.timeout is PATIENCE
        assert PATIENCE.total is None


async def test_an_event_after_the_end_is_let_go(town: Town) -> None:
    async with town.bot() as life:
        client = life.chat._client
    assert client.is_closed()
    client.dispatch("ready")


async def test_commands_that_changed_are_told_to_discord_again(town: Town) -> None:
    async with town.bot() as life:
        await life.around.notes.write("commands", "those of an older version")
    async with town.bot():
        pass
    assert town.server.commands.puts == 2
