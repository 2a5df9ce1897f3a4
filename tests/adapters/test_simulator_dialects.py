"""The habits of other servers of this contract."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from adapters.providers.refusals import quoted
from adapters.providers.simulator.dialects import DIALECTS
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.simulator.settings import SimulatorSettings
from tests.fakes.clock import FakeClock
from tests.payloads.simulated import INSTANT, KITE, QUICK, Simulated, simulated


def speaking(dialect: str, settings: SimulatorSettings = INSTANT) -> SimulatorSettings:
    return replace(settings, dialect=dialect)


async def done(sim: Simulated) -> dict[str, object]:
    """A job that is completed, made as this dialect takes it, under the id of its create."""
    answer = await sim.http.post(
        "/videos", files={name: (None, text) for name, text in KITE.items()}
    )
    assert answer.status_code == 200
    name = answer.json()["id"]
    return {**await sim.until(name), "id": name}


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
        assert {**await sim.see(str(job["id"])), "id": job["id"]} == job


async def test_litellm_leaves_fields_out_and_has_its_own_word_for_running() -> None:
    async with simulated(speaking("litellm", QUICK), FakeClock()) as sim:
        job = await sim.create()
        assert set(job) == {"id", "object", "status", "model"}
        assert job["status"] == "processing"
        assert len(job["id"]) > 100
        assert (await sim.see(job["id"]))["status"] == "processing"


async def test_litellm_neither_deletes_nor_extends() -> None:
    async with simulated(speaking("litellm")) as sim:
        job = await done(sim)
        assert (await sim.http.delete(f"/videos/{job['id']}")).status_code == 405
        wish = {"video": {"id": job["id"]}, "prompt": "night", "seconds": "4"}
        longer = await sim.http.post("/videos/extensions", json=wish)
        assert longer.status_code == 500
        assert longer.json()["error"]["code"] == "500"
        assert job["usage"] == {"duration_seconds": 4.0}


async def test_litellm_names_a_job_by_its_whole_id_only_when_it_is_made() -> None:
    async with simulated(speaking("litellm")) as sim:
        job = await done(sim)
        asked = (await sim.see(str(job["id"])))["id"]
        [listed] = (await sim.http.get("/videos")).json()["data"]
        remix = await sim.http.post(f"/videos/{job['id']}/remix", json={"prompt": "night"})
        assert len({job["id"], asked, listed["id"]}) == 3
        for name in (asked, remix.json()["id"]):
            assert ";model_id:;" in packed(name)
            assert (await sim.http.get(f"/videos/{name}")).status_code == 404


def packed(name: str) -> str:
    """What is in one of LiteLLM's ids."""
    return base64.b64decode(name.removeprefix("video_")).decode()


async def test_litellm_s_list_can_be_read_page_by_page() -> None:
    async with simulated(speaking("litellm")) as sim:
        for _ in range(3):
            await done(sim)
        first = (await sim.http.get("/videos?limit=2")).json()
        rest = (await sim.http.get(f"/videos?limit=2&after={quote(first['last_id'])}")).json()
        assert (len(first["data"]), first["has_more"]) == (2, True)
        assert (len(rest["data"]), rest["has_more"]) == (1, False)


async def test_litellm_calls_some_failed_jobs_completed_and_has_no_file_of_them() -> None:
    async with simulated(speaking("litellm")) as sim:
        sim.machine.plan(Fault(Kind.FAILED), Fault(Kind.MODERATED))
        lost, refused = [(await sim.create())["id"] for _ in range(2)]
        job = await sim.until(lost)
        assert (job["status"], job["error"]) == ("completed", None)
        assert (await sim.http.get(f"/videos/{lost}/content")).status_code == 500
        job = await sim.until(refused)
        assert (job["status"], job["error"]["code"]) == ("failed", "moderation_blocked")


@pytest.mark.parametrize(
    "kind, status, type_",
    [
        (Kind.BILLING, 429, "throttling_error"),
        (Kind.REFUSED, 400, "invalid_request_error"),
        (Kind.SERVER_ERROR, 500, "internal_server_error"),
    ],
)
async def test_litellm_quotes_who_is_behind_it_and_has_the_rest_from_the_status(
    kind: Kind, status: int, type_: str
) -> None:
    async with simulated(speaking("openai")) as plain, simulated(speaking("litellm")) as sim:
        for one in (plain, sim):
            one.machine.plan(Fault(kind))
        said = (await plain.http.post("/videos", json=KITE)).json()
        answer = await sim.http.post("/videos", json=KITE)
        assert answer.status_code == status
        assert (answer.json()["error"]["type"], answer.json()["error"]["code"]) == (
            type_,
            str(status),
        )
        assert quoted(answer.json()) == said


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


async def test_vllm_lists_all_unless_it_is_asked_for_less() -> None:
    async with simulated(speaking("vllm-omni")) as sim:
        for _ in range(21):
            await done(sim)
        assert len((await sim.http.get("/videos")).json()["data"]) == 21
        assert len((await sim.http.get("/videos?limit=2")).json()["data"]) == 2
        assert (await sim.http.get("/videos?limit=101")).status_code == 400


async def test_sglang_lists_twenty_and_never_none() -> None:
    async with simulated(speaking("sglang")) as sim:
        for _ in range(21):
            await done(sim)
        assert len((await sim.http.get("/videos")).json()["data"]) == 20
        assert (await sim.http.get("/videos?limit=0")).status_code == 400


async def test_sglang_forgets_a_job_that_it_goes_on_rendering() -> None:
    clock = FakeClock()
    settings = speaking("sglang", replace(QUICK, render_ms=60_000, slots=1))
    async with simulated(settings, clock) as sim:
        first = await sim.create()
        await clock.run_for(1000)
        assert (await sim.http.delete(f"/videos/{first['id']}")).json()["status"] == "deleted"
        assert (await sim.http.get(f"/videos/{first['id']}")).status_code == 404
        second = await sim.create()
        await clock.run_for(1000)
        assert (await sim.see(second["id"]))["status"] == "queued"


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
        assert (await sim.http.get("/videos")).status_code == 404
        assert (await sim.http.get(f"/videos/{job['id']}/content")).status_code == 400


async def test_new_api_says_no_in_two_shapes() -> None:
    async with simulated(replace(speaking("new-api"), token="k")) as sim:
        key = {"authorization": "Bearer k"}
        shut = await sim.http.get("/videos/task_none")
        assert (shut.status_code, shut.json()["error"]["type"]) == (401, "new_api_error")
        unknown = await sim.http.get("/videos/task_none", headers=key)
        assert (unknown.status_code, unknown.json()["code"]) == (400, "task_not_exist")
        content = await sim.http.get("/videos/task_none/content", headers=key)
        assert content.json()["error"]["type"] == "invalid_request_error"


async def test_new_api_gives_a_part_of_a_file() -> None:
    async with simulated(speaking("new-api")) as sim:
        job = await done(sim)
        part = await sim.http.get(f"/videos/{job['id']}/content", headers={"range": "bytes=4-7"})
        assert (part.status_code, part.content) == (206, b"ftyp")


async def test_azure_wants_its_own_header_and_sells_small_sizes_of_one_deployment() -> None:
    async with simulated(replace(speaking("azure"), token="k")) as sim:
        bearer = await sim.http.get("/videos", headers={"authorization": "Bearer k"})
        assert (bearer.status_code, bearer.json()["error"]["code"]) == (401, "401")
        sim.http.headers["api-key"] = "k"
        large = await sim.http.post("/videos", json={**KITE, "size": "1792x1024"})
        assert large.status_code == 400
        assert large.json()["error"]["type"] == "video_generation_user_error"
        other = await sim.http.post("/videos", json={**KITE, "model": "sora-2-pro"})
        assert (other.status_code, other.json()["error"]["code"]) == (404, "DeploymentNotFound")
        sim.machine.plan(Fault(Kind.CONCURRENCY))
        many = await sim.http.post("/videos", json=KITE)
        assert (many.status_code, many.json()["error"]["code"]) == (429, None)
        assert many.json()["error"]["type"] == "video_generation_user_error"
        job = await sim.finished()
        assert (await sim.http.delete(f"/videos/{job['id']}")).json()["deleted"] is True


async def test_laozhang_links_its_files_and_neither_lists_nor_deletes() -> None:
    async with simulated(speaking("laozhang")) as sim:
        job = await sim.finished()
        assert job["video_url"] == f"http://simulator/v1/videos/{job['id']}/content"
        assert (await done(sim))["status"] == "completed"
        assert (await sim.http.get("/videos")).status_code == 405
        assert (await sim.http.delete(f"/videos/{job['id']}")).status_code == 405


@pytest.mark.parametrize("name", DIALECTS)
async def test_every_dialect_names_its_models(name: str) -> None:
    async with simulated(speaking(name)) as sim:
        answer = (await sim.http.get("/models")).json()
        assert "sora-2" in [model["id"] for model in answer["data"]]


async def test_servers_made_with_one_kit_describe_their_routes() -> None:
    for name in ("litellm", "vllm-omni", "sglang"):
        async with simulated(speaking(name)) as sim:
            paths = (await sim.http.get("http://simulator/openapi.json")).json()["paths"]
            assert ("delete" in paths["/v1/videos/{video_id}"]) is (name != "litellm")
