"""Pictures that must be at a provider before a create: what goes wrong there orders nothing."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.providers.http import Limits
from adapters.providers.refusals import as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.client import TaskVideos
from adapters.providers.tasks.krea import Krea
from bot import errors
from bot.domain.videos import Size
from bot.ports import SubmitRequest
from tests.fakes.backends import backend
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import KEY, Gateway, Reply
from tests.fakes.wires import client_before
from tests.payloads.krea import TAKEN
from tests.payloads.simulated import picture

KREA = Krea()
MODEL = "google/veo-3.1"
CREATE = f"/generate/video/{MODEL}"
LINKS = [f"https://files.example/{number}.jpg" for number in range(2)]
ASSETS = [Reply(body={"id": link, "image_url": link}) for link in LINKS]


@pytest.fixture
def frames(tmp_path: Path) -> tuple[Path, Path]:
    """Two pictures."""
    first, last = tmp_path / "first.jpg", tmp_path / "last.jpg"
    first.write_bytes(picture("JPEG"))
    last.write_bytes(picture("JPEG") + b"another")
    return first, last


@pytest.fixture
def wish(frames: tuple[Path, Path]) -> SubmitRequest:
    """An order that begins with a picture."""
    return SubmitRequest("a red kite", MODEL, Size(1280, 720), 8, frames[0])


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", CREATE, Reply(body=TAKEN))
        yield gateway


async def test_pictures_go_there_with_the_key_and_a_create_names_them(
    gateway: Gateway, wish: SubmitRequest, frames: tuple[Path, Path]
) -> None:
    gateway.on("POST", "/assets", *ASSETS)
    async with client_before(gateway, KREA) as client:
        await client.submit(replace(wish, last=frames[1]))
    *brought, create = gateway.received
    assert [one.files["file"] for one in brought] == [
        ("picture.jpg", frame.read_bytes()) for frame in frames
    ]
    assert {one.headers["authorization"] for one in brought} == {f"Bearer {KEY}"}
    sent = as_object(create.json)
    assert [sent["start_image"], sent["end_image"]] == LINKS


async def test_a_picture_that_is_wanted_twice_is_brought_once(
    gateway: Gateway, wish: SubmitRequest
) -> None:
    gateway.on("POST", "/assets", *ASSETS)
    async with client_before(gateway, KREA) as client:
        await client.submit(replace(wish, last=wish.image))
    assert [one.path for one in gateway.received] == ["/assets", CREATE]


async def test_references_keep_their_order_and_no_picture_is_within_a_create(
    gateway: Gateway, wish: SubmitRequest, frames: tuple[Path, Path]
) -> None:
    gateway.on("POST", "/assets", *ASSETS)
    async with client_before(gateway, KREA) as client:
        await client.submit(replace(wish, image=None, references=frames))
    create = gateway.received[-1]
    assert as_object(create.json)["reference_images"] == LINKS
    assert base64.b64encode(frames[0].read_bytes())[:40] not in create.body


async def test_what_a_model_cannot_take_is_refused_before_a_picture_leaves(
    gateway: Gateway, wish: SubmitRequest, frames: tuple[Path, Path]
) -> None:
    async with client_before(gateway, KREA) as client:
        with pytest.raises(errors.Unsupported):
            await client.submit(replace(wish, model="runway/gen-4.5", last=frames[1]))
        await client.submit(replace(wish, image=None))
    assert [one.path for one in gateway.received] == [CREATE]


REFUSALS: dict[str, tuple[Reply, type[errors.ProviderError]]] = {
    "type": (Reply(400, {"error": "Invalid file type or size"}), errors.InvalidRequest),
    "key": (Reply(401, {"error": "You are not authenticated."}), errors.BadCredentials),
    "money": (Reply(402, {"error": "You have run out of credits."}), errors.Billing),
    "no route": (Reply(404, {"error": "Not found"}), errors.Unsupported),
    "rate": (Reply(429, {"error": "Too many requests"}), errors.RateLimited),
    "fault": (Reply(500, {"error": "Internal error"}), errors.Transient),
    "no link": (Reply(200, {"id": "a-1"}), errors.Transient),
    "odd link": (Reply(200, {"image_url": ["https://files.example/a.jpg"]}), errors.Transient),
    "page": (Reply(200, b"<html>"), errors.Transient),
    "no answer": (Reply(reset=True), errors.Transient),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_picture_that_does_not_arrive_orders_nothing(
    gateway: Gateway, wish: SubmitRequest, refusal: str
) -> None:
    reply, kind = REFUSALS[refusal]
    gateway.on("POST", "/assets", reply)
    async with client_before(gateway, KREA) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.submit(wish)
    assert type(caught.value) is kind
    assert [one.path for one in gateway.received] == ["/assets"]


async def test_all_pictures_of_an_order_have_the_time_of_one_answer(
    gateway: Gateway, wish: SubmitRequest, frames: tuple[Path, Path]
) -> None:
    gateway.on("POST", "/assets", *(replace(asset, pause_s=0.3) for asset in ASSETS))
    client = TaskVideos(KREA, gateway.origin, KEY, FakeClock(), limits=Limits(answer_ms=500))
    with pytest.raises(errors.Transient):
        await client.submit(replace(wish, last=frames[1]))
    await client.aclose()
    assert {one.path for one in gateway.received} == {"/assets"}


@pytest.mark.parametrize("spoken", ["krea", "higgsfield"])
async def test_an_order_whose_picture_did_not_arrive_can_be_sent_again(
    spoken: str, wish: SubmitRequest
) -> None:
    async with backend(spoken, key="key-of-the-studio") as running:
        running.machine.plan(Fault(Kind.SERVER_ERROR, on="upload", accepted=True))
        with pytest.raises(errors.Transient):
            await running.client.submit(replace(wish, model="veo3.1"))
        assert running.posts == 0
        await running.client.submit(replace(wish, model="veo3.1"))
        assert (running.posts, running.accepted) == (1, 1)
