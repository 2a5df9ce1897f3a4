"""Verbs about credits: give, sponsor, admin refund, and those of admin credits."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import NO_LIMIT
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of, name_of, owner_of, person_of
from bot.domain import ledger
from bot.domain.exports import Format
from bot.domain.ledger import Entry, Owner
from bot.domain.messages import Invocation, Line, Message, Reply
from bot.domain.quotas import EVERYONE, Period, channel_in
from bot.domain.refs import Channel, Person
from bot.domain.schedules import Schedule
from bot.errors import InvalidInput
from bot.services.ledger import subject as subject_of


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


async def take(services: Services, asked: Invocation) -> Reply:
    """Take credits back."""
    who, amount = _owner(services, asked, "person"), int(asked.args["amount"])
    left = await services.transfers.take(deed_of(asked), who, amount)
    return Reply(Message((wording.taken_line(who, amount, left),)))


async def transfer(services: Services, asked: Invocation) -> Reply:
    """Move credits between two others."""
    source, target = _owner(services, asked, "source"), _owner(services, asked, "target")
    amount = int(asked.args["amount"])
    moved = await services.transfers.transfer(deed_of(asked), source, target, amount)
    line = wording.transferred_line((source, moved.source), (target, moved.target), amount)
    return Reply(Message((line,)))


async def give(services: Services, asked: Invocation) -> Reply:
    """Give somebody credits of one's own."""
    target = person_of(asked.args["person"], asked.person.tenant, services.find_person)
    amount = int(asked.args["amount"])
    moved = await services.transfers.give(deed_of(asked), target, amount)
    return Reply(Message((wording.given_line(target, amount, moved.source),)))


async def refund(services: Services, asked: Invocation) -> Reply:
    """Give the price of a finished video back."""
    done = await services.transfers.refund(deed_of(asked), asked.args["job"])
    return Reply(
        Message((wording.refunded_line(done.job, done.to, done.amount, again=done.again),))
    )


async def history(services: Services, asked: Invocation) -> Reply:
    """The newest moves of credits."""
    who = _owner(services, asked, "person") if "person" in asked.args else None
    entries = await services.transfers.history(asked.person, who)
    lines = tuple(_entry(services, asked, entry, whose=who is None) for entry in entries)
    head = wording.history_head(who)
    return Reply(Message((head, *(lines or (wording.NO_HISTORY,)))))


async def export(services: Services, asked: Invocation) -> Reply:
    """The whole ledger of the workspace."""
    kind = Format(asked.args.get("format", Format.CSV))
    file = await services.exports.ledger(asked.person, kind, wording.EXPORT_ALT)
    return Reply(Message((wording.EXPORTED,), attachments=(file,)))


async def schedule(services: Services, asked: Invocation) -> Reply:
    """Let credits come by themselves, or no longer."""
    args = asked.args
    who = None if args["person"] == EVERYONE else _owner(services, asked, "person")
    subject = subject_of(who) if who else EVERYONE
    if args["amount"] == NO_LIMIT:
        dropped = await services.schedules.drop(deed_of(asked), subject)
        return Reply(Message((wording.schedule_ended_line(who, dropped=dropped),)))
    if "period" not in args:
        raise InvalidInput("period", "", wording.one_of(Period))
    wanted = Schedule(
        subject,
        int(args["amount"]),
        Period(args["period"]),
        int(args["cap"]) if "cap" in args else None,
        expires="expires" in args,
    )
    await services.schedules.put(deed_of(asked), wanted, who)
    return Reply(Message((wording.schedule_set_line(wanted, who),)))


async def schedules(services: Services, asked: Invocation) -> Reply:
    """What comes by itself."""
    found = await services.schedules.all(asked.person)
    lines = tuple(wording.schedule_line(one, _whose(services, asked, one)) for one in found)
    return Reply(Message(lines or (wording.NO_SCHEDULES,)))


def _whose(services: Services, asked: Invocation, one: Schedule) -> Person | Channel | None:
    tenant = asked.person.tenant
    if one.subject == EVERYONE:
        return None
    room = channel_in(one.subject)
    return _named(services, Channel(tenant, room) if room else Person(tenant, one.subject))


def _entry(services: Services, asked: Invocation, entry: Entry, *, whose: bool) -> Line:
    tenant = asked.person.tenant
    owner = ledger.owner_of(entry.account) if whose else None
    actor = name_of(entry.actor.removeprefix(f"{tenant.key}/"), tenant, services.find_person)
    return wording.entry_line(entry, owner and _named(services, owner), actor)


def _named(services: Services, owner: Owner) -> Person | Channel:
    """An owner by the name that the chat has for them; a pot goes by its sponsor."""
    match owner:
        case Channel():
            found = services.find_person(owner.tenant, f"channel:{owner.id}")
            return Channel(owner.tenant, owner.id, found.name if found else "")
        case Person():
            name = name_of(owner.id, owner.tenant, services.find_person)
            return Person(owner.tenant, owner.id, name)
        case _:
            return _named(services, Person(owner.tenant, owner.sponsor))


def _owner(services: Services, asked: Invocation, name: str) -> Person | Channel:
    return owner_of(asked.args[name], asked.person.tenant, services.find_person)


HANDLERS: Handlers = {
    "sponsor": sponsor,
    "give": give,
    "admin refund": refund,
    "admin credits grant": grant,
    "admin credits schedule": schedule,
    "admin credits schedules": schedules,
    "admin credits take": take,
    "admin credits transfer": transfer,
    "admin credits history": history,
    "admin credits export": export,
}
