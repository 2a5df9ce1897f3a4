"""What a look at the installation brings to light."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, whether that is fine, and else how to mend it."""

    name: str
    words: str
    fine: bool
    fix: str = ""
