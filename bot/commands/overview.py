"""Verbs with which admins look at what others do: admin jobs."""

from __future__ import annotations

from bot import wording
from bot.commands import unknowns
from bot.commands.handler import Handlers, Services
from bot.commands.values import person_of
from bot.domain.messages import Button, Invocation, Message, Reply
from bot.services.overview import Which

LISTED = 15
"""Jobs in the list."""
BUTTONS = 5
"""Buttons that every chat can put into one row."""


async def jobs(services: Services, asked: Invocation) -> Reply:
    """The newest jobs of the workspace, or of one person; unknown ones with the ways out."""
    which = Which(asked.args.get("state", Which.LIVE))
    whose = asked.args.get("person")
    of = person_of(whose, asked.person.tenant, services.find_person) if whose else None
    if which is Which.UNKNOWN:
        return await unknowns.listed(services, asked.person, of)
    found = await services.overview.jobs(asked.person, which, LISTED, of)
    now = services.clock.now()
    troubles = await services.overview.troubles(asked.person)
    wrong = tuple(wording.trouble_line(circuit, now) for circuit in troubles)
    if not found:
        return Reply(Message((*wrong, wording.NO_SUCH_JOBS)))
    details = (Button(wording.details_of(job), "status", {"job": job.id}) for job in found)
    lines = (*wrong, *map(wording.admin_job_line, found))
    return Reply(Message(lines, buttons=tuple(details)[:BUTTONS]))


HANDLERS: Handlers = {"admin jobs": jobs}
