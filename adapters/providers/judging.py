"""Which failure of ours an answer is, by the operation that it answers. Pure.

The rule for creates stands above all: unless the backend surely said no, nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from adapters.providers.hints import retry_after_ms, room_left
from adapters.providers.http import Answer
from adapters.providers.refusals import (
    Kind,
    Refusal,
    classify,
    kind_by_name,
    kind_by_words,
    parse,
    read_refusal,
    tidy,
)
from bot.domain.jobs import JobState
from bot.errors import (
    AmbiguousSubmit,
    AssetExpired,
    BadCredentials,
    Billing,
    InvalidRequest,
    JobNotFound,
    ModelRetired,
    Moderated,
    ProviderError,
    Transient,
    Unsupported,
)

_MOVED = frozenset({301, 307, 308})
"""Redirects that say "not here"; the others may follow a create that was taken."""
_TIMED_OUT = frozenset({408, 499})
_FIRST_ERROR, _FIRST_FAULT, _BUSY = 400, 500, 503
_LACKING = frozenset({404, 405, 501})
_GONE = frozenset({404, 410})
_FINAL_IN_FAULTS = frozenset({Moderated, Billing, BadCredentials, ModelRetired})
_MISSING = frozenset({JobNotFound, AssetExpired})


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges answers of one backend; `secret` never gets into a message. `now` in ms.

    `kinds` are types, codes and statuses (``http_403``) of its own, believed before what is known
    of all; `vague` are codes that stand for any failure, so that status and words must tell.
    """

    secret: str = ""
    kinds: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    vague: frozenset[str] = frozenset()

    def refusal(self, answer: Answer) -> Refusal:
        """What an error says."""
        refusal = read_refusal(answer.body, self.secret)
        return replace(refusal, code="") if refusal.code in self.vague else refusal

    def named(self, refusal: Refusal) -> Kind | None:
        """The failure that type or code name beyond doubt."""
        own = (self.kinds[name] for name in (refusal.code, refusal.type) if name in self.kinds)
        return next(own, None) or kind_by_name(refusal)

    def _kind(self, refusal: Refusal, status: int) -> Kind:
        own = self.kinds.get(f"http_{status}")
        return self.named(refusal) or own or classify(refusal, status)

    # --- operations that make a job --------------------------------------------------------

    def not_created(self, answer: Answer, operation: str, now: int) -> ProviderError:
        """Why a create, remix or extend made no job that we know of."""
        refusal, status = self.refusal(answer), answer.status
        if answer.good:
            kind = self._refused_in_a_good_answer(answer, refusal)
        elif status in _MOVED:
            return InvalidRequest("the backend redirects creates; its base URL is not right")
        elif status < _FIRST_ERROR or status in _TIMED_OUT:
            kind = AmbiguousSubmit
        elif status >= _FIRST_FAULT:
            kind = self._fault_in_create(refusal, status)
        else:
            kind = self._kind(refusal, status)
            # Only "too many" and "busy" may lead to another create.
            kind = InvalidRequest if kind is Transient else kind
        if operation == "create" and kind in _MISSING:
            # Nothing but the model (or the whole service) can be missing here.
            kind = ModelRetired
        if operation != "create" and kind is InvalidRequest:
            # The words may be fine for a new job: it is this one that is not gone on with.
            kind = Unsupported
        return self.error(kind, refusal, answer, now)

    def _refused_in_a_good_answer(self, answer: Answer, refusal: Refusal) -> Kind:
        """Some gateways refuse with status 200; only an error that names itself is believed."""
        if not (answer.whole and isinstance(parse(answer.body), dict)):
            return AmbiguousSubmit
        kind = self.named(refusal)
        return kind if kind and kind not in _MISSING else AmbiguousSubmit

    def _fault_in_create(self, refusal: Refusal, status: int) -> Kind:
        """5xx: the job may have been started. Only 503, or a reason that is final, says no."""
        kind = self._kind(refusal, status)
        if status == _BUSY:
            return Transient if kind is ModelRetired or kind in _MISSING else kind
        if kind is Unsupported or self.named(refusal) in _FINAL_IN_FAULTS:
            return kind
        return AmbiguousSubmit

    # --- questions and the rest ------------------------------------------------------------

    def unanswered(self, answer: Answer, now: int) -> ProviderError:
        """Why a question about a job brought none; `Transient` for all that says nothing of it."""
        refusal = self.refusal(answer)
        kind = Transient if answer.good else self._kind(refusal, answer.status)
        if kind is AssetExpired:
            kind = JobNotFound
        if kind in {InvalidRequest, Unsupported} or (kind is JobNotFound and is_page(answer)):
            kind = Transient
        return self.error(kind, refusal, answer, now)

    def failure(self, answer: Answer, now: int, *, lacking: bool = False) -> ProviderError:
        """The failure that an answer is; `lacking`: a missing route means a missing operation."""
        refusal = self.refusal(answer)
        if answer.good:
            return self.error(Transient, refusal, answer, now)
        kind = self._kind(refusal, answer.status)
        if lacking and answer.status in _LACKING:
            kind = Unsupported
        return self.error(kind, refusal, answer, now)

    def gone(self, answer: Answer) -> bool:
        """Whether a delete found nothing left to delete."""
        return answer.status in _GONE and not is_page(answer)

    def error(self, kind: Kind, refusal: Refusal, answer: Answer, now: int) -> ProviderError:
        """A failure with what the backend says of when to come again."""
        words = refusal.message or f"HTTP {answer.status} without a reason"
        hint = retry_after_ms(answer.headers, {**refusal.fields, "message": words}, now)
        return kind(words, retry_after_ms=hint, room=room_left(answer.headers, now))

    # --- jobs that ended -------------------------------------------------------------------

    def ended(self, state: JobState, refusal: Refusal) -> tuple[JobState, ProviderError | None]:
        """How a job ended that is in `state` with `refusal`: words of its own decide too."""
        refusal = replace(refusal, message=tidy(refusal.message, self.secret))
        if state is JobState.FETCHING and (refusal.code or refusal.message):
            # Some servers say "completed" of everything that has ended.
            state = JobState.FAILED
        if state is JobState.FAILED:
            return self._failed(refusal)
        if state is JobState.MODERATED:
            return state, Moderated(refusal.message)
        return state, AssetExpired(refusal.message) if state is JobState.EXPIRED else None

    def _failed(self, refusal: Refusal) -> tuple[JobState, ProviderError]:
        kind = self.named(refusal) or kind_by_words(refusal)
        if kind is Moderated:
            return JobState.MODERATED, Moderated(refusal.message)
        if kind is ModelRetired:
            return JobState.FAILED, ModelRetired(refusal.message)
        return JobState.FAILED, ProviderError(refusal.message)


def is_page(answer: Answer) -> bool:
    """Whether the answer is a web page or nothing: a proxy speaks, not the backend."""
    return not isinstance(parse(answer.body), (dict, list, str))
