"""Verbs about credits: sponsor, admin credits grant."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of, owner_of
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.refs import Channel, Person


async def sponsor(services: Services, asked: Invocation) -> Reply:
    """Set credits aside for the remixes of a video, or take back what is left of them."""
    args = asked.args
    done = await services.sponsors.sponsor(
        asked.person, args["job"], int(args["credits"]), asked.interaction
    )
    line = wording.sponsored_line(done.root, done.moved, done.inside, done.left)
    return Reply(Message((line,)))


async def grant(services: Services, asked: Invocation) -> Reply:
    """Give somebody or a channel credits, once for each interaction."""
    who = _owner(services, asked, "person")
    amount = int(asked.args["amount"])
    balance = await services.credits.grant(deed_of(asked), who, amount)
    return Reply(Message((wording.granted_line(who, amount, balance),)))


def _owner(services: Services, asked: Invocation, name: str) -> Person | Channel:
    return owner_of(asked.args[name], asked.person.tenant, services.find_person)


HANDLERS: Handlers = {
    "sponsor": sponsor,
    "admin credits grant": grant,
}
