"""What a reply in the thread of a video does."""

from __future__ import annotations

from enum import StrEnum


class ThreadMode(StrEnum):
    """Chosen for a channel and its threads."""

    MENTION = "mention"
    """Whoever mentions the bot remixes; other replies are none of its business."""
    THREAD = "thread"
    """Whoever replies is asked, in private, before anything is spent."""
    OFF = "off"
    """Replies remix nothing."""
