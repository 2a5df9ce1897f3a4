"""Pictures as three grey planes (BT.709, limited range, 4:2:0), the form that a video encoder eats.

Everything is turned into planes once; a frame is then only a few masked pastes, which is what makes
192 frames of 720p take less than half a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from PIL import Image

from adapters.providers.simulator.pixels import curve
from adapters.providers.simulator.themes import RGB

_Y = (0.1826, 0.6142, 0.0620, 16.0)
_U = (-0.1006, -0.3386, 0.4392, 128.0)
_V = (0.4392, -0.3989, -0.0403, 128.0)

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture: full-size light, half-size colour differences. Sides are even."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    @classmethod
    def of(cls, rgb: Image.Image) -> Planes:
        """The planes of an RGB picture with even sides."""
        small = rgb.reduce(2)
        return cls(rgb.convert("L", _Y), small.convert("L", _U), small.convert("L", _V))

    @classmethod
    def plain(cls, colour: RGB, size: tuple[int, int]) -> Planes:
        """One colour."""
        return cls.of(Image.new("RGB", size, colour))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.y.size

    def copy(self) -> Planes:
        """A picture to draw on."""
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def draw(self, source: Planes, mask: Mask, at: tuple[int, int]) -> None:
        """Put `source` over this picture where `mask` is white; `at` may lie outside."""
        x, y = at
        self.y.paste(source.y, (x, y), mask.full)
        half = (x // 2, y // 2)
        self.u.paste(source.u, half, mask.half)
        self.v.paste(source.v, half, mask.half)

    def write_to(self, pipe: IO[bytes]) -> None:
        """One frame of raw ``yuv420p``."""
        pipe.writelines(plane.tobytes() for plane in (self.y, self.u, self.v))


@dataclass(frozen=True, slots=True)
class Mask:
    """Where a picture shows, at the sizes of both kinds of plane."""

    full: Image.Image
    half: Image.Image

    @classmethod
    def of(cls, grey: Image.Image) -> Mask:
        """A mask with even sides."""
        return cls(grey, grey.reduce(2))

    def window(self, left: int, width: int) -> Mask:
        """The part from `left`, `width` pixels wide."""
        high = self.full.height
        return Mask(
            self.full.crop((left, 0, left + width, high)),
            self.half.crop((left // 2, 0, left // 2 + width // 2, high // 2)),
        )

    def dimmed(self, part: float) -> Mask:
        """The same mask with only `part` (0 to 1) of its strength."""
        return Mask(curve(self.full, lambda v: v * part), curve(self.half, lambda v: v * part))


@dataclass(frozen=True, slots=True)
class Sprite:
    """A small picture with a shape."""

    planes: Planes
    mask: Mask

    @classmethod
    def of(cls, rgba: Image.Image) -> Sprite:
        """From a picture with transparency and even sides."""
        return cls(Planes.of(rgba.convert("RGB")), Mask.of(rgba.getchannel("A")))

    @classmethod
    def plain(cls, colour: RGB, grey: Image.Image) -> Sprite:
        """One colour in the shape of `grey`."""
        return cls(Planes.plain(colour, grey.size), Mask.of(grey))

    def draw_on(self, canvas: Planes, at: tuple[int, int]) -> None:
        """Put it with its upper left corner at `at`."""
        canvas.draw(self.planes, self.mask, at)


def even(value: float) -> int:
    """The nearest even number: planes of both sizes stay aligned."""
    return 2 * round(value / 2)
