"""The key is for the backend alone; what cannot work is told at the start."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import profile_of
from bot import errors
from bot.errors import (
    ConfigError,
)
from tests.fakes.clock import START, FakeClock
from tests.fakes.gateway import KEY, REF, TAKEN, WISH, Gateway, Reply, client_of


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", "/v1/videos", TAKEN)
        yield gateway


async def test_the_key_shows_up_nowhere(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Reply(400, {"error": {"message": f"Incorrect API key provided: {KEY} " + "x" * 900}})
    for method, path in (
        ("POST", "/v1/videos"),
        ("GET", "/v1/videos/video_1"),
        ("GET", "/v1/videos/video_1/content"),
        ("GET", "/v1/videos"),
        ("DELETE", "/v1/videos/video_1"),
    ):
        gateway.on(method, path, echo)
    async with client_of(gateway) as client:
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: client.submit(WISH),
            lambda: client.fetch(REF),
            lambda: client.download(REF, tmp_path / "x.mp4"),
            lambda: client.list_jobs(0),
            lambda: client.delete(REF),
        ]
        for call in calls:
            with pytest.raises(errors.ProviderError) as caught:
                await call()
            assert KEY not in f"{caught.value!r} {caught.value.message}"
            assert len(caught.value.message) <= 300
        assert KEY not in repr(client)
        assert KEY not in repr(vars(client)["_http"])
    assert KEY not in caplog.text
    assert "authorization" in gateway.received[0].headers


async def test_a_failed_job_s_words_hide_the_key_too(gateway: Gateway) -> None:
    body = {"id": "video_1", "status": "failed", "error": {"message": f"bad {KEY}"}}
    gateway.on("GET", "/v1/videos/video_1", Reply(body=body))
    async with client_of(gateway) as client:
        job = await client.fetch(REF)
    assert job.error is not None
    assert job.error.message == "bad ***"


@pytest.mark.parametrize(
    "url",
    ["", "gateway.example", "ftp://h/v1", "https://u:p@h/v1", "https://h/v1?x=1", "http://h:99999"],
)
def test_a_base_url_that_cannot_work_is_told_at_once(url: str) -> None:
    with pytest.raises(ConfigError):
        OpenAIVideos(profile_of("custom"), url, KEY, FakeClock())


@pytest.mark.parametrize("key", ["sk-1\nx: y", " sk-1", "ключ", "x" * 5000])
def test_a_key_that_no_header_can_carry_is_told_at_once(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        OpenAIVideos(profile_of("custom"), "https://h.example/v1", key, FakeClock())
    assert key not in str(caught.value)


async def test_the_name_is_the_catalogue_s(gateway: Gateway) -> None:
    client = OpenAIVideos(
        profile_of("custom"), gateway.url, "", FakeClock(START), name="my-gateway"
    )
    assert client.name == "my-gateway"
    await client.aclose()
