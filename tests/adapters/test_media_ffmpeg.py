"""Starting ffmpeg: where it is found, how it is kept in bounds, how it ends."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from adapters.media.ffmpeg import Ffmpeg, find_ffmpeg, guarded, mp4_input
from adapters.media.process import Finished, Limits, run_process
from bot.errors import MediaFailed
from tests.payloads.clips import gone, processes_with, seen

ENDLESS = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30", "-f", "null")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


# --- finding it -------------------------------------------------------------------------------


def test_the_named_program_wins_over_the_installed_one() -> None:
    assert find_ffmpeg("true").endswith("/true")


def test_the_environment_can_name_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_PATH", "true")
    assert find_ffmpeg().endswith("/true")


def test_without_a_name_the_one_from_pip_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FFMPEG_PATH", raising=False)
    assert "ffmpeg" in Path(find_ffmpeg()).name


def test_a_named_program_that_does_not_exist_is_a_clear_error() -> None:
    with pytest.raises(MediaFailed, match="no ffmpeg at /nowhere/ffmpeg"):
        find_ffmpeg("/nowhere/ffmpeg")


async def test_the_build_tells_its_version_filters_and_encoders() -> None:
    tool = Ffmpeg()
    known = await tool.abilities()
    assert known.version != "unknown"
    assert {"scale", "zoompan", "overlay", "tile"} <= known.filters
    assert {"libx264", "aac", "libwebp", "mjpeg"} <= known.encoders
    assert await tool.abilities() is known


async def test_a_program_that_is_not_ffmpeg_fails_its_listing() -> None:
    with pytest.raises(MediaFailed, match="does not run"):
        await Ffmpeg("false").abilities()


# --- running it -------------------------------------------------------------------------------


async def test_a_run_makes_its_file_and_reports_progress(tmp_path: Path) -> None:
    parts: list[float] = []
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=2"]
    await Ffmpeg().run(
        [*source, "out.mp4"], cwd=tmp_path, timeout_s=20, expect_s=2, on_progress=parts.append
    )
    assert (tmp_path / "out.mp4").stat().st_size > 1000
    assert parts == sorted(parts)
    assert 0.8 <= parts[-1] <= 1.0


async def test_progress_is_a_part_of_the_expected_length(tmp_path: Path) -> None:
    parts: list[float] = []
    tool = tmp_path / "fake-ffmpeg"
    times = ("N/A", "500000", "1000000", "9000000")
    tool.write_text("#!/bin/sh\n" + "".join(f"echo out_time_us={time}\n" for time in times))
    tool.chmod(0o755)
    await Ffmpeg(str(tool)).run(
        [], cwd=tmp_path, timeout_s=20, expect_s=2, on_progress=parts.append
    )
    assert parts == [0.25, 0.5, 1.0]


async def test_a_failing_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(MediaFailed, match=r"nothing\.mp4"):
        await Ffmpeg().run(["-i", "nothing.mp4", "out.mp4"], cwd=tmp_path, timeout_s=20)


def test_every_input_is_kept_from_the_network() -> None:
    args = guarded(["-f", "mov", "-i", "a.mp4", "-i", "b.png", "out.mp4"])
    assert args.count("-protocol_whitelist") == 2
    assert args[args.index("b.png") - 3 : args.index("b.png")] == [
        "-protocol_whitelist",
        "file,pipe",
        "-i",
    ]


async def test_a_playlist_with_the_name_of_a_clip_is_not_followed(tmp_path: Path) -> None:
    calls: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append((await reader.readline()).decode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        trap = tmp_path / "trap.mp4"
        trap.write_text(f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n")
        for source in (mp4_input(trap), ["-i", str(trap)], ["-i", f"http://127.0.0.1:{port}/"]):
            with pytest.raises(MediaFailed):
                await Ffmpeg().run([*source, "out.mp4"], cwd=tmp_path, timeout_s=20)
    assert calls == []


async def test_no_more_run_at_once_than_there_are_slots(tmp_path: Path) -> None:
    log, tool = tmp_path / "log", tmp_path / "slow-ffmpeg"
    tool.write_text(f"#!/bin/sh\necho start >> {log}\nsleep 0.1\necho end >> {log}\n")
    tool.chmod(0o755)
    one = Ffmpeg(str(tool), slots=1)
    await asyncio.gather(*(one.run([], cwd=tmp_path, timeout_s=20) for _ in range(3)))
    assert log.read_text().split() == ["start", "end"] * 3


# --- ending it --------------------------------------------------------------------------------


@LINUX
async def test_a_cancelled_run_leaves_no_process(tmp_path: Path) -> None:
    marker = str(tmp_path / "cancelled")
    work = asyncio.create_task(Ffmpeg().run([*ENDLESS, marker], cwd=tmp_path, timeout_s=60))
    assert await seen(marker)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await gone(marker)


@LINUX
async def test_a_run_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    marker = str(tmp_path / "late")
    with pytest.raises(MediaFailed, match=r"longer than 0\.3 s"):
        await Ffmpeg().run([*ENDLESS, marker], cwd=tmp_path, timeout_s=0.3)
    assert await gone(marker)


@LINUX
async def test_what_a_child_started_goes_with_it(tmp_path: Path) -> None:
    marker = f"86399.{os.getpid()}1"
    argv = ["sh", "-c", f"sleep {marker} & sleep {marker}"]
    work = asyncio.create_task(run_process(argv, cwd=tmp_path, timeout_s=60))
    assert await seen(marker)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await gone(marker)


@LINUX
async def test_a_child_that_is_not_wanted_before_it_has_begun_takes_along_what_it_started(
    tmp_path: Path,
) -> None:
    marker = f"86399.{os.getpid()}4"
    argv = ["sh", "-c", f"sleep {marker} & sleep {marker}"]
    work = asyncio.create_task(run_process(argv, cwd=tmp_path, timeout_s=60))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    # The loop stands still meanwhile: to it, the child has not begun.
    while len(processes_with(marker)) < 3:
        pass
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await gone(marker)


@LINUX
async def test_a_child_that_crashes_takes_along_what_it_started(tmp_path: Path) -> None:
    marker = f"86399.{os.getpid()}2"
    argv = ["sh", "-c", f"sleep {marker} >/dev/null 2>&1 & exit 3"]
    assert (await run_process(argv, cwd=tmp_path, timeout_s=60)).code == 3
    assert await gone(marker)


@LINUX
async def test_a_file_beyond_the_limit_ends_the_run(tmp_path: Path) -> None:
    # Two pictures a second, 345,600 bytes each: a child may begin before it is limited.
    source = ["-re", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=2:d=4"]
    raw = [*source, "-f", "rawvideo", "out.yuv"]
    with pytest.raises(MediaFailed):
        await Ffmpeg().run(raw, cwd=tmp_path, timeout_s=20, limits=Limits(file=1_000_000))
    assert (tmp_path / "out.yuv").stat().st_size <= 1_000_000


async def test_a_talkative_child_is_not_blocked_and_its_last_words_are_kept(tmp_path: Path) -> None:
    talk = "import sys; sys.stderr.write('x' * 1_000_000 + 'the end'); sys.exit(4)"
    ended = await run_process([sys.executable, "-c", talk], cwd=tmp_path, timeout_s=20)
    assert ended.code == 4
    assert len(ended.stderr) <= 4096
    assert ended.stderr.endswith("the end")


async def test_lines_of_a_child_arrive_one_by_one(tmp_path: Path) -> None:
    lines: list[str] = []
    argv = ["printf", "one\\ntwo\\n"]
    ended = await run_process(argv, cwd=tmp_path, timeout_s=20, on_line=lines.append)
    assert (ended, lines) == (Finished(0, ""), ["one", "two"])


async def test_a_program_that_cannot_be_started_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MediaFailed, match="cannot be started"):
        await run_process(["/nowhere/at/all"], cwd=tmp_path, timeout_s=20)
