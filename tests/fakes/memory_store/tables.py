"""What is stored, as values that are never changed in place, and views of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.exc import IntegrityError

from bot.domain.audit import Record
from bot.domain.blocks import Block
from bot.domain.budgets import Budget
from bot.domain.circuits import Circuit
from bot.domain.gates import Gate
from bot.domain.jobs import Job
from bot.domain.ledger import Entry
from bot.domain.links import Invite, Link, Publication
from bot.domain.notices import Posting, Request
from bot.domain.people import Own
from bot.domain.permits import Ask
from bot.domain.prompts import Prompt
from bot.domain.quotas import Extra, Rule
from bot.domain.refs import Person, Tenant
from bot.domain.releases import Release
from bot.domain.schedules import Schedule
from bot.domain.styles import Style
from bot.domain.switches import Switch
from bot.domain.takedowns import Takedown
from bot.domain.threads import ThreadMode
from bot.domain.videos import Video
from bot.domain.workspaces import Choice
from bot.ports import Attempt, Outgoing, Quote

K = TypeVar("K")
V = TypeVar("V")
Stored = Mapping[str, Mapping[Any, Any]]
"""Tables by name. Nobody changes one: a transaction ends by putting new ones in their place."""
Past = tuple[int, str, str]


class Table(Generic[K, V]):
    """The name of a table, and what is in it."""

    def __init__(self, name: str) -> None:
        self.name = name


JOBS: Table[str, Job] = Table("jobs")
REQUESTED: Table[tuple[Tenant, str, int], str] = Table("requested")
"""Which job the part of a request became."""
HISTORY: Table[str, tuple[Past, ...]] = Table("history")
ATTEMPTS: Table[tuple[str, int], Attempt] = Table("attempts")
ENTRIES: Table[int, Entry] = Table("entries")
REFS: Table[str, int] = Table("refs")
"""The first entry of every transfer."""
BALANCES: Table[str, int] = Table("balances")
OVERDRAFTS: Table[str, bool] = Table("overdrafts")
RULES: Table[tuple[Tenant, str, str, str, str], Rule] = Table("rules")
EXTRAS: Table[str, tuple[Tenant, Extra]] = Table("extras")
OUTBOX: Table[str, Outgoing] = Table("outbox")
GATES: Table[str, Gate] = Table("gates")
CIRCUITS: Table[tuple[str, str], Circuit] = Table("circuits")
VIDEOS: Table[str, Video] = Table("videos")
RELEASES: Table[str, Release] = Table("releases")
SHELF: Table[tuple[str, Tenant], int] = Table("shelf")
"""The number of each video in the library."""
SEARCHES: Table[int, tuple[Tenant, str, Mapping[str, str]]] = Table("searches")
PROMPTS: Table[tuple[Person, str], Prompt] = Table("prompts")
STYLES: Table[tuple[Tenant, str], Style] = Table("styles")
CHANNEL_STYLES: Table[tuple[Tenant, str], str] = Table("channel_styles")
LIKES: Table[tuple[str, Person, str], int] = Table("likes")
INVITES: Table[Tenant, Invite] = Table("invites")
LINKS: Table[tuple[Tenant, Tenant], Link] = Table("links")
PUBLICATIONS: Table[tuple[str, Tenant], Publication] = Table("publications")
MODES: Table[tuple[Tenant, str], ThreadMode] = Table("modes")
SCHEDULES: Table[tuple[Tenant, str], Schedule] = Table("schedules")
CHOICES: Table[tuple[Tenant, str, Choice], str] = Table("choices")
OWN_CHOICES: Table[tuple[Tenant, str, Own], str] = Table("own_choices")
PERMITS: Table[tuple[str, Tenant, str], bool] = Table("permits")
"""Whether somebody may change the video of a job always, or once."""
ASKS: Table[str, Ask] = Table("asks")
TAKEDOWNS: Table[str, tuple[Takedown, int]] = Table("takedowns")
"""With when they were decided on; 0: not yet."""
AUDIT: Table[int, Record] = Table("audit")
BUDGETS: Table[tuple[Tenant, str, str], Budget] = Table("budgets")
ALERTS: Table[tuple[Tenant, str, str, int, int], int] = Table("alerts")
NOTICES: Table[str, Posting] = Table("notices")
WISHES: Table[str, Request] = Table("wishes")
QUOTES: Table[str, Quote] = Table("quotes")
YESES: Table[str, bool] = Table("yeses")
BLOCKS: Table[tuple[Tenant, str], Block] = Table("blocks")
SWITCHES: Table[tuple[Tenant, str], Switch] = Table("switches")


class View:
    """Everything as it was when the view began, with what was written through it since."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._changed: dict[str, dict[Any, Any]] = {}

    def of(self, table: Table[K, V]) -> Mapping[K, V]:
        """A table to read."""
        name = table.name
        rows = self._changed[name] if name in self._changed else self._stored.get(name, {})
        return cast("Mapping[K, V]", rows)

    def change(self, table: Table[K, V]) -> dict[K, V]:
        """A table to write: a copy that nobody else sees before it is stored."""
        name = table.name
        if name not in self._changed:
            self._changed[name] = dict(self._stored.get(name, {}))
        return cast("dict[K, V]", self._changed[name])

    def result(self) -> Stored:
        """All tables with what was written."""
        return {**self._stored, **self._changed} if self._changed else self._stored


def refuse(rule: str) -> IntegrityError:
    """What a database says when one of its own rules is broken."""
    return IntegrityError(rule, None, ValueError(rule))
