"""Which videos of a family are drawn, and where."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.trees import (
    HIGH,
    MOST_DRAWN,
    MOST_LAYERS,
    MOST_PX,
    WIDE,
    WORDS,
    Framed,
    Layout,
    drawn,
    laid,
    scale_of,
    walked,
)

LEAST_SCALE = 0.6
"""Letters of 18 px are then 11 px high: as small as can be read in a picture of 2400."""


def family(*parents: int) -> tuple[Framed, ...]:
    """The first video, then one for each number: that of the video it is made of."""
    return (Framed("0", None), *(Framed(str(n), str(of)) for n, of in enumerate(parents, start=1)))


families = st.integers(1, 90).flatmap(
    lambda number: st.tuples(*(st.integers(0, n) for n in range(number)))
)


def middle(layout: Layout, name: int) -> float:
    return layout.spots[str(name)].left + WIDE / 2


def test_one_alone_has_no_arrow() -> None:
    layout = laid(family())
    assert (layout.wide, layout.high) == (WIDE, HIGH + WORDS)
    assert not layout.arrows


def test_children_stand_in_a_row_below_the_middle_of_their_parent() -> None:
    layout = laid(family(0, 0, 0))
    assert len({layout.spots[name].top for name in "123"}) == 1
    assert layout.spots["1"].top > layout.spots["0"].top + HIGH + WORDS
    assert middle(layout, 2) == middle(layout, 0)
    assert middle(layout, 0) - middle(layout, 1) == middle(layout, 3) - middle(layout, 0)


def test_each_generation_is_a_layer() -> None:
    layout = laid(family(0, 0, 1, 2, 3))
    tops = [layout.spots[str(n)].top for n in range(6)]
    assert tops[1] == tops[2] < tops[3] == tops[4] < tops[5]


def test_a_wide_family_takes_more_rows() -> None:
    layout = laid(family(*[0] * 59))
    rows = {layout.spots[str(n)].top for n in range(1, 60)}
    assert 5 <= len(rows) <= 12
    assert scale_of(layout.wide, layout.high) >= 1


@given(families)
def test_nothing_lies_on_anything_else_and_all_can_be_read(parents: tuple[int, ...]) -> None:
    layout = laid(drawn(family(*parents)))
    scale = scale_of(layout.wide, layout.high)
    assert scale >= LEAST_SCALE
    assert max(layout.wide, layout.high) * scale <= MOST_PX + 1e-6
    spots = list(layout.spots.values())
    for spot in spots:
        assert 0 <= spot.left <= layout.wide - WIDE
        assert 0 <= spot.top <= layout.high - HIGH - WORDS
    for one, other in combinations(spots, 2):
        beside = abs(one.left - other.left) >= WIDE
        assert beside or abs(one.top - other.top) >= HIGH + WORDS


@given(families)
def test_no_arrow_goes_through_a_video(parents: tuple[int, ...]) -> None:
    layout = laid(drawn(family(*parents)))
    for line in layout.arrows.values():
        for start, end in pairwise(line):
            assert start.left == end.left or start.top == end.top
            for spot in layout.spots.values():
                left, right = sorted((start.left, end.left))
                top, bottom = sorted((start.top, end.top))
                apart = right <= spot.left or left >= spot.left + WIDE
                assert apart or bottom <= spot.top or top >= spot.top + HIGH + WORDS


@given(families)
def test_every_arrow_goes_from_a_parent_to_its_child(parents: tuple[int, ...]) -> None:
    frames = drawn(family(*parents))
    layout = laid(frames)
    for frame in frames[1:]:
        start, *_, end = layout.arrows[frame.id]
        assert start.left == middle(layout, int(frame.parent or 0))
        assert (end.left, end.top) == (middle(layout, int(frame.id)), layout.spots[frame.id].top)


@given(families)
def test_no_more_and_none_deeper_than_can_be_drawn(parents: tuple[int, ...]) -> None:
    frames = drawn(family(*parents))
    assert frames[0] == Framed("0", None)
    assert len(frames) <= MOST_DRAWN
    assert max(depth for _, depth in walked(frames)) < MOST_LAYERS
    known = {frame.id for frame in frames}
    assert all(frame.parent in known for frame in frames[1:])


def test_a_small_family_is_drawn_whole() -> None:
    frames = family(0, 0, 1, 1, 2, 5)
    assert drawn(frames) == frames


def test_of_a_large_family_the_newest_are_drawn_with_what_they_go_back_to() -> None:
    frames = drawn(family(*([0] * 100), 1))
    names = {frame.id for frame in frames}
    assert {"0", "1", "101", "100", "99"} <= names
    assert "2" not in names
    assert len(frames) == MOST_DRAWN
    assert not any(frame.skipped for frame in frames)


def test_of_a_long_chain_the_middle_is_a_number() -> None:
    frames = drawn(family(*range(40)))
    first, second, *others = frames
    assert len(frames) == MOST_LAYERS
    assert (second.parent, second.skipped) == (first.id, 40 - (MOST_LAYERS - 1))
    assert [frame.skipped for frame in others] == [0] * (MOST_LAYERS - 2)


@pytest.mark.parametrize(
    "parents,steps",
    [
        ((), [("0", 0)]),
        ((0, 0, 1, 2, 1), [("0", 0), ("1", 1), ("3", 2), ("5", 2), ("2", 1), ("4", 2)]),
    ],
)
def test_a_family_is_walked_branch_by_branch(
    parents: tuple[int, ...], steps: list[tuple[str, int]]
) -> None:
    assert list(walked(family(*parents))) == steps
