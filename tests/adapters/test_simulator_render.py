"""Whole clips from the rendering process, and what happens when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image, ImageChops, ImageStat

from adapters.media.ffmpeg import Ffmpeg, find_ffmpeg
from adapters.media.probe import probe_file, read_mp4
from adapters.providers.simulator.clips import Clips
from adapters.providers.simulator.pixels import curve
from adapters.providers.simulator.render import render
from adapters.providers.simulator.spec import RenderSpec
from bot.errors import MediaFailed
from tests.payloads.clips import ffmpeg, gone, seen
from tests.payloads.simulated import picture

KITE = RenderSpec(("a red kite over dunes",), ((0, "a red kite"),), 640, 360, seconds=4, fps=4)
FROM_IMAGE = replace(KITE, prompts=("it comes alive",), width=1280, height=720)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@cache
def rendered(spec: RenderSpec) -> bytes:
    """A clip, made in this process."""
    with TemporaryDirectory() as folder:
        if spec.image:
            (Path(folder) / "start.png").write_bytes(picture())
            spec = replace(spec, image=str(Path(folder) / "start.png"))
        out = Path(folder) / "out.mp4"
        render(spec, out, find_ffmpeg())
        return out.read_bytes()


def frame(spec: RenderSpec, folder: Path, seconds: float) -> Image.Image:
    """The picture at that time."""
    clip, still = folder / "clip.mp4", folder / "still.png"
    clip.write_bytes(rendered(spec))
    ffmpeg("-ss", str(seconds), "-i", str(clip), "-frames:v", "1", "-update", "1", str(still))
    with Image.open(still) as shown:
        return shown.convert("RGB")


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def test_a_clip_is_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(rendered(KITE))
    info = probe_file(tmp_path / "clip.mp4")
    assert (info.width, info.height, info.frames, info.duration_ms) == (640, 360, 16, 4000)
    movie = read_mp4(tmp_path / "clip.mp4")
    assert movie.audio is not None
    assert movie.audio.audio_rate == 48000
    assert movie.audio.seconds == pytest.approx(4, abs=0.1)
    assert movie.faststart


def test_a_clip_says_in_its_tags_that_it_is_simulated() -> None:
    assert b"Simulated render" in rendered(KITE)
    assert b"a red kite" not in rendered(KITE)


def test_the_same_spec_gives_the_same_bytes(tmp_path: Path) -> None:
    render(KITE, tmp_path / "again.mp4", find_ffmpeg())
    assert (tmp_path / "again.mp4").read_bytes() == rendered(KITE)


def test_a_remix_looks_like_its_parent_in_another_light(tmp_path: Path) -> None:
    """The hills of a remix follow those of its parent, and not those of a stranger."""
    day = RenderSpec(("green hills in the valley",), (), 640, 360, seconds=4, fps=4)
    night = replace(day, prompts=(*day.prompts, "at night"))
    stranger = replace(day, prompts=("starry night over hills",))
    edges = [_edges(frame(spec, tmp_path, 1.0)) for spec in (day, night, stranger)]
    assert distance(edges[0], edges[1]) < 0.6 * distance(edges[0], edges[2])
    assert distance(frame(day, tmp_path, 1.0), frame(night, tmp_path, 1.0)) > 25


def _edges(shown: Image.Image) -> Image.Image:
    """Where the light changes from row to row: the ridge lines of the ground."""
    ground = shown.convert("L").crop((0, 180, 640, 350))
    lower = ImageChops.offset(ground, 0, 3)
    lines = curve(ImageChops.difference(ground, lower), lambda v: 0 if v < 6 else 255)
    return Image.merge("RGB", (lines, lines, lines))


def test_a_clip_from_an_image_begins_with_the_image_and_then_moves(tmp_path: Path) -> None:
    spec = replace(FROM_IMAGE, image="given")
    (tmp_path / "given.png").write_bytes(picture())
    with Image.open(tmp_path / "given.png") as shown:
        given = shown.convert("RGB")
    assert distance(frame(spec, tmp_path, 0), given) < 4
    assert distance(frame(spec, tmp_path, 3.5), given) > 4
    (tmp_path / "clip.mp4").write_bytes(rendered(spec))
    assert probe_file(tmp_path / "clip.mp4").frames == 16


def test_a_remix_of_such_a_clip_keeps_the_image_in_another_light(tmp_path: Path) -> None:
    spec = replace(FROM_IMAGE, image="given")
    remix = replace(spec, prompts=(*spec.prompts, "at night"))
    before, after = frame(spec, tmp_path, 0), frame(remix, tmp_path, 0)
    assert ImageStat.Stat(after).sum[0] < 0.8 * ImageStat.Stat(before).sum[0]


def test_an_encoder_that_fails_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        render(KITE, tmp_path / "out.mp4", "false")


# --- the process ------------------------------------------------------------------------------


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    made = Clips(tmp_path / "clips", Ffmpeg())
    made.open()
    return made


async def test_a_clip_is_rendered_once_however_many_ask(clips: Clips) -> None:
    first, second = await asyncio.gather(clips.video(KITE), clips.video(KITE))
    assert first == second
    written = first.stat().st_mtime_ns
    assert (await clips.video(KITE)).stat().st_mtime_ns == written


async def test_a_renderer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    clips = Clips(tmp_path / "clips", Ffmpeg("false"))
    clips.open()
    with pytest.raises(MediaFailed, match="the renderer ended with 1"):
        await clips.video(KITE)
    assert [path.name for path in (tmp_path / "clips").iterdir()] == ["work"]
    assert not clips.has(KITE)


@LINUX
async def test_a_cancelled_render_leaves_neither_process_nor_file(
    clips: Clips, tmp_path: Path
) -> None:
    long = replace(KITE, seconds=120, fps=24)
    work = asyncio.create_task(clips.video(long))
    assert await seen(f"{tmp_path}/clips/work")
    await asyncio.sleep(0.4)  # until ffmpeg, its child, runs too
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await gone(f"{tmp_path}/clips/work")
    assert list((tmp_path / "clips" / "work").iterdir()) == []


@LINUX
async def test_a_renderer_whose_server_was_killed_ends_by_itself(tmp_path: Path) -> None:
    order, out = tmp_path / "spec.json", tmp_path / "out.mp4"
    order.write_text(replace(FROM_IMAGE, seconds=120, fps=24).to_json())
    command = [sys.executable, "-m", "adapters.providers.simulator.render"]
    line = " ".join([*command, str(order), str(out), find_ffmpeg(), "$$"])
    server = await asyncio.create_subprocess_shell(f"{line} & wait")
    assert await seen(f"file:{out}")
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()
    assert await gone(str(out))


async def test_old_clips_that_nobody_can_ask_for_make_room(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.providers.simulator.clips._KEPT", 2)
    folder = tmp_path / "clips"
    for age, name in enumerate("abcd"):
        (folder / f"{name}.mp4").write_bytes(b"")
        (folder / f"{name}.webp").write_bytes(b"")
        os.utime(folder / f"{name}.mp4", (1000 + age, 1000 + age))
    kept, unused = clips.keep_image(picture()), folder / "unused.png"
    unused.write_bytes(b"")
    clips.prune({"a"}, {kept})
    assert sorted(path.name for path in folder.glob("*.*")) == sorted(
        ["a.mp4", "a.webp", "d.mp4", "d.webp", kept]
    )
