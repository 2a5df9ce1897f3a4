"""A simulator with a folder remembers its jobs and goes on where it was stopped."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.simulator.serve import run_simulator
from adapters.providers.simulator.settings import SimulatorSettings
from tests.fakes.clock import FakeClock
from tests.payloads.clips import gone, seen
from tests.payloads.simulated import KITE, QUICK, picture, simulated


@pytest.fixture
def kept(tmp_path: Path) -> SimulatorSettings:
    return replace(QUICK, state_dir=tmp_path / "state")


async def test_finished_jobs_and_their_clips_are_remembered(kept: SimulatorSettings) -> None:
    async with simulated(kept) as sim:
        before = await sim.finished()
        film = await sim.film(before)
    async with simulated(kept) as sim:
        assert await sim.see(before["id"]) == before
        assert await sim.film(before) == film
        listed = (await sim.http.get("/videos")).json()["data"]
        assert listed == [before]


async def test_a_job_that_was_rendering_is_finished_after_the_restart(
    kept: SimulatorSettings,
) -> None:
    clock = FakeClock()
    slow = replace(kept, queue_ms=1000, render_ms=10_000, slots=1)
    async with simulated(slow, clock) as sim:
        first, second = await sim.create(), await sim.create(prompt="hills")
        await clock.run_for(4000)
        assert (await sim.see(first["id"]))["progress"] == 30
    async with simulated(slow, clock) as sim:
        await clock.run_for(1000)
        assert (await sim.see(first["id"]))["progress"] == 40
        assert (await sim.see(second["id"]))["status"] == "queued"
        await clock.run_for(6000)
        assert (await sim.until(first["id"]))["status"] == "completed"
        await clock.run_for(11_000)
        assert (await sim.until(second["id"]))["status"] == "completed"


async def test_what_was_going_to_happen_to_a_job_still_happens(kept: SimulatorSettings) -> None:
    clock = FakeClock()
    async with simulated(replace(kept, render_ms=1000), clock) as sim:
        sim.machine.plan(Fault(Kind.FAILED))
        job = await sim.create()
    async with simulated(replace(kept, render_ms=1000), clock) as sim:
        await clock.run_for(2000)
        assert (await sim.until(job["id"]))["error"]["code"] == "video_generation_failed"


async def test_a_reference_picture_survives_a_restart_and_a_move(
    kept: SimulatorSettings, tmp_path: Path
) -> None:
    clock = FakeClock()
    async with simulated(replace(kept, queue_ms=1000), clock) as sim:
        files = {"input_reference": ("first.png", picture(), "image/png")}
        job = (await sim.http.post("/videos", data=KITE, files=files)).json()
    moved = tmp_path / "moved"
    assert kept.state_dir
    kept.state_dir.rename(moved)
    async with simulated(replace(kept, state_dir=moved), clock) as sim:
        await clock.run_for(1000)
        assert (await sim.until(job["id"]))["status"] == "completed"


async def test_the_order_of_jobs_goes_on_after_a_restart(kept: SimulatorSettings) -> None:
    names: list[str] = []
    for _ in range(3):
        async with simulated(kept) as sim:
            names.append((await sim.create())["id"])
            listed = (await sim.http.get("/videos?order=asc")).json()["data"]
            assert [job["id"] for job in listed] == names


async def test_a_deleted_job_stays_deleted(kept: SimulatorSettings) -> None:
    async with simulated(kept) as sim:
        job = await sim.finished()
        await sim.http.delete(f"/videos/{job['id']}")
    async with simulated(kept) as sim:
        assert (await sim.http.get(f"/videos/{job['id']}")).status_code == 404


async def test_a_damaged_file_costs_one_job_and_no_more(kept: SimulatorSettings) -> None:
    async with simulated(kept) as sim:
        good = await sim.finished()
    assert kept.state_dir
    folder = kept.state_dir / "jobs"
    (folder / "broken.json").write_text('{"id": "video_x"')
    (folder / "strange.json").write_text('["not", "a", "job"]')
    (folder / "half.part").write_text("{")
    async with simulated(kept) as sim:
        listed = (await sim.http.get("/videos")).json()["data"]
        assert [job["id"] for job in listed] == [good["id"]]


async def test_every_change_is_on_disk_before_it_is_told(kept: SimulatorSettings) -> None:
    assert kept.state_dir
    clock = FakeClock()
    async with simulated(replace(kept, queue_ms=1000, render_ms=1000), clock) as sim:
        job = await sim.create()
        files = list((kept.state_dir / "jobs").iterdir())
        assert [json.loads(file.read_text())["id"] for file in files] == [job["id"]]
        await clock.run_for(1500)
        assert json.loads(files[0].read_text())["started_at"] is not None


# --- the server as a process of ours ----------------------------------------------------------


async def test_two_simulators_live_side_by_side_on_ports_of_their_own() -> None:
    async with run_simulator(QUICK) as one, run_simulator(QUICK) as other:
        assert one.url != other.url
        async with httpx.AsyncClient(trust_env=False) as http:
            for sim in (one, other):
                assert (await http.get(f"{sim.origin}/health")).json()["simulated"] is True


async def test_a_port_that_is_taken_is_told_at_once() -> None:
    async with run_simulator(QUICK) as one:
        port = int(one.origin.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            async with run_simulator(QUICK, port=port):
                pass


async def test_a_folder_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        async with run_simulator(replace(QUICK, state_dir=tmp_path / "file" / "state")):
            pass


async def test_a_start_that_fails_inside_is_told_and_not_an_exit(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "clips").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="could not start"):
        async with run_simulator(replace(QUICK, state_dir=state)):
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_the_end_of_a_server_is_the_end_of_its_renders(tmp_path: Path) -> None:
    state = tmp_path / "state"
    settings = replace(QUICK, state_dir=state, fps=24)
    async with (
        run_simulator(settings) as sim,
        httpx.AsyncClient(base_url=sim.url, trust_env=False) as http,
    ):
        for prompt in ("hills", "the sea"):
            body = {**KITE, "prompt": prompt, "seconds": "20"}
            assert (await http.post("/videos", json=body)).status_code == 200
        assert await seen(f"file:{state}/clips/work")
    assert await gone(str(state))
    assert not (state / "clips" / "work").exists()


async def test_an_open_answer_does_not_hold_up_the_end() -> None:
    started = asyncio.get_running_loop().time()
    async with (
        run_simulator(QUICK) as sim,
        httpx.AsyncClient(base_url=sim.url, trust_env=False) as http,
    ):
        sim.machine.plan(Fault(Kind.SLOW, on="list", wait_ms=60_000))
        waiting = asyncio.create_task(http.get("/videos"))
        await asyncio.sleep(0.1)
        waiting.cancel()
    assert asyncio.get_running_loop().time() - started < 5
