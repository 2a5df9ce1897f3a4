"""Edits keep to what a chat takes, and the last word is always said."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pace import WINDOW, Edit, Urgency, edit_at
from bot.ports import PlaceLimits

NOW = 1_790_000_000_000
MINUTE = 60_000
CHAT = PlaceLimits(upload_bytes=1, edit_pace=5_000, channel_pace=1_000, edit_window=55 * MINUTE)

times = st.integers(NOW - 100 * MINUTE, NOW + MINUTE)
edits = st.builds(
    Edit,
    st.sampled_from(Urgency),
    times,
    st.none() | times,
    st.integers(1, 500),
)
paces = st.builds(
    PlaceLimits,
    st.just(1),
    st.integers(0, MINUTE),
    st.integers(0, MINUTE),
    st.none() | st.integers(0, 60 * MINUTE),
)


def an_edit(urgency: Urgency, ago: int | None = 1_000, cards: int = 1, age: int = MINUTE) -> Edit:
    return Edit(urgency, NOW - age, None if ago is None else NOW - ago, cards)


@pytest.mark.parametrize(
    "edit, wait",
    [
        (an_edit(Urgency.LAST_WORD), 0),
        (an_edit(Urgency.LAST_WORD, age=99 * MINUTE), 0),
        (an_edit(Urgency.CHANGE), 4_000),
        (an_edit(Urgency.CHANGE, cards=40), 4_000),
        (an_edit(Urgency.CHANGE, ago=5_000), 0),
        (an_edit(Urgency.CHANGE, age=55 * MINUTE), None),
        (an_edit(Urgency.PROGRESS), 4_000),
        (an_edit(Urgency.PROGRESS, cards=5), 4_000),
        (an_edit(Urgency.PROGRESS, cards=12), 11_000),
        (an_edit(Urgency.PROGRESS, ago=12_000, cards=12), 0),
        (an_edit(Urgency.PROGRESS, ago=None, cards=12), 0),
        (an_edit(Urgency.PROGRESS, age=55 * MINUTE - 1), 4_000),
        (an_edit(Urgency.PROGRESS, age=55 * MINUTE), None),
        # The clock was set back.
        (an_edit(Urgency.PROGRESS, ago=-MINUTE), 5_000),
    ],
)
def test_an_edit_waits_as_long_as_its_chat_needs(edit: Edit, wait: int | None) -> None:
    assert edit_at(edit, CHAT, NOW) == (None if wait is None else NOW + wait)


@given(edits, paces)
def test_the_last_word_is_said_at_once(edit: Edit, pace: PlaceLimits) -> None:
    if edit.urgency is Urgency.LAST_WORD:
        assert edit_at(edit, pace, NOW) == NOW


@given(edits, paces)
def test_no_edit_is_early_or_waits_longer_than_the_whole_pace(
    edit: Edit, pace: PlaceLimits
) -> None:
    at = edit_at(edit, pace, NOW)
    longest = max(pace.edit_pace, edit.cards * pace.channel_pace)
    if at is not None:
        assert NOW <= at <= NOW + longest
        if edit.urgency is not Urgency.LAST_WORD and edit.edited_at is not None:
            assert at >= min(edit.edited_at, NOW) + pace.edit_pace or at == NOW + pace.edit_pace


@given(edits, paces)
def test_only_old_messages_are_left(edit: Edit, pace: PlaceLimits) -> None:
    if edit_at(edit, pace, NOW) is None:
        assert pace.edit_window is not None
        assert NOW - edit.posted_at >= pace.edit_window


@given(st.integers(1, 60), st.integers(0, 3_000))
def test_a_channel_full_of_cards_keeps_to_its_budget(cards: int, channel_pace: int) -> None:
    pace = PlaceLimits(1, 250, channel_pace)
    edits = [Edit(Urgency.PROGRESS, NOW, NOW, cards)] * cards
    sent, end = 0, NOW + 5 * MINUTE
    for now in range(NOW, end, 500):
        for card, edit in enumerate(edits):
            if edit_at(edit, pace, now) == now:
                edits[card] = replace(edit, edited_at=now)
                sent += 1
    assert sent * channel_pace <= end - NOW


# --- a workspace that counts edits --------------------------------------------------------

BUSY = PlaceLimits(1, edit_pace=3_000, workspace_pace=1_500, workspace_edits=50)


def used(number: int, over: int = 50_000) -> tuple[int, ...]:
    """When edits were made, evenly over the last so many ms."""
    return tuple(NOW - over + over * n // number for n in range(number))


def counted(urgency: Urgency, edits: Sequence[int], **more: int) -> Edit:
    return Edit(urgency, NOW - MINUTE, NOW - MINUTE, 1, edits=edits, **more)


@pytest.mark.parametrize(
    "edit, wait",
    [
        (counted(Urgency.PROGRESS, ()), 0),
        (counted(Urgency.PROGRESS, used(39)), 217),
        (counted(Urgency.PROGRESS, used(39, 59_000)), 0),
        (counted(Urgency.PROGRESS, used(40)), 10_000),
        (counted(Urgency.PROGRESS, used(42)), 10_000 + 2 * 50_000 // 42),
        (counted(Urgency.PROGRESS, (NOW - 1_000,)), 500),
        (counted(Urgency.CHANGE, (NOW - 1_000,)), 0),
        (counted(Urgency.CHANGE, used(44)), 0),
        (counted(Urgency.CHANGE, used(45)), 10_000),
        (counted(Urgency.LAST_WORD, used(50)), 0),
        (counted(Urgency.CHANGE, (), worth_from=NOW + 7_000), 7_000),
        (counted(Urgency.CHANGE, (), worth_from=NOW - 7_000), 0),
        (counted(Urgency.LAST_WORD, (), worth_from=NOW + 7_000), 0),
        (counted(Urgency.PROGRESS, (), workspace_cards=40), 0),
        (counted(Urgency.PROGRESS, (), workspace_cards=41), 1_500),
        (counted(Urgency.CHANGE, (), workspace_cards=99), 0),
        # The clock was set back.
        (counted(Urgency.PROGRESS, [NOW + 99 * MINUTE] * 40), 60_000),
    ],
)
def test_an_edit_leaves_the_rest_of_the_budget_to_more_urgent_ones(edit: Edit, wait: int) -> None:
    assert edit_at(edit, BUSY, NOW) == NOW + wait


wishes = st.lists(
    st.tuples(st.integers(0, 5_000), st.sampled_from(Urgency), st.integers(0, 9)),
    min_size=30,
    max_size=300,
)


@given(wishes, st.integers(1, 60), st.integers(0, 2_000))
def test_whatever_is_wished_no_minute_has_more_than_the_budget_of_edits_that_can_wait(
    wishes: list[tuple[int, Urgency, int]], budget: int, pace: int
) -> None:
    limits = PlaceLimits(1, 0, workspace_pace=pace, workspace_edits=budget)
    now, made, can_wait = NOW, list[int](), list[tuple[int, Urgency]]()
    shown = dict[int, int]()
    for gap, urgency, card in wishes:
        now += gap // 4
        edit = Edit(urgency, NOW, shown.get(card), 1, 10, tuple(made))
        if edit_at(edit, limits, now) != now:
            continue
        made.append(now)
        shown[card] = now
        if urgency is not Urgency.LAST_WORD:
            can_wait.append((now, urgency))
    for end, urgency in can_wait:
        share = 80 if urgency is Urgency.PROGRESS else 90
        most = max(1, -(-budget * share // 100))
        assert sum(end - WINDOW < at <= end for at, _ in can_wait) <= most <= budget


@given(st.lists(st.integers(0, WINDOW), max_size=70), st.sampled_from(Urgency))
def test_an_edit_that_waits_for_the_budget_may_go_when_it_was_told_and_not_before(
    ago: list[int], urgency: Urgency
) -> None:
    edit = counted(urgency, sorted(NOW - ms for ms in ago))
    at = edit_at(edit, BUSY, NOW)
    assert at is not None
    assert edit_at(edit, BUSY, at) == at
    if at > NOW:
        before = edit_at(edit, BUSY, at - 1)
        assert before is not None
        assert before >= at
