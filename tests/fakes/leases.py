"""A lease in memory, for bots that share nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.domain.leases import Lease, taken
from bot.ports import Clock


@dataclass
class Shelf:
    """Where the lease lies, and the clock that it goes by."""

    clock: Clock
    lease: Lease | None = None


@dataclass
class FakeLeases:
    """`Leases` of one bot. Each of `faults` breaks one call."""

    shelf: Shelf
    faults: list[Exception] = field(default_factory=list[Exception])
    epoch: int | None = None

    def _break(self) -> None:
        if self.faults:
            raise self.faults.pop(0)

    async def look(self) -> Lease | None:
        self._break()
        return self.shelf.lease

    async def take(self, holder: str, length: int) -> Lease | None:
        self._break()
        lease = taken(self.shelf.lease, holder, self.shelf.clock.now(), length)
        if lease:
            self.shelf.lease, self.epoch = lease, lease.epoch
        return lease

    async def renew(self, length: int) -> bool:
        self._break()
        if self.shelf.lease is None or self.shelf.lease.epoch != self.epoch:
            return False
        self.shelf.lease = replace(self.shelf.lease, until_at=self.shelf.clock.now() + length)
        return True

    async def give_back(self) -> None:
        self._break()
        if self.shelf.lease and self.shelf.lease.epoch == self.epoch:
            self.shelf.lease = replace(self.shelf.lease, until_at=0)
        self.epoch = None
