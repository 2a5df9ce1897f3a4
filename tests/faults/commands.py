"""The bot's own commands as processes."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.faults.lives import PATIENCE, Home, Upstream, talking_to

_ADDRESS = re.compile(rb"http://\S+")


@dataclass(frozen=True)
class Command:
    """A command that serves at `url` until it is told to stop."""

    process: Process
    url: str

    async def ended(self) -> int:
        """Its exit status."""
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


@asynccontextmanager
async def command(home: Home, *words: str, **variables: str) -> AsyncGenerator[Command]:
    """``sora-bot words…`` in its home, once it has printed where it is; killed at the end."""
    with home.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=home.cwd,
            env=home.environment(**variables),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=log,
        )
    try:
        yield Command(process, await _address(process))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _address(process: Process) -> str:
    assert process.stdout
    async with asyncio.timeout(PATIENCE):
        found = _ADDRESS.search(await process.stdout.readline())
    assert found, "it said nothing about where it is"
    return found[0].decode()


@asynccontextmanager
async def simulator(home: Home) -> AsyncGenerator[Upstream]:
    """``sora-bot simulate`` that answers at once."""
    words = ("simulate", "--port", "0", "--control", "--instant", "--state", home.root / "backend")
    async with (
        command(home, *map(str, words)) as running,
        talking_to(running.url) as backend,
    ):
        yield backend


async def refused(home: Home, *words: str, **variables: str) -> tuple[int, str]:
    """Exit status of a command that ends by itself, and what it said on stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=home.cwd,
        env=home.environment(**variables),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
