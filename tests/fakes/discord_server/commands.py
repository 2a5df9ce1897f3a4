"""Registered commands: global ones and those of single guilds."""

from typing import Any

from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.command_rules import CHAT_INPUT, Command, check_commands
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.users import User
from tests.fakes.discord_server.world import World

IN_GUILD, IN_BOT_DM = 0, 1


class NotOffered(Exception):
    """Discord would not let this person do this here: the message says why."""


class Commands:
    """`puts` counts bulk writes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.puts = 0
        self._scopes: dict[int | None, list[Command]] = {None: []}

    def scope(self, guild_id: int | None) -> list[Command]:
        return self._scopes.get(guild_id, [])

    def put(self, guild_id: int | None, commands: list[Command]) -> list[Command]:
        """Write all commands of a scope at once. A command that is known keeps its id."""
        check_commands(commands)
        known = {_key(one): one["id"] for one in self.scope(guild_id)}
        self._scopes[guild_id] = [self._stored(guild_id, one, known) for one in commands]
        self.puts += 1
        return self._scopes[guild_id]

    def find(self, user: User, channel: Channel, name: str, kind: int = CHAT_INPUT) -> Command:
        """A command that somebody sees in a place; raises NotOffered."""
        for command in [*self.scope(channel.guild_id), *self.scope(None)]:
            if command["name"] == name and command["type"] == kind:
                self._check_offered(command, user, channel)
                return command
        raise NotOffered(f"no command {name!r} of type {kind} is registered")

    def _check_offered(self, command: Command, user: User, channel: Channel) -> None:
        here = IN_BOT_DM if channel.guild_id is None else IN_GUILD
        if here not in _contexts(command):
            raise NotOffered(f"{command['name']} is not for {'DMs' if here else 'guilds'}")
        rights = self.world.permissions(user, channel)
        needed = command["default_member_permissions"]
        if channel.guild_id is None:
            return
        if Permission.USE_APPLICATION_COMMANDS not in rights:
            raise NotOffered(f"{user.name} may not use commands in {channel.name}")
        hidden = needed is not None and (int(needed) == 0 or int(needed) & ~int(rights))
        if hidden and Permission.ADMINISTRATOR not in rights:
            raise NotOffered(f"{command['name']} is hidden from {user.name}")

    def _stored(self, guild_id: int | None, command: Command, known: dict[Any, str]) -> Command:
        stored: Command = {
            "type": CHAT_INPUT,
            "description": "",
            "default_member_permissions": None,
            "dm_permission": True,
            "nsfw": False,
            "contexts": None,
            "integration_types": [0],
        } | command
        stored["id"] = known.get(_key(stored)) or str(self.world.ids.new())
        stored["application_id"] = str(self.world.application_id)
        stored["version"] = str(self.world.ids.new())
        if guild_id is not None:
            stored["guild_id"] = str(guild_id)
        return stored


def _key(command: Command) -> tuple[int, str]:
    return command["type"], command["name"]


def _contexts(command: Command) -> list[int]:
    if command["contexts"] is not None:
        return command["contexts"]
    return [IN_GUILD, IN_BOT_DM] if command["dm_permission"] else [IN_GUILD]
