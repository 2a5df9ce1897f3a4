"""What people asked, and how the bot answered each."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.components import Component
from tests.fakes.discord_server.guilds import Guild
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.news import News
from tests.fakes.discord_server.payloads import parts
from tests.fakes.discord_server.problem import Problem, invalid
from tests.fakes.discord_server.users import User
from tests.fakes.discord_server.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
NO_ANSWER = "The application did not respond"
TOKEN_LIFE = 15 * 60


@dataclass
class Ack:
    """The bot's first response: its type, its data, and how many seconds it took."""

    type: int
    data: dict[str, Any]
    took: float


@dataclass
class Modal:
    """A dialog that somebody sees."""

    custom_id: str
    title: str
    components: list[Component]
    asked: "Asked"


@dataclass(eq=False)
class Asked:
    """One interaction: who asked what, and all that the bot answered.

    `message` is the answer once it is there: an immediate message, a deferred one that was
    filled, or the message of the pressed button after its update. `messages` are all of them.
    """

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    guild: Guild | None
    data: dict[str, Any]
    created: float
    deadline: float
    expires: float
    news: News
    source: Message | None = None
    acked: Ack | None = None
    modal: Modal | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list[Message])
    choices: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    unheard: bool = False
    updated: bool = False

    @property
    def failed(self) -> str | None:
        """What the person sees when no response came in time."""
        if self.acked is None and (self.unheard or time.time() > self.deadline):
            return NO_ANSWER
        return None

    @property
    def messages(self) -> list[Message]:
        first = [] if self.original is None else [self.original]
        return [one for one in [*first, *self.followups] if not (one.loading or one.deleted)]

    @property
    def message(self) -> Message | None:
        if self.acked is not None and self.acked.type in {DEFERRED_UPDATE, UPDATE} and self.updated:
            return self.source
        return next(iter(self.messages), None)

    @property
    def text(self) -> str:
        """Words of the answer; empty while there is none."""
        return "" if self.message is None else self.message.text

    async def settled(self) -> None:
        """Until the bot responded, or it is too late."""
        while self.acked is None and self.failed is None:
            await self.news.wait(max(0.0, self.deadline - time.time()) + 0.001)

    async def answer(self, timeout: float = 10) -> Message:  # noqa: ASYNC109  # a plain figure
        """The answer's message. Raises AssertionError when none comes."""
        end = time.time() + timeout
        while (found := self.message) is None:
            if self.failed or time.time() > end:
                raise AssertionError(f"no answer to {self.data}: {self.failed or 'still waiting'}")
            await self.news.wait(0.1)
        return found

    def expire(self) -> None:
        """Let the token be too old."""
        self.expires = 0


class Interactions:
    """All that was asked. `ack_within` are seconds; `late` makes the next ones too late at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[Asked] = []
        self.ack_within = 3.0
        self.late = 0
        self._by_token: dict[str, Asked] = {}

    async def ask(
        self,
        kind: int,
        user: User,
        channel: Channel,
        data: dict[str, Any],
        source: Message | None = None,
    ) -> Asked:
        """Send an interaction to the bot and wait for its first response."""
        asked = self._new(kind, user, channel, data, source)
        payload = self.payload(asked)
        asked.unheard = not self.world.news.tell("INTERACTION_CREATE", payload, channel.guild_id)
        await asked.settled()
        return asked

    def by_token(self, token: str) -> Asked:
        """Whose token this is, while it is young enough: else 50027."""
        asked = self._by_token.get(token)
        if asked is None or time.time() > asked.expires:
            raise Problem(50027)
        return asked

    def open(self, interaction_id: int, token: str) -> Asked:
        """An interaction that waits for its first response: else 10062 or 40060."""
        asked = self._by_token.get(token)
        if asked is None or asked.id != interaction_id:
            raise Problem(10062)
        if asked.acked is not None:
            raise Problem(40060)
        if time.time() > asked.deadline:
            raise Problem(10062)
        return asked

    def ack(self, asked: Asked, kind: int, data: dict[str, Any]) -> None:
        """Note the first response."""
        asked.acked = Ack(kind, data, time.time() - asked.created)
        if kind == MODAL:
            asked.modal = Modal(data["custom_id"], data["title"], data["components"], asked)
        elif kind == CHOICES:
            asked.choices = parts(data, "choices")

    def check_kind(self, asked: Asked, kind: int) -> None:
        """Refuse responses that do not fit what was asked."""
        fitting = {
            COMMAND: {MESSAGE, DEFERRED, MODAL},
            COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
            AUTOCOMPLETE: {CHOICES},
            MODAL_SUBMIT: {MESSAGE, DEFERRED},
        }[asked.kind]
        if asked.kind == MODAL_SUBMIT and asked.source is not None:
            fitting = fitting | {DEFERRED_UPDATE, UPDATE}
        if kind not in fitting:
            raise invalid("type", f"Interaction of type {asked.kind} cannot be answered by {kind}")

    def metadata(self, asked: Asked) -> dict[str, Any]:
        """What a message says about the interaction that it answers."""
        owners = {"0": str(asked.channel.guild_id or 0)}
        body: dict[str, Any] = {
            "id": str(asked.id),
            "type": 2 if asked.kind == COMMAND else asked.kind,
            "user": asked.user.to_json(),
            "authorizing_integration_owners": owners,
        }
        if asked.kind == COMPONENT and asked.source is not None:
            body["interacted_message_id"] = str(asked.source.id)
        if asked.kind == MODAL_SUBMIT:
            body["triggering_interaction_metadata"] = body | {"type": COMMAND}
        return body

    def payload(self, asked: Asked) -> dict[str, Any]:
        """INTERACTION_CREATE, complete."""
        channel, guild = asked.channel, asked.guild
        rights = int(self.world.permissions(asked.user, channel))
        body: dict[str, Any] = {
            "id": str(asked.id),
            "application_id": str(self.world.application_id),
            "type": asked.kind,
            "token": asked.token,
            "version": 1,
            "channel_id": str(channel.id),
            "channel": channel.to_json() | {"permissions": str(rights)},
            "app_permissions": str(int(self.world.permissions(self.world.bot, channel))),
            "locale": asked.user.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": {"0": str(channel.guild_id or 0)},
            "context": 1 if guild is None else 0,
            "attachment_size_limit": self.upload_limit(asked),
            "data": asked.data,
        }
        if asked.source is not None:
            body["message"] = self.world.message_json(asked.source)
        return body | _whose(asked)

    def upload_limit(self, asked: Asked) -> int:
        """Bytes per file while the token is used: the guild's, or the person's own when higher."""
        return max(self.world.upload_limit(asked.channel), asked.user.upload_limit)

    def _new(
        self, kind: int, user: User, channel: Channel, data: dict[str, Any], source: Message | None
    ) -> Asked:
        now = time.time()
        deadline = now + self.ack_within
        if self.late:
            self.late, deadline = self.late - 1, 0
        made = Asked(
            self.world.ids.new(),
            secrets.token_urlsafe(48),
            kind,
            user,
            channel,
            self.world.guild_of(channel),
            data,
            now,
            deadline,
            now + TOKEN_LIFE,
            self.world.news,
            source,
        )
        self.asked.append(made)
        self._by_token[made.token] = made
        return made


def _whose(asked: Asked) -> dict[str, Any]:
    if asked.guild is None:
        return {"user": asked.user.to_json()}
    partial: dict[str, Any] = {"id": str(asked.guild.id), "locale": "en-US", "features": []}
    return {
        "guild_id": str(asked.guild.id),
        "guild": partial,
        "guild_locale": "en-US",
        "member": asked.guild.member_json(asked.user, asked.channel),
    }
