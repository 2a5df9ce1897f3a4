"""What must hold of all that outlives the bot: at any moment, and once everything rests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain import ledger
from bot.domain.jobs import HELD, UNCOUNTED, UPSTREAM, Job, JobState, Operation
from bot.domain.ledger import Kind
from bot.services.line import name_of
from bot.services.moves import card_key, result_key
from tests.crashes.lives import Act, Past
from tests.fakes.core import ALLOWANCE, ANA, TENANT
from tests.fakes.memory_store.ledger import MemoryLedger
from tests.fakes.memory_store.tables import (
    ATTEMPTS,
    BALANCES,
    ENTRIES,
    JOBS,
    OUTBOX,
    REQUESTED,
    VIDEOS,
    Stored,
    View,
)

S = JobState
MADE = frozenset({S.DELIVERING, S.DONE})
REFERENCED = frozenset({S.QUEUED, S.RENDERING, S.FETCHING}) | MADE
_MONEY: Mapping[JobState, frozenset[Kind]] = {
    **dict.fromkeys(HELD, frozenset({Kind.HOLD})),
    **dict.fromkeys(MADE, frozenset({Kind.HOLD, Kind.SETTLE})),
    **dict.fromkeys(UNCOUNTED, frozenset({Kind.HOLD, Kind.RELEASE})),
}
"""The transfers of a job, each once, by its state."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case says of its end.

    `ends` are states in which its jobs may rest; `chat_works`: every message arrives. `finds` of
    a backend: what it took can be found again, and what it did not take is known, so nothing stays
    unknown.
    """

    ends: frozenset[JobState]
    chat_works: bool = True
    finds: bool = True


def broken(past: Past, before: Stored | None = None) -> Iterator[str]:
    """Everything that is wrong at this moment, whoever dies now.

    Books that nobody wrote in since what was stored `before` are as right as they were.
    """
    view = View(past.stored)
    jobs = view.of(JOBS).values()
    if before is None or _books_of(view) != _books_of(View(before)):
        yield from _books(view)
    yield from _creates(past, view)
    for job in jobs:
        yield from _money(view, job)
        yield from _forgotten(past, view, job)
        if (job.id in view.of(VIDEOS)) != (job.state in MADE):
            yield f"{job.id} is {job.state}: a video is there, or not, as it should not be"
        if job.state in REFERENCED and job.reference is None:
            yield f"{job.id} is {job.state} and has no reference"
        if job.state in UPSTREAM and (job.id, job.attempt) not in view.of(ATTEMPTS):
            yield f"{job.id} is {job.state} without an attempt on record"
    for video in view.of(VIDEOS).values():
        if not past.files.has_whole(video.blob):
            yield f"the file of {video.job_id} is not whole"
        yield from _joined(past, view, view.of(JOBS)[video.job_id])


def _joined(past: Past, view: View, job: Job) -> Iterator[str]:
    """What was extended is watched from its beginning."""
    if job.operation is not Operation.EXTEND:
        return
    parent, child = (view.of(VIDEOS)[name or ""] for name in (job.remix_of, job.id))
    before, whole = (past.files.content(one.blob) for one in (parent, child))
    if not whole.startswith(before) or len(whole) <= len(before):
        yield f"{job.id} does not go on from {job.remix_of}"


def _books_of(view: View) -> tuple[int, int]:
    """Which books these are: a table that is written in is another one."""
    return id(view.of(ENTRIES)), id(view.of(BALANCES))


def _books(view: View) -> Iterator[str]:
    for fault in MemoryLedger(view).faults():
        yield fault.words
    if sum(view.of(BALANCES).values()):
        yield "all accounts together are not zero"
    purse = (ledger.credits_of(ANA), ledger.held_for(ANA), ledger.spent_in(TENANT))
    had = sum(view.of(BALANCES).get(account.name, 0) for account in purse)
    if view.of(JOBS) and had != ALLOWANCE:
        yield f"of {ALLOWANCE} credits {had} are left, held or spent"


def _money(view: View, job: Job) -> Iterator[str]:
    kinds: Counter[Kind] = Counter()
    for entry in view.of(ENTRIES).values():
        if entry.job_id == job.id and not ledger.is_money(entry.account) and entry.amount > 0:
            kinds[entry.kind] += 1
    for besides in (Kind.LOSS, Kind.REFUND):
        if kinds.pop(besides, 0) > 1:
            yield f"{job.id}: {besides} twice"
    if kinds != Counter(_MONEY[job.state]):
        yield f"{job.id} is {job.state}, its transfers are {dict(kinds)}"


def _forgotten(past: Past, view: View, job: Job) -> Iterator[str]:
    """Each state has an end, a time, somebody to ask, or a message that must go."""
    if job.terminal or job.due_at is not None:
        return
    able = past.backend.capabilities
    if job.state is S.SUBMIT_UNKNOWN and not (able.lists or able.finds):
        return
    posting = view.of(OUTBOX).get(result_key(job.id))
    if job.state is S.DELIVERING and posting and posting.revision > posting.sent:
        return
    yield f"{job.id} is {job.state} and nothing will wake it"


def _creates(past: Past, view: View) -> Iterator[str]:
    """Nothing is made twice, and nothing is sent whose intent was not stored before."""
    wanted: Counter[str] = Counter()
    intents: Counter[str] = Counter()
    for job in view.of(JOBS).values():
        words = job.sent_prompt or job.spec.prompt
        wanted[words] += 1
        intents[words] += job.attempt
    taken = Counter(one.request.prompt for one in past.backend.renders.values())
    for words, number in taken.items():
        if number > wanted[words]:
            yield f"{number} videos of {words!r} for {wanted[words]} orders"
    for words, number in Counter(past.backend.posts).items():
        if number > intents[words]:
            yield f"{number} creates of {words!r} with {intents[words]} intents"


# --- in the end ---------------------------------------------------------------------------


def unfinished(past: Past, acts: tuple[Act, ...], expected: Expected) -> Iterator[str]:
    """Everything that is wrong although all had the time to come right."""
    yield from broken(past)
    view = View(past.stored)
    yield from _orders(past, view, acts)
    for job in view.of(JOBS).values():
        unknown = job.state is S.SUBMIT_UNKNOWN and not expected.finds
        unknown = unknown and not _can_be_found(past, job)
        if job.state not in expected.ends and not unknown:
            yield f"{job.id} rests as {job.state} ({job.failure})"
        yield from _tries(view, job)
        yield from _loss(past, view, job)
    for item in view.of(OUTBOX).values():
        if item.revision > item.sent:
            yield f"{item.key} was never sent"
    yield from _renders(past, view)
    yield from _screen(past, view, expected)


def _can_be_found(past: Past, job: Job) -> bool:
    """Whether the backend has it, and would say so to whoever asked by our name."""
    names = {render.request.name for render in past.backend.renders.values()}
    return past.backend.capabilities.finds and name_of(job) in names


def _orders(past: Past, view: View, acts: tuple[Act, ...]) -> Iterator[str]:
    """Who was told that an order is accepted has its jobs, and each just once."""
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for (_, interaction, _), job_id in view.of(REQUESTED).items():
        asked[interaction].append(job_id)
    if len(view.of(JOBS)) != sum(map(len, asked.values())):
        yield "there are jobs that nobody asked for"
    for act in acts:
        accepted = past.answers.get(act.name)
        if accepted is None:
            yield f"nobody could {act.name}"
        elif act.orders and len(asked[act.name]) != act.orders * accepted:
            yield f"{act.name}: {asked[act.name]} for {act.orders} orders"
        if act.stops is not None and accepted:
            yield from _stopped(view, act.stops)


def _stopped(view: View, number: int) -> Iterator[str]:
    """What somebody was told to be stopped, now or as soon as can be, is never charged."""
    job = sorted(view.of(JOBS).values(), key=lambda job: job.id)[number]
    if job.state in MADE:
        yield f"{job.id} is {job.state} although its owner stopped it"


def _tries(view: View, job: Job) -> Iterator[str]:
    """Before each try there is proof, on record, that the one before came to nothing."""
    for number in range(1, job.attempt):
        attempt = view.of(ATTEMPTS).get((job.id, number))
        if attempt is None or attempt.outcome is None or attempt.reference is not None:
            yield f"{job.id} was sent again without a proof: {attempt}"


def _loss(past: Past, view: View, job: Job) -> Iterator[str]:
    """What was stopped in time costs the workspace nothing."""
    render = past.backend.renders.get(str((job.reference or {}).get("id")))
    lost = any(
        entry.job_id == job.id and entry.kind is Kind.LOSS for entry in view.of(ENTRIES).values()
    )
    if lost and render and render.stopped:
        yield f"{job.id} was stopped and costs a loss"


def _renders(past: Past, view: View) -> Iterator[str]:
    """What the backend took belongs to one job, or to one that still looks for it."""
    claimed = Counter(
        str(row.reference["id"]) for row in view.of(ATTEMPTS).values() if row.reference
    )
    for name, number in claimed.items():
        if number > 1:
            yield f"{name} belongs to {number} tries"
    doubts = any(job.state is S.SUBMIT_UNKNOWN for job in view.of(JOBS).values())
    for name in past.backend.renders:
        if name not in claimed and not doubts:
            yield f"{name} was rendered for nobody"


def _screen(past: Past, view: View, expected: Expected) -> Iterator[str]:
    """Each message stands there once, and says the last word; none stands there that must go."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for post in past.screen.posts:
        texts[post.nonce].append(post.text)
    for nonce, found in texts.items():
        if len(found) > 1:
            yield f"{nonce} was posted {len(found)} times"
    if not expected.chat_works:
        return
    gone = {key for key, item in view.of(OUTBOX).items() if item.gone}
    for key in view.of(OUTBOX):
        if (key in texts) == (key in gone):
            yield f"{key} is nowhere to be seen, or taken back and still there"
    for job in view.of(JOBS).values():
        card, result = card_key(job.id), result_key(job.id)
        said = "".join(texts.get(card, ()))
        if job.state is S.DONE and card not in gone and not said.startswith("Done"):
            yield f"{job.id} is done, its card says {said!r}"
        if result not in gone and (job.state is S.DONE) != (result in texts):
            yield f"{job.id} is {job.state}: its video is there, or not, as it should not be"
