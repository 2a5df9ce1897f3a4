"""What people asked, and how the bot answered each."""

import time
from dataclasses import dataclass, field

from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.news import News
from tests.fakes.slack_server.parcels import Ack
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.users import User
from tests.fakes.slack_server.views import View


@dataclass(eq=False)
class Asked:
    """One command or interaction: who asked what, and all that the bot answered.

    `failed` is what Slack's client shows when no ack came in time. `messages` came with the ack
    or over the response_url. `view` was opened with the trigger. `expires` is when the
    response_url ends, `trigger_expires` when the trigger does; both in seconds.
    """

    kind: str
    person: User
    channel: Channel | None
    payload: Object
    news: News
    trigger_expires: float
    expires: float
    source: Message | None = None
    trigger_used: bool = False
    response_uses: int = 0
    acked: Ack | None = None
    failed: str = ""
    view: View | None = None
    messages: list[Message] = field(default_factory=list[Message])

    @property
    def trigger_id(self) -> str:
        return self.payload["trigger_id"]

    @property
    def text(self) -> str:
        """Words of the last answer; empty while there is none."""
        return self.messages[-1].text if self.messages else ""

    @property
    def ephemeral(self) -> Message | None:
        """The last answer that only this person sees."""
        private = (one for one in reversed(self.messages) if one.ephemeral)
        return next(private, None)

    async def answer(self, timeout: float = 10) -> Message:  # noqa: ASYNC109  # a plain figure
        """The first answer. Raises AssertionError when none comes."""
        end = time.monotonic() + timeout
        while not self.messages:
            if self.failed or time.monotonic() > end:
                raise AssertionError(f"no answer: {self.failed or 'still waiting'}")
            await self.news.wait(0.1)
        return self.messages[0]

    async def dialog(self, timeout: float = 10) -> View:  # noqa: ASYNC109  # a plain figure
        """The view that was opened. Raises AssertionError when none comes."""
        end = time.monotonic() + timeout
        while self.view is None:
            if self.failed or time.monotonic() > end:
                raise AssertionError(f"no dialog: {self.failed or 'still waiting'}")
            await self.news.wait(0.1)
        return self.view

    def expire_trigger(self) -> None:
        """Let three seconds be over."""
        self.trigger_expires = 0

    def expire(self) -> None:
        """Let half an hour be over."""
        self.expires = 0
