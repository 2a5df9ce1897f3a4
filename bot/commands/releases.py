"""Verbs about drafts: drafts, publish, unpublish, delete, restore, review …, admin drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import wording
from bot.commands.grammar import HERE
from bot.commands.handler import Handlers, Services
from bot.commands.shapes import CHANNELS
from bot.commands.values import channel_of, deed_of, name_of, subject_of, wish_of
from bot.domain.links import Link
from bot.domain.messages import Button, Invocation, Line, Message, Reply
from bot.domain.refs import Channel, Place
from bot.domain.releases import Check, Stand
from bot.domain.workspaces import NO, YES, Choice
from bot.errors import InvalidInput, NotHere, Refused, Withheld
from bot.services.releases import Draft, Words

LISTED = 10
"""Drafts in a list."""
BUTTONS = 5
AT_ONCE = 10
"""Videos that one request may publish."""
ALL, SURE = "all", "sure"

# --- the author ---------------------------------------------------------------------------


async def drafts(services: Services, asked: Invocation) -> Reply:
    """One's own videos that nobody else sees, and those that can be restored."""
    gone = "deleted" in asked.args
    releases = services.releases
    found = await (releases.deleted if gone else releases.drafts)(asked.person)
    verb, label = ("restore", wording.RESTORE) if gone else ("publish", wording.PUBLISH)
    return Reply(_listed(found, verb, label) if found else Message((wording.NO_DRAFTS,)))


def _listed(found: Sequence[Draft], verb: str, label: str) -> Message:
    lines = tuple(wording.draft_entry(one.job, one.release) for one in found[:LISTED])
    more = (wording.more_line(len(found) - LISTED),) if len(found) > LISTED else ()
    buttons = tuple(
        Button(f"{label} #{one.job.id[:4]}", verb, {"job": one.job.id}) for one in found[:BUTTONS]
    )
    return Message((*lines, *more), buttons=buttons)


async def publish(services: Services, asked: Invocation) -> Reply:
    """Publish one draft or several; without a yes, show what is looked at before."""
    target = await _target(services, asked)
    asked = _read(asked)
    names = await _named(services, asked)
    if SURE not in asked.args:
        return await _asked_back(services, asked, names)
    lines = [await _publish(services, asked, name, target, one=len(names) == 1) for name in names]
    return Reply(Message(tuple(lines)))


def _read(asked: Invocation) -> Invocation:
    """A yes that was typed behind the ids is no id."""
    more = asked.args.get("more", "").replace(",", " ").split()
    others = [word for word in more if word.lower() != SURE]
    if len(others) == len(more):
        return asked
    return replace(asked, args={**asked.args, "more": " ".join(others), SURE: "yes"})


async def _publish(
    services: Services, asked: Invocation, name: str, target: Place | Link, *, one: bool
) -> Line:
    """Publish one; of several, what is wrong with one keeps no other from it."""
    words = Words(*(asked.args.get(key) for key in ("title", "description", "tags")))
    try:
        if isinstance(target, Link):
            return await _publish_across(services, asked, name, target, words)
        return await _publish_here(services, asked, name, target, words)
    except Refused as no:
        if one:
            raise
        if isinstance(no, Withheld):
            await services.audit.refused(deed_of(asked), wish_of(asked), no)
        return wording.not_done_line(name, wording.why_not(no, services.zone, services.clock.now()))


async def _publish_here(
    services: Services, asked: Invocation, name: str, place: Place, words: Words
) -> Line:
    await _check_ready(services, asked, name)
    done = await services.releases.publish(
        asked.person, place, name, words, f"{asked.interaction}/{name}"
    )
    channel = Channel(place.tenant, done.draft.release.channel)
    channel = channel if place.private else Channel(place.tenant, place.channel)
    return wording.came_line(done.draft.job, done.came, channel)


async def _publish_across(
    services: Services, asked: Invocation, name: str, link: Link, words: Words
) -> Line:
    """What is published here already is looked at all the same: there, nobody saw it yet."""
    draft, checks = await services.releases.checked(asked.person, name)
    if not all(fine for check, fine in checks.items() if check is not Check.PREVIEWED):
        raise InvalidInput("video", draft.job.id, wording.unready(checks))
    done = await services.abroad.publish(asked.person, draft.job.id, link, words)
    return wording.crossed_line(done.job, link.name, anew=done.anew)


async def _check_ready(services: Services, asked: Invocation, name: str) -> None:
    draft, checks = await services.releases.checked(asked.person, name)
    if draft.release.published_at is None and not all(checks.values()):
        raise InvalidInput("video", draft.job.id, wording.unready(checks))


async def _asked_back(services: Services, asked: Invocation, names: Sequence[str]) -> Reply:
    """What is looked at, and the button that says yes."""
    lines: list[Line] = []
    for name in names:
        draft, checks = await services.releases.checked(asked.person, name)
        lines += wording.checklist_lines(draft.job, checks)
    first, *others = names
    kept = {
        key: asked.args[key] for key in ("title", "description", "tags", "to") if key in asked.args
    }
    args = {"job": first, **({"more": " ".join(others)} if others else {}), **kept, SURE: "yes"}
    button = Button(wording.PUBLISH_NOW, "publish", args)
    return Reply(Message((*lines, wording.ALL_SEEN), buttons=(button,)))


async def _named(services: Services, asked: Invocation) -> tuple[str, ...]:
    """The ids that were typed; ``all`` is every draft that waits for nobody."""
    first, *others = (asked.args["job"], *asked.args.get("more", "").replace(",", " ").split())
    names = (first, *others)
    if first.lower() == ALL and not others:
        own = await services.releases.drafts(asked.person)
        names = tuple(one.job.id for one in own if one.release.stand is not Stand.REVIEW)
    if not names or len(names) > AT_ONCE:
        raise InvalidInput("video", " ".join(names), wording.PUBLISHABLE)
    return tuple(dict.fromkeys(names))


async def _target(services: Services, asked: Invocation) -> Place | Link:
    """Where it should appear: the channel or linked workspace that was named, else this one.

    In private, its own.
    """
    named = asked.args.get("to")
    if named and not named.startswith(CHANNELS) and named.lower() != HERE:
        return await services.links.meant(asked.person, named)
    if named and named.lower() != HERE:
        channel = channel_of(named, asked.person.tenant, services.find_person)
        return Place(asked.person.tenant, channel.id)
    return replace(asked.place, thread=None)


async def unpublish(services: Services, asked: Invocation) -> Reply:
    """Make a draft of it again; admins take out what came from another workspace."""
    taken = await services.abroad.take_out(deed_of(asked), asked.args["job"])
    if taken:
        return Reply(Message((wording.taken_out_line(taken),)))
    draft = await services.releases.unpublish(asked.person, asked.args["job"])
    return _stood(draft)


async def delete(services: Services, asked: Invocation) -> Reply:
    """Take it out of all chats."""
    return _stood(await services.releases.delete(asked.person, asked.args["job"]))


async def restore(services: Services, asked: Invocation) -> Reply:
    """Have it back."""
    return _stood(await services.releases.restore(asked.person, asked.args["job"]))


def _stood(draft: Draft) -> Reply:
    return Reply(Message((wording.stood_line(draft.job, draft.release.stand),)))


# --- the reviewers ------------------------------------------------------------------------


async def waiting(services: Services, asked: Invocation) -> Reply:
    """What waits for a reviewer."""
    found = await services.releases.waiting(asked.person)
    if not found:
        return Reply(Message((wording.NO_REVIEWS,)))
    return Reply(_listed(found, "review claim", wording.CLAIM))


async def claim(services: Services, asked: Invocation) -> Reply:
    """Be the one who decides; the video comes with the answer, or in private."""
    draft = await services.releases.claim(asked.person, asked.args["job"], shown=asked.direct)
    which = {"job": draft.job.id}
    buttons = (
        Button(wording.PUBLISH, "review approve", which),
        Button(wording.REJECT, "review reject", which, danger=True, asks="reason"),
    )
    said = wording.claimed_line(draft.job)
    if not asked.direct:
        return Reply(Message((said,), buttons=buttons))
    seen = await services.videos.finished(asked.person, draft.job.id)
    message = services.shelf.result(seen, wording.shown_lines)
    return Reply(replace(message, lines=(said, *message.lines), buttons=buttons))


async def approve(services: Services, asked: Invocation) -> Reply:
    """Publish somebody else's draft."""
    return _decided(await services.releases.approve(asked.person, asked.args["job"]))


async def reject(services: Services, asked: Invocation) -> Reply:
    """Give a draft back."""
    args = asked.args
    return _decided(await services.releases.reject(asked.person, args["job"], args["reason"]))


def _decided(draft: Draft) -> Reply:
    return Reply(Message((wording.decided_line(draft.job, draft.release),)))


# --- the admins ---------------------------------------------------------------------------


async def house(services: Services, asked: Invocation) -> Reply:
    """Choose for this channel what begins as a draft and who publishes it, or tell it."""
    if asked.place.private:
        raise NotHere("drafts")
    channel = Channel(asked.person.tenant, asked.place.channel)
    for choice, value in _rules(asked):
        await services.workspaces.choose(
            replace(deed_of(asked), interaction=f"{asked.interaction}/{choice}"),
            *(choice, value, channel.id),
        )
    holds = await services.workspaces.look_at_house(channel.tenant, channel.id)
    return Reply(Message(wording.house_lines(holds, channel)))


def _rules(asked: Invocation) -> tuple[tuple[Choice, str], ...]:
    policy, review = asked.args.get("policy"), asked.args.get("review")
    chosen = ((Choice.DRAFTS, policy), (Choice.REVIEW, review and (YES if review == YES else NO)))
    return tuple((choice, value) for choice, value in chosen if value)


async def reviewers(services: Services, asked: Invocation) -> Reply:
    """Name a reviewer, take one away, or tell who they are."""
    tenant, find = asked.person.tenant, services.find_person
    named = asked.args.get("person")
    if named:
        subject, _ = subject_of(named, tenant, find)
        await services.workspaces.name_reviewer(
            deed_of(asked), subject, gone="remove" in asked.args
        )
    holds = await services.workspaces.look_at_house(tenant, "")
    names = [name_of(one, tenant, find) or one for one in holds.reviewers]
    return Reply(Message((wording.reviewers_line(names),)))


HANDLERS: Handlers = {
    "drafts": drafts,
    "publish": publish,
    "unpublish": unpublish,
    "delete": delete,
    "restore": restore,
    "review list": waiting,
    "review claim": claim,
    "review approve": approve,
    "review reject": reject,
    "admin drafts": house,
    "admin reviewers": reviewers,
}
