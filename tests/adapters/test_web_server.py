"""The server starts in the bot's loop, and leaves nothing behind when it stops."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import httpx
import pytest

from adapters.blobs import DiskBlobs
from adapters.clock import SystemClock
from adapters.web.platform import WebChat
from adapters.web.server import Binding, WebServer, waiting_room
from adapters.web.views import Site
from bot.domain.catalogue import Catalogue
from bot.domain.library import LibraryFilter
from bot.domain.refs import Person
from bot.domain.reports import By, Report, When, report_of
from bot.domain.tickets import Ticket
from bot.errors import ConfigError
from tests.fakes.transcript import MemoryTranscript


class EmptyPanel:
    async def jobs(self, viewer: Person, limit: int) -> tuple[()]:
        return ()

    async def gallery(self, which: LibraryFilter) -> tuple[tuple[()], None]:
        return (), None

    async def ledger(self, viewer: Person, limit: int) -> tuple[()]:
        return ()

    async def usage(self, viewer: Person) -> Report:
        return report_of(By.USER, When.MONTH, ())

    async def picture(self, usage: Report) -> None:
        return None

    async def wallet(self, viewer: Person) -> tuple[int, int]:
        return 0, 0

    async def styles(self, viewer: Person) -> tuple[()]:
        return ()

    async def health(self) -> tuple[()]:
        return ()


async def ready() -> bool:
    return True


async def admits(_: Ticket) -> bool:
    return True


@pytest.fixture
def transcript() -> MemoryTranscript:
    return MemoryTranscript()


@pytest.fixture
def site(tmp_path: Path, transcript: MemoryTranscript) -> Site:
    clock = SystemClock()
    blobs = DiskBlobs(tmp_path, lambda: None, b"secret", clock)
    return Site(
        WebChat(transcript, clock), EmptyPanel(), lambda: Catalogue(()), blobs, clock, admits
    )


# NiceGUI keeps one application for the whole process, so one test starts it and looks at it all.
async def test_it_listens_answers_and_leaves_nothing_behind(
    site: Site, transcript: MemoryTranscript
) -> None:
    tasks, handler = asyncio.all_tasks(), signal.getsignal(signal.SIGINT)
    server = WebServer(site, Binding(port=0), ready)
    await server.stop()
    assert server.url is None

    url = await server.start()
    assert (url, url.startswith("http://127.0.0.1:")) == (server.url, True)
    assert signal.getsignal(signal.SIGINT) is handler
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/healthz")).json() == {"alive": True}
        page = await http.get("/?as=nobody")
        assert (page.status_code, "#studio" in page.text) == (200, True)
        for address in ("/assets/frame.css", "/favicon.ico"):
            assert (await http.get(address)).status_code == 200
        renamed = await http.get("/", headers={"Host": "evil.example"})
        assert renamed.status_code == 400
    assert transcript.listeners > 0

    with pytest.raises(ConfigError, match="Choose another port"):
        await WebServer(site, Binding(port=int(url.rsplit(":", 1)[1])), ready).start()

    await server.stop()
    await server.stop()
    assert asyncio.all_tasks() == tasks
    assert transcript.listeners == 0
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(url)


def test_a_port_of_somebody_else_is_named_in_one_sentence(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = WebServer(site, Binding(port=port), ready)
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}: Address"):
            asyncio.run(server.start())


def test_an_open_server_without_a_token_is_never_built(site: Site) -> None:
    with pytest.raises(ConfigError, match="needs a token"):
        WebServer(site, Binding(host="0.0.0.0"), ready)  # noqa: S104 - the case in question


async def test_a_bot_that_waits_for_its_turn_is_alive_and_not_ready() -> None:
    tasks = asyncio.all_tasks()
    async with waiting_room(Binding(port=0)) as url, httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/healthz")).json() == {"alive": True}
        readiness = await http.get("/readyz")
        assert (readiness.status_code, readiness.json()) == (503, {"ready": False})
        assert (await http.post("/webhooks/default")).status_code == 503
        with pytest.raises(ConfigError, match="Choose another port"):
            async with waiting_room(Binding(port=int(url.rsplit(":", 1)[1]))):
                raise AssertionError("two listen there")
    assert asyncio.all_tasks() == tasks
