"""assistant.threads.*: the line under a thread that says what the bot is doing."""

from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.door import Handler
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.world import World

MOST_TEXTS = 10


class ThreadMethods:
    def __init__(self, world: World, gate: Gate) -> None:
        self.world = world
        self.gate = gate

    def table(self) -> dict[str, Handler]:
        return {"assistant.threads.setStatus": self.say}

    def say(self, call: Call) -> Object:
        """Show a status; an empty one takes it away."""
        channel = self.world.find_channel(call.text("channel_id"))
        self.gate.may_write(channel)
        root = channel.find(call.text("thread_ts"))
        if root is None or root.is_reply:
            raise Problem("invalid_thread_ts")
        turns: list[str] = call.args.get("loading_messages") or []
        if len(turns) > MOST_TEXTS:
            raise invalid("invalid_arguments", f"{len(turns)} loading_messages")
        root.say(call.text("status"), turns)
        self.world.news.wake()
        return {}
