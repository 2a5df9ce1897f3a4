"""What goes wrong on purpose, for the next calls that fit a pattern as `chat.*` or `upload`."""

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.fakes.slack_server.calls import Call


@dataclass
class Fault:
    """One thing that goes wrong `times` times, before or after the call took effect."""

    pattern: str
    after: bool
    times: int

    def use(self, call: Call) -> bool:
        fitting = self.times > 0 and fnmatchcase(call.method, self.pattern)
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
    """429 with Retry-After, in whole seconds."""

    retry_after: int


@dataclass
class Refusal(Fault):
    """ok is false, with one of Slack's words."""

    error: str


@dataclass
class Hold(Fault):
    """The answer waits. `reached` is set when a call got here."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        self.released.set()


@dataclass
class Faults:
    all: list[Fault] = field(default_factory=list[Fault])

    def fail(self, pattern: str, status: int, *, after: bool = False, times: int = 1) -> None:
        """Answer with a bare status; `after` means that the call took effect all the same."""
        self.all.append(Status(pattern, after, times, status))

    def reset(self, pattern: str, *, after: bool = False, times: int = 1) -> None:
        """Break the connection instead of an answer."""
        self.all.append(Reset(pattern, after, times))

    def throttle(self, pattern: str, retry_after: int = 1, *, times: int = 1) -> None:
        """Answer 429."""
        self.all.append(Throttle(pattern, False, times, retry_after))

    def refuse(self, pattern: str, error: str, *, after: bool = False, times: int = 1) -> None:
        """Answer with one of Slack's words, as `is_archived`."""
        self.all.append(Refusal(pattern, after, times, error))

    def hold(self, pattern: str, *, after: bool = True, times: int = 1) -> Hold:
        """Keep answers back until released; by default the call has taken effect then."""
        made = Hold(pattern, after, times)
        self.all.append(made)
        return made

    def due(self, call: Call, *, after: bool) -> Fault | None:
        """The fault that meets this call at this moment."""
        return next((one for one in self.all if one.after == after and one.use(call)), None)

    def release_all(self) -> None:
        for fault in self.all:
            if isinstance(fault, Hold):
                fault.release()
