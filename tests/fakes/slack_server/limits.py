"""How often each method may be called: tiers for a workspace, one message a second a channel."""

import math
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.methods import METHODS

Key = tuple[str, str, str]


@dataclass
class Window:
    """At most `count` calls in any `per` seconds."""

    count: int
    per: float
    used: deque[float] = field(default_factory=deque[float])

    def take(self, now: float) -> float:
        """Use one call: 0, or the seconds to wait when there is none left."""
        while self.used and self.used[0] <= now - self.per:
            self.used.popleft()
        if len(self.used) >= self.count:
            return max(self.used[0] + self.per - now, 0.001)
        self.used.append(now)
        return 0


def busiest(times: Iterable[float], per: float = 60) -> int:
    """The most of these moments (s) that lie within any `per` seconds."""
    recent: deque[float] = deque()
    most = 0
    for moment in sorted(times):
        recent.append(moment)
        while recent[0] <= moment - per:
            recent.popleft()
        most = max(most, len(recent))
    return most


@dataclass
class Limits:
    """Slack's published figures, until a test says otherwise.

    `burst` messages may go to a channel in as many seconds; Slack says "one a second, short
    bursts tolerated".
    """

    burst: int = 3
    rules: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    # By workspace, method and channel.
    _windows: dict[Key, Window] = field(default_factory=dict[Key, Window])

    def set(self, method: str, count: int, per: float = 60) -> None:
        """Limit a method to `count` calls in `per` seconds, for each workspace."""
        self.rules[method] = count, per
        self._windows = {key: one for key, one in self._windows.items() if key[1] != method}

    def take(self, call: Call) -> int:
        """Whole seconds to wait; 0 means go on."""
        now = time.monotonic()
        wait = max(window.take(now) for window in self._of(call)) if call.method in METHODS else 0
        return math.ceil(wait)

    def _of(self, call: Call) -> list[Window]:
        count, per = self.rules.get(call.method, (METHODS[call.method].per_minute or 100_000, 60.0))
        key = (call.team_id, call.method, "")
        found = [self._windows.setdefault(key, Window(count, per))]
        if call.method == "chat.postMessage":
            key = (*key[:2], call.text("channel"))
            found.append(self._windows.setdefault(key, Window(self.burst, self.burst)))
        return found
