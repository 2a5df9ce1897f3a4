"""A model, and a backend, with a place for all that there is besides words."""

from dataclasses import replace

from bot.ports import Capabilities
from tests.fakes.core import catalogue

SORA, PRO = catalogue().models[:2]
RICH = replace(
    SORA,
    takes_last=True,
    references=2,
    sound=True,
    switches_sound=True,
    switched_prices=tuple((size, 6) for size in SORA.sizes),
)
ABLE = Capabilities(takes_last=True, references=3, switches_sound=True)
