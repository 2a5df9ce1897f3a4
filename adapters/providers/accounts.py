"""Which client speaks for a job: the one of the account and address it was pinned to."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.jobs import Offer
from bot.ports import VideoProvider

Connect = Callable[[str, bool], VideoProvider]
"""A client for a base URL; the key is given to it only where the flag says so."""


class Accounts:
    """One client for each address. The key goes to the address in the settings and no other.

    A job that was taken at an address which the settings no longer name is still asked about
    there, but without the key of its successor.
    """

    def __init__(self, current: str, connect: Connect) -> None:
        self._current = current
        self._connect = connect
        self._clients: dict[str, VideoProvider] = {}

    def of(self, offer: Offer) -> VideoProvider:
        """The client for a job's offer."""
        url = offer.base_url
        if url not in self._clients:
            self._clients[url] = self._connect(url, url == self._current)
        return self._clients[url]

    async def aclose(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            await client.aclose()
