"""Verbs about who may change whose video: remixers."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import MINE
from bot.commands.handler import Handlers, Services
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.people import Own
from bot.domain.releases import Remixers


async def remixers(services: Services, asked: Invocation) -> Reply:
    """Choose who may change a video, or all of one's own, or tell who may."""
    typed, chosen = asked.args["job"], asked.args.get("who")
    if typed.lower() == MINE:
        return await _mine(services, asked, chosen)
    if chosen:
        await services.releases.choose_remixers(asked.person, typed, Remixers(chosen))
    job, who = await services.releases.remixers(asked.person, typed)
    return Reply(Message((wording.remixers_line(job, who),)))


async def _mine(services: Services, asked: Invocation, chosen: str | None) -> Reply:
    if chosen:
        await services.people.choose(asked.person, Own.REMIXERS, chosen)
    who = await services.people.remixers(asked.person)
    return Reply(Message((wording.own_remixers_line(who),)))


HANDLERS: Handlers = {"remixers": remixers}
