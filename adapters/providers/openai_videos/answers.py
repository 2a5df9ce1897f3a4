"""What an answer means for the operation that it answers: a job, or one of our failures.

Pure. The rule for creates stands above all: unless the backend surely said no, nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from adapters.providers.hints import poll_after_ms, room_left
from adapters.providers.http import Answer
from adapters.providers.judging import Judge
from adapters.providers.openai_videos.profile import Profile
from adapters.providers.openai_videos.wire import (
    items_in,
    job_id,
    job_in,
    job_in_error,
    read_job,
    read_link,
)
from adapters.providers.refusals import (
    Json,
    as_object,
    parse,
    quoted,
)
from bot.domain.jobs import JobState, Reference
from bot.errors import (
    BadCredentials,
    Billing,
    ModelRetired,
    Moderated,
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

    @property
    def judge(self) -> Judge:
        """Who says what failures are."""
        return Judge(self.secret, self.profile.errors, self.profile.vague)

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
            wait, room = poll_after_ms(answer.headers, now), room_left(answer.headers, now)
            return replace(job, poll_after_ms=wait, room=room)
        raise self.judge.not_created(answer, operation, now)

    # --- questions ---------------------------------------------------------------------------

    def fetch(self, answer: Answer, reference: Reference, now: int) -> Seen:
        """The job that was asked about; the reference stays the one of its create.

        Raises `Transient` for all that says nothing about the job: asking again is free.
        """
        data = parse(answer.body)
        found = self._told(answer, data)
        if found is not None:
            job = read_job(found, reference, self.profile, secret=self.secret)
            job = replace(job, poll_after_ms=poll_after_ms(answer.headers, now))
            return Seen(job, found, read_link(found, self.profile) or read_link(data, self.profile))
        failure = self.judge.unanswered(answer, now)
        if isinstance(failure, Moderated):
            return Seen(RemoteJob(reference, JobState.MODERATED, error=failure), {}, None)
        raise failure

    def _told(self, answer: Answer, data: object) -> Json | None:
        """The job that an answer tells of; it may be quoted, since only its state is taken."""
        if answer.good:
            return job_in(data, self.profile)
        return self._job_behind(answer, data) or self._job_behind(answer, quoted(data))

    def _job_behind(self, answer: Answer, data: object) -> Json | None:
        return None if answer.status in _SAID_NO_JOB else job_in_error(data, self.profile)

    def page(self, answer: Answer, now: int) -> Page:
        """One page of a list.

        Raises `Unsupported` where there is no list, `Transient` for what cannot be read.
        """
        data = parse(answer.body)
        items = items_in(data) if answer.good else None
        if items is None:
            raise self.judge.failure(answer, now, lacking=True)
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
