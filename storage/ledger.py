"""Credits: double entry, append-only, each account's balance kept beside its entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Executable,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import wording
from bot.domain.checks import Fault, workspace_of
from bot.domain.ledger import (
    Account,
    Entry,
    Kind,
    Pot,
    Transfer,
    costs_at,
    credits_of,
    held_for,
    issued_by,
    lost_in,
    owed_to,
    spent_in,
)
from bot.domain.refs import Channel, Person, Tenant
from bot.errors import NotEnoughCredits
from storage.dialects import Name, beginning_with, new_row
from storage.mapping import Row
from storage.tables import accounts, entries

_SOURCE = bindparam("source", type_=Name)
_TARGET = bindparam("target", type_=Name)
_AMOUNT = bindparam("amount", type_=BigInteger)
_USED = exists().where(entries.c.ref == bindparam("ref"))
_source, _target = accounts.alias("source"), accounts.alias("target")

# One statement that changes both balances, or nothing at all: when the ref was used, when an
# account is missing, and when the source has too little.
_MOVE = (
    update(accounts)
    .where(
        accounts.c.name.in_([_SOURCE, _TARGET]),
        ~_USED,
        exists().where(
            _source.c.name == _SOURCE, or_(_source.c.overdraft, _source.c.balance >= _AMOUNT)
        ),
        exists().where(_target.c.name == _TARGET),
    )
    .values(
        balance=accounts.c.balance + case((accounts.c.name == _SOURCE, -_AMOUNT), else_=_AMOUNT)
    )
    .returning(accounts.c.name, accounts.c.balance)
)
_RECORD = insert(entries)
_WAS_USED = select(_USED)
_OPEN = new_row(accounts)

_ACCOUNT = select(accounts.c.balance).where(accounts.c.name == bindparam("name"))
_STATEMENT_OF = select(entries).where(entries.c.account == bindparam("name"))
_STATEMENT = _STATEMENT_OF.order_by(entries.c.id.desc()).limit(bindparam("most"))
_FIRST = _STATEMENT_OF.order_by(entries.c.id).limit(1)
_opened = (
    select(func.min(entries.c.id)).where(entries.c.account == accounts.c.name).scalar_subquery()
)
_DRAWN = select(func.sum(entries.c.amount)).where(
    entries.c.account == bindparam("name"),
    entries.c.id > bindparam("after"),
    entries.c.kind != Kind.GRANT.value,
    or_(entries.c.kind != Kind.TRANSFER.value, entries.c.amount < 0),
)
_OF_JOB = select(entries).where(entries.c.job_id == bindparam("job_id")).order_by(entries.c.id)

# --- what an audit asks -------------------------------------------------------------------

_total = func.coalesce(func.sum(entries.c.amount), 0)
_WRONG_BALANCES = (
    select(accounts.c.name.label("account"), accounts.c.balance, _total)
    .select_from(accounts.outerjoin(entries, entries.c.account == accounts.c.name))
    .group_by(accounts.c.name, accounts.c.balance)
    .having(_total != accounts.c.balance)
    .order_by(accounts.c.name)
)
_OVERDRAWN = (
    select(accounts.c.name.label("account"), accounts.c.balance)
    .where(~accounts.c.overdraft, accounts.c.balance < 0)
    .order_by(accounts.c.name)
)
_UNEVEN = (
    select(
        entries.c.ref,
        func.sum(entries.c.amount),
        func.count(),
        func.min(entries.c.account).label("account"),
    )
    .group_by(entries.c.ref)
    .having(or_(func.sum(entries.c.amount) != 0, func.count() != 2))  # noqa: PLR2004 - two sides
    .order_by(entries.c.ref)
)
_running = select(
    entries.c.ref,
    entries.c.account,
    entries.c.balance,
    func.sum(entries.c.amount)
    .over(partition_by=entries.c.account, order_by=entries.c.id)
    .label("sum"),
).subquery()
_WRONG_LINES = (
    select(_running)
    .where(_running.c.balance != _running.c.sum)
    .order_by(_running.c.account, _running.c.ref)
)


def _uneven(ref: str, total: int, lines: int, _account: str) -> str:
    return wording.uneven_transfer(ref, total, lines)


_QUESTIONS: Mapping[str, tuple[Executable, Callable[..., str]]] = {
    "balance": (_WRONG_BALANCES, wording.balance_differs),
    "overdrawn": (_OVERDRAWN, wording.overdrawn),
    "uneven": (_UNEVEN, _uneven),
    "line": (_WRONG_LINES, wording.wrong_line),
}
"""Each with how its rows are told; they begin with a name, and one column is an account."""


class SqlLedger:
    """`LedgerRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def post(self, transfer: Transfer) -> bool:
        """Move credits. False when the ref was used before; raises `NotEnoughCredits`."""
        if transfer.amount <= 0 or transfer.source.name == transfer.target.name:
            raise ValueError(f"{transfer.ref} moves nothing")
        balances = await self._move(transfer)
        if not balances:
            if await self._used(transfer.ref):
                return False
            await self._open(transfer)
            balances = await self._move(transfer)
        lines = [
            _line(transfer, transfer.source, -transfer.amount, balances),
            _line(transfer, transfer.target, transfer.amount, balances),
        ]
        await self._connection.execute(_RECORD, lines)
        return True

    async def _move(self, transfer: Transfer) -> dict[str, int]:
        """New balances by account; none when nothing could be moved."""
        values = {
            "ref": transfer.ref,
            "source": transfer.source.name,
            "target": transfer.target.name,
            "amount": transfer.amount,
        }
        moved = await self._connection.execute(_MOVE, values)
        return {row[0]: row[1] for row in moved}

    async def _used(self, ref: str) -> bool:
        return bool(await self._connection.scalar(_WAS_USED, {"ref": ref}))

    async def _open(self, transfer: Transfer) -> None:
        """Make the accounts that are missing; raises when that is not what stopped the move."""
        source = transfer.source
        available = await self.balance(source)
        if not source.overdraft and available < transfer.amount:
            raise NotEnoughCredits(transfer.amount, available)
        opening = [
            {"name": account.name, "overdraft": account.overdraft, "balance": 0}
            for account in (source, transfer.target)
        ]
        await self._connection.execute(_OPEN[self._connection.dialect.name], opening)

    async def balance(self, account: Account) -> int:
        """Credits in an account; 0 for one that was never used."""
        return await self._connection.scalar(_ACCOUNT, {"name": account.name}) or 0

    async def statement(self, account: Account, limit: int) -> tuple[Entry, ...]:
        """The newest entries of an account, the newest first."""
        wanted = {"name": account.name, "most": limit}
        return tuple(_entry_of(row) for row in await self._connection.execute(_STATEMENT, wanted))

    async def latest(self, account: Account, prefix: str) -> Entry | None:
        """The newest entry of an account whose ref begins with `prefix`."""
        wanted = (
            _STATEMENT_OF.where(beginning_with(entries.c.ref, prefix))
            .order_by(entries.c.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(wanted, {"name": account.name})).first()
        return _entry_of(row) if row else None

    async def drawn(self, account: Account, since: Entry) -> int:
        """What has gone from an account after an entry of it, less what came back.

        Grants and gifts that came in do not count.
        """
        wanted = {"name": account.name, "after": since.id}
        # Some databases answer with decimals.
        return -int(await self._connection.scalar(_DRAWN, wanted) or 0)

    async def first(self, account: Account) -> Entry | None:
        """The entry that an account began with; None for one that was never used."""
        row = (await self._connection.execute(_FIRST, {"name": account.name})).first()
        return _entry_of(row) if row else None

    async def journal(self, tenant: Tenant, limit: int) -> tuple[Entry, ...]:
        """The newest entries of all accounts of a workspace, the newest first."""
        # Asked of each entry in turn, so that the newest few are found without sorting all.
        here = exists().where(
            accounts.c.name == entries.c.account, or_(*_in_workspace(accounts.c.name, tenant))
        )
        wanted = select(entries).where(here).order_by(entries.c.id.desc()).limit(limit)
        return tuple(_entry_of(row) for row in await self._connection.execute(wanted))

    async def entries(self, tenant: Tenant, after: int, limit: int) -> tuple[Entry, ...]:
        """Entries of all accounts of a workspace whose id is above `after`, the oldest first."""
        here = exists().where(
            accounts.c.name == entries.c.account, or_(*_in_workspace(accounts.c.name, tenant))
        )
        wanted = select(entries).where(entries.c.id > after, here).order_by(entries.c.id)
        rows = await self._connection.execute(wanted.limit(limit))
        return tuple(_entry_of(row) for row in rows)

    async def of_job(self, job_id: str) -> tuple[Entry, ...]:
        """All entries of a job, the oldest first."""
        rows = await self._connection.execute(_OF_JOB, {"job_id": job_id})
        return tuple(_entry_of(row) for row in rows)

    async def has_account(self, account: Account) -> bool:
        """Whether the account was ever used."""
        return await self._connection.scalar(_ACCOUNT, {"name": account.name}) is not None

    async def accounts(self, prefix: str) -> tuple[str, ...]:
        """Names of the accounts that begin with `prefix`, sorted."""
        wanted = select(accounts.c.name).order_by(accounts.c.name)
        if prefix:
            wanted = wanted.where(beginning_with(accounts.c.name, prefix))
        return tuple(await self._connection.scalars(wanted))

    async def purses(self, prefix: str) -> tuple[tuple[str, int], ...]:
        """Names and balances of the accounts that begin with `prefix`, the oldest first."""
        wanted = select(accounts.c.name, accounts.c.balance).order_by(_opened)
        found = wanted.where(beginning_with(accounts.c.name, prefix))
        return tuple([(row[0], row[1]) for row in await self._connection.execute(found)])

    async def check(self) -> tuple[str, ...]:
        """Every way in which balances and entries disagree, in words; empty is whole."""
        return tuple(fault.words for fault in await self.faults())

    async def faults(self) -> tuple[Fault, ...]:
        """The same, each with whose it is."""
        return tuple(
            [
                Fault(workspace_of(row.account), f"{name}/{row[0]}", say(*row))
                for name, (question, say) in _QUESTIONS.items()
                for row in await self._connection.execute(question)
            ]
        )


def _in_workspace(name: Column[str], tenant: Tenant) -> Iterator[ColumnElement[bool]]:
    """The accounts of a workspace: its own, and all that end with an owner or a backend."""
    for nobody in (Person(tenant, ""), Channel(tenant, ""), Pot(tenant, "", "")):
        for account in (credits_of(nobody), held_for(nobody)):
            yield beginning_with(name, account.name.rstrip("/") + "/")
    for account in (owed_to(tenant, ""), costs_at(tenant, "")):
        yield beginning_with(name, account.name)
    yield name.in_([shared(tenant).name for shared in (issued_by, spent_in, lost_in)])


def _line(
    transfer: Transfer, account: Account, amount: int, balances: dict[str, int]
) -> dict[str, object]:
    return {
        "ref": transfer.ref,
        "account": account.name,
        "kind": transfer.kind.value,
        "amount": amount,
        "balance": balances[account.name],
        "actor": transfer.actor,
        "reason": transfer.reason,
        "at": transfer.at,
        "job_id": transfer.job_id,
    }


def _entry_of(row: Row) -> Entry:
    return Entry(
        row.ref,
        Kind(row.kind),
        row.account,
        row.amount,
        row.balance,
        row.actor,
        row.reason,
        row.at,
        row.job_id,
        row.id,
    )
