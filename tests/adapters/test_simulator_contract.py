"""The simulator keeps the official contract: what becomes of a job, and what can be asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from adapters.media.probe import probe_file
from adapters.providers.simulator.settings import SimulatorSettings
from tests.fakes.clock import START, FakeClock
from tests.payloads.simulated import INSTANT, QUICK, Simulated, simulated


@pytest.fixture
async def sim() -> AsyncGenerator[Simulated]:
    async with simulated(INSTANT) as running:
        yield running


# --- time -------------------------------------------------------------------------------------


async def test_a_job_waits_renders_and_completes_as_time_passes() -> None:
    clock = FakeClock()
    async with simulated(replace(QUICK, queue_ms=2000, render_ms=10_000), clock) as sim:
        job = await sim.create()
        await clock.run_for(1999)
        assert (await sim.see(job["id"]))["status"] == "queued"
        await clock.run_for(1)
        assert (await sim.see(job["id"]))["status"] == "in_progress"
        await clock.run_for(4000)
        assert (await sim.see(job["id"]))["progress"] == 40
        await clock.run_for(6000)
        done = await sim.until(job["id"])
        assert (done["status"], done["progress"]) == ("completed", 100)
        assert done["created_at"] == START // 1000
        assert done["completed_at"] == (START + 12_000) // 1000
        assert done["expires_at"] == done["completed_at"] + 3600


async def test_more_jobs_than_slots_wait_for_their_turn() -> None:
    clock = FakeClock()
    settings = replace(QUICK, queue_ms=0, render_ms=60_000, slots=2)
    async with simulated(settings, clock) as sim:
        jobs = [(await sim.create())["id"] for _ in range(3)]
        await clock.run_for(1000)
        states = [(await sim.see(job))["status"] for job in jobs]
        assert states == ["in_progress", "in_progress", "queued"]


async def test_a_pause_between_looks_is_recommended_when_wanted() -> None:
    async with simulated(replace(INSTANT, poll_after_ms=250)) as sim:
        job = await sim.create()
        answer = await sim.http.get(f"/videos/{job['id']}")
        assert answer.headers["openai-poll-after-ms"] == "250"


async def test_a_forbidden_prompt_fails_by_the_content_rules() -> None:
    async with simulated() as sim:
        job = await sim.until((await sim.create(prompt="a Forbidden thing"))["id"])
        assert job["status"] == "failed"
        assert job["error"]["code"] == "moderation_blocked"
        assert job["expires_at"] is None
        content = await sim.http.get(f"/videos/{job['id']}/content")
        assert content.status_code == 404


# --- content ----------------------------------------------------------------------------------


async def test_the_content_is_a_real_clip_with_sound(sim: Simulated, tmp_path: Path) -> None:
    job = await sim.finished(size="720x1280", seconds="8")
    answer = await sim.http.get(f"/videos/{job['id']}/content")
    assert answer.headers["content-type"] == "video/mp4"
    (tmp_path / "clip.mp4").write_bytes(answer.content)
    info = probe_file(tmp_path / "clip.mp4")
    assert (info.width, info.height, info.duration_ms) == (720, 1280, 8000)
    assert (info.frames, info.video_codec) == (8, "h264")
    assert info.has_audio
    assert info.faststart


async def test_thumbnail_and_contact_sheet_are_pictures(sim: Simulated, tmp_path: Path) -> None:
    job = await sim.finished()
    for variant, kind, size in (
        ("thumbnail", "WEBP", (640, 360)),
        ("spritesheet", "JPEG", (1280, 180)),
    ):
        answer = await sim.http.get(f"/videos/{job['id']}/content", params={"variant": variant})
        assert answer.headers["content-type"] == f"image/{kind.lower()}"
        (tmp_path / variant).write_bytes(answer.content)
        with Image.open(tmp_path / variant, formats=(kind,)) as shown:
            assert shown.size == size


async def test_an_unknown_variant_is_refused(sim: Simulated) -> None:
    job = await sim.finished()
    answer = await sim.http.get(f"/videos/{job['id']}/content", params={"variant": "gif"})
    assert answer.status_code == 400


async def test_a_part_of_the_content_can_be_fetched(sim: Simulated) -> None:
    job = await sim.finished()
    path = f"/videos/{job['id']}/content"
    whole = await sim.http.get(path)
    head = {"range": "bytes=1000-", "if-range": whole.headers["etag"]}
    rest = await sim.http.get(path, headers=head)
    assert rest.status_code == 206
    size = len(whole.content)
    assert rest.headers["content-range"] == f"bytes 1000-{size - 1}/{size}"
    assert rest.content == whole.content[1000:]


async def test_a_part_of_another_version_is_answered_with_the_whole(sim: Simulated) -> None:
    job = await sim.finished()
    head = {"range": "bytes=1000-", "if-range": '"another"'}
    answer = await sim.http.get(f"/videos/{job['id']}/content", headers=head)
    assert answer.status_code == 200


async def test_content_that_is_not_ready_is_not_found() -> None:
    async with simulated(replace(QUICK, render_ms=60_000), FakeClock()) as sim:
        job = await sim.create()
        answer = await sim.http.get(f"/videos/{job['id']}/content")
        assert answer.status_code == 404
        assert "not ready" in answer.json()["error"]["message"]


async def test_content_expires_while_the_job_stays_known() -> None:
    clock = FakeClock()
    async with simulated(QUICK, clock) as sim:
        job = await sim.finished()
        clock.advance(3_600_001)
        assert (await sim.http.get(f"/videos/{job['id']}/content")).status_code == 404
        assert (await sim.see(job["id"]))["status"] == "completed"


async def test_an_unknown_job_is_not_found(sim: Simulated) -> None:
    for path in ("/videos/video_none", "/videos/video_none/content", "/videos/a%2Fb"):
        answer = await sim.http.get(path)
        assert answer.status_code == 404
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


# --- list and delete --------------------------------------------------------------------------


async def test_a_list_goes_through_all_jobs_page_by_page(sim: Simulated) -> None:
    made = [(await sim.create())["id"] for _ in range(5)]
    seen: list[str] = []
    page: dict[str, Any] = {"has_more": True, "last_id": None}
    while page["has_more"]:
        cursor = {"after": page["last_id"]} if page["last_id"] else {}
        page = (await sim.http.get("/videos", params={"limit": 2, **cursor})).json()
        assert (page["first_id"], page["last_id"]) == (
            page["data"][0]["id"],
            page["data"][-1]["id"],
        )
        seen += [job["id"] for job in page["data"]]
    assert seen == made[::-1]
    oldest_first = (await sim.http.get("/videos", params={"order": "asc"})).json()
    assert [job["id"] for job in oldest_first["data"]] == made


async def test_an_empty_list_has_no_ends(sim: Simulated) -> None:
    page = (await sim.http.get("/videos")).json()
    assert page == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


@pytest.mark.parametrize("query", ["limit=101", "limit=-1", "limit=x", "order=up"])
async def test_a_bad_list_query_is_refused(sim: Simulated, query: str) -> None:
    assert (await sim.http.get(f"/videos?{query}")).status_code == 400


async def test_a_list_after_an_unknown_job_is_not_found(sim: Simulated) -> None:
    assert (await sim.http.get("/videos?after=video_none")).status_code == 404


async def test_a_deleted_job_is_gone(sim: Simulated) -> None:
    job = await sim.finished()
    answer = await sim.http.delete(f"/videos/{job['id']}")
    assert answer.json() == {"id": job["id"], "object": "video.deleted", "deleted": True}
    assert (await sim.http.get(f"/videos/{job['id']}")).status_code == 404
    assert (await sim.http.delete(f"/videos/{job['id']}")).status_code == 404


async def test_a_running_job_cannot_be_deleted() -> None:
    async with simulated(replace(QUICK, render_ms=60_000), FakeClock()) as sim:
        job = await sim.create()
        assert (await sim.http.delete(f"/videos/{job['id']}")).status_code == 409
        assert (await sim.see(job["id"]))["id"] == job["id"]


# --- remix, edit, extend ----------------------------------------------------------------------


async def test_a_remix_inherits_all_but_the_prompt(sim: Simulated) -> None:
    parent = await sim.finished(model="sora-2-pro", size="1280x720", seconds="8")
    path = f"/videos/{parent['id']}/remix"
    child = (await sim.http.post(path, json={"prompt": "at night"})).json()
    assert child["remixed_from_video_id"] == parent["id"]
    assert child["prompt"] == "at night"
    assert [child[key] for key in ("model", "size", "seconds")] == ["sora-2-pro", "1280x720", "8"]


async def test_a_remix_of_a_remix_names_its_own_parent(sim: Simulated) -> None:
    first = await sim.finished()
    path = "/videos/{}/remix"
    second = (await sim.http.post(path.format(first["id"]), json={"prompt": "at night"})).json()
    await sim.until(second["id"])
    third = (await sim.http.post(path.format(second["id"]), json={"prompt": "in snow"})).json()
    assert third["remixed_from_video_id"] == second["id"]


async def test_only_a_finished_video_can_be_remixed() -> None:
    async with simulated(replace(QUICK, render_ms=60_000), FakeClock()) as sim:
        job = await sim.create()
        answer = await sim.http.post(f"/videos/{job['id']}/remix", json={"prompt": "at night"})
        assert answer.status_code == 400
        lost = await sim.http.post("/videos/video_none/remix", json={"prompt": "at night"})
        assert lost.status_code == 404


async def test_an_edit_names_its_video_in_the_body(sim: Simulated) -> None:
    parent = await sim.finished()
    body = {"video": {"id": parent["id"]}, "prompt": "at night"}
    assert (await sim.http.post("/videos/edits", json=body)).json()["prompt"] == "at night"
    form = {"video[id]": (None, parent["id"]), "prompt": (None, "in snow")}
    assert (await sim.http.post("/videos/edits", files=form)).json()["prompt"] == "in snow"


async def test_an_uploaded_video_cannot_be_edited_here(sim: Simulated) -> None:
    files = {"video": ("a.mp4", b"....", "video/mp4")}
    answer = await sim.http.post("/videos/edits", data={"prompt": "at night"}, files=files)
    assert answer.status_code == 403


async def test_an_edit_without_a_video_is_refused(sim: Simulated) -> None:
    for video in ("", '"video": {}, ', '"video": 4, '):
        body = f'{{{video}"prompt": "at night"}}'
        head = {"content-type": "application/json"}
        answer = await sim.http.post("/videos/edits", content=body, headers=head)
        assert answer.json()["error"]["code"] == "missing_required_parameter"


async def test_an_extension_has_the_length_of_the_whole(sim: Simulated) -> None:
    parent = await sim.finished(seconds="8")
    body = {"video": {"id": parent["id"]}, "prompt": "and then it lands", "seconds": "12"}
    child = (await sim.http.post("/videos/extensions", json=body)).json()
    assert child["seconds"] == "20"


@pytest.mark.parametrize("changes", [{"seconds": 120}, {"seconds": 24, "segments": 6}])
async def test_an_extension_ends_at_two_minutes_or_six_parts(
    sim: Simulated, changes: dict[str, int]
) -> None:
    first = sim.machine.archive.get((await sim.finished())["id"])
    assert first
    spec = replace(first.spec, seconds=changes["seconds"])
    sim.machine.archive.add(
        replace(first, id="video_long", spec=spec, segments=changes.get("segments", 5))
    )
    body = {"video": {"id": "video_long"}, "prompt": "more", "seconds": "4"}
    answer = await sim.http.post("/videos/extensions", json=body)
    assert answer.status_code == 400
    assert "at most 6 times" in answer.json()["error"]["message"]


async def test_an_extension_needs_its_seconds(sim: Simulated) -> None:
    parent = await sim.finished()
    body = {"video": {"id": parent["id"]}, "prompt": "more"}
    answer = await sim.http.post("/videos/extensions", json=body)
    assert answer.json()["error"]["param"] == "seconds"


# --- variations -------------------------------------------------------------------------------


async def test_the_same_prompt_gives_other_pictures_when_they_may_vary() -> None:
    async with simulated(replace(QUICK, vary=True)) as sim:
        one, other = await asyncio.gather(sim.finished(), sim.finished())
        films = [
            (await sim.http.get(f"/videos/{job['id']}/content")).content for job in (one, other)
        ]
        assert films[0] != films[1]


async def test_the_same_prompt_is_the_same_file_when_it_may_not_vary() -> None:
    async with simulated() as sim:
        one, other = await asyncio.gather(sim.finished(), sim.finished())
        films = [
            (await sim.http.get(f"/videos/{job['id']}/content")).content for job in (one, other)
        ]
        assert films[0] == films[1]


async def test_instant_jobs_of_one_shape_share_a_clip_and_are_done_at_once(sim: Simulated) -> None:
    await sim.finished()
    job = await sim.create(prompt="something else")
    assert job["status"] == "queued"
    assert (await sim.see(job["id"]))["status"] == "completed"


def test_the_defaults_suit_a_demonstration() -> None:
    settings = SimulatorSettings()
    assert settings.queue_ms + settings.render_ms <= 6000
    assert settings.fps == 24
    assert not settings.control
