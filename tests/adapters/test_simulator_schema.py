"""The simulator's answers fit the published schema of the Videos API, when it is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from tests.payloads.simulated import INSTANT, KITE, QUICK, simulated

SCHEMA = Path(__file__).parents[2].parent / "shared" / "specs" / "openai-videos-openapi.json"

pytestmark = pytest.mark.skipif(
    not SCHEMA.exists(), reason="the published schema is not on this machine"
)


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
