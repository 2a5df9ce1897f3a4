"""One submit is one create, and its answer is never read too kindly."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from bot import errors
from bot.domain.jobs import JobState
from bot.errors import (
    AmbiguousSubmit,
    BadCredentials,
    Billing,
    ConcurrencyLimited,
    InvalidRequest,
    ModelRetired,
    Moderated,
    RateLimited,
    Transient,
    Unsupported,
)
from tests.fakes.gateway import HASTY, NO_ANSWER, REF, TAKEN, WISH, Gateway, Reply, client_of


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", "/v1/videos", TAKEN)
        yield gateway


# --- one submit, one create -------------------------------------------------------------------


def _error(status: int, message: str, **fields: object) -> Reply:
    return Reply(status, {"error": {"message": message, "type": None, **fields}})


FAULTS: dict[str, tuple[Reply, type[errors.ProviderError]]] = {
    "rate limit": (_error(429, "slow", code="rate_limit_exceeded"), RateLimited),
    "429 without words": (Reply(429), RateLimited),
    "slots": (_error(429, "Too many running tasks"), ConcurrencyLimited),
    "money": (_error(429, "x", type="insufficient_quota"), Billing),
    "402": (Reply(402), Billing),
    "busy": (Reply(503), Transient),
    "busy page": (Reply(503, b"<h1>Service Unavailable</h1>"), Transient),
    "no channel for now": (_error(503, "x", code="model_not_found"), Transient),
    "key": (Reply(401), BadCredentials),
    "forbidden": (Reply(403), BadCredentials),
    "moderated": (_error(400, "blocked by our moderation system"), Moderated),
    "bad size": (_error(400, "Invalid value", code="invalid_value"), InvalidRequest),
    "conflict": (Reply(409), InvalidRequest),
    "too early": (Reply(425), InvalidRequest),
    "retired": (_error(404, "no", code="model_not_found"), ModelRetired),
    "service is gone": (Reply(404, b"<h1>Not Found</h1>"), ModelRetired),
    "gone": (Reply(410), ModelRetired),
    "wrong method": (Reply(405), Unsupported),
    "not implemented": (Reply(501), Unsupported),
    "moderated as 500": (_error(500, "x", code="moderation_blocked"), Moderated),
    "moved": (Reply(308, headers={"location": "/v2/videos"}), InvalidRequest),
    "500": (Reply(500), AmbiguousSubmit),
    "500 that says rate": (_error(500, "x", code="rate_limit_exceeded"), AmbiguousSubmit),
    "502": (Reply(502, b"<h1>Bad Gateway</h1>"), AmbiguousSubmit),
    "504": (Reply(504), AmbiguousSubmit),
    "529": (Reply(529), AmbiguousSubmit),
    "408": (Reply(408), AmbiguousSubmit),
    "499": (Reply(499), AmbiguousSubmit),
    "see other": (Reply(303, headers={"location": "/v1/videos/video_1"}), AmbiguousSubmit),
    "found": (Reply(302, headers={"location": "/v1/videos/video_1"}), AmbiguousSubmit),
    "empty": (Reply(200), AmbiguousSubmit),
    "no content": (Reply(204), AmbiguousSubmit),
    "null": (Reply(200, b"null"), AmbiguousSubmit),
    "page": (Reply(200, b"<html>Welcome</html>"), AmbiguousSubmit),
    "half": (Reply(200, b'{"id": "video_1", "obj'), AmbiguousSubmit),
    "cut": (Reply(200, {"id": "video_1", "status": "queued"}, cut=9), AmbiguousSubmit),
    "too large": (Reply(200, b'{"id": "video_1", "x": "' + b"x" * 20_000), AmbiguousSubmit),
    "no id": (Reply(200, {"object": "video", "status": "queued"}), AmbiguousSubmit),
    "unusable id": (Reply(200, {"id": "..", "status": "queued"}), AmbiguousSubmit),
    "array": (Reply(200, [{"id": "video_1"}]), AmbiguousSubmit),
    "unknown error in 200": (Reply(200, {"error": {"message": "hm"}}), AmbiguousSubmit),
    "clear error in 200": (Reply(200, {"error": {"code": "moderation_blocked"}}), Moderated),
    "unknown in 200": (Reply(200, {"error": {"code": "not_found"}}), AmbiguousSubmit),
    "quota in 200": (Reply(200, {"code": "insufficient_user_quota"}), Billing),
    "dropped": (NO_ANSWER, AmbiguousSubmit),
    "reset": (Reply(reset=True), AmbiguousSubmit),
    "refusal, cut": (replace(_error(400, "blocked by our moderation"), cut=20), InvalidRequest),
    "rate limit, cut": (replace(_error(429, "x"), cut=20), RateLimited),
    "rate limit, drip": (replace(_error(429, "x"), piece=2, pause_s=0.1), RateLimited),
    "half a head": (Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-ty"), AmbiguousSubmit),
    "not http": (Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), AmbiguousSubmit),
    "silence": (Reply(hang=True), AmbiguousSubmit),
    "drip": (Reply(200, TAKEN.body, piece=2, pause_s=0.1), AmbiguousSubmit),
    "endless head": (Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000), AmbiguousSubmit),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_create_is_sent_once_whatever_happens(gateway: Gateway, fault: str) -> None:
    reply, kind = FAULTS[fault]
    gateway.on("POST", "/v1/videos", reply)
    async with client_of(gateway, limits=HASTY) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.submit(WISH)
    assert type(caught.value) is kind
    assert gateway.count("POST") == len(gateway.received) == 1


@pytest.mark.parametrize("fault", ["500", "dropped", "half", "silence", "busy", "rate limit"])
async def test_a_remix_and_an_extension_are_sent_once_too(gateway: Gateway, fault: str) -> None:
    reply, kind = FAULTS[fault]
    gateway.on("POST", "/v1/videos/video_1/remix", reply)
    gateway.on("POST", "/v1/videos/extensions", reply)
    async with client_of(gateway, "openai", limits=HASTY) as client:
        for call in (client.remix(REF, "again"), client.extend(REF, "on", 4)):
            with pytest.raises(kind):
                await call
    assert gateway.count("POST") == 2


async def test_a_backend_that_cannot_be_reached_took_nothing(gateway: Gateway) -> None:
    async with Gateway() as gone:
        pass
    async with client_of(gone) as client:
        with pytest.raises(Transient, match="cannot be reached"):
            await client.submit(WISH)


async def test_every_create_gets_a_connection_of_its_own(gateway: Gateway) -> None:
    """An old connection may have died unnoticed, which would look like a lost answer."""
    gateway.on("POST", "/v1/videos", replace(TAKEN, keep_open=True))
    gateway.on("GET", "/v1/videos/video_1", replace(TAKEN, keep_open=True))
    async with client_of(gateway) as client:
        for _ in range(3):
            await client.fetch(REF)
        assert gateway.connections == 1
        for _ in range(3):
            await client.submit(WISH)
        assert gateway.connections == 4


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_any_good_status_is_a_yes(gateway: Gateway, status: int) -> None:
    gateway.on("POST", "/v1/videos", replace(TAKEN, status=status))
    async with client_of(gateway) as client:
        assert (await client.submit(WISH)).reference == REF


@pytest.mark.parametrize(
    "body, name",
    [
        ({"id": "a", "task_id": "b"}, "a"),
        ({"task_id": "b"}, "b"),
        ({"request_id": "c"}, "c"),
        ({"code": "success", "data": {"task_id": "d"}}, "d"),
        ({"id": 17}, "17"),
        ({"id": "x" * 300, "status": "processing"}, "x" * 300),
    ],
    ids=["id", "task_id", "request_id", "wrapped", "number", "long"],
)
async def test_the_id_is_found_where_servers_put_it(
    gateway: Gateway, body: object, name: str
) -> None:
    gateway.on("POST", "/v1/videos", Reply(body=body))
    async with client_of(gateway) as client:
        assert (await client.submit(WISH)).reference == {"id": name}


async def test_a_job_behind_an_error_status_is_a_job(gateway: Gateway) -> None:
    """vLLM-Omni answers with a failed job's whole object and the status of its failure."""
    failed = {
        "id": "video_1",
        "object": "video",
        "status": "failed",
        "progress": 0,
        "error": {"code": 500, "message": "CUDA out of memory"},
    }
    gateway.on("POST", "/v1/videos", Reply(500, failed))
    gateway.on("GET", "/v1/videos/video_1", Reply(500, failed))
    async with client_of(gateway) as client:
        made, seen = await client.submit(WISH), await client.fetch(REF)
    for job in (made, seen):
        assert (job.reference, job.state) == (REF, JobState.FAILED)
        assert job.error is not None
        assert job.error.message == "CUDA out of memory"


async def test_a_hint_reaches_the_scheduler(gateway: Gateway) -> None:
    gateway.on(
        "POST",
        "/v1/videos",
        Reply(429, headers={"retry-after": "20"}),
        _error(429, "Please try again in 350ms."),
        Reply(429, headers={"x-ratelimit-reset-requests": "1m30s"}),
        Reply(503, headers={"retry-after-ms": "75"}),
        Reply(429, headers={"retry-after": "Mon, 21 Sep 2026 14:14:20 GMT"}),
        Reply(429),
    )
    waits: list[int | None] = []
    async with client_of(gateway) as client:
        for _ in range(6):
            with pytest.raises((RateLimited, Transient)) as caught:
                await client.submit(WISH)
            waits.append(caught.value.retry_after_ms)
    assert waits == [20_000, 350, 90_000, 75, 60_000, None]


async def test_a_packed_answer_is_read_although_nobody_asked_for_it(gateway: Gateway) -> None:
    import gzip  # noqa: PLC0415 - only this test packs

    body = gzip.compress(TAKEN.data)
    gateway.on("POST", "/v1/videos", Reply(body=body, headers={"content-encoding": "gzip"}))
    async with client_of(gateway) as client:
        assert (await client.submit(WISH)).reference == REF
