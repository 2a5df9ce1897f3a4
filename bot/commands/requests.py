"""Verbs about wishes for more: more, admin approve, admin deny."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of
from bot.domain.messages import Invocation, Message, Reply


async def more(services: Services, asked: Invocation) -> Reply:
    """Ask the admins for more of what is used up."""
    amount = asked.args.get("amount")
    request = await services.requests.ask(
        asked.person, int(amount) if amount else None, asked.args.get("reason", "")
    )
    heard = (await services.workspaces.look(asked.person.tenant)).alerts is not None
    return Reply(Message((wording.asked_line(request, heard=heard),)))


async def approve(services: Services, asked: Invocation) -> Reply:
    """Give what was asked for."""
    return await _decide(services, asked, approve=True)


async def deny(services: Services, asked: Invocation) -> Reply:
    """Give nothing."""
    return await _decide(services, asked, approve=False)


async def _decide(services: Services, asked: Invocation, *, approve: bool) -> Reply:
    request = await services.requests.decide(deed_of(asked), asked.args["request"], approve=approve)
    lines = (*wording.more_asked(request), wording.decided_by(request))
    return Reply(Message(lines))


HANDLERS: Handlers = {"more": more, "admin approve": approve, "admin deny": deny}
