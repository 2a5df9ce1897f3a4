"""Image to video: a slow zoom into a given picture, with the same words on top as any clip."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageChops

from adapters.providers.simulator.encoding import (
    COLOUR_TAGS,
    GUARD,
    encoding,
    file_url,
    quiet,
    sound_input,
)
from adapters.providers.simulator.lettering import caption, tag
from adapters.providers.simulator.planes import even
from adapters.providers.simulator.scene import bar_height, look_of
from adapters.providers.simulator.spec import RenderSpec
from adapters.providers.simulator.themes import mix


@dataclass(frozen=True, slots=True)
class _Overlay:
    """A picture on top at `place` (ffmpeg's words), fading in at `start` until `end` (s)."""

    picture: Image.Image
    place: str
    start: int | None = None
    end: int | None = None


def render_zoom(spec: RenderSpec, work: Path, music: Path, out: Path, ffmpeg: str) -> None:
    """Write the MP4 to `out`; its first frame is the picture itself, words fade in later.

    Raises `subprocess.CalledProcessError` when ffmpeg fails.
    """
    start = work / "start.png"
    _first_frame(spec).save(start, compress_level=1)
    overlays = _overlays(spec)
    inputs = [*GUARD, "-i", file_url(start)]
    for number, overlay in enumerate(overlays):
        layer = work / f"layer{number}.png"
        overlay.picture.save(layer, compress_level=1)
        inputs += [*GUARD, "-loop", "1", "-framerate", str(spec.fps), "-i", file_url(layer)]
    graph = ["-filter_complex", _graph(spec, overlays)]
    maps = ["-map", "[out]", "-map", f"{len(overlays) + 1}:a"]
    argv = [*quiet(ffmpeg), *inputs, *sound_input(music), *graph, *maps, *encoding(spec)]
    subprocess.run([*argv, file_url(out)], check=True, stdin=subprocess.DEVNULL)


def _first_frame(spec: RenderSpec) -> Image.Image:
    """The given picture; for a remix, in the light of the remix's theme."""
    with Image.open(spec.image or "", formats=("PNG",)) as picture:
        start = picture.convert("RGB")
    if len(spec.prompts) == 1:
        return start
    theme = look_of(spec)
    light = Image.new("RGB", start.size, mix(theme.sky[1], theme.sky[2], 0.5))
    return Image.blend(start, ImageChops.multiply(start, light), 0.65)


def _overlays(spec: RenderSpec) -> list[_Overlay]:
    """Tag, captions and, above all, the bar, which has no width at first."""
    margin = even(min(spec.size) / 40)
    bar = Image.new("RGB", (spec.width, bar_height(spec.height)), (250, 246, 236))
    return [
        _Overlay(tag(spec.size), f"x={margin}:y={margin}", start=0),
        *_captions(spec),
        _Overlay(bar, f"x='-w+w*n/{spec.frames}':y=H-h"),
    ]


def _captions(spec: RenderSpec) -> list[_Overlay]:
    """Each until the next one begins."""
    ends = [*spec.captions, (spec.seconds, "")]
    return [
        _Overlay(strip, "x=0:y=H-h", start, end)
        for (start, text), (end, _) in pairwise(ends)
        if (strip := caption(text, spec.size)) is not None
    ]


def _graph(spec: RenderSpec, overlays: list[_Overlay]) -> str:
    """Zoom from 1 to about 1.15, then the overlays one after the other."""
    size, frames = f"{spec.width}x{spec.height}", spec.frames
    colours = "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p"
    zoom = f"zoompan=z='1+0.15*on/{frames}':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2'"
    steps = [f"[0:v]{colours},{zoom}:d={frames}:s={size}:fps={spec.fps}[under0]"]
    for number, overlay in enumerate(overlays):
        fade = "" if overlay.start is None else f",fade=in:st={overlay.start}:d=0.75:alpha=1"
        steps.append(f"[{number + 1}:v]format=rgba{fade}[over{number}]")
        until = "" if overlay.end is None else f":enable='lt(t,{overlay.end})'"
        put = f"overlay={overlay.place}{until}:shortest=1"
        steps.append(f"[under{number}][over{number}]{put}[under{number + 1}]")
    return ";".join([*steps, f"[under{len(overlays)}]format=yuv420p,{COLOUR_TAGS}[out]"])
