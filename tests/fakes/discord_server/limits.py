"""Rate limits per route and top-level id, with Discord's headers."""

import hashlib
import time
from dataclasses import dataclass, field

from tests.fakes.discord_server.patterns import fits
from tests.fakes.discord_server.requests import Request

TOP_LEVEL = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")


@dataclass
class Rule:
    pattern: str
    count: int
    per: float


@dataclass
class Window:
    ends: float = 0
    used: int = 0

    def take(self, rule: Rule, now: float) -> bool:
        """Use one request; no when there is none left."""
        if now >= self.ends:
            self.ends, self.used = now + rule.per, 0
        self.used += 1
        return self.used <= rule.count


@dataclass
class Limits:
    """Generous unless a test says otherwise. `total` counts over all but interaction routes."""

    rules: list[Rule] = field(default_factory=list[Rule])
    usual: Rule = field(default_factory=lambda: Rule("* **", 10_000, 1.0))
    total: Rule | None = None
    _windows: dict[str, Window] = field(default_factory=dict[str, Window])

    def take(self, request: Request) -> tuple[dict[str, str], float, bool]:
        """Headers for the answer, seconds to wait (0 = go on), and whether all routes wait."""
        now = time.time()
        if wait := self._take_total(request, now):
            return {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}, wait, True
        rule = self._rule(request)
        window = self._windows.setdefault(_bucket(request), Window())
        free = window.take(rule, now)
        left = max(window.ends - now, 0.001)
        headers = {
            "X-RateLimit-Limit": str(rule.count),
            "X-RateLimit-Remaining": str(max(rule.count - window.used, 0)),
            "X-RateLimit-Reset": f"{window.ends:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": _hash(f"{request.method} {request.route}"),
        }
        return headers, 0 if free else left, False

    def _take_total(self, request: Request, now: float) -> float:
        if self.total is None or "webhook" in request.path or "interaction" in request.path:
            return 0
        window = self._windows.setdefault("", Window())
        return 0 if window.take(self.total, now) else max(window.ends - now, 0.001)

    def _rule(self, request: Request) -> Rule:
        for rule in reversed(self.rules):
            if fits(rule.pattern, request.method, request.path):
                return rule
        return self.usual


def _bucket(request: Request) -> str:
    top = [request.params[name] for name in TOP_LEVEL if name in request.params]
    return " ".join([request.method, request.route, *top])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
