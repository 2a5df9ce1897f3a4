"""The simulator takes what the official service took, and refuses what that refused."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from tests.payloads.simulated import INSTANT, KITE, Simulated, picture, simulated


@pytest.fixture
async def sim() -> AsyncGenerator[Simulated]:
    async with simulated(INSTANT) as running:
        yield running


# --- create -----------------------------------------------------------------------------------


async def test_a_new_job_has_all_official_fields(sim: Simulated) -> None:
    job = await sim.create()
    assert job["id"].startswith("video_")
    assert isinstance(job["created_at"], int)
    del job["id"], job["created_at"]
    assert job == {
        "object": "video",
        "model": "sora-2",
        "status": "queued",
        "progress": 0,
        "completed_at": None,
        "expires_at": None,
        "prompt": "a red kite over dunes",
        "size": "1280x720",
        "seconds": "4",
        "remixed_from_video_id": None,
        "error": None,
    }


async def test_a_form_works_as_well_as_json_and_has_the_official_defaults(sim: Simulated) -> None:
    answer = await sim.http.post("/videos", files={"prompt": (None, "hills")})
    job = answer.json()
    assert (job["model"], job["size"], job["seconds"]) == ("sora-2", "720x1280", "4")
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    "changes, code, param",
    [
        ({"prompt": ""}, "invalid_length", "prompt"),
        ({"prompt": "x" * 32_001}, "invalid_length", "prompt"),
        ({"prompt": 7}, "invalid_type", "prompt"),
        ({"seconds": 8}, "invalid_type", "seconds"),
        ({"seconds": "5"}, "invalid_value", "seconds"),
        ({"size": "640x480"}, "invalid_value", "size"),
        ({"size": "1792x1024"}, "invalid_value", "size"),
        ({"n": 2}, "unknown_parameter", "n"),
        ({"input_reference": {}}, "invalid_value", "input_reference"),
        ({"input_reference": "text"}, "invalid_value", "input_reference"),
        ({"input_reference": {"file_id": "file-1"}}, "invalid_value", "input_reference"),
        (
            {"input_reference": {"image_url": "http://127.0.0.1/a.png"}},
            "invalid_value",
            "input_reference",
        ),
        (
            {"input_reference": {"image_url": "data:image/png;base64,???"}},
            "invalid_value",
            "input_reference",
        ),
        (
            {"input_reference": {"image_url": "data:,", "file_id": "file-1"}},
            "invalid_value",
            "input_reference",
        ),
    ],
)
async def test_a_bad_value_is_refused_with_the_official_envelope(
    sim: Simulated, changes: dict[str, Any], code: str, param: str
) -> None:
    answer = await sim.http.post("/videos", json={**KITE, **changes})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)
    assert sim.machine.stats()["accepted"] == 0


async def test_a_missing_prompt_is_named(sim: Simulated) -> None:
    answer = await sim.http.post("/videos", json={"seconds": "4"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "missing_required_parameter"


async def test_a_body_that_is_no_json_object_is_refused(sim: Simulated) -> None:
    head = {"content-type": "application/json"}
    for body in (b"{", b"[]", b"\xff"):
        answer = await sim.http.post("/videos", content=body, headers=head)
        assert answer.status_code == 400
        assert "parse" in answer.json()["error"]["message"]


async def test_an_undocumented_kind_of_form_is_refused(sim: Simulated) -> None:
    answer = await sim.http.post("/videos", data={"prompt": "hills"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unsupported_content_type"


async def test_a_retired_and_an_unknown_model_are_not_found() -> None:
    settings = replace(INSTANT, retired_models=frozenset({"sora-2"}))
    async with simulated(settings) as sim:
        for model in ("sora-2", "sora-9"):
            answer = await sim.http.post("/videos", json={**KITE, "model": model})
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "model_not_found"


async def test_the_large_model_takes_large_sizes(sim: Simulated) -> None:
    job = await sim.create(model="sora-2-pro", size="1792x1024", seconds="12")
    assert (job["size"], job["seconds"]) == ("1792x1024", "12")


# --- the reference picture --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_of_the_right_size_is_taken(sim: Simulated, kind: str) -> None:
    files = {"input_reference": ("first", picture(kind), f"image/{kind.lower()}")}
    answer = await sim.http.post("/videos", data=KITE, files=files)
    assert answer.status_code == 200


async def test_a_picture_may_come_as_data_url(sim: Simulated) -> None:
    url = "data:image/png;base64," + base64.b64encode(picture()).decode()
    assert await sim.create(input_reference={"image_url": url})


async def test_a_picture_of_another_size_is_refused(sim: Simulated) -> None:
    files = {"input_reference": ("first.png", picture(size=(720, 1280)), "image/png")}
    answer = await sim.http.post("/videos", data=KITE, files=files)
    assert answer.status_code == 400
    assert "width and height" in answer.json()["error"]["message"]


async def test_a_file_that_is_no_picture_is_refused(sim: Simulated) -> None:
    for data in (b"", b"<svg/>", picture()[:200]):
        files = {"input_reference": ("first.png", data, "image/png")}
        answer = await sim.http.post("/videos", data=KITE, files=files)
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == "input_reference"


# --- who may ask ------------------------------------------------------------------------------


async def test_a_simulator_with_a_key_asks_for_it() -> None:
    async with simulated(replace(INSTANT, token="sesame")) as sim:
        for key in (b"", b"Bearer wrong", b"sesame", b"Bearer \xff\x00"):
            answer = await sim.http.get("/videos", headers={b"authorization": key})
            assert answer.status_code == 401
            assert answer.json()["error"]["code"] == "invalid_api_key"
        answer = await sim.http.get("/videos", headers={"authorization": "Bearer sesame"})
        assert answer.status_code == 200


async def test_health_needs_no_key_and_says_that_it_is_simulated() -> None:
    async with simulated(replace(INSTANT, token="sesame")) as sim:
        answer = await sim.http.get("http://simulator/health")
        assert answer.json() == {"status": "ok", "simulated": True}


async def test_an_unknown_address_is_answered_in_the_same_envelope(sim: Simulated) -> None:
    answer = await sim.http.get("http://simulator/v1/nothing")
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
