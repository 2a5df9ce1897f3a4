"""The landscape: everything is drawn once, then each frame is put together from parts."""

from __future__ import annotations

from adapters.providers.simulator.drapes import aurora_layers, cloud_layer
from adapters.providers.simulator.lettering import caption, tag
from adapters.providers.simulator.planes import Planes, Sprite, even
from adapters.providers.simulator.sky import backdrop
from adapters.providers.simulator.spec import RenderSpec
from adapters.providers.simulator.subjects import subject_of
from adapters.providers.simulator.swarm import Swarm
from adapters.providers.simulator.terrain import ground_layers
from adapters.providers.simulator.themes import Theme, mix, remixed, theme_of

_FADE_S = 0.75


def look_of(spec: RenderSpec) -> Theme:
    """The theme after the whole chain of remixes."""
    root, *later = spec.prompts
    theme = theme_of(root, f"{root} {spec.take}")
    for prompt in later:
        theme = remixed(theme, prompt, prompt)
    return theme


class Scene:
    """All frames of one clip."""

    def __init__(self, spec: RenderSpec) -> None:
        theme = look_of(spec)
        ground_seed = f"{spec.prompts[0]} {spec.take}"
        self._spec = spec
        self._backdrop = Planes.of(backdrop(theme, spec.size, ground_seed))
        self._far = aurora_layers(spec.size, ground_seed) if theme.aurora else []
        if theme.clouds:
            self._far.append(cloud_layer(theme, spec.size, ground_seed))
        self._ground = ground_layers(theme, spec.size, ground_seed)
        self._subject = subject_of(" ".join(reversed(spec.prompts)), spec.size, theme.sky[2])
        self._swarm = Swarm(theme, spec.size, f"{spec.prompts[-1]} {spec.take}")
        self._words = Words(spec, theme)

    def frame(self, number: int) -> Planes:
        """The picture with that number, from 0."""
        seconds = number / self._spec.fps
        canvas = self._backdrop.copy()
        for layer in self._far:
            layer.draw_on(canvas, seconds)
        for depth, layer in enumerate(self._ground):
            if self._subject and self._subject.depth == depth:
                self._subject.draw_on(canvas, seconds)
            layer.draw_on(canvas, seconds)
        self._swarm.draw_on(canvas, seconds)
        self._words.draw_on(canvas, number)
        return canvas


class Words:
    """Tag, caption and the bar at the lower edge whose length tells the time.

    The bar of frame `n` is ``width * n / frames`` pixels long and 1/120 of the height high.
    """

    def __init__(self, spec: RenderSpec, theme: Theme) -> None:
        self._spec = spec
        width, height = spec.size
        self._tag = Sprite.of(tag(spec.size))
        self._captions = [
            (at, Sprite.of(strip))
            for at, text in spec.captions
            if (strip := caption(text, spec.size)) is not None
        ]
        bar_size = (width, bar_height(height))
        self._track = Planes.plain((34, 34, 40), bar_size)
        self._bar = Planes.plain(mix(theme.sun, (255, 255, 255), 0.5), bar_size)

    def draw_on(self, canvas: Planes, number: int) -> None:
        """Put all words on frame `number`."""
        seconds = number / self._spec.fps
        width, height = self._spec.size
        margin = even(min(width, height) / 40)
        self._tag.draw_on(canvas, (margin, margin))
        self._draw_caption(canvas, seconds)
        top = height - self._bar.size[1]
        _fill_left(canvas, self._track, top, width)
        _fill_left(canvas, self._bar, top, even(width * number / self._spec.frames))

    def _draw_caption(self, canvas: Planes, seconds: float) -> None:
        shown = [(at, strip) for at, strip in self._captions if at <= seconds]
        if not shown:
            return
        at, strip = shown[-1]
        part = min(1.0, (seconds - at) / _FADE_S)
        mask = strip.mask if part == 1 else strip.mask.dimmed(part)
        canvas.draw(strip.planes, mask, (0, canvas.size[1] - strip.planes.size[1]))


def bar_height(height: int) -> int:
    """Pixels; even."""
    return max(2, even(height / 120))


def _fill_left(canvas: Planes, source: Planes, top: int, width: int) -> None:
    """Put the left `width` pixels of `source` at the left edge."""
    high = source.size[1]
    if width:
        canvas.y.paste(source.y.crop((0, 0, width, high)), (0, top))
        half = (0, 0, width // 2, high // 2)
        canvas.u.paste(source.u.crop(half), (0, top // 2))
        canvas.v.paste(source.v.crop(half), (0, top // 2))
