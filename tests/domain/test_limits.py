from hypothesis import given
from hypothesis import strategies as st

from bot.domain.limits import Caps, Waiter, in_order, may_start

NOW = 1_000_000


def waiter(name: str, person: str = "ana", at: int = 0, due: int = NOW) -> Waiter:
    return Waiter(name, 1, person, at, due)


def started(waiting: list[Waiter], running: list[str], slots: int, caps: Caps) -> list[str]:
    return [one.job_id for one in may_start(waiting, running, slots, caps, NOW)]


def test_first_come_first_served() -> None:
    line = [waiter("late", at=2), waiter("early", at=1)]
    assert started(line, [], 1, Caps()) == ["early"]
    assert [one.job_id for one in in_order(line)] == ["early", "late"]


def test_no_more_than_the_slots_run() -> None:
    line = [waiter(name, at=at) for at, name in enumerate("abc")]
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


def test_a_job_that_is_not_due_is_passed_over_but_keeps_its_place() -> None:
    line = [waiter("retrying", at=1, due=NOW + 1), waiter("next", at=2)]
    assert started(line, [], 2, Caps()) == ["next"]
    assert in_order(line)[0].job_id == "retrying"


waiters = st.lists(
    st.builds(
        Waiter,
        st.uuids().map(str),
        st.just(1),
        st.sampled_from(["w/1/ana", "w/1/ben", "w/2/cleo"]),
        st.integers(0, 50),
        st.integers(NOW - 5, NOW + 5),
    ),
    max_size=30,
)


@given(
    waiters, st.lists(st.sampled_from(["w/1/ana", "w/2/cleo"]), max_size=8), st.integers(1, 8),
    st.none() | st.integers(1, 4), st.none() | st.integers(1, 8),
)  # fmt: skip
def test_whoever_starts_breaks_no_limit_and_overtakes_nobody_without_reason(
    line: list[Waiter], running: list[str], slots: int, person: int | None, workspace: int | None
) -> None:
    chosen = may_start(line, running, slots, Caps(person, workspace), NOW)
    after = running + [one.person for one in chosen]
    if chosen:
        assert len(after) <= slots
    for where in {one.person[:3] for one in chosen}:
        assert workspace is None or sum(who[:3] == where for who in after) <= workspace
    assert all(one.due_at <= NOW for one in chosen)
    for who in {one.person for one in chosen}:
        assert person is None or after.count(who) <= person
    ids = [one.job_id for one in in_order(line)]
    assert [one.job_id for one in chosen] == sorted((c.job_id for c in chosen), key=ids.index)


def test_what_an_admin_holds_back_is_passed_over() -> None:
    held = Waiter("held", 1, "ana", 1, NOW, held_back=True)
    assert started([held, waiter("free", at=2)], [], 1, Caps()) == ["free"]
    assert started([held], [], 1, Caps()) == []
