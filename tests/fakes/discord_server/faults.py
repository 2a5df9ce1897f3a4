"""What goes wrong on purpose, for the next requests that fit a pattern."""

import asyncio
from dataclasses import dataclass, field

from tests.fakes.discord_server.patterns import fits
from tests.fakes.discord_server.problem import Problem
from tests.fakes.discord_server.requests import Request


@dataclass
class Fault:
    """One thing that goes wrong `times` times, before or after the request took effect."""

    pattern: str
    after: bool
    times: int

    def use(self, request: Request) -> bool:
        fitting = self.times > 0 and fits(self.pattern, request.method, request.path)
        self.times -= fitting
        return fitting


@dataclass
class Status(Fault):
    """Answered by a proxy, without a JSON body: 500, 502, 503…"""

    status: int


@dataclass
class Reset(Fault):
    """The connection breaks."""


@dataclass
class Throttle(Fault):
    """429. Without `via` it looks like a ban by the proxy before Discord."""

    retry_after: float
    via: bool
    everywhere: bool


@dataclass
class Refusal(Fault):
    """A JSON error of Discord."""

    problem: Problem


@dataclass
class Hold(Fault):
    """The answer waits. `reached` is set when a request got here."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        self.released.set()


@dataclass
class Faults:
    all: list[Fault] = field(default_factory=list[Fault])

    def fail(self, pattern: str, status: int, *, after: bool = False, times: int = 1) -> None:
        """Answer with a bare status; `after` means that the request took effect all the same."""
        self.all.append(Status(pattern, after, times, status))

    def reset(self, pattern: str, *, after: bool = False, times: int = 1) -> None:
        """Break the connection instead of an answer."""
        self.all.append(Reset(pattern, after, times))

    def throttle(
        self,
        pattern: str,
        retry_after: float = 0.1,
        *,
        via: bool = True,
        everywhere: bool = False,
        times: int = 1,
    ) -> None:
        """Answer 429."""
        self.all.append(Throttle(pattern, False, times, retry_after, via, everywhere))

    def refuse(self, pattern: str, code: int, *, status: int = 0, times: int = 1) -> None:
        """Answer with one of Discord's error codes."""
        problem = Problem(code, status=status)
        self.all.append(Refusal(pattern, False, times, problem))

    def hold(self, pattern: str, *, after: bool = True, times: int = 1) -> Hold:
        """Keep answers back until released; by default the request has taken effect then."""
        made = Hold(pattern, after, times)
        self.all.append(made)
        return made

    def due(self, request: Request, *, after: bool) -> Fault | None:
        """The fault that meets this request at this moment."""
        for fault in self.all:
            if fault.after == after and fault.use(request):
                return fault
        return None

    def release_all(self) -> None:
        for fault in self.all:
            if isinstance(fault, Hold):
                fault.release()
