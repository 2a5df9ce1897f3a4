"""Files that are seen whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import MediaFailed


@contextmanager
def unfinished(target: Path) -> Generator[Path]:
    """A path beside `target` to write to: moved there when the block ends well, else removed.

    Raises `MediaFailed` when nothing was written.
    """
    out = target.absolute().with_name(f".{secrets.token_hex(8)}{target.suffix}")
    try:
        yield out
        _put_in_place(out, target)
    finally:
        out.unlink(missing_ok=True)


def _put_in_place(out: Path, target: Path) -> None:
    # ffmpeg ends well when the clip had no picture at that place.
    if not out.is_file() or out.stat().st_size == 0:
        raise MediaFailed("no picture came out of the clip")
    out.replace(target)
