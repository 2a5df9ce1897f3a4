"""Verbs about the library: library, search, page, top, export, like, unlike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import wording
from bot.commands.grammar import Where
from bot.commands.handler import Handlers, Services
from bot.commands.threads import SILENCE
from bot.commands.values import person_of
from bot.domain.library import (
    Cursor,
    Found,
    Lately,
    LibraryFilter,
    Order,
    Shelf,
    cursor_of,
    moment_of,
)
from bot.domain.messages import Button, Invocation, Message, Reply
from bot.domain.reactions import Reaction, liking
from bot.errors import InvalidInput, UnknownThing

LISTED = 10
"""Videos of a page."""
BUTTONS = 5
_LONGEST_NUMBER = 18

# --- looking ------------------------------------------------------------------------------


async def library(services: Services, asked: Invocation) -> Reply:
    """What there is, page by page."""
    return await _page(services, asked)


async def search(services: Services, asked: Invocation) -> Reply:
    """What has the words."""
    return await _page(services, asked)


async def page(services: Services, asked: Invocation) -> Reply:
    """The next page of a list that was shown before, as it would be now."""
    number, _, after = asked.args["request"].partition("-")
    cursor = cursor_of(after.replace("-", "."))
    if cursor is None or not (number.isascii() and number.isdecimal()) or _too_long(number):
        raise UnknownThing("request", asked.args["request"])
    verb, args = await services.library.recall(asked.person.tenant, int(number))
    return await _page(services, replace(asked, verb=verb, args=args), cursor)


def _too_long(number: str) -> bool:
    return len(number) > _LONGEST_NUMBER


async def _page(services: Services, asked: Invocation, after: Cursor | None = None) -> Reply:
    which = replace(await filter_of(services, asked), after=after, limit=LISTED)
    seen = await services.library.page(which)
    if not seen.found:
        narrow = asked.args or after
        return Reply(Message((wording.NOTHING_FOUND if narrow else wording.NOTHING_PUBLISHED,)))
    here = asked.person.tenant
    lines = tuple(wording.found_line(one.job, one.release, one.likes, here) for one in seen.found)
    more = await _more(services, asked, seen.following) if seen.following else ()
    return Reply(Message(lines, buttons=(*_shows(seen.found), *more)))


async def _more(services: Services, asked: Invocation, after: Cursor) -> tuple[Button, ...]:
    """A chat keeps few letters with a button, so what was asked stays here."""
    number = await services.library.remember(asked.person.tenant, asked.verb, asked.args)
    request = f"{number}-{str(after).replace('.', '-')}"
    return (Button(wording.NEXT_PAGE, "page", {"request": request}),)


async def top(services: Services, asked: Invocation) -> Reply:
    """What people like best of late."""
    span = Lately(asked.args.get("period", Lately.WEEK))
    found = await services.library.top(asked.person.tenant, span, LISTED)
    if not found:
        return Reply(Message((wording.NOTHING_ON_TOP,)))
    lines = tuple(
        wording.top_line(place, one.job, one.release, (one.likes, remixes), asked.person.tenant)
        for place, (one, remixes) in enumerate(found, start=1)
    )
    return Reply(Message(lines, buttons=_shows([one for one, _ in found])))


async def export(services: Services, asked: Invocation) -> Reply:
    """Where the videos that are found come from, as an archive for the asker."""
    which = await filter_of(services, asked)
    told = await services.provenance.attached(which, wording.LIBRARY_ALT)
    if told is None:
        return Reply(Message((wording.NOTHING_FOUND,)))
    line = wording.library_told_line(told.videos, more=told.more)
    return Reply(Message((line,), attachments=(told.file,)))


def _shows(found: Sequence[Found]) -> tuple[Button, ...]:
    return tuple(
        Button(wording.show_of(one.job), "show", {"job": one.job.id}) for one in found[:BUTTONS]
    )


async def filter_of(services: Services, asked: Invocation) -> LibraryFilter:
    """What the options of an invocation ask for, as the asker may see it."""
    args, asker = asked.args, asked.person
    author = args.get("author")
    person = person_of(author, asker.tenant, services.find_person) if author else None
    where = Where(args.get("where", Where.WORKSPACE))
    mine = where is Where.MINE
    shelf = Shelf.BOTH if mine else Shelf.PUBLISHED
    return LibraryFilter(
        asker,
        args.get("words", ""),
        author=asker.id if mine and person is None else person.id if person else None,
        channel=asked.place.channel if where is Where.CHANNEL else None,
        model=args.get("model"),
        tag=args["tag"].strip("#").lower() if "tag" in args else None,
        since=await _moment(services, asked, "since"),
        until=await _moment(services, asked, "until"),
        liked_by=asker.id if "liked" in args else None,
        remixable="remixable" in args,
        shelf=Shelf.DRAFTS if "drafts" in args else shelf,
        order=Order(args.get("order", Order.NEWEST)),
    )


async def _moment(services: Services, asked: Invocation, name: str) -> int | None:
    text = asked.args.get(name)
    if text is None:
        return None
    zone = (await services.workspaces.look(asked.person.tenant)).zone
    at = moment_of(text, services.clock.now(), zone, ends=name == "until")
    if at is None:
        raise InvalidInput(name, text, wording.SINCE)
    return at


# --- liking -------------------------------------------------------------------------------


async def like(services: Services, asked: Invocation) -> Reply:
    """Say that one likes a video."""
    done = await services.library.like(asked.person, asked.args["job"])
    line = wording.liked_line(done.job, done.likes, liked=True, changed=done.changed)
    undo = Button(wording.UNLIKE, "unlike", {"job": done.job.id})
    return Reply(Message((line,), buttons=(undo,)))


async def unlike(services: Services, asked: Invocation) -> Reply:
    """Take that back."""
    done = await services.library.unlike(asked.person, asked.args["job"])
    line = wording.liked_line(done.job, done.likes, liked=False, changed=done.changed)
    return Reply(Message((line,)))


async def reacted(services: Services, said: Invocation) -> Reply:
    """Take a sign on the message of a video for a like, or for its end."""
    sign = liking(said.args["sign"])
    if sign and not said.person.bot:
        reaction = Reaction(said.args["message"], sign, "gone" in said.args)
        await services.library.react(said.person, said.place.channel, reaction)
    return SILENCE


HANDLERS: Handlers = {
    "library": library,
    "search": search,
    "page": page,
    "top": top,
    "export": export,
    "like": like,
    "unlike": unlike,
}
