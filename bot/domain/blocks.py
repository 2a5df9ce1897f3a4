"""Who may look but order nothing, because an admin said so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """One person's, until an admin lifts it. `by` is the id of who set it; `at` is ms."""

    person_id: str
    reason: str
    by: str
    at: int
