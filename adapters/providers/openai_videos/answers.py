"""What an answer means for the operation that it answers: a job, or one of our failures.

Pure. The rule for creates stands above all: unless the backend surely said no, nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from adapters.providers.hints import poll_after_ms, retry_after_ms, room_left
from adapters.providers.http import Answer
from adapters.providers.openai_videos.profile import Profile
from adapters.providers.openai_videos.refusals import (
    Json,
    Kind,
    Refusal,
    as_object,
    classify,
    kind_by_name,
    parse,
    read_refusal,
)
from adapters.providers.openai_videos.wire import (
    items_in,
    job_id,
    job_in,
    job_in_error,
    read_job,
    read_link,
)
from bot.domain.jobs import JobState, Reference
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
from bot.ports import RemoteJob

_SAID_NO_JOB = frozenset({401, 402, 403, 429})
"""Statuses about the caller and not about a job."""
_MOVED = frozenset({301, 307, 308})
"""Redirects that say "not here"; the others may follow a create that was taken."""
_TIMED_OUT = frozenset({408, 499})
_BUSY = 503
_LACKING = frozenset({404, 405, 501})
_GONE = frozenset({404, 410})
_FINAL_IN_FAULTS = frozenset({Moderated, Billing, BadCredentials, ModelRetired})


@dataclass(frozen=True, slots=True)
class Seen:
    """A job and the object it was read from."""

    job: RemoteJob
    data: Json
    link: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `more` is None when it does not say; `last` is the id to go on after."""

    objects: list[Json]
    more: bool | None
    last: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers by a profile; `secret` never gets into a message. `now` in ms."""

    profile: Profile
    secret: str = ""

    # --- operations that make a job --------------------------------------------------------

    def create(self, answer: Answer, operation: str, now: int) -> RemoteJob:
        """The job that a create, remix or extend made.

        Raises what the backend said, or `AmbiguousSubmit` when that is not clear.
        """
        data = parse(answer.body)
        found = job_in(data, self.profile) if answer.good else self._job_behind(answer, data)
        name = job_id(found, self.profile) if found else None
        if found and name:
            job = read_job(
                found, {"id": name}, self.profile, unsaid=JobState.QUEUED, secret=self.secret
            )
            wait, room = poll_after_ms(answer.headers, now), room_left(answer.headers)
            return replace(job, poll_after_ms=wait, room=room)
        raise self._not_created(answer, operation, now)

    def _not_created(self, answer: Answer, operation: str, now: int) -> ProviderError:
        refusal = read_refusal(answer.body, self.secret)
        status = answer.status
        if answer.good:
            kind = self._refused_in_a_good_answer(answer, refusal)
        elif status in _MOVED:
            return InvalidRequest("the backend redirects creates; its base URL is not right")
        elif status < 400 or status in _TIMED_OUT:  # noqa: PLR2004 - where errors begin
            kind = AmbiguousSubmit
        elif status >= 500:  # noqa: PLR2004 - where faults of the server begin
            kind = self._fault_in_create(refusal, status)
        else:
            kind = classify(refusal, status)
            # Only "too many" and "busy" may lead to another create.
            kind = InvalidRequest if kind is Transient else kind
        if operation == "create" and kind in {JobNotFound, AssetExpired}:
            # Nothing but the model (or the whole service) can be missing here.
            kind = ModelRetired
        return self._error(kind, refusal, answer, now)

    def _refused_in_a_good_answer(self, answer: Answer, refusal: Refusal) -> Kind:
        """Some gateways refuse with status 200; only an error that names itself is believed."""
        if not (answer.whole and isinstance(parse(answer.body), dict)):
            return AmbiguousSubmit
        kind = kind_by_name(refusal)
        return kind if kind and kind not in {JobNotFound, AssetExpired} else AmbiguousSubmit

    def _fault_in_create(self, refusal: Refusal, status: int) -> Kind:
        """5xx: the job may have been started. Only 503, or a reason that is final, says no."""
        kind = classify(refusal, status)
        if status == _BUSY:
            return Transient if kind in {ModelRetired, JobNotFound, AssetExpired} else kind
        if kind is Unsupported or kind_by_name(refusal) in _FINAL_IN_FAULTS:
            return kind
        return AmbiguousSubmit

    # --- questions ---------------------------------------------------------------------------

    def fetch(self, answer: Answer, reference: Reference, now: int) -> Seen:
        """The job that was asked about; the reference stays the one of its create.

        Raises `Transient` for all that says nothing about the job: asking again is free.
        """
        data = parse(answer.body)
        found = job_in(data, self.profile) if answer.good else self._job_behind(answer, data)
        if found is not None:
            job = read_job(found, reference, self.profile, secret=self.secret)
            job = replace(job, poll_after_ms=poll_after_ms(answer.headers, now))
            return Seen(job, found, read_link(found, self.profile) or read_link(data, self.profile))
        refusal = read_refusal(answer.body, self.secret)
        kind = Transient if answer.good else classify(refusal, answer.status)
        if kind is Moderated:
            job = RemoteJob(reference, JobState.MODERATED, error=Moderated(refusal.message))
            return Seen(job, {}, None)
        if kind is AssetExpired:
            kind = JobNotFound
        if kind in {InvalidRequest, Unsupported} or (kind is JobNotFound and _is_page(answer)):
            kind = Transient
        raise self._error(kind, refusal, answer, now)

    def _job_behind(self, answer: Answer, data: object) -> Json | None:
        return None if answer.status in _SAID_NO_JOB else job_in_error(data, self.profile)

    def page(self, answer: Answer, now: int) -> Page:
        """One page of a list.

        Raises `Unsupported` where there is no list, `Transient` for what cannot be read.
        """
        data = parse(answer.body)
        items = items_in(data) if answer.good else None
        if items is None:
            raise self.failure(answer, now, lacking=True)
        more, last = as_object(data).get("has_more"), as_object(data).get("last_id")
        return Page(
            objects=[as_object(item) for item in items],
            more=more if isinstance(more, bool) else None,
            last=last if isinstance(last, str) else "",
        )

    def listed(self, data: Json) -> RemoteJob | None:
        """One object of a list; None when it has no id."""
        name = job_id(data, self.profile)
        if name is None:
            return None
        return read_job(data, {"id": name}, self.profile, secret=self.secret)

    # --- the rest ----------------------------------------------------------------------------

    def failure(self, answer: Answer, now: int, *, lacking: bool = False) -> ProviderError:
        """The failure that an answer is; `lacking`: a missing route means a missing operation."""
        refusal = read_refusal(answer.body, self.secret)
        if answer.good:
            return self._error(Transient, refusal, answer, now)
        kind = classify(refusal, answer.status)
        if lacking and answer.status in _LACKING:
            kind = Unsupported
        return self._error(kind, refusal, answer, now)

    def gone(self, answer: Answer) -> bool:
        """Whether a delete found nothing left to delete."""
        return answer.status in _GONE and not _is_page(answer)

    def _error(self, kind: Kind, refusal: Refusal, answer: Answer, now: int) -> ProviderError:
        words = refusal.message or f"HTTP {answer.status} without a reason"
        hint = retry_after_ms(answer.headers, {**refusal.fields, "message": words}, now)
        return kind(words, retry_after_ms=hint, room=room_left(answer.headers))


def _is_page(answer: Answer) -> bool:
    """Whether the answer is a web page or nothing: a proxy speaks, not the backend."""
    return not isinstance(parse(answer.body), (dict, list, str))
