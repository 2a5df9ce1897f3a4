"""Who can make something of a video, and in which words it is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import lineage
from bot.domain.jobs import Job, JobState, Offer, Operation
from bot.domain.lineage import MAX_WORDS
from bot.domain.styles import Style
from tests.fakes.core import ANA, KITE, STUDIO

OFFER = Offer("simulator", "default", "http://a", "sora-2", 80)
ROOT = Job(
    *("kite", ANA, STUDIO, "order", 0, KITE, OFFER, JobState.DONE, 1, 0, 0, None),
    reference={"id": "video_1"},
)
REMIX = replace(ROOT, id="night", operation=Operation.REMIX)
LONGER = replace(ROOT, id="longer", operation=Operation.EXTEND)
NOIR = Style("noir", "black and white")


def said(job: Job, prompt: str) -> Job:
    return replace(job, spec=replace(job.spec, prompt=prompt))


@pytest.mark.parametrize("job", [REMIX, LONGER])
def test_a_backend_makes_something_of_a_video_itself_until_it_is_told_all_in_words(
    job: Job,
) -> None:
    assert lineage.is_native(job)
    assert not lineage.is_emulated(job)
    told = replace(job, sent_prompt="all of it")
    assert lineage.is_emulated(told)
    assert not lineage.is_native(told)


def test_nothing_is_made_of_another_video_by_a_create() -> None:
    styled = replace(ROOT, sent_prompt="a red kite, in style")
    assert not lineage.is_native(ROOT)
    assert not lineage.is_emulated(styled)
    assert not lineage.is_joined(styled)


def test_only_an_extension_in_words_is_joined_here() -> None:
    assert lineage.is_joined(replace(LONGER, sent_prompt="all of it"))
    assert not lineage.is_joined(LONGER)
    assert not lineage.is_joined(replace(REMIX, sent_prompt="all of it"))


def test_a_backend_has_the_whole_of_what_it_made_but_not_of_what_was_joined_here() -> None:
    assert lineage.has_whole(OFFER, ROOT)
    assert lineage.has_whole(OFFER, LONGER)
    assert not lineage.has_whole(OFFER, replace(LONGER, sent_prompt="all of it"))
    assert not lineage.has_whole(OFFER, replace(ROOT, reference=None))


@pytest.mark.parametrize("part", ["provider", "account", "base_url"])
def test_another_account_has_nothing_of_it(part: str) -> None:
    assert not lineage.has_whole(replace(OFFER, **{part: "another"}), ROOT)


def test_one_that_extends_a_video_is_told_only_a_style_that_was_asked_for() -> None:
    usual = replace(LONGER, spec=replace(KITE, style=NOIR))
    asked = replace(LONGER, spec=replace(KITE, style=replace(NOIR, asked=True)))
    assert lineage.style_of(usual) is None
    assert lineage.style_of(asked) == asked.spec.style
    assert lineage.style_of(replace(usual, sent_prompt="all of it")) == NOIR


def test_what_comes_follows_what_came() -> None:
    job = said(LONGER, "it lands")
    assert lineage.told_after("a kite", ROOT, job, "it lands") == "a kite\n\nThen: it lands"
    night = said(REMIX, "at night")
    assert lineage.told_after("a kite", ROOT, night, "at night") == "a kite\n\nChange: at night"


def test_the_same_words_are_told_once_with_what_is_new_in_their_style() -> None:
    words = KITE.prompt
    assert lineage.told_after(f"{words}!", ROOT, LONGER, words) == f"{words}!"
    own = lineage.styled(words, NOIR)
    assert lineage.told_after(words, ROOT, LONGER, own) == own


@given(st.text(max_size=40), st.text(max_size=40), st.integers(0, 3))
def test_words_that_are_too_long_lose_their_beginning(
    before: str, more: str, thousands: int
) -> None:
    long = before + "x" * (thousands * 11_000)
    words = lineage.continued(long, more)
    assert len(words) <= MAX_WORDS
    assert words.endswith(f"\n\nThen: {more}")
