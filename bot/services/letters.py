"""Job → letter: the words of a message as they are now, with where they go."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot import wording
from bot.domain.jobs import Job
from bot.domain.messages import Message
from bot.domain.refs import MessageRef
from bot.errors import UnknownThing
from bot.ports import Kind, Outgoing, Unit
from bot.services import cards
from bot.services.moves import banner_key, card_key, result_key, shares_thread
from bot.services.shelf import Shelf
from bot.services.views import Horizon, JobView, Outlook

FAMILY = 200
"""Remixes of one video that its thread's head knows of."""
BANNER = banner_key("")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it will be sent. `written_at` is ms."""

    item: Outgoing
    job: Job
    message: Message
    written_at: int
    under: MessageRef | None = None
    """The message whose thread it belongs into."""
    title: str = ""
    """Of that thread, should it have to be opened."""

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

    def __init__(self, horizon: Horizon, shelf: Shelf) -> None:
        self._horizon = horizon
        self._shelf = shelf

    async def write(
        self, tx: Unit, items: Iterable[Outgoing], now: int
    ) -> tuple[Letter | Blank, ...]:
        """One for each item, in order."""
        outlook = Outlook(tx, self._horizon, now)
        return tuple([await self._write(tx, outlook, item, now) for item in items])

    async def _write(self, tx: Unit, outlook: Outlook, item: Outgoing, now: int) -> Letter | Blank:
        job = await tx.jobs.get(item.job_id)
        if job is None:
            return Blank(item)
        view = await outlook.view(job)
        message = await self._message(tx, item, view, now)
        if message is None:
            return Blank(item)
        return await _placed(tx, Letter(item, job, message, now))

    async def _message(self, tx: Unit, item: Outgoing, view: JobView, now: int) -> Message | None:
        if item.key.startswith(BANNER):
            return cards.banner(view.job, await tx.jobs.family(view.job.id, FAMILY))
        if item.lane.kind is Kind.RESULT:
            return self._result(view)
        return cards.card(view, now)

    def _result(self, view: JobView) -> Message | None:
        try:
            return self._shelf.result(view)
        except UnknownThing:
            log.error("the file of job %s is gone", view.job.id)  # noqa: TRY400 - known cause
            return None


async def _placed(tx: Unit, letter: Letter) -> Letter:
    """With the message whose thread it belongs into: that of the first video of its family."""
    item, job = letter.item, letter.job
    root = job.id if letter.is_banner else job.root
    is_shown_again = not item.key.startswith((BANNER, *_OWN))
    if root is None or item.ref or is_shown_again or item.place.thread:
        return letter
    posted = await tx.outbox.get(result_key(root))
    if posted is None or posted.ref is None or not shares_thread(item.place, posted.ref.place):
        return letter
    first = job if letter.is_banner else await tx.jobs.get(root)
    title = wording.thread_title(first.spec.prompt) if first else ""
    return replace(letter, under=posted.ref, title=title)


_OWN = (card_key(""), result_key(""))
