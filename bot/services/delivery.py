"""One letter → one chat: where it goes, and where else when that is closed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from bot.domain import retry
from bot.domain.refs import MessageRef, Place, reader_in
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone, ThreadGone
from bot.ports import ChatPlatform, Clock, Outgoing
from bot.services import cards
from bot.services.letters import Letter

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """It is on the screen."""

    item: Outgoing
    ref: MessageRef


@dataclass(frozen=True, slots=True)
class Removed:
    """It is off the screen."""

    item: Outgoing


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now; again at `due_at` (ms). `busy` when the whole chat there wants to be left alone."""

    item: Outgoing
    due_at: int
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """It can never be delivered there, or nobody needs it any more."""

    item: Outgoing


Outcome = Sent | Removed | Postponed | Dropped


async def deliver(platform: ChatPlatform, letter: Letter, clock: Clock, *, again: bool) -> Outcome:
    """Send it. Never raises: what went wrong is in the outcome. `again` as in `ChatPlatform`.

    What was taken back is removed. Where nobody noted where it stands, it is posted `again`, which
    finds it, or else puts a few words there that are gone at once.
    """
    item = letter.item
    try:
        if item.gone:
            await platform.remove(item.ref or await _post(platform, letter, again=again))
            return Removed(item)
        return Sent(item, await _send(platform, letter, again=again))
    except ChatBusy as busy:
        return Postponed(item, clock.now() + max(0, busy.retry_after_ms), busy=True)
    except (ChatGone, ChatForbidden) as error:
        log.warning("%s cannot be delivered: %s", item.key, error)
        return Dropped(item)
    except (ChatError, OSError) as error:
        log.warning("%s: %s", item.key, error)
        return _later(item, clock.now())
    except Exception:
        log.exception("%s broke its adapter", item.key)
        return _later(item, clock.now())


def _later(item: Outgoing, now: int) -> Outcome:
    limit = retry.DELIVERY.tries
    if limit is not None and item.tries + 1 >= limit:
        return Dropped(item)
    return Postponed(item, now + retry.DELIVERY.wait(item.tries, 0.5))


async def _send(platform: ChatPlatform, letter: Letter, *, again: bool) -> MessageRef:
    if letter.picture:
        picture = await letter.picture()
        letter = replace(letter, message=replace(letter.message, attachments=(picture,)))
    if letter.item.ref is not None:
        await platform.edit(letter.item.ref, letter.message)
        return letter.item.ref
    ref = await _post(platform, letter, again=again)
    if again and not letter.message.video and not letter.picture:
        # A repeated nonce gave us the first message as it was.
        await platform.edit(ref, letter.message)
    return ref


async def _post(platform: ChatPlatform, letter: Letter, *, again: bool) -> MessageRef:
    post = _privately if letter.item.place.private else _openly
    return await post(platform, letter, again=again)


async def _openly(platform: ChatPlatform, letter: Letter, *, again: bool) -> MessageRef:
    try:
        return await _in_thread(platform, letter, again=again)
    except (ChatGone, ChatForbidden):
        if letter.message.video is None:
            raise
        # The place is closed to us, but the video is paid for: its owner gets it in private.
        return await _to_owner(platform, letter, again=again)


async def _in_thread(platform: ChatPlatform, letter: Letter, *, again: bool) -> MessageRef:
    """Post it where it belongs; once that thread is gone, in its channel."""
    item = letter.item
    place = await _thread(platform, letter)
    try:
        return await platform.post(place, letter.message, item.key, again=again)
    except ThreadGone as error:
        if letter.is_banner:
            raise
        log.info("%s goes to the channel: thread gone: %s", item.key, error)
        where = replace(item.place, thread=None)
        return await platform.post(where, letter.message, item.key, again=again)


async def _thread(platform: ChatPlatform, letter: Letter) -> Place:
    """Where remixes of one video stand together; where no thread can be, in the channel."""
    if letter.under is None:
        return letter.item.place
    try:
        return await platform.open_thread(letter.under, letter.title)
    except (ChatGone, ChatForbidden) as error:
        if letter.is_banner:
            raise
        log.info("%s stays in the channel: %s", letter.item.key, error)
        return letter.item.place


async def _privately(platform: ChatPlatform, letter: Letter, *, again: bool) -> MessageRef:
    item = letter.item
    try:
        return await _to_owner(platform, letter, again=again)
    except (ChatGone, ChatForbidden):
        if letter.under and letter.job is None:
            return await _called(platform, letter, letter.under, again=again)
        if letter.message.video is None or letter.job is None or reader_in(item.place):
            # Whoever asked for somebody else's video is called to no place.
            raise
        # Its owner takes no private messages, so they are called to where they asked.
        where = replace(item.place, private=False)
        return await platform.post(where, cards.pickup(letter.job), item.key, again=again)


async def _called(
    platform: ChatPlatform, letter: Letter, under: MessageRef, *, again: bool
) -> MessageRef:
    """Whom it is for takes no private messages, so it stands below what it is about."""
    place = await _thread(platform, replace(letter, item=replace(letter.item, place=under.place)))
    return await platform.post(place, letter.message, letter.item.key, again=again)


async def _to_owner(platform: ChatPlatform, letter: Letter, *, again: bool) -> MessageRef:
    if letter.reader is None:
        raise ChatGone("nobody in particular is to read it")
    key = letter.item.key
    return await platform.notify_privately(letter.reader, letter.message, key, again=again)
