"""Verb about what backends charge: admin reconcile."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.reports import When


async def reconcile(services: Services, asked: Invocation) -> Reply:
    """Each provider account that the workspace used, and what does not agree."""
    span = When(asked.args.get("period", When.MONTH))
    zone = (await services.workspaces.look(asked.person.tenant)).zone
    found = await services.reconciliation.of(asked.person, span, zone)
    if not found:
        return Reply(Message((wording.NOTHING_MADE,)))
    lines = [line for one in found for line in wording.comparison_lines(one)]
    return Reply(Message((wording.reconciled_head(span), *lines)))


HANDLERS: Handlers = {"admin reconcile": reconcile}
