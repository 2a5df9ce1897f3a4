"""The boxes that an MP4 is made of (ISO/IEC 14496-12): a length, a four-letter kind, a content."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from bot.errors import NotAVideo, TruncatedVideo

FIRST = (b"ftyp", b"styp")
"""What an MP4 may begin with."""
_SHORT = 8
_LONG = 16

Box = tuple[bytes, int, int]
"""Kind, where the content starts, where it ends."""


def file_boxes(file: BinaryIO, size: int) -> Iterator[Box]:
    """The outermost boxes of a file of `size` bytes.

    Raises `NotAVideo` at once for anything that is not an MP4, and `TruncatedVideo` as soon as a
    box promises more than there is.
    """
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(_LONG)
        if at == 0 and head[4:8] not in FIRST:
            raise NotAVideo("the file does not begin like an MP4")
        kind, inner, length = _head(head, size - at)
        if length < inner:
            raise NotAVideo("a box is smaller than its own head")
        if length > size - at:
            raise TruncatedVideo(f"{size - at} of {length} bytes of a part are there")
        yield kind, at + inner, at + length
        at += length


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes within ``data[start:end]``; raises `NotAVideo` when they do not fit in."""
    while start + _SHORT <= end:
        kind, inner, length = _head(data[start : start + _LONG], end - start)
        if length < inner or length > end - start:
            raise NotAVideo("the index of the file is damaged")
        yield kind, start + inner, start + length
        start += length


def u32(data: bytes, at: int) -> int:
    """The big-endian 32-bit number at `at`."""
    return struct.unpack_from(">I", data, at)[0]


def _head(head: bytes, left: int) -> tuple[bytes, int, int]:
    """Kind, length of the head, length of the box. 1 means a 64-bit length, 0 all that is left."""
    if len(head) < _SHORT:
        raise TruncatedVideo("the file ends inside a box head")
    length, kind = struct.unpack_from(">I4s", head)
    if length == 1 and len(head) == _LONG:
        return kind, _LONG, struct.unpack_from(">Q", head, _SHORT)[0]
    return kind, _SHORT, length or left
