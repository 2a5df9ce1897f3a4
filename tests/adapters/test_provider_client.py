"""The client over real connections: what it sends, and what it makes of every answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.providers.openai_videos.profile import Profile, profile_of
from bot import errors
from bot.domain.jobs import JobState
from bot.errors import (
    BadCredentials,
    InvalidRequest,
    JobNotFound,
    RateLimited,
    Transient,
    Unsupported,
)
from bot.ports import Capabilities
from tests.fakes.gateway import HASTY, KEY, NO_ANSWER, REF, TAKEN, WISH, Gateway, Reply, client_of


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", "/v1/videos", TAKEN)
        yield gateway


# --- what is sent ---------------------------------------------------------------------------


async def test_a_create_is_a_form_with_every_field_as_a_part(gateway: Gateway) -> None:
    async with client_of(gateway, "openai") as client:
        job = await client.submit(WISH)
    [request] = gateway.received
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert request.files == {
        "prompt": (None, "a red kite “über” dunes".encode()),
        "model": (None, b"sora-2"),
        "size": (None, b"1280x720"),
        "seconds": (None, b"8"),
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert (job.reference, job.state, job.progress) == (REF, JobState.QUEUED, 0)


async def test_a_picture_goes_along_as_a_file(gateway: Gateway, tmp_path: Path) -> None:
    picture = tmp_path / "secret-name.jpg"
    picture.write_bytes(b"\xff\xd8 jpeg")
    async with client_of(gateway) as client:
        await client.submit(replace(WISH, image=picture))
    name, data = gateway.received[0].files["input_reference"]
    assert (name, data) == ("first-frame.jpg", b"\xff\xd8 jpeg")


async def test_a_json_profile_sends_json(gateway: Gateway, tmp_path: Path) -> None:
    picture = tmp_path / "frame.jpg"
    picture.write_bytes(b"jpeg")
    profile = replace(profile_of("custom"), encoding="json", image="data_url", seconds="number")
    async with client_of(gateway, profile) as client:
        await client.submit(replace(WISH, image=picture))
    assert gateway.received[0].json == {
        "prompt": WISH.prompt,
        "model": "sora-2",
        "size": "1280x720",
        "seconds": 8,
        "input_reference": {"image_url": "data:image/jpeg;base64,anBlZw=="},
    }


async def test_a_json_profile_still_sends_a_file_as_a_form(
    gateway: Gateway, tmp_path: Path
) -> None:
    picture = tmp_path / "frame.jpg"
    picture.write_bytes(b"jpeg")
    async with client_of(gateway, replace(profile_of("custom"), encoding="json")) as client:
        await client.submit(replace(WISH, image=picture))
    assert gateway.received[0].parts["input_reference"] == b"jpeg"


async def test_header_scheme_and_extra_fields_come_from_the_profile(gateway: Gateway) -> None:
    profile = replace(
        profile_of("custom"),
        auth_header="api-key",
        auth_prefix="",
        headers={"x-team": "blue"},
        extra_fields={"custom_llm_provider": "gemini"},
    )
    async with client_of(gateway, profile) as client:
        await client.submit(WISH)
    [request] = gateway.received
    assert request.headers["api-key"] == KEY
    assert "authorization" not in request.headers
    assert request.headers["x-team"] == "blue"
    assert request.parts["custom_llm_provider"] == b"gemini"


async def test_no_key_means_no_header(gateway: Gateway) -> None:
    async with client_of(gateway, key="") as client:
        await client.submit(WISH)
    assert "authorization" not in gateway.received[0].headers


async def test_remix_and_extend_are_json(gateway: Gateway) -> None:
    gateway.on("POST", "/v1/videos/video_1/remix", TAKEN)
    gateway.on("POST", "/v1/videos/extensions", TAKEN)
    async with client_of(gateway, "openai") as client:
        await client.remix(REF, "in the rain")
        await client.extend(REF, "further", 12)
    remix, extend = gateway.received
    assert remix.json == {"prompt": "in the rain"}
    assert extend.json == {"video": REF, "prompt": "further", "seconds": "12"}


@pytest.mark.parametrize(
    "name, path",
    [
        ("a/../b?c#d", "a%2F..%2Fb%3Fc%23d"),
        ("video_bGl0ZQ==", "video_bGl0ZQ%3D%3D"),
        ("50%25 é", "50%2525%20%C3%A9"),
        ("x" * 300, "x" * 300),
    ],
)
async def test_ids_stay_inside_their_part_of_the_path(
    gateway: Gateway, name: str, path: str
) -> None:
    gateway.on("GET", f"/v1/videos/{path}", Reply(body={"id": name, "status": "queued"}))
    async with client_of(gateway) as client:
        job = await client.fetch({"id": name})
    assert job.reference == {"id": name}


@pytest.mark.parametrize("reference", [{}, {"id": ""}, {"id": ".."}, {"id": None}, {"id": "a\n"}])
async def test_a_reference_without_a_usable_id_is_never_sent(
    gateway: Gateway, reference: dict[str, Any], tmp_path: Path
) -> None:
    async with client_of(gateway, "openai") as client:
        for call in (
            client.fetch(reference),
            client.delete(reference),
            client.remix(reference, "x"),
            client.extend(reference, "x", 4),
            client.download(reference, tmp_path / "x.mp4"),
        ):
            with pytest.raises(JobNotFound):
                await call
    assert gateway.received == []


async def test_what_the_backend_lacks_is_refused_without_a_request(
    gateway: Gateway, tmp_path: Path
) -> None:
    (tmp_path / "x.jpg").write_bytes(b"x")
    bare = Profile("bare", {"create": "POST /videos", "fetch": "GET /videos/{id}"}, image="none")
    async with client_of(gateway, bare) as client:
        can = client.capabilities
        assert can == Capabilities(takes_image=False)
        for call in (
            client.remix(REF, "x"),
            client.extend(REF, "x", 4),
            client.list_jobs(0),
            client.delete(REF),
            client.cancel(REF),
            client.submit(replace(WISH, image=tmp_path / "x.jpg")),
        ):
            with pytest.raises(Unsupported):
                await call
    assert gateway.received == []


@pytest.mark.parametrize("prompt", ["", "x" * 32_001, "broken \ud800 half"])
async def test_a_prompt_that_cannot_be_sent_is_refused_here(gateway: Gateway, prompt: str) -> None:
    async with client_of(gateway) as client:
        with pytest.raises(InvalidRequest):
            await client.submit(replace(WISH, prompt=prompt))
    assert gateway.received == []


async def test_a_picture_that_cannot_be_read_is_refused_here(
    gateway: Gateway, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(16 * 1024**2)
    async with client_of(gateway) as client:
        for path in (tmp_path / "missing.jpg", huge):
            with pytest.raises(InvalidRequest):
                await client.submit(replace(WISH, image=path))
    assert gateway.received == []


# --- asking -------------------------------------------------------------------------------------


async def test_the_reference_stays_the_one_of_the_create(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos/video_1", Reply(body={"id": "other", "status": "completed"}))
    async with client_of(gateway) as client:
        job = await client.fetch(REF)
    assert (job.reference, job.state) == (REF, JobState.FETCHING)


async def test_the_backend_s_own_pace_is_passed_on(gateway: Gateway) -> None:
    headers = {"openai-poll-after-ms": "2500"}
    gateway.on("GET", "/v1/videos/video_1", replace(TAKEN, headers=headers))
    async with client_of(gateway) as client:
        assert (await client.fetch(REF)).poll_after_ms == 2500


QUESTIONS: dict[str, tuple[Reply, type[errors.ProviderError]]] = {
    "unknown": (Reply(404, {"error": {"message": "no such video"}}), JobNotFound),
    "unknown to fastapi": (Reply(404, {"detail": "Not Found"}), JobNotFound),
    "gone": (Reply(410, {"detail": "gone"}), JobNotFound),
    "unknown to new-api": (Reply(400, {"code": "task_not_exist", "message": "x"}), JobNotFound),
    "a proxy's 404": (Reply(404, b"<h1>nginx</h1>"), Transient),
    "an empty 404": (Reply(404), Transient),
    "400": (Reply(400, {"detail": "hm"}), Transient),
    "405": (Reply(405, {"detail": "hm"}), Transient),
    "500": (Reply(500), Transient),
    "502": (Reply(502, b"<h1>Bad Gateway</h1>"), Transient),
    "empty": (Reply(200), Transient),
    "page": (Reply(200, b"<html>"), Transient),
    "array": (Reply(200, [1, 2]), Transient),
    "error in 200": (Reply(200, {"error": {"message": "hm"}}), Transient),
    "key": (Reply(401), BadCredentials),
    "key, like a job": (Reply(401, {"object": "video", "status": "failed"}), BadCredentials),
    "rate": (Reply(429), RateLimited),
    "silence": (Reply(hang=True), Transient),
    "dropped": (NO_ANSWER, Transient),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_that_fails_says_nothing_about_the_job(
    gateway: Gateway, question: str
) -> None:
    reply, kind = QUESTIONS[question]
    gateway.on("GET", "/v1/videos/video_1", reply)
    async with client_of(gateway, limits=HASTY) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.fetch(REF)
    assert type(caught.value) is kind


async def test_moderation_told_as_an_error_is_the_end_of_the_job(gateway: Gateway) -> None:
    refused = {"error": {"message": "x", "code": "moderation_blocked"}}
    gateway.on("GET", "/v1/videos/video_1", Reply(400, refused))
    async with client_of(gateway) as client:
        assert (await client.fetch(REF)).state is JobState.MODERATED


async def test_a_question_follows_redirects_at_home(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos/video_1", Reply(307, headers={"location": "/v1/moved"}))
    gateway.on("GET", "/v1/moved", TAKEN)
    async with client_of(gateway) as client:
        assert (await client.fetch(REF)).state is JobState.QUEUED
    assert gateway.received[1].headers["authorization"] == f"Bearer {KEY}"


async def test_redirects_without_an_end_are_given_up(gateway: Gateway) -> None:
    gateway.on("GET", "/v1/videos/video_1", Reply(302, headers={"location": "video_1"}))
    async with client_of(gateway) as client:
        with pytest.raises(Transient, match="without an end"):
            await client.fetch(REF)
    assert len(gateway.received) == 6


# --- ending -------------------------------------------------------------------------------------


async def test_deleting_twice_is_fine(gateway: Gateway) -> None:
    gateway.on(
        "DELETE",
        "/v1/videos/video_1",
        Reply(body={"id": "video_1", "object": "video.deleted", "deleted": True}),
        Reply(404, {"error": {"message": "no such video"}}),
        Reply(409, {"error": {"message": "still running"}}),
    )
    async with client_of(gateway) as client:
        await client.delete(REF)
        await client.delete(REF)
        with pytest.raises(Transient, match="still running"):
            await client.delete(REF)


async def test_a_profile_may_cancel_by_its_own_route(gateway: Gateway) -> None:
    base = profile_of("custom")
    profile = replace(base, operations={**base.operations, "cancel": "POST /videos/{id}/stop"})
    gateway.on("POST", "/v1/videos/video_1/stop", Reply(202), Reply(404, {"detail": "none"}))
    async with client_of(gateway, profile) as client:
        assert client.capabilities.cancels
        await client.cancel(REF)
        with pytest.raises(JobNotFound):
            await client.cancel(REF)


async def test_a_server_that_stops_jobs_by_deleting_them_may_need_a_while(
    gateway: Gateway,
) -> None:
    wait = Reply(409, {"error": {"message": "wait", "type": "Conflict", "code": 409}})
    gateway.on("DELETE", "/v1/videos/video_1", wait, Reply(body={"id": "video_1", "deleted": True}))
    async with client_of(gateway, "vllm-omni") as client:
        with pytest.raises(Transient):
            await client.cancel(REF)
        await client.cancel(REF)
