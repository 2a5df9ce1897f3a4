"""chat.*: messages."""

from tests.fakes.slack_server.block_rules import check_blocks
from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.channels import PUBLIC, Channel
from tests.fakes.slack_server.door import Handler
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.payloads import Object, parts
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.world import World

# Slack quotes 4,000 when it refuses an edit.
LONGEST_NEW, LONGEST_EDIT = 40_000, 4_000


class ChatMethods:
    def __init__(self, world: World, gate: Gate) -> None:
        self.world = world
        self.gate = gate

    def table(self) -> dict[str, Handler]:
        return {
            "chat.postMessage": self.post,
            "chat.postEphemeral": self.whisper,
            "chat.update": self.update,
            "chat.delete": self.delete,
            "chat.getPermalink": self.permalink,
        }

    def post(self, call: Call) -> Object:
        text, blocks = content(call, LONGEST_NEW)
        channel = self._place(call.text("channel"))
        self._may_post(channel)
        made = Message(self.world.ids.ts(), channel.id, self.world.bot, text, blocks)
        made.thread_ts = thread_of(channel, call.text("thread_ts"))
        made.broadcast, made.metadata = call.flag("reply_broadcast"), call.args.get("metadata")
        self.world.post(channel, made)
        return {"channel": channel.id, "ts": made.ts, "message": made.to_json()}

    def whisper(self, call: Call) -> Object:
        text, blocks = content(call, LONGEST_NEW)
        channel = self.world.find_channel(call.text("channel"))
        self.gate.may_write(channel)
        person = self.world.person(call.text("user"))
        if person.id not in channel.members:
            raise Problem("user_not_in_channel")
        made = self.world.whisper(person, channel, text, blocks)
        made.thread_ts = call.text("thread_ts") or None
        return {"message_ts": made.ts}

    def update(self, call: Call) -> Object:
        text, blocks = content(call, LONGEST_EDIT)
        channel, message = self._own(call, "cant_update_message")
        self.world.edit(channel, message, text, blocks)
        shown = message.to_json()
        return {"channel": channel.id, "ts": message.ts, "text": text, "message": shown}

    def delete(self, call: Call) -> Object:
        channel, message = self._own(call, "cant_delete_message")
        self.world.remove(channel, message)
        return {"channel": channel.id, "ts": message.ts}

    def permalink(self, call: Call) -> Object:
        channel = self.world.find_channel(call.text("channel"))
        ts = call.text("message_ts")
        if channel.find(ts) is None:
            raise Problem("message_not_found")
        place = f"https://{self.world.domain}.slack.com/archives/{channel.id}"
        link = f"{place}/p{ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": link}

    def _place(self, wanted: str) -> Channel:
        """A channel; the id of a person means the conversation with them."""
        if wanted in self.world.users:
            return self.world.direct(self.world.users[wanted])
        return self.world.find_channel(wanted)

    def _may_post(self, channel: Channel) -> None:
        outside = channel.kind == PUBLIC and self.world.bot.id not in channel.members
        if outside and "chat:write.public" in self.gate.scopes and not channel.archived:
            return
        self.gate.may_write(channel)

    def _own(self, call: Call, refusal: str) -> tuple[Channel, Message]:
        channel = self.world.find_channel(call.text("channel"))
        message = channel.find(call.text("ts"))
        if message is None:
            raise Problem("message_not_found")
        if message.author is not self.world.bot:
            raise Problem(refusal)
        if channel.archived:
            raise Problem("is_archived")
        return channel, message


def content(call: Call, longest: int) -> tuple[str, list[Object]]:
    """Text and blocks of a message. Text is what notifications and screen readers say."""
    text, blocks = call.text("text"), parts(call.args, "blocks")
    if len(text) > longest:
        raise invalid("msg_too_long", f"{len(text)} characters, {longest} at most")
    if not text:
        # Slack takes blocks alone. Here it is a mistake: notifications would be empty.
        raise invalid("no_text", "a message needs a text, also beside blocks")
    check_blocks(blocks)
    return text, blocks


def thread_of(channel: Channel, ts: str) -> str | None:
    """The thread that a message goes to; its root must be named, not a reply."""
    root = channel.find(ts) if ts else None
    if root is not None and root.is_reply:
        raise invalid("invalid_thread_ts", "thread_ts is that of a reply")
    if ts and root is None:
        # Nobody has seen what Slack does here; a bot that meets it has lost its thread.
        raise Problem("thread_not_found")
    return ts or None
