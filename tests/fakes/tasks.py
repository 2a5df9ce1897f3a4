"""What a create meets at a simulator of a task API, and what it must be taken for."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.providers.simulator.faults import Fault, Kind
from bot.errors import (
    AmbiguousSubmit,
    Billing,
    ConcurrencyLimited,
    ModelRetired,
    Moderated,
    ProviderError,
    RateLimited,
    Transient,
)

FAULTS: Mapping[str, tuple[Fault, type[ProviderError]]] = {
    "rate": (Fault(Kind.RATE_LIMITED, wait_ms=3000), RateLimited),
    "slots": (Fault(Kind.CONCURRENCY), ConcurrencyLimited),
    "money": (Fault(Kind.BILLING), Billing),
    "content rules": (Fault(Kind.REFUSED), Moderated),
    "retired": (Fault(Kind.RETIRED_MODEL), ModelRetired),
    "busy": (Fault(Kind.SERVER_ERROR, status=503), Transient),
    "fault": (Fault(Kind.SERVER_ERROR, status=500), AmbiguousSubmit),
    "lost": (Fault(Kind.LOST_ANSWER), AmbiguousSubmit),
    "broken json": (Fault(Kind.BROKEN_JSON), AmbiguousSubmit),
    "page": (Fault(Kind.HTML, on="submit"), AmbiguousSubmit),
}
