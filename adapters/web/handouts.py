"""Files of answers that only the asker sees: in memory for as long as the answer is on the page."""

from __future__ import annotations

import secrets

from bot.domain.messages import Attachment

ROUTE = "/answers"
"""Where the server hands them out."""
MOST_BYTES = 64 * 2**20
"""Of all that are held; the oldest go."""


class Handouts:
    """Each file has a link of its own that nobody can guess, and that ends with the answer.

    Nothing of it is stored, neither in the database nor on the disk.
    """

    def __init__(self) -> None:
        self._held: dict[str, Attachment] = {}

    def offer(self, file: Attachment) -> str:
        """Hold a file; returns the path to it."""
        link = f"{ROUTE}/{secrets.token_urlsafe(24)}/{file.name}"
        self._held[link] = file
        while self._bytes > MOST_BYTES:
            del self._held[next(iter(self._held))]
        return link

    def find(self, path: str) -> Attachment | None:
        """The file that a path leads to; None when the link is not ours or is over."""
        return self._held.get(path)

    def withdraw(self, link: str) -> None:
        """Let go of a file; fine when it is gone already."""
        self._held.pop(link, None)

    @property
    def _bytes(self) -> int:
        return sum(len(file.content) for file in self._held.values())
