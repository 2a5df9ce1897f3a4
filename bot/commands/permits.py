"""Verbs about who may change whose video: remixers, asks, allow, decline, notify."""

from __future__ import annotations

from collections.abc import Sequence

from bot import wording
from bot.commands.grammar import MINE
from bot.commands.handler import Handlers, Services
from bot.domain.messages import Invocation, Line, Message, Reply
from bot.domain.people import Own
from bot.domain.releases import Remixers
from bot.errors import Waits
from bot.services.news import deciding, permit_asked


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


# --- authors who are asked ----------------------------------------------------------------


def waits(no: Waits) -> Reply:
    """An order was kept until an author says yes."""
    return Reply(Message((wording.waits_line(no),)))


async def asks(services: Services, asked: Invocation) -> Reply:
    """What waits for the person, and what they asked others."""
    waiting, mine = await services.asks.of(asked.person)
    told = [wording.ask_entry(one, mine=False) for one in waiting]
    own = [wording.ask_entry(one, mine=True) for one in mine]
    lines = (*_part(wording.ASKED_OF_YOU, told), *_part(wording.ASKED_BY_YOU, own))
    buttons = deciding(waiting[0]) if len(waiting) == 1 else ()
    return Reply(Message(lines or (wording.NO_ASKS,), buttons=buttons))


def _part(head: Line, lines: Sequence[Line]) -> tuple[Line, ...]:
    return (head, *lines) if lines else ()


async def allow(services: Services, asked: Invocation) -> Reply:
    """Say yes to an order, or to all that somebody makes of a video."""
    args = asked.args
    always = "always" in args
    ask = await services.asks.allow(asked.person, args["request"], always=always)
    return Reply(permit_asked(ask))


async def decline(services: Services, asked: Invocation) -> Reply:
    """Say no."""
    args = asked.args
    ask = await services.asks.decline(asked.person, args["request"], args.get("reason", ""))
    return Reply(permit_asked(ask))


# --- authors who are told -----------------------------------------------------------------


async def notify(services: Services, asked: Invocation) -> Reply:
    """Choose whether one hears of remixes of one's videos, or tell it."""
    chosen = asked.args.get("when")
    if chosen:
        await services.people.choose(asked.person, Own.NOTIFY, chosen)
    wanted = await services.people.hears(asked.person)
    return Reply(Message((wording.notify_line(wanted=wanted),)))


HANDLERS: Handlers = {
    "remixers": remixers,
    "asks": asks,
    "allow": allow,
    "decline": decline,
    "notify": notify,
}
