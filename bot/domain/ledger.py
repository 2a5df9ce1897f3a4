"""Credits: every change is a transfer between two accounts, so all accounts add up to zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.refs import Channel, Person, Tenant


class Kind(StrEnum):
    """What a transfer is for."""

    GRANT = "grant"
    TAKE = "take"
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    TRANSFER = "transfer"
    REFUND = "refund"
    EXPIRE = "expire"
    LOSS = "loss"
    COST = "cost"
    """What a backend costs the workspace: the one kind that moves real money, in USD·10⁻⁶."""


@dataclass(frozen=True, slots=True)
class Account:
    """A pot of credits. Only `overdraft` ones, where credits come from, may go below zero."""

    name: str
    overdraft: bool = False


@dataclass(frozen=True, slots=True)
class Pot:
    """What somebody set aside for the remixes of one family of videos, by the id of its first."""

    tenant: Tenant
    root: str
    sponsor: str
    """A person's id."""


Owner = Person | Channel | Pot
"""Who can have credits."""
_CHANNEL, _PERSON, _SPONSOR, _HELD = "channel", "person", "sponsor", "held"
_ISSUED, _MONEY = "issued", "usd"


def credits_of(owner: Owner) -> Account:
    """What a person, a channel or a pot can spend."""
    match owner:
        case Person():
            return Account(f"{_PERSON}/{owner.key}")
        case Channel():
            return Account(f"{_CHANNEL}/{owner.key}")
        case Pot():
            return Account(f"{pots_of(owner.tenant, owner.root)}{owner.sponsor}")


def held_for(owner: Owner) -> Account:
    """What running jobs that somebody pays for have set aside."""
    if isinstance(owner, Person):
        return Account(f"{_HELD}/{owner.key}")
    return Account(f"{_HELD}/{credits_of(owner).name}")


def pots_of(tenant: Tenant, root: str) -> str:
    """How the names of all pots for the family of a video begin."""
    return f"{_SPONSOR}/{tenant.key}/{root}/"


def owner_of(account: str) -> Owner | None:
    """Whose credits an account has; None for one that nobody can spend from."""
    kind, *rest = account.split("/", 3)
    if kind not in {_PERSON, _CHANNEL, _SPONSOR} or len(rest) != 3:  # noqa: PLR2004 - platform, tenant, id
        return None
    platform, workspace, name = rest
    tenant = Tenant(platform, workspace)
    match kind:
        case "person":
            return Person(tenant, name)
        case "channel":
            return Channel(tenant, name)
        case _:
            root, _, sponsor = name.partition("/")
            return Pot(tenant, root, sponsor)


def payer(person: Person, account: str | None) -> Owner:
    """Who pays for a job of a person's: `account` names it, None is the person."""
    return (owner_of(account) if account else None) or person


def issued_by(tenant: Tenant) -> Account:
    """Source of all grants of a workspace; minus this balance is what was ever granted."""
    return Account(f"{_ISSUED}/{tenant.key}", overdraft=True)


ORIGINS = (f"{_ISSUED}/", f"{_MONEY}/owed/")
"""How the names of accounts begin in which everything of a workspace has its source."""


def workspace_of(origin: str) -> Tenant | None:
    """The workspace of an account that credits or real money come from; None for any other."""
    begin = next((one for one in ORIGINS if origin.startswith(one)), None)
    if begin is None:
        return None
    platform, workspace, *_ = origin.removeprefix(begin).split("/")
    return Tenant(platform, workspace)


def spent_in(tenant: Tenant) -> Account:
    """What finished videos cost their makers."""
    return Account(f"spent/{tenant.key}")


def lost_in(tenant: Tenant) -> Account:
    """What backends charged for failed work; never a person's credits."""
    return Account(f"lost/{tenant.key}")


def owed_to(tenant: Tenant, provider: str) -> Account:
    """Source of real money: minus this balance is what a workspace's jobs cost at a backend."""
    return Account(f"{_MONEY}/owed/{tenant.key}/{provider}", overdraft=True)


def costs_at(tenant: Tenant, provider: str) -> Account:
    """What a workspace's jobs cost at a backend, in USD·10⁻⁶."""
    return Account(f"{_MONEY}/cost/{tenant.key}/{provider}")


def is_money(account: str) -> bool:
    """Whether an account is in USD·10⁻⁶; all others are in credits."""
    return account.startswith(f"{_MONEY}/")


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
    id: int = field(default=0, compare=False)
    """Place in the order of all entries."""


def hold(name: str, person: Person, amount: int, at: int, account: str | None = None) -> Transfer:
    """Set a job's price aside, in the account that pays for it; None: the person's own.

    `name` is `Job.hold`, here and in what closes it.
    """
    owner = payer(person, account)
    return Transfer(
        f"hold/{name}",
        Kind.HOLD,
        credits_of(owner),
        held_for(owner),
        amount,
        person.key,
        "job:hold",
        at,
        _job_of(name),
    )


def settle(name: str, person: Person, amount: int, at: int, account: str | None = None) -> Transfer:
    """Spend what was held. Shares its ref with `release`: a hold can be closed only once."""
    return Transfer(
        _closing(name),
        Kind.SETTLE,
        held_for(payer(person, account)),
        spent_in(person.tenant),
        amount,
        "bot",
        "job:settle",
        at,
        _job_of(name),
    )


def release(
    name: str, person: Person, amount: int, why: str, at: int, account: str | None = None
) -> Transfer:
    """Give back what was held, to where it came from."""
    owner = payer(person, account)
    return Transfer(
        _closing(name),
        Kind.RELEASE,
        held_for(owner),
        credits_of(owner),
        amount,
        "bot",
        f"job:release:{why}",
        at,
        _job_of(name),
    )


def _closing(name: str) -> str:
    return f"close/{name}"


def _job_of(name: str) -> str:
    return name.partition("/")[0]


def grant(ref: str, owner: Owner, amount: int, actor: str, reason: str, at: int) -> Transfer:
    """New credits for a person or a channel."""
    source, target = issued_by(owner.tenant), credits_of(owner)
    return Transfer(f"grant/{ref}", Kind.GRANT, source, target, amount, actor, reason, at)


def take(ref: str, owner: Owner, amount: int, actor: str, reason: str, at: int) -> Transfer:
    """Credits back to where grants come from."""
    source, target = credits_of(owner), issued_by(owner.tenant)
    return Transfer(f"take/{ref}", Kind.TAKE, source, target, amount, actor, reason, at)


def expire(ref: str, owner: Owner, amount: int, at: int) -> Transfer:
    """What was left of a grant, when the next one comes."""
    source, target, why = credits_of(owner), issued_by(owner.tenant), "allowance:expired"
    return Transfer(f"expire/{ref}", Kind.EXPIRE, source, target, amount, "bot", why, at)


def refund(job_id: str, owner: Owner, amount: int, actor: str, reason: str, at: int) -> Transfer:
    """The price of a finished job, back to whoever paid for it; once for each job."""
    source, target, ref = spent_in(owner.tenant), credits_of(owner), f"refund/{job_id}"
    return Transfer(ref, Kind.REFUND, source, target, amount, actor, reason, at, job_id)


def refunded(entries: Iterable[Entry]) -> int:
    """Credits of a job that an admin gave back; 0 for none."""
    return sum(one.amount for one in entries if one.kind is Kind.REFUND and one.amount > 0)


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


def cost(job_id: str, tenant: Tenant, provider: str, micros: int, at: int) -> Transfer:
    """What a backend takes for a job, in USD·10⁻⁶; once for each job."""
    source, target = owed_to(tenant, provider), costs_at(tenant, provider)
    ref = f"cost/{job_id}"
    return Transfer(ref, Kind.COST, source, target, micros, "bot", "job:cost", at, job_id)
