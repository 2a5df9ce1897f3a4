"""What every crowd of a bench needs, whatever chat it is in."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

_LOOK = 0.05
"""Seconds between two looks at whether all is there."""


async def until(true: Callable[[], bool], patience: float) -> None:
    """Or until `patience` seconds are over: what is missing then is seen in the figures."""
    ends = time.monotonic() + patience
    while not true() and time.monotonic() < ends:  # noqa: ASYNC110 - many things, no event
        await asyncio.sleep(_LOOK)


@contextmanager
def no_pauses() -> Generator[None]:
    """No collection of garbage within: a pause of ours would look like one of the bot's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
