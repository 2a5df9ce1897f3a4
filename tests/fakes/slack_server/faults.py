"""What goes wrong on purpose, as Slack words it."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.fakes.faults import AnyFaults, Fault
from tests.fakes.slack_server.calls import Call


@dataclass
class Throttle(Fault):
    """429 with Retry-After, in whole seconds."""

    retry_after: int


@dataclass
class Refusal(Fault):
    """ok is false, with one of Slack's words."""

    error: str


class Faults(AnyFaults[Call]):
    """Patterns as `chat.*` or `upload`."""

    def fits(self, pattern: str, request: Call) -> bool:
        return fnmatchcase(request.method, pattern)

    def throttle(self, pattern: str, retry_after: int = 1, *, times: int = 1) -> None:
        """Answer 429."""
        self.all.append(Throttle(pattern, False, times, retry_after))

    def refuse(self, pattern: str, error: str, *, after: bool = False, times: int = 1) -> None:
        """Answer with one of Slack's words, as `is_archived`."""
        self.all.append(Refusal(pattern, after, times, error))
