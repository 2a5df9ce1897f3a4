"""Reading a list page by page until nothing new enough can follow."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.providers.openai_videos.answers import Page, Reader
from bot.errors import Transient
from bot.ports import RemoteJob

PAGE = 50
"""Jobs of a page, of 100 allowed; with the longest prompts it still fits into an answer."""
MAX_PAGES = 50


class Listing:
    """Collects the jobs created at or after `since` (ms).

    With `complete`, a list that cannot be read to its end raises `Transient`: a job that is
    missing from it must surely not be there.
    """

    def __init__(self, since: int, *, complete: bool) -> None:
        # Backends count in whole seconds.
        self._since = since // 1000 * 1000
        self._complete = complete
        self._found: dict[str, RemoteJob] = {}
        self._pages = 0
        self._after = ""
        self.done = False

    @property
    def query(self) -> dict[str, str]:
        """What to ask for next."""
        query = {"limit": str(PAGE), "order": "desc"}
        return {**query, "after": self._after} if self._after else query

    @property
    def jobs(self) -> Sequence[RemoteJob]:
        """What was found, newest first; jobs that name no time come last."""
        wanted = [job for job in self._found.values() if self._is_new(job)]
        return sorted(wanted, key=lambda job: job.created_at or 0, reverse=True)

    def _is_new(self, job: RemoteJob) -> bool:
        return job.created_at is None or job.created_at >= self._since

    def add(self, page: Page, reader: Reader) -> None:
        """Take in the next page; raises `Transient` when it makes a complete list doubtful."""
        jobs = [job for job in map(reader.listed, page.objects) if job]
        if len(jobs) < len(page.objects):
            self._doubt("an entry cannot be read")
        fresh = [job for job in jobs if job.reference["id"] not in self._found]
        self._found.update((job.reference["id"], job) for job in fresh)
        self._pages += 1
        if not self._more(page) or self._all_old(jobs):
            self.done = True
            return
        self._after = page.last or (jobs[-1].reference["id"] if jobs else "")
        if not fresh or self._pages >= MAX_PAGES:
            self._doubt("it does not end")
            self.done = True

    def _more(self, page: Page) -> bool:
        """Where nobody says, a full page may have a successor."""
        return len(page.objects) >= PAGE if page.more is None else page.more

    def _all_old(self, jobs: Sequence[RemoteJob]) -> bool:
        """Whether everything after this page is older too: only if the page runs backwards."""
        times = [job.created_at for job in jobs if job.created_at is not None]
        backwards = len(times) == len(jobs) and times == sorted(times, reverse=True)
        return bool(times) and backwards and times[-1] < self._since

    def _doubt(self, why: str) -> None:
        if self._complete:
            raise Transient(f"the backend's list is not reliable: {why}")
