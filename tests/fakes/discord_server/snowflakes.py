"""Ids as Discord makes them: the time in milliseconds is in their upper bits."""

import time

EPOCH = 1_420_070_400_000


class Snowflakes:
    """Makes ids of this moment. discord.py computes how old a token is from them."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> int:
        """An id that is greater than all before."""
        self._last = max(self._last + 1, (int(time.time() * 1000) - EPOCH) << 22)
        return self._last
