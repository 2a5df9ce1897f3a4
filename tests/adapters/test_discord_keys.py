"""Names of buttons and dialogs hold all that is needed, and nothing that is not ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.keys import (
    MAX_NONCE,
    Dialog,
    Press,
    dialog_named,
    mark_of,
    nonce_of,
    press_named,
    press_of,
)
from bot.domain.messages import Button

JOBS = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=10, max_size=10) | st.just("-")
VERBS = st.sampled_from(["cancel", "again", "remix", "status", "admin quota set"])
SERVERS = st.none() | st.integers(1, 2**63).map(str)


@given(VERBS, JOBS, st.none() | st.just("prompt"), SERVERS, st.none() | st.text().map(mark_of))
def test_a_button_is_found_again_by_its_name(
    verb: str, job: str, asks: str | None, guild: str | None, mark: str | None
) -> None:
    press = Press(verb, job, asks, guild, mark)
    assert press_named(press.custom_id) == press
    assert press.fits


@given(VERBS, JOBS, st.dictionaries(st.sampled_from(["seconds", "more", "to"]), st.text()))
def test_what_else_a_button_says_is_found_again(verb: str, job: str, more: dict[str, str]) -> None:
    button = Button("Go", verb, {**more, **({"job": job} if job != "-" else {})})
    press = press_of(button, None, None)
    found = press_named(press.custom_id)
    assert found == press
    assert found
    assert found.args == button.args


def test_what_says_too_much_is_no_button() -> None:
    assert not press_of(Button("Go", "publish", {"job": "k7", "more": "k" * 99}), None, None).fits


@given(VERBS, JOBS, st.integers(1, 2**63), SERVERS)
def test_a_dialog_is_found_again_by_its_name(
    verb: str, job: str, once: int, guild: str | None
) -> None:
    dialog = Dialog(verb, job, str(once), guild)
    assert dialog_named(dialog.custom_id) == dialog
    assert len(dialog.custom_id) <= 100


@pytest.mark.parametrize("name", ["", "vote:yes", "sora:", "sora:CANCEL:x", "sora+x:y", "None"])
def test_names_of_others_mean_nothing_to_us(name: str) -> None:
    assert press_named(name) is None
    assert dialog_named(name) is None


def test_the_cores_buttons_keep_their_job() -> None:
    button = Button("Cancel", "cancel", {"job": "k7qm2x9d4t"}, danger=True)
    assert press_of(button, None, None).custom_id == "sora:cancel:k7qm2x9d4t"


@given(st.text(min_size=1))
def test_a_nonce_is_as_short_as_discord_wants_it(key: str) -> None:
    assert len(nonce_of(key)) <= MAX_NONCE
    assert nonce_of(key) == nonce_of(key)


def test_short_keys_are_nonces_as_they_are() -> None:
    assert nonce_of("result/k7qm2x9d4t") == "result/k7qm2x9d4t"
    assert nonce_of("show/discord/1/2345678901234567890") != nonce_of("show/discord/1/2345")
