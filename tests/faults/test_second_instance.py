"""One bot for one data folder."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from bot import wording
from tests.faults.commands import command, refused
from tests.faults.lives import Home

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]
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
