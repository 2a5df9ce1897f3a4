"""Attachments as Discord describes them; see `adapters.chats.pictures`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import discord
from discord.http import Route

from adapters.chats.pictures import Attached, Files, Get, copied
from bot.domain.messages import Upload

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps attachments."""


def seen(attachment: discord.Attachment) -> Attached:
    """One that the library has read."""
    kind = attachment.content_type or ""
    return Attached(attachment.url, attachment.filename, kind, attachment.size)


def told(raw: Mapping[str, Any]) -> Attached:
    """One as it is in a payload, or in a note of ours."""
    kind = str(raw.get("content_type") or "")
    return Attached(str(raw["url"]), str(raw["filename"]), kind, int(raw["size"]))


async def taken(attached: Attached, files: Files, get: Get) -> Upload:
    """The picture in our store; raises `InvalidInput` when it cannot be a first frame."""
    return await copied(attached, files, get, HOSTS | {urlsplit(Route.BASE).hostname})
