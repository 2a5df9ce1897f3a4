"""Verbs about jobs whose outcome is unknown: admin unknown, admin resolve."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of
from bot.domain.messages import Button, Invocation, Message, Reply
from bot.domain.refs import Person
from bot.domain.unknowns import CHANGING

LISTED = 10
"""Jobs in a list."""
BUTTONS = 5
"""Buttons that every chat can put into one row."""


async def unknown(services: Services, asked: Invocation) -> Reply:
    """Those of everybody."""
    return await listed(services, asked.person)


async def listed(services: Services, admin: Person, of: Person | None = None) -> Reply:
    """Each one with what is known of it, and the ways out."""
    found = await services.unknowns.list(admin, of)
    if not found:
        return Reply(Message((wording.NO_UNKNOWN,)))
    lines = [line for known in found[:LISTED] for line in wording.unknown_lines(known)]
    more = (wording.more_line(len(found) - LISTED),) if len(found) > LISTED else ()
    buttons = tuple(
        Button(f"{wording.LOOK_AGAIN} #{known.job.id[:4]}", "admin resolve", {"job": known.job.id})
        for known in found[:BUTTONS]
    )
    return Reply(Message((*lines, *more, wording.UNKNOWN_WAYS), buttons=buttons))


async def resolve(services: Services, asked: Invocation) -> Reply:
    """Settle one, or look for it once more."""
    wish = asked.args.get("outcome", "")
    done = await services.unknowns.resolve(deed_of(asked), asked.args["job"], wish)
    changed = done.answer in CHANGING
    return Reply(Message((wording.resolved_line(done),)), refused=bool(wish) and not changed)


HANDLERS: Handlers = {"admin unknown": unknown, "admin resolve": resolve}
