"""Routes that an interaction's token opens: first response, original, follow-ups."""

from typing import Any

from tests.fakes.discord_server.component_rules import check_modal
from tests.fakes.discord_server.components import fill
from tests.fakes.discord_server.door import Answer, Handler
from tests.fakes.discord_server.interactions import (
    CHOICES,
    COMMAND,
    DEFERRED,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    UPDATE,
    Asked,
    Interactions,
)
from tests.fakes.discord_server.messages import EPHEMERAL, LOADING, Message
from tests.fakes.discord_server.payloads import parts
from tests.fakes.discord_server.posting import Posting, Sent
from tests.fakes.discord_server.problem import Problem, invalid
from tests.fakes.discord_server.requests import Request
from tests.fakes.discord_server.world import World

COMMAND_REPLY, REPLY = 20, 19


class WebhookRoutes:
    def __init__(self, world: World, posting: Posting, interactions: Interactions) -> None:
        self.world = world
        self.posting = posting
        self.interactions = interactions

    def table(self) -> list[tuple[str, str, Handler]]:
        hook = "/webhooks/{webhook_id}/{webhook_token}"
        callback = "/interactions/{interaction_id}/{interaction_token}/callback"
        routes: list[tuple[str, str, Handler]] = [
            ("POST", callback, self.respond),
            ("POST", hook, self.follow_up),
        ]
        for last in ("/messages/@original", "/messages/{message_id}"):
            routes += [
                ("GET", hook + last, self.get),
                ("PATCH", hook + last, self.edit),
                ("DELETE", hook + last, self.delete),
            ]
        return routes

    def respond(self, request: Request) -> Answer:
        """The first response to an interaction."""
        asked = self.interactions.open(
            request.number("interaction_id"), request.params["interaction_token"]
        )
        kind: int = request.sent.payload["type"]
        data: dict[str, Any] = request.sent.payload.get("data") or {}
        self.interactions.check_kind(asked, kind)
        shown = self._take(asked, kind, Sent(data, request.files))
        self.interactions.ack(asked, kind, data)
        if request.query.get("with_response") not in {"1", "true"}:
            return Answer(status=204)
        return Answer(self._described(asked, kind, shown))

    def follow_up(self, request: Request) -> Answer:
        asked = self._asked(request)
        limit = self.interactions.upload_limit(asked)
        if asked.original is not None and asked.original.loading:
            # The first follow-up takes the place of "the bot is thinking".
            self.posting.fill(asked.channel, asked.original, request.sent, limit)
            return Answer(self.world.message_json(asked.original))
        made = self._compose(asked, request.sent, REPLY)
        asked.followups.append(made)
        return Answer(self.world.message_json(made))

    def get(self, request: Request) -> Answer:
        return Answer(self.world.message_json(self._message(self._asked(request), request)))

    def edit(self, request: Request) -> Answer:
        asked = self._asked(request)
        message = self._message(asked, request)
        limit = self.interactions.upload_limit(asked)
        if message.loading:
            self.posting.fill(asked.channel, message, request.sent, limit)
        else:
            self.posting.edit(message, request.sent, limit)
        asked.updated = asked.updated or message is asked.source
        return Answer(self.world.message_json(message))

    def delete(self, request: Request) -> Answer:
        asked = self._asked(request)
        self.world.remove(asked.channel, self._message(asked, request))
        return Answer(status=204)

    def _take(self, asked: Asked, kind: int, sent: Sent) -> Message | None:
        if kind == MESSAGE:
            asked.original = self._compose(asked, sent, COMMAND_REPLY)
            return asked.original
        if kind == DEFERRED:
            asked.original = self._defer(asked, sent)
            return asked.original
        if kind in {UPDATE, DEFERRED_UPDATE}:
            return self._update(asked, kind, sent)
        if kind == MODAL:
            check_modal(sent.payload)
            fill(sent.payload["components"], [])
        if kind == CHOICES:
            _check_choices(parts(sent.payload, "choices"))
        return None

    def _update(self, asked: Asked, kind: int, sent: Sent) -> Message:
        assert asked.source is not None
        if kind == UPDATE:
            self.posting.edit(asked.source, sent, self.interactions.upload_limit(asked))
            asked.updated = True
        return asked.source

    def _defer(self, asked: Asked, sent: Sent) -> Message:
        flags: int = sent.payload.get("flags") or 0
        if flags & ~EPHEMERAL:
            raise invalid("data.flags", "Only the EPHEMERAL flag can be set when deferring")
        made = Message(
            self.world.ids.new(),
            asked.channel.id,
            asked.channel.guild_id,
            self.world.bot,
            asked.created,
            flags=flags | LOADING,
        )
        self._place(asked, made, COMMAND_REPLY)
        return made

    def _compose(self, asked: Asked, sent: Sent, kind: int) -> Message:
        limit = self.interactions.upload_limit(asked)
        made = self.posting.compose(asked.channel, self.world.bot, sent, limit)
        self._place(asked, made, kind)
        return made

    def _place(self, asked: Asked, made: Message, kind: int) -> None:
        made.kind = kind if asked.kind == COMMAND or kind == REPLY else REPLY
        made.application_id = self.world.application_id
        made.metadata = self.interactions.metadata(asked)
        if made.ephemeral:
            made.only_for = asked.user
        else:
            self.world.post(asked.channel, made)

    def _asked(self, request: Request) -> Asked:
        if request.number("webhook_id") != self.world.application_id:
            raise Problem(10015)
        return self.interactions.by_token(request.params["webhook_token"])

    def _message(self, asked: Asked, request: Request) -> Message:
        if "message_id" not in request.params:
            found = asked.original
            if asked.acked is not None and asked.acked.type in {UPDATE, DEFERRED_UPDATE}:
                found = asked.source
        else:
            number = request.number("message_id")
            known = [asked.original, asked.source, *asked.followups]
            found = next((one for one in known if one is not None and one.id == number), None)
        if found is None or found.deleted:
            raise Problem(10008)
        return found

    def _described(self, asked: Asked, kind: int, shown: Message | None) -> dict[str, Any]:
        resource: dict[str, Any] = {"type": kind}
        about: dict[str, Any] = {"id": str(asked.id), "type": asked.kind}
        if shown is not None:
            about["response_message_id"] = str(shown.id)
            about["response_message_loading"] = shown.loading
            about["response_message_ephemeral"] = shown.ephemeral
        if shown is not None and kind != DEFERRED_UPDATE:
            resource["message"] = self.world.message_json(shown)
        return {"interaction": about, "resource": resource}


def _check_choices(choices: list[dict[str, Any]]) -> None:
    if len(choices) > 25:
        raise invalid("data.choices", "Must be 25 or fewer in length.")
    for choice in choices:
        if not 1 <= len(choice["name"]) <= 100 or len(str(choice["value"])) > 100:
            raise invalid("data.choices", "Must be between 1 and 100 in length.")
