"""Which signs say that somebody likes a video."""

from __future__ import annotations

import pytest

from bot.domain.reactions import liking


@pytest.mark.parametrize("sign", ["⭐", "❤", "👍", "🔥"])
def test_four_signs_say_that_somebody_likes_it(sign: str) -> None:
    assert liking(sign) == sign


def test_a_sign_is_the_same_with_the_wish_to_be_in_colour() -> None:
    assert liking("❤\ufe0f") == liking("❤") == "❤"


def test_a_sign_in_another_tone_of_skin_is_another_one_that_says_so_too() -> None:
    assert liking("👍🏽") == "👍🏽" != liking("👍🏿")


@pytest.mark.parametrize("sign", ["", "👎", "❤\u200d🔥", "❤\ufe0f\u200d🔥", "🏽", "👍👍", "star"])
def test_other_signs_say_nothing(sign: str) -> None:
    assert liking(sign) is None
