from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.order import (
    NORMAL_AGES,
    RELAXED_AGES,
    Caps,
    Lane,
    Standings,
    Waiter,
    in_order,
    level,
    may_start,
)

NOW = 1_000_000_000
MINUTE = 60_000
PEOPLE = ["w/1/ana", "w/1/ben", "w/2/cleo"]


def waiter(name: str, person: str = "ana", since: int = 0, due: int = NOW) -> Waiter:
    return Waiter(name, 1, person, NOW + since, due)


def started(waiting: list[Waiter], running: list[str], slots: int, caps: Caps) -> list[str]:
    return [one.job_id for one in may_start(waiting, running, slots, caps, NOW)]


def names(waiting: list[Waiter], *running: str) -> list[str]:
    return [one.job_id for one in in_order(waiting, running, NOW)]


# --- turns --------------------------------------------------------------------------------


def test_of_one_persons_jobs_the_first_goes_first() -> None:
    assert names([waiter("late", since=2), waiter("early", since=1)]) == ["early", "late"]


def test_people_take_turns_however_much_one_of_them_queues() -> None:
    line = [waiter(f"a{n}", "ana", n) for n in range(4)]
    line += [waiter("b0", "ben", 10), waiter("b1", "ben", 11), waiter("c0", "cleo", 12)]
    assert names(line) == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]


def test_who_has_less_running_goes_first() -> None:
    line = [waiter("a0", "ana", 1), waiter("b0", "ben", 2), waiter("c0", "cleo", 3)]
    assert names(line, "ana", "ana", "ben") == ["c0", "b0", "a0"]


def test_between_equal_turns_whoever_was_served_longest_ago_goes_first() -> None:
    line = [
        replace(waiter("a0", "ana", -90), served_at=NOW - 10),
        replace(waiter("b0", "ben", -80), served_at=NOW - 30),
        waiter("c0", "cleo", -20),
    ]
    assert names(line) == ["b0", "c0", "a0"]


def test_the_order_is_the_same_whoever_asks() -> None:
    line = [waiter(f"j{n}", PEOPLE[n % 3]) for n in range(9)]
    assert names(line) == names(line[::-1])


# --- lanes --------------------------------------------------------------------------------


def test_urgent_work_goes_before_normal_and_relaxed_work_last() -> None:
    line = [
        replace(waiter("r", "ana", -9), lane=Lane.RELAXED),
        waiter("n", "ben", -8),
        replace(waiter("u", "cleo", -7), lane=Lane.URGENT),
    ]
    assert names(line) == ["u", "n", "r"]


def test_relaxed_work_takes_a_slot_that_nobody_else_can_use() -> None:
    relaxed = replace(waiter("r", "ben"), lane=Lane.RELAXED)
    assert started([relaxed], [], 1, Caps()) == ["r"]
    capped = waiter("n", "ana")
    assert started([relaxed, capped], ["ana"], 2, Caps(person=1)) == ["r"]


def test_relaxed_work_counts_as_normal_from_its_off_peak_window_on() -> None:
    relaxed = replace(waiter("r", since=-10), lane=Lane.RELAXED, off_peak_at=NOW)
    assert level(relaxed, NOW - 1) == 2
    assert level(relaxed, NOW) == level(waiter("n"), NOW) == 1


def test_who_waited_long_counts_as_the_lane_before() -> None:
    normal = waiter("n")
    assert [level(normal, NOW + NORMAL_AGES + by) for by in (-1, 0)] == [1, 0]
    relaxed = replace(normal, lane=Lane.RELAXED)
    assert [level(relaxed, NOW + RELAXED_AGES + by) for by in (-1, 0)] == [2, 1]
    assert level(relaxed, NOW + RELAXED_AGES + NORMAL_AGES) == 0
    night = replace(relaxed, off_peak_at=NOW + RELAXED_AGES * 2)
    assert level(night, NOW + RELAXED_AGES) == 1


# --- who is passed over -------------------------------------------------------------------


def test_no_more_than_the_slots_run() -> None:
    line = [waiter(name, since=at) for at, name in enumerate("abc")]
    assert started(line, ["x"], 3, Caps()) == ["a", "b"]
    assert started(line, ["x", "y", "z"], 3, Caps()) == []


def test_a_person_at_their_cap_is_passed_over() -> None:
    line = [waiter("a1", "ana", 1), waiter("a2", "ana", 2), waiter("b1", "ben", 3)]
    assert started(line, [], 3, Caps(person=1)) == ["a1", "b1"]
    assert started(line, ["ana"], 3, Caps(person=1)) == ["b1"]


def test_each_workspace_has_a_cap_of_its_own() -> None:
    line = [waiter(name, f"web/one/{name}", at) for at, name in enumerate("abc")]
    line.append(waiter("d", "web/two/d", 9))
    assert started(line, ["web/one/x"], 9, Caps(workspace=2)) == ["a", "d"]


def test_what_is_not_due_comes_behind_by_its_time_and_what_is_held_back_last() -> None:
    held = replace(waiter("held", "ana", 1), held_back=True)
    line = [
        held,
        waiter("later", "ana", 2, NOW + 9),
        waiter("soon", "ben", 3, NOW + 5),
        waiter("next", "ana", 4),
    ]
    assert names(line) == ["next", "soon", "later", "held"]
    assert started(line, [], 4, Caps()) == ["next"]


waiters = st.builds(
    Waiter,
    st.uuids().map(str),
    st.just(1),
    st.sampled_from(PEOPLE),
    st.integers(NOW - 50, NOW),
    st.integers(NOW - 5, NOW + 5),
    st.booleans(),
    st.sampled_from(Lane),
    st.none() | st.integers(NOW - 5, NOW + 5),
    st.just(0) | st.integers(NOW - 50, NOW),
)
lines = st.lists(waiters, max_size=30)
runs = st.lists(st.sampled_from(PEOPLE), max_size=8)


@given(lines, runs, st.integers(1, 8), st.none() | st.integers(1, 4), st.none() | st.integers(1, 8))
def test_whoever_starts_breaks_no_limit_and_overtakes_nobody_without_reason(
    line: list[Waiter], running: list[str], slots: int, person: int | None, workspace: int | None
) -> None:
    chosen = may_start(line, running, slots, Caps(person, workspace), NOW)
    after = running + [one.person for one in chosen]
    if chosen:
        assert len(after) <= slots
    for where in {one.person[:3] for one in chosen}:
        assert workspace is None or sum(who[:3] == where for who in after) <= workspace
    assert all(one.due_at <= NOW and not one.held_back for one in chosen)
    for who in {one.person for one in chosen}:
        assert person is None or after.count(who) <= person
    ids = names(line, *running)
    assert [one.job_id for one in chosen] == sorted((c.job_id for c in chosen), key=ids.index)
    free = [one for one in line if one.due_at <= NOW and not one.held_back]
    if person is None and workspace is None:
        assert len(chosen) == max(0, min(slots - len(running), len(free)))


# --- places -------------------------------------------------------------------------------


@given(lines, runs)
def test_places_are_those_of_the_order_each_given_once(
    line: list[Waiter], running: list[str]
) -> None:
    standings = Standings(line, running, NOW)
    ordered = names(line, *running)
    assert [standings.place(name) for name in ordered] == list(range(1, len(line) + 1))
    assert [one.job_id for one in standings.in_turn()] == [
        name for name in ordered if standings.ready(name)
    ]


@given(lines, runs, st.integers(0, 30))
def test_who_joins_a_line_stands_where_they_would_had_it_been_read_anew(
    line: list[Waiter], running: list[str], number: int
) -> None:
    came = sorted(line, key=lambda one: (one.since, one.job_id))
    standings = Standings(came[:number], running, NOW)
    for one in came[number:]:
        standings.join(one)
    anew = Standings(line, running, NOW)
    assert [standings.place(one.job_id) for one in line] == [anew.place(one.job_id) for one in line]


@given(lines, runs, waiters)
def test_one_more_job_of_mine_moves_the_next_job_of_nobody_else_by_more_than_one_turn(
    line: list[Waiter], running: list[str], more: Waiter
) -> None:
    before, after = Standings(line, running, NOW), Standings([*line, more], running, NOW)
    for one in line:
        moved = after.place(one.job_id) - before.place(one.job_id)
        if one.person != more.person:
            assert 0 <= moved <= 1
    others = [one.job_id for one in line if one.person != more.person]
    assert sorted(others, key=before.place) == sorted(others, key=after.place)


# --- starving -----------------------------------------------------------------------------

RENDER = 10 * MINUTE


def served(arrivals: list[tuple[int, Waiter]], renders: int) -> list[tuple[int, Waiter]]:
    """(when, who) of each start at one slot; `arrivals` are by time."""
    waiting: list[Waiter] = []
    last: Counter[str] = Counter()
    starts: list[tuple[int, Waiter]] = []
    for step in range(renders):
        now = NOW + step * RENDER
        while arrivals and arrivals[0][0] <= step:
            waiting.append(replace(arrivals.pop(0)[1], since=now, due_at=now))
        seen = [replace(one, served_at=last[one.person]) for one in waiting]
        for one in may_start(seen, [], 1, Caps(), now):
            waiting = [other for other in waiting if other.job_id != one.job_id]
            last[one.person] = now + RENDER
            starts.append((now, one))
    return starts


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(Lane)), min_size=1, max_size=5))
def test_nobody_starves_though_new_people_bring_urgent_work_faster_than_it_is_done(
    victims: list[tuple[int, Lane]],
) -> None:
    flood = [
        (step, replace(waiter(f"f{step}.{n}", f"new {step}.{n}"), lane=Lane.URGENT))
        for step in range(200)
        for n in range(2)
    ]
    ours = [
        (step, replace(waiter(f"v{n}", f"victim {n}"), lane=lane))
        for n, (step, lane) in enumerate(victims)
    ]
    arrivals = sorted([*ours, *flood], key=lambda pair: pair[0])
    starts = {one.job_id: at for at, one in served(arrivals, 200)}
    for n, (step, _) in enumerate(victims):
        came = NOW + step * RENDER
        before_it = 2 * (step + 1) + len(victims)
        assert starts[f"v{n}"] <= came + RELAXED_AGES + NORMAL_AGES + before_it * RENDER


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 4), st.sampled_from(Lane), st.integers(1, 9)),
        min_size=1,
        max_size=12,
    )
)
def test_whoever_waits_is_served_again_and_again_whatever_the_others_do(
    bursts: list[tuple[int, int, Lane, int]],
) -> None:
    arrivals = [
        (step, replace(waiter(f"j{n}.{part}", f"p{person}"), lane=lane))
        for n, (step, person, lane, number) in enumerate(sorted(bursts))
        for part in range(number)
    ]
    number = len(arrivals)
    starts = served(arrivals, 61 + number)
    assert len(starts) == number
    bound = RELAXED_AGES + NORMAL_AGES + 5 * RENDER
    for person in {one.person for _, one in starts}:
        moments = [at for at, one in starts if one.person == person]
        for (at, one), before in zip(
            [pair for pair in starts if pair[1].person == person], [0, *moments], strict=False
        ):
            assert at - max(before, one.since) <= bound
