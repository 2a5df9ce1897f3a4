"""The bot as people start it: a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

_URL = re.compile(rb"http://[\w.:/\[\]]+")
_PATIENCE = 60
"""Seconds that a start or a stop may take."""


class Process:
    """A running ``sora-bot``. `began` is when it was started (s, `perf_counter`)."""

    def __init__(self, child: asyncio.subprocess.Process, began: float) -> None:
        self._child = child
        self.began = began

    async def url(self) -> str:
        """The address that it prints once it is ready."""
        assert self._child.stdout
        async with asyncio.timeout(_PATIENCE):
            while line := await self._child.stdout.readline():
                if found := _URL.search(line):
                    return found[0].decode()
        raise AssertionError("it ended before it was ready")

    def memory(self) -> float:
        """MiB that it keeps in memory now (RSS)."""
        return self._status("VmRSS") / 1024

    def _status(self, name: str) -> int:
        text = Path(f"/proc/{self._child.pid}/status").read_text("ascii")
        found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
        assert found
        return int(found[1])

    def work(self) -> float:
        """Seconds of CPU it has used."""
        fields = Path(f"/proc/{self._child.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def stop(self) -> None:
        """As Ctrl-C does; it must end well."""
        if self._child.returncode is None:
            self._child.send_signal(signal.SIGINT)
        async with asyncio.timeout(_PATIENCE):
            await self._child.communicate()
        assert self._child.returncode == 0, self._child.returncode


@asynccontextmanager
async def started(*command: str, **settings: str) -> AsyncGenerator[Process]:
    """``sora-bot COMMAND`` with these settings and no others; leaving stops it."""
    ours = {name: text for name, text in os.environ.items() if not name.startswith("SORA_")}
    named = {f"SORA_{name.upper()}": text for name, text in settings.items()}
    began = perf_counter()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *command),
        cwd="/",  # where no .env lies
        env={**ours, **named, "SORA_LOG_LEVEL": "warning"},
        stdout=asyncio.subprocess.PIPE,
    )
    process = Process(child, began)
    try:
        yield process
    finally:
        await process.stop()
