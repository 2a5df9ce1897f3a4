"""Files of ours that go with a message."""

from __future__ import annotations

import pytest

from bot.domain.messages import MOST_ATTACHED, MOST_FILES, Attachment, Message, Reply


def csv(name: str = "ledger.csv", size: int = 1) -> Attachment:
    return Attachment(name, b"x" * size, "text/csv", "The ledger")


@pytest.mark.parametrize(
    "name", ["", "x", ".csv", "../x.csv", "a/b.csv", "a\\b.csv", "a b.csv", "x.csv\n", "ü.csv"]
)
def test_a_name_that_a_chat_or_a_disk_might_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be attached"):
        csv(name)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ValueError, match="0 bytes"):
        csv(size=0)


def test_a_message_takes_files_up_to_its_limit_and_no_more() -> None:
    half = MOST_ATTACHED // 2
    Message((), attachments=(csv("a.csv", half), csv("b.csv", half)))
    with pytest.raises(ValueError, match="2 files"):
        Message((), attachments=(csv("a.csv", half), csv("b.csv", half + 1)))


def test_a_message_takes_so_many_files_and_each_name_once() -> None:
    many = tuple(csv(f"{number}.csv") for number in range(MOST_FILES + 1))
    Message((), attachments=many[1:])
    for files in (many, (csv(), csv())):
        with pytest.raises(ValueError, match="do not fit"):
            Message((), attachments=files)


def test_only_pictures_are_to_be_looked_at() -> None:
    chart = Attachment("usage.png", b"png", "image/png", "Usage")
    assert (chart.is_picture, csv().is_picture) == (True, False)


def test_what_is_in_a_file_is_not_in_the_log() -> None:
    assert "xxxx" not in repr(Message((), attachments=(csv(size=4),)))


def test_files_are_for_the_asker_alone() -> None:
    report = Message((("Spent",),), attachments=(csv(),))
    assert not Reply(report).public
    with pytest.raises(ValueError, match="for the asker alone"):
        Reply(report, public=True)
