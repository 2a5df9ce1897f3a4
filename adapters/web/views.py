"""What the page needs from the rest of the bot besides answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from adapters.web.handouts import Handouts
from adapters.web.platform import WebChat
from bot.domain.catalogue import Catalogue
from bot.domain.jobs import Job
from bot.domain.ledger import Entry
from bot.domain.library import Cursor, Exhibit, LibraryFilter
from bot.domain.messages import Attachment
from bot.domain.refs import Blob, Person
from bot.domain.reports import Report
from bot.domain.styles import Style
from bot.domain.tickets import Ticket
from bot.ports import Clock


class Panel(Protocol):
    """Read views. Law: nothing of others that is private, newest first, at most `limit`."""

    async def jobs(self, viewer: Person, limit: int) -> Sequence[Job]:
        """The workspace's jobs."""
        ...

    async def gallery(self, which: LibraryFilter) -> tuple[Sequence[Exhibit], Cursor | None]:
        """Finished videos by filter, and where the next page begins; None at the end."""
        ...

    async def ledger(self, viewer: Person, limit: int) -> Sequence[Entry]:
        """The viewer's own statement; an admin's is of all accounts."""
        ...

    async def usage(self, viewer: Person) -> Report:
        """What people made this month; of others only for admins."""
        ...

    async def picture(self, usage: Report) -> Attachment | None:
        """The same as a picture; None where nothing was made."""
        ...

    async def wallet(self, viewer: Person) -> tuple[int, int]:
        """Credits to spend, and credits held by running jobs."""
        ...

    async def styles(self, viewer: Person) -> Sequence[Style]:
        """What the viewer can order with, by name."""
        ...

    async def health(self) -> Sequence[tuple[str, str, bool]]:
        """What is watched, how it is in words, and whether that is fine."""
        ...


class Files(Protocol):
    """Stored files and links to them."""

    async def put(self, source: Path, suffix: str) -> Blob:
        """Take over a file."""
        ...

    def scratch(self) -> Path:
        """Where unfinished files may lie."""
        ...

    def link(self, name: str, ticket: Ticket, ends_at: int) -> str:
        """Path with a signature, good until `ends_at` (ms)."""
        ...

    def verify(self, name: str, ticket: str, exp: str, sig: str) -> Path | None:
        """The file behind such a link; None when it is not genuine or over."""
        ...


Admits = Callable[[Ticket], Awaitable[bool]]
"""Whether what a link to a video was made for still holds."""


@dataclass(frozen=True, slots=True)
class Site:
    """All that pages are made of. `catalogue` is what can be ordered at the moment."""

    chat: WebChat
    panel: Panel
    catalogue: Callable[[], Catalogue]
    files: Files
    clock: Clock
    admits: Admits
    handouts: Handouts = field(default_factory=Handouts)
