"""How provider accounts, and their models, answered lately."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.circuits import WHOLE, Circuit, Trouble
from storage.dialects import in_place
from storage.mapping import Row
from storage.tables import circuits

_GET = select(circuits).where(
    circuits.c.gate == bindparam("gate"), circuits.c.model == bindparam("model")
)
_OPEN = (
    select(circuits)
    .where(circuits.c.trouble.is_not(None))
    .order_by(circuits.c.gate, circuits.c.model)
)
_PUT = in_place(circuits, "faults", "trouble", "opened_at", "opens", "retry_at", "probe")


class SqlCircuits:
    """`CircuitRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, gate: str, model: str = WHOLE) -> Circuit:
        """The circuit of an account, or of a model of it; closed when nothing is stored."""
        row = (await self._connection.execute(_GET, {"gate": gate, "model": model})).first()
        return _circuit_of(row) if row else Circuit(gate, model)

    async def put(self, circuit: Circuit) -> None:
        """Store a circuit."""
        row = {
            "gate": circuit.gate,
            "model": circuit.model,
            "faults": circuit.faults,
            "trouble": circuit.trouble.value if circuit.trouble else None,
            "opened_at": circuit.opened_at,
            "opens": circuit.opens,
            "retry_at": circuit.retry_at,
            "probe": circuit.probe,
        }
        await self._connection.execute(_PUT[self._connection.dialect.name], row)

    async def open(self) -> tuple[Circuit, ...]:
        """All that are open, of all accounts."""
        return tuple(map(_circuit_of, await self._connection.execute(_OPEN)))


def _circuit_of(row: Row) -> Circuit:
    return Circuit(
        row.gate,
        row.model,
        row.faults,
        Trouble(row.trouble) if row.trouble else None,
        row.opened_at,
        row.opens,
        row.retry_at,
        row.probe,
    )
