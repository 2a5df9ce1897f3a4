"""Tells the bot what happened, again and again until it takes it."""

import asyncio
import time
from dataclasses import dataclass, field

from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.parcels import EVENTS, Ack, Lost, Parcel, Post
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.world import World

# Slack tries again at once, after a minute, after five minutes.
DELAYS = (0.0, 60.0, 300.0)


@dataclass(eq=False)
class Event:
    """One event under one id. `results` are what became of each delivery."""

    id: str
    payload: Object
    results: list[Ack | Lost] = field(default_factory=list[Ack | Lost])

    @property
    def data(self) -> Object:
        return self.payload["event"]

    @property
    def taken(self) -> bool:
        return any(isinstance(result, Ack) for result in self.results)


class Events:
    """Everything that was told. `delays` are seconds before each further try."""

    def __init__(self, world: World, post: Post) -> None:
        self.world = world
        self.post = post
        self.told: list[Event] = []
        self.delays: tuple[float, ...] = DELAYS
        self._tasks: set[asyncio.Task[None]] = set()
        world.news.listener = self.tell

    def tell(self, data: Object) -> None:
        """Make an event of something that happened, when the bot should hear of it."""
        if self._should_hear(data):
            self._start(self._new(data))

    def redeliver(self, event: Event, *, under_new_id: bool = False) -> Event:
        """Send something once more: the same event, or the same thing as another event."""
        again = self._new(event.data) if under_new_id else event
        self._start(again, first=0 if under_new_id else 1)
        return again

    def of_kind(self, kind: str) -> list[Event]:
        return [event for event in self.told if event.data["type"] == kind]

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _should_hear(self, data: Object) -> bool:
        place = self._place(data)
        outside = place is not None and self.world.bot.id not in place.members
        return self.world.installed and self.world.offers.hears(data) and not outside

    def _place(self, data: Object) -> Channel | None:
        """Where it happened; a reaction names its place with its message."""
        item: Object = data.get("item") or {}
        return self.world.channels.get(str(data.get("channel") or item.get("channel")))

    def _new(self, data: Object) -> Event:
        event_id = self.world.ids.new("Ev")
        made = Event(event_id, self._wrapped(event_id, data))
        self.told.append(made)
        return made

    def _start(self, event: Event, first: int = 0) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(event, first))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event: Event, first: int) -> None:
        reason = "http_timeout" if first else ""
        for attempt, delay in enumerate((0.0, *self.delays)[first:], first):
            await asyncio.sleep(delay)
            result = await self.post.deliver(Parcel(EVENTS, event.payload, attempt, reason))
            event.results.append(result)
            self.world.news.wake()
            if isinstance(result, Ack) or not result.again:
                return
            reason = result.why

    def _wrapped(self, event_id: str, data: Object) -> Object:
        place = self._place(data)
        bot = {"enterprise_id": None, "team_id": self.world.team_id, "user_id": self.world.bot.id}
        return {
            "token": "old",
            "team_id": self.world.team_id,
            "context_team_id": self.world.team_id,
            "context_enterprise_id": None,
            "api_app_id": self.world.app_id,
            "event": data,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(time.time()),
            "authorizations": [bot | {"is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": place is not None and bool(place.shared_with),
            "event_context": f"4-{event_id}",
        }
