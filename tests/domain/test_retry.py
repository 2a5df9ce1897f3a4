import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.domain import retry
from bot.domain.jobs import Failure
from bot.domain.retry import GiveUp, OutcomeUnknown, TryAgain

PROVIDER_ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, errors.ProviderError)
    and kind is not errors.ProviderError
]


def test_a_create_without_a_clear_answer_is_never_tried_again() -> None:
    decision = retry.after_submit(errors.AmbiguousSubmit("lost"), 0, 0.5)
    assert decision == OutcomeUnknown()


@pytest.mark.parametrize("busy", [errors.RateLimited, errors.ConcurrencyLimited])
def test_a_busy_backend_is_waited_for_as_long_as_it_takes(busy: type[errors.ProviderError]) -> None:
    decision = retry.after_submit(busy(retry_after_ms=7_000), 1_000, 0.0)
    assert decision == TryAgain(7_000, pauses_all=True)


def test_a_hint_is_kept_but_never_beaten_by_jitter() -> None:
    decision = retry.after_submit(errors.RateLimited(retry_after_ms=7_000), 0, 0.99)
    assert isinstance(decision, TryAgain)
    assert 7_000 <= decision.wait < 8_000


@pytest.mark.parametrize(
    "error,failure",
    [
        (errors.Moderated(), Failure.MODERATED),
        (errors.InvalidRequest(), Failure.INVALID_REQUEST),
        (errors.Billing(), Failure.BILLING),
        (errors.BadCredentials(), Failure.CREDENTIALS),
        (errors.ModelRetired(), Failure.MODEL_RETIRED),
        (errors.Unsupported(), Failure.INVALID_REQUEST),
    ],
)
def test_what_no_retry_can_mend_ends_at_once(error: errors.ProviderError, failure: Failure) -> None:
    assert retry.after_submit(error, 0, 0.5) == GiveUp(failure)


def test_a_backend_out_of_reach_is_given_up_on_after_some_tries() -> None:
    assert isinstance(retry.after_submit(errors.Transient(), 6, 0.5), TryAgain)
    assert retry.after_submit(errors.Transient(), 7, 0.5) == GiveUp(Failure.TOO_MANY_TRIES)


@pytest.mark.parametrize("error", [errors.BadCredentials(), errors.Billing(), errors.Transient()])
def test_asking_about_a_job_never_fails_it_for_our_own_troubles(
    error: errors.ProviderError,
) -> None:
    assert isinstance(retry.after_poll(error, 10_000, 0.5), TryAgain)


def test_a_job_that_the_backend_lost_is_lost() -> None:
    assert retry.after_poll(errors.JobNotFound(), 0, 0.5) == GiveUp(Failure.LOST)


def test_a_file_that_never_comes_whole_is_given_up_on() -> None:
    assert isinstance(retry.after_download(errors.Transient(), 0, 0.5), TryAgain)
    assert retry.after_download(errors.Transient(), 11, 0.5) == GiveUp(Failure.BAD_FILE)
    assert retry.after_download(errors.AssetExpired(), 0, 0.5) == GiveUp(Failure.LOST)


@given(
    st.sampled_from(PROVIDER_ERRORS), st.integers(0, 10**6), st.floats(0, 0.999),
    st.none() | st.integers(-(10**12), 10**12),
)  # fmt: skip
def test_every_error_has_a_decision_and_no_wait_is_negative_or_endless(
    kind: type[errors.ProviderError], tries: int, jitter: float, hint: int | None
) -> None:
    error = kind("why", retry_after_ms=hint)
    for decide in (retry.after_submit, retry.after_poll, retry.after_download):
        decision = decide(error, tries, jitter)
        if isinstance(decision, TryAgain):
            assert 0 <= decision.wait <= 61 * retry.MINUTE


@given(st.integers(0, 200), st.floats(0, 0.999))
def test_waits_grow_to_their_cap_and_stay_there(tries: int, jitter: float) -> None:
    backoff = retry.Backoff(1_000, 60_000)
    assert 750 <= backoff.wait(tries, jitter) <= 75_000
    assert backoff.wait(tries, jitter) <= backoff.wait(tries + 1, jitter)
