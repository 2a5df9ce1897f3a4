"""Dialects as data: what is built in, and what a table may say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.providers.guard import Origin
from adapters.providers.http import Answer
from adapters.providers.openai_videos import profile as profiles
from adapters.providers.openai_videos.answers import Reader
from adapters.providers.openai_videos.profile import OPERATIONS, built_in, profile_of, read
from bot.domain.backends import PROFILES
from bot.domain.jobs import JobState
from bot.errors import (
    ConfigError,
    InvalidRequest,
    ModelRetired,
    Moderated,
    ProviderError,
    RateLimited,
)
from bot.settings import load

FILE = Path(profiles.__file__).with_name("profiles.toml")
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
    found = built_in()
    assert [profile.name for profile in found.values()] == list(found)


def test_every_profile_but_the_simulator_s_can_be_chosen() -> None:
    assert set(built_in()) == {"simulator", *PROFILES}
    for name in PROFILES:
        assert load(provider_profile=name).provider_profile == name
    with pytest.raises(ConfigError, match=r"SORA_PROVIDER_PROFILE.*not one of custom, openai"):
        load(provider_profile="sora")


def test_every_profile_of_a_server_says_where_it_is_from_and_when_it_was_read() -> None:
    head, *tables = re.split(r"^\[([a-z-]+)\]$", FILE.read_text("utf-8"), flags=re.MULTILINE)
    above = dict(zip(tables[::2], [head, *tables[1::2]], strict=False))
    for name in set(PROFILES) - {"openai", "custom"}:
        comment = above[name].rpartition("\n\n")[2]
        assert "Source: " in comment, name
        assert re.search(r"Read 2026-\d\d-\d\d\.", comment), name


@pytest.mark.parametrize(
    "name, lacks",
    [
        ("azure", {"cancel", "extend"}),
        ("litellm", {"cancel", "list", "delete", "extend"}),
        ("new-api", {"cancel", "list", "delete", "extend"}),
        ("vllm-omni", {"remix", "extend"}),
        ("sglang", {"cancel", "remix", "extend"}),
        ("laozhang", {"cancel", "list", "delete", "remix", "extend"}),
    ],
)
def test_a_profile_has_what_its_server_has(name: str, lacks: set[str]) -> None:
    assert OPERATIONS - set(profile_of(name).operations) == lacks


def test_nobody_but_the_simulator_is_believed_to_list_everything() -> None:
    assert [n for n, profile in built_in().items() if profile.list_complete] == ["simulator"]


def test_azure_takes_its_key_in_a_header_of_its_own() -> None:
    azure = profile_of("azure")
    assert (azure.auth_header, azure.auth_prefix) == ("api-key", "")


def test_words_of_one_server_are_believed_before_those_of_all() -> None:
    body = b'{"error": {"code": "contentFilter", "message": "no"}}'
    answer = Answer(400, httpx.Headers(), body)
    for name, kind in (("azure", Moderated), ("custom", InvalidRequest)):
        with pytest.raises(kind):
            Reader(profile_of(name)).create(answer, "create", 0)


@pytest.mark.parametrize(
    "status, words, kind",
    [
        (429, "busy", RateLimited),
        (400, '{"error": {"code": "moderation_blocked"}}', Moderated),
        (404, "gone", ModelRetired),
        (400, "bad size", InvalidRequest),
    ],
)
def test_a_code_for_every_failure_of_new_api_leaves_it_to_status_and_words(
    status: int, words: str, kind: type[ProviderError]
) -> None:
    body = json.dumps({"code": "fail_to_fetch_task", "message": words, "data": None}).encode()
    with pytest.raises(kind) as caught:
        Reader(profile_of("new-api")).create(Answer(status, httpx.Headers(), body), "create", 0)
    assert type(caught.value) is kind


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
        ({"operations": ROUTES, "errors": {"x": "sad"}}, "errors are one of .*not 'sad'"),
        ({"operations": ROUTES, "ids": "odd"}, "ids must be one of packed, plain"),
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
