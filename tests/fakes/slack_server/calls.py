"""Calls of the bot, as they came."""

import time
from dataclasses import dataclass, field

from tests.fakes.slack_server.payloads import Object


@dataclass(eq=False)
class Call:
    """One call. `status` is 0 while it runs or was cut off; `error` is Slack's word, if any.

    Besides methods of the Web API there are `upload`, `download` and `response_url`.
    """

    method: str
    token: str
    team_id: str = ""
    args: Object = field(default_factory=dict[str, object])
    # How the arguments travelled: query, form or json.
    ways: set[str] = field(default_factory=set[str])
    at: float = field(default_factory=time.time)
    status: int = 0
    error: str = ""

    def text(self, name: str) -> str:
        """An argument as a string; empty when it is missing."""
        value = self.args.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"1", "true"}

    def __str__(self) -> str:
        return f"{self.method} → {self.status or 'no answer'} {self.error}".strip()
