"""The life of a job: its states, which moves are possible, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.domain.order import Lane
from bot.domain.refs import Person, Place
from bot.domain.videos import VideoSpec

Reference = Mapping[str, Any]
"""A backend's own name for its job: opaque JSON that only its client reads."""


class JobState(StrEnum):
    """Where a job is. Terminal ones are in `TERMINAL`."""

    ACCEPTED = "accepted"
    """Stored and paid for by a hold; the first frame is still to be prepared."""
    WAITING = "waiting"
    """Ready; waits for its place in line, a free slot or the next try."""
    SUBMITTING = "submitting"
    """The intent is on record; the create may be on its way."""
    SUBMIT_UNKNOWN = "submit_unknown"
    """A create was perhaps taken. Looked up, never repeated; the credits stay held."""
    QUEUED = "queued"
    """The backend has it in its own queue."""
    RENDERING = "rendering"
    """The backend works on it."""
    FETCHING = "fetching"
    """The backend says finished; we copy and verify the file."""
    DELIVERING = "delivering"
    """Verified, paid, ours; the result message is on its way."""
    DONE = "done"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


S = JobState
TERMINAL = frozenset({S.DONE, S.FAILED, S.MODERATED, S.CANCELLED, S.EXPIRED})
LIVE = frozenset(JobState) - TERMINAL
UNCOUNTED = frozenset({S.FAILED, S.MODERATED, S.CANCELLED, S.EXPIRED})
"""States whose work counts toward no quota and costs nobody anything."""
UPSTREAM = frozenset({S.SUBMITTING, S.SUBMIT_UNKNOWN, S.QUEUED, S.RENDERING})
"""States that take one of the backend's slots."""
HELD = frozenset({S.ACCEPTED, S.WAITING}) | UPSTREAM | {S.FETCHING}
"""States in which the price is held and not yet settled."""


class Operation(StrEnum):
    """What a job makes its video of."""

    CREATE = "create"
    """Of its own prompt alone."""
    REMIX = "remix"
    """Of another video, of which its prompt tells the change."""
    FINALIZE = "finalize"
    """Of all that another video was made of, with a better model. Its prompt is whole."""
    EXTEND = "extend"
    """Of another video, whose end it goes on from: its length is what it adds to that."""


class Stopping(StrEnum):
    """What becomes of work at a backend that nobody wants any more."""

    ENDS = "ends"
    """It ends, and costs nothing."""
    BILLED = "billed"
    """It ends, and costs as if it had been made."""
    GOES_ON = "goes on"
    """Nobody can stop it."""


class Wanted(StrEnum):
    """Which jobs somebody can mean with a verb."""

    ANY = "any"
    LIVE = "live"
    FINISHED = "finished"
    ENDED = "ended"
    """Without a video."""
    UNKNOWN = "unknown"
    """Nobody knows whether the backend has it."""


_ENDS = frozenset({S.FAILED, S.MODERATED, S.CANCELLED, S.EXPIRED})
MOVES: Mapping[JobState, frozenset[JobState]] = {
    S.ACCEPTED: frozenset({S.WAITING, S.FAILED, S.CANCELLED}),
    S.WAITING: frozenset({S.SUBMITTING, S.FAILED, S.CANCELLED}),
    S.SUBMITTING: frozenset({S.QUEUED, S.RENDERING, S.WAITING, S.SUBMIT_UNKNOWN}) | _ENDS,
    S.SUBMIT_UNKNOWN: frozenset({S.QUEUED, S.RENDERING, S.FETCHING, S.WAITING}) | _ENDS,
    S.QUEUED: frozenset({S.RENDERING, S.FETCHING}) | _ENDS,
    S.RENDERING: frozenset({S.QUEUED, S.FETCHING}) | _ENDS,
    S.FETCHING: frozenset({S.DELIVERING}) | _ENDS,
    S.DELIVERING: frozenset({S.DONE}),
    **{state: frozenset[JobState]() for state in TERMINAL},
}
"""Every possible move. Storage refuses any other."""


class Failure(StrEnum):
    """Why a job ended without a video: who could have acted, in one word for cards and reports."""

    MODERATED = "moderated"
    INVALID_REQUEST = "invalid_request"
    BAD_IMAGE = "bad_image"
    NO_SOURCE = "no_source"
    """The video that it was to go on from is gone, or its last picture cannot be read."""
    BILLING = "billing"
    CREDENTIALS = "credentials"
    MODEL_RETIRED = "model_retired"
    RENDER_FAILED = "render_failed"
    LOST = "lost"
    BAD_FILE = "bad_file"
    TIMED_OUT = "timed_out"
    TOO_MANY_TRIES = "too_many_tries"
    RESOLVED = "resolved"
    """An admin settled an unknown outcome as "not rendered"."""


CHECKABLE = frozenset({Failure.LOST, Failure.BAD_FILE, Failure.TIMED_OUT, Failure.RENDER_FAILED})
"""Ends after which a backend may have the video all the same."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What was agreed when the job was accepted; no later change of settings touches it.

    A job that no backend took may be given another one, where its own cannot make it.
    `price` is in credits for the whole job; `upstream_model` is the backend's name of the model.
    `cost` is what the job should cost the workspace at the backend, in USD·10⁻⁶.
    """

    provider: str
    account: str
    base_url: str
    upstream_model: str
    price: int
    cost: int = 0

    @property
    def gate(self) -> str:
        """What its account goes by: ``provider/account``."""
        return f"{self.provider}/{self.account}"


@dataclass(frozen=True, slots=True)
class Moved:
    """A job left the account `source` (``provider/account``), where it was `price` credits.

    `times` counts all such moves of a job.
    """

    times: int
    source: str
    price: int


@dataclass(frozen=True, slots=True)
class Job:
    """One video for one person. All times are ms since the epoch.

    `interaction` and `part` name the request it came from; `version` grows with every move and
    fences out anyone who still holds an older view. `due_at` is when the next step may happen
    (None: nothing to do until somebody acts).
    """

    id: str
    person: Person
    place: Place
    interaction: str
    part: int
    spec: VideoSpec
    offer: Offer
    state: JobState
    version: int
    accepted_at: int
    updated_at: int
    due_at: int | None
    tries: int = 0
    """Attempts at the current step that ended in "try again"; 0 after every success."""
    attempt: int = 0
    """Number of the current (or last) attempt at the backend, from 1; 0 before the first."""
    reference: Reference | None = None
    intent_at: int | None = None
    submitted_at: int | None = None
    finished_at: int | None = None
    progress: int | None = None
    failure: Failure | None = None
    reason: str | None = None
    """The backend's or tool's own words about `failure`; untrusted, may be cut."""
    retry_of: str | None = None
    remix_of: str | None = None
    """The job whose video this one is made of; the two fields of a family are set together."""
    root: str | None = None
    """The job of the first video of the family."""
    operation: Operation = Operation.CREATE
    sent_prompt: str | None = None
    """The words sent to the backend where they are not the person's own; see `lineage`."""
    cancel_asked: bool = False
    payer: str | None = None
    """The account that pays, chosen when the job was accepted; None is the person's own."""
    cost_reported: int | None = None
    """What the backend said that the job cost, in USD·10⁻⁶; None when it did not."""
    lane: Lane = Lane.NORMAL
    not_before: int | None = None
    """The start that its person chose; None: as soon as it is its turn."""
    off_peak_at: int | None = None
    """When a relaxed job begins to count as normal; None: only by waiting."""
    moved: Moved | None = None
    """How it came to its offer; None: it has the one that it was accepted with."""

    @property
    def hold(self) -> str:
        """What its hold goes by: each is closed under its own name, and a move makes a new one."""
        return f"{self.id}/{self.moved.times}" if self.moved else self.id

    @property
    def terminal(self) -> bool:
        """Nothing will happen to this job any more."""
        return self.state in TERMINAL


def checkable(job: Job) -> bool:
    """Whether it makes sense to ask the backend once more about a job without a video."""
    return job.state in UNCOUNTED and job.failure in CHECKABLE and job.reference is not None


def can_move(old: JobState, new: JobState) -> bool:
    """Whether a job may go from `old` to `new`; staying is always allowed."""
    return new is old or new in MOVES[old]


def may_see(viewer: Person, job: Job) -> bool:
    """Whether a job is open to `viewer`: private ones only to their owner and to admins."""
    return not job.place.private or job.person.id == viewer.id or viewer.admin
