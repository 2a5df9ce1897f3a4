"""Links to files of videos, followed over HTTP: they end with what they were made for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from adapters.blobs import DiskBlobs
from adapters.web.guard import LOOPBACK, Guard, Rules
from adapters.web.routes import routes
from bot.domain.jobs import Job
from bot.services.shelf import LINK_LIFE
from bot.services.tickets import Tickets
from tests.fakes.chat import FakeChat
from tests.fakes.core import ANA, BEN, MARA, World
from tests.fakes.pair import OLGA, PAUL, Pair, serving

TOKEN = "a token of enough length"


class Visitor:
    """Follows links of a bot, without a token and from anywhere."""

    def __init__(self, pair: Pair, http: httpx.AsyncClient) -> None:
        self.pair = pair
        self._http = http

    async def gets(self, link: str, **headers: str) -> httpx.Response:
        """What comes of a link; part of a file where `headers` ask for that."""
        return await self._http.get(link.removeprefix("http://bot"), headers=headers)

    async def opens(self, *links: str) -> list[int]:
        """The status of each."""
        return [(await self.gets(link)).status_code for link in links]


@asynccontextmanager
async def listening(pair: Pair) -> AsyncGenerator[str]:
    """The bot's own server, with its files and no page: its address."""

    async def ready() -> bool:
        return True

    rules, admits = Rules(TOKEN, LOOPBACK), Tickets(pair.core.store).admits
    files = cast("DiskBlobs", pair.core.blobs)
    app = Guard(Starlette(routes=routes(files, admits, ready, rules, pair.core.clock)), rules)
    opened = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    running = asyncio.create_task(server.serve([opened]))
    try:
        yield f"http://127.0.0.1:{opened.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def visitor(tmp_path: Path, store_url: str) -> AsyncGenerator[Visitor]:
    async with (
        serving(World(tmp_path, store_url)) as pair,
        listening(pair) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as http,
    ):
        yield Visitor(pair, http)


def links(chat: FakeChat, job: Job, key: str = "") -> tuple[str, str]:
    """Those to the video of a job and to its still, as a message has them."""
    posts = [post for name, post in chat.posts.items() if name.startswith(key)]
    video = next(
        post.message.video
        for post in posts
        if post.message.video and job.id in post.message.video.filename
    )
    assert video.url
    assert video.poster_url
    return video.url, video.poster_url


async def test_a_link_opens_video_and_still_without_a_token_until_it_ends(
    visitor: Visitor,
) -> None:
    pair = visitor.pair
    job = await pair.made()
    video, still = links(pair.home, job)
    assert await visitor.opens(video, still) == [200, 200]
    part = await visitor.gets(video, Range="bytes=0-3")
    assert (part.status_code, len(part.content)) == (206, 4)
    pair.core.clock.advance(LINK_LIFE)
    assert await visitor.opens(video, still) == [404, 404]


async def test_whoever_has_the_file_is_told_that_it_is_the_same_and_loads_nothing(
    visitor: Visitor,
) -> None:
    pair = visitor.pair
    job = await pair.made()
    video, _ = links(pair.home, job)
    first = await visitor.gets(video)
    assert first.headers["Cache-Control"] == "private, no-cache"
    kept = {"If-None-Match": first.headers["ETag"]}
    again = await visitor.gets(video, **kept)
    assert (again.status_code, again.content) == (304, b"")
    await pair.does(f"/sora unpublish {job.id}")
    assert (await visitor.gets(video, **kept)).status_code == 410


@pytest.mark.parametrize("end", ["unpublish", "delete"])
async def test_what_is_taken_back_is_gone_at_once_and_back_once_it_is_published_again(
    visitor: Visitor, end: str
) -> None:
    pair = visitor.pair
    job = await pair.made()
    both = links(pair.home, job)
    await pair.does(f"/sora {end} {job.id}")
    gone = await visitor.gets(both[0])
    assert gone.status_code == 410
    assert gone.text == "This video was taken back, so this link shows it no more."
    assert gone.headers["Cache-Control"] == "no-store"
    assert await visitor.opens(*both) == [410, 410]
    if end == "delete":
        await pair.does(f"/sora restore {job.id}")
        assert await visitor.opens(*both) == [410, 410], "it is a draft"
    await pair.does(f"/sora publish {job.id} sure")
    assert await visitor.opens(*both) == [200, 200]


async def test_what_an_admin_took_down_is_gone_at_once(visitor: Visitor) -> None:
    pair = visitor.pair
    job = await pair.made()
    both = links(pair.home, job)
    await pair.does(f"/sora takedown {job.id} my logo", BEN)
    async with pair.core.store.reading() as tx:
        [wish] = await tx.takedowns.open(ANA.tenant, 9)
    await pair.does(f"/sora-admin takedown yes {wish.id}", MARA)
    assert await visitor.opens(*both) == [410, 410]


async def test_the_preview_of_a_draft_works_for_as_long_as_there_is_a_video(
    visitor: Visitor,
) -> None:
    pair = visitor.pair
    await pair.does("/sora-admin drafts all", MARA)
    job = await pair.made()
    preview = links(pair.home, job, "result/")
    assert await visitor.opens(*preview) == [200, 200]
    await pair.does(f"/sora publish {job.id} sure")
    shown = links(pair.home, job, "release/")
    assert await visitor.opens(*preview, *shown) == [200] * 4
    await pair.does(f"/sora unpublish {job.id}")
    assert await visitor.opens(*preview, *shown) == [200, 200, 410, 410]
    await pair.does(f"/sora delete {job.id}")
    assert await visitor.opens(*preview, *shown) == [410] * 4
    await pair.does(f"/sora restore {job.id}")
    assert await visitor.opens(*preview, *shown) == [200, 200, 410, 410]


async def test_what_is_taken_out_of_a_linked_workspace_ends_the_links_there_alone(
    visitor: Visitor,
) -> None:
    pair = visitor.pair
    job = await pair.published()
    home, there = links(pair.home, job)[0], links(pair.office, job)[0]
    assert await visitor.opens(home, there) == [200, 200]
    await pair.does(f"/sora unpublish {job.id}", OLGA)
    assert await visitor.opens(home, there) == [200, 410]


async def test_taking_it_back_at_home_ends_the_links_everywhere(visitor: Visitor) -> None:
    pair = visitor.pair
    job = await pair.published()
    await pair.does(f"/sora show {job.id}", PAUL)
    both = (links(pair.home, job)[0], links(pair.office, job, "show/")[0])
    assert await visitor.opens(*both) == [200, 200]
    await pair.does(f"/sora unpublish {job.id}")
    assert await visitor.opens(*both) == [410, 410]


async def test_nobody_makes_a_preview_of_a_link_for_everybody(visitor: Visitor) -> None:
    pair = visitor.pair
    job = await pair.made()
    video, _ = links(pair.home, job)
    await pair.does(f"/sora unpublish {job.id}")
    assert await visitor.opens(video.replace("%2Fweb%2Fdemo", "")) == [404]
    assert await visitor.opens(video.replace(f"for={job.id}", "for=j999999999")) == [404]
