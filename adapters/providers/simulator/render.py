"""Renders one clip in a process of its own.

    python -m adapters.providers.simulator.render spec.json out.mp4 /path/to/ffmpeg [parent]

Exit code 0 and a whole MP4, or another code and words on stderr. `parent` is the process that
waits for the clip; when it is gone, the work is given up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from adapters.providers.simulator.encoding import (
    COLOUR_TAGS,
    GUARD,
    encoding,
    file_url,
    quiet,
    sound_input,
)
from adapters.providers.simulator.scene import Scene, look_of
from adapters.providers.simulator.sound import write_loop
from adapters.providers.simulator.spec import RenderSpec
from adapters.providers.simulator.zoom import render_zoom

_PARENT_CHECK = 24
"""Frames between two looks whether anybody still waits for the clip."""


def render(spec: RenderSpec, out: Path, ffmpeg: str, parent: int | None = None) -> None:
    """Write the MP4 (H.264 and AAC, faststart) to `out`.

    Raises `subprocess.CalledProcessError` when ffmpeg fails. Blocks for 1 to 2 s per 8 s of 720p.
    """
    with tempfile.TemporaryDirectory(prefix=".render-", dir=out.parent) as folder:
        music = Path(folder) / "loop.wav"
        write_loop(music, spec.prompts[0], minor=look_of(spec).stars)
        if spec.image:
            render_zoom(spec, Path(folder), music, out, ffmpeg)
        else:
            _render_scene(spec, music, out, ffmpeg, parent)


def _render_scene(
    spec: RenderSpec, music: Path, out: Path, ffmpeg: str, parent: int | None
) -> None:
    size = f"{spec.width}x{spec.height}"
    raw = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(spec.fps))
    inputs = [*raw, *GUARD, "-i", "pipe:0", *sound_input(music)]
    outputs = ["-map", "0:v", "-map", "1:a", "-vf", COLOUR_TAGS, *encoding(spec), file_url(out)]
    argv = [*quiet(ffmpeg), *inputs, *outputs]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as encoder:
        if encoder.stdin is None:  # never with PIPE; the type cannot say so
            raise RuntimeError("no pipe to ffmpeg")
        try:
            with encoder.stdin as pipe:
                _feed(spec, pipe, parent)
        except BrokenPipeError:
            pass  # ffmpeg has said why on stderr, and its exit code is looked at below
        except BaseException:
            encoder.kill()
            raise
    if encoder.returncode:
        raise subprocess.CalledProcessError(encoder.returncode, ffmpeg)


def _feed(spec: RenderSpec, pipe: IO[bytes], parent: int | None) -> None:
    scene = Scene(spec)
    for number in range(spec.frames):
        if parent and number % _PARENT_CHECK == 0 and os.getppid() != parent:
            raise SystemExit("nobody waits for this clip any more")
        scene.frame(number).write_to(pipe)


def main(argv: Sequence[str]) -> None:
    """The command line above."""
    spec_file, out, ffmpeg, *rest = argv
    spec = RenderSpec.from_json(Path(spec_file).read_text(encoding="utf-8"))
    render(spec, Path(out).absolute(), ffmpeg, int(rest[0]) if rest else None)


if __name__ == "__main__":
    main(sys.argv[1:])
