"""The real bot on a chat of ours, as a process that serves people until it is killed."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from tests.faults.lives import Home

SETTINGS = {
    "SORA_PORT": "0",
    "SORA_LOG_LEVEL": "warning",
    "SORA_SIMULATOR_RENDER_MS": "300",
    "SORA_SIMULATOR_FPS": "2",
}
READY = 40
"""Seconds that a start may take."""


async def begun(home: Home, *command: str, **own: str) -> asyncio.subprocess.Process:
    """``python COMMAND`` with these settings, just started."""
    settings = {"SORA_DATA_DIR": str(home.data), **own, **SETTINGS}
    with home.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=home.cwd,
            env=home.environment(**settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )


async def ready(home: Home, process: asyncio.subprocess.Process) -> str:
    """The line that it says once it serves people."""
    assert process.stdout
    line = await asyncio.wait_for(process.stdout.readline(), READY)
    assert b"ready" in line, home.log.read_text()[-3000:]
    return line.decode()


async def killed(process: asyncio.subprocess.Process) -> int | None:
    """Its exit status after SIGKILL; a polite one when it was over before."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()
    return process.returncode
