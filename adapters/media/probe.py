"""Reads the facts of an MP4 from its boxes, in less than a millisecond.

No ffprobe comes with the pip-installed ffmpeg, and ffmpeg itself must not see a file before it is
known to be an MP4: it would happily follow a playlist.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from adapters.media.boxes import boxes, file_boxes
from adapters.media.tracks import Track, clock_of, read_defaults, read_fragment, read_track
from bot.errors import MediaFailed, NotAVideo, TruncatedVideo
from bot.ports import MediaInfo

_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""Kind of the ``uuid`` box that carries content credentials (C2PA 2.2, BMFF embedding)."""
_CODEC_NAMES = {
    "avc1": "h264",
    "avc3": "h264",
    "hvc1": "hevc",
    "hev1": "hevc",
    "av01": "av1",
    "vp09": "vp9",
    "mp4v": "mpeg4",
}
"""What codecs are usually called, by their four letters in the file."""
_MAX_INDEX = 64 * 1024**2


@dataclass(slots=True)
class Mp4:
    """All that the walker found. `length` is in `ticks` (per second) of the movie's own clock."""

    brand: str = ""
    ticks: int = 0
    length: int = 0
    faststart: bool = False
    has_c2pa: bool = False
    tracks: list[Track] = field(default_factory=list[Track])

    @property
    def video(self) -> Track:
        """The first picture track; raises `NotAVideo` when there is none."""
        for track in self.tracks:
            if track.kind == "vide":
                return track
        raise NotAVideo("the file has no picture track")

    @property
    def audio(self) -> Track | None:
        """The first sound track."""
        return next((track for track in self.tracks if track.kind == "soun"), None)

    @property
    def seconds(self) -> float:
        """Length of the pictures in seconds; 0 when the file does not say."""
        return self.video.seconds or (self.length / self.ticks if self.ticks else 0.0)

    @property
    def fps(self) -> float:
        """Pictures per second on average; 0 when the length is unknown."""
        return self.video.samples / self.seconds if self.seconds else 0.0


def probe_file(path: Path) -> MediaInfo:
    """Facts of the MP4 at `path`, after a few blocking reads.

    Raises `NotAVideo` or `TruncatedVideo`, and `MediaFailed` when the file cannot be read.
    """
    try:
        movie = read_mp4(path)
    except OSError as error:
        raise MediaFailed(f"the clip cannot be read: {error.strerror}") from error
    video = movie.video
    wide, high = (video.height, video.width) if video.turned else (video.width, video.height)
    duration_ms = round(movie.seconds * 1000)
    if not (wide and high and video.samples and duration_ms):
        raise NotAVideo("the picture track is empty")
    return MediaInfo(
        width=wide,
        height=high,
        duration_ms=duration_ms,
        frames=video.samples,
        has_audio=movie.audio is not None,
        video_codec=_CODEC_NAMES.get(video.codec, video.codec),
        faststart=movie.faststart,
        has_c2pa=movie.has_c2pa,
    )


def read_mp4(path: Path) -> Mp4:
    """Walk all boxes of the file; raises `NotAVideo` or `TruncatedVideo`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        movie = _walk(file, size)
    if any(track.last_byte > size for track in movie.tracks):
        raise TruncatedVideo("pictures lie beyond the end of the file")
    return movie


def _walk(file: BinaryIO, size: int) -> Mp4:
    movie = Mp4()
    seen: set[bytes] = set()
    for kind, start, end in file_boxes(file, size):
        if kind == b"ftyp":
            movie.brand = _read(file, start, start + 4).decode("latin-1")
        elif kind == b"uuid":
            movie.has_c2pa |= _read(file, start, start + 16) == _C2PA
        elif kind in {b"moov", b"moof"}:
            movie.faststart |= kind == b"moov" and b"mdat" not in seen
            _read_index(movie, kind, _read(file, start, end))
        seen.add(kind)
    if b"moov" not in seen:
        raise (TruncatedVideo if b"mdat" in seen else NotAVideo)("the file has no index")
    return movie


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    if end - start > _MAX_INDEX:
        raise NotAVideo("the index of the file is absurdly large")
    file.seek(start)
    return file.read(end - start)


def _read_index(movie: Mp4, kind: bytes, data: bytes) -> None:
    try:
        if kind == b"moov":
            _read_moov(movie, data)
        else:
            read_fragment(movie.tracks, data)
    except (struct.error, IndexError) as error:
        raise NotAVideo("the index of the file is damaged") from error


def _read_moov(movie: Mp4, data: bytes) -> None:
    for kind, start, end in boxes(data, 0, len(data)):
        if kind == b"mvhd":
            movie.ticks, movie.length = clock_of(data, start)
        elif kind == b"trak":
            movie.tracks.append(read_track(data, start, end))
        elif kind == b"mvex":
            read_defaults(movie.tracks, data, start, end)
