"""Verbs about styles: styles, admin style add, remove, list and use."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import channel_of, deed_of
from bot.domain.messages import Invocation, Line, Message, Reply
from bot.domain.refs import Channel
from bot.errors import NotHere


async def styles(services: Services, asked: Invocation) -> Reply:
    """What can be ordered with, and what this channel has."""
    found, _ = await services.styles.of(asked.person)
    here = await services.styles.here(asked.place)
    name = here.name if here else ""
    lines = [wording.style_line(one, here=one.name == name) for one in found]
    return Reply(Message((*lines, wording.STYLE_HINT) if lines else (wording.NO_STYLES,)))


async def listed(services: Services, asked: Invocation) -> Reply:
    """All styles in full, and which channels have one."""
    found, uses = await services.styles.of(asked.person)
    lines: list[Line] = [wording.style_in_full(one) for one in found]
    for channel, name in uses.items():
        lines.append(wording.style_used_line(Channel(asked.person.tenant, channel), name))
    return Reply(Message(tuple(lines) or (wording.NO_STYLES_YET,)))


async def add(services: Services, asked: Invocation) -> Reply:
    """Keep a style."""
    style = await services.styles.add(deed_of(asked), asked.args["name"], asked.args["words"])
    return Reply(Message((wording.style_kept_line(style.name),), quote=style.text))


async def remove(services: Services, asked: Invocation) -> Reply:
    """Keep one no longer."""
    name = await services.styles.remove(deed_of(asked), asked.args["name"])
    return Reply(Message((wording.style_gone_line(name),)))


async def use(services: Services, asked: Invocation) -> Reply:
    """Give a channel a style, or none."""
    channel = _channel(services, asked)
    name = await services.styles.use(deed_of(asked), channel.id, asked.args["name"])
    return Reply(Message((wording.style_used_line(channel, name),)))


def _channel(services: Services, asked: Invocation) -> Channel:
    """The one that was named, else where it was said."""
    tenant, typed = asked.person.tenant, asked.args.get("channel")
    if typed:
        return channel_of(typed, tenant, services.find_person)
    if asked.place.private:
        raise NotHere("style")
    return Channel(tenant, asked.place.channel)


HANDLERS: Handlers = {
    "styles": styles,
    "admin style list": listed,
    "admin style add": add,
    "admin style remove": remove,
    "admin style use": use,
}
