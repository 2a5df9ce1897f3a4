"""What a create meets at a simulator of a task API, and what it must be taken for."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.providers.simulator.faults import Fault, Hint, Kind
from bot import errors

FAULTS: Mapping[str, tuple[Fault, type[errors.ProviderError]]] = {
    "rate": (Fault(Kind.RATE_LIMITED, wait_ms=3000), errors.RateLimited),
    "rate without a hint": (Fault(Kind.RATE_LIMITED, hint=Hint.NONE), errors.RateLimited),
    "slots": (Fault(Kind.CONCURRENCY), errors.ConcurrencyLimited),
    "money": (Fault(Kind.BILLING), errors.Billing),
    "content rules": (Fault(Kind.REFUSED), errors.Moderated),
    "retired": (Fault(Kind.RETIRED_MODEL), errors.ModelRetired),
    "busy": (Fault(Kind.SERVER_ERROR, status=503), errors.Transient),
    "fault": (Fault(Kind.SERVER_ERROR), errors.AmbiguousSubmit),
    "fault, but taken": (Fault(Kind.SERVER_ERROR, accepted=True), errors.AmbiguousSubmit),
    "lost": (Fault(Kind.LOST_ANSWER), errors.AmbiguousSubmit),
    "broken json": (Fault(Kind.BROKEN_JSON), errors.AmbiguousSubmit),
    "broken json, but taken": (Fault(Kind.BROKEN_JSON, accepted=True), errors.AmbiguousSubmit),
    "page": (Fault(Kind.HTML, on="submit"), errors.AmbiguousSubmit),
}
