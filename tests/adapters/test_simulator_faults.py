"""Everything that can be made to go wrong, over a real connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from adapters.media.probe import probe_file
from adapters.providers.simulator.faults import Fault, Hint, Kind
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.serve import run_simulator
from bot.errors import TruncatedVideo
from tests.fakes.clock import START, FakeClock
from tests.payloads.simulated import INSTANT, KITE, QUICK, Simulated, simulated


@dataclass(frozen=True)
class Wire:
    """A client on a real connection."""

    http: httpx.AsyncClient
    machine: Machine

    async def post(self) -> httpx.Response:
        return await self.http.post("/videos", json=KITE)

    @property
    def counts(self) -> tuple[int, int]:
        """Creates that arrived, and jobs that came of them."""
        stats = self.machine.stats()
        return stats["posts"], stats["accepted"]


@pytest.fixture
async def wire() -> AsyncGenerator[Wire]:
    async with (
        run_simulator(INSTANT, clock=FakeClock()) as running,
        httpx.AsyncClient(base_url=running.url, trust_env=False) as http,
    ):
        yield Wire(http, running.machine)


@pytest.fixture
async def sim() -> AsyncGenerator[Simulated]:
    async with simulated(INSTANT, FakeClock()) as running:
        yield running


# --- too many requests ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hint, wait_ms, headers",
    [
        (Hint.SECONDS, 1500, {"retry-after": "2"}),
        (Hint.MILLISECONDS, 1500, {"retry-after-ms": "1500"}),
        (Hint.RESET, 12, {"x-ratelimit-reset-requests": "12ms"}),
        (Hint.RESET, 1500, {"x-ratelimit-reset-requests": "1.5s"}),
        (Hint.RESET, 123_000, {"x-ratelimit-reset-requests": "2m3s"}),
        (Hint.NONE, 1500, {}),
    ],
)
async def test_a_rate_limit_says_in_its_own_way_when_to_come_back(
    sim: Simulated, hint: Hint, wait_ms: int, headers: dict[str, str]
) -> None:
    sim.machine.plan(Fault(Kind.RATE_LIMITED, hint=hint, wait_ms=wait_ms))
    answer = await sim.http.post("/videos", json=KITE)
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"
    names = ("retry-after", "retry-after-ms", "x-ratelimit-reset-requests")
    assert {name: answer.headers[name] for name in names if name in answer.headers} == headers
    assert sim.machine.stats()["accepted"] == 0
    assert (await sim.http.post("/videos", json=KITE)).status_code == 200


async def test_a_rate_limit_may_name_a_date(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.RATE_LIMITED, hint=Hint.DATE, wait_ms=90_000))
    answer = await sim.http.post("/videos", json=KITE)
    when: datetime = parsedate_to_datetime(answer.headers["retry-after"])
    assert when.timestamp() == (START + 90_000) // 1000


async def test_a_limit_of_renders_has_no_code_and_no_hint(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.CONCURRENCY))
    answer = await sim.http.post("/videos", json=KITE)
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] is None
    assert "retry-after" not in answer.headers


async def test_an_empty_account_is_a_429_of_another_type(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.BILLING))
    answer = await sim.http.post("/videos", json=KITE)
    assert answer.status_code == 429
    assert answer.json()["error"]["type"] == "insufficient_quota"


async def test_a_fault_happens_as_often_as_planned_after_what_goes_well(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.RATE_LIMITED, times=2, skip=1))
    answers = [(await sim.http.post("/videos", json=KITE)).status_code for _ in range(4)]
    assert answers == [200, 429, 429, 200]


async def test_a_fault_may_never_end(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.RATE_LIMITED, times=0))
    answers = [(await sim.http.post("/videos", json=KITE)).status_code for _ in range(5)]
    assert answers == [429] * 5


# --- lost and broken answers ------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("accepted", [True, False])
async def test_a_server_error_may_come_before_or_after_the_job_was_taken(
    sim: Simulated, status: int, *, accepted: bool
) -> None:
    sim.machine.plan(Fault(Kind.SERVER_ERROR, status=status, accepted=accepted))
    answer = await sim.http.post("/videos", json=KITE)
    assert answer.status_code == status
    assert sim.machine.stats()["accepted"] == int(accepted)
    listed = (await sim.http.get("/videos")).json()["data"]
    assert len(listed) == int(accepted)


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_answer_is_lost_with_its_connection(wire: Wire, *, accepted: bool) -> None:
    wire.machine.plan(Fault(Kind.LOST_ANSWER, accepted=accepted))
    with pytest.raises(httpx.RemoteProtocolError):
        await wire.post()
    assert wire.counts == (1, int(accepted))
    assert (await wire.post()).status_code == 200


async def test_a_lost_answer_may_meet_any_operation(wire: Wire) -> None:
    job = (await wire.post()).json()
    for operation, call in (
        ("retrieve", wire.http.get(f"/videos/{job['id']}")),
        ("list", wire.http.get("/videos")),
        ("content", wire.http.get(f"/videos/{job['id']}/content")),
    ):
        wire.machine.plan(Fault(Kind.LOST_ANSWER, on=operation))
        with pytest.raises(httpx.RemoteProtocolError):
            await call


async def test_an_answer_may_be_half_a_json_text(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.BROKEN_JSON, accepted=True))
    answer = await sim.http.post("/videos", json=KITE)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert sim.machine.stats()["accepted"] == 1


async def test_a_slow_answer_comes_after_the_job_was_taken(wire: Wire) -> None:
    wire.machine.plan(Fault(Kind.SLOW, wait_ms=100, times=2))
    assert (await wire.post()).status_code == 200
    with pytest.raises(httpx.ReadTimeout):
        await wire.http.post("/videos", json=KITE, timeout=0.05)
    assert wire.counts == (2, 2)


# --- downloads --------------------------------------------------------------------------------


async def _ready(wire: Wire) -> str:
    job = (await wire.post()).json()
    path = f"/videos/{job['id']}"
    while (await wire.http.get(path)).json()["status"] != "completed":  # noqa: ASYNC110 - it is asked over HTTP
        await asyncio.sleep(0.02)
    return f"{path}/content"


async def test_a_cut_download_can_be_resumed_where_it_ended(wire: Wire) -> None:
    path = await _ready(wire)
    whole = await wire.http.get(path)
    wire.machine.plan(Fault(Kind.TRUNCATED, part=0.4))
    got = bytearray()

    async def download() -> None:
        async with wire.http.stream("GET", path) as answer:
            async for chunk in answer.aiter_bytes():
                got.extend(chunk)

    with pytest.raises(httpx.RemoteProtocolError):
        await download()
    assert len(got) == int(len(whole.content) * 0.4)
    head = {"range": f"bytes={len(got)}-", "if-range": whole.headers["etag"]}
    rest = await wire.http.get(path, headers=head)
    assert rest.status_code == 206
    assert got + rest.content == whole.content


async def test_the_resumed_part_may_be_cut_too(wire: Wire) -> None:
    path = await _ready(wire)
    wire.machine.plan(Fault(Kind.TRUNCATED, part=0.5))
    with pytest.raises(httpx.RemoteProtocolError):
        await wire.http.get(path, headers={"range": "bytes=1000-"})


async def test_a_download_may_be_a_web_page(sim: Simulated) -> None:
    job = await sim.finished()
    sim.machine.plan(Fault(Kind.HTML))
    answer = await sim.http.get(f"/videos/{job['id']}/content")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.content.startswith(b"<!doctype html>")


async def test_a_download_may_lack_its_end_without_saying_so(
    sim: Simulated, tmp_path: Path
) -> None:
    job = await sim.finished()
    sim.machine.plan(Fault(Kind.SHORT_FILE, part=0.7))
    answer = await sim.http.get(f"/videos/{job['id']}/content")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    (tmp_path / "clip.mp4").write_bytes(answer.content)
    with pytest.raises(TruncatedVideo):
        probe_file(tmp_path / "clip.mp4")


# --- jobs that end badly ----------------------------------------------------------------------


async def test_a_job_may_fail_by_the_content_rules_or_for_another_reason() -> None:
    async with simulated(QUICK) as sim:
        sim.machine.plan(Fault(Kind.MODERATED), Fault(Kind.FAILED))
        codes = [(await sim.until((await sim.create())["id"]))["error"]["code"] for _ in range(2)]
        assert codes == ["moderation_blocked", "video_generation_failed"]


async def test_a_remix_may_fail_too() -> None:
    async with simulated(QUICK) as sim:
        parent = await sim.finished()
        sim.machine.plan(Fault(Kind.MODERATED, on="remix"))
        path = f"/videos/{parent['id']}/remix"
        child = (await sim.http.post(path, json={"prompt": "at night"})).json()
        assert (await sim.until(child["id"]))["status"] == "failed"


async def test_a_job_may_never_end_and_does_not_keep_others_from_ending() -> None:
    clock = FakeClock()
    async with simulated(replace(QUICK, slots=1, render_ms=1000), clock) as sim:
        sim.machine.plan(Fault(Kind.NEVER_ENDS))
        stuck = await sim.create()
        other = await sim.create()
        await clock.run_for(3_600_000)
        assert (await sim.until(other["id"]))["status"] == "completed"
        assert (await sim.see(stuck["id"]))["status"] == "in_progress"
        assert (await sim.see(stuck["id"]))["progress"] == 99


async def test_a_prompt_may_be_refused_at_once(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.REFUSED))
    answer = await sim.http.post("/videos", json=KITE)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "moderation_blocked"


async def test_a_model_may_retire_between_two_jobs(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.RETIRED_MODEL))
    answer = await sim.http.post("/videos", json=KITE)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "model_not_found"
