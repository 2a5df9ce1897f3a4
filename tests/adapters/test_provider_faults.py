"""The real client against the real simulator while things go wrong on purpose."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.media.probe import probe_file
from adapters.providers.simulator.faults import Fault, Hint, Kind
from bot import errors
from bot.domain.videos import Size
from bot.errors import (
    AmbiguousSubmit,
    BadCredentials,
    Billing,
    ConcurrencyLimited,
    ModelRetired,
    Moderated,
    RateLimited,
    Transient,
    TruncatedVideo,
)
from bot.ports import SubmitRequest
from tests.fakes.backends import DIALECTS, Backend, backend

WISH = SubmitRequest("a red kite over dunes", "sora-2", Size(1280, 720), 4)


@pytest.fixture
async def running() -> AsyncGenerator[Backend]:
    async with backend(key="sk-simulated") as running:
        yield running


FAULTS: dict[str, tuple[Fault, type[errors.ProviderError]]] = {
    "rate": (Fault(Kind.RATE_LIMITED), RateLimited),
    "slots": (Fault(Kind.CONCURRENCY), ConcurrencyLimited),
    "money": (Fault(Kind.BILLING), Billing),
    "content rules": (Fault(Kind.REFUSED), Moderated),
    "retired": (Fault(Kind.RETIRED_MODEL), ModelRetired),
    "busy": (Fault(Kind.SERVER_ERROR, status=503), Transient),
    "fault": (Fault(Kind.SERVER_ERROR, status=500), AmbiguousSubmit),
    "fault after accepting": (
        Fault(Kind.SERVER_ERROR, status=502, accepted=True),
        AmbiguousSubmit,
    ),
    "lost": (Fault(Kind.LOST_ANSWER), AmbiguousSubmit),
    "lost after accepting": (Fault(Kind.LOST_ANSWER, accepted=True), AmbiguousSubmit),
    "broken json": (Fault(Kind.BROKEN_JSON), AmbiguousSubmit),
    "broken json after accepting": (Fault(Kind.BROKEN_JSON, accepted=True), AmbiguousSubmit),
    "page": (Fault(Kind.HTML, on="submit"), AmbiguousSubmit),
    "cut": (Fault(Kind.TRUNCATED, on="submit"), AmbiguousSubmit),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_one_request_and_its_class(running: Backend, fault: str) -> None:
    plan, kind = FAULTS[fault]
    running.machine.plan(plan)
    with pytest.raises(errors.ProviderError) as caught:
        await running.client.submit(WISH)
    assert type(caught.value) is kind
    assert running.posts == 1
    if kind is not AmbiguousSubmit:
        assert running.accepted == 0


REFUSALS: dict[Kind, tuple[type[errors.ProviderError], ...]] = {
    # Where a dialect drops type and code, a plain 429 counts as a rate limit.
    Kind.CONCURRENCY: (ConcurrencyLimited, RateLimited),
    Kind.BILLING: (Billing, RateLimited),
    Kind.RATE_LIMITED: (RateLimited,),
    Kind.REFUSED: (Moderated,),
    Kind.RETIRED_MODEL: (ModelRetired,),
    Kind.SERVER_ERROR: (AmbiguousSubmit,),
}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_dialect_s_refusals_are_understood(dialect: str) -> None:
    async with backend(dialect) as running:
        for kind, possible in REFUSALS.items():
            running.machine.plan(Fault(kind))
            with pytest.raises(possible):
                await running.client.submit(WISH)
        assert running.posts == len(REFUSALS)


@pytest.mark.parametrize(
    "hint, at_least, at_most",
    [
        (Hint.SECONDS, 7000, 7000),
        (Hint.MILLISECONDS, 7000, 7000),
        (Hint.DATE, 5000, 8000),
        (Hint.RESET, 7000, 7000),
    ],
)
async def test_every_kind_of_hint_is_heard(
    running: Backend, hint: Hint, at_least: int, at_most: int
) -> None:
    running.machine.plan(Fault(Kind.RATE_LIMITED, hint=hint, wait_ms=7000))
    with pytest.raises(RateLimited) as caught:
        await running.client.submit(WISH)
    assert caught.value.retry_after_ms is not None
    assert at_least <= caught.value.retry_after_ms <= at_most


async def test_a_taken_create_without_an_answer_is_found_in_the_list(running: Backend) -> None:
    running.machine.plan(Fault(Kind.LOST_ANSWER, accepted=True))
    with pytest.raises(AmbiguousSubmit):
        await running.client.submit(WISH)
    [found] = await running.client.list_jobs(0)
    assert found.prompt == WISH.prompt
    assert (running.posts, running.accepted) == (1, 1)


async def test_a_cut_download_goes_on_with_the_rest(running: Backend, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    job = await running.client.submit(WISH)
    await running.ended(job.reference)
    running.machine.plan(Fault(Kind.TRUNCATED, times=2))
    for _ in range(2):
        with pytest.raises(Transient):
            await running.client.download(job.reference, target)
    assert (tmp_path / "clip.mp4.part").stat().st_size > 1000
    await running.client.download(job.reference, target)
    assert probe_file(target).has_audio
    last = running.machine.stats()["last"][-1]
    assert last["range"].startswith("bytes=")


async def test_a_page_in_place_of_the_file_is_never_kept(running: Backend, tmp_path: Path) -> None:
    job = await running.client.submit(WISH)
    await running.ended(job.reference)
    running.machine.plan(Fault(Kind.HTML))
    with pytest.raises(Transient, match="502 Bad Gateway"):
        await running.client.download(job.reference, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_lacks_its_end_is_caught_by_the_probe(
    running: Backend, tmp_path: Path
) -> None:
    """Its length is honest, so only its boxes can tell."""
    target = tmp_path / "clip.mp4"
    job = await running.client.submit(WISH)
    await running.ended(job.reference)
    running.machine.plan(Fault(Kind.SHORT_FILE))
    await running.client.download(job.reference, target)
    with pytest.raises(TruncatedVideo):
        probe_file(target)


async def test_a_wrong_key_is_told_as_such() -> None:
    async with backend(key="sk-simulated") as running:
        running.client._http._key = {"Authorization": "Bearer sk-other"}
        with pytest.raises(BadCredentials):
            await running.client.submit(WISH)
        assert running.accepted == 0


async def test_a_slow_answer_is_waited_for(running: Backend) -> None:
    running.machine.plan(Fault(Kind.SLOW, on="create", wait_ms=200))
    assert (await running.client.submit(WISH)).reference["id"]
