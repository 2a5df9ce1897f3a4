"""Processes of their own: the bot as people start it, and parts of benches."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

_URL = re.compile(rb"http://[\w.:/\[\]]+")
_PATIENCE = 60
"""Seconds that a start or a stop may take."""


class Process:
    """A running process. `began` is when it was started (s, `perf_counter`)."""

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

    async def said(self) -> Any:  # noqa: ANN401 - whatever JSON can be
        """The JSON of the next line that it prints."""
        assert self._child.stdout
        async with asyncio.timeout(_PATIENCE):
            line = await self._child.stdout.readline()
        assert line, "it ended before it said anything"
        return json.loads(line)

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
    named = {f"SORA_{name.upper()}": text for name, text in settings.items()}
    named["SORA_LOG_LEVEL"] = "warning"
    # In /, where no .env lies.
    async with _running("bot", *command, cwd="/", **named) as process:
        yield process


@asynccontextmanager
async def part(module: str, *arguments: str) -> AsyncGenerator[Process]:
    """``python -m bench.MODULE``, which says in JSON when it is ready; leaving stops it."""
    async with _running(f"bench.{module}", *arguments) as process:
        yield process


@asynccontextmanager
async def _running(
    module: str, *arguments: str, cwd: str | None = None, **more: str
) -> AsyncGenerator[Process]:
    ours = {name: text for name, text in os.environ.items() if not name.startswith("SORA_")}
    began = perf_counter()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=cwd,
        env={**ours, **more},
        stdout=asyncio.subprocess.PIPE,
    )
    process = Process(child, began)
    try:
        yield process
    finally:
        await process.stop()


def share_cores(*, chat: bool) -> None:
    """Within a part: a core of its own for the chat, all others for the bot, where there are two.

    Chats have machines of their own. On one core the answer to a command would wait for the chat to
    send the next, and that for the answer.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    first, *others = sorted(os.sched_getaffinity(0))
    if others:
        os.sched_setaffinity(0, {first} if chat else others)


async def say_and_stay(what: object) -> None:
    """Within a part: tell whoever started it, and return when they want it to end."""
    stop = asyncio.Event()
    # First of all: who was told may want the end at once.
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    print(json.dumps(what), flush=True)
    await stop.wait()
