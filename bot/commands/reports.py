"""Verb about what was made: admin report."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import name_of
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.refs import Channel, Person
from bot.domain.reports import TOP, By, When
from bot.services.reports import picture_of


async def report(services: Services, asked: Invocation) -> Reply:
    """Lines that say all, and a picture of the same."""
    by = By(asked.args.get("by", By.USER))
    span = When(asked.args.get("period", When.MONTH))
    found = await services.reports.usage(asked.person, by, span)
    if not found.rows:
        return Reply(Message((wording.NOTHING_MADE,)))
    names = [_name(services, asked.person, by, row) for row, _ in found.rows]
    rows = [
        wording.usage_line(place, name, used)
        for place, (name, (_, used)) in enumerate(zip(names, found.rows, strict=True), start=1)
    ][:TOP]
    number, used = found.others
    others = (wording.others_line(number, used),) if number else ()
    lines = (wording.report_head(found), *rows, *others, wording.REPORT_NOTE)
    picture = await picture_of(services.charts, found, list(map(_label, names)))
    return Reply(Message(lines, attachments=(picture,)))


def _name(services: Services, admin: Person, by: By, row: str) -> str | Channel:
    """What people call a row, where the chat says."""
    match by:
        case By.USER:
            return f"@{name_of(row, admin.tenant, services.find_person) or row}"
        case By.CHANNEL:
            return Channel(admin.tenant, row)
        case _:
            return row


def _label(name: str | Channel) -> str:
    return f"#{name.id}" if isinstance(name, Channel) else name


HANDLERS: Handlers = {"admin report": report}
