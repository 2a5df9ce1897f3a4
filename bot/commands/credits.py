"""Verbs about credits: admin credits grant."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import person_of
from bot.domain.messages import Invocation, Message, Reply


async def grant(services: Services, asked: Invocation) -> Reply:
    """Give somebody credits, once for each interaction."""
    who = person_of(asked.args["person"], asked.person.tenant, services.find_person)
    amount = int(asked.args["amount"])
    reason = asked.args.get("reason", "")
    balance = await services.credits.grant(asked.person, who, amount, reason, asked.interaction)
    return Reply(Message((wording.granted_line(who, amount, balance),)))


HANDLERS: Handlers = {"admin credits grant": grant}
