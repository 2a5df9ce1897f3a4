"""The client for every profile that an operator may choose."""

from __future__ import annotations

from collections.abc import Callable

from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import profile_of
from adapters.providers.tasks.client import TaskVideos
from adapters.providers.tasks.registry import WIRES
from bot.ports import Clock, Leads, VideoProvider, alone

Speak = Callable[[str, str], VideoProvider]
"""A client for a base URL and a key."""


def speaker(profile: str, name: str, clock: Clock, leads: Leads = alone) -> Speak:
    """Who speaks a profile's dialect, for the catalogue's provider `name`.

    Raises `ConfigError` when there is no such profile.
    """
    wire = WIRES.get(profile)
    if wire:
        return lambda url, key: TaskVideos(wire, url, key, clock, name=name, leads=leads)
    known = profile_of(profile)
    return lambda url, key: OpenAIVideos(known, url, key, clock, name=name, leads=leads)
