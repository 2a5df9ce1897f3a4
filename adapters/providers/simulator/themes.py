"""What a prompt looks like here: colours, ground and air, chosen by its words."""

from __future__ import annotations

import colorsys
import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum

RGB = tuple[int, int, int]


class Ground(StrEnum):
    """What the parallax layers are made of."""

    HILLS = "hills"
    PEAKS = "peaks"
    TREES = "trees"
    DUNES = "dunes"
    WAVES = "waves"
    SKYLINE = "skyline"


class Air(StrEnum):
    """What moves in front."""

    DUST = "dust"
    EMBERS = "embers"
    FIREFLIES = "fireflies"
    GLITTER = "glitter"
    RAIN = "rain"
    SNOW = "snow"


@dataclass(frozen=True, slots=True)
class Theme:
    """A look. `sky` is top, middle, horizon; `far` and `near` colour the ground.

    `sun_height` is a part of the sky's height (0 at the horizon); `sun_size` of the picture's
    shorter side. Warm words have more `priority` than places, so "ocean at sunset" is a sunset
    over waves.
    """

    name: str
    words: frozenset[str]
    sky: tuple[RGB, RGB, RGB]
    sun: RGB
    far: RGB
    near: RGB
    ground: Ground
    air: Air
    sun_height: float = 0.35
    sun_size: float = 0.09
    stars: bool = False
    clouds: float = 0.0
    aurora: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


THEMES = (
    Theme(
        "sunset",
        _words("sunset sunrise dusk dawn golden evening autumn fall fire warm orange sundown"),
        ((52, 34, 92), (214, 92, 88), (255, 190, 112)),
        (255, 236, 186),
        (196, 98, 100),
        (38, 20, 48),
        Ground.HILLS,
        Air.EMBERS,
        sun_height=0.14,
        sun_size=0.13,
        clouds=0.5,
    ),
    Theme(
        "night",
        _words("night midnight moon moonlit moonlight star stars starry dark galaxy space cosmos"),
        ((6, 9, 30), (18, 32, 74), (66, 84, 138)),
        (240, 242, 255),
        (44, 58, 104),
        (8, 11, 26),
        Ground.PEAKS,
        Air.FIREFLIES,
        sun_height=0.62,
        sun_size=0.065,
        stars=True,
    ),
    Theme(
        "day",
        _words("day morning noon sunny summer spring meadow field grass hill hills kite valley"),
        ((58, 132, 214), (128, 188, 236), (226, 240, 244)),
        (255, 252, 226),
        (134, 178, 172),
        (46, 104, 58),
        Ground.HILLS,
        Air.DUST,
        sun_height=0.68,
        sun_size=0.07,
        clouds=0.9,
    ),
    Theme(
        "forest",
        _words("forest forests woods wood tree trees jungle pine pines fox deer bear wolf moss"),
        ((112, 162, 172), (172, 204, 188), (236, 240, 214)),
        (255, 250, 220),
        (138, 172, 148),
        (18, 50, 40),
        Ground.TREES,
        Air.FIREFLIES,
        sun_height=0.4,
        sun_size=0.08,
    ),
    Theme(
        "ocean",
        _words("ocean sea wave waves water beach boat ship sail lake river island whale fish surf"),
        ((42, 104, 176), (120, 182, 218), (238, 232, 214)),
        (255, 248, 220),
        (92, 164, 190),
        (8, 54, 92),
        Ground.WAVES,
        Air.GLITTER,
        sun_height=0.3,
        sun_size=0.085,
        clouds=0.6,
    ),
    Theme(
        "desert",
        _words("desert dune dunes sand sahara camel canyon mars arid mesa"),
        ((86, 128, 190), (226, 182, 142), (255, 222, 168)),
        (255, 246, 214),
        (226, 162, 106),
        (120, 58, 36),
        Ground.DUNES,
        Air.DUST,
        sun_height=0.5,
        sun_size=0.09,
    ),
    Theme(
        "snow",
        _words(
            "snow snowy winter ice icy frozen arctic glacier blizzard alpine mountain mountains"
        ),
        ((118, 148, 186), (186, 206, 226), (240, 244, 250)),
        (255, 255, 250),
        (176, 194, 218),
        (84, 106, 142),
        Ground.PEAKS,
        Air.SNOW,
        sun_height=0.5,
        sun_size=0.07,
    ),
    Theme(
        "aurora",
        _words("aurora borealis northern lights polar fjord iceland magic magical dream dreamy"),
        ((4, 10, 32), (10, 40, 66), (28, 92, 104)),
        (220, 240, 255),
        (20, 60, 84),
        (4, 14, 26),
        Ground.PEAKS,
        Air.SNOW,
        sun_height=0.8,
        sun_size=0.03,
        stars=True,
        aurora=True,
    ),
    Theme(
        "neon",
        _words(
            "neon city cyberpunk street tokyo skyline urban downtown robot future futuristic car"
        ),
        ((16, 8, 42), (82, 22, 104), (240, 84, 148)),
        (255, 214, 226),
        (96, 38, 122),
        (12, 8, 30),
        Ground.SKYLINE,
        Air.RAIN,
        sun_height=0.3,
        sun_size=0.15,
    ),
    Theme(
        "storm",
        _words("storm stormy rain rainy thunder cloudy fog foggy mist misty grey gray gloomy"),
        ((50, 62, 80), (104, 118, 134), (178, 186, 190)),
        (226, 230, 232),
        (112, 126, 138),
        (26, 36, 46),
        Ground.HILLS,
        Air.RAIN,
        sun_height=0.5,
        sun_size=0.05,
        clouds=1.0,
    ),
)

_MOODS = ("night", "sunset", "aurora", "storm", "snow", "neon")
"""Looks that say more of colours than of the ground; they win the colours."""
_PLACES = ("ocean", "desert", "forest", "neon", "snow", "day")
"""Looks that say more of the ground."""
_BY_NAME = {theme.name: theme for theme in THEMES}


def words_of(prompt: str) -> list[str]:
    """Lower-case words of the beginning of a prompt; whole words, so "clearing" is not "clear"."""
    return re.findall(r"[a-z]+", prompt[:2000].lower())


def theme_of(prompt: str, seed: str) -> Theme:
    """The look of a prompt; without any known word, one picked by `seed`.

    Colours and ground may come from two words: "ocean at sunset".
    """
    colours, ground = _named(prompt, _MOODS), _named(prompt, _PLACES)
    if colours and ground:
        return replace(colours, ground=ground.ground, air=_air_over(colours, ground))
    return colours or ground or THEMES[_hashed(f"theme {seed}") % len(THEMES)]


def remixed(root: Theme, prompt: str, seed: str) -> Theme:
    """The ground of `root` in the colours of `prompt`: a remix resembles what it came from."""
    colours = _named(prompt, _MOODS) or _named(prompt, _PLACES)
    if colours is None:
        return _tinted(root, seed)
    return replace(colours, ground=root.ground, air=_air_over(colours, root))


def _named(prompt: str, names: tuple[str, ...]) -> Theme | None:
    """The look among `names` that the most words of the prompt point to; the first of equals."""
    words = words_of(prompt)
    found = {name: sum(word in _BY_NAME[name].words for word in words) for name in names}
    best = max(names, key=lambda name: found[name])
    return _BY_NAME[best] if found[best] else None


def _air_over(colours: Theme, place: Theme) -> Air:
    return Air.GLITTER if place.ground is Ground.WAVES and not colours.aurora else colours.air


def _tinted(theme: Theme, seed: str) -> Theme:
    """The same look with all colours pulled toward one hue."""
    hue = _hashed(f"tint {seed}") % 360 / 360
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.75, 0.85)
    tint = (round(red * 255), round(green * 255), round(blue * 255))

    def pull(colour: RGB) -> RGB:
        return mix(colour, tint, 0.3)

    top, middle, horizon = theme.sky
    return replace(
        theme,
        sky=(pull(top), pull(middle), mix(horizon, tint, 0.15)),
        far=pull(theme.far),
        near=mix(theme.near, tint, 0.15),
    )


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


def mix(one: RGB, other: RGB, part: float) -> RGB:
    """`one` with `part` (0 to 1) of `other` in it."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue
