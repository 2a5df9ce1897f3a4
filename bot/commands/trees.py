"""The verb tree: the family of a video."""

from __future__ import annotations

from bot.commands.handler import Handlers, Services
from bot.domain.messages import Invocation, Message, Reply
from bot.services.trees import lines


async def tree(services: Services, asked: Invocation) -> Reply:
    """Who changed whose video, in words and as a picture."""
    typed = asked.args.get("job") or await services.videos.current(asked.person, asked.place)
    family = await services.trees.family(asked.person, typed)
    picture = await services.trees.picture(family)
    return Reply(Message(lines(family), attachments=(picture,)))


HANDLERS: Handlers = {"tree": tree}
