"""Verbs about what admins did: admin audit."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import name_of, person_of
from bot.domain.audit import Record
from bot.domain.messages import Invocation, Line, Message, Reply

LISTED = 15
"""Records that are shown."""


async def audit(services: Services, asked: Invocation) -> Reply:
    """The newest records of the workspace, or of one person."""
    tenant = asked.person.tenant
    whose = asked.args.get("person")
    of = person_of(whose, tenant, services.find_person) if whose else None
    records = await services.audit.newest(asked.person, LISTED, of)
    lines = tuple(_line(services, record) for record in records)
    return Reply(Message(lines or (wording.NO_RECORDS,)))


def _line(services: Services, record: Record) -> Line:
    """A record, with the name of whom it is about: as of then, else as of now."""
    name = name_of(record.change.subject, record.actor.tenant, services.find_person)
    return wording.record_line(record, record.whom or name)


HANDLERS: Handlers = {"admin audit": audit}
