"""Job → letter: the words of a message as they are now, with where they go."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from bot import wording
from bot.domain.jobs import Job
from bot.domain.messages import Attachment, Message
from bot.domain.notices import (
    BestOfWeek,
    BudgetAlert,
    Decided,
    Faults,
    MoreAsked,
    PermitAsked,
    PermitDecided,
    PermitOver,
    ProviderTrouble,
    Remixed,
    ReviewAsked,
    Reviewed,
    TakedownAsked,
    TakedownDecided,
    TakenDown,
    Watched,
)
from bot.domain.refs import MessageRef, Person, Tenant, reader_in
from bot.errors import UnknownThing
from bot.ports import Kind, Outgoing, Unit
from bot.services import cards, news
from bot.services.comparisons import COMPARE, Comparisons
from bot.services.moves import banner_key, card_key, result_key, shares_thread
from bot.services.notices import notice_key
from bot.services.purses import sponsors_of
from bot.services.shelf import Shelf
from bot.services.showing import RELEASE, belongs, is_published, shown
from bot.services.threads import FINISHED
from bot.services.trees import TREE, Trees, nobody
from bot.services.views import Horizon, JobView, Outlook
from bot.services.workspaces import Workspaces

FAMILY = 200
"""Remixes of one video that its thread's head knows of."""
BANNER = banner_key("")
NOTICE = notice_key("")
RESULT = result_key("")

log = logging.getLogger(__name__)


Picture = Callable[[], Awaitable[Attachment]]
"""Takes a while, so it is drawn outside of the transaction, right before it is sent."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it will be sent. `written_at` is ms."""

    item: Outgoing
    message: Message
    written_at: int
    reader: Person | None
    """Whom it is for where its place is private."""
    job: Job | None = None
    """What it is about; None: a notice."""
    under: MessageRef | None = None
    """The message whose thread it belongs into; a private notice, where nobody takes one."""
    title: str = ""
    """Of that thread, should it have to be opened."""
    picture: Picture | None = None
    """Draws the picture of a message that has one."""

    @property
    def is_banner(self) -> bool:
        """Whether it heads a thread, and has no business anywhere else."""
        return self.item.key.startswith(BANNER)


@dataclass(frozen=True, slots=True)
class Blank:
    """There is nothing left to send `item` from."""

    item: Outgoing


class Letters:
    """Writes letters within one transaction."""

    def __init__(
        self,
        horizon: Horizon,
        shelf: Shelf,
        workspaces: Workspaces,
        trees: Trees,
        comparisons: Comparisons,
    ) -> None:
        self._horizon = horizon
        self._shelf = shelf
        self._workspaces = workspaces
        self._trees = trees
        self._comparisons = comparisons

    async def write(
        self, tx: Unit, items: Iterable[Outgoing], now: int
    ) -> tuple[Letter | Blank, ...]:
        """One for each item, in order."""
        outlook = Outlook(tx, self._horizon, now)
        return tuple([await self._write(tx, outlook, item, now) for item in items])

    async def _write(self, tx: Unit, outlook: Outlook, item: Outgoing, now: int) -> Letter | Blank:
        if item.gone:
            return await _farewell(tx, item, now)
        if item.job_id is None:
            return await self._notice(tx, item, now)
        job = await tx.jobs.get(item.job_id)
        if job is None:
            return Blank(item)
        if item.key.startswith((TREE, COMPARE)):
            draw = self._tree if item.key.startswith(TREE) else self._comparison
            return await draw(tx, item, job, now)
        view = await outlook.view(job)
        message = await self._message(tx, item, view, now)
        if message is None:
            return Blank(item)
        reader = reader_in(item.place) or _own(job, item)
        return await _placed(tx, Letter(item, message, now, reader, job), job)

    async def _tree(self, tx: Unit, item: Outgoing, root: Job, now: int) -> Letter:
        """A family as everybody may see it."""
        family = await self._trees.read(tx, root, nobody(item.place.tenant))
        message = cards.family(root, family.title)
        return Letter(item, message, now, None, root, picture=partial(self._trees.picture, family))

    async def _comparison(self, tx: Unit, item: Outgoing, first: Job, now: int) -> Letter | Blank:
        """The variations of an order, if there are some to compare by now."""
        seen = await self._comparisons.read(tx, first, private=item.place.private)
        if seen is None:
            return Blank(item)
        draw = partial(self._comparisons.picture, seen)
        reader = reader_in(item.place) or first.person
        return Letter(item, seen.message, now, reader, first, picture=draw)

    async def _notice(self, tx: Unit, item: Outgoing, now: int) -> Letter | Blank:
        posting = await tx.notices.get(item.key.removeprefix(NOTICE))
        if posting is None:
            return Blank(item)
        zone = (await self._workspaces.of(tx, posting.tenant)).zone
        match posting.notice:
            case BudgetAlert() | Faults() | ProviderTrouble() | Watched() as plain:
                message = _plain(plain, zone, now)
            case BestOfWeek(since, until):
                best = await tx.library.top(posting.tenant, since, until, news.BEST)
                message = news.best_of_week(best, posting.tenant) if best else None
            case MoreAsked() | Decided() as wish:
                return await _of_wish(tx, item, posting.tenant, wish, now)
            case ReviewAsked() | Reviewed() as review:
                return await _of_review(tx, item, review, now)
            case PermitAsked() | PermitDecided() | PermitOver() | Remixed() as family:
                return await _of_family(tx, item, posting.tenant, family, now)
            case TakedownAsked() | TakedownDecided() | TakenDown() as takedown:
                return await _of_takedown(tx, item, posting.tenant, takedown, now)
        return Letter(item, message, now, reader_in(item.place)) if message else Blank(item)

    async def _message(self, tx: Unit, item: Outgoing, view: JobView, now: int) -> Message | None:
        if item.key.startswith(BANNER):
            return await _banner(tx, view.job, item.place.tenant)
        if item.lane.kind is Kind.RESULT:
            return self._result(item, view)
        return cards.card(view, now)

    def _result(self, item: Outgoing, view: JobView) -> Message | None:
        try:
            return self._shelf.result(view, _words_of(item), here=item.place.tenant)
        except UnknownThing:
            log.error("the file of job %s is gone", view.job.id)  # noqa: TRY400 - known cause
            return None


def _own(job: Job, item: Outgoing) -> Person | None:
    """Whose it is, where they can be reached: in a message of their own workspace."""
    return job.person if job.person.tenant == item.place.tenant else None


async def _farewell(tx: Unit, item: Outgoing, now: int) -> Letter:
    """What finds a message again that may stand somewhere: never what was taken back itself."""
    job = await tx.jobs.get(item.job_id) if item.job_id else None
    letter = Letter(item, cards.TAKEN_BACK, now, _own(job, item) if job else None, job)
    return await _placed(tx, letter, job) if job else letter


def _words_of(item: Outgoing) -> cards.Say:
    """A requester is told once that a video is ready."""
    if item.key.startswith(RELEASE):
        return wording.published_lines
    return wording.result_lines if item.key.startswith(RESULT) else wording.shown_lines


def _plain(
    notice: BudgetAlert | Faults | ProviderTrouble | Watched, zone: ZoneInfo, now: int
) -> Message:
    """News that says all there is to say."""
    match notice:
        case BudgetAlert() as alert:
            return news.budget_alert(alert, zone, now)
        case Faults(findings):
            return news.faults(findings)
        case ProviderTrouble() as trouble:
            return news.provider_trouble(trouble)
        case Watched(until):
            return news.watched(until)


async def _of_wish(
    tx: Unit, item: Outgoing, tenant: Tenant, notice: MoreAsked | Decided, now: int
) -> Letter | Blank:
    request = await tx.notices.request(tenant, notice.request)
    if request is None:
        return Blank(item)
    say = news.more_asked if isinstance(notice, MoreAsked) else news.decided
    return Letter(item, say(request), now, request.person)


async def _of_review(
    tx: Unit, item: Outgoing, notice: ReviewAsked | Reviewed, now: int
) -> Letter | Blank:
    job, release = await tx.jobs.get(notice.job), await tx.releases.get(notice.job)
    if job is None or release is None:
        return Blank(item)
    if isinstance(notice, ReviewAsked):
        return Letter(item, news.review_asked(job, release, notice.round), now, None)
    return Letter(item, news.reviewed(job, release), now, job.person)


async def _of_family(
    tx: Unit,
    item: Outgoing,
    tenant: Tenant,
    notice: PermitAsked | PermitDecided | PermitOver | Remixed,
    now: int,
) -> Letter | Blank:
    if isinstance(notice, Remixed):
        return await _of_remix(tx, item, notice.job, now)
    return await _of_ask(tx, item, tenant, notice, now)


async def _of_takedown(
    tx: Unit,
    item: Outgoing,
    tenant: Tenant,
    notice: TakedownAsked | TakedownDecided | TakenDown,
    now: int,
) -> Letter | Blank:
    takedown = await tx.takedowns.get(tenant, notice.takedown)
    job = await tx.jobs.get(takedown.job_id) if takedown else None
    if takedown is None or job is None:
        return Blank(item)
    match notice:
        case TakedownAsked():
            return Letter(item, news.takedown_asked(takedown, job), now, None)
        case TakedownDecided():
            return Letter(item, news.takedown_decided(takedown), now, takedown.person)
        case TakenDown():
            return Letter(item, news.taken_down(takedown), now, takedown.author)


async def _of_remix(tx: Unit, item: Outgoing, job_id: str, now: int) -> Letter | Blank:
    """What was taken back before its authors heard of it is not told."""
    job, reader = await tx.jobs.get(job_id), reader_in(item.place)
    if job is None or reader is None or not await is_published(tx, job, item.place.tenant):
        return Blank(item)
    parent = await tx.jobs.get(job.remix_of) if job.remix_of else None
    posted = await shown(tx, job_id, item.place.tenant)
    ref = posted.ref if posted else None
    near = parent is not None and parent.person == reader
    return Letter(item, news.remixed(job, ref, near=near), now, reader)


async def _of_ask(
    tx: Unit,
    item: Outgoing,
    tenant: Tenant,
    notice: PermitAsked | PermitDecided | PermitOver,
    now: int,
) -> Letter | Blank:
    ask = await tx.asks.get(tenant, notice.ask)
    if ask is None:
        return Blank(item)
    if isinstance(notice, PermitDecided):
        return Letter(item, news.permit_decided(ask), now, ask.person)
    if isinstance(notice, PermitOver):
        return Letter(item, news.permit_over(ask), now, ask.author)
    letter = Letter(item, news.permit_asked(ask), now, ask.author)
    posted = await shown(tx, ask.job_id, item.place.tenant)
    # What somebody asks elsewhere is for its author alone, and not for their workspace.
    near = ask.person.tenant == ask.author.tenant and not ask.order.place.private
    if posted is None or posted.ref is None or not near:
        return letter
    source = await tx.jobs.get(ask.job_id)
    title = wording.thread_title(source.spec.prompt) if source else ""
    return replace(letter, under=posted.ref, title=title)


async def _banner(tx: Unit, root: Job, here: Tenant) -> Message:
    family = [job for job in await tx.jobs.family(root.id, FAMILY) if await belongs(tx, job, here)]
    made = [job.id for job in family if job.state in FINISHED]
    drafts = frozenset(made) - await tx.releases.published(made)
    shown = [job for job in family if job.id not in drafts]
    return cards.banner(root, shown, await sponsors_of(tx, here, root.id), here)


async def _placed(tx: Unit, letter: Letter, job: Job) -> Letter:
    """With the message whose thread it belongs into: that of the first video of its family."""
    item = letter.item
    is_shown_again = not item.key.startswith((BANNER, *_OWN))
    if is_shown_again or item.ref or item.place.thread:
        return letter
    found = await _head(tx, job, item)
    if found is None:
        return letter
    first, under = found
    return replace(letter, under=under, title=wording.thread_title(first.spec.prompt))


async def _head(tx: Unit, job: Job, item: Outgoing) -> tuple[Job, MessageRef] | None:
    """The first video of the family whose message heads its thread there, and that message.

    Where the very first one is of another workspace and does not stand there, it is the first of
    those that do.
    """
    root = job.id if item.key.startswith(BANNER) else job.root
    first = await tx.jobs.get(root) if root else None
    for one in (first, *await _before(tx, job, first, item.place.tenant)) if first else ():
        posted = await shown(tx, one.id, item.place.tenant)
        if posted and posted.ref and shares_thread(item.place, posted.ref.place):
            return one, posted.ref
    return None


async def _before(tx: Unit, job: Job, first: Job, here: Tenant) -> Sequence[Job]:
    """What a video goes back to after the first, which is from elsewhere, the oldest first."""
    found: list[Job] = []
    parent = job.remix_of if first.person.tenant != here else None
    while parent and parent != first.id and len(found) < FAMILY:
        one = await tx.jobs.get(parent)
        found += [one] if one else []
        parent = one.remix_of if one else None
    return found[::-1]


_OWN = (card_key(""), RESULT, RELEASE)
