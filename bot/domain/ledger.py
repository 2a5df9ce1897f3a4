"""Credits: every change is a transfer between two accounts, so all accounts add up to zero."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.refs import Person, Tenant


class Kind(StrEnum):
    """What a transfer is for."""

    GRANT = "grant"
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    TRANSFER = "transfer"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Account:
    """A pot of credits. Only `overdraft` ones, where credits come from, may go below zero."""

    name: str
    overdraft: bool = False


def credits_of(person: Person) -> Account:
    """What a person can spend."""
    return Account(f"person/{person.key}")


def held_for(person: Person) -> Account:
    """What running jobs of a person have set aside."""
    return Account(f"held/{person.key}")


def issued_by(tenant: Tenant) -> Account:
    """Source of all grants of a workspace; minus this balance is what was ever granted."""
    return Account(f"issued/{tenant.key}", overdraft=True)


def spent_in(tenant: Tenant) -> Account:
    """What finished videos cost their makers."""
    return Account(f"spent/{tenant.key}")


def lost_in(tenant: Tenant) -> Account:
    """What backends charged for failed work; never a person's credits."""
    return Account(f"lost/{tenant.key}")


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` (> 0) credits go from `source` to `target`, once for each `ref`.

    `actor` is a person's key or "bot"; `reason` obeys the grammar ``area:what[:detail]``.
    """

    ref: str
    kind: Kind
    source: Account
    target: Account
    amount: int
    actor: str
    reason: str
    at: int
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an account's statement: `amount` is signed, `balance` is after it."""

    ref: str
    kind: Kind
    account: str
    amount: int
    balance: int
    actor: str
    reason: str
    at: int
    job_id: str | None


def hold(job_id: str, person: Person, amount: int, at: int) -> Transfer:
    """Set a job's price aside."""
    return Transfer(
        f"hold/{job_id}",
        Kind.HOLD,
        credits_of(person),
        held_for(person),
        amount,
        person.key,
        "job:hold",
        at,
        job_id,
    )


def settle(job_id: str, person: Person, amount: int, at: int) -> Transfer:
    """Spend what was held. Shares its ref with `release`: a hold can be closed only once."""
    return Transfer(
        _closing(job_id),
        Kind.SETTLE,
        held_for(person),
        spent_in(person.tenant),
        amount,
        "bot",
        "job:settle",
        at,
        job_id,
    )


def release(job_id: str, person: Person, amount: int, why: str, at: int) -> Transfer:
    """Give back what was held."""
    return Transfer(
        _closing(job_id),
        Kind.RELEASE,
        held_for(person),
        credits_of(person),
        amount,
        "bot",
        f"job:release:{why}",
        at,
        job_id,
    )


def _closing(job_id: str) -> str:
    return f"close/{job_id}"


def grant(ref: str, person: Person, amount: int, actor: str, reason: str, at: int) -> Transfer:
    """New credits for a person."""
    source, target = issued_by(person.tenant), credits_of(person)
    return Transfer(f"grant/{ref}", Kind.GRANT, source, target, amount, actor, reason, at)


def loss(job_id: str, tenant: Tenant, amount: int, at: int) -> Transfer:
    """A backend charged for failed work: the workspace bears it."""
    return Transfer(
        f"loss/{job_id}",
        Kind.LOSS,
        issued_by(tenant),
        lost_in(tenant),
        amount,
        "bot",
        "job:loss",
        at,
        job_id,
    )
