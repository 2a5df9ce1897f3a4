"""Routes of channels, by the bot's own token: messages and threads."""

from typing import Any

from tests.fakes.discord_server.channels import DM, FORUM, TEXT, Channel
from tests.fakes.discord_server.door import Answer, Handler
from tests.fakes.discord_server.messages import EPHEMERAL, Message
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.posting import Posting
from tests.fakes.discord_server.problem import Problem, invalid
from tests.fakes.discord_server.requests import Request
from tests.fakes.discord_server.world import World

ARCHIVE_MINUTES = {60, 1440, 4320, 10080}


class ChannelRoutes:
    def __init__(self, world: World, posting: Posting) -> None:
        self.world = world
        self.posting = posting

    def table(self) -> list[tuple[str, str, Handler]]:
        messages = "/channels/{channel_id}/messages"
        one = messages + "/{message_id}"
        return [
            ("GET", "/channels/{channel_id}", self.show),
            ("PATCH", "/channels/{channel_id}", self.change),
            ("POST", "/channels/{channel_id}/typing", self.typing),
            ("POST", "/channels/{channel_id}/threads", self.post_in_forum),
            ("GET", messages, self.list_messages),
            ("POST", messages, self.create),
            ("GET", one, self.get),
            ("PATCH", one, self.edit),
            ("DELETE", one, self.delete),
            ("POST", one + "/threads", self.start_thread),
        ]

    def show(self, request: Request) -> Answer:
        return Answer(self._seen(request).to_json())

    def change(self, request: Request) -> Answer:
        channel = self._seen(request)
        wanted = request.sent.payload
        self._check_may_change(channel, wanted)
        channel.name = wanted.get("name", channel.name)
        channel.topic = wanted.get("topic", channel.topic)
        channel.archived = wanted.get("archived", channel.archived)
        channel.locked = wanted.get("locked", channel.locked)
        channel.auto_archive = wanted.get("auto_archive_duration", channel.auto_archive)
        channel.tell()
        return Answer(channel.to_json())

    def typing(self, request: Request) -> Answer:
        self._seen(request)
        return Answer(status=204)

    def list_messages(self, request: Request) -> Answer:
        channel = self._seen(request)
        if Permission.READ_MESSAGE_HISTORY not in self._rights(channel):
            return Answer([])
        found = _page(channel.messages, request.query)
        return Answer([self.world.message_json(one) for one in reversed(found)])

    def create(self, request: Request) -> Answer:
        channel = self._seen(request)
        self._check_may_post(channel, with_files=bool(request.files))
        if first := self._known(channel, request):
            return Answer(self.world.message_json(first))
        made = self._compose(channel, request)
        self.world.post(channel, made)
        return Answer(self.world.message_json(made))

    def get(self, request: Request) -> Answer:
        channel = self._seen(request)
        self._need(channel, Permission.READ_MESSAGE_HISTORY)
        found = self.world.message(channel, request.number("message_id"))
        return Answer(self.world.message_json(found))

    def edit(self, request: Request) -> Answer:
        channel, message = self._own(request)
        if channel.archived:
            raise Problem(50083)
        if request.files:
            self._need(channel, Permission.ATTACH_FILES)
        self.posting.edit(message, request.sent, self.world.upload_limit(channel))
        return Answer(self.world.message_json(message))

    def delete(self, request: Request) -> Answer:
        channel = self._seen(request)
        message = self.world.message(channel, request.number("message_id"))
        if message.author is not self.world.bot:
            self._need(channel, Permission.MANAGE_MESSAGES)
        if channel.archived:
            # Nobody has seen whether Discord minds here; a bot that can wake a thread is safe.
            raise Problem(50083)
        self.world.remove(channel, message)
        return Answer(status=204)

    def start_thread(self, request: Request) -> Answer:
        channel = self._seen(request)
        if channel.kind != TEXT:
            raise Problem(50024)
        self._need(channel, Permission.CREATE_PUBLIC_THREADS)
        message = self.world.message(channel, request.number("message_id"))
        if self.world.thread_of(message):
            raise Problem(160004)
        return Answer(self._open_thread(message.id, channel, request).to_json(), 201)

    def post_in_forum(self, request: Request) -> Answer:
        forum = self._seen(request)
        if forum.kind != FORUM:
            raise Problem(50024)
        self._need(forum, Permission.SEND_MESSAGES)
        thread_id = self.world.ids.new()
        sent = request.sent
        sent.payload = sent.payload["message"]
        thread = self._open_thread(thread_id, forum, request)
        made = self.posting.compose(thread, self.world.bot, sent, self.world.upload_limit(thread))
        made.id = thread_id
        self.world.post(thread, made)
        return Answer(thread.to_json() | {"message": made.to_json()}, 201)

    def _open_thread(self, thread_id: int, parent: Channel, request: Request) -> Channel:
        wanted = request.sent.payload
        guild = self.world.guild_of(parent)
        assert guild is not None
        if len(guild.threads) >= guild.max_active_threads:
            raise Problem(160006)
        if not 1 <= len(wanted.get("name") or "") <= 100:
            raise invalid("name", "Must be between 1 and 100 in length.")
        minutes = wanted.get("auto_archive_duration") or 1440
        if minutes not in ARCHIVE_MINUTES:
            raise invalid("auto_archive_duration", f"Value must be one of {ARCHIVE_MINUTES}.")
        made = self.world.open_thread(thread_id, parent, wanted["name"], self.world.bot)
        made.auto_archive = minutes
        return made

    def _compose(self, channel: Channel, request: Request) -> Message:
        sent = request.sent
        nonce = sent.payload.get("nonce")
        if nonce is not None and len(str(nonce)) > 25:
            raise invalid("nonce", "Must be 25 or fewer in length.")
        made = self.posting.compose(channel, self.world.bot, sent, self.world.upload_limit(channel))
        made.flags &= ~EPHEMERAL
        made.reference = self._reference(channel, request)
        if nonce is not None:
            made.nonce = str(nonce)
            channel.nonces[made.nonce] = made
        return made

    def _known(self, channel: Channel, request: Request) -> Message | None:
        """The message that was made with the same nonce before."""
        payload = request.sent.payload
        if not payload.get("enforce_nonce"):
            return None
        return channel.nonces.get(str(payload.get("nonce")))

    def _reference(self, channel: Channel, request: Request) -> dict[str, str] | None:
        wanted = request.sent.payload.get("message_reference")
        if wanted is None:
            return None
        self._need(channel, Permission.READ_MESSAGE_HISTORY)
        if channel.find(int(wanted["message_id"])) is None:
            if wanted.get("fail_if_not_exists", True):
                # Somebody may have deleted it meanwhile: no mistake of the bot's.
                raise Problem(50035, "Unknown message", "message_reference")
            return None
        return {"message_id": str(wanted["message_id"]), "channel_id": str(channel.id)}

    def _own(self, request: Request) -> tuple[Channel, Message]:
        channel = self._seen(request)
        message = self.world.message(channel, request.number("message_id"))
        if message.author is not self.world.bot:
            raise Problem(50005)
        return channel, message

    def _check_may_change(self, channel: Channel, wanted: dict[str, Any]) -> None:
        if not channel.is_thread:
            self._need(channel, Permission.MANAGE_CHANNELS)
        elif wanted == {"archived": False} and not channel.locked:
            self._need(channel, Permission.SEND_MESSAGES_IN_THREADS)
        elif channel.owner_id != self.world.bot.id:
            self._need(channel, Permission.MANAGE_THREADS)

    def _check_may_post(self, channel: Channel, *, with_files: bool) -> None:
        if channel.kind == FORUM:
            raise Problem(40058)
        if channel.kind == DM and channel.recipient is not None and channel.recipient.dms_closed:
            raise Problem(50007)
        in_thread = channel.is_thread
        self._need(
            channel, Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
        )
        if with_files:
            self._need(channel, Permission.ATTACH_FILES)
        if channel.locked and Permission.MANAGE_THREADS not in self._rights(channel):
            raise Problem(160005)

    def _seen(self, request: Request) -> Channel:
        channel = self.world.channel(request.number("channel_id"))
        if Permission.VIEW_CHANNEL not in self._rights(channel):
            raise Problem(50001)
        return channel

    def _rights(self, channel: Channel) -> Permission:
        return self.world.permissions(self.world.bot, channel)

    def _need(self, channel: Channel, permission: Permission) -> None:
        if permission not in self._rights(channel):
            raise Problem(50013)


def _page(messages: list[Message], query: dict[str, str]) -> list[Message]:
    """The messages that a listing asks for, oldest first."""
    most = int(query.get("limit", 50))
    if "around" in query:
        middle = int(query["around"])
        older = [one for one in messages if one.id <= middle][-(most // 2 + 1) :]
        return older + [one for one in messages if one.id > middle][: most - len(older)]
    if "after" in query:
        return [one for one in messages if one.id > int(query["after"])][:most]
    if "before" in query:
        return [one for one in messages if one.id < int(query["before"])][-most:]
    return messages[-most:]
