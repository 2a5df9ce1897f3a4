"""Carries what people do to the bot, and its answers back to them."""

import secrets
import time

from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.block_rules import check_blocks
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.parcels import COMMANDS, Ack, Lost, Parcel, Post
from tests.fakes.slack_server.payloads import Json, Object, is_object, parts
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.records import COMMAND_ACK, RESPONSE, keep
from tests.fakes.slack_server.users import User
from tests.fakes.slack_server.world import World

TRIGGER_LIFE, RESPONSE_LIFE, RESPONSE_USES = 3.0, 30 * 60.0, 5
ANSWER = {"text", "blocks", "attachments", "response_type", "thread_ts", "metadata"}
EXTRAS = {"replace_original", "delete_original", "unfurl_links", "unfurl_media", "mrkdwn"}


class Interactions:
    """All that was asked. `response_base` is the address that response_urls begin with."""

    def __init__(self, world: World, post: Post, violations: list[str]) -> None:
        self.world = world
        self.post = post
        self.violations = violations
        self.asked: list[Asked] = []
        self.response_base = ""
        self.trigger_life = TRIGGER_LIFE
        self._by_trigger: dict[str, Asked] = {}
        self._by_response: dict[str, Asked] = {}

    async def ask(
        self,
        kind: str,
        person: User,
        data: Object,
        channel: Channel | None = None,
        source: Message | None = None,
    ) -> Asked:
        """Send something to the bot, and wait for its ack or for the failure that people see."""
        made = self._new(kind, person, data, channel, source)
        result = await self.post.deliver(Parcel(kind, made.payload))
        if isinstance(result, Ack):
            made.acked = result
            self._take(made, result.payload)
        else:
            made.failed = _failure(data, result)
        self.world.news.wake()
        return made

    def spend(self, trigger_id: str) -> Asked:
        """Use a trigger; each works once, and for three seconds."""
        asked = self._by_trigger.get(trigger_id)
        if asked is None:
            raise invalid("invalid_trigger_id", trigger_id)
        if time.time() > asked.trigger_expires:
            raise Problem("expired_trigger_id")
        if asked.trigger_used:
            raise invalid("exchanged_trigger_id", "a trigger works once")
        asked.trigger_used = True
        return asked

    def knows(self, token: str) -> bool:
        """Whether a response_url is of this workspace."""
        return token in self._by_response

    def respond(self, token: str, body: Json) -> None:
        """Take what was sent to a response_url. Raises Problem when it is over."""
        asked = self._by_response.get(token)
        if asked is None or time.time() > asked.expires or asked.response_uses >= RESPONSE_USES:
            raise Problem("expired_url")
        asked.response_uses += 1
        self._answer(asked, body)
        keep(RESPONSE, body)

    def _new(
        self,
        kind: str,
        person: User,
        data: Object,
        channel: Channel | None,
        source: Message | None,
    ) -> Asked:
        now, trigger = time.time(), f"{self.world.ids.new('tr')}.{secrets.token_hex(8)}"
        payload = data | {"trigger_id": trigger}
        made = Asked(
            kind, person, channel, payload, self.world.news, now + self.trigger_life, now, source
        )
        if channel is not None:
            token = secrets.token_hex(8)
            payload["response_url"] = self.response_base + token
            made.expires += RESPONSE_LIFE
            self._by_response[token] = made
        self._by_trigger[trigger] = made
        self.asked.append(made)
        return made

    def _take(self, asked: Asked, payload: Json) -> None:
        if asked.kind == COMMANDS and payload:
            self._guarded(asked, payload if is_object(payload) else {"text": payload})

    def _guarded(self, asked: Asked, body: Object) -> None:
        try:
            self._answer(asked, body)
            keep(COMMAND_ACK, body)
        except Problem as problem:
            self.violations.append(f"ack of {asked.payload.get('command')}: {problem}")

    def _answer(self, asked: Asked, body: Json) -> None:
        if not is_object(body) or body.keys() - ANSWER - EXTRAS:
            raise invalid("invalid_payload", f"{body}"[:300])
        blocks = parts(body, "blocks")
        check_blocks(blocks)
        if body.get("delete_original"):
            self._delete(asked)
        elif not body.get("text") and not blocks:
            raise invalid("no_text", "neither text nor blocks")
        elif body.get("replace_original") and asked.source is not None:
            self._replace(asked, asked.source, body)
        else:
            asked.messages.append(self._say(asked, body))
        self.world.news.wake()

    def _say(self, asked: Asked, body: Object) -> Message:
        assert asked.channel is not None
        text, blocks = body.get("text") or "", parts(body, "blocks")
        if body.get("response_type") != "in_channel":
            return self.world.whisper(asked.person, asked.channel, text, blocks)
        made = Message(self.world.ids.ts(), asked.channel.id, self.world.bot, text, blocks)
        made.thread_ts = body.get("thread_ts")
        return self.world.post(asked.channel, made)

    def _replace(self, asked: Asked, source: Message, body: Object) -> None:
        assert asked.channel is not None
        text, blocks = body.get("text") or "", parts(body, "blocks")
        self.world.edit(asked.channel, source, text, blocks)
        asked.messages.append(source)

    def _delete(self, asked: Asked) -> None:
        if asked.source is None or asked.channel is None:
            raise invalid("invalid_payload", "there is no original to delete")
        self.world.remove(asked.channel, asked.source)
        mine = self.world.ephemerals.get(asked.person.id, [])
        if asked.source in mine:
            mine.remove(asked.source)


def _failure(data: Object, lost: Lost) -> str:
    name = data.get("command", "This app")
    late = "timeout" in lost.why
    word = "operation_timeout" if late else "dispatch_failed"
    return f'{name} failed with the error "{word}"'
