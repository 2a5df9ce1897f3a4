"""Verbs about saved prompts: save, prompts, forget."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import OF_CHANNEL
from bot.commands.handler import Handlers, Services
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.refs import Place


async def save(services: Services, asked: Invocation) -> Reply:
    """Keep a prompt under a name."""
    channel = _channel(asked)
    saved = await services.prompts.save(
        asked.person, asked.args["name"], asked.args["prompt"], channel
    )
    line = wording.prompt_saved_line(saved.name, shared=channel is not None)
    return Reply(Message((line,), quote=saved.text))


async def prompts(services: Services, asked: Invocation) -> Reply:
    """All that one can order by name here, or one of them in full."""
    if "name" in asked.args:
        found = await services.prompts.get(asked.person, asked.args["name"], asked.place)
        line = wording.prompt_saved_line(found.prompt.name, shared=found.shared)
        return Reply(Message((line,), quote=found.prompt.text))
    saved = await services.prompts.all(asked.person, asked.place)
    lines = tuple(
        wording.prompt_line(one.prompt.name, one.prompt.text, shared=one.shared) for one in saved
    )
    return Reply(Message(lines or (wording.NO_PROMPTS,)))


async def forget(services: Services, asked: Invocation) -> Reply:
    """Keep one no longer."""
    name = await services.prompts.forget(asked.person, asked.args["name"], _channel(asked))
    return Reply(Message((wording.prompt_forgotten_line(name),)))


def _channel(asked: Invocation) -> Place | None:
    """The place whose prompts are meant; None for the person's own."""
    return asked.place if asked.args.get("whose") == OF_CHANNEL else None


HANDLERS: Handlers = {"save": save, "prompts": prompts, "forget": forget}
