"""What it takes to take a message back from Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.discord.places import tenant_of
from bot.domain.messages import Message
from bot.domain.refs import MessageRef, Place
from bot.errors import ChatBusy, ChatForbidden
from tests.fakes.discord_bot import Life, Town
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.server import DiscordServer

__all__ = ["discord_server"]

HELLO = Message((("Hello",),))
DELETE = "DELETE /channels/*/messages/*"


@pytest.fixture
async def town(discord_server: DiscordServer, tmp_path: Path) -> AsyncIterator[Town]:
    yield Town(discord_server, tmp_path)
    assert discord_server.violations == []


async def posted(town: Town, life: Life, nonce: str = "card/1") -> MessageRef:
    here = Place(tenant_of(town.studio.id), str(town.channel.id))
    return await life.chat.post(here, HELLO, nonce)


async def test_a_thread_that_was_put_away_is_woken_for_a_removal(town: Town) -> None:
    async with town.bot() as life:
        place = await life.chat.open_thread(await posted(town, life), "Remixes")
        reply = await life.chat.post(place, HELLO, "card/2")
        thread = town.server.world.channel(int(place.thread or ""))
        thread.archive()
        await life.chat.remove(reply)
        assert town.ours(thread) == []


async def test_a_thread_outlives_the_message_that_it_hangs_under(town: Town) -> None:
    async with town.bot() as life:
        head = await posted(town, life)
        place = await life.chat.open_thread(head, "Remixes")
        await life.chat.post(place, HELLO, "card/2")
        await life.chat.remove(head)
        assert town.ours() == []
        assert len(town.ours(town.server.world.channel(int(head.id)))) == 1


async def test_a_channel_that_is_gone_has_no_messages(town: Town) -> None:
    async with town.bot() as life:
        ref = await posted(town, life)
        town.channel.delete()
        await life.chat.remove(ref)


async def test_a_removal_whose_answer_was_lost_is_done(town: Town) -> None:
    async with town.bot() as life:
        ref = await posted(town, life)
        town.server.faults.reset(DELETE, after=True)
        await life.chat.remove(ref)
        assert town.ours() == []


async def test_a_busy_discord_removes_nothing(town: Town) -> None:
    async with town.bot() as life:
        ref = await posted(town, life)
        town.server.faults.throttle(DELETE, 3, times=9)
        with pytest.raises(ChatBusy):
            await life.chat.remove(ref)
        assert len(town.ours()) == 1


async def test_where_the_bot_may_not_look_any_more_nothing_is_removed(town: Town) -> None:
    async with town.bot() as life:
        ref = await posted(town, life)
        town.server.faults.refuse(DELETE, 50001)
        with pytest.raises(ChatForbidden):
            await life.chat.remove(ref)
        assert len(town.ours()) == 1
