"""Verbs about saved prompts: save, prompts, forget."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.domain.messages import Invocation, Message, Reply


async def save(services: Services, asked: Invocation) -> Reply:
    """Keep a prompt under a name."""
    saved = await services.prompts.save(asked.person, asked.args["name"], asked.args["prompt"])
    return Reply(Message((wording.prompt_saved_line(saved.name),), quote=saved.text))


async def prompts(services: Services, asked: Invocation) -> Reply:
    """All that one saved, or one of them in full."""
    if "name" in asked.args:
        found = await services.prompts.get(asked.person, asked.args["name"])
        return Reply(Message((wording.prompt_saved_line(found.name),), quote=found.text))
    saved = await services.prompts.all(asked.person)
    lines = tuple(wording.prompt_line(one.name, one.text) for one in saved)
    return Reply(Message(lines or (wording.NO_PROMPTS,)))


async def forget(services: Services, asked: Invocation) -> Reply:
    """Keep one no longer."""
    name = await services.prompts.forget(asked.person, asked.args["name"])
    return Reply(Message((wording.prompt_forgotten_line(name),)))


HANDLERS: Handlers = {"save": save, "prompts": prompts, "forget": forget}
