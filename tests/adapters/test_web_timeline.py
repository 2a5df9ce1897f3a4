"""The order of messages on a page."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.web.platform import TENANT, channel
from adapters.web.timeline import Timeline
from bot.domain.refs import Place
from bot.ports import Said


def said(message_id: str, at: int, thread: str | None = None) -> Said:
    return Said(message_id, Place(TENANT, "studio", thread), "bot", {}, at, 1)


def test_messages_stand_by_time_however_they_arrive() -> None:
    timeline = Timeline()
    assert timeline.place(said("b", 20)) == 0
    assert timeline.place(said("c", 30)) == 1
    assert timeline.place(said("a", 10)) == 0
    assert timeline.first == "a"


def test_an_edited_message_keeps_its_place() -> None:
    timeline = Timeline()
    timeline.place(said("a", 10))
    timeline.place(said("b", 20))
    assert timeline.place(said("a", 99)) is None


def test_messages_of_one_moment_stand_as_they_came() -> None:
    timeline = Timeline()
    assert [timeline.place(said(name, 10)) for name in "abc"] == [0, 1, 2]


def test_replies_stand_under_the_message_they_belong_to() -> None:
    timeline = Timeline()
    timeline.place(said("head", 10))
    timeline.place(said("next", 20))
    assert timeline.place(said("reply", 30, thread="head")) == 1
    assert timeline.place(said("second reply", 40, thread="head")) == 2
    assert timeline.place(said("last", 50)) == 4


def test_a_reply_whose_head_is_long_gone_stands_by_its_own_time() -> None:
    timeline = Timeline()
    timeline.place(said("a", 10))
    assert timeline.place(said("reply", 30, thread="forgotten")) == 1


def test_what_was_dropped_leaves_no_gap() -> None:
    timeline = Timeline()
    for name, at in (("a", 10), ("b", 20), ("c", 30)):
        timeline.place(said(name, at))
    timeline.drop("b")
    assert len(timeline) == 2
    assert timeline.place_at("d", 25) == 1


@given(st.lists(st.integers(0, 9), max_size=30))
def test_indexes_build_a_list_sorted_by_time(times: list[int]) -> None:
    timeline, shown = Timeline(), list[int]()
    for number, at in enumerate(times):
        index = timeline.place(said(str(number), at))
        assert index is not None
        shown.insert(index, at)
    assert shown == sorted(times)


def test_the_channel_is_no_thread() -> None:
    assert channel(TENANT).thread is None
