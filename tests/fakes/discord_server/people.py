"""People, who type and press as they would in Discord."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_server.channels import FORUM, TEXT, Channel
from tests.fakes.discord_server.command_rules import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from tests.fakes.discord_server.commands import Commands, NotOffered
from tests.fakes.discord_server.components import BUTTON, LINK_BUTTON, SELECTS, Component, walk
from tests.fakes.discord_server.fields import many, submitted
from tests.fakes.discord_server.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Asked,
    Interactions,
    Modal,
)
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.options import Resolved, fill_options, leaf, nest
from tests.fakes.discord_server.payloads import parts
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.users import User
from tests.fakes.discord_server.world import World


@dataclass(frozen=True)
class Desk:
    """What everybody's client speaks to."""

    world: World
    commands: Commands
    interactions: Interactions


@dataclass
class Choice:
    """One suggestion while typing."""

    name: str
    value: Any


@dataclass(eq=False)
class Person(User):
    """Somebody with a client. Methods raise NotOffered for what Discord would not let happen."""

    desk: Desk = field(kw_only=True)

    @property
    def dm(self) -> Channel:
        """The conversation with the bot."""
        return self.desk.world.dm(self)

    async def slash(self, channel: Channel, command: str, /, **options: object) -> Asked:
        """Type a command with its options, and wait for the first response."""
        data = self._typed(channel, command, options)
        return await self._ask(COMMAND, channel, data)

    async def autocomplete(
        self, channel: Channel, command: str, *, option: str, typed: str, **options: object
    ) -> list[Choice]:
        """What is suggested for a text in an option. Raises AssertionError without an answer."""
        name, *words = command.split()
        found = self.desk.commands.find(self, channel, name)
        part = leaf(found, words)
        asked_for = next((one for one in parts(part, "options") if one["name"] == option), None)
        if asked_for is None or not asked_for.get("autocomplete"):
            raise NotOffered(f"{option} of {command} suggests nothing")
        resolved = Resolved(self.desk.world.guild_of(channel))
        others = {"options": [one for one in part["options"] if one["name"] in options]}
        values = fill_options(part | others, dict(options), resolved)
        values.append({"type": asked_for["type"], "name": option, "value": typed, "focused": True})
        data = {"id": found["id"], "name": name, "type": CHAT_INPUT}
        data |= {"options": nest(found, words, values), "resolved": resolved.data}
        asked = await self._ask(AUTOCOMPLETE, channel, data)
        assert not asked.failed, "Loading options failed"
        return [Choice(one["name"], one["value"]) for one in asked.choices]

    def sees(self, channel: Channel, command: str) -> bool:
        """Whether a command is offered in a place."""
        try:
            self.desk.commands.find(self, channel, command.split(maxsplit=1)[0])
        except NotOffered:
            return False
        return True

    async def press(self, message: Message, label: str) -> Asked:
        """Press a button, named by its label as the message is now."""
        button = message.buttons.get(label)
        if button is None:
            raise NotOffered(f"no button {label!r} among {list(message.buttons)}")
        if button.get("disabled") or button["style"] == LINK_BUTTON:
            raise NotOffered(f"{label} cannot be pressed")
        return await self.use(message, button)

    async def choose(self, message: Message, select: str, values: Iterable[object]) -> Asked:
        """Choose in a select, named by its custom_id or its placeholder; options by label too."""
        for part in walk(message.components):
            if part["type"] in SELECTS and select in (part["custom_id"], part.get("placeholder")):
                resolved = Resolved(self.desk.world.guild_of(self._channel_of(message)))
                chosen = many(part, list(values), resolved)
                return await self.use(message, part, chosen, resolved.data)
        raise NotOffered(f"no select {select!r}")

    async def use(
        self,
        message: Message,
        part: Component,
        values: list[str] | None = None,
        resolved: dict[str, Any] | None = None,
    ) -> Asked:
        """Send what a component says, also one that the message no longer shows."""
        self._check_sees(message)
        data: dict[str, Any] = {"custom_id": part["custom_id"], "component_type": part["type"]}
        data["id"] = part.get("id", 1)
        if part["type"] != BUTTON:
            data |= {"values": values or [], "resolved": resolved or {}}
        return await self._ask(COMPONENT, self._channel_of(message), data, message)

    async def submit(
        self, modal: Modal | None, values: dict[str, object] | None = None, **more: object
    ) -> Asked:
        """Fill in a dialog by custom_id and send it; fields left out keep their default."""
        if modal is None:
            raise NotOffered("there is no dialog")
        resolved = Resolved(modal.asked.guild)
        filled = submitted(modal.components, (values or {}) | more, resolved)
        data = {"custom_id": modal.custom_id, "components": filled, "resolved": resolved.data}
        return await self._ask(MODAL_SUBMIT, modal.asked.channel, data, modal.asked.source)

    async def message_menu(self, message: Message, name: str) -> Asked:
        """Choose an app command in a message's menu."""
        channel = self._channel_of(message)
        found = self.desk.commands.find(self, channel, name, MESSAGE_MENU)
        shown = {"messages": {str(message.id): self.desk.world.message_json(message)}}
        return await self._ask(COMMAND, channel, _menu(found, message.id, shown))

    async def user_menu(self, target: User, name: str, channel: Channel | None = None) -> Asked:
        """Choose an app command in somebody's menu, in any channel that both share."""
        place = channel or self._shared_channel(target)
        found = self.desk.commands.find(self, place, name, USER_MENU)
        resolved = Resolved(self.desk.world.guild_of(place))
        resolved.add_user(target)
        return await self._ask(COMMAND, place, _menu(found, target.id, resolved.data))

    def says(self, channel: Channel, text: str) -> Message:
        """Write an ordinary message."""
        world = self.desk.world
        made = Message(
            world.ids.new(), channel.id, channel.guild_id, self, time.time(), content=text
        )
        world.post(channel, made)
        return made

    def reacts(self, message: Message, sign: str) -> int:
        """Put a sign on a message: how many sessions of the bot hear of it."""
        self._check_sees(message)
        return self.desk.world.react(self, message, sign)

    def takes_back(self, message: Message, sign: str) -> int:
        """Take one's sign away again: how many sessions of the bot hear of it."""
        self._check_sees(message)
        return self.desk.world.unreact(self, message, sign)

    def deletes(self, message: Message) -> None:
        """Take a message away, as its author or a moderator can."""
        self.desk.world.remove(self._channel_of(message), message)

    def opens_post(self, forum: Channel, title: str, text: str = "") -> Channel:
        """Begin a post in a forum: a thread."""
        assert forum.kind == FORUM
        world = self.desk.world
        thread = world.open_thread(world.ids.new(), forum, title, self)
        # In a forum the first message has the id of its post.
        self.says(thread, text or title).id = thread.id
        return thread

    def _typed(self, channel: Channel, command: str, given: dict[str, object]) -> dict[str, Any]:
        name, *words = command.removeprefix("/").split()
        found = self.desk.commands.find(self, channel, name)
        resolved = Resolved(self.desk.world.guild_of(channel))
        values = fill_options(leaf(found, words), given, resolved)
        data: dict[str, Any] = {"id": found["id"], "name": name, "type": CHAT_INPUT}
        data["options"] = nest(found, words, values)
        return data | ({"resolved": resolved.data} if resolved.data else {}) | _of_guild(found)

    async def _ask(
        self, kind: int, channel: Channel, data: dict[str, Any], source: Message | None = None
    ) -> Asked:
        if channel.archived:
            raise NotOffered("commands cannot be used in an archived thread")
        if Permission.VIEW_CHANNEL not in self.desk.world.permissions(self, channel):
            raise NotOffered(f"{self.name} does not see {channel.name}")
        return await self.desk.interactions.ask(kind, self, channel, data, source)

    def _check_sees(self, message: Message) -> None:
        if message.deleted or message.only_for not in {None, self}:
            raise NotOffered(f"{self.name} does not see the message")

    def _channel_of(self, message: Message) -> Channel:
        return self.desk.world.channel(message.channel_id)

    def _shared_channel(self, target: User) -> Channel:
        for guild in self.desk.world.guilds.values():
            if {self.id, target.id} <= guild.members.keys():
                return next(one for one in guild.channels if one.kind == TEXT)
        raise NotOffered(f"{self.name} and {target.name} share no guild")


def _menu(command: dict[str, Any], target: int, resolved: dict[str, Any]) -> dict[str, Any]:
    data = {"id": command["id"], "name": command["name"], "type": command["type"]}
    return data | {"target_id": str(target), "resolved": resolved} | _of_guild(command)


def _of_guild(command: dict[str, Any]) -> dict[str, Any]:
    return {"guild_id": command["guild_id"]} if "guild_id" in command else {}
