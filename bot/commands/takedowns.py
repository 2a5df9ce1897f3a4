"""Verbs about videos that should go: takedown, admin takedown list, yes, no."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of
from bot.domain.messages import Invocation, Message, Reply
from bot.services.cards import take_out
from bot.services.news import deciding_takedown, takedown_asked

LISTED = 10


async def takedown(services: Services, asked: Invocation) -> Reply:
    """Ask the admins to take a video down; those of another workspace can take it out of theirs."""
    args = asked.args
    wish = await services.takedowns.ask(asked.person, args["job"], args["reason"])
    home = wish.author.tenant
    heard = (await services.workspaces.look(home)).alerts is not None
    out = (take_out(wish.job_id),) if asked.person.admin and asked.person.tenant != home else ()
    return Reply(Message((wording.takedown_sent(wish, heard=heard),), buttons=out))


async def listed(services: Services, asked: Invocation) -> Reply:
    """What nobody decided on."""
    found = await services.takedowns.open(asked.person)
    if not found:
        return Reply(Message((wording.NO_TAKEDOWNS,)))
    lines = tuple(wording.takedown_entry(one, job) for one, job in found[:LISTED])
    more = (wording.more_line(len(found) - LISTED),) if len(found) > LISTED else ()
    buttons = deciding_takedown(found[0][0]) if len(found) == 1 else ()
    return Reply(Message((*lines, *more), buttons=buttons))


async def yes(services: Services, asked: Invocation) -> Reply:
    """Take it down."""
    return await _decide(services, asked, down=True)


async def no(services: Services, asked: Invocation) -> Reply:
    """Keep it."""
    return await _decide(services, asked, down=False)


async def _decide(services: Services, asked: Invocation, *, down: bool) -> Reply:
    done, job = await services.takedowns.decide(deed_of(asked), asked.args["request"], down=down)
    return Reply(takedown_asked(done, job))


HANDLERS: Handlers = {
    "takedown": takedown,
    "admin takedown list": listed,
    "admin takedown yes": yes,
    "admin takedown no": no,
}
