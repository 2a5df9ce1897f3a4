"""Gates of provider accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.gates import Call, Doubt, Gate, Outcome, Probe, Style, Try
from storage.dialects import in_place
from storage.tables import gates

_GET = select(gates).where(gates.c.key == bindparam("key"))
_PUT = in_place(gates, "opens_at", "learned")


class SqlGates:
    """`GateRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> Gate | None:
        """The gate as it was stored last."""
        row = (await self._connection.execute(_GET, {"key": key})).first()
        return _gate(row.key, row.opens_at, json.loads(row.learned)) if row else None

    async def put(self, gate: Gate) -> None:
        """Store a gate."""
        row = {"key": gate.key, "opens_at": gate.opens_at, "learned": _learned(gate)}
        await self._connection.execute(_PUT[self._connection.dialect.name], row)


def _learned(gate: Gate) -> str:
    """All but key and pause, as JSON; of the calls, which are many, without names of fields."""
    known = asdict(gate)
    del known["key"], known["opens_at"]
    known["calls"] = [
        (call.name, call.sent, call.answered, call.outcome, call.tries) for call in gate.calls
    ]
    return json.dumps(known, separators=(",", ":"))


def _gate(key: str, opens_at: int, known: Mapping[str, Any]) -> Gate:
    nested: Mapping[str, Any] = {
        "style": Style(known.get("style", Style.UNKNOWN)),
        "calls": tuple(
            Call(name, sent, answered, Outcome(outcome), Try(tries))
            for name, sent, answered, outcome, tries in known.get("calls", ())
        ),
        "doubt": Doubt(**known["doubt"]) if known.get("doubt") else None,
        "rate_probe": Probe(**known.get("rate_probe", {})),
        "slots_probe": Probe(**known.get("slots_probe", {})),
        "hours": tuple((start, number) for start, number in known.get("hours", ())),
    }
    return Gate(key, opens_at, **{**known, **nested})
