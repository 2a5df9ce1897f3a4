"""Messages to send."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.refs import MessageRef, Place, Tenant, stands_in
from bot.ports import NOTHING, Besides, Kind, Outgoing
from tests.fakes.memory_store.tables import JOBS, OUTBOX, View, refuse


class MemoryOutbox:
    """`OutboxRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def touch(
        self, key: str, job_id: str | None, place: Place, due_at: int, *, anew: bool = False
    ) -> None:
        if job_id is not None and job_id not in self._view.of(JOBS):
            raise refuse("outbox_job_id_exists")
        old = self._view.of(OUTBOX).get(key)
        if old is None:
            self._put(Outgoing(key, job_id, place, 1, 0, due_at, 0, None))
        elif anew or not old.gone:
            tries = old.tries if _is_pending(old) else 0
            self._put(replace(_newer(old, due_at), tries=tries, gone=False))

    async def take_back(self, key: str, due_at: int) -> None:
        old = self._view.of(OUTBOX).get(key)
        if old is None or (old.gone and (_is_pending(old) or old.ref is None)):
            return
        tries = old.tries if _is_pending(old) and old.ref is None else 0
        self._put(replace(_newer(old, due_at), tries=tries, gone=True))

    async def due(
        self, now: int, limit: int, chats: Collection[str], besides: Besides = NOTHING
    ) -> tuple[Outgoing, ...]:
        lanes, held = frozenset(besides.lanes), frozenset(besides.held)
        found = [
            item
            for item in self._pending(chats)
            if item.due_at <= now
            and item.lane not in lanes
            and (item.key, item.revision) not in held
        ]
        order = sorted(found, key=lambda item: (_is_later(item), item.due_at, item.key))
        return tuple(order[:limit])

    async def next_due(self, chats: Collection[str], after: int = 0) -> int | None:
        times = [item.due_at for item in self._pending(chats) if item.due_at > after]
        return min(times, default=None)

    def _pending(self, chats: Collection[str]) -> list[Outgoing]:
        rows = self._view.of(OUTBOX).values()
        return [one for one in rows if _is_pending(one) and one.place.tenant.platform in chats]

    async def sent(self, item: Outgoing, ref: MessageRef) -> None:
        if stored := self._unsettled(item):
            self._put(replace(stored, sent=item.revision, ref=ref, tries=0))

    async def removed(self, item: Outgoing) -> None:
        if stored := self._unsettled(item):
            self._put(replace(stored, sent=item.revision, ref=None, tries=0))

    async def postpone(self, item: Outgoing, due_at: int) -> None:
        if stored := self._unsettled(item):
            when = due_at if stored.revision == item.revision else stored.due_at
            self._put(replace(stored, due_at=when, tries=stored.tries + 1))

    async def drop(self, item: Outgoing) -> None:
        if stored := self._unsettled(item):
            self._put(replace(stored, sent=item.revision))

    def _unsettled(self, item: Outgoing) -> Outgoing | None:
        """The row, unless a newer revision was settled already."""
        stored = self._view.of(OUTBOX).get(item.key)
        return stored if stored and stored.sent < item.revision else None

    def _put(self, item: Outgoing) -> None:
        self._view.change(OUTBOX)[item.key] = item

    async def get(self, key: str) -> Outgoing | None:
        return self._view.of(OUTBOX).get(key)

    async def forget(self, job_id: str) -> None:
        for item in await self.of_job(job_id):
            if item.ref is None:
                self._view.change(OUTBOX).pop(item.key)

    async def of_job(self, job_id: str) -> tuple[Outgoing, ...]:
        found = [item for item in self._view.of(OUTBOX).values() if item.job_id == job_id]
        return tuple(sorted(found, key=lambda item: item.key))

    async def at(self, ref: MessageRef) -> Outgoing | None:
        rows = self._view.of(OUTBOX).values()
        return next((item for item in rows if item.ref == ref), None)

    async def shown_at(self, tenant: Tenant, channel: str, message_id: str) -> Outgoing | None:
        for item in self._view.of(OUTBOX).values():
            named = item.ref and item.ref.id == message_id and item.place.tenant == tenant
            if item.ref and named and stands_in(item.ref, channel):
                return item
        return None


def _newer(item: Outgoing, due_at: int) -> Outgoing:
    """The next revision, which does not put off what is due already."""
    when = min(item.due_at, due_at) if _is_pending(item) else due_at
    return replace(item, revision=item.revision + 1, due_at=when)


def _is_pending(item: Outgoing) -> bool:
    return item.revision > item.sent


def _is_later(item: Outgoing) -> bool:
    return item.lane.kind is not Kind.RESULT
