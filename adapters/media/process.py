"""Child processes with limits: own process group, output always drained, killed whole."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import MediaFailed

if sys.platform == "linux":
    import resource

_GIB = 1024**3
_TAIL = 4096
"""Bytes of a child's complaints that are kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use, enforced on Linux only. Bytes and CPU seconds; None is no limit.

    720p needs more than 1 GiB of address space, so the default leaves plenty.
    """

    memory: int | None = 4 * _GIB
    file: int | None = 2 * _GIB
    cpu_s: int | None = 600


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended: exit code, and the last 4 kB of its stderr."""

    code: int
    stderr: str


LineReader = Callable[[str], None]


async def run_process(
    argv: Sequence[str],
    *,
    cwd: Path,
    timeout_s: float,
    limits: Limits | None = None,
    env: Mapping[str, str] | None = None,
    on_line: LineReader | None = None,
) -> Finished:
    """Run `argv` to its end, giving each line of its stdout to `on_line`.

    The child and everything it started is killed when the caller is cancelled, when `on_line`
    raises, or after `timeout_s`. Raises `MediaFailed` on timeout or when it cannot be started.
    """
    try:
        child = await _started(argv, cwd, env)
    except OSError as error:
        raise MediaFailed(f"{argv[0]} cannot be started: {error.strerror}") from error
    try:
        _restrict(child.pid, limits or Limits())
        async with asyncio.timeout(timeout_s):
            return await _follow(child, on_line)
    except TimeoutError as error:
        raise MediaFailed(f"{Path(argv[0]).name} took longer than {timeout_s:g} s") from error
    finally:
        await _end(child)


async def _started(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None
) -> asyncio.subprocess.Process:
    """A child in a group of its own; one that begins while nobody wants it any more is ended."""
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    )
    try:
        # A cancel in here would kill the child alone, not what it has started by then.
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await _end(await starting)
        raise


async def _follow(child: asyncio.subprocess.Process, on_line: LineReader | None) -> Finished:
    tail, _ = await asyncio.gather(_last_words(child.stderr), _read_lines(child.stdout, on_line))
    return Finished(await child.wait(), tail.decode(errors="replace").strip())


async def _last_words(stream: asyncio.StreamReader | None) -> bytes:
    """Read to the end, for a full pipe would block the child; keep the last part."""
    tail = b""
    while stream and (chunk := await stream.read(_TAIL)):
        tail = (tail + chunk)[-_TAIL:]
    return tail


async def _read_lines(stream: asyncio.StreamReader | None, on_line: LineReader | None) -> None:
    while stream and (line := await stream.readline()):
        if on_line:
            on_line(line.decode(errors="replace").strip())


def _restrict(pid: int, limits: Limits) -> None:
    """Set the limits from outside: no code runs between fork and exec."""
    if sys.platform != "linux":
        return
    wanted = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_CPU: limits.cpu_s,
    }
    # A child that is gone already needs no limits.
    with contextlib.suppress(ProcessLookupError):
        for kind, value in wanted.items():
            if value is not None:
                resource.prlimit(pid, kind, (value, value))


async def _end(child: asyncio.subprocess.Process) -> None:
    """Leave no process of the group behind. Its output is thrown away, so SIGKILL will do."""
    if child.returncode == 0:
        return
    if sys.platform == "win32":
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    else:
        # Also after a crash of the child itself: what it started may still run.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    # Reads the pipes to their ends, so that nothing is left open.
    await child.communicate()
