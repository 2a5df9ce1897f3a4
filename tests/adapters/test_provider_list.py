"""Listing: nothing that could be ours may be missed, and doubt is said aloud."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from bot import errors
from bot.errors import Transient, Unsupported
from tests.fakes.clock import START
from tests.fakes.gateway import Gateway, Received, Reply, Script, client_of

SINCE = START


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        yield gateway


def _job(number: int, at: int | None) -> dict[str, Any]:
    shape: dict[str, Any] = {"id": f"video_{number}", "object": "video", "status": "queued"}
    return shape if at is None else {**shape, "created_at": at}


def _jobs(numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Job n was made n seconds after `SINCE`."""
    return [_job(number, SINCE // 1000 + number) for number in numbers]


def _paged(jobs: Sequence[dict[str, Any]], size: int) -> Script:
    """A server that pages as the contract says."""

    def answer(request: Received) -> Reply:
        query = dict(pair.split("=") for pair in request.query.split("&"))
        ids = [job["id"] for job in jobs]
        start = ids.index(query["after"]) + 1 if "after" in query else 0
        page = jobs[start : start + size]
        more = start + size < len(jobs)
        last = page[-1]["id"] if page else None
        return Reply(body={"object": "list", "data": page, "last_id": last, "has_more": more})

    return answer


async def _listed(gateway: Gateway, profile: str = "simulator") -> list[str]:
    async with client_of(gateway, profile) as client:
        return [job.reference["id"] for job in await client.list_jobs(SINCE)]


async def test_only_jobs_since_then_are_given_newest_first(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos", _paged(_jobs([9, 3, 0, -1, -50]), 100))
    assert await _listed(gateway) == ["video_9", "video_3", "video_0"]
    assert gateway.received[0].query == "limit=50&order=desc"


async def test_pages_are_followed_until_they_are_too_old(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos", _paged(_jobs(range(6, -20, -1)), 5))
    assert await _listed(gateway) == [f"video_{n}" for n in range(6, -1, -1)]
    assert len(gateway.received) == 2


async def test_a_server_that_ignores_the_order_is_read_to_its_end(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos", _paged(_jobs(range(-10, 3)), 5))
    assert await _listed(gateway) == ["video_2", "video_1", "video_0"]
    assert len(gateway.received) == 3


async def test_the_second_of_the_wish_itself_counts(gateway: Gateway) -> None:
    """Backends count in whole seconds, we in ms."""
    gateway.on("GET", "/v1/videos", _paged(_jobs([0]), 5))
    async with client_of(gateway, "simulator") as client:
        assert len(await client.list_jobs(SINCE + 999)) == 1


async def test_more_without_a_cursor_goes_on_after_the_last_job(gateway: Gateway) -> None:
    # Seen in the official client: it stops paging on `last_id: null`.
    first = {"data": _jobs([5, 4]), "has_more": True, "last_id": None}
    gateway.on("GET", "/v1/videos", Reply(body=first), Reply(body={"data": _jobs([3])}))
    assert await _listed(gateway) == ["video_5", "video_4", "video_3"]
    assert gateway.received[1].query.endswith("&after=video_4")


@pytest.mark.parametrize("wrap", ["data", "items", "videos", ""])
async def test_lists_come_bare_or_named(gateway: Gateway, wrap: str) -> None:
    jobs = _jobs([1])
    gateway.on("GET", "/v1/videos", Reply(body={wrap: jobs} if wrap else jobs))
    assert await _listed(gateway) == ["video_1"]


async def test_jobs_that_name_no_time_may_be_ours(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos", Reply(body={"data": [_job(1, None), *_jobs([2])]}))
    assert await _listed(gateway) == ["video_2", "video_1"]


async def test_an_empty_list_is_an_answer(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos", Reply(body={"data": [], "has_more": False, "last_id": None}))
    assert await _listed(gateway) == []


@pytest.mark.parametrize(
    "reply, known",
    [
        (Reply(body={"data": [7, *_jobs([5])], "has_more": False}), ["video_5"]),
        (Reply(body={"data": [{"status": "queued"}]}), []),
        (Reply(body={"data": _jobs([5]), "has_more": True}), ["video_5"]),
    ],
    ids=["no object", "no id", "the same page for ever"],
)
async def test_a_complete_list_is_not_believed_when_in_doubt(
    gateway: Gateway, reply: Reply, known: list[str]
) -> None:
    gateway.on("GET", "/v1/videos", reply)
    with pytest.raises(Transient, match="not reliable"):
        await _listed(gateway)
    asked = len(gateway.received)
    assert await _listed(gateway, "custom") == known
    assert len(gateway.received) - asked <= 2


async def test_a_list_that_grows_for_ever_is_given_up(gateway: Gateway) -> None:
    count = iter(range(10_000, 0, -1))

    def endless(request: Received) -> Reply:
        return Reply(body={"data": _jobs([next(count)]), "has_more": True})

    gateway.on("GET", "/v1/videos", endless)
    with pytest.raises(Transient, match="does not end"):
        await _listed(gateway)
    assert len(gateway.received) == 50


@pytest.mark.parametrize(
    "reply, kind",
    [
        (Reply(404, {"detail": "Not Found"}), Unsupported),
        (Reply(405), Unsupported),
        (Reply(200, b"<html>"), Transient),
        (Reply(200, {"data": "none"}), Transient),
        (Reply(500), Transient),
    ],
    ids=["404", "405", "page", "no list", "500"],
)
async def test_a_list_that_cannot_be_had_is_an_error_and_never_empty(
    gateway: Gateway, reply: Reply, kind: type[errors.ProviderError]
) -> None:
    gateway.on("GET", "/v1/videos", reply)
    with pytest.raises(kind):
        await _listed(gateway, "custom")
