"""Who acts on a failure, and when the next try is. Decisions are values; nothing here waits."""

from __future__ import annotations

from dataclasses import dataclass

from bot import errors
from bot.domain.jobs import Failure

SECOND = 1000
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling waits in ms from `first` to `cap`; gives up after `tries` (None: never)."""

    first: int
    cap: int
    tries: int | None = None

    def wait(self, tries: int, jitter: float) -> int:
        """Ms before try number `tries` + 1; `jitter` in [0, 1) spreads it over ±25 %."""
        plain = min(self.cap, self.first * 2 ** min(tries, 30))
        return int(plain * (0.75 + jitter / 2))


SUBMIT = Backoff(2 * SECOND, 5 * MINUTE)
"""Busy backends are waited for as long as it takes: the person sees a countdown and may cancel."""
SUBMIT_FAULTS = Backoff(2 * SECOND, 2 * MINUTE, tries=8)
"""A backend that cannot be reached at all is given up on after some minutes."""
POLL = Backoff(2 * SECOND, MINUTE)
DOWNLOAD = Backoff(SECOND, MINUTE, tries=12)
DELIVERY = Backoff(SECOND, 5 * MINUTE, tries=20)


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Same step once more, `wait` ms from now. `pauses_all`: the whole account should wait.

    `counts`: it is one of the tries that a job has.
    """

    wait: int
    pauses_all: bool
    counts: bool = True


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The job ends; the hold is released."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """Nobody knows whether the backend took the job: look it up, keep the hold."""


Decision = TryAgain | GiveUp | OutcomeUnknown

_FINAL: tuple[tuple[type[errors.ProviderError], Failure], ...] = (
    (errors.Moderated, Failure.MODERATED),
    (errors.InvalidRequest, Failure.INVALID_REQUEST),
    (errors.Unsupported, Failure.INVALID_REQUEST),
    (errors.Billing, Failure.BILLING),
    (errors.BadCredentials, Failure.CREDENTIALS),
    (errors.ModelRetired, Failure.MODEL_RETIRED),
    (errors.JobNotFound, Failure.LOST),
    (errors.AssetExpired, Failure.LOST),
)
_BUSY = (errors.RateLimited, errors.ConcurrencyLimited)


def final_failure(error: errors.ProviderError) -> Failure | None:
    """The end that `error` means for a job, or None when the same step may be tried again."""
    return next((failure for kind, failure in _FINAL if isinstance(error, kind)), None)


def after_submit(error: errors.ProviderError, tries: int, jitter: float) -> Decision:
    """What to do when a create did not succeed, `tries` failed ones before this."""
    if isinstance(error, errors.AmbiguousSubmit):
        return OutcomeUnknown()
    if isinstance(error, _BUSY):
        return TryAgain(_wait(SUBMIT, error, tries, jitter), pauses_all=True)
    return _again_or_end(SUBMIT_FAULTS, error, tries, jitter, Failure.TOO_MANY_TRIES)


def after_poll(error: errors.ProviderError, tries: int, jitter: float) -> Decision:
    """What to do when asking about a job failed. Asking is free: never given up for faults.

    A wrong key or an empty account says nothing about the job: it may well be rendering.
    """
    if isinstance(error, (errors.BadCredentials, errors.Billing)):
        return TryAgain(POLL.cap, pauses_all=False)
    return _again_or_end(POLL, error, tries, jitter, Failure.TIMED_OUT)


def after_download(error: errors.ProviderError, tries: int, jitter: float) -> Decision:
    """What to do when the finished file could not be copied."""
    return _again_or_end(DOWNLOAD, error, tries, jitter, Failure.BAD_FILE)


def _again_or_end(
    backoff: Backoff, error: errors.ProviderError, tries: int, jitter: float, worn_out: Failure
) -> Decision:
    failure = final_failure(error)
    if failure:
        return GiveUp(failure)
    if backoff.tries is not None and tries + 1 >= backoff.tries:
        return GiveUp(worn_out)
    wait = _wait(backoff, error, tries, jitter)
    return TryAgain(wait, pauses_all=isinstance(error, _BUSY))


def _wait(backoff: Backoff, error: errors.ProviderError, tries: int, jitter: float) -> int:
    """The backend's own hint, a little later so as not to be early, else our own wait."""
    if error.retry_after_ms is None:
        return backoff.wait(tries, jitter)
    hinted = min(max(0, error.retry_after_ms), 60 * MINUTE)
    return hinted + int(jitter * SECOND)
