"""What goes wrong with creates at a simulator, and which failures of ours that is."""

from __future__ import annotations

from adapters.providers.simulator.faults import Fault, Hint, Kind
from bot import errors

FAULTS: tuple[tuple[Fault, type[errors.ProviderError]], ...] = (
    (Fault(Kind.RATE_LIMITED), errors.RateLimited),
    (Fault(Kind.RATE_LIMITED, hint=Hint.NONE), errors.RateLimited),
    (Fault(Kind.CONCURRENCY), errors.ConcurrencyLimited),
    (Fault(Kind.BILLING), errors.Billing),
    (Fault(Kind.REFUSED), errors.Moderated),
    (Fault(Kind.RETIRED_MODEL), errors.ModelRetired),
    (Fault(Kind.SERVER_ERROR), errors.AmbiguousSubmit),
    (Fault(Kind.SERVER_ERROR, accepted=True), errors.AmbiguousSubmit),
    (Fault(Kind.SERVER_ERROR, status=503), errors.Transient),
    (Fault(Kind.LOST_ANSWER), errors.AmbiguousSubmit),
    (Fault(Kind.BROKEN_JSON, accepted=True), errors.AmbiguousSubmit),
    (Fault(Kind.HTML, on="create"), errors.AmbiguousSubmit),
)
FAULT_NAMES = [f"{fault.kind}-{fault.hint}-{fault.status}-{fault.accepted}" for fault, _ in FAULTS]
