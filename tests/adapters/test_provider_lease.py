"""A bot that was paused while another took over sends no request that changes anything."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.errors import AmbiguousSubmit, Transient
from tests.fakes.gateway import REF, TAKEN, WISH, Gateway, Reply, client_of


@dataclass
class Paused:
    """Leads for so many questions, then never again."""

    after: int
    asked: int = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked <= self.after


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", "/v1/videos", TAKEN)
        gateway.on("GET", "/v1/videos/video_1", TAKEN)
        gateway.on("DELETE", "/v1/videos/video_1", Reply(200, {"deleted": True}))
        yield gateway


async def test_a_create_of_a_bot_that_no_longer_leads_surely_starts_nothing(
    gateway: Gateway,
) -> None:
    async with client_of(gateway, leads=Paused(0)) as client:
        with pytest.raises(Transient, match="another bot"):
            await client.submit(WISH)
    assert gateway.received == []


async def test_a_create_that_was_overtaken_after_its_head_is_never_whole(gateway: Gateway) -> None:
    async with client_of(gateway, leads=Paused(1)) as client:
        with pytest.raises(AmbiguousSubmit, match="another bot"):
            await client.submit(WISH)
    assert gateway.received == []
    assert gateway.connections == 1


async def test_a_create_with_a_picture_is_asked_about_before_each_piece(
    gateway: Gateway, tmp_path: Path
) -> None:
    picture = tmp_path / "frame.jpg"
    picture.write_bytes(b"\xff\xd8\xff" + b"x" * 300_000)
    wish = replace(WISH, image=picture)
    asked = Paused(1000)
    async with client_of(gateway, leads=asked) as client:
        await client.submit(wish)
    assert asked.asked > 4
    assert len(gateway.received) == 1
    async with client_of(gateway, leads=Paused(asked.asked - 1)) as client:
        with pytest.raises(AmbiguousSubmit):
            await client.submit(wish)
    assert len(gateway.received) == 1


async def test_neither_is_anything_deleted_or_stopped(gateway: Gateway) -> None:
    async with client_of(gateway, "openai", leads=Paused(0)) as client:
        with pytest.raises(Transient):
            await client.delete(REF)
    assert gateway.received == []


async def test_questions_are_still_asked(gateway: Gateway) -> None:
    async with client_of(gateway, leads=Paused(0)) as client:
        assert (await client.fetch(REF)).reference == REF
    assert len(gateway.received) == 1
