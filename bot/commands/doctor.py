"""Verb about the bot's own health: admin doctor."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.domain.messages import Invocation, Message, Reply, Tone


async def doctor(services: Services, asked: Invocation) -> Reply:
    """A line for each thing that was looked at."""
    findings = await services.doctor.examine(asked.person)
    lines = tuple(wording.examined_line(finding) for finding in findings)
    well = all(finding.fine for finding in findings)
    return Reply(Message(lines, tone=Tone.GOOD if well else Tone.BAD))


HANDLERS: Handlers = {"admin doctor": doctor}
