"""What people write into threads: remixes by reply, and which replies count in a channel."""

from __future__ import annotations

from dataclasses import replace

from bot import wording
from bot.commands.grammar import DISMISS, GRAMMAR
from bot.commands.handler import Handlers, Services
from bot.commands.parse import begins_with_verb, parse
from bot.commands.values import checked, deed_of
from bot.domain.jobs import Job
from bot.domain.messages import Button, Invocation, Message, Reply
from bot.domain.threads import ThreadMode
from bot.errors import NotHere, Refused
from bot.services.cards import quoted

_REMIX = next(verb for verb in GRAMMAR if verb.name == "remix")
SILENCE = Reply(Message(()))
"""Shown to nobody."""


async def threads(services: Services, asked: Invocation) -> Reply:
    """Choose what replies do in this channel, or tell what they do."""
    if asked.place.private:
        raise NotHere("threads")
    possible = await services.threads.possible(asked.place)
    if not possible:
        raise NotHere("threads:chat")
    chosen = asked.args.get("mode")
    if chosen and chosen not in possible:
        raise NotHere("threads:replies")
    if chosen:
        await services.threads.set_mode(deed_of(asked), asked.place, ThreadMode(chosen))
    mode = await services.threads.mode(asked.place)
    return Reply(Message((wording.thread_mode_line(mode, new=bool(chosen)),)))


# --- written to the bot -------------------------------------------------------------------


def typed(said: Invocation) -> Invocation:
    """What a line asks for; raises `InvalidInput`."""
    parsed = parse(_text(said))
    return replace(said, verb=parsed.verb, args=parsed.args)


async def replied(services: Services, said: Invocation) -> Invocation:
    """The same, but in the thread of a video a prompt is for a remix of it."""
    if begins_with_verb(_text(said)):
        return typed(said)
    job = await services.videos.in_thread(said.person, said.place)
    if job is None:
        return typed(said)
    if await services.threads.mode(said.place) is ThreadMode.OFF:
        raise NotHere("remix")
    return replace(said, verb=_REMIX.name, args=_remix(job, _text(said)))


# --- written to others --------------------------------------------------------------------


async def overheard(services: Services, said: Invocation) -> Reply:
    """Ask whoever wrote it whether it is a remix, where the channel wants that."""
    if not _text(said) or await services.threads.mode(said.place) is not ThreadMode.THREAD:
        return SILENCE
    job = await services.videos.in_thread(said.person, said.place)
    return _question(services, job, said) if job else SILENCE


def _question(services: Services, job: Job, said: Invocation) -> Reply:
    text = _text(said)
    try:
        price = services.videos.shop.offer(job.spec).price
    except Refused:
        # It is not for sale today; nobody has asked for it either.
        return SILENCE
    go = Button(wording.GO, _REMIX.name, checked(_REMIX, _remix(job, text)))
    buttons = (go, Button(wording.IGNORE, DISMISS, {}))
    asks = wording.remix_question(job, price, said.person.tenant)
    return Reply(Message((asks,), quoted(text), buttons=buttons))


def _text(said: Invocation) -> str:
    return said.args.get("text", "").strip()


def _remix(job: Job, text: str) -> dict[str, str]:
    return {"job": job.id, "prompt": text}


HANDLERS: Handlers = {"admin threads": threads}
