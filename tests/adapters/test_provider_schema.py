"""What the client sends fits the published description of the Videos API, when it is at hand."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.providers.openai_videos.profile import profile_of
from bot.domain.videos import Size
from tests.adapters.test_simulator_schema import SCHEMA, complaints
from tests.fakes.gateway import MP4, REF, TAKEN, WISH, Gateway, Received, Reply, client_of

JOB = {"id": "video_1", "object": "video", "status": "completed", "created_at": 1_760_000_000}

pytestmark = pytest.mark.skipif(
    not SCHEMA.exists(), reason="the published schema is not on this machine"
)


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", "/v1/videos", TAKEN)
        gateway.on("POST", "/v1/videos/video_1/remix", TAKEN)
        gateway.on("POST", "/v1/videos/extensions", TAKEN)
        gateway.on("GET", "/v1/videos", Reply(body={"data": [], "has_more": False}))
        yield gateway


def _shape(spec: dict[str, Any], path: str, encoding: str) -> dict[str, Any]:
    content = spec["paths"][path]["post"]["requestBody"]["content"]
    return content[encoding]["schema"]


def _misfits(spec: dict[str, Any], value: object, shape: dict[str, Any]) -> list[str]:
    return complaints(value, shape, spec["components"]["schemas"], "$")


def test_every_route_of_the_strict_profile_is_published(spec: dict[str, Any]) -> None:
    published = {
        (method.upper(), re.sub(r"\{\w+\}", "{id}", path))
        for path, methods in spec["paths"].items()
        for method in methods
    }
    profile = profile_of("openai")
    assert {profile.route(name) for name in profile.operations} <= published


@pytest.mark.parametrize("seconds", [4, 8, 12])
@pytest.mark.parametrize("size", [Size(720, 1280), Size(1792, 1024)], ids=str)
async def test_a_create_fits(
    spec: dict[str, Any], gateway: Gateway, seconds: int, size: Size
) -> None:
    async with client_of(gateway, "openai") as client:
        await client.submit(replace(WISH, seconds=seconds, size=size))
    fields = {name: value.decode() for name, value in gateway.received[0].parts.items()}
    shape = _shape(spec, "/videos", "multipart/form-data")
    assert _misfits(spec, fields, shape) == []


async def test_a_picture_goes_where_the_form_has_a_file(
    spec: dict[str, Any], gateway: Gateway, tmp_path: Path
) -> None:
    (tmp_path / "x.jpg").write_bytes(b"jpeg")
    async with client_of(gateway, "openai") as client:
        await client.submit(replace(WISH, image=tmp_path / "x.jpg"))
    shape = spec["components"]["schemas"]["CreateVideoMultipartBody"]
    assert set(gateway.received[0].parts) <= set(shape["properties"])
    assert shape["properties"]["input_reference"]["oneOf"][0]["format"] == "binary"


async def test_a_json_create_fits(spec: dict[str, Any], gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"jpeg")
    profile = replace(profile_of("openai"), encoding="json", image="data_url")
    async with client_of(gateway, profile) as client:
        await client.submit(replace(WISH, image=tmp_path / "x.jpg"))
    shape = _shape(spec, "/videos", "application/json")
    assert _misfits(spec, gateway.received[0].json, shape) == []


async def test_a_remix_and_an_extension_fit(spec: dict[str, Any], gateway: Gateway) -> None:
    async with client_of(gateway, "openai") as client:
        await client.remix(REF, "in the rain")
        await client.extend(REF, "further", 12)
    remix, extend = gateway.received
    known = _shape(spec, "/videos/{video_id}/remix", "application/json")
    assert _misfits(spec, remix.json, known) == []
    known = _shape(spec, "/videos/extensions", "application/json")
    assert _misfits(spec, extend.json, known) == []


async def test_a_list_asks_with_published_words(spec: dict[str, Any], gateway: Gateway) -> None:
    async with client_of(gateway, "openai") as client:
        await client.list_jobs(0)
    query = parse_qs(gateway.received[0].query)
    published = {
        one["name"]: one["schema"] for one in spec["paths"]["/videos"]["get"]["parameters"]
    }
    assert set(query) <= set(published)
    assert 0 <= int(query["limit"][0]) <= 100
    assert query["order"] == ["desc"]


async def test_the_next_page_is_asked_for_with_published_words(
    spec: dict[str, Any], gateway: Gateway
) -> None:
    page = {"object": "list", "data": [{**JOB, "id": "video_9"}], "last_id": "video_9"}
    last = Reply(body={"object": "list", "data": [], "has_more": False})
    gateway.on("GET", "/v1/videos", Reply(body={**page, "has_more": True}), last)
    async with client_of(gateway, "openai") as client:
        await client.list_jobs(0)
    first, second = gateway.received
    assert _published(spec, first) == _published(spec, second) == ("get", "/videos")
    assert parse_qs(second.query)["after"] == ["video_9"]


async def test_questions_files_and_deletes_go_where_the_contract_has_them(
    spec: dict[str, Any], gateway: Gateway, tmp_path: Path
) -> None:
    gateway.on("GET", "/v1/videos/video_1", Reply(body=JOB))
    gateway.on("GET", "/v1/videos/video_1/content", Reply(body=MP4))
    gateway.on("DELETE", "/v1/videos/video_1", Reply(body={"id": "video_1", "deleted": True}))
    async with client_of(gateway, "openai") as client:
        await client.fetch(REF)
        await client.download(REF, tmp_path / "x.mp4")
        await client.delete(REF)
    assert [_published(spec, one) for one in gateway.received] == [
        ("get", "/videos/{video_id}"),
        ("get", "/videos/{video_id}/content"),
        ("delete", "/videos/{video_id}"),
    ]


async def test_a_file_may_be_asked_for_by_its_published_variant(
    spec: dict[str, Any], gateway: Gateway, tmp_path: Path
) -> None:
    gateway.on("GET", "/v1/videos/video_1/content", Reply(body=MP4))
    async with client_of(gateway, replace(profile_of("openai"), variant="video")) as client:
        await client.download(REF, tmp_path / "x.mp4")
    [request] = gateway.received
    assert _published(spec, request) == ("get", "/videos/{video_id}/content")
    assert request.query == "variant=video"


def test_the_check_itself_finds_what_is_not_published(spec: dict[str, Any]) -> None:
    for method, target in (
        ("PUT", "/v1/videos/video_1"),
        ("GET", "/v1/videos/video_1/nothing"),
        ("GET", "/v1/videos?page=2"),
        ("GET", "/v1/videos?limit=101"),
        ("GET", "/v1/videos/video_1/content?variant=gif"),
    ):
        with pytest.raises(AssertionError):
            _published(spec, Received(method, target, {}, b""))


def _published(spec: dict[str, Any], request: Received) -> tuple[str, str]:
    """Method and path of the operation that a request is; every word of its query is checked."""
    path = request.path.removeprefix("/v1")
    fits = [one for one in spec["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path)]
    # A path that is written out comes before one with a name in it.
    found = min(fits, key=lambda one: one.count("{"), default="")
    operation = spec["paths"].get(found, {}).get(request.method.lower())
    assert operation, f"{request.method} {request.path} is not published"
    shapes = {one["name"]: one["schema"] for one in operation.get("parameters", [])}
    for name, [text] in parse_qs(request.query, strict_parsing=bool(request.query)).items():
        assert name in shapes, name
        whole = shapes[name].get("type") == "integer"
        value = int(text) if whole else text
        assert _misfits(spec, value, shapes[name]) == []
        if isinstance(value, int):
            assert shapes[name]["minimum"] <= value <= shapes[name]["maximum"]
    return request.method.lower(), found
