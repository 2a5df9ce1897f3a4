"""Everything that can go wrong, sorted by who can act on it.

SoraBotError
├── Refused ................ the person: the request is not done, nothing is stored or charged
│   ├── InvalidInput        a value is not allowed; says what is
│   ├── NotAllowed          needs a right the person lacks
│   ├── Blocked             an admin lets the person order nothing
│   ├── Closed              an admin wants no orders now
│   ├── CoolingDown         much the same was refused several times in a row
│   ├── NotEnoughCredits    price is above what is left
│   ├── TooFewCredits       more is to be moved than an account has
│   ├── QuotaExceeded       a limit per period is reached; says when it resets
│   ├── BudgetSpent         the workspace's real money for this period is spent
│   ├── NotInTier           their role does not allow it; says what it does allow
│   ├── NotUrgent           only some people's work may go first
│   ├── NotConfirmed        above a price, people are asked for a yes
│   ├── AskedAlready        one wish for more at a time
│   ├── AlreadyDecided      another admin was faster
│   ├── Waits               the author of the video is asked first; the order is kept meanwhile
│   ├── Unpriced            the model has no price, so it cannot be sold
│   ├── Retired             the model is gone; says since when, and what comes in its place
│   ├── NotLinked           two workspaces do not share videos, or not this one
│   ├── CannotPost          the bot could not deliver there; says what is missing
│   ├── NotHere             it can be asked for in other places
│   ├── UnknownThing        no such job, video or person here
│   ├── TooLate             the job has moved on
│   ├── NothingBetter       no better model makes the final of a video
│   ├── CannotExtend        nobody who makes the model goes on from a video
│   ├── FullLength          a video cannot go on for so much longer
│   └── NothingUpstream     the backend was asked once more and has no video
├── ProviderError .......... the class tells who acts (see domain/retry)
│   ├── RateLimited         scheduler: too many requests
│   ├── ConcurrencyLimited  scheduler: too many renders at once
│   ├── Transient           scheduler: try again
│   ├── AmbiguousSubmit     nobody yet: the create may or may not have been taken
│   ├── Moderated           person: the prompt or picture was refused
│   ├── InvalidRequest      person: the backend does not accept these values
│   ├── Billing             admin: the backend account is out of money
│   ├── BadCredentials      operator: the key is wrong or lacks access
│   ├── ModelRetired        operator: the model is gone
│   ├── JobNotFound         nobody: the backend does not know the job
│   ├── AssetExpired        nobody: the backend no longer has the file
│   └── Unsupported         operator: the backend lacks the operation
├── ChatError .............. announcer: the message was not delivered
│   ├── ChatBusy            try again later
│   ├── ChatGone            the place or message no longer exists
│   │   └── ThreadGone      only the thread: its channel may still be there
│   └── ChatForbidden       the bot lacks a permission; says which
├── MediaError ............. depends on whose file it is
│   ├── NotAVideo           bytes are not an MP4
│   ├── TruncatedVideo      an MP4 that ends too early
│   ├── BadImage            picture cannot be used; says why
│   └── MediaFailed         the tool failed
├── SecondInstance ......... operator: another bot holds the same data
└── ConfigError ............ operator: all complaints about the settings at once
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


class SoraBotError(Exception):
    """Root of all errors that this project raises on purpose."""


# --- the person can act -------------------------------------------------------------------


class Refused(SoraBotError):
    """The request was understood and declined; nothing was stored or charged."""


class InvalidInput(Refused):
    """`field` was `given`, but only `allowed` is possible (already readable words)."""

    def __init__(self, field: str, given: str, allowed: str) -> None:
        super().__init__(f"{field}={given!r}, allowed: {allowed}")
        self.field = field
        self.given = given
        self.allowed = allowed


class NotAllowed(Refused):
    """The person lacks the right `needs` (a word of the grammar, such as ``admin``)."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


class Blocked(Refused):
    """An admin blocked `who` from ordering, for a `reason` that may be empty."""

    def __init__(self, who: str, reason: str) -> None:
        super().__init__(f"{who}: {reason}")
        self.who = who
        self.reason = reason


class Closed(Refused):
    """An admin set `scope` (as `domain.switches` has it) to `mode`, for a `reason` or none."""

    def __init__(self, mode: str, scope: str, reason: str) -> None:
        super().__init__(f"{mode} {scope}: {reason}")
        self.mode = mode
        self.scope = scope
        self.reason = reason


class CoolingDown(Refused):
    """The person's last orders were refused alike; they may order again at `until` (ms)."""

    def __init__(self, until: int) -> None:
        super().__init__(str(until))
        self.until = until


class NotEnoughCredits(Refused):
    """`price` credits were asked and `available` are left."""

    def __init__(self, price: int, available: int) -> None:
        super().__init__(f"price {price}, available {available}")
        self.price = price
        self.available = available


class TooFewCredits(Refused):
    """`asked` credits were to leave an account that has `available`."""

    def __init__(self, asked: int, available: int) -> None:
        super().__init__(f"asked {asked}, available {available}")
        self.asked = asked
        self.available = available


@dataclass(frozen=True, slots=True)
class Limit:
    """`number` `unit` per `period`, of `model` or of all (""), for `subject` as rules name it."""

    subject: str
    unit: str
    period: str
    number: int
    model: str = ""


class QuotaExceeded(Refused):
    """`used` + `asked` is above a limit until `resets_at` (ms); running jobs hold `held` of it."""

    def __init__(self, limit: Limit, used: int, asked: int, resets_at: int, held: int = 0) -> None:
        super().__init__(f"{used}+{asked} of {limit.number} {limit.unit} per {limit.period}")
        self.limit = limit
        self.used = used
        self.asked = asked
        self.resets_at = resets_at
        self.held = held


class BudgetSpent(Refused):
    """A budget of real money would not bear `asked` more (USD·10⁻⁶): `left` is what it has.

    `reserved` when the rest of it is kept for the urgent; it starts anew at `resumes_at` (ms).
    """

    def __init__(
        self, scope: str, period: str, left: int, asked: int, resumes_at: int, *, reserved: bool
    ) -> None:
        super().__init__(f"{asked} of {left} micros left in {scope} per {period}")
        self.scope = scope
        self.period = period
        self.left = left
        self.asked = asked
        self.resumes_at = resumes_at
        self.reserved = reserved


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be ordered; no names and None: anything. Sizes as in ``1280x720``."""

    models: tuple[str, ...] = ()
    max_seconds: int | None = None
    sizes: tuple[str, ...] = ()
    max_count: int | None = None


class NotInTier(Refused):
    """The person's `tier` allows only `terms`; `better` is the next tier that would allow it."""

    def __init__(self, tier: str, terms: Terms, better: str | None) -> None:
        super().__init__(f"{tier} allows {terms}")
        self.tier = tier
        self.terms = terms
        self.better = better


class NotUrgent(Refused):
    """Only admins, and whoever a budget's reserve is for, may have their work done first."""


class NotConfirmed(Refused):
    """An order of `price` credits, with `left` to spend, waits for its person's yes.

    `draft` is what the video cost of which it is the final; None when it is no final.
    """

    def __init__(self, price: int, left: int, draft: int | None = None) -> None:
        super().__init__(f"price {price}, left {left}")
        self.price = price
        self.left = left
        self.draft = draft


class AskedAlready(Refused):
    """The person's earlier wish is not decided yet: for more, or of an author (`by`)."""

    def __init__(self, by: str = "") -> None:
        super().__init__(by)
        self.by = by


class AlreadyDecided(Refused):
    """Somebody else (`by`, as people call them) decided before; `state`: what the wish became."""

    def __init__(self, state: str, by: str) -> None:
        super().__init__(f"{state} by {by}")
        self.state = state
        self.by = by


class Waits(Refused):
    """An author (`by`) was asked whether their video may be changed; the order waits for a yes.

    `wish` is the verb of what it is to be: ``remix`` or ``extend``.
    """

    def __init__(self, job_id: str, by: str, wish: str = "remix") -> None:
        super().__init__(f"{job_id}: {by}")
        self.job_id = job_id
        self.by = by
        self.wish = wish


class Withheld(Refused):
    """A video is not for everybody (yet): `why` is a word such as ``draft`` or ``own``.

    Whoever tries to get round a review leaves a record in the audit.
    """

    def __init__(self, why: str, job_id: str, by: str = "") -> None:
        super().__init__(f"{why}: {job_id}")
        self.why = why
        self.job_id = job_id
        self.by = by


class WrongStand(Refused):
    """A video that stands so (`releases.Stand`) cannot be what `wish` says, such as ``publish``."""

    def __init__(self, wish: str, stand: str) -> None:
        super().__init__(f"{wish} of {stand}")
        self.wish = wish
        self.stand = stand


class Unpriced(Refused):
    """`model` has no price in the catalogue."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class Retired(Refused):
    """The model `name` is gone since the day `on`; `instead` is its successor here, "" for none."""

    def __init__(self, name: str, on: date, instead: str) -> None:
        super().__init__(name)
        self.name = name
        self.on = on
        self.instead = instead


class NotLinked(Refused):
    """Two workspaces do not share videos, or not this one: `why` is a word such as ``code``.

    `name` is what the other one is called, where there is one.
    """

    def __init__(self, why: str, name: str = "") -> None:
        super().__init__(f"{why}: {name}")
        self.why = why
        self.name = name


class CannotPost(Refused):
    """The finished video could not be posted in that place: `problems` says why, in words."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class NotHere(Refused):
    """`wish` (a word such as ``remix``) is possible elsewhere, not in this place."""

    def __init__(self, wish: str) -> None:
        super().__init__(wish)
        self.wish = wish


class UnknownThing(Refused):
    """No `kind` (job, person, …) goes by `name` in this workspace."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name!r}")
        self.kind = kind
        self.name = name


class TooLate(Refused):
    """The job is in `state`, from which `wish` is not possible any more."""

    def __init__(self, wish: str, state: str) -> None:
        super().__init__(f"{wish} in {state}")
        self.wish = wish
        self.state = state


class NothingBetter(Refused):
    """No better model than `model` makes the final of its videos, or none of them on sale does."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class CannotExtend(Refused):
    """Nobody who makes `model` goes on from a video of it; with those of `able` somebody does."""

    def __init__(self, model: str, able: Sequence[str]) -> None:
        super().__init__(f"{model}, able: {', '.join(able)}")
        self.model = model
        self.able = tuple(able)


class FullLength(Refused):
    """A video of `whole` seconds, extended `times` already, cannot go on for `asked` seconds."""

    def __init__(self, whole: int, times: int, asked: int) -> None:
        super().__init__(f"{whole} s after {times} times, {asked} s more")
        self.whole = whole
        self.times = times
        self.asked = asked


class NothingUpstream(Refused):
    """The backend was asked once more about a job; `answer` is what it said, untrusted."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


# --- the video backend --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Room:
    """What a backend says of its rate: `left` of `limit` requests, all anew in `resets` ms."""

    limit: int
    left: int
    resets: int


class ProviderError(SoraBotError):
    """A video backend said no. `message` is its own words, untrusted and possibly empty.

    `retry_after_ms` is a hint of the backend (milliseconds from now) or None; `room` what it said
    of its rate beside, or None.
    """

    def __init__(
        self, message: str = "", *, retry_after_ms: int | None = None, room: Room | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_ms = retry_after_ms
        self.room = room


class RateLimited(ProviderError):
    """Too many requests per time."""


class ConcurrencyLimited(ProviderError):
    """Too many renders at once."""


class Transient(ProviderError):
    """A passing fault; the request surely started nothing, or is safe to repeat."""


class AmbiguousSubmit(ProviderError):
    """A create was sent and no clear answer came: never send it again."""


class Moderated(ProviderError):
    """The content rules of the backend refused the prompt, the picture or the result."""


class InvalidRequest(ProviderError):
    """The backend does not accept the values."""


class Billing(ProviderError):
    """The account at the backend is out of money or over its own limit."""


class BadCredentials(ProviderError):
    """The key is wrong, or the account has no access."""


class ModelRetired(ProviderError):
    """The model does not exist any more at this backend."""


class JobNotFound(ProviderError):
    """The backend does not know the job."""


class AssetExpired(ProviderError):
    """The backend no longer keeps the file."""


class Unsupported(ProviderError):
    """The backend lacks the operation; its capabilities say so."""


# --- the chat -----------------------------------------------------------------------------


class ChatError(SoraBotError):
    """A message could not be delivered."""


class ChatBusy(ChatError):
    """The chat took nothing and asks to wait `retry_after_ms` milliseconds."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(f"retry after {retry_after_ms} ms")
        self.retry_after_ms = retry_after_ms


class ChatGone(ChatError):
    """The channel, person or message does not exist any more."""


class ThreadGone(ChatGone):
    """The thread does not exist any more; its channel may."""


class ChatForbidden(ChatError):
    """The bot lacks the permission `needs` in that place."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


# --- media --------------------------------------------------------------------------------


class MediaError(SoraBotError):
    """A file could not be read, made or changed."""


class NotAVideo(MediaError):
    """The bytes are not an MP4 (an HTML error page, a playlist, …)."""


class TruncatedVideo(MediaError):
    """An MP4 whose boxes promise more bytes than there are."""


class BadImage(MediaError):
    """A picture that cannot be used; the text says why in plain words."""


class MediaFailed(MediaError):
    """The media tool failed or ran out of its limits."""


# --- the operator -------------------------------------------------------------------------


class SecondInstance(SoraBotError):
    """Another process (`holder`: what it wrote about itself) works on the same data."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class ConfigError(SoraBotError):
    """The settings are not usable; `complaints` holds one sentence for each fault."""

    def __init__(self, complaints: tuple[str, ...]) -> None:
        super().__init__("; ".join(complaints))
        self.complaints = complaints
