"""The real core behind the real web chat."""

from __future__ import annotations

from adapters.web import render
from adapters.web.platform import TENANT, WebChat, channel
from bot.commands.dispatch import Commands
from bot.domain.messages import Message, plain
from bot.domain.refs import Person
from storage.store import SqlStore
from tests.fakes.core import Core
from tests.fakes.life import AnyLife
from tests.fakes.typist import services_of

STUDIO = channel(TENANT)
WebLife = AnyLife[WebChat]


async def on_the_web(core: Core) -> WebLife:
    """People are served in the web chat from now on."""
    assert isinstance(core.store, SqlStore)
    chat = WebChat(core.store.transcript, core.clock)
    core.platforms[chat.name] = chat
    commands = Commands(services_of(core, chat.find))
    await chat.serve(commands.answer)
    return AnyLife(core, chat, commands)


async def told(life: WebLife, who: Person, line: str) -> str:
    """What somebody is answered to a line."""
    return words((await life.chat.type(who, STUDIO, line)).reply.message)


async def in_channel(life: WebLife, viewer: Person) -> list[Message]:
    """What stands in the channel, as somebody finds it."""
    return [render.decode(one.body) for one in await life.chat.history(viewer)]


def words(message: Message) -> str:
    """Its lines, as plain text."""
    return "\n".join(map(plain, message.lines))
