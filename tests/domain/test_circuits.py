"""When nothing is sent to an account, for how long, and what ends it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain.circuits import (
    FOR_ADMINS,
    LEASE,
    OPEN,
    OPENS_AFTER,
    Circuit,
    Trouble,
    heard,
    heard_of_model,
)
from bot.domain.retry import MINUTE, SECOND

NOW = 1_800_000_000_000
CLOSED = Circuit("backup/main")
FAULT = errors.Transient("no connection")
FAULTS = st.sampled_from([FAULT, errors.AmbiguousSubmit("cut")])
ANSWERS = st.sampled_from(
    [
        None,
        errors.Moderated(),
        errors.InvalidRequest(),
        errors.RateLimited(),
        errors.ConcurrencyLimited(),
        errors.ModelRetired(),
        errors.JobNotFound(),
    ]
)
ANY = st.one_of(
    FAULTS,
    ANSWERS,
    st.sampled_from([errors.Billing(), errors.BadCredentials(), errors.Unsupported()]),
)


def after(
    errors_: Sequence[errors.ProviderError | None], circuit: Circuit = CLOSED, now: int = NOW
) -> Circuit:
    for error in errors_:
        circuit = heard(circuit, error, "job/1", now)
    return circuit


def failed_probes(circuit: Circuit, number: int) -> list[int]:
    """How long it stayed open after each create that it let through in vain."""
    waits: list[int] = []
    for _ in range(number):
        now = circuit.retry_at
        circuit = heard(circuit.probed("probe/1", now), FAULT, "probe/1", now)
        waits.append(circuit.retry_at - now)
    return waits


@given(st.lists(FAULTS, min_size=OPENS_AFTER, max_size=OPENS_AFTER))
def test_faults_in_a_row_open_it_and_one_less_do_not(
    faults: list[errors.ProviderError],
) -> None:
    assert after(faults[:-1]).trouble is None
    opened = after(faults)
    assert (opened.trouble, opened.opened_at) == (Trouble.FAULTS, NOW)
    assert opened.retry_at == NOW + 30 * SECOND


@given(st.lists(ANY, max_size=20), ANSWERS)
def test_any_good_answer_closes_it(
    before: list[errors.ProviderError | None], answer: errors.ProviderError | None
) -> None:
    assert after([*before, answer]) == CLOSED


@pytest.mark.parametrize(
    "error, trouble",
    [(errors.Billing(), Trouble.BILLING), (errors.BadCredentials(), Trouble.CREDENTIALS)],
)
def test_what_only_an_admin_can_mend_opens_it_at_once(
    error: errors.ProviderError, trouble: Trouble
) -> None:
    opened = after([error])
    assert opened.trouble is trouble
    assert trouble in FOR_ADMINS
    assert opened.is_dead(NOW, MINUTE)


def test_it_stays_open_longer_each_time_up_to_a_limit() -> None:
    waits = failed_probes(after([FAULT] * OPENS_AFTER), 8)
    assert waits == sorted(waits)
    assert waits[0] == MINUTE
    assert waits[-1] == waits[-2] == OPEN.cap == 15 * MINUTE


@given(st.lists(ANY, max_size=30), st.integers(0, 10**7))
def test_an_open_one_opens_for_no_longer_than_its_limit(
    heard_of: list[errors.ProviderError | None], later: int
) -> None:
    circuit = after(heard_of)
    assert circuit.retry_at <= NOW + OPEN.cap
    assert circuit.lets(NOW + OPEN.cap + later)


@given(st.integers(0, 10**6))
def test_of_an_open_one_a_single_create_is_let_through_when_its_time_has_come(early: int) -> None:
    opened = after([FAULT] * OPENS_AFTER)
    assert not opened.lets(max(NOW, opened.retry_at - 1 - early))
    assert opened.lets(opened.retry_at)
    probing = opened.probed("job/2", opened.retry_at)
    assert not probing.lets(opened.retry_at)
    assert not probing.lets(opened.retry_at + LEASE - 1)
    assert probing.lets(opened.retry_at + LEASE)


def test_a_closed_one_lets_everyone_through_and_remembers_nobody() -> None:
    assert CLOSED.lets(NOW)
    assert CLOSED.probed("job/1", NOW) == CLOSED


def test_what_was_on_its_way_when_it_opened_does_not_keep_it_open_for_longer() -> None:
    opened = after([FAULT] * OPENS_AFTER)
    late = heard(opened, FAULT, "late/1", NOW + 20 * SECOND)
    assert (late.retry_at, late.opens) == (opened.retry_at, opened.opens)


def test_worse_news_of_an_open_one_are_its_trouble_from_then_on() -> None:
    opened = after([FAULT] * OPENS_AFTER)
    assert heard(opened, errors.Billing(), "late/1", NOW + SECOND).trouble is Trouble.BILLING


def test_faults_are_waited_for_a_while_before_jobs_look_elsewhere() -> None:
    opened = after([FAULT] * OPENS_AFTER)
    assert not opened.is_dead(NOW + MINUTE - 1, MINUTE)
    assert opened.is_dead(NOW + MINUTE, MINUTE)
    assert not CLOSED.is_dead(NOW + MINUTE, MINUTE)


def test_how_long_it_is_dead_counts_from_the_first_time_it_opened() -> None:
    opened = after([FAULT] * OPENS_AFTER)
    again = heard(opened.probed("p/1", opened.retry_at), FAULT, "p/1", opened.retry_at)
    assert again.opened_at == NOW


def test_what_a_client_cannot_do_says_nothing_of_its_account() -> None:
    opened = after([FAULT] * OPENS_AFTER)
    probing = opened.probed("p/1", opened.retry_at)
    asked = heard(probing, errors.Unsupported(), "p/1", opened.retry_at)
    assert asked.trouble is Trouble.FAULTS
    assert asked.lets(opened.retry_at)


def test_an_admin_who_mended_it_lets_the_next_create_show_that() -> None:
    opened = after([errors.Billing()])
    mended = opened.soon(NOW + 1)
    assert mended.lets(NOW + 1)
    assert mended.trouble is Trouble.BILLING
    assert CLOSED.soon(NOW) == CLOSED


def test_a_retired_model_is_out_until_it_makes_something_again() -> None:
    model = Circuit("backup/main", "sora-2")
    retired = heard_of_model(model, errors.ModelRetired(), "job/1", NOW)
    assert (retired.trouble, retired.retry_at) == (Trouble.RETIRED, NOW + OPEN.cap)
    assert heard_of_model(retired, FAULT, "job/2", NOW) == retired
    assert heard_of_model(retired, None, "job/2", NOW) == model
    assert heard(CLOSED, errors.ModelRetired(), "job/1", NOW) == CLOSED
