"""News that no job tells: for admins in their channel, or for one person. Words come later."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bot.domain.circuits import Trouble
from bot.domain.quotas import Period, Unit
from bot.domain.refs import Person, Tenant


@dataclass(frozen=True, slots=True)
class BudgetAlert:
    """A budget reached `percent` of its `cap`; money in USD·10⁻⁶, `ends_at` in ms."""

    scope: str
    period: Period
    percent: int
    spent: int
    cap: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class MoreAsked:
    """Somebody would like more; how it was decided is in the request of that id."""

    request: str


@dataclass(frozen=True, slots=True)
class Decided:
    """To a person: what became of their wish for more."""

    request: str


@dataclass(frozen=True, slots=True)
class Faults:
    """The self-check found something; `findings` in words."""

    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderTrouble:
    """An account (`gate` is ``provider/account``) takes nothing until somebody mends it."""

    gate: str
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """The video of `job` was sent to the reviewers for the `round`-th time."""

    job: str
    round: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """To an author: what a reviewer decided in that round."""

    job: str
    round: int


@dataclass(frozen=True, slots=True)
class BestOfWeek:
    """To the gallery: what people liked best of what came out in [since, until) (ms)."""

    since: int
    until: int


@dataclass(frozen=True, slots=True)
class PermitAsked:
    """To an author: somebody would like to change a video of theirs; see `permits.Ask`."""

    ask: str


@dataclass(frozen=True, slots=True)
class PermitDecided:
    """To whoever asked: what the author said, or that they said nothing."""

    ask: str


@dataclass(frozen=True, slots=True)
class PermitOver:
    """To an author: they said nothing in time."""

    ask: str


@dataclass(frozen=True, slots=True)
class Remixed:
    """To an author: the video of `job` was made of theirs, or of one that was."""

    job: str


@dataclass(frozen=True, slots=True)
class TakedownAsked:
    """Somebody would like a video to be taken down; see `takedowns.Takedown`."""

    takedown: str


@dataclass(frozen=True, slots=True)
class TakedownDecided:
    """To whoever asked for it: what an admin decided."""

    takedown: str


@dataclass(frozen=True, slots=True)
class TakenDown:
    """To an author: their video was taken down."""

    takedown: str


@dataclass(frozen=True, slots=True)
class Watched:
    """To an author: several videos of theirs were taken down. The next ones are reviewed first.

    That ends at `until` (ms).
    """

    until: int


Notice = (
    BudgetAlert
    | MoreAsked
    | Decided
    | Faults
    | ProviderTrouble
    | ReviewAsked
    | Reviewed
    | BestOfWeek
    | PermitAsked
    | PermitDecided
    | PermitOver
    | Remixed
    | TakedownAsked
    | TakedownDecided
    | TakenDown
    | Watched
)


class NoticeKind(StrEnum):
    """How a notice is stored."""

    BUDGET = "budget"
    MORE = "more"
    DECIDED = "decided"
    FAULTS = "faults"
    PROVIDER = "provider"
    REVIEW = "review"
    REVIEWED = "reviewed"
    BEST = "best"
    PERMIT = "permit"
    PERMITTED = "permitted"
    PERMIT_OVER = "permit_over"
    REMIXED = "remixed"
    TAKEDOWN = "takedown"
    TAKEDOWN_DECIDED = "takedown_decided"
    TAKEN_DOWN = "taken_down"
    WATCHED = "watched"


_KINDS: dict[NoticeKind, type[Notice]] = {
    NoticeKind.BUDGET: BudgetAlert,
    NoticeKind.MORE: MoreAsked,
    NoticeKind.DECIDED: Decided,
    NoticeKind.FAULTS: Faults,
    NoticeKind.PROVIDER: ProviderTrouble,
    NoticeKind.REVIEW: ReviewAsked,
    NoticeKind.REVIEWED: Reviewed,
    NoticeKind.BEST: BestOfWeek,
    NoticeKind.PERMIT: PermitAsked,
    NoticeKind.PERMITTED: PermitDecided,
    NoticeKind.PERMIT_OVER: PermitOver,
    NoticeKind.REMIXED: Remixed,
    NoticeKind.TAKEDOWN: TakedownAsked,
    NoticeKind.TAKEDOWN_DECIDED: TakedownDecided,
    NoticeKind.TAKEN_DOWN: TakenDown,
    NoticeKind.WATCHED: Watched,
}


def written(notice: Notice) -> tuple[NoticeKind, dict[str, Any]]:
    """A notice as its kind and plain JSON values."""
    kind = next(kind for kind, of in _KINDS.items() if isinstance(notice, of))
    return kind, asdict(notice)


def read(kind: str, values: dict[str, Any]) -> Notice:
    """What `written` made."""
    match NoticeKind(kind):
        case NoticeKind.BUDGET:
            period = Period(values.pop("period"))
            return BudgetAlert(period=period, **values)
        case NoticeKind.FAULTS:
            return Faults(tuple(values["findings"]))
        case NoticeKind.PROVIDER:
            return ProviderTrouble(values["gate"], Trouble(values["trouble"]))
        case plain:
            return _KINDS[plain](**values)


class Wish(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Request:
    """A person's wish for `amount` more: credits (`period` None), or `unit` above a limit.

    `decided_by` is under the name that they had then; "" where that was not kept.
    """

    id: str
    person: Person
    amount: int
    unit: Unit
    period: Period | None
    model: str
    reason: str
    state: Wish
    asked_at: int
    decided_by: Person | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A stored notice."""

    id: str
    tenant: Tenant
    notice: Notice
    at: int
