"""Dialects as data: what is built in, and what a table may say."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.providers.guard import Origin
from adapters.providers.openai_videos.profile import built_in, profile_of, read
from bot.domain.jobs import JobState
from bot.errors import ConfigError

ROUTES = {"create": "POST /videos", "fetch": "GET /videos/{id}"}


def test_the_strict_contract_has_all_but_a_way_to_stop_a_job() -> None:
    can = profile_of("openai").capabilities
    assert can.remixes
    assert can.extends
    assert can.lists
    assert can.deletes
    assert not can.cancels
    assert not can.list_complete
    assert not can.simulated


def test_the_simulator_s_list_is_the_truth() -> None:
    can = profile_of("simulator").capabilities
    assert can.list_complete
    assert can.simulated


def test_a_gateway_is_not_believed_to_list_everything() -> None:
    can = profile_of("custom").capabilities
    assert can.lists
    assert not can.list_complete
    assert not can.extends


def test_every_built_in_profile_names_itself() -> None:
    assert {name: profile.name for name, profile in built_in().items()} == {
        "openai": "openai",
        "simulator": "simulator",
        "custom": "custom",
    }


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="openai, simulator, custom"):
        profile_of("sora")


def test_a_new_backend_is_only_data() -> None:
    found = read(
        {
            "gateway": {
                "operations": {**ROUTES, "list": "GET /videos", "remix": "POST /videos/{id}/remix"},
                "list_complete": True,
            },
            "mine": {
                "like": "gateway",
                "auth_header": "api-key",
                "auth_prefix": "",
                "encoding": "json",
                "image": "data_url",
                "id_fields": ["task_id"],
                "statuses": {"baked": "fetching"},
                "key_origins": ["https://files.example"],
                "trusted_origins": ["http://10.0.0.5:9000"],
                "operations": {"list": "", "cancel": "DELETE /videos/{id}"},
            },
        }
    )
    mine = found["mine"]
    assert mine.route("cancel") == ("DELETE", "/videos/{id}")
    assert mine.has("remix")
    assert not mine.capabilities.lists
    assert not mine.capabilities.list_complete
    assert mine.statuses == {"baked": JobState.FETCHING}
    assert mine.key_origins == {Origin("https", "files.example", 443)}
    assert mine.id_fields == ("task_id",)


@pytest.mark.parametrize(
    "table, complaint",
    [
        ({}, "lacks create, fetch"),
        ({"operations": {"create": "POST /videos"}}, "lacks fetch"),
        ({"operations": {**ROUTES, "dance": "GET /x"}}, "unknown operations: dance"),
        ({"operations": {**ROUTES, "list": "videos"}}, "no route"),
        ({"operations": ROUTES, "colour": "red"}, "unknown: colour"),
        ({"operations": ROUTES, "encoding": "xml"}, "encoding must be one of json, multipart"),
        ({"operations": ROUTES, "statuses": {"x": "y"}}, "y"),
        ({"operations": ROUTES, "like": "odd"}, "like itself"),
        ({"operations": ROUTES, "like": "nobody"}, "nobody"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_table_is_complained_about(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read({"odd": table})


def test_all_wrong_tables_are_complained_about_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read({"one": {}, "two": {}})
    assert len(caught.value.complaints) == 2
