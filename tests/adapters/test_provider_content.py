"""Where the file is when it is not where it should be, and why there is none."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.providers.http import Limits
from adapters.providers.openai_videos.profile import Profile, profile_of
from bot import errors
from bot.errors import (
    AssetExpired,
    BadCredentials,
    JobNotFound,
    Moderated,
    RateLimited,
    Transient,
)
from tests.fakes.clock import START, FakeClock
from tests.fakes.gateway import MP4, NO_ANSWER, REF, Gateway, Received, Reply, client_of

JOB, CONTENT = "/v1/videos/video_1", "/v1/videos/video_1/content"
TIGHT = Limits(silence_ms=150, download_ms=600, download_bytes=100_000)
WHOLE = Reply(body=MP4)
TAGGED = Reply(body=MP4, headers={"etag": '"v1"'})


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        yield gateway


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "clip.mp4"


def _done(**fields: object) -> Reply:
    return Reply(body={"id": "video_1", "object": "video", "status": "completed", **fields})


def _ranges(data: bytes = MP4, tag: str = '"v1"') -> Callable[[Received], Reply]:
    """A server that knows ranges."""

    def answer(request: Received) -> Reply:
        wanted, told = request.headers.get("range"), request.headers.get("if-range")
        if wanted is None or told != tag:
            return Reply(body=data, headers={"etag": tag})
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(data):
            return Reply(416, headers={"content-range": f"bytes */{len(data)}"})
        span = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return Reply(206, data[start:], {"etag": tag, "content-range": span})

    return answer


async def _get(
    gateway: Gateway,
    target: Path,
    profile: str | Profile = "custom",
    clock: FakeClock | None = None,
    limits: Limits | None = None,
) -> None:
    async with client_of(gateway, profile, clock=clock, limits=limits) as client:
        await client.download(REF, target)


def _left(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()}


# --- no file at all ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply, words",
    [
        (Reply(200, b"<html><h1>Bad Gateway</h1></html>"), "Bad Gateway"),
        (Reply(200, {"error": {"message": "No response data in completed operation"}}), "No resp"),
        (Reply(200), "empty"),
        (Reply(200, b"ftyp"), "ftyp"),
        (Reply(200, b"\x00\x00\x00\x18moov" + b"x" * 5000), "no video came"),
        (Reply(200, b"#EXTM3U\nhttp://169.254.169.254/"), "EXTM3U"),
        (Reply(500, {"error": {"message": "No response data"}}), "No response data"),
        (Reply(502, b"upstream"), "upstream"),
        (NO_ANSWER, "broke"),
    ],
    ids=["page", "json", "empty", "short", "no ftyp", "playlist", "500", "502", "dropped"],
)
async def test_anything_but_a_video_is_never_kept(
    gateway: Gateway, target: Path, reply: Reply, words: str
) -> None:
    gateway.on("GET", CONTENT, reply)
    with pytest.raises(Transient, match=words) as caught:
        await _get(gateway, target)
    assert len(caught.value.message) <= 300
    assert _left(target) == set()


@pytest.mark.parametrize(
    "reply, kind",
    [
        (Reply(401), BadCredentials),
        (Reply(403), BadCredentials),
        (Reply(429, headers={"retry-after": "3"}), RateLimited),
    ],
    ids=["401", "403", "429"],
)
async def test_refusals_keep_their_class(
    gateway: Gateway, target: Path, reply: Reply, kind: type[errors.ProviderError]
) -> None:
    gateway.on("GET", CONTENT, reply)
    with pytest.raises(kind):
        await _get(gateway, target)


@pytest.mark.parametrize(
    "content, job, kind",
    [
        # vLLM-Omni answers 404, new-api 400, others 409 while it renders
        (Reply(404), Reply(body={"id": "video_1", "status": "in_progress"}), Transient),
        (Reply(400), Reply(body={"id": "video_1", "status": "queued"}), Transient),
        (Reply(409), Reply(body={"id": "video_1", "status": "in_progress"}), Transient),
        (Reply(409), _done(), Transient),
        (Reply(422), Reply(body={"id": "video_1", "status": "failed"}), errors.ProviderError),
        (
            Reply(422),
            Reply(
                body={"id": "video_1", "status": "failed", "error": {"code": "moderation_blocked"}}
            ),
            Moderated,
        ),
        (Reply(404), Reply(404, {"detail": "Video not found"}), JobNotFound),
        (Reply(404), _done(), AssetExpired),
        (Reply(410), _done(expires_at=START // 1000 - 1), AssetExpired),
        (Reply(404), _done(expires_at=START // 1000 + 60), Transient),
        (Reply(404), Reply(body={"id": "video_1", "status": "expired"}), AssetExpired),
        (Reply(404), Reply(500), Transient),
    ],
    ids=[
        "rendering",
        "queued",
        "conflict",
        "finished, conflict",
        "failed",
        "moderated",
        "unknown",
        "finished, no file",
        "expired",
        "not yet there",
        "job expired",
        "fault",
    ],
)
async def test_without_a_file_the_job_itself_says_why(
    gateway: Gateway, target: Path, content: Reply, job: Reply, kind: type[errors.ProviderError]
) -> None:
    gateway.on("GET", CONTENT, content)
    gateway.on("GET", JOB, job)
    with pytest.raises(errors.ProviderError) as caught:
        await _get(gateway, target)
    assert type(caught.value) is kind
    assert _left(target) == set()


async def test_the_profile_knows_how_long_files_live(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, Reply(404))
    gateway.on("GET", JOB, _done(completed_at=START // 1000 - 3599))
    clock = FakeClock()
    with pytest.raises(Transient):
        await _get(gateway, target, profile="openai", clock=clock)
    clock.advance(2000)
    with pytest.raises(AssetExpired):
        await _get(gateway, target, profile="openai", clock=clock)


# --- the file is somewhere else ----------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "/files/1.mp4"},
        {"video_url": "/files/1.mp4"},
        {"urls": ["/files/1.mp4"]},
        {"unsigned_urls": ["/files/1.mp4", "/files/2.mp4"]},
        {"metadata": {"url": "/files/1.mp4"}},
        {"task_result": {"videos": [{"url": "/files/1.mp4"}]}},
    ],
    ids=lambda fields: next(iter(fields)),
)
async def test_a_job_may_carry_the_link(
    gateway: Gateway, target: Path, fields: dict[str, Any]
) -> None:
    gateway.on("GET", CONTENT, Reply(404, {"detail": "Not Found"}))
    gateway.on("GET", JOB, _done(**fields))
    gateway.on("GET", "/files/1.mp4", WHOLE)
    await _get(gateway, target)
    assert target.read_bytes() == MP4


async def test_the_content_route_may_answer_with_the_link(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, Reply(body={"url": f"{gateway.origin}/files/1.mp4"}))
    gateway.on("GET", "/files/1.mp4", WHOLE)
    await _get(gateway, target)
    assert target.read_bytes() == MP4


async def test_a_profile_may_look_at_the_job_first(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", JOB, _done(url="/files/1.mp4"), _done())
    gateway.on("GET", "/files/1.mp4", WHOLE)
    gateway.on("GET", CONTENT, WHOLE)
    profile = replace(profile_of("custom"), content_first=False)
    await _get(gateway, target, profile=profile)
    assert [one.path for one in gateway.received] == [JOB, "/files/1.mp4"]
    await _get(gateway, target, profile=profile)
    assert [one.path for one in gateway.received[2:]] == [JOB, CONTENT]


async def test_a_backend_without_a_content_route_lives_on_links(
    gateway: Gateway, target: Path
) -> None:
    base = profile_of("custom")
    routes = {name: route for name, route in base.operations.items() if name != "content"}
    gateway.on("GET", JOB, _done(url="/files/1.mp4"), _done())
    gateway.on("GET", "/files/1.mp4", WHOLE)
    profile = replace(base, operations=routes)
    await _get(gateway, target, profile=profile)
    assert target.read_bytes() == MP4
    with pytest.raises(Transient, match="names no file"):
        await _get(gateway, target, profile=profile)


async def test_a_link_back_to_the_same_refusal_is_not_followed(
    gateway: Gateway, target: Path
) -> None:
    # SGLang: the link is the content route itself
    gateway.on("GET", CONTENT, Reply(404))
    gateway.on("GET", JOB, _done(url=f"{gateway.origin}{CONTENT}"))
    with pytest.raises(AssetExpired):
        await _get(gateway, target)
    assert [one.path for one in gateway.received] == [CONTENT, JOB]


@pytest.mark.parametrize(
    "reply, kind",
    [
        (Reply(404), AssetExpired),
        (Reply(403, b"<Error><Message>Request has expired</Message></Error>"), AssetExpired),
        (Reply(500), Transient),
        (Reply(200, b"<html>"), Transient),
    ],
    ids=["404", "expired", "500", "page"],
)
async def test_a_link_that_does_not_work_is_told(
    gateway: Gateway, target: Path, reply: Reply, kind: type[errors.ProviderError]
) -> None:
    gateway.on("GET", CONTENT, Reply(body={"url": "/files/1.mp4"}))
    gateway.on("GET", "/files/1.mp4", reply)
    with pytest.raises(errors.ProviderError) as caught:
        await _get(gateway, target)
    assert type(caught.value) is kind


async def test_a_redirect_is_followed_and_may_be_resumed(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, Reply(302, headers={"location": "/files/1.mp4"}))
    gateway.on("GET", "/files/1.mp4", replace(TAGGED, cut=1000), _ranges())
    with pytest.raises(Transient):
        await _get(gateway, target)
    await _get(gateway, target)
    assert target.read_bytes() == MP4
    assert gateway.received[-1].headers["range"] == "bytes=1000-"
