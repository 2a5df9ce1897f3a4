"""Credits: double entry, append-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from bot import wording
from bot.domain.checks import Fault, workspace_of
from bot.domain.ledger import Account, Entry, Kind, Transfer
from bot.domain.refs import Tenant
from bot.errors import NotEnoughCredits
from tests.fakes.memory_store.tables import (
    BALANCES,
    ENTRIES,
    JOBS,
    OVERDRAFTS,
    REFS,
    View,
    refuse,
)


class MemoryLedger:
    """`LedgerRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def post(self, transfer: Transfer) -> bool:
        source, target = transfer.source, transfer.target
        if transfer.amount <= 0 or source.name == target.name:
            raise ValueError(f"{transfer.ref} moves nothing")
        if self._is_used(transfer.ref):
            return False
        available = await self.balance(source)
        if not self._may_overdraw(source) and available < transfer.amount:
            raise NotEnoughCredits(transfer.amount, available)
        if transfer.job_id is not None and transfer.job_id not in self._view.of(JOBS):
            raise refuse("entries_job_id_exists")
        self._view.change(REFS)[transfer.ref] = len(self._view.of(ENTRIES)) + 1
        self._write(transfer, source, -transfer.amount)
        self._write(transfer, target, transfer.amount)
        return True

    def _is_used(self, ref: str) -> bool:
        return ref in self._view.of(REFS)

    def _may_overdraw(self, account: Account) -> bool:
        return self._view.of(OVERDRAFTS).get(account.name, account.overdraft)

    def _write(self, transfer: Transfer, account: Account, amount: int) -> None:
        balance = self._view.of(BALANCES).get(account.name, 0) + amount
        self._view.change(BALANCES)[account.name] = balance
        if account.name not in self._view.of(OVERDRAFTS):
            self._view.change(OVERDRAFTS)[account.name] = account.overdraft
        number = len(self._view.of(ENTRIES)) + 1
        self._view.change(ENTRIES)[number] = Entry(
            transfer.ref,
            transfer.kind,
            account.name,
            amount,
            balance,
            transfer.actor,
            transfer.reason,
            transfer.at,
            transfer.job_id,
            number,
        )

    # --- what is asked --------------------------------------------------------------------

    async def balance(self, account: Account) -> int:
        return self._view.of(BALANCES).get(account.name, 0)

    async def statement(self, account: Account, limit: int) -> tuple[Entry, ...]:
        return self._newest(lambda entry: entry.account == account.name, limit)

    async def latest(self, account: Account, prefix: str) -> Entry | None:
        found = self._newest(
            lambda entry: entry.account == account.name and entry.ref.startswith(prefix), 1
        )
        return found[0] if found else None

    async def drawn(self, account: Account, since: Entry) -> int:
        return -sum(
            entry.amount
            for entry in self._view.of(ENTRIES).values()
            if entry.account == account.name
            and entry.id > since.id
            and entry.kind is not Kind.GRANT
            and (entry.kind is not Kind.TRANSFER or entry.amount < 0)
        )

    async def first(self, account: Account) -> Entry | None:
        entries = self._view.of(ENTRIES).values()
        return next((entry for entry in entries if entry.account == account.name), None)

    async def entries(self, tenant: Tenant, after: int, limit: int) -> tuple[Entry, ...]:
        entries = self._view.of(ENTRIES).values()
        here = [one for one in entries if one.id > after and _is_in(tenant, one.account)]
        return tuple(here[:limit])

    async def journal(self, tenant: Tenant, limit: int) -> tuple[Entry, ...]:
        return self._newest(lambda entry: _is_in(tenant, entry.account), limit)

    async def of_job(self, job_id: str) -> tuple[Entry, ...]:
        entries = self._view.of(ENTRIES).values()
        return tuple(entry for entry in entries if entry.job_id == job_id)

    async def has_account(self, account: Account) -> bool:
        return account.name in self._view.of(BALANCES)

    async def accounts(self, prefix: str) -> tuple[str, ...]:
        return tuple(sorted(name for name, _ in await self.purses(prefix)))

    async def purses(self, prefix: str) -> tuple[tuple[str, int], ...]:
        # In the order of their first entries, as they came to be.
        balances = self._view.of(BALANCES).items()
        return tuple((name, had) for name, had in balances if name.startswith(prefix))

    async def check(self) -> tuple[str, ...]:
        return tuple(fault.words for fault in self.faults())

    def faults(self) -> Iterator[Fault]:
        """What does not add up, each with whose it is."""
        entries = self._view.of(ENTRIES).values()
        sums: defaultdict[str, int] = defaultdict(int)
        sides: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            sums[entry.account] += entry.amount
            sides[entry.ref].append(entry)
            if entry.balance != sums[entry.account]:
                words = wording.wrong_line(
                    entry.ref, entry.account, entry.balance, sums[entry.account]
                )
                yield Fault(workspace_of(entry.account), f"line/{entry.ref}", words)
        for name, balance in self._view.of(BALANCES).items():
            if balance != sums[name]:
                words = wording.balance_differs(name, balance, sums[name])
                yield Fault(workspace_of(name), f"balance/{name}", words)
            if balance < 0 and not self._view.of(OVERDRAFTS)[name]:
                yield Fault(
                    workspace_of(name), f"overdrawn/{name}", wording.overdrawn(name, balance)
                )
        for ref, of_ref in sides.items():
            total = sum(entry.amount for entry in of_ref)
            if total or len(of_ref) != 2:
                words = wording.uneven_transfer(ref, total, len(of_ref))
                yield Fault(workspace_of(of_ref[0].account), f"uneven/{ref}", words)

    def _newest(self, fits: Callable[[Entry], bool], limit: int) -> tuple[Entry, ...]:
        found = [entry for entry in self._view.of(ENTRIES).values() if fits(entry)]
        return tuple(found[::-1][:limit])


def _is_in(tenant: Tenant, account: str) -> bool:
    return workspace_of(account.removeprefix("usd/")) == tenant
