"""What goes wrong on purpose, and what discord.py makes of it."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import pytest

from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.gateway import Session
from tests.fakes.discord_server.raw import speaking
from tests.fakes.discord_server.sample import SampleBot, running
from tests.fakes.discord_server.server import DiscordServer

__all__ = ["discord_server"]

ROOT = Path(__file__).parents[2]
CREATE = "POST /channels/*/messages"


@pytest.fixture
def channel(discord_server: DiscordServer) -> Channel:
    return discord_server.guild("Studio").channel("videos")


@pytest.fixture
async def place(
    discord_server: DiscordServer, channel: Channel
) -> AsyncIterator[discord.PartialMessageable]:
    """The channel, as a bot that is ready speaks to it."""
    bot = SampleBot()
    async with running(bot, discord_server):
        yield bot.get_partial_messageable(channel.id)


async def test_a_limited_route_makes_the_library_wait(
    discord_server: DiscordServer, place: discord.PartialMessageable
) -> None:
    posted = await place.send("0")
    discord_server.limit("PATCH /channels/*/messages/*", count=2, per=0.3)
    began = time.monotonic()
    for number in range(3):
        await posted.edit(content=str(number))
    assert time.monotonic() - began > 0.25
    assert [one.status for one in discord_server.find("PATCH /channels/**")] == [200, 200, 200]


async def test_more_than_the_limit_is_429(discord_server: DiscordServer, channel: Channel) -> None:
    discord_server.limit("GET /channels/*", count=1, per=60)
    async with speaking(discord_server) as raw:
        await raw.call("GET", f"/channels/{channel.id}")
        status, body = await raw.call("GET", f"/channels/{channel.id}")
    assert status == 429
    assert 0 < body["retry_after"] <= 60
    assert not body["global"]


async def test_a_429_of_discord_is_waited_for(
    discord_server: DiscordServer, place: discord.PartialMessageable, channel: Channel
) -> None:
    discord_server.faults.throttle(CREATE, 0.05)
    await place.send("hello")
    assert [one.status for one in discord_server.find(CREATE)] == [429, 200]
    assert len(channel.messages) == 1


async def test_a_429_of_the_proxy_is_raised(
    discord_server: DiscordServer, place: discord.PartialMessageable
) -> None:
    discord_server.faults.throttle(CREATE, 0.05, via=False)
    with pytest.raises(discord.HTTPException) as refused:
        await place.send("hello")
    assert refused.value.status == 429


async def test_too_many_requests_of_all_kinds_are_429(
    discord_server: DiscordServer, channel: Channel
) -> None:
    discord_server.limit_all(count=1, per=60)
    async with speaking(discord_server) as raw:
        await raw.call("GET", f"/channels/{channel.id}")
        _, body = await raw.call("GET", "/users/@me")
    assert body["global"]


async def test_a_broken_answer_after_the_effect_posts_once(
    discord_server: DiscordServer, place: discord.PartialMessageable, channel: Channel
) -> None:
    discord_server.faults.fail(CREATE, 502, after=True)
    await place.send("hello")
    assert [one.status for one in discord_server.find(CREATE)] == [502, 200]
    assert len(channel.messages) == 1


async def test_a_503_is_raised_at_once(
    discord_server: DiscordServer, place: discord.PartialMessageable, channel: Channel
) -> None:
    discord_server.faults.fail(CREATE, 503)
    with pytest.raises(discord.DiscordServerError):
        await place.send("hello")
    assert channel.messages == []


@pytest.mark.parametrize("after", [False, True])
async def test_a_connection_breaks_before_or_after_the_effect(
    discord_server: DiscordServer,
    place: discord.PartialMessageable,
    channel: Channel,
    *,
    after: bool,
) -> None:
    discord_server.faults.reset(CREATE, after=after)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await place.send("hello")
    assert len(channel.messages) == int(after)
    assert discord_server.find(CREATE)[0].status == 0


async def test_any_refusal_can_be_given(
    discord_server: DiscordServer, place: discord.PartialMessageable
) -> None:
    discord_server.faults.refuse(CREATE, 50013)
    with pytest.raises(discord.Forbidden):
        await place.send("hello")
    discord_server.faults.refuse(CREATE, 200000, status=403)
    with pytest.raises(discord.Forbidden) as refused:
        await place.send("hello")
    assert refused.value.code == 200000


async def test_an_answer_can_be_held_back(
    discord_server: DiscordServer, place: discord.PartialMessageable, channel: Channel
) -> None:
    hold = discord_server.faults.hold(CREATE)
    sending = asyncio.create_task(place.send("hello"))
    await hold.reached.wait()
    assert len(channel.messages) == 1
    assert not sending.done()
    hold.release()
    await sending


async def test_a_bot_that_goes_away_while_it_waits_is_no_trouble(
    discord_server: DiscordServer, place: discord.PartialMessageable
) -> None:
    hold = discord_server.faults.hold(CREATE)
    sending = asyncio.create_task(place.send("hello"))
    await hold.reached.wait()
    sending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sending


async def test_rest_can_be_slow(discord_server: DiscordServer, channel: Channel) -> None:
    discord_server.door.delay = 0.05
    began = time.monotonic()
    async with speaking(discord_server) as raw:
        await raw.call("GET", f"/channels/{channel.id}")
    assert time.monotonic() - began >= 0.05


async def test_a_wrong_token_closes_the_gateway(discord_server: DiscordServer) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(discord_server.gateway.url) as line,
    ):
        assert (await line.receive_json())["op"] == 10
        await line.send_json({"op": 2, "d": {"token": "another", "intents": 0}})
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
        assert line.close_code == 4004


def test_each_guild_has_one_shard() -> None:
    shards = [Session("one", shard, 4, intents=1) for shard in range(4)]
    assert [one.serves(6 << 22) for one in shards] == [False, False, True, False]
    assert [one.serves(None) for one in shards] == [True, False, False, False]


async def test_the_server_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.fakes.discord_server.serve"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    address = json.loads(await process.stdout.readline())
    async with aiohttp.ClientSession(address["url"]) as session:
        headers = {"Authorization": f"Bot {address['token']}"}
        async with session.get("/api/v10/users/@me", headers=headers) as answer:
            assert answer.status == 200
        asking = {"command": "sora create", "options": {"prompt": "a kite"}}
        async with session.post("/control/slash", json=asking) as answer:
            assert "no command 'sora'" in (await answer.json())["not_offered"]
    process.terminate()
    await process.wait()
