"""The streams of an MP4: what its index says of pictures and sound."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.media.boxes import boxes, u32
from bot.errors import NotAVideo

_CONTAINERS = frozenset({b"mdia", b"minf", b"stbl"})


@dataclass(slots=True)
class Track:
    """One stream. `ticks` per second is its clock; `length` is in ticks.

    `kind` is ``vide`` or ``soun``; `last_byte` is a lower bound of the file's length.
    `sample_length` is the usual length of one sample in a file made of fragments.
    """

    kind: str = ""
    number: int = 0
    codec: str = ""
    width: int = 0
    height: int = 0
    turned: bool = False
    ticks: int = 0
    length: int = 0
    samples: int = 0
    key_frames: int | None = None
    audio_rate: int = 0
    last_byte: int = 0
    sample_length: int = 0

    @property
    def seconds(self) -> float:
        """Length in seconds; 0 when the file does not say."""
        return self.length / self.ticks if self.ticks else 0.0


def read_track(data: bytes, start: int, end: int) -> Track:
    """The track in the ``trak`` box at ``data[start:end]``."""
    track = Track()
    _read_into(track, data, start, end)
    return track


def _read_into(track: Track, data: bytes, start: int, end: int) -> None:
    for kind, inner, stop in boxes(data, start, end):
        if kind in _CONTAINERS:
            _read_into(track, data, inner, stop)
        elif reader := _LEAVES.get(kind):
            reader(track, data, inner)


def clock_of(data: bytes, at: int) -> tuple[int, int]:
    """Ticks per second and length in ticks, from a ``mvhd`` or ``mdhd`` box."""
    if data[at] == 1:
        return struct.unpack_from(">IQ", data, at + 20)
    return struct.unpack_from(">II", data, at + 12)


def _tkhd(track: Track, data: bytes, at: int) -> None:
    long = data[at] == 1
    track.number = u32(data, at + (20 if long else 12))
    a, _b, _u, _c, d = struct.unpack_from(">5i", data, at + (52 if long else 40))
    track.turned = a == 0 and d == 0


def _mdhd(track: Track, data: bytes, at: int) -> None:
    track.ticks, track.length = clock_of(data, at)


def _hdlr(track: Track, data: bytes, at: int) -> None:
    track.kind = data[at + 8 : at + 12].decode("latin-1")


def _stsd(track: Track, data: bytes, at: int) -> None:
    track.codec = data[at + 12 : at + 16].decode("latin-1")
    if track.kind == "vide":
        track.width, track.height = struct.unpack_from(">HH", data, at + 40)
    elif track.kind == "soun":
        track.audio_rate = u32(data, at + 40) >> 16


def _stsz(track: Track, data: bytes, at: int) -> None:
    track.samples = u32(data, at + 8)


def _stss(track: Track, data: bytes, at: int) -> None:
    track.key_frames = u32(data, at + 4)


def _stco(track: Track, data: bytes, at: int) -> None:
    _chunks(track, data, at, "I")


def _co64(track: Track, data: bytes, at: int) -> None:
    _chunks(track, data, at, "Q")


def _chunks(track: Track, data: bytes, at: int, form: str) -> None:
    """The furthest start of a chunk; a chunk holds at least one byte."""
    count = u32(data, at + 4)
    if count * struct.calcsize(form) > len(data):
        raise NotAVideo("the index of the file is damaged")
    starts: tuple[int, ...] = struct.unpack_from(f">{count}{form}", data, at + 8)
    track.last_byte = max(starts, default=-1) + 1


_LEAVES: dict[bytes, Callable[[Track, bytes, int], None]] = {
    b"tkhd": _tkhd,
    b"mdhd": _mdhd,
    b"hdlr": _hdlr,
    b"stsd": _stsd,
    b"stsz": _stsz,
    b"stz2": _stsz,
    b"stss": _stss,
    b"stco": _stco,
    b"co64": _co64,
}


# --- fragments: live-style MP4s keep their samples in many `moof` boxes -----------------------


def read_defaults(tracks: Sequence[Track], data: bytes, start: int, end: int) -> None:
    """Take over the usual sample lengths of an ``mvex`` box."""
    for kind, at, _ in boxes(data, start, end):
        if kind == b"trex" and (track := _numbered(tracks, u32(data, at + 4))):
            track.sample_length = u32(data, at + 12)


def read_fragment(tracks: Sequence[Track], data: bytes) -> None:
    """Add the samples of one ``moof`` box to their tracks."""
    for kind, start, end in boxes(data, 0, len(data)):
        if kind == b"traf":
            _read_run(tracks, data, start, end)


def _read_run(tracks: Sequence[Track], data: bytes, start: int, end: int) -> None:
    track, usual = None, 0
    for kind, at, _ in boxes(data, start, end):
        if kind == b"tfhd":
            track = _numbered(tracks, u32(data, at + 4))
            usual = _usual_length(data, at) or (track.sample_length if track else 0)
        elif kind == b"trun" and track:
            track.samples += u32(data, at + 4)
            track.length += _run_length(data, at, usual)


def _usual_length(data: bytes, at: int) -> int:
    """``default_sample_duration`` of a ``tfhd`` box; 0 when it has none."""
    flags = u32(data, at) & 0xFFFFFF
    skip = 8 * bool(flags & 1) + 4 * bool(flags & 2)
    return u32(data, at + 8 + skip) if flags & 8 else 0


def _run_length(data: bytes, at: int, usual: int) -> int:
    """Ticks of all samples in a ``trun`` box."""
    flags, count = u32(data, at) & 0xFFFFFF, u32(data, at + 4)
    if not flags & 0x100:
        return count * usual
    first = at + 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    step = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    if count * step > len(data):
        raise NotAVideo("the index of the file is damaged")
    return sum(u32(data, first + step * sample) for sample in range(count))


def _numbered(tracks: Sequence[Track], number: int) -> Track | None:
    return next((track for track in tracks if track.number == number), None)
