from hypothesis import given
from hypothesis import strategies as st

from bot.domain import usage

moments = st.integers(0, 5 * usage.DAY)


@given(times=st.lists(moments, max_size=9), since=moments)
def test_slots_until_the_first_whole_day_and_days_from_there_on_are_all_there_is(
    times: list[int], since: int
) -> None:
    start = usage.slot_of(since)
    day = usage.first_day(start)
    in_slots = [at for at in times if start <= usage.slot_of(at) < day]
    in_days = [at for at in times if usage.day_of(at) >= day]
    assert sorted(in_slots + in_days) == sorted(at for at in times if usage.slot_of(at) >= start)
    assert day - start < usage.DAY
