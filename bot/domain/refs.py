"""Names of people, places and messages. Every reference carries its platform and tenant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MIN_PREFIX = 4
"""Shortest beginning of a job id that people may type."""

_JOB_ID = re.compile(rf"[0-9a-hjkmnp-tv-z]{{{MIN_PREFIX},10}}")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One workspace: a Discord guild, a Slack team, the web chat. Nothing crosses tenants."""

    platform: str
    id: str

    @property
    def key(self) -> str:
        """Text form, for account names and indexes: ``web/demo``."""
        return f"{self.platform}/{self.id}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a tenant. `name`, `admin`, `roles` and `bot` are what the platform said last.

    `roles` are ids of the platform's own roles or groups; they are stored nowhere but with an order
    that waits for an author's yes.
    """

    tenant: Tenant
    id: str
    name: str = field(default="", compare=False)
    admin: bool = field(default=False, compare=False)
    roles: tuple[str, ...] = field(default=(), compare=False)
    bot: bool = field(default=False, compare=False)

    @property
    def key(self) -> str:
        """Text form: ``web/demo/ana``."""
        return f"{self.tenant.key}/{self.id}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages go: a channel, or a thread in it. `private` means one person only."""

    tenant: Tenant
    channel: str
    thread: str | None = None
    private: bool = False


_PERSON = "person/"


def alone(person: Person) -> Place:
    """What one person is told, whatever the channel."""
    return Place(person.tenant, f"{_PERSON}{person.id}", private=True)


def reader_in(place: Place) -> Person | None:
    """The person of a place that `alone` made; None for any other place."""
    if not (place.private and place.channel.startswith(_PERSON)):
        return None
    return Person(place.tenant, place.channel.removeprefix(_PERSON))


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of a tenant that something is set for. `name` is what the platform said last."""

    tenant: Tenant
    id: str
    name: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """Text form: ``web/demo/studio``."""
        return f"{self.tenant.key}/{self.id}"


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One posted message, as its platform names it."""

    place: Place
    id: str


def stands_in(ref: MessageRef, channel: str) -> bool:
    """Whether a message is in a channel, or in a thread that its platform names as one."""
    return channel in {ref.place.channel, ref.place.thread}


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file, named by its content. `suffix` has the dot: ``.mp4``."""

    sha256: str
    suffix: str
    size: int

    @property
    def name(self) -> str:
        """File name in the store: ``<sha256>.mp4``."""
        return f"{self.sha256}{self.suffix}"


def job_id_typed(text: str) -> str | None:
    """The (beginning of a) job id that somebody typed, or None when it cannot be one.

    Ids are 10 characters of Crockford's base 32: no i, l, o, u to misread.
    """
    cleaned = text.strip().lstrip("#").lower()
    return cleaned if _JOB_ID.fullmatch(cleaned) else None
