"""What is known of a create without an answer, and when an admin's word ends it."""

import pytest

from bot.domain.unknowns import SURE_AFTER, Answer, Look, Verdict, answer_to, known_of, verdict_in
from tests.fakes.orders import JOB

UNKNOWN = "submit_unknown"


def test_history_says_since_when_and_what_the_looks_found() -> None:
    known = known_of(
        JOB,
        [
            (1, "submitting", "gate:open"),
            (2, UNKNOWN, "submit:ambiguous"),
            (3, UNKNOWN, "lookup:later:silent"),
            (4, "waiting", "lookup:absent"),
            (5, "submitting", "gate:open"),
            (6, UNKNOWN, "submit:ambiguous"),
            (7, UNKNOWN, "lookup:later:silent"),
            (8, UNKNOWN, "cancel:asked"),
            (9, UNKNOWN, "lookup:later:nothing"),
        ],
    )
    assert (known.since, known.looks, known.last, known.last_at) == (6, 2, Look.NOTHING, 9)


def test_one_that_was_not_looked_for_has_no_last_look() -> None:
    known = known_of(JOB, [(2, UNKNOWN, "submit:orphaned")])
    assert (known.since, known.looks, known.last) == (2, 0, None)


def test_a_backend_that_lists_nothing_is_said_to() -> None:
    known = known_of(JOB, [(2, UNKNOWN, "submit:orphaned"), (3, UNKNOWN, "lookup:impossible")])
    assert (known.last, known.last_at) == (Look.IMPOSSIBLE, 3)


@pytest.mark.parametrize("typed", ["not-made", "Not made", "  NOT-MADE "])
def test_verdicts_are_read_in_any_dress(typed: str) -> None:
    assert verdict_in(typed) is Verdict.NOT_MADE


@pytest.mark.parametrize("typed", ["", "notmade", "charge", "video_1", "not-made-yet"])
def test_anything_else_is_no_verdict(typed: str) -> None:
    assert verdict_in(typed) is None


@pytest.mark.parametrize("look", [Look.NOTHING, Look.SEVERAL, Look.SILENT, Look.IMPOSSIBLE])
def test_without_a_verdict_nothing_ends(look: Look) -> None:
    assert answer_to(None, look, SURE_AFTER) is Answer(look.value)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_ends_what_was_not_found_or_cannot_be_looked_for(verdict: Verdict) -> None:
    assert answer_to(verdict, Look.NOTHING, 0) is Answer.ENDED
    assert answer_to(verdict, Look.IMPOSSIBLE, 0) is Answer.ENDED


def test_a_verdict_does_not_end_what_may_be_there() -> None:
    assert answer_to(Verdict.CHARGED, Look.SEVERAL, SURE_AFTER) is Answer.SEVERAL


def test_a_silent_backend_is_waited_for_a_day() -> None:
    assert answer_to(Verdict.NOT_MADE, Look.SILENT, SURE_AFTER - 1) is Answer.SILENT
    assert answer_to(Verdict.NOT_MADE, Look.SILENT, SURE_AFTER) is Answer.ENDED
