"""What goes wrong on purpose, as Discord words it."""

from dataclasses import dataclass

from tests.fakes.discord_server.patterns import fits
from tests.fakes.discord_server.problem import Problem
from tests.fakes.discord_server.requests import Request
from tests.fakes.faults import AnyFaults, Fault


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


class Faults(AnyFaults[Request]):
    """Patterns as `POST /channels/*/messages`."""

    def fits(self, pattern: str, request: Request) -> bool:
        return fits(pattern, request.method, request.path)

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
