"""A gateway that means harm: it wants the key, our network, our memory or our patience."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.providers.guard import Origin
from adapters.providers.http import Limits
from adapters.providers.openai_videos.profile import profile_of
from bot import errors
from bot.errors import AmbiguousSubmit, Transient
from tests.fakes.gateway import KEY, MP4, REF, WISH, Gateway, Reply, client_of

JOB, CONTENT = "/v1/videos/video_1", "/v1/videos/video_1/content"


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        yield gateway


@pytest.fixture
async def other() -> AsyncGenerator[Gateway]:
    """Another server, such as a file store; or a service of ours that nobody should reach."""
    async with Gateway() as other:
        other.on("GET", "/clip.mp4", Reply(body=MP4))
        yield other


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "clip.mp4"


def _redirect(url: str) -> Reply:
    return Reply(302, headers={"location": url})


def _completed(url: str) -> Reply:
    return Reply(body={"id": "video_1", "status": "completed", "url": url})


# --- the key ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["redirect", "link in the job", "link in the content"])
async def test_the_key_goes_to_no_other_host(
    gateway: Gateway, other: Gateway, target: Path, way: str
) -> None:
    url = f"{other.origin}/clip.mp4"
    gateway.on("GET", JOB, _completed(url))
    content = {
        "redirect": _redirect(url),
        "link in the job": Reply(404, {"detail": "Not Found"}),
        "link in the content": Reply(body={"url": url}),
    }
    gateway.on("GET", CONTENT, content[way])
    profile = replace(profile_of("custom"), trusted_origins=frozenset({Origin.of(other.origin)}))
    async with client_of(gateway, profile) as client:
        await client.download(REF, target)
    [request] = other.received
    assert KEY not in str(request)
    assert "authorization" not in request.headers
    assert all(KEY in one.headers["authorization"] for one in gateway.received)
    assert target.read_bytes() == MP4


async def test_the_key_comes_back_on_the_way_home_only(
    gateway: Gateway, other: Gateway, target: Path
) -> None:
    other.on("GET", "/bounce", _redirect(f"{gateway.origin}/clip.mp4"))
    gateway.on("GET", CONTENT, _redirect(f"{other.origin}/bounce"))
    gateway.on("GET", "/clip.mp4", Reply(body=MP4))
    profile = replace(profile_of("custom"), trusted_origins=frozenset({Origin.of(other.origin)}))
    async with client_of(gateway, profile) as client:
        await client.download(REF, target)
    assert "authorization" not in other.received[0].headers
    assert "authorization" in gateway.received[1].headers


async def test_a_profile_may_name_an_origin_that_needs_the_key(
    gateway: Gateway, other: Gateway, target: Path
) -> None:
    gateway.on("GET", CONTENT, _redirect(f"{other.origin}/clip.mp4"))
    profile = replace(profile_of("custom"), key_origins=frozenset({Origin.of(other.origin)}))
    async with client_of(gateway, profile) as client:
        await client.download(REF, target)
    assert KEY in other.received[0].headers["authorization"]


async def test_cookies_are_not_kept(gateway: Gateway) -> None:
    headers = {"set-cookie": "track=1; Path=/"}
    gateway.on("GET", JOB, replace(_completed("x"), headers=headers))
    async with client_of(gateway) as client:
        await client.fetch(REF)
        await client.fetch(REF)
    assert "cookie" not in gateway.received[1].headers


# --- our network ---------------------------------------------------------------------------------

INSIDE = [
    "http://127.0.0.1:{port}/clip.mp4",
    "http://localhost:{port}/clip.mp4",
    "http://0.0.0.0:{port}/clip.mp4",
    "http://[::1]:{port}/clip.mp4",
    "http://[::ffff:127.0.0.1]:{port}/clip.mp4",
    "http://2130706433:{port}/clip.mp4",
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.internal/computeMetadata/v1/",
    "http://10.0.0.1/",
    "http://public.example@127.0.0.1:{port}/clip.mp4",
    "file:///etc/passwd",
    "ftp://127.0.0.1/clip.mp4",
    "//127.0.0.1:{port}/clip.mp4",
    "http://127.0.0.1:{port}\\@public.example/clip.mp4",
    "javascript:alert(1)",
    "http://",
]


async def _resolve(host: str, port: int) -> Sequence[str]:
    """What an unlucky network would say."""
    known = {"metadata.internal": "169.254.169.254", "2130706433": "127.0.0.1", "::1": "::1"}
    return [known.get(host, host if host[0].isdigit() or ":" in host else "127.0.0.1")]


@pytest.mark.parametrize("way", ["redirect", "link"])
@pytest.mark.parametrize("url", INSIDE)
async def test_nothing_inside_our_network_is_opened(
    gateway: Gateway, other: Gateway, target: Path, url: str, way: str
) -> None:
    url = url.format(port=other.port)
    gateway.on("GET", CONTENT, _redirect(url) if way == "redirect" else Reply(404))
    gateway.on("GET", JOB, _completed(url))
    async with client_of(gateway, resolve=_resolve) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.download(REF, target)
    assert isinstance(caught.value, (Transient, errors.AssetExpired))
    assert other.received == []
    assert not target.exists()


async def test_questions_are_not_led_inside_either(gateway: Gateway, other: Gateway) -> None:
    other.on("GET", "/secret", Reply(body={"id": "video_1", "status": "completed"}))
    gateway.on("GET", JOB, _redirect(f"{other.origin}/secret"))
    gateway.on("GET", "/v1/videos", _redirect(f"{other.origin}/secret"))
    async with client_of(gateway) as client:
        for call in (client.fetch(REF), client.list_jobs(0)):
            with pytest.raises(Transient, match="not a public address"):
                await call
    assert other.received == []


async def test_a_create_never_follows_a_redirect(gateway: Gateway, other: Gateway) -> None:
    for status in (301, 302, 303, 307, 308):
        headers = {"location": f"{other.origin}/v1/videos"}
        gateway.on("POST", "/v1/videos", Reply(status, headers=headers))
        async with client_of(gateway) as client:
            with pytest.raises(errors.ProviderError):
                await client.submit(WISH)
    assert other.received == []
    assert gateway.count("POST") == len(gateway.received) == 5


@pytest.mark.parametrize("location", ["javascript:alert(1)", "http://[", "http://h:x"])
async def test_a_target_that_is_no_url_changes_nothing(gateway: Gateway, location: str) -> None:
    reply = Reply(302, headers={"location": location})
    gateway.on("POST", "/v1/videos", reply)
    gateway.on("GET", JOB, reply)
    async with client_of(gateway) as client:
        with pytest.raises(AmbiguousSubmit):
            await client.submit(WISH)
        with pytest.raises(Transient):
            await client.fetch(REF)
    assert len(gateway.received) == 2


# --- our memory and patience ---------------------------------------------------------------------


async def test_an_endless_answer_is_cut(gateway: Gateway) -> None:
    gateway.on("GET", JOB, Reply(body=b" " * 3_000_000))
    async with client_of(gateway, limits=Limits(answer_bytes=1_000_000)) as client:
        with pytest.raises(Transient):
            await client.fetch(REF)


async def test_a_bomb_unpacks_to_no_more_than_an_answer_may_have(gateway: Gateway) -> None:
    bomb = gzip.compress(b'{"id": "video_1", "x": "' + b"x" * 50_000_000)
    assert len(bomb) < 100_000
    gateway.on("POST", "/v1/videos", Reply(body=bomb, headers={"content-encoding": "gzip"}))
    tracemalloc.start()
    async with client_of(gateway, limits=Limits(answer_bytes=1_000_000)) as client:
        with pytest.raises(AmbiguousSubmit) as caught:
            await client.submit(WISH)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000
    assert len(caught.value.message) <= 300


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip", "gzip, gzip", "nonsense"])
async def test_an_answer_in_an_unknown_wrapping_is_not_understood(
    gateway: Gateway, encoding: str
) -> None:
    gateway.on(
        "POST", "/v1/videos", Reply(body=b"\x8b\x00", headers={"content-encoding": encoding})
    )
    async with client_of(gateway) as client:
        with pytest.raises(AmbiguousSubmit):
            await client.submit(WISH)


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"id":' + b"9" * 9000 + b"}", b'{"id": "\\ud800"}', b"\xff" * 100, b"NaN"],
    ids=["deep", "huge number", "half a character", "no text", "nan"],
)
async def test_odd_bodies_are_answers_nobody_understands(gateway: Gateway, body: bytes) -> None:
    gateway.on("POST", "/v1/videos", Reply(body=body))
    gateway.on("GET", JOB, Reply(body=body))
    async with client_of(gateway) as client:
        with pytest.raises(AmbiguousSubmit):
            await client.submit(WISH)
        with pytest.raises(Transient):
            await client.fetch(REF)


async def test_control_characters_do_not_reach_logs_or_chats(gateway: Gateway) -> None:
    words = "\x1b[2Jline one\r\nINFO forged line\x00"
    gateway.on("POST", "/v1/videos", Reply(400, {"error": {"message": words}}))
    async with client_of(gateway) as client:
        with pytest.raises(errors.InvalidRequest) as caught:
            await client.submit(WISH)
    assert caught.value.message == "[2Jline one INFO forged line"
