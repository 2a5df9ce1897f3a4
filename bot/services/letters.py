"""Job → letter: the words of a message as they are now, with where they go."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.jobs import Job
from bot.domain.messages import Message
from bot.errors import UnknownThing
from bot.ports import Kind, Outgoing, Unit
from bot.services import cards
from bot.services.shelf import Shelf
from bot.services.views import Horizon, JobView, Outlook

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it will be sent. `written_at` is ms."""

    item: Outgoing
    job: Job
    message: Message
    written_at: int


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
        is_result = item.lane.kind is Kind.RESULT
        message = self._result(view) if is_result else cards.card(view, now)
        return Letter(item, job, message, now) if message else Blank(item)

    def _result(self, view: JobView) -> Message | None:
        try:
            return self._shelf.result(view)
        except UnknownThing:
            log.error("the file of job %s is gone", view.job.id)  # noqa: TRY400 - known cause
            return None
