"""The habits of other servers of this contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.providers.simulator.dialects import DIALECTS
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.simulator.settings import SimulatorSettings
from tests.fakes.clock import FakeClock
from tests.payloads.simulated import INSTANT, KITE, QUICK, Simulated, simulated


def speaking(dialect: str, settings: SimulatorSettings = INSTANT) -> SimulatorSettings:
    return replace(settings, dialect=dialect)


async def done(sim: Simulated) -> dict[str, object]:
    """A job that is completed, made as this dialect takes it."""
    answer = await sim.http.post(
        "/videos", files={name: (None, text) for name, text in KITE.items()}
    )
    assert answer.status_code == 200
    return await sim.until(answer.json()["id"])


@pytest.mark.parametrize("name", DIALECTS)
async def test_every_dialect_takes_a_form_and_ends_with_a_clip(name: str) -> None:
    async with simulated(speaking(name)) as sim:
        job = await done(sim)
        content = await sim.http.get(f"/videos/{job['id']}/content")
        assert content.content[4:8] == b"ftyp"


@pytest.mark.parametrize("name", DIALECTS)
async def test_every_dialects_jobs_outlive_a_restart(name: str, tmp_path: Path) -> None:
    settings = replace(speaking(name), state_dir=tmp_path)
    async with simulated(settings) as sim:
        job = await done(sim)
    async with simulated(settings) as sim:
        assert await sim.see(str(job["id"])) == job


async def test_litellm_leaves_fields_out_and_has_its_own_word_for_running() -> None:
    async with simulated(speaking("litellm", QUICK), FakeClock()) as sim:
        job = await sim.create()
        assert set(job) == {"id", "object", "status", "model"}
        assert job["status"] == "processing"
        assert len(job["id"]) > 100
        assert (await sim.see(job["id"]))["status"] == "processing"


async def test_litellm_neither_deletes_nor_remixes() -> None:
    async with simulated(speaking("litellm")) as sim:
        job = await done(sim)
        assert (await sim.http.delete(f"/videos/{job['id']}")).status_code == 405
        remix = await sim.http.post(f"/videos/{job['id']}/remix", json={"prompt": "night"})
        assert remix.status_code == 500
        assert remix.json()["error"]["code"] == "500"
        assert job["usage"] == {"duration_seconds": 4.0}


async def test_litellm_ignores_the_variant() -> None:
    async with simulated(speaking("litellm")) as sim:
        job = await done(sim)
        answer = await sim.http.get(f"/videos/{job['id']}/content?variant=thumbnail")
        assert answer.headers["content-type"] == "video/mp4"


async def test_vllm_tells_of_a_failed_job_with_an_error_status_and_a_number() -> None:
    async with simulated(speaking("vllm-omni", QUICK)) as sim:
        sim.machine.plan(Fault(Kind.MODERATED), Fault(Kind.FAILED))
        for code in (400, 500):
            form = {"prompt": (None, "a red kite")}
            job = (await sim.http.post("/videos", files=form)).json()
            await sim.until(job["id"])
            answer = await sim.http.get(f"/videos/{job['id']}")
            assert answer.status_code == code
            assert answer.json()["id"] == job["id"]
            assert answer.json()["error"]["code"] == code
            content = await sim.http.get(f"/videos/{job['id']}/content")
            assert content.status_code == 422


async def test_vllm_takes_forms_only_and_knows_no_progress() -> None:
    clock = FakeClock()
    async with simulated(speaking("vllm-omni", replace(QUICK, render_ms=10_000)), clock) as sim:
        assert (await sim.http.post("/videos", json=KITE)).status_code == 400
        job = (await sim.http.post("/videos", files={"prompt": (None, "a red kite")})).json()
        assert job["id"].startswith("video_gen_")
        await clock.run_for(5000)
        assert (await sim.see(job["id"]))["progress"] == 0


async def test_vllm_deletes_a_running_job() -> None:
    async with simulated(
        speaking("vllm-omni", replace(QUICK, render_ms=60_000)), FakeClock()
    ) as sim:
        job = (await sim.http.post("/videos", files={"prompt": (None, "a red kite")})).json()
        assert (await sim.http.delete(f"/videos/{job['id']}")).json()["deleted"] is True
        assert (await sim.http.get(f"/videos/{job['id']}")).status_code == 404


async def test_sglang_tells_errors_as_detail_and_numbers_its_variants() -> None:
    async with simulated(speaking("sglang")) as sim:
        job = await done(sim)
        path = f"/videos/{job['id']}/content"
        assert (await sim.http.get(f"{path}?variant=0")).headers["content-type"] == "video/mp4"
        wrong = await sim.http.get(f"{path}?variant=video")
        assert wrong.status_code == 404
        assert set(wrong.json()) == {"detail"}
        assert job["url"] == f"http://simulator/v1{path}"
        assert job["urls"] == [job["url"]]
        gone = (await sim.http.delete(f"/videos/{job['id']}")).json()
        assert (gone["id"], gone["status"]) == (job["id"], "deleted")


async def test_new_api_has_flat_errors_and_a_second_id() -> None:
    async with simulated(speaking("new-api")) as sim:
        job = await done(sim)
        assert str(job["id"]).startswith("task_")
        assert job["task_id"] == job["id"]
        assert job["metadata"] == {"url": f"http://simulator/v1/videos/{job['id']}/content"}
        wrong = await sim.http.post("/videos", json={**KITE, "size": "1x1"})
        assert wrong.json()["code"] == "invalid_value"
        assert set(wrong.json()) == {"code", "message", "data"}


async def test_new_api_hides_behind_chinese_which_429_it_is() -> None:
    async with simulated(speaking("new-api")) as sim:
        sim.machine.plan(Fault(Kind.RATE_LIMITED), Fault(Kind.BILLING))
        limited = (await sim.http.post("/videos", json=KITE)).json()
        empty = (await sim.http.post("/videos", json=KITE)).json()
        assert limited["message"] == empty["message"]
        assert not limited["message"].isascii()
        assert [limited["code"], empty["code"]] == ["rate_limit_exceeded", "insufficient_quota"]


async def test_new_api_has_no_list_and_an_odd_first_word() -> None:
    async with simulated(speaking("new-api", replace(QUICK, queue_ms=60_000)), FakeClock()) as sim:
        job = await sim.create()
        assert job["status"] == "NOT_START"
        assert (await sim.http.get("/videos")).status_code == 405
        assert (await sim.http.get(f"/videos/{job['id']}/content")).status_code == 400
