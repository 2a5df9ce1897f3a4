"""The verb tree: the family of a video."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import HERE
from bot.commands.handler import Handlers, Services
from bot.domain.messages import Button, Invocation, Message, Reply
from bot.services.trees import Family, lines


async def tree(services: Services, asked: Invocation) -> Reply:
    """Who changed whose video, in words and as a picture."""
    typed = asked.args.get("job") or await services.videos.current(asked.person, asked.place)
    if HERE in asked.args:
        await services.trees.post(asked.person, asked.place, asked.interaction, typed)
        return Reply(Message((wording.TREE_POSTED,)))
    family = await services.trees.family(asked.person, typed)
    picture = await services.trees.picture(family)
    words = lines(family, asked.person.tenant)
    return Reply(Message(words, buttons=_here(asked, family), attachments=(picture,)))


def _here(asked: Invocation, family: Family) -> tuple[Button, ...]:
    """The same for everybody, where others read and may see it."""
    if asked.place.private or family.frames[0].hidden or family.root.place.private:
        return ()
    return (Button(wording.TREE_HERE, "tree", {"job": family.root.id, HERE: "yes"}),)


HANDLERS: Handlers = {"tree": tree}
