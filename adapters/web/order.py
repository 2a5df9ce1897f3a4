"""What the form is set to: always something the catalogue can sell."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.commands.grammar import SOUND
from bot.domain.catalogue import Catalogue, Model
from bot.domain.later import lane_of
from bot.domain.people import OFF, ON
from bot.domain.videos import Size
from bot.errors import Unpriced


@dataclass(frozen=True, slots=True)
class Order:
    """Choices besides the prompt and the picture."""

    model: Model
    size: Size
    seconds: int
    count: int = 1
    when: str = "now"
    preset: str = ""
    """A style by name, or none; empty: as the channel has it."""
    sound: str = ""
    """``on`` or ``off``, for models that can do both."""

    def price(self, catalogue: Catalogue) -> int | None:
        """Credits for all of it; None when the catalogue does not say."""
        try:
            one = self.model.price(self.size, self.seconds, self._heard)
        except Unpriced:
            return None
        return catalogue.reduced(one, lane_of(self.when)) * self.count

    def with_model(self, model: Model) -> Order:
        """The same with another model, as far as that can do it."""
        size = self.size if self.size in model.sizes else model.default_size
        seconds = self.seconds if self.seconds in model.seconds else model.default_seconds
        sound = (self.sound or (ON if model.sound else OFF)) if model.switches_sound else ""
        return replace(self, model=model, size=size, seconds=seconds, sound=sound)

    @property
    def _heard(self) -> bool | None:
        return self.sound == ON if self.sound else None

    def args(self, prompt: str) -> dict[str, str]:
        """Arguments of ``create``."""
        style = {"preset": self.preset} if self.preset else {}
        sound = {SOUND: self.sound} if self.sound else {}
        return {
            **style,
            **sound,
            "prompt": prompt,
            "model": self.model.name,
            "size": str(self.size),
            "seconds": str(self.seconds),
            "count": str(self.count),
            "when": self.when,
        }


def usual(catalogue: Catalogue) -> Order | None:
    """What the form starts with; None when nothing is on sale."""
    if not catalogue.models:
        return None
    model = catalogue.default
    return Order(model, model.default_size, model.default_seconds).with_model(model)
