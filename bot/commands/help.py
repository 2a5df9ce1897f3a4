"""The verb help: made of the grammar, so that it is never out of date."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import GRAMMAR, Group, Kind, Param, Verb
from bot.commands.handler import Handlers, Services
from bot.commands.values import possible
from bot.domain.catalogue import Catalogue
from bot.domain.messages import Invocation, Line, Message, Reply
from bot.errors import UnknownThing


async def help_(services: Services, asked: Invocation) -> Reply:
    """The list of commands; with a topic, one of them in full."""
    topic = _topic(asked.args.get("topic", ""))
    if not topic:
        return Reply(Message(_overview(admin=asked.person.admin)))
    if topic == "admin":
        return Reply(Message(_list(Group.ADMIN)))
    verb = _verb(topic)
    if verb is None:
        raise UnknownThing("command", topic)
    return Reply(Message(_in_full(verb, services.videos.shop.catalogue())))


def _topic(text: str) -> str:
    """``/sora create`` as ``create``, ``/sora-admin`` as ``admin``."""
    words = text.lower().replace("/sora-admin", "admin").replace("/sora", "").split()
    return " ".join(words)


def _verb(topic: str) -> Verb | None:
    names = (topic, f"admin {topic}")
    return next((verb for name in names for verb in GRAMMAR if verb.name == name), None)


def _overview(*, admin: bool) -> tuple[Line, ...]:
    return (
        wording.HELP_HEAD,
        *_list(Group.MEMBER),
        *((wording.ADMIN_HELP_HEAD, *_list(Group.ADMIN)) if admin else ()),
        wording.HELP_MORE,
    )


def _list(group: Group) -> tuple[Line, ...]:
    return tuple(
        wording.verb_line(verb.command, verb.summary) for verb in GRAMMAR if verb.group is group
    )


def _in_full(verb: Verb, catalogue: Catalogue) -> tuple[Line, ...]:
    return (
        wording.verb_line(verb.usage, verb.summary),
        *(
            wording.param_line(p.name, p.help, _possible(p, catalogue), required=p.required)
            for p in verb.params
        ),
        *map(wording.example_line, verb.examples),
    )


def _possible(param: Param, catalogue: Catalogue) -> str:
    """What the grammar or else the catalogue allows."""
    match param.kind:
        case Kind.MODEL:
            return wording.one_of(model.name for model in catalogue)
        case Kind.SIZE:
            return wording.one_of(catalogue.sizes)
        case Kind.SECONDS:
            return wording.one_of(catalogue.seconds)
        case _:
            return possible(param)


HANDLERS: Handlers = {"help": help_}
