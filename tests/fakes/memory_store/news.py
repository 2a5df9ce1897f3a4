"""Notices, wishes, quotes and finished videos."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.notices import Posting, Request, Wish
from bot.domain.refs import Blob, Person, Tenant
from bot.domain.videos import Video
from bot.ports import Quote
from tests.fakes.memory_store.tables import (
    JOBS,
    NOTICES,
    OUTBOX,
    QUOTES,
    VIDEOS,
    WISHES,
    YESES,
    View,
    refuse,
)


class MemoryNotices:
    """`NoticeRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, posting: Posting) -> bool:
        if posting.id in self._view.of(NOTICES):
            return False
        self._view.change(NOTICES)[posting.id] = posting
        return True

    async def get(self, notice_id: str) -> Posting | None:
        return self._view.of(NOTICES).get(notice_id)

    async def unsent(self, tenant: Tenant, since: int) -> tuple[str, ...]:
        outbox = self._view.of(OUTBOX)
        found = [
            (posting.at, posting.id)
            for posting in self._view.of(NOTICES).values()
            if posting.tenant == tenant
            and posting.at >= since
            and f"notice/{posting.id}" not in outbox
        ]
        return tuple(name for _, name in sorted(found))

    async def ask(self, request: Request) -> bool:
        wishes = self._view.of(WISHES)
        asker = request.person
        is_open = any(one.person == asker and one.state is Wish.OPEN for one in wishes.values())
        if request.id in wishes or is_open:
            return False
        self._view.change(WISHES)[request.id] = request
        return True

    async def request(self, tenant: Tenant, request_id: str) -> Request | None:
        found = self._view.of(WISHES).get(request_id)
        return found if found and found.person.tenant == tenant else None

    async def decide(self, request: Request, state: Wish, by: Person, at: int) -> bool:
        found = self._view.of(WISHES).get(request.id)
        if found is None or found.state is not Wish.OPEN:
            return False
        self._view.change(WISHES)[request.id] = replace(found, state=state, decided_by=by)
        return True


class MemoryQuotes:
    """`QuoteRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def put(self, quote: Quote) -> str:
        asked = quote.asked
        first = next((one for one in self._of(asked.person.tenant, asked.interaction)), quote)
        again = replace(first, price=quote.price, at=quote.at)
        self._view.change(QUOTES)[again.id] = again
        self._view.change(YESES).pop(again.id, None)
        return again.id

    async def get(self, tenant: Tenant, quote_id: str) -> Quote | None:
        found = self._view.of(QUOTES).get(quote_id)
        return found if found and found.asked.person.tenant == tenant else None

    async def agree(self, quote: Quote) -> None:
        self._view.change(YESES)[quote.id] = True

    async def agreed(self, tenant: Tenant, interaction: str) -> int:
        yeses = self._view.of(YESES)
        prices = [one.price for one in self._of(tenant, interaction) if one.id in yeses]
        return max(prices, default=0)

    async def tidy(self, before: int) -> None:
        for name, quote in tuple(self._view.of(QUOTES).items()):
            if quote.at < before:
                self._view.change(QUOTES).pop(name)

    def _of(self, tenant: Tenant, interaction: str) -> list[Quote]:
        asked = (tenant, interaction)
        quotes = self._view.of(QUOTES).values()
        return [one for one in quotes if (one.asked.person.tenant, one.asked.interaction) == asked]


class MemoryVideos:
    """`VideoRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, video: Video) -> None:
        if video.job_id in self._view.of(VIDEOS):
            raise ValueError(f"job {video.job_id} has a video already")
        if video.job_id not in self._view.of(JOBS):
            raise refuse("videos_job_id_exists")
        self._view.change(VIDEOS)[video.job_id] = video

    async def of(self, job_id: str) -> Video | None:
        return self._view.of(VIDEOS).get(job_id)

    async def shares(self, file: Blob, job_id: str) -> bool:
        of_videos = [
            (one.job_id, named.sha256)
            for one in self._view.of(VIDEOS).values()
            for named in (one.blob, one.poster)
            if named
        ]
        of_jobs = [
            (j.id, one.sha256) for j in self._view.of(JOBS).values() for one in j.spec.pictures
        ]
        return any(owner != job_id and sha == file.sha256 for owner, sha in (*of_videos, *of_jobs))

    async def drop(self, job_id: str) -> None:
        self._view.change(VIDEOS).pop(job_id, None)
