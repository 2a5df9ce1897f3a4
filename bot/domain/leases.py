"""Who works on a database that several bots may reach: one leader, for as long as its lease runs.

The database's clock says when a lease ends. Whoever holds one goes by a clock of its own that no
pause stops, and stops acting earlier than that.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """`holder` leads until `until_at` (ms, the database's clock).

    Each new holder has an `epoch` that is higher than all before; what an old one writes is told by
    it, however late it comes.
    """

    holder: str
    epoch: int
    until_at: int


def taken(lease: Lease | None, holder: str, now: int, length: int) -> Lease | None:
    """The lease in new hands for `length` ms; None while it runs for somebody."""
    if lease and lease.until_at > now:
        return None
    return Lease(holder, (lease.epoch if lease else 0) + 1, now + length)


def acts_until(asked_at: int, length: int) -> int:
    """When a holder stops by itself whose lease was last confirmed by a question of `asked_at`.

    The database counted later, so it is a fifth of the length early, and what was sent at the last
    moment is on its way for at least as long before somebody else begins.
    """
    return asked_at + length - length // 5


def renew_after(length: int) -> int:
    """Ms between two renewals: two may be lost before the holder has to stop."""
    return length * 3 // 10


def look_after(length: int) -> int:
    """Ms between two looks of a bot that waits for the lease."""
    return min(500, length // 10)
