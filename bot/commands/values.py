"""Checks arguments against the grammar, whatever chat, form or button they came from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot import wording
from bot.commands.grammar import Kind, Param, Verb
from bot.commands.handler import FindPerson
from bot.commands.shapes import CHANNELS, money_of, normal, number_of
from bot.domain.audit import Change, Deed
from bot.domain.later import timing_of
from bot.domain.messages import Invocation
from bot.domain.quotas import EVERYONE, for_channel, for_role
from bot.domain.refs import Channel, Person, Tenant
from bot.domain.usage import WORKSPACE, of_channel, of_provider
from bot.errors import InvalidInput, UnknownThing

_MENTION = re.compile(r"<@!?([^|<>]+)(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#([^|<>]+)(?:\|([^<>]*))?>")
_ROLE = re.compile(r"<@&([^|<>]+)(?:\|([^<>]*))?>")
_NAMED_CHANNEL = "channel:"


def deed_of(asked: Invocation) -> Deed:
    """What an admin does with a verb, for the service that does it and for the audit."""
    named = _named(asked.args.get("person", ""))
    whom = clean(named[2] or "") if named else ""
    reason = asked.args.get("reason", "")
    return Deed(asked.person, asked.verb, asked.interaction, clean(reason), whom)


def wish_of(asked: Invocation) -> Change:
    """What an invocation wishes for, as far as it can be read, for the record of its refusal."""
    args = {name: clean(text) for name, text in asked.args.items()}
    person = args.pop("person", "")
    named = _named(person)
    subject = named[1] if named else person.removeprefix("@")
    if _ROLE.fullmatch(person):
        subject = for_role(subject)
    if _CHANNEL.fullmatch(person):
        subject = for_channel(subject)
    return Change(subject, after=" ".join(args.values()))


def _named(text: str) -> re.Match[str] | None:
    """A mention of somebody, a role or a channel: its id, and what was written beside it."""
    return _MENTION.fullmatch(text) or _ROLE.fullmatch(text) or _CHANNEL.fullmatch(text)


def checked(verb: Verb, args: Mapping[str, str]) -> dict[str, str]:
    """The arguments that were given, in their normal form; raises `InvalidInput`.

    Names that the verb does not know are left out: old buttons may carry them.
    """
    given = {param.name: clean(args.get(param.name, "")) for param in verb.params}
    values = {param.name: _value(param, given[param.name]) for param in verb.params}
    return {name: value for name, value in values.items() if value}


def clean(text: str) -> str:
    """Text that every store can keep: no NUL, no half of a surrogate pair."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "").strip()


def _value(param: Param, text: str) -> str:
    if not text:
        if param.required:
            raise InvalidInput(param.name, "", param.help[:1].lower() + param.help[1:])
        return ""
    value = normal(param, text)
    if not _allowed(param, value):
        raise InvalidInput(param.name, wording.cut(text, 60), possible(param))
    return value


def _allowed(param: Param, value: str) -> bool:
    match param.kind:
        case Kind.NUMBER:
            return value in param.choices or _within(param, number_of(value))
        case Kind.MONEY:
            return value in param.choices or money_of(value) is not None
        case Kind.TEXT:
            return _within(param, len(value))
        case Kind.START:
            return timing_of(value) is not None
        case Kind.CHOICE:
            return value in param.choices
        case _:
            return True


def _within(param: Param, number: int | None) -> bool:
    if number is None or (param.min is not None and number < param.min):
        return False
    return param.max is None or number <= param.max


def possible(param: Param) -> str:
    """What may be said for a parameter, in words; empty where only the catalogue knows."""
    match param.kind:
        case Kind.NUMBER:
            return wording.one_of([wording.between(param.min, param.max), *param.choices])
        case Kind.MONEY:
            return wording.one_of([wording.DOLLARS, *param.choices])
        case Kind.TEXT:
            return wording.up_to_characters(param.max) if param.max is not None else ""
        case Kind.CHOICE:
            return wording.one_of(param.choices)
        case Kind.START:
            return wording.STARTS
        case _:
            return ""


def by_id(tenant: Tenant, text: str) -> Person:
    """For chats whose people are named by id: anyone who is named exists."""
    return Person(tenant, text, text)


def person_of(text: str, tenant: Tenant, find: FindPerson) -> Person:
    """``<@U123|ben>``, ``<@123>``, ``@ben`` or an id as somebody; raises `UnknownThing`.

    Somebody whom the chat knows comes with their roles, and a bot as one.
    """
    if role := _ROLE.fullmatch(text):
        raise UnknownThing("person", role[2] or role[1])
    if mention := _MENTION.fullmatch(text):
        known = find(tenant, mention[1])
        named = Person(tenant, mention[1], mention[2] or "")
        return replace(named, roles=known.roles, bot=known.bot) if known else named
    found = find(tenant, text.removeprefix("@"))
    if found is None:
        raise UnknownThing("person", text)
    return found


def channel_of(text: str, tenant: Tenant, find: FindPerson) -> Channel:
    """``<#123|studio>``, ``<#123>``, or ``#studio`` where the chat knows its channels by name.

    Raises `UnknownThing`. Such a chat finds ``channel:<name>`` as it finds a person's id.
    """
    if mention := _CHANNEL.fullmatch(text):
        return Channel(tenant, mention[1], mention[2] or "")
    found = find(tenant, f"{_NAMED_CHANNEL}{text[1:]}") if text.startswith("#") else None
    if found is None:
        raise UnknownThing("channel", text)
    return Channel(tenant, found.id.removeprefix(_NAMED_CHANNEL), found.name)


def owner_of(text: str, tenant: Tenant, find: FindPerson) -> Person | Channel:
    """Whose credits are meant, a person's or a channel's; raises `UnknownThing`."""
    if text.startswith(CHANNELS):
        return channel_of(text, tenant, find)
    return person_of(text, tenant, find)


def subject_of(text: str, tenant: Tenant, find: FindPerson) -> tuple[str, str]:
    """Whom a rule is for, as `Rule.subject` has it, and their name, or "".

    ``everyone``, ``workspace``, a role as ``<@&123|Plus>``, or whoever `owner_of` finds.
    """
    if text in {EVERYONE, WORKSPACE}:
        return (text, "")
    if text.startswith(CHANNELS):
        channel = channel_of(text, tenant, find)
        return (for_channel(channel.id), channel.name)
    if role := _ROLE.fullmatch(text):
        subject = for_role(role[1])
        return (subject, role[2] or name_of(subject, tenant, find))
    person = person_of(text, tenant, find)
    return (person.id, person.name)


def role_of(text: str) -> str:
    """A role as ``<@&123|Plus>``, by id; raises `InvalidInput` for a person."""
    role = _ROLE.fullmatch(text)
    if role is None:
        raise InvalidInput("role", text, wording.A_ROLE)
    return role[1]


def scope_of(text: str, asked: Invocation, find: FindPerson, providers: Collection[str]) -> str:
    """What a budget is for, as `domain.usage` names it: a channel, a provider, or all."""
    if text in {"", WORKSPACE}:
        return WORKSPACE
    if text.startswith(CHANNELS):
        return of_channel(channel_of(text, asked.person.tenant, find).id)
    if text.lower() in providers:
        return of_provider(text.lower())
    raise InvalidInput("scope", text, wording.one_of([WORKSPACE, wording.A_CHANNEL, *providers]))


def name_of(subject: str, tenant: Tenant, find: FindPerson) -> str:
    """What people call the subject of a rule; "" when the chat does not say.

    A chat that knows its roles finds ``role:<id>`` as it finds a person's id.
    """
    found = find(tenant, subject)
    return found.name if found and found.name != subject else ""
