"""Ids in which LiteLLM keeps where a job is."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from adapters.providers.openai_videos.ids import led_home, unpacked
from adapters.providers.openai_videos.profile import profile_of
from tests.fakes.gateway import Gateway, Reply, client_of


def name_of(*fields: str) -> str:
    return "video_" + base64.b64encode(";".join(fields).encode()).decode()


HOME = ("litellm:custom_llm_provider:azure", "model_id:sora-eu")
SOURCE = name_of(*HOME, "video_id:video_1")


def test_the_fields_of_a_packed_id_are_read_also_without_its_padding() -> None:
    assert unpacked(SOURCE.rstrip("=")) == (*HOME, "video_id:video_1")


@pytest.mark.parametrize(
    "name", ["video_68f1", "video_", "task_1", "", "video_ü", name_of("a", "b", "c"), name_of("a")]
)
def test_any_other_id_is_plain(name: str) -> None:
    assert unpacked(name) is None


def test_a_remix_without_any_account_is_led_to_that_of_its_source() -> None:
    assert led_home("video_2", SOURCE) == name_of(*HOME, "video_id:video_2")


def test_a_remix_without_a_model_takes_that_of_its_source() -> None:
    bare = name_of(HOME[0], "model_id:", "video_id:video_2")
    assert led_home(bare, SOURCE) == name_of(*HOME, "video_id:video_2")


def test_what_an_id_says_beyond_its_model_comes_along() -> None:
    pinned = name_of(*HOME, "video_id:video_1", "deployment_id:eu-2")
    bare = name_of(HOME[0], "model_id:", "video_id:video_2")
    assert led_home(bare, pinned) == name_of(*HOME, "video_id:video_2", "deployment_id:eu-2")
    other = name_of(HOME[0], "model_id:", "video_id:video_2", "deployment_id:eu-3")
    assert led_home(other, pinned) == name_of(*HOME, "video_id:video_2", "deployment_id:eu-3")


@pytest.mark.parametrize(
    "name",
    [
        name_of(HOME[0], "model_id:sora-us", "video_id:video_2"),
        name_of("litellm:custom_llm_provider:openai", "model_id:", "video_id:video_2"),
    ],
)
def test_an_id_that_leads_elsewhere_is_left_alone(name: str) -> None:
    assert led_home(name, SOURCE) == name


def test_a_plain_source_changes_nothing() -> None:
    assert led_home("video_2", "video_1") == "video_2"


@pytest.mark.parametrize(
    "profile, asked", [("litellm", name_of(*HOME, "video_id:video_2")), ("custom", "video_2")]
)
async def test_a_remix_is_asked_about_where_its_source_is(profile: str, asked: str) -> None:
    async with Gateway() as gateway:
        taken = Reply(body={"id": "video_2", "object": "video", "status": "queued"})
        gateway.on("POST", f"/v1/videos/{quote(SOURCE, safe='')}/remix", taken)
        gateway.on("GET", f"/v1/videos/{quote(asked, safe='')}", taken)
        async with client_of(gateway, profile_of(profile)) as client:
            job = await client.remix({"id": SOURCE}, "in the rain")
            assert job.reference == {"id": asked}
            assert (await client.fetch(job.reference)).reference == {"id": asked}
