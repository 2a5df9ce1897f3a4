"""Verbs about workspaces that share videos: admin link, admin unlink."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import LIST
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of
from bot.domain.messages import Invocation, Message, Reply


async def link(services: Services, asked: Invocation) -> Reply:
    """Make a code, or use one of another workspace, or tell which workspaces are linked."""
    code, name = asked.args.get("code", ""), asked.args.get("name", "")
    if code.lower() == LIST:
        links = await services.links.of(asked.person)
        lines = tuple(wording.link_line(one) for one in links)
        return Reply(Message(lines or (wording.NO_LINKS,)))
    if code:
        linked = await services.links.accept(deed_of(asked), code, name)
        return Reply(Message((wording.linked_line(linked),)))
    made = await services.links.invite(deed_of(asked), name)
    return Reply(Message(wording.code_lines(made) if made else (wording.CODE_SHOWN,)))


async def unlink(services: Services, asked: Invocation) -> Reply:
    """Share nothing new with another workspace."""
    name = await services.links.unlink(deed_of(asked), asked.args["name"])
    return Reply(Message((wording.unlinked_line(name),)))


HANDLERS: Handlers = {"admin link": link, "admin unlink": unlink}
