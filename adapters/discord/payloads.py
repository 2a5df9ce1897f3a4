"""What an interaction of Discord's holds, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import discord
from discord.app_commands import AppCommandChannel

from adapters.chats.pictures import Attached
from adapters.discord.dialogs import Json
from adapters.discord.keys import Press, press_named
from adapters.discord.pictures import seen, told
from adapters.discord.places import AnyInteraction
from adapters.discord.text import unquoted
from bot.commands.grammar import ADDING, verb_named

Option = (
    str
    | int
    | bool
    | discord.Member
    | discord.User
    | discord.Role
    | discord.Attachment
    | AppCommandChannel
)
"""A typed option of a command."""


def text_of(value: Option) -> str:
    """An option as text; files come another way."""
    match value:
        case bool():
            return "yes" if value else ""
        case discord.Role():
            return "everyone" if value.is_default() else f"<@&{value.id}|{_name(value.name)}>"
        case discord.Member() | discord.User():
            return f"<@{value.id}|{_name(value.display_name)}>"
        case AppCommandChannel():
            return f"<#{value.id}|{_name(value.name)}>"
        case discord.Attachment():
            return ""
        case _:
            return str(value)


def named(verb: str, args: Mapping[str, str]) -> dict[str, str]:
    """Options by the names of the grammar, where a person and a channel are one parameter.

    Who fills in both is understood by nobody, and told so.
    """
    shaped = verb_named(verb)
    whole = {param.or_channel: param.name for param in shaped.params} if shaped else {}
    joined: dict[str, str] = {}
    for name, text in args.items():
        known = whole.get(name, name)
        joined[known] = f"{joined[known]} {text}" if known in joined else text
    return joined


def attached(verb: str, options: Mapping[str, Option]) -> list[Attached]:
    """Files in options, each with the parameter that it is for."""
    shaped = verb_named(verb)
    uses = {place: p.name for p in shaped.params for place in p.places} if shaped else {}
    return [
        replace(seen(value), use=uses[name])
        for name, value in options.items()
        if isinstance(value, discord.Attachment)
    ]


def _name(name: str) -> str:
    """A name that cannot end a mention too early."""
    return "".join(letter for letter in name if letter not in "<>|")


def target_of(interaction: AnyInteraction) -> Json:
    """The message whose menu was opened."""
    data: Json = interaction.data or {}
    messages: Json = data.get("resolved", {}).get("messages", {})
    found: Json = messages.get(str(data.get("target_id")), {})
    return found


def job_in(message: Json) -> str | None:
    """The job that a message of ours is about, by its buttons. The core says who may see it."""
    for part in _parts(message):
        press = press_named(str(part.get("custom_id", "")))
        if press and "job" in press.args:
            return press.job
    return None


def pictures_in(message: Json) -> list[Attached]:
    """Pictures that somebody attached to a message."""
    found = [told(raw) for raw in message.get("attachments", ())]
    return [attached for attached in found if attached.is_picture]


def _parts(component: Json) -> list[Json]:
    """All components within a message or component."""
    inner: list[Json] = list(component.get("components", ()))
    return [*inner, *(deeper for part in inner for deeper in _parts(part))]


def words_before(interaction: AnyInteraction, press: Press) -> str | None:
    """The whole prompt on the message, to be changed; None when it was cut or is no use."""
    if press.verb in ADDING or interaction.message is None:
        return None
    texts = (
        part.content
        for row in interaction.message.components
        for part in (row.children if isinstance(row, discord.Container) else [])
        if isinstance(part, discord.TextDisplay)
    )
    words = next((found for text in texts if (found := unquoted(text))), None)
    return None if words is None or words.endswith("…") else words
