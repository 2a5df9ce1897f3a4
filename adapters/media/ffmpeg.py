"""The one place that starts ffmpeg: where it is, what it can do, how it is kept in bounds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg  # pyright: ignore[reportMissingTypeStubs]  # it ships no types

from adapters.media.process import Limits, run_process
from bot.errors import MediaFailed

OnProgress = Callable[[float], None]

# Only local files: a playlist inside an upload must not make ffmpeg open the network.
_GUARD = ("-protocol_whitelist", "file,pipe")
_QUIET = ("-hide_banner", "-nostdin", "-v", "error", "-y")
_REPORT = ("-nostats", "-progress", "pipe:1", "-stats_period", "0.5")
_LISTING_TIMEOUT_S = 20


def find_ffmpeg(explicit: str | None = None) -> str:
    """Path of the ffmpeg to use: `explicit`, else ``FFMPEG_PATH``, else the one installed by pip.

    Raises `MediaFailed` when the named one does not exist, or when there is none at all.
    """
    named = explicit or os.environ.get("FFMPEG_PATH")
    if named:
        if found := shutil.which(named):
            return found
        raise MediaFailed(f"no ffmpeg at {named}")
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise MediaFailed("no ffmpeg found; set FFMPEG_PATH") from error


def mp4_input(path: Path, *options: str) -> list[str]:
    """Arguments that open `path` as MP4 and as nothing else, with `options` for that input."""
    return [*options, "-f", "mov", "-i", f"file:{path.absolute()}"]


def guarded(args: Iterable[str]) -> list[str]:
    """The same arguments with the protocol guard before each input: it holds for one only."""
    out: list[str] = []
    for arg in args:
        out += [*_GUARD, arg] if arg == "-i" else [arg]
    return out


@dataclass(frozen=True, slots=True)
class FfmpegAbilities:
    """What the installed build knows. `version` is its own word, such as ``7.1`` or ``n9.0.2``."""

    version: str
    filters: frozenset[str]
    encoders: frozenset[str]


class Ffmpeg:
    """Starts ffmpeg, at most `slots` at a time: one per CPU unless said.

    `exe` is looked up by `find_ffmpeg` when it is first needed.
    """

    def __init__(self, exe: str | None = None, *, slots: int | None = None) -> None:
        self._wanted = exe
        self._exe: str | None = None
        self._slots = asyncio.Semaphore(slots or os.cpu_count() or 1)
        self._abilities: FfmpegAbilities | None = None

    async def exe(self) -> str:
        """Path of the program; raises `MediaFailed` when there is none."""
        if self._exe is None:
            # The look-up may start the program once to see whether it runs.
            self._exe = await asyncio.to_thread(find_ffmpeg, self._wanted)
        return self._exe

    async def run(
        self,
        args: Sequence[str],
        *,
        cwd: Path,
        timeout_s: float,
        expect_s: float | None = None,
        on_progress: OnProgress | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Run ffmpeg with `args` (inputs, filters, outputs) in `cwd`.

        `on_progress` gets the done part (0 to 1) about twice a second when `expect_s`, the length
        of the output, is known. Raises `MediaFailed` with ffmpeg's last words on any failure.
        ffmpeg ends well on some broken inputs, so callers look at what came out.
        """
        argv = [await self.exe(), *_QUIET, *_REPORT, *guarded(args)]
        follow = _progress_reader(expect_s, on_progress)
        async with self._slots:
            ended = await run_process(
                argv, cwd=cwd, timeout_s=timeout_s, limits=limits, on_line=follow
            )
        if ended.code != 0:
            raise MediaFailed(f"ffmpeg ended with {ended.code}: {ended.stderr[-500:]}")

    async def abilities(self) -> FfmpegAbilities:
        """Version, filters and encoders of the installed build; asked once."""
        if self._abilities is None:
            version, filters, encoders = await asyncio.gather(
                self._listing("-version"), self._listing("-filters"), self._listing("-encoders")
            )
            self._abilities = FfmpegAbilities(
                _version_in(version), _names_in(filters), _names_in(encoders)
            )
        return self._abilities

    async def _listing(self, what: str) -> list[str]:
        lines: list[str] = []
        argv = [await self.exe(), "-hide_banner", what]
        ended = await run_process(
            argv, cwd=Path.cwd(), timeout_s=_LISTING_TIMEOUT_S, on_line=lines.append
        )
        if ended.code != 0:
            raise MediaFailed(f"{argv[0]} does not run: {ended.stderr[-500:]}")
        return lines


def _progress_reader(
    expect_s: float | None, on_progress: OnProgress | None
) -> Callable[[str], None] | None:
    if not expect_s or on_progress is None:
        return None

    def read(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "out_time_us":
            # The first blocks say N/A.
            with contextlib.suppress(ValueError):
                on_progress(min(1.0, max(0.0, int(value) / 1e6 / expect_s)))

    return read


def _version_in(lines: Sequence[str]) -> str:
    words = lines[0].split() if lines else []
    return words[2] if words[:2] == ["ffmpeg", "version"] else "unknown"


def _names_in(lines: Sequence[str]) -> frozenset[str]:
    """Second word of each line of a listing: ``TSC eq  V->V  Adjust brightness …``."""
    rows = (line.split(maxsplit=2) for line in lines)
    return frozenset(row[1] for row in rows if len(row) > 1 and row[1] != "=")
