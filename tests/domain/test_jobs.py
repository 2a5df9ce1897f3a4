from bot.domain.jobs import HELD, LIVE, MOVES, TERMINAL, UNCOUNTED, UPSTREAM, JobState, can_move


def test_every_state_says_where_it_may_go() -> None:
    assert set(MOVES) == set(JobState)


def test_nothing_leaves_a_terminal_state() -> None:
    assert all(not MOVES[state] for state in TERMINAL)


def test_every_live_state_can_come_to_an_end() -> None:
    reached = set(TERMINAL)
    for _ in JobState:
        reached |= {state for state in JobState if MOVES[state] & reached}
    assert reached == set(JobState)


def test_only_a_verified_file_leads_to_done() -> None:
    assert [state for state in JobState if JobState.DELIVERING in MOVES[state]] == [
        JobState.FETCHING
    ]
    assert [state for state in JobState if JobState.DONE in MOVES[state]] == [JobState.DELIVERING]


def test_a_create_is_sent_from_the_line_only() -> None:
    assert [state for state in JobState if JobState.SUBMITTING in MOVES[state]] == [
        JobState.WAITING
    ]


def test_credits_are_held_exactly_while_a_job_can_still_fail() -> None:
    can_fail = {state for state in LIVE if MOVES[state] & UNCOUNTED}
    assert can_fail == set(HELD)


def test_what_is_upstream_is_also_held() -> None:
    assert UPSTREAM < HELD


def test_staying_is_always_possible() -> None:
    assert all(can_move(state, state) for state in JobState)
    assert not can_move(JobState.DONE, JobState.WAITING)
