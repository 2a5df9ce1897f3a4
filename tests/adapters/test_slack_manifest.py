"""The manifest asks Slack for what the bot uses, in a form that Slack takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest

from adapters.slack.manifest import Options, link, manifest, scopes
from bot.commands.grammar import GRAMMAR, Group
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.server import SlackServer

__all__ = ["slack_server"]

SPECS = Path(__file__).parents[2].parent / "shared" / "specs"
"""Where Slack's own form of a manifest lies, when it lies beside the checkout."""
URL = "https://sora.example"
SOCKETS = Options()
HTTP = Options(by_http=True, public_url=URL)
MANY = Options(by_http=True, public_url=f"{URL}/", installs=True, replies=True)
each_kind = pytest.mark.parametrize(
    "options", [SOCKETS, HTTP, MANY], ids=["sockets", "http", "all"]
)


def addresses(node: object) -> Iterator[str]:
    """Every address in it, with the name it has there."""
    if isinstance(node, dict):
        for name, inner in cast("dict[str, object]", node).items():
            if isinstance(inner, str) and inner.startswith(URL):
                yield f"{name} {inner}"
            yield from addresses(inner)
    elif isinstance(node, list):
        for inner in cast("list[object]", node):
            yield from addresses(inner)


def test_with_sockets_slack_calls_no_address() -> None:
    made = manifest(SOCKETS)
    assert made["settings"]["socket_mode_enabled"] is True
    assert list(addresses(made)) == []
    assert "redirect_urls" not in made["oauth_config"]


def test_without_sockets_slack_calls_one_address_for_everything() -> None:
    made = manifest(HTTP)
    assert made["settings"]["socket_mode_enabled"] is False
    assert sorted(addresses(made)) == [
        *["request_url https://sora.example/slack/events"] * 2,
        *["url https://sora.example/slack/events"] * 2,
    ]


def test_people_who_install_it_are_sent_back_to_the_bot() -> None:
    made = manifest(MANY)
    assert made["oauth_config"]["redirect_urls"] == ["https://sora.example/slack/oauth_redirect"]


def test_replies_that_do_not_mention_the_bot_cost_two_rights_more() -> None:
    plain, hearing = manifest(SOCKETS), manifest(Options(replies=True))
    more = set(hearing["oauth_config"]["scopes"]["bot"]) - set(
        plain["oauth_config"]["scopes"]["bot"]
    )
    assert more == {"channels:history", "groups:history"}
    heard = hearing["settings"]["event_subscriptions"]["bot_events"]
    assert {"message.channels", "message.groups"} <= set(heard)
    heard = plain["settings"]["event_subscriptions"]["bot_events"]
    assert [event for event in heard if event.startswith("message.")] == ["message.im"]


@each_kind
def test_every_right_has_a_reason(options: Options) -> None:
    asked = manifest(options)["oauth_config"]["scopes"]["bot"]
    assert asked == list(scopes(replies=options.replies))
    assert all(scopes(replies=options.replies).values())


def test_every_verb_is_hinted_at() -> None:
    hints = {
        one["command"]: one["usage_hint"] for one in manifest(SOCKETS)["features"]["slash_commands"]
    }
    for verb in GRAMMAR:
        assert verb.words[0] in hints[f"/{verb.group}"].split(" | ")
    assert set(hints) == {f"/{group}" for group in Group}


def test_people_can_write_press_and_mention() -> None:
    made = manifest(SOCKETS)
    features, settings = made["features"], made["settings"]
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert settings["interactivity"]["is_enabled"]
    assert all(command["should_escape"] for command in features["slash_commands"])
    assert not settings["org_deploy_enabled"]
    assert not settings["token_rotation_enabled"]


@each_kind
def test_it_keeps_to_the_lengths_that_slack_takes(options: Options) -> None:
    made = manifest(options)
    about, features = made["display_information"], made["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert len(command["command"]) <= 32
        assert 0 < len(command["description"]) <= 2000
        assert 0 < len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert 0 < len(shortcut["description"]) <= 150


@each_kind
def test_it_is_of_the_form_that_slack_publishes(options: Options) -> None:
    place = max(SPECS.glob("slack-manifest-*.schema.json"), default=None)
    if place is None:
        pytest.skip("Slack's form of a manifest does not lie beside the checkout")
    # jsonschema has no types of its own.
    library = cast("Any", jsonschema)
    library.validate(manifest(options), json.loads(place.read_text("utf-8")))


@each_kind
async def test_slack_installs_it_and_offers_what_it_says(
    slack_server: SlackServer, options: Options
) -> None:
    slack_server.world.offers.install(manifest(options))
    offers = slack_server.world.offers
    assert offers.command("/sora")
    assert offers.command("/sora-admin")
    assert offers.callback("global", "Make a video") == "make_video"
    assert offers.callback("message", "Remix this video") == "remix_video"
    for kind, heard in (("im", True), ("channel", options.replies), ("group", options.replies)):
        assert offers.hears({"type": "message", "channel_type": kind}) == heard
    assert offers.hears({"type": "app_mention"})
    assert offers.hears({"type": "app_uninstalled"})
    assert offers.hears({"type": "reaction_added"})
    assert offers.hears({"type": "reaction_removed"})
    offers.scopes.remove("reactions:read")
    assert not offers.hears({"type": "reaction_added"})


def test_the_link_carries_the_whole_manifest() -> None:
    parts = urlsplit(link(MANY))
    assert parts.netloc == "api.slack.com"
    assert json.loads(parse_qs(parts.query)["manifest_json"][0]) == manifest(MANY)
