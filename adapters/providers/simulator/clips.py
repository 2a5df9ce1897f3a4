"""Clips on disk: rendered once per spec by a child process, with thumbnail and contact sheet."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import adapters
from adapters.media import derive
from adapters.media.ffmpeg import Ffmpeg
from adapters.media.probe import probe_file
from adapters.media.process import run_process
from adapters.providers.simulator.spec import RenderSpec
from bot.errors import MediaFailed

_RENDERER = "adapters.providers.simulator.render"
_TIMEOUT_S = 300
_KEPT = 400
"""Clips kept on disk; the oldest that no job can give out any more go first."""


class Clips:
    """A `folder` of clips named by their spec; each is whole or not there at all."""

    def __init__(self, folder: Path, ffmpeg: Ffmpeg) -> None:
        self.folder = folder
        self._ffmpeg = ffmpeg
        self._work = folder / "work"
        self._busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def open(self) -> None:
        """Make the folders, and empty the one of unfinished work."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Leave no unfinished work behind."""
        shutil.rmtree(self._work, ignore_errors=True)

    def keep_image(self, png: bytes) -> str:
        """Store a reference picture; gives its name in the folder."""
        name = f"{hashlib.sha256(png).hexdigest()[:32]}.png"
        path = self.folder / name
        if not path.exists():
            part = self._work / f"{secrets.token_hex(8)}.part"
            part.write_bytes(png)
            part.replace(path)
        return name

    def has(self, spec: RenderSpec) -> bool:
        """Whether it is rendered already."""
        return self._file(spec, "mp4").is_file()

    async def video(self, spec: RenderSpec) -> Path:
        """The MP4 of the spec, rendered when it is not there yet; raises `MediaFailed`."""
        target = self._file(spec, "mp4")
        async with self._busy[target.name]:
            if not target.is_file():
                await self._render(spec, target)
        return target

    async def thumbnail(self, spec: RenderSpec) -> Path:
        """A WebP still; raises `MediaError`."""
        target, video = self._file(spec, "webp"), await self.video(spec)
        async with self._busy[target.name]:
            if not target.is_file():
                await derive.poster(self._ffmpeg, video, probe_file(video), target)
        return target

    async def spritesheet(self, spec: RenderSpec) -> Path:
        """A JPEG with one still per second; raises `MediaError`."""
        target, video = self._file(spec, "jpg"), await self.video(spec)
        async with self._busy[target.name]:
            if not target.is_file():
                await derive.spritesheet(self._ffmpeg, video, probe_file(video), target)
        return target

    def prune(self, wanted: set[str], images: set[str]) -> None:
        """Remove pictures not among `images`, and the oldest clips beyond a few hundred.

        No clip with its key in `wanted` goes.
        """
        clips = sorted(self.folder.glob("*.mp4"), key=lambda file: file.stat().st_mtime)
        spare = [file for file in clips if file.stem not in wanted]
        for file in spare[: max(0, len(clips) - _KEPT)]:
            for suffix in (".mp4", ".webp", ".jpg"):
                file.with_suffix(suffix).unlink(missing_ok=True)
        for picture in self.folder.glob("*.png"):
            if picture.name not in images:
                picture.unlink(missing_ok=True)

    def _file(self, spec: RenderSpec, suffix: str) -> Path:
        return self.folder / f"{spec.key}.{suffix}"

    async def _render(self, spec: RenderSpec, target: Path) -> None:
        work = Path(tempfile.mkdtemp(dir=self._work))
        out, order = work / "out.mp4", work / "spec.json"
        try:
            _write(order, self._placed(spec).to_json())
            words = (str(order), str(out), await self._ffmpeg.exe(), str(os.getpid()))
            argv = [sys.executable, "-m", _RENDERER, *words]
            ended = await run_process(argv, cwd=work, timeout_s=_TIMEOUT_S, env=_environment())
            if ended.code != 0:
                raise MediaFailed(f"the renderer ended with {ended.code}: {ended.stderr[-500:]}")
            _accept(out, spec, target)
        finally:
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)

    def _placed(self, spec: RenderSpec) -> RenderSpec:
        """The spec with the whole path of its picture: the folder may have been moved."""
        return replace(spec, image=str(self.folder.absolute() / spec.image)) if spec.image else spec


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _accept(out: Path, spec: RenderSpec, target: Path) -> None:
    """Put a clip in place when it is what was asked for."""
    info = probe_file(out)
    if info.frames != spec.frames or not info.has_audio:
        raise MediaFailed(f"the renderer made {info.frames} of {spec.frames} pictures")
    out.replace(target)


def _environment() -> dict[str, str]:
    """Let the child find this package also where it is not installed."""
    root = str(Path(adapters.__file__ or "").parent.parent)
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{known}" if known else root}
