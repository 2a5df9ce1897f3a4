"""Verb about what was made: admin report."""

from __future__ import annotations

from collections.abc import Sequence

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.commands.values import name_of
from bot.domain.charts import Bar, BarChart
from bot.domain.messages import Attachment, Invocation, Message, Reply
from bot.domain.refs import Channel, Person
from bot.domain.reports import TOP, By, Report, When


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
    picture = await services.charts.bars(_chart(found, names))
    alt = wording.chart_alt(found)
    attached = Attachment(f"usage-by-{by}-{span}.png", picture, "image/png", alt)
    return Reply(Message(lines, attachments=(attached,)))


def _name(services: Services, admin: Person, by: By, row: str) -> str | Channel:
    """What people call a row, where the chat says."""
    match by:
        case By.USER:
            return f"@{name_of(row, admin.tenant, services.find_person) or row}"
        case By.CHANNEL:
            return Channel(admin.tenant, row)
        case _:
            return row


def _chart(found: Report, names: Sequence[str | Channel]) -> BarChart:
    labels = [f"#{name.id}" if isinstance(name, Channel) else name for name in names]
    bars = [Bar(label, used.credits) for label, (_, used) in zip(labels, found.rows, strict=True)]
    note = wording.span_words(found.span)
    return BarChart(wording.chart_title(found), wording.CREDITS, tuple(bars), note)


HANDLERS: Handlers = {"admin report": report}
