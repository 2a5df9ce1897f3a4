"""What Discord refuses in commands."""

import re
from typing import Any

from tests.fakes.discord_server.payloads import parts
from tests.fakes.discord_server.problem import Problem, invalid

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
MOST = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
# Letters and digits of every script; Python's \\w has the marks of Indic scripts too.
NAME = re.compile(r"[-_'\w]{1,32}")

Command = dict[str, Any]


def check_commands(commands: list[Command]) -> None:
    """Refuse a list of commands of one scope."""
    for kind, most in MOST.items():
        names = [one["name"] for one in commands if one.get("type", CHAT_INPUT) == kind]
        if len(names) > most:
            raise Problem(30032, f"{len(names)} commands of type {kind}; {most} are allowed")
        if len(set(names)) < len(names):
            raise invalid("name", "Application command names must be unique")
    for command in commands:
        _check_command(command)


def _check_command(command: Command) -> None:
    if command.get("type", CHAT_INPUT) != CHAT_INPUT:
        _length(command["name"], 32, "name")
        if command.get("description") or command.get("options"):
            raise invalid("description", "Context menu commands cannot have description or options")
        return
    _check_named(command)
    _check_options(parts(command, "options"), deep=0)
    if _letters(command) > 8000:
        raise invalid("", "Command exceeds maximum size (8000)")


def _letters(part: Command) -> int:
    """Characters of all names, descriptions and values in a command."""
    own = len(part["name"]) + len(part.get("description") or "")
    choices = (len(one["name"]) + len(str(one["value"])) for one in parts(part, "choices"))
    return own + sum(choices) + sum(map(_letters, parts(part, "options")))


def _check_named(part: Command) -> None:
    if not NAME.fullmatch(part["name"]) or part["name"] != part["name"].lower():
        raise invalid("name", f"Command name is invalid: {part['name']}")
    _length(part.get("description") or "", 100, "description")


def _check_options(options: list[Command], deep: int) -> None:
    if len(options) > 25:
        raise invalid("options", "Must be 25 or fewer in length.")
    names = [option["name"] for option in options]
    if len(set(names)) < len(names):
        raise invalid("options", "Option names must be unique")
    for option in options:
        _check_named(option)
        _check_option(option, deep)
    _check_order(options)
    if len({option["type"] in {SUBCOMMAND, GROUP} for option in options}) > 1:
        raise invalid("options", "Sub-commands and options cannot be mixed")


def _check_option(option: Command, deep: int) -> None:
    if option["type"] in {SUBCOMMAND, GROUP}:
        if deep + option["type"] > 3 or (option["type"] == GROUP and deep > 0):
            raise invalid("options", "Groups cannot be nested")
        _check_options(parts(option, "options"), deep + 1)
        return
    choices: list[Command] = parts(option, "choices")
    if len(choices) > 25:
        raise invalid("choices", "Must be 25 or fewer in length.")
    if choices and option.get("autocomplete"):
        raise invalid("choices", "Choices and autocomplete exclude each other")
    for choice in choices:
        _length(choice["name"], 100, "choices.name")


def _check_order(options: list[Command]) -> None:
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        raise invalid("options", "Required options must be placed before non-required options")


def _length(text: str, most: int, where: str) -> None:
    if not 1 <= len(text) <= most:
        raise invalid(where, f"Must be between 1 and {most} in length.")
