"""Whom a create is worth sending to: one circuit for each account, one for each model of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot import errors
from bot.domain.retry import MINUTE, SECOND, Backoff

OPENS_AFTER = 5
"""Faults of a backend, one after the other, after which nothing is sent to it for a while."""
OPEN = Backoff(30 * SECOND, 15 * MINUTE)
"""How long it stays open: longer each time that the one create let through failed as well."""
LEASE = 5 * MINUTE
"""Ms after which the one create let through counts as lost, and another may go."""
WHOLE = ""
"""In place of a model: the circuit of the account itself."""
_EVEN = 0.5
"""No jitter: all jobs of an account wait for the same moment, and then one of them goes."""


class Trouble(StrEnum):
    """Why a circuit is open."""

    FAULTS = "faults"
    """It could not be reached, or failed by faults of its own."""
    BILLING = "billing"
    CREDENTIALS = "credentials"
    RETIRED = "retired"
    """It no longer has the model: of circuits of models alone."""


FOR_ADMINS = frozenset({Trouble.BILLING, Trouble.CREDENTIALS})
"""Troubles that do not pass by themselves: one of them opens a circuit, and admins are told."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """How one account (`gate` is ``provider/account``), or one model of it, answered lately.

    `trouble` is None while it is closed. Open since `opened_at`, it lets one create through from
    `retry_at` on (both ms): `probe` names that create while it is on its way. `faults` are those
    since the last good answer, `opens` the times it opened since then.
    """

    gate: str
    model: str = WHOLE
    faults: int = 0
    trouble: Trouble | None = None
    opened_at: int = 0
    opens: int = 0
    retry_at: int = 0
    probe: str | None = None

    @property
    def provider(self) -> str:
        """Whose account it is."""
        return self.gate.partition("/")[0]

    def lets(self, now: int) -> bool:
        """Whether a create may be sent: any while it is closed, one when its time has come."""
        return self.trouble is None or now >= self.retry_at

    def probed(self, call: str, now: int) -> Circuit:
        """The circuit once `call` was let through: an open one lets no other follow."""
        if self.trouble is None:
            return self
        return replace(self, probe=call, retry_at=now + LEASE)

    def soon(self, now: int) -> Circuit:
        """The circuit after somebody said that it is mended: the next create shows it."""
        if self.trouble is None:
            return self
        return replace(self, probe=None, retry_at=now, opens=0)

    def is_dead(self, now: int, patience: int) -> bool:
        """Whether to look elsewhere: trouble that stays, or faults for `patience` ms."""
        if self.trouble is Trouble.FAULTS:
            return now - self.opened_at >= patience
        return self.trouble is not None


def trouble_of(error: errors.ProviderError) -> Trouble | None:
    """What a failed create says against the account; None: it answered as it should."""
    match error:
        case errors.Billing():
            return Trouble.BILLING
        case errors.BadCredentials():
            return Trouble.CREDENTIALS
        case errors.Transient() | errors.AmbiguousSubmit():
            return Trouble.FAULTS
        case _:
            return None


def heard(circuit: Circuit, error: errors.ProviderError | None, call: str, now: int) -> Circuit:
    """The circuit of an account after the create named `call`; no error: it was taken."""
    trouble = trouble_of(error) if error else None
    if trouble:
        return _failed(circuit, trouble, call, now)
    if isinstance(error, errors.Unsupported):
        # We did not even ask it.
        return circuit.soon(now) if circuit.probe == call else circuit
    return Circuit(circuit.gate, circuit.model)


def heard_of_model(
    circuit: Circuit, error: errors.ProviderError | None, call: str, now: int
) -> Circuit:
    """The same for the circuit of a model, which only its end and its return concern."""
    if isinstance(error, errors.ModelRetired):
        return _failed(circuit, Trouble.RETIRED, call, now)
    return Circuit(circuit.gate, circuit.model) if error is None else circuit


def _failed(circuit: Circuit, trouble: Trouble, call: str, now: int) -> Circuit:
    faults = circuit.faults + 1
    if circuit.trouble is None:
        if trouble is Trouble.FAULTS and faults < OPENS_AFTER:
            return replace(circuit, faults=faults)
        return _opened(replace(circuit, opened_at=now, opens=0), trouble, now)
    if trouble is circuit.trouble and call != circuit.probe:
        # It was sent before the circuit opened, and tells nothing new.
        return replace(circuit, faults=faults)
    return _opened(circuit, trouble, now)


def _opened(circuit: Circuit, trouble: Trouble, now: int) -> Circuit:
    wait = OPEN.cap if trouble is Trouble.RETIRED else OPEN.wait(circuit.opens, _EVEN)
    return replace(
        circuit,
        faults=circuit.faults + 1,
        trouble=trouble,
        opens=circuit.opens + 1,
        retry_at=now + wait,
        probe=None,
    )
