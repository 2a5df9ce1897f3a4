"""Ids and time stamps as Slack makes them."""

import itertools
import time

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Ids:
    """Every id is new; every time stamp is later than all before it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._last = 0

    def new(self, kind: str) -> str:
        """An id whose first letters say what it is of: C, D, U, F…"""
        return kind + "0" + _in_letters(next(self._numbers)).rjust(9, "A")

    def ts(self) -> str:
        """A time stamp in microseconds, which is the id of a message in its channel."""
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        seconds, rest = divmod(self._last, 1_000_000)
        return f"{seconds}.{rest:06d}"


def _in_letters(number: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number, len(LETTERS))
        found = LETTERS[rest] + found
    return found
