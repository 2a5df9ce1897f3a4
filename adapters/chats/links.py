"""Our own links to videos, where people elsewhere can follow them."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.domain.messages import VideoFile

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost", None})


def outside_link(video: VideoFile) -> str | None:
    """The link to a video; None where only this machine could follow it."""
    return video.url if video.url and urlsplit(video.url).hostname not in _LOCAL else None
