"""Whether a link to the file of a video may be followed at this moment."""

from __future__ import annotations

from bot.domain.releases import GONE, Stand
from bot.domain.tickets import Ticket
from bot.ports import Store


class Tickets:
    """Asked before each answer of the server, so what is taken back is gone at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def admits(self, ticket: Ticket) -> bool:
        """Whether a video still stands as its link was made for."""
        async with self._store.reading() as tx:
            release = await tx.releases.get(ticket.job_id)
            if release is None or ticket.tenant is None:
                return release is not None and release.stand not in GONE
            if release.stand is not Stand.PUBLISHED:
                return False
            at_home = ticket.tenant == release.author.tenant
            return at_home or bool(await tx.publications.get(ticket.job_id, ticket.tenant))
