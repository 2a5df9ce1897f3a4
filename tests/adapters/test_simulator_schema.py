"""The simulator's answers fit the published schema of the Videos API, when it is at hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from adapters.providers.simulator.faults import Fault, Kind
from tests.payloads.simulated import INSTANT, KITE, QUICK, simulated

SCHEMA = Path(__file__).parents[2].parent / "shared" / "specs" / "openai-videos-openapi.json"

pytestmark = pytest.mark.skipif(
    not SCHEMA.exists(), reason="the published schema is not on this machine"
)

JSON = "application/json"
Value = Any
"""Any JSON value."""


def complaints(value: Value, schema: dict[str, Any], known: dict[str, Any], at: str) -> list[str]:
    """What does not fit; knows the few words of JSON Schema that these shapes use."""
    if "$ref" in schema:
        return complaints(value, known[schema["$ref"].rpartition("/")[2]], known, at)
    if "anyOf" in schema:
        tries = [complaints(value, option, known, at) for option in schema["anyOf"]]
        return min(tries, key=len)
    if not _is_a(value, schema.get("type")):
        return [f"{at}: {value!r} is no {schema['type']}"]
    wrong = [f"{at}: {value!r} is not allowed"] if value not in schema.get("enum", [value]) else []
    if isinstance(value, dict):
        wrong += _wrong_fields(cast("dict[str, Value]", value), schema, known, at)
    if isinstance(value, list):
        for number, item in enumerate(cast("list[Value]", value)):
            wrong += complaints(item, schema["items"], known, f"{at}[{number}]")
    return wrong


def _wrong_fields(
    value: dict[str, Any], schema: dict[str, Any], known: dict[str, Any], at: str
) -> list[str]:
    fields = schema["properties"]
    wrong = [f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value]
    for name, inner in value.items():
        if name in fields:
            wrong += complaints(inner, fields[name], known, f"{at}.{name}")
        else:
            wrong.append(f"{at}.{name} is not known")
    return wrong


def _is_a(value: Value, kind: str | None) -> bool:
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    if kind == "integer" and isinstance(value, bool):
        return False
    return kind is None or isinstance(value, kinds[kind])


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))["components"]["schemas"]


def test_the_check_itself_finds_what_is_wrong(schemas: dict[str, Any]) -> None:
    bad = {"object": "video.deleted", "deleted": "yes", "extra": 1}
    found = complaints(bad, schemas["DeletedVideoResource"], schemas, "$")
    assert sorted(found) == [
        "$.deleted: 'yes' is no boolean",
        "$.extra is not known",
        "$.id is missing",
    ]


async def test_every_answer_fits_its_shape(schemas: dict[str, Any]) -> None:
    def check(answer: httpx.Response, shape: str) -> None:
        assert answer.status_code == 200
        assert complaints(answer.json(), schemas[shape], schemas, "$") == []

    async with simulated(INSTANT) as sim:
        created = await sim.http.post("/videos", json=KITE)
        check(created, "VideoResource")
        path = f"/videos/{(await sim.until(created.json()['id']))['id']}"
        check(await sim.http.get(path), "VideoResource")
        remix = await sim.http.post(f"{path}/remix", json={"prompt": "at night"})
        check(remix, "VideoResource")
        body = {"video": {"id": created.json()["id"]}, "prompt": "more", "seconds": "8"}
        check(await sim.http.post("/videos/edits", json=body), "VideoResource")
        check(await sim.http.post("/videos/extensions", json=body), "VideoResource")
        check(await sim.http.get("/videos"), "VideoListResource")
        check(await sim.http.delete(path), "DeletedVideoResource")
        check(await sim.http.get("/videos", params={"limit": 0}), "VideoListResource")


async def test_a_failed_job_fits_the_shape_too(schemas: dict[str, Any]) -> None:
    async with simulated(QUICK) as sim:
        failed = await sim.until((await sim.create(prompt="forbidden"))["id"])
        assert complaints(failed, schemas["VideoResource"], schemas, "$") == []


async def test_every_documented_operation_has_a_route(schemas: dict[str, Any]) -> None:
    paths = json.loads(SCHEMA.read_text(encoding="utf-8"))["paths"]
    async with simulated(INSTANT) as sim:
        for path, operations in paths.items():
            if "characters" in path:  # people's likenesses are not simulated
                continue
            for method in operations:
                url = path.replace("{video_id}", "video_none")
                answer = await sim.http.request(method.upper(), url)
                assert answer.status_code in {200, 400, 404}
                assert answer.status_code != 404 or "video_none" in answer.text


async def test_a_job_that_waits_and_one_that_runs_fit_the_shape_too(
    schemas: dict[str, Any],
) -> None:
    slow = replace(QUICK, queue_ms=100, render_ms=300)
    async with simulated(slow) as sim:
        job = await sim.create()
        seen = {job["status"]: job}
        for status in ("in_progress", "completed"):
            seen[status] = await sim.until(job["id"], status)
        assert set(seen) == {"queued", "in_progress", "completed"}
        for one in seen.values():
            assert complaints(one, schemas["VideoResource"], schemas, "$") == []


async def test_every_page_of_a_list_fits_and_leads_to_the_next(schemas: dict[str, Any]) -> None:
    async with simulated(INSTANT) as sim:
        made = {(await sim.create())["id"] for _ in range(5)}
        seen: list[str] = []
        query: dict[str, str] = {"limit": "2", "order": "asc"}
        for _ in range(len(made)):
            page = (await sim.http.get("/videos", params=query)).json()
            assert complaints(page, schemas["VideoListResource"], schemas, "$") == []
            seen += [one["id"] for one in page["data"]]
            query["after"] = page["last_id"] or ""
            if not page["has_more"]:
                break
        assert len(seen) == len(made)
        assert set(seen) == made


async def test_every_refusal_has_the_four_fields_of_an_error() -> None:
    """The published file has no shape for it; OpenAI's pages say that all four are there."""
    async with simulated(replace(INSTANT, token="sk-right")) as sim:
        right, wrong = {"authorization": "Bearer sk-right"}, {"authorization": "Bearer sk-wrong"}
        post, get = sim.http.post, sim.http.get
        answers = [
            await get("/videos"),
            await get("/videos", headers=wrong),
            await post("/videos", json={}, headers=right),
            await post("/videos", json={**KITE, "size": "1x1"}, headers=right),
            await post("/videos", json={**KITE, "seconds": "5"}, headers=right),
            await post("/videos", json={**KITE, "model": "sora-0"}, headers=right),
            await post("/videos", content=b"{", headers={**right, "content-type": JSON}),
            await get("/videos", params={"limit": 101}, headers=right),
            await get("/videos/video_none", headers=right),
            await get("/videos/video_none/content", headers=right),
            await post("/videos/video_none/remix", json={"prompt": "x"}, headers=right),
            await sim.http.delete("/videos/video_none", headers=right),
            await sim.http.put("/videos/video_none", headers=right),
            await get("/nothing", headers=right),
        ]
        for fault in (Kind.RATE_LIMITED, Kind.BILLING, Kind.RETIRED_MODEL, Kind.SERVER_ERROR):
            sim.machine.plan(Fault(fault))
            answers.append(await post("/videos", json=KITE, headers=right))
    for answer in answers:
        assert answer.status_code >= 400
        error = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}, answer.url
        assert isinstance(error["message"], str)
        assert all(error[name] is None or isinstance(error[name], str) for name in error)
