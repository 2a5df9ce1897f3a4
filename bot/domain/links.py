"""Pairs of workspaces whose admins agreed to share videos, and what was published across."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

from bot.domain.refs import Person, Tenant

CODE_LIFE = 10 * 60_000
"""Ms for which a code can be used."""
MAX_NAME = 24
"""Characters of the name of a linked workspace."""

_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{MAX_NAME - 1}}}")


@dataclass(frozen=True, slots=True)
class Invite:
    """A code that an admin made for another workspace; only its digest is kept.

    `name` is what the admin's workspace is to be called over there. `ends_at` is ms.
    """

    digest: str
    person: Person
    name: str
    ends_at: int


@dataclass(frozen=True, slots=True)
class Link:
    """`tenant` may publish in `other`, which it calls `name`. The way back is a link of its own.

    `at` is ms.
    """

    tenant: Tenant
    other: Tenant
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Publication:
    """The video of a job in another workspace; `key` names its message in the outbox.

    `by` is the key of whoever published it, `at` is ms.
    """

    job_id: str
    tenant: Tenant
    channel: str
    key: str
    at: int
    by: str


def digest_of(code: str) -> str:
    """What is kept of a code that was typed."""
    return sha256(code.strip().lower().encode()).hexdigest()


def is_name(text: str) -> bool:
    """Whether a workspace can be called that: short, and one lower-case word."""
    return _NAME.fullmatch(text) is not None


def free_name(wanted: str, taken: Collection[str]) -> str:
    """The name itself, or with the first number behind it that nobody has."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[: MAX_NAME - len(str(number)) - 1]}-{number}"
    return name


def meant(typed: str, links: Iterable[Link]) -> tuple[Link, ...]:
    """The links that somebody may mean: the one of that name, else all to that kind of chat."""
    word, all_of_them = typed.strip().lower(), tuple(links)
    named = tuple(link for link in all_of_them if link.name == word)
    return named or tuple(link for link in all_of_them if link.other.platform == word)
