"""The fault plan: what goes wrong on purpose, how often, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What goes wrong."""

    RATE_LIMITED = "rate_limited"
    """429 for too many requests, with one kind of hint."""
    CONCURRENCY = "concurrency"
    """429 for too many renders at once; no code, no hint."""
    BILLING = "billing"
    """429 that no waiting helps against: the account is empty."""
    SERVER_ERROR = "server_error"
    """5xx, before or (`accepted`) after the request took effect."""
    LOST_ANSWER = "lost_answer"
    """The connection is dropped without an answer, before or after it took effect."""
    BROKEN_JSON = "broken_json"
    """200 and half a JSON text."""
    HTML = "html"
    """200 and a web page, as a proxy in between gives it."""
    TRUNCATED = "truncated"
    """The connection is cut after a part of the body."""
    SHORT_FILE = "short_file"
    """A download that ends well but lacks its end."""
    REFUSED = "refused"
    """400 from the content rules."""
    RETIRED_MODEL = "retired_model"
    """404, the model does not exist."""
    SLOW = "slow"
    """The request takes effect at once, its answer comes after `wait_ms` of real time."""
    MODERATED = "moderated"
    """The job is taken and fails by the content rules."""
    FAILED = "failed"
    """The job is taken and fails for another reason."""
    NEVER_ENDS = "never_ends"
    """The job is taken and stays in progress."""


class Hint(StrEnum):
    """How a 429 says when to come back."""

    SECONDS = "retry-after"
    DATE = "retry-after-date"
    MILLISECONDS = "retry-after-ms"
    RESET = "x-ratelimit-reset-requests"
    NONE = "none"


SUBMITS = ("create", "remix", "edit", "extend")
OPERATIONS = (*SUBMITS, "upload", "retrieve", "list", "content", "delete")
_ON_CONTENT = frozenset({Kind.HTML, Kind.TRUNCATED, Kind.SHORT_FILE})
_DONE_TO_JOBS = frozenset({Kind.MODERATED, Kind.FAILED, Kind.NEVER_ENDS})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong `times` times (0: always), after `skip` requests went well.

    `on` is an operation, ``submit`` (all that make a job) or ``any``; "" means content for faults
    of downloads, else submit. `status` is for server errors, `part` (0 to 1) for cut bodies,
    `wait_ms` for hints and slowness. `accepted` lets the request take effect first.
    """

    kind: Kind
    on: str = ""
    times: int = 1
    skip: int = 0
    status: int = 500
    accepted: bool = False
    hint: Hint = Hint.SECONDS
    wait_ms: int = 1000
    part: float = 0.5

    @property
    def place(self) -> str:
        """Where it happens, with the default filled in."""
        return self.on or ("content" if self.kind in _ON_CONTENT else "submit")

    @property
    def is_fate(self) -> bool:
        """Whether it happens to the job later, and not to the request."""
        return self.kind in _DONE_TO_JOBS

    def hits(self, operation: str) -> bool:
        """Whether it is meant for that operation."""
        return self.place in {operation, "any"} or (self.place == "submit" and operation in SUBMITS)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fault:
        """A fault out of the control endpoint's JSON; raises `ValueError` with the reason."""
        known = {field.name for field in fields(cls)}
        if odd := sorted(set(data) - known):
            raise ValueError(f"unknown: {', '.join(odd)}")
        words: dict[str, Any] = dict(data)
        words["kind"] = Kind(data.get("kind", ""))
        words["hint"] = Hint(data.get("hint", Hint.SECONDS))
        fault = cls(**words)
        if fault.place not in {*OPERATIONS, "submit", "any"}:
            raise ValueError(f"unknown operation {fault.place!r}")
        return fault


class FaultPlan:
    """The faults still to come, in order."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)

    def add(self, *faults: Fault) -> None:
        """Put more at the end."""
        self._faults.extend(faults)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()

    def take(self, operation: str) -> Fault | None:
        """The fault for this request, used up by one; the first that fits wins."""
        for number, fault in enumerate(self._faults):
            if not fault.hits(operation):
                continue
            if fault.skip > 0:
                self._faults[number] = replace(fault, skip=fault.skip - 1)
                return None
            if fault.times == 1:
                del self._faults[number]
            elif fault.times > 1:
                self._faults[number] = replace(fault, times=fault.times - 1)
            return fault
        return None

    def left(self) -> list[dict[str, Any]]:
        """What is still to come, for the statistics."""
        return [asdict(fault) for fault in self._faults]
