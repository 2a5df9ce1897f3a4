"""How the answers of task APIs are written down, with what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.jobs import JobState


@dataclass(frozen=True, slots=True)
class ToldPayload:
    """An answer about a job. `words` are what people may be told of its failure."""

    label: str
    body: Mapping[str, object]
    state: JobState
    progress: int | None = None
    link: str = ""
    words: str = ""
    cost_micros: int | None = None
    created_at: int | None = None
    charged: bool | None = None

    def __str__(self) -> str:
        return self.label
