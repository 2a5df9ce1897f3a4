"""What is carried to the bot, and what comes back."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from tests.fakes.slack_server.payloads import Json, Object

COMMANDS, INTERACTIVE, EVENTS = "slash_commands", "interactive", "events_api"


@dataclass(eq=False)
class Parcel:
    """One delivery. `attempt` is 0 at first; `reason` says why it comes again."""

    kind: str
    payload: Object
    attempt: int = 0
    reason: str = ""


@dataclass
class Ack:
    """The bot took a parcel: with what payload, and after how many seconds.

    `line` is the number of the socket that answered, -1 over HTTP.
    """

    payload: Json
    took: float
    line: int = -1


@dataclass
class Lost:
    """The bot did not take a parcel. `again` is off when it asked for no second try."""

    why: str
    again: bool = True


class Carrier(Protocol):
    async def carry(self, parcel: Parcel, within: float) -> Ack | Lost:
        """Deliver, and wait at most `within` seconds for the answer."""
        ...


@dataclass
class Post:
    """Carries parcels by whichever way the bot chose. `ack_within` are seconds."""

    sockets: Carrier
    http: Carrier | None = None
    ack_within: float = 3.0
    # Parcels whose answer is thrown away, as if it were lost on its way to Slack.
    lose: int = 0
    log: list[tuple[Parcel, Ack | Lost]] = field(default_factory=list[tuple[Parcel, Ack | Lost]])

    async def deliver(self, parcel: Parcel) -> Ack | Lost:
        carrier = self.http or self.sockets
        began = time.monotonic()
        result = await carrier.carry(parcel, self.ack_within)
        if self.lose:
            self.lose -= 1
            result = Lost("http_timeout")
        if isinstance(result, Ack):
            result.took = time.monotonic() - began
        self.log.append((parcel, result))
        return result
