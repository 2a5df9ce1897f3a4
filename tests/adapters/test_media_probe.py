"""The box walker against real clips, other files, and files that are damaged on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.media.probe import probe_file, read_mp4
from bot.errors import MediaError, MediaFailed, NotAVideo, TruncatedVideo
from bot.ports import MediaInfo
from tests.payloads.clips import (
    box,
    clip,
    ffmpeg,
    fragmented_clip,
    silent_clip,
    sound_only,
)

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
REUSED_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "some.mp4"
    path.write_bytes(data)
    return path


def test_an_ordinary_clip_tells_all_its_facts(tmp_path: Path) -> None:
    assert probe_file(_file(tmp_path, clip())) == MediaInfo(
        width=64,
        height=36,
        duration_ms=2000,
        frames=20,
        has_audio=True,
        video_codec="h264",
        faststart=True,
        has_c2pa=False,
    )


def test_a_clip_without_sound_and_with_its_index_at_the_end_is_told_apart(tmp_path: Path) -> None:
    info = probe_file(_file(tmp_path, silent_clip()))
    assert (info.has_audio, info.faststart) == (False, False)


def test_the_walker_knows_rates_and_codecs_of_both_streams(tmp_path: Path) -> None:
    movie = read_mp4(_file(tmp_path, clip()))
    assert movie.fps == 10
    assert movie.video.key_frames == 1
    assert movie.audio is not None
    assert (movie.audio.codec, movie.audio.audio_rate) == ("mp4a", 48000)


def test_pictures_in_fragments_are_counted_too(tmp_path: Path) -> None:
    info = probe_file(_file(tmp_path, fragmented_clip()))
    assert (info.frames, info.has_audio) == (20, True)
    # The first picture is shown a little longer, until the sound is ready.
    assert info.duration_ms == pytest.approx(2000, abs=30)


def test_a_clip_turned_on_its_side_has_its_sides_swapped(tmp_path: Path) -> None:
    source, turned = _file(tmp_path, clip()), tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", str(source), "-c", "copy", str(turned))
    info = probe_file(turned)
    assert (info.width, info.height) == (36, 64)


def test_content_credentials_are_noticed(tmp_path: Path) -> None:
    data = clip()
    end = int.from_bytes(data[:4])
    marked = data[:end] + box(b"uuid", C2PA + b"manifest") + data[end:]
    assert probe_file(_file(tmp_path, marked)).has_c2pa


def test_another_uuid_box_is_no_content_credential(tmp_path: Path) -> None:
    assert not probe_file(_file(tmp_path, clip() + box(b"uuid", bytes(20)))).has_c2pa


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"<!doctype html><title>502 Bad Gateway</title>",
        b'{"error": {"message": "nope"}}',
        b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/secret\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\x1aE\xdf\xa3" + bytes(60),
        box(b"ftyp", b"isom" + bytes(4)),
        box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", b""),
        box(b"ftyp", b"isom" + bytes(4)) + (4).to_bytes(4) + b"free",
    ],
    ids=[
        "empty",
        "one byte",
        "web page",
        "json",
        "playlist",
        "concat script",
        "webm",
        "only a head",
        "an empty index",
        "a box too small",
    ],
)
def test_what_is_no_mp4_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotAVideo):
        probe_file(_file(tmp_path, data))


def test_a_file_with_sound_alone_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(NotAVideo, match="picture"):
        probe_file(_file(tmp_path, sound_only()))


def test_an_absurdly_large_index_is_not_read(tmp_path: Path) -> None:
    path = _file(tmp_path, box(b"ftyp", b"isom") + (1).to_bytes(4) + b"moov")
    with path.open("ab") as file:
        file.write((200 * 1024**2).to_bytes(8))
        file.truncate(200 * 1024**2 + file.tell())
    with pytest.raises(NotAVideo, match="absurdly"):
        probe_file(path)


def test_a_file_that_is_not_there_is_a_failure_of_the_tool(tmp_path: Path) -> None:
    with pytest.raises(MediaFailed, match="cannot be read"):
        probe_file(tmp_path / "nothing.mp4")


@pytest.mark.parametrize("data", [clip(), silent_clip()], ids=["index first", "index last"])
def test_a_clip_that_ends_early_is_never_taken_for_whole(data: bytes, tmp_path: Path) -> None:
    for end in range(0, len(data) - 1, 97):
        with pytest.raises((NotAVideo, TruncatedVideo)):
            probe_file(_file(tmp_path, data[:end]))


def test_a_clip_cut_in_the_middle_is_called_truncated(tmp_path: Path) -> None:
    with pytest.raises(TruncatedVideo):
        probe_file(_file(tmp_path, clip()[: len(clip()) // 2]))


def test_an_index_that_points_beyond_the_file_is_called_truncated(tmp_path: Path) -> None:
    data = clip()
    body = data.index(b"mdat") - 4
    with pytest.raises(TruncatedVideo, match="beyond"):
        probe_file(_file(tmp_path, data[:body] + box(b"mdat", b"")))


@REUSED_FOLDER
@given(st.binary(max_size=300))
def test_no_bytes_upset_the_walker(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(MediaError):
        probe_file(_file(tmp_path, data))


@REUSED_FOLDER
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=8))
def test_flipped_bytes_in_the_index_give_facts_or_an_error_of_ours(
    tmp_path: Path, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(clip())
    for place, value in flips:
        data[place] = value
    try:
        info = probe_file(_file(tmp_path, bytes(data)))
    except MediaError:
        return
    assert info.frames > 0
    assert info.duration_ms > 0
