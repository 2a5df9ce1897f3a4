"""The wires of all providers with task APIs, by the name of their profile."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.providers.tasks.fal import Fal
from adapters.providers.tasks.gemini import Gemini
from adapters.providers.tasks.higgsfield import Higgsfield
from adapters.providers.tasks.kling import Kling
from adapters.providers.tasks.krea import Krea
from adapters.providers.tasks.luma import Luma
from adapters.providers.tasks.openrouter import OpenRouter
from adapters.providers.tasks.replicate import Replicate
from adapters.providers.tasks.runway import Runway
from adapters.providers.tasks.wire import Wire
from adapters.providers.tasks.xai import XAI

WIRES: Mapping[str, Wire] = MappingProxyType(
    {
        wire.name: wire
        for wire in (
            OpenRouter(),
            Runway(),
            Kling(),
            Luma(),
            Gemini(),
            Replicate(),
            XAI(),
            Fal(),
            Higgsfield(),
            Krea(),
        )
    }
)
