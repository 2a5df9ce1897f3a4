"""The native APIs that the simulator speaks, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.providers.simulator.native.fal import Fal
from adapters.providers.simulator.native.front import Native
from adapters.providers.simulator.native.gemini import Gemini
from adapters.providers.simulator.native.higgsfield import Higgsfield
from adapters.providers.simulator.native.kling import Kling
from adapters.providers.simulator.native.krea import Krea
from adapters.providers.simulator.native.luma import Luma
from adapters.providers.simulator.native.openrouter import OpenRouter
from adapters.providers.simulator.native.replicate import Replicate
from adapters.providers.simulator.native.runway import Runway
from adapters.providers.simulator.native.xai import XAI

NATIVES: Mapping[str, type[Native]] = MappingProxyType(
    {
        "openrouter": OpenRouter,
        "runway": Runway,
        "kling": Kling,
        "luma": Luma,
        "gemini": Gemini,
        "replicate": Replicate,
        "xai": XAI,
        "fal": Fal,
        "higgsfield": Higgsfield,
        "krea": Krea,
    }
)
