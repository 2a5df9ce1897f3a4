"""A family of videos as a tree: which of them are drawn, and where each of them stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

MOST_DRAWN = 60
"""Videos in one picture."""
MOST_LAYERS = 12
"""Videos below each other, so that names can still be read."""
MOST_PX, SCALE = 2400, 2.0
"""Px of the longer side of a picture; how much larger than laid out it is drawn at most."""
WIDE, HIGH, WORDS = 160, 90, 46
"""Of a frame, and of the words below it. All that follows is px of the layout, before scaling."""
GAP, DROP, GUTTER = 16, 40, 14
"""Between neighbours; from one row to the next, for the arrow; for the line beside wrapped rows."""


@dataclass(frozen=True, slots=True)
class Framed:
    """One video of a picture. `parent` is None for the one that all others go back to.

    `skipped` counts the videos between them that are not drawn. `still` is a local JPEG; without
    one, or where it cannot be read, the frame is empty. `state` stands in it while there is no
    video. `hidden`: not for whoever looks, so nothing is written to it.
    """

    id: str
    parent: str | None
    name: str = ""
    still: Path | None = None
    state: str = ""
    simulated: bool = False
    hidden: bool = False
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class FamilyChart:
    """Videos as `drawn` gives them, and words above and below; `note` may be empty."""

    title: str
    frames: tuple[Framed, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a frame has its upper left corner."""

    left: float
    top: float

    def moved(self, right: float, down: float) -> Spot:
        """The same, elsewhere."""
        return Spot(self.left + right, self.top + down)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands; `arrows` has the corners of the line to each child, by its id."""

    spots: Mapping[str, Spot]
    arrows: Mapping[str, tuple[Spot, ...]]
    wide: float
    high: float


def scale_of(wide: float, high: float) -> float:
    """How many px of a picture one px of a layout of that size is drawn as."""
    return min(SCALE, MOST_PX / wide, MOST_PX / high)


def drawn(frames: Sequence[Framed]) -> tuple[Framed, ...]:
    """The first and the newest of a family: no more than are drawn, and none too deep.

    `frames` are in the order of their making, the first one of the family at the beginning. Where
    some are left out between two of them, the younger one counts how many.
    """
    kept = _chosen(frames)
    by_id = {frame.id: frame for frame in frames}
    return tuple(_tied(frame, by_id, kept) for frame in frames if frame.id in kept)


def _chosen(frames: Sequence[Framed]) -> frozenset[str]:
    """The newest with all that they go back to, while there is room for these."""
    by_id = {frame.id: frame for frame in frames}
    kept = {frames[0].id}
    for frame in reversed(frames):
        line = set(_line_of(frame, by_id)) - kept
        if len(kept) + len(line) <= MOST_DRAWN:
            kept |= line
    return _shallow([frame for frame in frames if frame.id in kept])


def _line_of(frame: Framed, by_id: Mapping[str, Framed]) -> Iterator[str]:
    """A video and all that it goes back to."""
    parent: str | None = frame.id
    while parent is not None:
        yield parent
        parent = by_id[parent].parent


def _shallow(frames: Sequence[Framed]) -> frozenset[str]:
    """Without those below which there are too many layers already."""
    kept, below = {frames[0].id}, defaultdict[str | None, int](int)
    # The youngest first, for then all that goes back to a video is known when its turn comes.
    for frame in reversed(frames[1:]):
        layers = below[frame.id]
        if layers + 2 <= MOST_LAYERS:
            kept.add(frame.id)
            layers += 1
        below[frame.parent] = max(below[frame.parent], layers)
    return frozenset(kept)


def _tied(frame: Framed, by_id: Mapping[str, Framed], kept: frozenset[str]) -> Framed:
    """Hung under the nearest video that is drawn."""
    parent, skipped = frame.parent, 0
    while parent is not None and parent not in kept:
        parent, skipped = by_id[parent].parent, skipped + 1
    return replace(frame, parent=parent, skipped=skipped)


def walked(frames: Sequence[Framed]) -> Iterator[tuple[str, int]]:
    """The ids of a family, each above those that it is a parent of, and how deep they stand."""
    children = _children(frames)
    waiting = [(frames[0].id, 0)]
    while waiting:
        name, depth = waiting.pop()
        yield name, depth
        waiting += [(child, depth + 1) for child in reversed(children[name])]


def _children(frames: Sequence[Framed]) -> Mapping[str, Sequence[str]]:
    children: Mapping[str, list[str]] = {frame.id: [] for frame in frames}
    for frame in frames:
        if frame.parent is not None:
            children[frame.parent].append(frame.id)
    return children


def laid(frames: Sequence[Framed]) -> Layout:
    """Layers by depth, children below the middle of their parent; wide families take more rows.

    Of all ways to wrap it is the one that can be drawn largest; of such ones the flattest.
    """
    root, children = frames[0].id, _children(frames)
    columns = range(1, 1 + len(frames))
    ways = (_block(root, children, number * (WIDE + GAP)).layout() for number in columns)
    return max(ways, key=_worth)


def _worth(layout: Layout) -> tuple[float, float, float]:
    return (scale_of(layout.wide, layout.high), -layout.high, -layout.wide)


@dataclass(frozen=True, slots=True)
class _Block:
    """A video with all that goes back to it, as a box of its own; the video is at its top."""

    id: str
    spots: Mapping[str, Spot]
    arrows: Mapping[str, tuple[Spot, ...]]
    wide: float
    high: float

    def layout(self) -> Layout:
        return Layout(self.spots, self.arrows, self.wide, self.high)

    def moved(self, right: float, down: float) -> _Block:
        spots = {name: spot.moved(right, down) for name, spot in self.spots.items()}
        arrows = {
            name: tuple(spot.moved(right, down) for spot in line)
            for name, line in self.arrows.items()
        }
        return replace(self, spots=spots, arrows=arrows)


_OWN = HIGH + WORDS
"""What a frame takes with its words."""


def _block(name: str, children: Mapping[str, Sequence[str]], room: float) -> _Block:
    """A video above its children, in as many rows as `room` asks for."""
    below = [_block(child, children, room) for child in children[name]]
    rows = _rows(below, room)
    beside = GUTTER if len(rows) > 1 else 0
    wide = max([WIDE, *(beside + _width(row) for row in rows)])
    own = Spot((wide - WIDE) / 2, 0)
    spots, arrows, top = {name: own}, dict[str, tuple[Spot, ...]](), float(_OWN)
    for row in rows:
        placed = _placed(row, wide, beside, top + DROP)
        for block in placed:
            spots.update(block.spots)
            arrows.update(block.arrows)
            arrows[block.id] = _line(own, block.spots[block.id], top, first=row is rows[0])
        top += DROP + max(block.high for block in row)
    return _Block(name, spots, arrows, wide, top)


def _rows(blocks: Sequence[_Block], room: float) -> list[list[_Block]]:
    """As many side by side as there is room for, at least one."""
    rows: list[list[_Block]] = []
    for block in blocks:
        if rows and _width([*rows[-1], block]) <= room:
            rows[-1].append(block)
        else:
            rows.append([block])
    return rows


def _width(row: Sequence[_Block]) -> float:
    return sum(block.wide for block in row) + GAP * (len(row) - 1)


def _placed(row: Sequence[_Block], wide: float, beside: float, top: float) -> list[_Block]:
    """A row in the middle of what is `beside` the line on its left."""
    left = beside + (wide - beside - _width(row)) / 2
    placed: list[_Block] = []
    for block in row:
        placed.append(block.moved(left, top))
        left += block.wide + GAP
    return placed


def _line(parent: Spot, child: Spot, top: float, *, first: bool) -> tuple[Spot, ...]:
    """From the middle of a parent down to a child; past the rows before it, where there are some.

    `top` is where the rows before it end.
    """
    middle, target = parent.left + WIDE / 2, child.left + WIDE / 2
    start, turn = Spot(middle, parent.top + _OWN), top + DROP / 3
    end = (Spot(target, turn), Spot(target, child.top))
    if first:
        return (start, Spot(middle, turn), *end)
    high, left = start.top + DROP / 3, GUTTER / 2
    return (start, Spot(middle, high), Spot(left, high), Spot(left, turn), *end)
