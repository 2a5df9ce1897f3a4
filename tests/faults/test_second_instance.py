"""One bot for one data folder; on a server's database a second one waits."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from bot import wording
from storage.store import open_store
from tests.faults.chatting import begun, killed, ready
from tests.faults.commands import command, refused
from tests.faults.lives import Home, until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]
PATIENCE = 20
"""Seconds until a process is gone."""
_WAITING = re.compile(r"(http://[\w.:]+)/healthz")
ANYWHERE = {"SORA_PORT": "0"}


async def test_a_second_bot_on_the_same_folder_is_refused_and_the_first_keeps_working(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    data = ("--data", str(home.data))
    seconds = (("run",), ("create", "a red kite"), ("migrate",))
    async with command(home, "run", *data, **ANYWHERE) as first:
        ends = await asyncio.gather(*(refused(home, *one, *data, **ANYWHERE) for one in seconds))
        holder = f"process {first.process.pid} on {socket.gethostname()}"
        assert ends == [(2, wording.cli_second(holder) + "\n")] * len(seconds)
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{first.url}/readyz")).json() == {"ready": True}


async def test_a_folder_is_free_again_after_its_bot_was_killed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    words = ("run", "--data", str(home.data))
    async with command(home, *words, **ANYWHERE) as first:
        first.process.kill()
        await first.ended()
        async with command(home, *words, **ANYWHERE) as second:
            assert second.url


async def test_a_second_bot_on_a_database_waits_and_the_first_one_ends_when_it_wakes_up_too_late(
    tmp_path: Path, postgres_url: str
) -> None:
    home = Home(tmp_path)
    there = {"SORA_DATABASE_URL": postgres_url, "SORA_LEASE_MS": "2000"}
    first = await begun(home, "-m", "bot", "run", **there)
    await ready(home, first)
    second = await begun(home, "-m", "bot", "run", **there)
    try:
        url = await waiting_at(home)
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            assert (await http.get("/healthz")).json() == {"alive": True}
            assert (await http.get("/readyz")).status_code == 503
        first.send_signal(signal.SIGSTOP)
        await ready(home, second)
        first.send_signal(signal.SIGCONT)
        async with asyncio.timeout(PATIENCE):
            assert await first.wait() == 75
        assert wording.CLI_REPLACED in home.log.read_text()
        second.terminate()
        async with asyncio.timeout(PATIENCE):
            assert await second.wait() == 0
    finally:
        await killed(first)
        await killed(second)


async def test_a_bot_that_waits_ends_at_once_when_it_is_told_to(
    tmp_path: Path, postgres_url: str
) -> None:
    home = Home(tmp_path)
    store = await open_store(postgres_url)
    waiting = await begun(home, "-m", "bot", "run", SORA_DATABASE_URL=postgres_url)
    try:
        await waiting_at(home)
        waiting.terminate()
        async with asyncio.timeout(PATIENCE):
            assert await waiting.wait() == 0
    finally:
        await killed(waiting)
        await store.aclose()


async def waiting_at(home: Home) -> str:
    """Where a stand-by answers for its health, once it says so."""

    async def found() -> bool:
        return _WAITING.search(home.log.read_text()) is not None

    await until(found)
    match = _WAITING.search(home.log.read_text())
    assert match
    return match[1]
