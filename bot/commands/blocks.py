"""Verbs about who may order: admin block, admin unblock."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of, person_of
from bot.domain.messages import Invocation, Message, Reply


async def block(services: Services, asked: Invocation) -> Reply:
    """Let somebody look, but order nothing."""
    who = person_of(asked.args["person"], asked.person.tenant, services.find_person)
    left = await services.blocks.block(deed_of(asked), who)
    return Reply(Message((wording.blocked_line(who, left),)))


async def unblock(services: Services, asked: Invocation) -> Reply:
    """Let somebody order again."""
    who = person_of(asked.args["person"], asked.person.tenant, services.find_person)
    lifted = await services.blocks.unblock(deed_of(asked), who)
    return Reply(Message((wording.unblocked_line(who, lifted=lifted),)))


HANDLERS: Handlers = {"admin block": block, "admin unblock": unblock}
