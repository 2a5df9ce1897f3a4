"""Verbs that hold back and let go: admin pause, drain, stop, resume."""

from __future__ import annotations

from bot import wording
from bot.commands.handler import Handler, Handlers, Services
from bot.commands.values import deed_of
from bot.domain.messages import Invocation, Message, Reply
from bot.domain.switches import Mode


def _throwing(mode: Mode) -> Handler:
    async def throw(services: Services, asked: Invocation) -> Reply:
        """Set a switch and say what it found."""
        thrown = await services.switches.throw(deed_of(asked), asked.args.get("what", ""), mode)
        return Reply(Message((wording.thrown_line(thrown.switch, thrown.waiting, thrown.running),)))

    return throw


async def resume(services: Services, asked: Invocation) -> Reply:
    """Let what was held back go on, and say what still is."""
    done = await services.switches.resume(deed_of(asked), asked.args.get("what", ""))
    head = wording.resumed_line(done.scope, done.waiting, was=done.was)
    tried = (wording.tried_line(done.tried),) if done.tried else ()
    return Reply(Message((head, *tried, *map(wording.still_line, done.left))))


HANDLERS: Handlers = {
    "admin pause": _throwing(Mode.PAUSE),
    "admin drain": _throwing(Mode.DRAIN),
    "admin stop": _throwing(Mode.STOP),
    "admin resume": resume,
}
