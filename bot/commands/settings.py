"""Verb about how a workspace lives: admin settings."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import HERE, NO_LIMIT
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.workspaces import Choice
from bot.errors import InvalidInput, NotHere


async def settings(services: Services, asked: Invocation) -> Reply:
    """Show what holds, or choose one thing."""
    name, value = asked.args.get("name"), asked.args.get("value")
    if name is None:
        workspace = await services.workspaces.look(asked.person.tenant)
        return Reply(Message(wording.workspace_lines(workspace, asked.person.tenant)))
    if value is None:
        raise InvalidInput("value", "", wording.CHOICES[Choice(name)])
    chosen = None if value.lower() == NO_LIMIT else _value(asked, Choice(name), value)
    changed = await services.workspaces.choose(deed_of(asked), Choice(name), chosen)
    if Choice(name) is Choice.ALERTS:
        await services.notices.catch_up(asked.person.tenant)
    return Reply(Message(wording.workspace_lines(changed.after, asked.person.tenant)))


def _value(asked: Invocation, choice: Choice, value: str) -> str:
    if choice not in {Choice.ALERTS, Choice.GALLERY}:
        return value
    if value.lower() != HERE:
        raise InvalidInput(choice, value, wording.CHOICES[choice])
    if asked.place.private:
        raise NotHere("alerts")
    return asked.place.channel


HANDLERS: Handlers = {"admin settings": settings}
