"""Who may lead, and until when whoever leads may go on without asking."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.leases import Lease, acts_until, look_after, renew_after, taken

LENGTHS = st.integers(1_000, 60_000)
MOMENTS = st.integers(0, 2**41)


def test_a_lease_that_runs_is_for_nobody_else() -> None:
    lease = Lease("ana", 3, 1_000)
    assert taken(lease, "ben", 999, 500) is None
    assert taken(lease, "ben", 1_000, 500) == Lease("ben", 4, 1_500)
    assert taken(None, "ben", 7, 500) == Lease("ben", 1, 507)


@given(LENGTHS, MOMENTS, st.integers(0, 10_000), st.integers(0, 2**41))
def test_a_holder_stops_before_anybody_else_can_begin(
    length: int, asked_at: int, way: int, ahead: int
) -> None:
    """However long the question was on its way, and whatever the database's clock shows."""
    lease = taken(None, "ana", ahead + asked_at + way, length)
    assert lease
    begins = lease.until_at - ahead
    assert taken(lease, "ben", ahead + begins - 1, length) is None
    assert begins - acts_until(asked_at, length) >= length // 5


@given(LENGTHS)
def test_two_renewals_may_be_lost(length: int) -> None:
    assert 2 * renew_after(length) < acts_until(0, length)
    assert 0 < look_after(length) <= 500
