"""Attempts: each try at a backend has a row, written before the create is sent."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import Reference
from bot.ports import Attempt
from storage.dialects import new_row
from storage.mapping import Row, dumped, loaded, remote_id
from storage.tables import attempts

_OPEN = new_row(attempts)
# Which columns are set follows from the names of the values.
_CHANGE = update(attempts).where(
    attempts.c.job_id == bindparam("seen_job"), attempts.c.number == bindparam("seen_number")
)
_CLOSE = _CHANGE.where(attempts.c.ended_at.is_(None))
_FORGET = (
    update(attempts)
    .where(attempts.c.job_id == bindparam("forgotten"))
    .values(reference=None, remote_id=None)
)
_OF = select(attempts).where(attempts.c.job_id == bindparam("job_id")).order_by(attempts.c.number)


class SqlAttempts:
    """`AttemptRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, attempt: Attempt) -> None:
        """Record the intent; raises `ValueError` when the number was used before."""
        row = {
            "job_id": attempt.job_id,
            "number": attempt.number,
            "provider": attempt.provider,
            "account": attempt.account,
            "intent_at": attempt.intent_at,
            "reference": dumped(attempt.reference),
            "remote_id": remote_id(attempt.reference),
            "ended_at": attempt.ended_at,
            "outcome": attempt.outcome,
        }
        opened = await self._connection.execute(_OPEN[self._connection.dialect.name], row)
        if not opened.rowcount:
            raise ValueError(f"attempt {attempt.number} of job {attempt.job_id} was opened before")

    async def referenced(self, job_id: str, number: int, reference: Reference) -> None:
        """The backend took it."""
        values = {"reference": dumped(reference), "remote_id": remote_id(reference)}
        await self._connection.execute(_CHANGE, _seen(job_id, number) | values)

    async def close(self, job_id: str, number: int, outcome: str, at: int) -> None:
        """It ended; the first outcome stays."""
        values = {"outcome": outcome, "ended_at": at}
        await self._connection.execute(_CLOSE, _seen(job_id, number) | values)

    async def forget(self, job_id: str) -> None:
        """Keep nothing of what backends call the attempts of a job."""
        await self._connection.execute(_FORGET, {"forgotten": job_id})

    async def of(self, job_id: str) -> tuple[Attempt, ...]:
        """All attempts of a job by number."""
        rows = await self._connection.execute(_OF, {"job_id": job_id})
        return tuple(_attempt_of(row) for row in rows)


def _seen(job_id: str, number: int) -> dict[str, object]:
    return {"seen_job": job_id, "seen_number": number}


def _attempt_of(row: Row) -> Attempt:
    return Attempt(
        row.job_id,
        row.number,
        row.provider,
        row.account,
        row.intent_at,
        loaded(row.reference),
        row.ended_at,
        row.outcome,
    )
