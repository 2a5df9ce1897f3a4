"""Options of a slash command, as a person's client sends them."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.command_rules import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
    Command,
)
from tests.fakes.discord_server.commands import NotOffered
from tests.fakes.discord_server.files import Attachment
from tests.fakes.discord_server.guilds import Guild
from tests.fakes.discord_server.payloads import Json, parts
from tests.fakes.discord_server.roles import Role
from tests.fakes.discord_server.users import User

PYTHON_TYPES: dict[int, type | tuple[type, ...]] = {
    STRING: str,
    INTEGER: int,
    BOOLEAN: bool,
    NUMBER: (int, float),
    USER: User,
    CHANNEL: Channel,
    ROLE: Role,
    MENTIONABLE: (User, Role),
    ATTACHMENT: Attachment,
}


@dataclass
class Resolved:
    """The objects behind ids, as an interaction carries them."""

    guild: Guild | None
    data: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def add(self, thing: object) -> str:
        """Take an object in; its id is what the option's value is."""
        if isinstance(thing, User):
            return self.add_user(thing)
        if isinstance(thing, Role):
            return self._put("roles", thing.id, thing.to_json())
        if isinstance(thing, Channel):
            return self._put("channels", thing.id, thing.to_json() | {"permissions": "0"})
        assert isinstance(thing, Attachment)
        return self._put("attachments", thing.id, thing.to_json() | {"ephemeral": True})

    def add_user(self, user: User) -> str:
        if self.guild is not None and user.id in self.guild.members:
            member = self.guild.member_json(user) | {
                "permissions": str(int(self.guild.permissions(user)))
            }
            del member["user"]
            self._put("members", user.id, member)
        return self._put("users", user.id, user.to_json())

    def _put(self, kind: str, thing_id: int, shown: dict[str, Any]) -> str:
        self.data.setdefault(kind, {})[str(thing_id)] = shown
        return str(thing_id)


def nest(command: Command, words: list[str], values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values below the groups and sub-commands that were typed."""
    if not words:
        return values
    part = _named(command, words[0])
    return [
        {"type": part["type"], "name": words[0], "options": nest(part, words[1:], values)},
    ]


def leaf(command: Command, words: list[str]) -> Command:
    """The (sub-)command that the words end at; raises NotOffered."""
    part = command
    for word in words:
        part = _named(part, word)
        if part["type"] not in {SUBCOMMAND, GROUP}:
            raise NotOffered(f"{word} is an option, not a command")
    if any(option["type"] in {SUBCOMMAND, GROUP} for option in parts(part, "options")):
        raise NotOffered(f"{part['name']} needs one of its sub-commands")
    return part


def fill_options(part: Command, given: dict[str, Any], resolved: Resolved) -> list[dict[str, Any]]:
    """Checked values of all options that somebody filled in; raises NotOffered."""
    values: list[dict[str, Any]] = []
    wanted = dict(given)
    for option in parts(part, "options"):
        value = wanted.pop(option["name"], wanted.pop(option["name"].replace("-", "_"), None))
        if value is not None:
            values.append(_filled(option, value, resolved))
        elif option.get("required"):
            raise NotOffered(f"{option['name']} is required")
    if wanted:
        raise NotOffered(f"{part['name']} has no option {', '.join(wanted)}")
    return values


def _named(part: Command, name: str) -> Command:
    for option in parts(part, "options"):
        if option["name"] == name:
            return option
    raise NotOffered(f"{part['name']} has no {name}")


def _filled(option: Command, value: Json, resolved: Resolved) -> dict[str, Any]:
    kind, name = option["type"], option["name"]
    is_bool = isinstance(value, bool)
    if not isinstance(value, PYTHON_TYPES[kind]) or is_bool != (kind == BOOLEAN):
        raise NotOffered(f"{name} does not take {value!r}")
    if kind in {USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT}:
        _check_file_type(option, value)
        value = resolved.add(value)
    else:
        value = _chosen(option, value)
        _check_range(option, value)
    return {"type": kind, "name": name, "value": value}


def _chosen(option: Command, value: Json) -> Json:
    """One of the choices, named as shown or by its value."""
    choices: list[dict[str, Any]] = parts(option, "choices")
    if not choices:
        return value
    for choice in choices:
        if value in (choice["name"], choice["value"]):
            return choice["value"]
    raise NotOffered(f"{option['name']} has no choice {value!r}")


def _check_range(option: Command, value: Json) -> None:
    measured = len(value) if isinstance(value, str) else value
    unit = "length" if isinstance(value, str) else "value"
    most = option.get(f"max_{unit}", 6000 if unit == "length" else measured)
    if not option.get(f"min_{unit}", measured) <= measured <= most:
        raise NotOffered(f"{option['name']} is out of range: {measured}")


def _check_file_type(part: Command, value: object) -> None:
    if isinstance(value, Attachment):
        check_file_type(part, value)


def check_file_type(part: Command, file: Attachment) -> None:
    """Refuse a file whose name is not of a type that is asked for."""
    wanted: list[str] = part.get("file_types") or []
    known = {PurePath(file.name).suffix.lower(), file.content_type.partition("/")[0]}
    if wanted and not known & set(wanted):
        raise NotOffered(f"{file.name} is not one of {wanted}")
