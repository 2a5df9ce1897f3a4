"""Talk with one backend in our own words: what breaks is one of our failures, and says who acts.

It knows nothing of any contract. A create is sent once and never again from here: what its outcome
is worth, the core decides.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from adapters.providers.download import NotTheFile, copy
from adapters.providers.http import Answer, Http, NoAnswer, NotSent
from adapters.providers.judging import Judge
from adapters.providers.refusals import tidy
from bot.domain.jobs import JobState
from bot.errors import (
    AmbiguousSubmit,
    AssetExpired,
    InvalidRequest,
    ProviderError,
    Transient,
    Unsupported,
)
from bot.ports import Capabilities, Clock, RemoteJob, SubmitRequest

MAX_PROMPT = 32_000
"""Characters that a backend is sent at most; what each of them takes, its catalogue says."""
MAX_IMAGE = 15 * 1024**2
"""Bytes of a first frame; as a data URL it must stay below 20,971,520 characters."""
LINK_IS_DEAD = frozenset({404, 410})
_NO_KEY_THERE = frozenset({401, 403})

log = logging.getLogger(__name__)


class Conversation:
    """One backend's `Http` with its `Judge`."""

    def __init__(self, http: Http, judge: Judge, clock: Clock) -> None:
        self.http = http
        self.judge = judge
        self.now = clock.now

    async def create(self, operation: str, method: str, url: httpx.URL, **body: Any) -> Answer:  # noqa: ANN401 - the arguments of `Http.ask`
        """The one place that makes jobs: exactly one request, whatever happens.

        Raises `Transient` when it surely never left, `AmbiguousSubmit` when nobody answered.
        """
        try:
            answer = await self.http.ask(method, url, **body)
        except NotSent as error:
            raise Transient(str(error)) from error
        except NoAnswer as error:
            raise AmbiguousSubmit(str(error)) from error
        log.info("%s: HTTP %d, request %s", operation, answer.status, answer.request_id)
        return answer

    async def ask(self, method: str, url: httpx.URL, **query: Any) -> Answer:  # noqa: ANN401 - the arguments of `Http.ask`
        """Any request but a create: all that breaks on its way may be tried again."""
        try:
            return await self.http.ask(method, url, **query)
        except (NotSent, NoAnswer) as error:
            raise Transient(str(error)) from error

    # --- files ------------------------------------------------------------------------------

    @asynccontextmanager
    async def download(self) -> AsyncGenerator[None]:
        """All that is needed to bring a file, in the time there is for that."""
        try:
            async with asyncio.timeout(self.http.limits.download_ms / 1000):
                yield
        except TimeoutError as error:
            raise Transient("the file did not come in time") from error

    async def follow(self, url: httpx.URL, target: Path) -> None:
        """Copy from a link that the backend gave."""
        try:
            await copy(self.http, url, target)
        except NotTheFile as error:
            raise self._dead_link(url, error.answer) from error

    def _dead_link(self, url: httpx.URL, answer: Answer) -> ProviderError:
        failure = self.no_file(answer)
        if answer.status in LINK_IS_DEAD or "expired" in failure.message.lower():
            return AssetExpired(failure.message)
        if answer.status in _NO_KEY_THERE and not self.http.is_home(url):
            # Another host's no says nothing about our key.
            return Transient(failure.message, retry_after_ms=failure.retry_after_ms)
        return failure

    def no_file(self, answer: Answer) -> ProviderError:
        """The failure that an answer is in place of a file."""
        failure = self.judge.failure(answer, self.now())
        if answer.good and not answer.body:
            return Transient("the file is empty")
        if answer.good:
            return Transient(tidy(f"no video came but: {failure.message}", self.judge.secret))
        if isinstance(failure, (InvalidRequest, Unsupported)):
            # Nobody's wish is wrong where a file store cannot be asked.
            return Transient(failure.message, retry_after_ms=failure.retry_after_ms)
        return failure


def check_prompt(prompt: str) -> None:
    """Refuse what no backend could read; raises `InvalidRequest`."""
    if not 1 <= len(prompt) <= MAX_PROMPT:
        raise InvalidRequest(f"a prompt must have 1 to {MAX_PROMPT} characters")
    try:
        prompt.encode()
    except UnicodeEncodeError:
        raise InvalidRequest("the prompt holds broken characters") from None


def check_able(wish: SubmitRequest, able: Capabilities) -> None:
    """Refuse what a backend has no place for, before anything is sent; raises `Unsupported`."""
    lacks = {
        "takes no first frame": wish.image and not able.takes_image,
        "takes no last frame": wish.last and not able.takes_last,
        f"takes {able.references} references": len(wish.references) > able.references,
        "cannot switch sound": wish.sound is not None and not able.switches_sound,
    }
    for lack, wished in lacks.items():
        if wished:
            raise Unsupported(f"this backend {lack}")


def check_finished(job: RemoteJob) -> None:
    """Raises why there can be no file (yet)."""
    if job.state in {JobState.QUEUED, JobState.RENDERING}:
        raise Transient("the file is not ready yet", retry_after_ms=job.poll_after_ms)
    if job.state is JobState.EXPIRED:
        raise AssetExpired(job.error.message if job.error else "")
    if job.state is not JobState.FETCHING:
        raise job.error or Transient("the job ended without a file")


def check_source(job: RemoteJob) -> None:
    """Raises why no other job can begin with this one (yet)."""
    if job.state in {JobState.QUEUED, JobState.RENDERING}:
        raise Transient("the first video is not finished", retry_after_ms=job.poll_after_ms)
    if job.state is not JobState.FETCHING:
        raise AssetExpired("the first video is gone")


async def read_image(path: Path) -> bytes:
    """A picture to send; raises `InvalidRequest` when it cannot be sent."""
    try:
        image = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise InvalidRequest("the picture cannot be read") from error
    if len(image) > MAX_IMAGE:
        raise InvalidRequest(f"the first frame is larger than {MAX_IMAGE // 1024**2} MiB")
    return image
