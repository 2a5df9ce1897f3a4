"""Which client speaks for a job: the one of the account and address it was pinned to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.jobs import Offer
from bot.ports import VideoProvider

Connect = Callable[[str, bool], VideoProvider]
"""A client for a base URL; the key is given to it only where the flag says so."""


@dataclass(frozen=True, slots=True)
class Home:
    """An account in the settings: where it is, and how one speaks to it."""

    provider: str
    account: str
    url: str
    connect: Connect


class Accounts:
    """One client for each account and address. A key goes to its own address and no other.

    A job that was taken at an address which the settings no longer name is still asked about
    there, but without the key of its successor.
    """

    def __init__(self, homes: Sequence[Home]) -> None:
        self._homes = homes
        self._clients: dict[tuple[str, str, str], VideoProvider] = {}

    def of(self, offer: Offer) -> VideoProvider:
        """The client for a job's offer."""
        name = (offer.provider, offer.account, offer.base_url)
        if name not in self._clients:
            home = max(self._homes, key=lambda home: _nearness(home, offer))
            self._clients[name] = home.connect(offer.base_url, offer.base_url == home.url)
        return self._clients[name]

    async def aclose(self) -> None:
        """Close every client."""
        for client in self._clients.values():
            await client.aclose()


def _nearness(home: Home, offer: Offer) -> tuple[bool, bool, bool]:
    """How much of an offer an account of today still stands for; the address counts most."""
    return (
        home.url == offer.base_url,
        home.provider == offer.provider,
        home.account == offer.account,
    )
