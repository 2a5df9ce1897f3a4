"""The order in which one page shows what it knows."""

from __future__ import annotations

from bisect import insort

from bot.ports import Said

Rank = tuple[int, int, int, int]
"""Time and arrival of the head message, then of a reply under it."""


class Timeline:
    """Places for messages: by time, replies under the message that opened their thread.

    A message keeps its place when it is edited.
    """

    def __init__(self) -> None:
        self._ranks: dict[str, Rank] = {}
        self._order: list[tuple[Rank, str]] = []
        self._arrivals = 0

    def place(self, said: Said) -> int | None:
        """Where a message of the transcript goes; None when it has its place already."""
        head = self._ranks.get(said.place.thread or "")
        return self.place_at(said.id, said.at, head)

    def place_at(self, message_id: str, at: int, head: Rank | None = None) -> int | None:
        """Where something said at `at` (ms) goes, under `head` if it replies to one."""
        if message_id in self._ranks:
            return None
        self._arrivals += 1
        arrival = self._arrivals
        rank = (head[0], head[1], at, arrival) if head else (at, arrival, 0, 0)
        self._ranks[message_id] = rank
        insort(self._order, (rank, message_id))
        return self._order.index((rank, message_id))

    @property
    def first(self) -> str:
        """The message at the top; raises `IndexError` when there is none."""
        return self._order[0][1]

    def drop(self, message_id: str) -> None:
        """Forget one."""
        self._order.remove((self._ranks.pop(message_id), message_id))

    def __len__(self) -> int:
        return len(self._order)
