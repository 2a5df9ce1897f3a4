"""What goes wrong on purpose, for the next requests that fit a pattern, at any server of ours."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass
class Fault:
    """One thing that goes wrong `times` times, before or after the request took effect."""

    pattern: str
    after: bool
    times: int


@dataclass
class Status(Fault):
    """Answered by a proxy, without a JSON body: 500, 502, 503…"""

    status: int


@dataclass
class Reset(Fault):
    """The connection breaks."""


@dataclass
class Hold(Fault):
    """The answer waits. `reached` is set when a request got here."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        self.released.set()


@dataclass
class AnyFaults(ABC, Generic[R]):
    all: list[Fault] = field(default_factory=list[Fault])

    @abstractmethod
    def fits(self, pattern: str, request: R) -> bool:
        """Whether a request is meant."""
        ...

    def fail(self, pattern: str, status: int, *, after: bool = False, times: int = 1) -> None:
        """Answer with a bare status; `after` means that the request took effect all the same."""
        self.all.append(Status(pattern, after, times, status))

    def reset(self, pattern: str, *, after: bool = False, times: int = 1) -> None:
        """Break the connection instead of an answer."""
        self.all.append(Reset(pattern, after, times))

    def hold(self, pattern: str, *, after: bool = True, times: int = 1) -> Hold:
        """Keep answers back until released; by default the request has taken effect then."""
        made = Hold(pattern, after, times)
        self.all.append(made)
        return made

    def due(self, request: R, *, after: bool) -> Fault | None:
        """The fault that meets this request at this moment."""
        for fault in self.all:
            if fault.after == after and fault.times > 0 and self.fits(fault.pattern, request):
                fault.times -= 1
                return fault
        return None

    def release_all(self) -> None:
        for fault in self.all:
            if isinstance(fault, Hold):
                fault.release()
