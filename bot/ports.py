"""The sockets: what the core needs from the world. Each port states its law.

Storage is one port, `Store`, whose transaction hands out one small repository per feature.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from bot.domain.audit import Record
from bot.domain.blocks import Block
from bot.domain.budgets import Budget, Spending
from bot.domain.charts import BarChart, ContactSheet
from bot.domain.checks import Fault
from bot.domain.circuits import WHOLE, Circuit
from bot.domain.findings import Finding
from bot.domain.gates import Gate
from bot.domain.jobs import Job, JobState, Offer, Reference
from bot.domain.leases import Lease
from bot.domain.ledger import Account, Entry, Transfer
from bot.domain.library import Found, LibraryFilter
from bot.domain.links import Invite, Link, Publication
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.notices import Posting, Request, Wish
from bot.domain.order import Run, Waiter
from bot.domain.people import Own
from bot.domain.permits import Ask, AskState
from bot.domain.prompts import Prompt
from bot.domain.quotas import Extra, Rule
from bot.domain.reconciliation import Costs
from bot.domain.refs import Blob, MessageRef, Person, Place, Tenant
from bot.domain.releases import Release, Stand
from bot.domain.schedules import Schedule
from bot.domain.styles import Style
from bot.domain.switches import Switch
from bot.domain.takedowns import Takedown, TakedownState
from bot.domain.threads import ThreadMode
from bot.domain.tickets import Ticket
from bot.domain.trees import FamilyChart
from bot.domain.usage import Usage
from bot.domain.videos import Fit, Size, Video
from bot.domain.workspaces import Choice
from bot.errors import ProviderError, Room

# --- time ---------------------------------------------------------------------------------


class Clock(Protocol):
    """Time. Law: `now` never goes backwards by more than the operating system's own corrections."""

    def now(self) -> int:
        """Ms since the epoch."""
        ...

    async def sleep(self, ms: int) -> None:
        """Wait; returns at once for 0 or less."""
        ...


# --- chats --------------------------------------------------------------------------------

Answer = Callable[[Invocation], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to choose while typing: the value to pass on, and how it reads."""

    value: str
    label: str


Suggest = Callable[[Invocation, str], Awaitable[Sequence[Suggestion]]]
"""What a person may mean by the named argument of an invocation that is still being typed."""

StylesOf = Callable[[Tenant], Awaitable[Sequence[Style]]]
"""The styles of a workspace, by name."""


@dataclass(frozen=True, slots=True)
class PlaceLimits:
    """What a place can take. Paces and windows are ms; `domain.pace` has the rule.

    `upload_bytes` — of one upload. `edit_pace` — least time between two edits of one message.
    `channel_pace` — of n active cards in a channel, each is edited at most every n times this.
    `edit_window` — age after which a message gets no more edits but its last word; None: no end.
    `workspace_pace` — as `channel_pace`, for the active cards of the whole workspace.
    `workspace_edits` — edits a minute that a workspace takes, whatever they are of; None: any.
    `thread_modes` — how replies in threads can be read there; none where they are not heard.
    """

    upload_bytes: int
    edit_pace: int
    channel_pace: int = 0
    edit_window: int | None = None
    workspace_pace: int = 0
    workspace_edits: int | None = None
    thread_modes: Collection[ThreadMode] = ()


class ChatPlatform(Protocol):
    """A chat.

    Law: `nonce` makes a repeated post harmless (the first message's ref is returned); raises
    only `ChatError` classes; never guesses a place.

    `again` says that the message may be there already: an earlier answer was lost, or the bot died
    before it was noted. A chat that forgets nonces after a while must look for the message first.
    Calls come side by side, at most one at a time for each `Lane`.
    """

    @property
    def name(self) -> str:
        """The `platform` of every reference it handles."""
        ...

    async def limits(self, place: Place) -> PlaceLimits:
        """What the place can take now."""
        ...

    async def serve(self, answer: Answer) -> None:
        """Start turning what people do into invocations; returns once ready to receive them."""
        ...

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """Put a new message into a place, with its video or its one `picture`."""
        ...

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace the words of a message; its file has to be the one that it was posted with."""
        ...

    async def remove(self, ref: MessageRef) -> None:
        """Take a message of ours back, with its files. One that is gone already is fine.

        Its nonce is free for another message; what others said below it may stay. Raises
        `ChatForbidden` or `ChatGone` where it is still there and we may not.
        """
        ...

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        """The thread under a message, opened when there is none.

        A thread is named by the id of the message that it hangs under.
        """
        ...

    async def notify_privately(
        self, person: Person, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """Tell one person something that nobody else should read.

        Raises `ChatForbidden` or `ChatGone` where the person takes no private messages.
        """
        ...

    async def preflight(self, place: Place) -> tuple[str, ...]:
        """What would keep a video from being posted there, in words; empty is fine."""
        ...

    async def aclose(self) -> None:
        """Stop receiving and let go of everything."""
        ...


# --- video backends -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubmitRequest:
    """One create. `model` is the backend's own name.

    `image` and `last` are the first and the last frame, JPEGs of exactly `size`; `references` are
    JPEGs of what is to be seen in it. `sound` is None where the backend decides.

    `webhook_url` is where the backend may tell of the job's end, where it has to be told that with
    each create; "": nowhere. It may hold a secret of the account. `name` is ours alone, and of this
    one create: letters, digits and ``-``; backends that have a place for it get it along.
    """

    prompt: str
    model: str
    size: Size
    seconds: int
    image: Path | None = None
    webhook_url: str = field(default="", repr=False)
    name: str = ""
    last: Path | None = None
    references: tuple[Path, ...] = ()
    sound: bool | None = None


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """What a backend says of a job.

    `state` is one of QUEUED, RENDERING, FETCHING (finished there), FAILED, MODERATED, EXPIRED,
    CANCELLED.

    `poll_after_ms` and `created_at` (ms) are None when it did not say; `cost_micros` is USD·10⁻⁶;
    `room` is what it said of its rate. `charged` is whether work that failed is billed, None when
    what holds for all that fails there holds for it (`Capabilities.charges_failures`).
    """

    reference: Reference
    state: JobState
    progress: int | None = None
    error: ProviderError | None = None
    poll_after_ms: int | None = None
    created_at: int | None = None
    prompt: str | None = None
    model: str | None = None
    size: str | None = None
    seconds: str | None = None
    cost_micros: int | None = None
    room: Room | None = None
    charged: bool | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do beyond create, ask and download.

    `lists` — running jobs can be listed; `list_complete` — a job missing from the list was surely
    never taken (only then may an unknown create be tried again). `finds` — a create can be asked
    for by `SubmitRequest.name`. `references` — how many pictures of what is to be seen it takes at
    most. `charges_failures` — failed work costs us money; `charges_cancels` — so does what was
    stopped by `cancel`.
    """

    remixes: bool = False
    extends: bool = False
    lists: bool = False
    list_complete: bool = False
    finds: bool = False
    deletes: bool = False
    cancels: bool = False
    takes_image: bool = True
    takes_last: bool = False
    references: int = 0
    switches_sound: bool = False
    charges_failures: bool = False
    charges_cancels: bool = False
    simulated: bool = False


class VideoProvider(Protocol):
    """A video backend.

    Law: raises only `ProviderError` classes; what it lacks is in its capabilities and raises
    `Unsupported`; `submit` and `remix` send at most one create.
    """

    @property
    def name(self) -> str:
        """Key of the provider in the catalogue."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        """Send one create. `AmbiguousSubmit` when nobody can say whether it was taken."""
        ...

    async def remix(self, reference: Reference, prompt: str, webhook_url: str = "") -> RemoteJob:
        """Send one remix of a finished job; `webhook_url` is as in `SubmitRequest`."""
        ...

    async def extend(
        self, reference: Reference, prompt: str, seconds: int, webhook_url: str = ""
    ) -> RemoteJob:
        """Send one continuation of a finished job: its file has that and `seconds` more."""
        ...

    async def fetch(self, reference: Reference) -> RemoteJob:
        """Ask about a job. A failed job is an answer, not an error."""
        ...

    async def download(self, reference: Reference, target: Path) -> None:
        """Copy the finished file to `target`, going on where a `.part` beside it ends.

        Returns only when the bytes are complete and look like an MP4.
        """
        ...

    async def list_jobs(self, since: int) -> Sequence[RemoteJob]:
        """Jobs created at or after `since` (ms), newest first."""
        ...

    async def find(self, name: str) -> RemoteJob | None:
        """The job that the create of that name made; None when the backend knows none.

        Only a job proves something: a create that is not known may still be on its way.
        """
        ...

    async def delete(self, reference: Reference) -> None:
        """Remove a job and its files; fine when it is gone already."""
        ...

    async def cancel(self, reference: Reference) -> None:
        """Stop a job that has not finished."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class Checkup(Protocol):
    """A look at one account of a video backend, for all that keeps it from working.

    Law: it orders, changes and costs nothing, and no finding has a key or another secret in it. A
    backend may take its time: whoever looks says when it was long enough, and keeps what was found.
    """

    @property
    def gate(self) -> str:
        """``provider/account``, with which the name of each finding begins."""
        ...

    def findings(self) -> AsyncGenerator[Finding]:
        """Every finding, each time anew; raises `ConfigError` where nothing can be asked."""
        ...


# --- files --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts of an MP4, read from its boxes."""

    width: int
    height: int
    duration_ms: int
    frames: int
    has_audio: bool
    video_codec: str
    faststart: bool
    has_c2pa: bool


class Media(Protocol):
    """Looks at and makes pictures and clips.

    Law: subprocesses with limits, output verified, raises only `MediaError` classes, never
    blocks the loop.
    """

    async def prepare_image(self, source: Path, size: Size, fit: Fit | None, target: Path) -> None:
        """A clean JPEG of exactly `size` without metadata; raises `BadImage`.

        Without a `fit` in its own shape, and no larger than `size`.
        """
        ...

    async def probe(self, path: Path) -> MediaInfo:
        """Facts of an MP4; raises `NotAVideo` or `TruncatedVideo`."""
        ...

    async def poster(self, video: Path, target: Path) -> None:
        """One JPEG still that stands for the clip, at most 640 px wide."""
        ...

    async def frame(self, video: Path, target: Path) -> None:
        """The clip's first picture as JPEG in full size: a clip of somebody's own, to start from.

        Law: as wide and high as the clip is shown; nothing appears at `target` when it fails.
        Raises `NotAVideo`, `TruncatedVideo` or `MediaFailed`.
        """
        ...

    async def last_frame(self, video: Path, target: Path) -> None:
        """The clip's last picture, PNG or JPEG by the suffix of `target`; all else as `frame`."""
        ...

    async def join(self, first: Path, second: Path, target: Path) -> None:
        """Write an MP4 of one clip and then the other to `target`.

        Law: in the size and at the rate of the first, and as long as both; with sound when one of
        them has sound; the same clips are the same bytes; nothing appears at `target` when it
        fails. Raises `NotAVideo`, `TruncatedVideo` or `MediaFailed`.
        """
        ...

    async def fit(self, video: Path, limit: int, target: Path) -> None:
        """Write an MP4 of the same clip, of at most `limit` bytes, to `target`.

        Law: as long as the clip, with sound when it has sound, never more pixels; the same bytes
        when they fit already; nothing appears at `target` when it fails.
        Raises `MediaFailed` when it cannot be made so small and still be worth watching.
        """
        ...


class Charts(Protocol):
    """Draws figures.

    Law: the same chart is the same bytes; words are words, whatever marks are in them; never
    blocks the loop.
    """

    async def bars(self, chart: BarChart) -> bytes:
        """A PNG that can be read on a phone; also of no bars at all."""
        ...

    async def tree(self, chart: FamilyChart) -> bytes:
        """A PNG of a family of at least one, far smaller than `MOST_ATTACHED`.

        A still that cannot be read is an empty frame.
        """
        ...

    async def sheet(self, sheet: ContactSheet) -> bytes:
        """A PNG of numbered stills, at least one; what cannot be read is an empty frame."""
        ...


class Blobs(Protocol):
    """Files by content. Law: same bytes, same blob; a blob that was put can be opened."""

    async def put(self, source: Path, suffix: str) -> Blob:
        """Take over the file at `source` (it is moved or removed)."""
        ...

    def open(self, blob: Blob) -> Path:
        """Local path for reading; raises `FileNotFoundError` when it was deleted."""
        ...

    def url(self, blob: Blob, ticket: Ticket, lives_ms: int) -> str | None:
        """A signed link that ends after `lives_ms`, or before, with what its ticket is for.

        None when no server serves it.
        """
        ...

    async def delete(self, blob: Blob) -> None:
        """Remove it; fine when it is gone already."""
        ...

    async def tidy(self, before: int) -> int:
        """Remove unfinished files untouched since `before` (ms); returns how many."""
        ...

    def scratch(self) -> Path:
        """A folder for unfinished files on the same disk; emptied of old ones at start."""
        ...


# --- wake-ups -----------------------------------------------------------------------------

Wake = Callable[[str], Awaitable[None]]


class Wakeups(Protocol):
    """Timers. Law: a wake-up may come late or twice, never wrong: the truth is in the job's row."""

    def start(self) -> None:
        """Begin to fire."""
        ...

    def at(self, name: str, when: int, wake: Wake) -> None:
        """Call `wake(name)` at `when` (ms), replacing an earlier timer of that name."""
        ...

    def every(self, name: str, interval: int, wake: Wake) -> None:
        """Call `wake(name)` each `interval` ms."""
        ...

    def forget(self, name: str) -> None:
        """Drop a timer; fine when there is none."""
        ...

    async def aclose(self) -> None:
        """Fire no more."""
        ...


# --- storage ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list, newest first. `prefix` is the beginning of an id."""

    tenant: Tenant
    person_id: str | None = None
    states: frozenset[JobState] | None = None
    prefix: str | None = None
    channel: str | None = None
    limit: int = 10


class JobRows(Protocol):
    """Jobs.

    Law: a job changes only through `move` and `reoffer`; they refuse a view that is not the newest.
    """

    async def add(self, job: Job) -> None:
        """Store a new job; raises `ValueError` when the id is taken."""
        ...

    async def by_interaction(self, tenant: Tenant, interaction: str) -> tuple[Job, ...]:
        """The jobs that a request already became, by part."""
        ...

    async def get(self, job_id: str) -> Job | None:
        """One job by its whole id."""
        ...

    async def move(
        self, seen: Job, state: JobState, at: int, why: str, **changes: object
    ) -> Job | None:
        """Bring the job from the version in `seen` to `state` with `changes` of its fields.

        Writes its history too. None when somebody else moved it first: stop there.
        Raises `ValueError` for a move that `domain.jobs.MOVES` does not know.
        """
        ...

    async def reoffer(self, seen: Job, offer: Offer, at: int, why: str, due_at: int) -> Job | None:
        """Give a job that no backend took the terms of another account, where it waits anew.

        It counts its moves in `Job.moved`. None when somebody else moved it first.
        Raises `ValueError` for a job that may be at a backend.
        """
        ...

    async def show_progress(
        self, seen: Job, progress: int | None, due_at: int, at: int
    ) -> Job | None:
        """Same state, new percentage and due time; None when the job was moved meanwhile."""
        ...

    async def list(self, which: JobFilter) -> tuple[Job, ...]:
        """Jobs by filter, newest first."""
        ...

    async def due(self, now: int, limit: int) -> tuple[Job, ...]:
        """Live jobs other than waiting ones whose due time has come, the longest due first."""
        ...

    async def timers(self) -> tuple[tuple[str, int], ...]:
        """Id and due time of every live job that has one (to rebuild timers at start)."""
        ...

    async def in_state(self, states: frozenset[JobState], limit: int) -> tuple[Job, ...]:
        """Jobs of all tenants in one of `states`, the oldest first."""
        ...

    async def waiting(self, gate: str) -> tuple[Waiter, ...]:
        """The line before a gate (``provider/account``), unordered."""
        ...

    async def gates(self) -> tuple[str, ...]:
        """The gates (``provider/account``) before which jobs wait."""
        ...

    async def joining(self, job_ids: Sequence[str]) -> tuple[Waiter, ...]:
        """Those of some jobs that wait, as their lines see them."""
        ...

    async def upstream(self, gate: str) -> tuple[str, ...]:
        """Person keys of the jobs that take a slot of a gate, one for each job."""
        ...

    async def runs(self, gate: str) -> tuple[Run, ...]:
        """The same jobs, each with the time of its create (ms) and its kind."""
        ...

    async def durations(self, model: str, size: str, seconds: int, limit: int) -> tuple[int, ...]:
        """Ms from submit to finished of the last `limit` jobs of that kind that went well."""
        ...

    async def claimed(self, provider: str, provider_ids: Sequence[str]) -> frozenset[str]:
        """Which of these ids (field ``id`` of a reference) at a provider are those of a job."""
        ...

    async def family(self, root: str, limit: int) -> tuple[Job, ...]:
        """The newest remixes that go back to one video, the oldest of them first."""
        ...

    async def holding(self, job: Job) -> tuple[Job, ...]:
        """All jobs, itself among them, that have the backend id of `job` at its account."""
        ...

    async def named(self, provider: str, account: str, name: str) -> tuple[Job, ...]:
        """All jobs that have the backend id `name` at that account."""
        ...

    async def forget(self, job_id: str) -> None:
        """Keep nothing that people or a backend said of an ended job: no prompt, picture or id."""
        ...

    async def history(self, job_id: str) -> tuple[tuple[int, str, str], ...]:
        """(at, state, why) of each move, the oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a backend. `outcome` is None while it runs, else a word for reports."""

    job_id: str
    number: int
    provider: str
    account: str
    intent_at: int
    reference: Reference | None = None
    ended_at: int | None = None
    outcome: str | None = None


class AttemptRows(Protocol):
    """Attempts. Law: opened before the create is sent, with a number never used before."""

    async def open(self, attempt: Attempt) -> None:
        """Record the intent."""
        ...

    async def referenced(self, job_id: str, number: int, reference: Reference) -> None:
        """The backend took it."""
        ...

    async def close(self, job_id: str, number: int, outcome: str, at: int) -> None:
        """It ended; fine when it ended before (the first outcome stays)."""
        ...

    async def of(self, job_id: str) -> tuple[Attempt, ...]:
        """All attempts of a job by number."""
        ...

    async def forget(self, job_id: str) -> None:
        """Keep nothing of what backends call the attempts of a job."""
        ...


class LedgerRows(Protocol):
    """Credits. Law: both sides of a transfer are written or none; a `ref` is used once."""

    async def post(self, transfer: Transfer) -> bool:
        """Move credits. False when the ref was used before (nothing changes).

        Raises `NotEnoughCredits` when the source would fall below zero.
        """
        ...

    async def balance(self, account: Account) -> int:
        """Credits in an account; 0 for one that was never used."""
        ...

    async def statement(self, account: Account, limit: int) -> tuple[Entry, ...]:
        """The newest entries of an account, the newest first."""
        ...

    async def latest(self, account: Account, prefix: str) -> Entry | None:
        """The newest entry of an account whose ref begins with `prefix`."""
        ...

    async def drawn(self, account: Account, since: Entry) -> int:
        """What has gone from an account after an entry of it, less what came back.

        Grants and gifts that came in do not count.
        """
        ...

    async def first(self, account: Account) -> Entry | None:
        """The entry that an account began with; None for one that was never used."""
        ...

    async def entries(self, tenant: Tenant, after: int, limit: int) -> tuple[Entry, ...]:
        """Entries of all accounts of a workspace whose id is above `after`, the oldest first."""
        ...

    async def journal(self, tenant: Tenant, limit: int) -> tuple[Entry, ...]:
        """The newest entries of all accounts of a workspace, the newest first."""
        ...

    async def of_job(self, job_id: str) -> tuple[Entry, ...]:
        """All entries of a job, the oldest first."""
        ...

    async def has_account(self, account: Account) -> bool:
        """Whether the account was ever used."""
        ...

    async def accounts(self, prefix: str) -> tuple[str, ...]:
        """Names of the accounts that begin with `prefix`, sorted."""
        ...

    async def purses(self, prefix: str) -> tuple[tuple[str, int], ...]:
        """Names and balances of the accounts that begin with `prefix`, the oldest first."""
        ...

    async def check(self) -> tuple[str, ...]:
        """Every way in which balances and entries disagree, in words; empty is whole."""
        ...


class QuotaRows(Protocol):
    """Limits per period, and what was granted above them."""

    async def rules(self, tenant: Tenant) -> tuple[Rule, ...]:
        """All rules of a workspace."""
        ...

    async def set_rule(self, tenant: Tenant, rule: Rule) -> None:
        """Store a rule in place of the one with the same subject, unit and period."""
        ...

    async def drop_rule(self, tenant: Tenant, rule: Rule) -> bool:
        """Remove the rule with that subject, unit and period; False when there is none."""
        ...

    async def extras(self, person: Person, now: int) -> tuple[Extra, ...]:
        """What somebody may use above their limits now."""
        ...

    async def give(self, tenant: Tenant, extra: Extra) -> bool:
        """Store an extra; False when its ref was used before."""
        ...


class UsageRows(Protocol):
    """What jobs count for, by scope and model as `domain.usage` names them.

    Law: as `domain.usage.counted` has it for every job as it is stored in this moment; nobody
    writes it but the store itself, when a job is added or moved. `since` counts from its slot on.
    """

    async def total(self, tenant: Tenant, scope: str, model: str, since: int) -> Usage:
        """All that counts there since then (ms)."""
        ...

    async def first(self, tenant: Tenant, scope: str, model: str, since: int) -> int | None:
        """The first slot (ms) since then in which a video counts."""
        ...

    async def held(self, tenant: Tenant, scope: str, model: str, since: int) -> Usage:
        """The part of it that belongs to jobs whose price is not settled; without their money."""
        ...

    async def top(
        self, tenant: Tenant, prefix: str, since: int, until: int
    ) -> tuple[tuple[str, Usage], ...]:
        """Every scope that begins with `prefix`, with what counts in [since, until)."""
        ...

    async def models(self, tenant: Tenant, since: int, until: int) -> tuple[tuple[str, Usage], ...]:
        """Every model, with what counts of it in [since, until)."""
        ...


class ScheduleRows(Protocol):
    """Credits that come by themselves. Law: one for each subject of a workspace."""

    async def of(self, tenant: Tenant) -> tuple[Schedule, ...]:
        """All of a workspace, by subject."""
        ...

    async def everywhere(self) -> tuple[tuple[Tenant, Schedule], ...]:
        """All of all workspaces."""
        ...

    async def put(self, tenant: Tenant, schedule: Schedule) -> None:
        """Store one in place of the one for the same subject."""
        ...

    async def drop(self, tenant: Tenant, subject: str) -> bool:
        """End the one for a subject; False when there is none."""
        ...


class WorkspaceRows(Protocol):
    """What admins chose for a workspace."""

    async def chosen(self, tenant: Tenant, channel: str = "") -> Mapping[Choice, str]:
        """Everything that was chosen for a whole workspace, or for one channel of it."""
        ...

    async def choose(
        self, tenant: Tenant, choice: Choice, value: str | None, channel: str = ""
    ) -> None:
        """Choose it in place of what was chosen before; None goes back to the settings."""
        ...

    async def having(self, choice: Choice) -> tuple[tuple[Tenant, str], ...]:
        """All workspaces that chose it for the whole of them, and what they chose."""
        ...


class PersonRows(Protocol):
    """What people chose for themselves."""

    async def chosen(self, person: Person) -> Mapping[Own, str]:
        """Everything that somebody chose."""
        ...

    async def choose(self, person: Person, own: Own, value: str | None) -> None:
        """Choose it in place of what was chosen before; None: nothing is chosen any more."""
        ...


class PermitRows(Protocol):
    """Whom authors let change a video of theirs. Law: one permission for a video and a person."""

    async def give(self, job_id: str, person: Person, at: int, *, always: bool) -> None:
        """Permit it once, or always; what was permitted before stays."""
        ...

    async def has(self, job_id: str, person: Person) -> bool:
        """Whether it is permitted."""
        ...

    async def use(self, job_id: str, person: Person) -> None:
        """It was made use of: what is permitted once is no longer."""
        ...

    async def forget(self, job_id: str) -> None:
        """Take back what was permitted for a video."""
        ...


class AskRows(Protocol):
    """Orders that wait for an author's yes. Law: one is settled once.

    The same request is one question, and a person has one open question about a video.
    """

    async def add(self, ask: Ask) -> Ask | None:
        """Store it; that of the same request comes back where there was one.

        None when the person has another open one about the video.
        """
        ...

    async def get(self, tenant: Tenant, ask_id: str) -> Ask | None:
        """One that somebody of a workspace asked, or is asked."""
        ...

    async def settle(
        self, ask: Ask, state: AskState, at: int, *, reason: str = "", problem: str = ""
    ) -> bool:
        """Settle an open one; False when somebody was faster."""
        ...

    async def waiting(self, author: Person, limit: int) -> tuple[Ask, ...]:
        """Open ones for an author, the oldest first."""
        ...

    async def by(self, person: Person, limit: int) -> tuple[Ask, ...]:
        """What somebody asked, the newest first."""
        ...

    async def between(self, home: Tenant, other: Tenant) -> tuple[Ask, ...]:
        """Open ones for authors of one workspace by people of another, the oldest first."""
        ...

    async def overdue(self, before: int, limit: int) -> tuple[Ask, ...]:
        """Open ones of all workspaces that were asked by then (ms), the oldest first."""
        ...

    async def tidy(self, before: int) -> None:
        """Forget settled ones that were asked before then (ms)."""
        ...


class TakedownRows(Protocol):
    """Wishes that a video is taken down. Law: one for a person and a video, decided once."""

    async def add(self, takedown: Takedown) -> Takedown:
        """Store it; the one that the person had about the video comes back where there is one."""
        ...

    async def get(self, tenant: Tenant, takedown_id: str) -> Takedown | None:
        """One about a video of a workspace, or by somebody there."""
        ...

    async def open(self, tenant: Tenant, limit: int) -> tuple[Takedown, ...]:
        """Those about videos of a workspace that nobody decided on, the oldest first."""
        ...

    async def about(self, job_id: str) -> tuple[Takedown, ...]:
        """Those about one video that nobody decided on, the oldest first."""
        ...

    async def decide(
        self, takedown: Takedown, state: TakedownState, by: Person, answer: str, at: int
    ) -> bool:
        """Decide on an open one; False when somebody was faster."""
        ...

    async def strikes(self, author: Person, since: int) -> tuple[int, ...]:
        """When (ms) videos of somebody were taken down since then, each time once, in order."""
        ...


class CostRows(Protocol):
    """What jobs cost at backends. Law: it only reads; a tenant of None is all of them."""

    async def accounts(self, tenant: Tenant | None, since: int, until: int) -> tuple[Costs, ...]:
        """Each account that jobs accepted in [since, until) reached."""
        ...

    async def remote_ids(
        self, costs: Costs, tenant: Tenant | None, since: int, until: int
    ) -> frozenset[str]:
        """Ids at that account of the jobs that it took in [since, until)."""
        ...


class CheckRows(Protocol):
    """Whether all that is stored adds up. Law: it only reads, and takes no turn of a writer."""

    async def faults(self) -> tuple[Fault, ...]:
        """Everything that does not add up, of all workspaces, a hundred for each question."""
        ...


class Kind(StrEnum):
    """What is on its way. Kinds do not wait for each other."""

    RESULT = "result"
    """A message with a video, posted for the first time or shown again."""
    CARD = "card"
    """A card that is not on the screen yet."""
    EDIT = "edit"
    """News for a card that is, and whatever is taken off the screen."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Messages that are sent one after another: one kind, in one channel and its threads."""

    tenant: Tenant
    channel: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that must reach a chat.

    `key` is its nonce: ``card/<job>``, ``result/<job>``, ``banner/<root>`` on a thread of remixes,
    or ``notice/<id>``, which is about no job.

    Its text is made from the job as it is when sent, so only the newest state is ever shown.
    `revision` > `sent` means there is something to send; `ref` is the message once posted. Where it
    is `gone`, what is to be sent is its removal, and `ref` is None once that is done.
    """

    key: str
    job_id: str | None
    place: Place
    revision: int
    sent: int
    due_at: int
    tries: int
    ref: MessageRef | None
    gone: bool = False

    @property
    def lane(self) -> Lane:
        """The lane that it is sent in."""
        return Lane(self.place.tenant, self.place.channel, self._kind)

    @property
    def shows_video(self) -> bool:
        """Whether a video is in it."""
        return not self.key.startswith(("card/", "banner/", "notice/"))

    @property
    def _kind(self) -> Kind:
        if self.gone and self.ref:
            return Kind.EDIT
        if self.shows_video:
            return Kind.RESULT
        return Kind.CARD if self.ref is None else Kind.EDIT


@dataclass(frozen=True, slots=True)
class Besides:
    """What is not to be taken from the outbox now: `lanes`, and what is held for its time.

    `held` has key and revision; a newer revision of the same message is not meant.
    """

    lanes: Collection[Lane] = ()
    held: Collection[tuple[str, int]] = ()


NOTHING = Besides()


class OutboxRows(Protocol):
    """Messages to send. Law: written in the same transaction as what they tell of.

    What was taken back stays so: nothing is told under its key but with `anew`. A message that is
    on its way when it is taken back is removed once it is known where it stands.
    """

    async def touch(
        self, key: str, job_id: str | None, place: Place, due_at: int, *, anew: bool = False
    ) -> None:
        """There is something new to tell under `key`, at `due_at` or earlier if already due.

        Nothing happens to one that was taken back, unless it is to be told `anew`: then it is
        posted once more, or stays where it is if its removal did not begin.
        """
        ...

    async def take_back(self, key: str, due_at: int) -> None:
        """Remove what stands under `key` from its chat, at `due_at` or earlier if already due.

        What was never posted never will be. Nothing happens where nothing was to be told or all
        was done before; a removal that was given up is begun again.
        """
        ...

    async def due(
        self, now: int, limit: int, chats: Collection[str], besides: Besides = NOTHING
    ) -> tuple[Outgoing, ...]:
        """What may be sent now to these chats: results, then cards, the longest due first."""
        ...

    async def next_due(self, chats: Collection[str], after: int = 0) -> int | None:
        """When the next one for these chats is due, later than `after`; None when there is none."""
        ...

    async def sent(self, item: Outgoing, ref: MessageRef) -> None:
        """`item.revision` is on the screen at `ref`."""
        ...

    async def removed(self, item: Outgoing) -> None:
        """`item` was taken back: it stands nowhere any more."""
        ...

    async def postpone(self, item: Outgoing, due_at: int) -> None:
        """It did not work: try again at `due_at`, one more try on record."""
        ...

    async def drop(self, item: Outgoing) -> None:
        """It can never be delivered: nothing more to send under this key."""
        ...

    async def get(self, key: str) -> Outgoing | None:
        """One message by key."""
        ...

    async def at(self, ref: MessageRef) -> Outgoing | None:
        """The message that stands there; None when it is none of these."""
        ...

    async def shown_at(self, tenant: Tenant, channel: str, message_id: str) -> Outgoing | None:
        """The message of that id in a channel or in a thread of it; None when it is none of these.

        `channel` may also be the thread, where the chat has threads for channels.
        """
        ...

    async def of_job(self, job_id: str) -> tuple[Outgoing, ...]:
        """All messages about a job, by key."""
        ...

    async def forget(self, job_id: str) -> None:
        """Forget the messages about a job that stand nowhere."""
        ...


class GateRows(Protocol):
    """Gates of provider accounts."""

    async def get(self, key: str) -> Gate | None:
        """The gate as it was stored last."""
        ...

    async def put(self, gate: Gate) -> None:
        """Store a gate."""
        ...


class CircuitRows(Protocol):
    """Circuits of provider accounts and of their models, of all workspaces."""

    async def get(self, gate: str, model: str = WHOLE) -> Circuit:
        """The circuit as it was stored last; a closed one when none was."""
        ...

    async def put(self, circuit: Circuit) -> None:
        """Store a circuit."""
        ...

    async def open(self) -> tuple[Circuit, ...]:
        """All that are not closed, by gate and model."""
        ...


class VideoRows(Protocol):
    """Finished videos."""

    async def add(self, video: Video) -> None:
        """Store one; one for each job."""
        ...

    async def of(self, job_id: str) -> Video | None:
        """The video of a job."""
        ...

    async def shares(self, file: Blob, job_id: str) -> bool:
        """Whether another video, or the order of another one, has the same file."""
        ...

    async def drop(self, job_id: str) -> None:
        """Forget the video of a job."""
        ...


class ReleaseRows(Protocol):
    """How finished videos stand. Law: as for jobs, only conditional changes."""

    async def add(self, release: Release) -> None:
        """Store the first of a video; raises `ValueError` when it has one already."""
        ...

    async def get(self, job_id: str) -> Release | None:
        """How the video of a job stands; None before there is one."""
        ...

    async def change(self, seen: Release, new: Release) -> Release | None:
        """Put `new` in the place of `seen`, with the next version; None when that had changed.

        Raises `ValueError` for a move that no video makes. Author, model and `made_at` stay.
        """
        ...

    async def list(
        self, tenant: Tenant, stands: Collection[Stand], author: str | None, limit: int
    ) -> tuple[Release, ...]:
        """Those of a workspace, or of one author there, that stand so: the newest video first."""
        ...

    async def published(self, job_ids: Collection[str]) -> frozenset[str]:
        """Which of these jobs have a video that is published."""
        ...

    async def erasable(self, before: int, limit: int) -> tuple[Release, ...]:
        """Those of all workspaces that were deleted by then (ms), the longest ago first."""
        ...


class LibraryRows(Protocol):
    """Finished videos to look through.

    Law: what `ReleaseRows` wrote is found as it stands now, in the same transaction, and so is what
    `PublicationRows` wrote, while both workspaces are linked; nobody finds what they may not watch.
    """

    async def find(self, which: LibraryFilter) -> tuple[Found, ...]:
        """Videos by filter, in its order."""
        ...

    async def top(
        self, tenant: Tenant, since: int, until: int, limit: int
    ) -> tuple[tuple[Found, int], ...]:
        """Published in [since, until) (ms), with how many published remixes go back to each.

        What most people like comes first, then what was remixed most, then the newest.
        """
        ...

    async def remixes(self, tenant: Tenant, job_ids: Collection[str]) -> Mapping[str, int]:
        """How many remixes published there go back to each of these; none are left out."""
        ...

    async def remember(self, tenant: Tenant, verb: str, args: Mapping[str, str]) -> int:
        """The number of a search, the same for the same one, so that its next page can be asked."""
        ...

    async def recall(self, tenant: Tenant, number: int) -> tuple[str, Mapping[str, str]] | None:
        """Verb and arguments of the workspace's search of that number; None for no such one."""
        ...


class LikeRows(Protocol):
    """Who likes which video, and how they said so.

    Law: a person counts once, however often they said so; `LibraryRows` counts with it.
    """

    async def add(self, job_id: str, person: Person, sign: str, at: int) -> bool:
        """Note that they like it; False when they had said so in that way.

        `sign` is the reaction, or empty for a word or a button.
        """
        ...

    async def drop(self, job_id: str, person: Person, sign: str | None) -> bool:
        """Take one way of saying so back, or with None all; False when there was none."""
        ...

    async def count(self, job_id: str) -> int:
        """How many people like it."""
        ...

    async def has(self, job_id: str, person: Person) -> bool:
        """Whether they like it."""
        ...

    async def forget(self, job_id: str) -> None:
        """Nobody likes it any more: it is gone."""
        ...

    async def among(self, job_ids: Collection[str], person: Person) -> frozenset[str]:
        """Which of these they like."""
        ...


class PromptRows(Protocol):
    """Prompts that people saved, for themselves or for what `prompts.of_channel` names."""

    async def put(self, person: Person, prompt: Prompt) -> None:
        """Save a prompt in place of the one of that name."""
        ...

    async def get(self, person: Person, name: str) -> Prompt | None:
        """The person's prompt of that name."""
        ...

    async def all(self, person: Person) -> tuple[Prompt, ...]:
        """All that a person saved, by name."""
        ...

    async def drop(self, person: Person, name: str) -> bool:
        """Forget a prompt; False when there is none of that name."""
        ...


class StyleRows(Protocol):
    """Styles of workspaces. Law: a channel has at most one, and none that is gone."""

    async def put(self, tenant: Tenant, style: Style) -> None:
        """Keep a style in place of the one of that name."""
        ...

    async def get(self, tenant: Tenant, name: str) -> Style | None:
        """The workspace's style of that name."""
        ...

    async def all(self, tenant: Tenant) -> tuple[Style, ...]:
        """All of a workspace, by name."""
        ...

    async def drop(self, tenant: Tenant, name: str) -> None:
        """Forget a style, also as that of channels."""
        ...

    async def use(self, tenant: Tenant, channel: str, name: str | None) -> None:
        """Give a channel the style of that name in place of the one before; None: no style."""
        ...

    async def of(self, tenant: Tenant, channel: str) -> Style | None:
        """The style that a channel has."""
        ...

    async def uses(self, tenant: Tenant) -> Mapping[str, str]:
        """Which channels have a style, and its name."""
        ...


class LinkRows(Protocol):
    """Which workspaces share videos. Law: a code is taken once, and a link has two ways."""

    async def invite(self, invite: Invite) -> None:
        """Keep a code, in place of the one that its workspace had."""
        ...

    async def take(self, digest: str) -> Invite | None:
        """The code of that digest, which is gone with this; None when there is none."""
        ...

    async def add(self, link: Link) -> bool:
        """Store one way; False when that workspace has one to the other, or one of that name."""
        ...

    async def of(self, tenant: Tenant) -> tuple[Link, ...]:
        """The links of a workspace, by name."""
        ...

    async def between(self, tenant: Tenant, other: Tenant) -> Link | None:
        """The link from one workspace to another."""
        ...

    async def drop(self, tenant: Tenant, other: Tenant) -> bool:
        """End the link between two workspaces, both ways; False when there is none."""
        ...


class PublicationRows(Protocol):
    """Videos in workspaces other than their own. Law: one for each video and workspace."""

    async def add(self, publication: Publication) -> bool:
        """Store one; False when the video stands in that workspace already."""
        ...

    async def get(self, job_id: str, tenant: Tenant) -> Publication | None:
        """The video of a job in a workspace other than its own."""
        ...

    async def of_job(self, job_id: str) -> tuple[Publication, ...]:
        """All of a video, by workspace."""
        ...

    async def called(self, tenant: Tenant, prefix: str, limit: int) -> tuple[str, ...]:
        """Ids of the jobs in a workspace that begin with `prefix`, sorted."""
        ...

    async def drop(self, job_id: str, tenant: Tenant) -> bool:
        """Forget one; False when there is none."""
        ...


class ChannelRows(Protocol):
    """What was chosen for a channel."""

    async def mode(self, place: Place) -> ThreadMode:
        """What replies do in the channel of a place; `MENTION` when nothing was chosen."""
        ...

    async def set_mode(self, tenant: Tenant, channel: str, mode: ThreadMode) -> None:
        """Choose it in place of the one before."""
        ...


class AuditRows(Protocol):
    """What admins did and others tried. Law: a record is never changed and never removed.

    The same interaction leaves one record of what it did to a subject, and none that it failed
    at what it had done, or twice at the same.
    """

    async def add(self, record: Record) -> Record | None:
        """Write one record; where its interaction left one before, that comes back instead."""
        ...

    async def newest(
        self, tenant: Tenant, limit: int, person_id: str | None = None
    ) -> tuple[Record, ...]:
        """Records of a workspace, the newest first; of one person: by them or about them."""
        ...


class BudgetRows(Protocol):
    """Budgets, and which of their thresholds were told of."""

    async def all(self, tenant: Tenant) -> tuple[Budget, ...]:
        """All budgets of a workspace."""
        ...

    async def set(self, tenant: Tenant, budget: Budget) -> None:
        """Store a budget in place of the one with the same scope and period."""
        ...

    async def drop(self, tenant: Tenant, budget: Budget) -> bool:
        """Remove the budget with that scope and period; False when there is none."""
        ...

    async def alert(self, tenant: Tenant, spending: Spending, percent: int, at: int) -> bool:
        """Note that a threshold was reached; False when it was noted before in that period."""
        ...


class NoticeRows(Protocol):
    """News for admins and people, and wishes for more that admins decide on."""

    async def add(self, posting: Posting) -> bool:
        """Store a notice; False when its id is taken."""
        ...

    async def get(self, notice_id: str) -> Posting | None:
        """One notice."""
        ...

    async def unsent(self, tenant: Tenant, since: int) -> tuple[str, ...]:
        """Ids of notices since then (ms) for which there was nowhere to send them."""
        ...

    async def ask(self, request: Request) -> bool:
        """Store a wish; False when the person has an open one, or the id is taken."""
        ...

    async def request(self, tenant: Tenant, request_id: str) -> Request | None:
        """A wish of somebody in a workspace."""
        ...

    async def decide(self, request: Request, state: Wish, by: Person, at: int) -> bool:
        """Decide on an open wish; False when somebody was faster."""
        ...


@dataclass(frozen=True, slots=True)
class Quote:
    """An order as it was asked for, whose `price` (credits) its person has not agreed to yet."""

    id: str
    asked: Invocation
    price: int
    at: int


class QuoteRows(Protocol):
    """Orders that wait for their person's yes."""

    async def put(self, quote: Quote) -> str:
        """Store a quote; one for each interaction, whose first name is returned."""
        ...

    async def get(self, tenant: Tenant, quote_id: str) -> Quote | None:
        """One quote of a workspace."""
        ...

    async def agree(self, quote: Quote) -> None:
        """Note the person's yes."""
        ...

    async def agreed(self, tenant: Tenant, interaction: str) -> int:
        """The price that was agreed to for an order; 0 for none."""
        ...

    async def tidy(self, before: int) -> None:
        """Forget quotes older than that (ms)."""
        ...


class BlockRows(Protocol):
    """Who may order nothing."""

    async def of(self, person: Person) -> Block | None:
        """The block of a person; None for everybody else."""
        ...

    async def put(self, tenant: Tenant, block: Block) -> None:
        """Block somebody, in place of their block before."""
        ...

    async def drop(self, person: Person) -> bool:
        """Lift the block of somebody; False when there is none."""
        ...


class SwitchRows(Protocol):
    """What is paused, drained or stopped."""

    async def of(self, tenant: Tenant) -> tuple[Switch, ...]:
        """All that are set in a workspace."""
        ...

    async def put(self, tenant: Tenant, switch: Switch) -> None:
        """Set a switch, in place of the one for the same scope."""
        ...

    async def drop(self, tenant: Tenant, scope: str) -> bool:
        """Take a switch away; False when none is set."""
        ...


class Unit(Protocol):
    """All repositories within one transaction."""

    @property
    def jobs(self) -> JobRows:
        """Jobs."""
        ...

    @property
    def attempts(self) -> AttemptRows:
        """Attempts."""
        ...

    @property
    def ledger(self) -> LedgerRows:
        """Credits."""
        ...

    @property
    def quotas(self) -> QuotaRows:
        """Limits."""
        ...

    @property
    def outbox(self) -> OutboxRows:
        """Messages to send."""
        ...

    @property
    def gates(self) -> GateRows:
        """Gates of provider accounts."""
        ...

    @property
    def circuits(self) -> CircuitRows:
        """Circuits of provider accounts."""
        ...

    @property
    def videos(self) -> VideoRows:
        """Finished videos."""
        ...

    @property
    def releases(self) -> ReleaseRows:
        """How finished videos stand."""
        ...

    @property
    def library(self) -> LibraryRows:
        """Finished videos to look through."""
        ...

    @property
    def likes(self) -> LikeRows:
        """Who likes which video."""
        ...

    @property
    def prompts(self) -> PromptRows:
        """Prompts that people saved."""
        ...

    @property
    def styles(self) -> StyleRows:
        """Styles of workspaces."""
        ...

    @property
    def links(self) -> LinkRows:
        """Which workspaces share videos."""
        ...

    @property
    def publications(self) -> PublicationRows:
        """Videos in workspaces other than their own."""
        ...

    @property
    def channels(self) -> ChannelRows:
        """What was chosen for channels."""
        ...

    @property
    def usage(self) -> UsageRows:
        """What counts toward limits and budgets."""
        ...

    @property
    def schedules(self) -> ScheduleRows:
        """Credits that come by themselves."""
        ...

    @property
    def workspaces(self) -> WorkspaceRows:
        """What was chosen for workspaces."""
        ...

    @property
    def people(self) -> PersonRows:
        """What people chose for themselves."""
        ...

    @property
    def permits(self) -> PermitRows:
        """Whom authors let change their videos."""
        ...

    @property
    def asks(self) -> AskRows:
        """Orders that wait for an author's yes."""
        ...

    @property
    def takedowns(self) -> TakedownRows:
        """Wishes that a video is taken down."""
        ...

    @property
    def audit(self) -> AuditRows:
        """What admins did."""
        ...

    @property
    def budgets(self) -> BudgetRows:
        """Budgets."""
        ...

    @property
    def notices(self) -> NoticeRows:
        """News that no job tells."""
        ...

    @property
    def quotes(self) -> QuoteRows:
        """Orders that wait for a yes."""
        ...

    @property
    def blocks(self) -> BlockRows:
        """Who may order nothing."""
        ...

    @property
    def switches(self) -> SwitchRows:
        """What is held back."""
        ...

    @property
    def costs(self) -> CostRows:
        """What jobs cost at backends."""
        ...

    @property
    def checks(self) -> CheckRows:
        """What is wrong with all of the above."""
        ...


class Readable(Protocol):
    """The half of a store that only reads."""

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """Read only."""
        ...


class Store(Protocol):
    """The durable truth.

    Law: what one `transaction` block wrote is stored whole when the block ends, and not at all
    when it raises; `reading` sees only what was stored, and never waits for a writer.
    """

    def transaction(self) -> AbstractAsyncContextManager[Unit]:
        """Read and write, alone."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """Read only."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


Leads = Callable[[], bool]
"""Whether this bot is still the one that works here: to be asked right before anything is done that
costs money or that others see. Once another one may have begun, it says no."""


def alone() -> bool:
    """`Leads` where there can be no other."""
    return True


class Leases(Protocol):
    """Who works on a database that several bots may reach.

    Law: one holder at a time, by the database's clock; each has a higher epoch than all before. A
    store whose bot is not the holder writes nothing, and raises `SecondInstance`.
    """

    async def look(self) -> Lease | None:
        """The lease as it is; None when nobody ever had it."""
        ...

    async def take(self, holder: str, length: int) -> Lease | None:
        """Hold it for `length` ms; None while it runs for somebody."""
        ...

    async def renew(self, length: int) -> bool:
        """Hold it for `length` ms from now; False when another one has had it since."""
        ...

    async def give_back(self) -> None:
        """Let the next one in at once; fine when it is not ours."""
        ...


# --- a chat's own memory ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A message in a transcript; `body` is the adapter's own JSON, `revision` grows over all.

    One that is `gone` was taken back: nothing is left of its body.
    """

    id: str
    place: Place
    author: str
    body: dict[str, Any]
    at: int
    revision: int
    gone: bool = False


class Notes(Protocol):
    """Small texts that a chat keeps for itself over a restart. Law: the last one written counts."""

    async def read(self, name: str) -> str | None:
        """What was written last under a name; None when nothing was."""
        ...

    async def write(self, name: str, text: str) -> None:
        """Keep a text."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that came in and waits: `key` names it, `text` is the chat's JSON, `at` is ms."""

    key: str
    text: str
    at: int


class Inbox(Protocol):
    """What came in from a chat and is not answered yet, for chats that want a receipt at once.

    Law: a key is taken once, whoever else brings it; what was taken waits until it is done, also
    after a restart.
    """

    async def take(self, keys: Sequence[str], text: str, at: int) -> bool:
        """Store what came at `at` (ms); on the disk when this returns.

        The first of `keys` names it, and it may come again under any of them. False, and nothing
        is stored, when one of them was taken before. Who is cancelled meanwhile cannot know.
        """
        ...

    async def waiting(self, limit: int) -> tuple[Arrival, ...]:
        """What is not done, the oldest first."""
        ...

    async def done(self, key: str) -> None:
        """It was dealt with: its text is kept no longer, its keys still are."""
        ...

    async def tidy(self, before: int) -> int:
        """Forget the keys of what came before then (ms) and is done; returns how many."""
        ...


class Transcript(Protocol):
    """Memory of a chat that has no server of its own (the web chat). Law: one message per nonce."""

    async def say(
        self, place: Place, author: str, body: dict[str, Any], nonce: str, at: int
    ) -> Said:
        """Store a message; the first one's when the nonce is known."""
        ...

    async def replace(self, message_id: str, body: dict[str, Any]) -> Said | None:
        """Store a new body; None when there is no such message."""
        ...

    async def remove(self, message_id: str) -> Said | None:
        """Keep nothing of a message but that it is gone; None when there is no such message.

        Its id is never used again; its nonce is free for another message.
        """
        ...

    async def since(self, tenant: Tenant, revision: int, limit: int) -> tuple[Said, ...]:
        """Messages that are new, changed or gone after `revision`, in that order."""
        ...

    async def newest(self, tenant: Tenant, limit: int) -> tuple[Said, ...]:
        """The last messages that are not gone, the oldest first."""
        ...

    def listen(self, heard: Callable[[Said], None]) -> Callable[[], None]:
        """Call `heard` with each message stored, replaced or removed here; returns the way out."""
        ...
