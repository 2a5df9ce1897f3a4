"""When somebody's next videos begin under review, and who asks for a takedown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.releases import House, Stand, begun, needs_review
from bot.domain.takedowns import STRIKES, WITHIN, Claim, claim_of, watched_until
from tests.storage.examples import ANA, BEN, NOW, a_job

DAY = WITHIN // 30


@pytest.mark.parametrize(
    "days, until",
    [
        ([], None),
        ([0, 1], None),
        ([0, 1, 2], 32),
        ([2, 0, 1], 32),
        ([0, 15, 30], 60),
        ([0, 15, 31], None),
        ([0, 15, 31, 40], 70),
        ([0, 1, 2, 50], 32),
    ],
)
def test_three_within_thirty_days_are_followed_by_thirty_under_review(
    days: list[int], until: int | None
) -> None:
    times = [NOW + day * DAY for day in days]
    assert watched_until(times) == (NOW + until * DAY if until else 0)


@given(st.lists(st.integers(0, 90), max_size=12), st.integers(0, 90))
def test_one_more_never_ends_it_earlier(days: list[int], more: int) -> None:
    times = [NOW + day * DAY for day in days]
    assert watched_until([*times, NOW + more * DAY]) >= watched_until(times)


@given(st.lists(st.integers(0, 200), max_size=12))
def test_whoever_is_watched_lost_three_in_the_sixty_days_before_it_ends(days: list[int]) -> None:
    until = watched_until([day * DAY for day in days])
    counted = [day for day in days if until - 2 * WITHIN <= day * DAY <= until - WITHIN]
    assert until == 0 or len(counted) >= STRIKES


def test_the_next_videos_of_whoever_is_watched_are_drafts_that_a_reviewer_publishes() -> None:
    plain = begun(a_job(), House(), "result/x", NOW)
    watched = begun(a_job(), House(), "result/x", NOW, watched=True)
    assert (plain.stand, needs_review(plain, House())) == (Stand.PUBLISHED, False)
    assert (watched.stand, watched.published_at) == (Stand.DRAFT, None)
    assert needs_review(watched, House())


def test_a_claim_is_nearest_first() -> None:
    of_ana, of_ben = a_job(), a_job("a000000002", BEN)
    assert claim_of(ANA, of_ana, of_ana) is Claim.PARENT
    assert claim_of(ANA, of_ben, of_ana) is Claim.ROOT
    assert claim_of(BEN, of_ana, of_ana) is Claim.NONE
    assert claim_of(ANA, None, None) is Claim.NONE
