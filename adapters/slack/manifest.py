"""The app's manifest: all that Slack has to know of the bot, from the grammar and the words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot import wording
from bot.commands.grammar import GRAMMAR, Group

EVENTS_PATH = "/slack/events"
"""Where Slack calls the bot's own server, when there are no sockets."""
INSTALL_PATH = "/slack/install"
"""Where somebody begins who brings the bot into a workspace."""
REDIRECT_PATH = "/slack/oauth_redirect"
"""Where Slack sends them back to."""
MAKE, REMIX = "make_video", "remix_video"
"""Callback ids of the shortcuts."""
EVENTS = (
    "app_mention",
    "message.im",
    "app_home_opened",
    "member_joined_channel",
    "reaction_added",
    "reaction_removed",
    "app_uninstalled",
    "tokens_revoked",
)
REPLY_EVENTS = ("message.channels", "message.groups")
"""Replies in threads that do not mention the bot."""
_NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """What differs from bot to bot.

    With `by_http`, Slack calls `public_url`, else the bot opens sockets. With `installs`, many
    workspaces install the app. With `replies`, the bot hears replies that do not mention it.
    """

    by_http: bool = False
    public_url: str = ""
    installs: bool = False
    replies: bool = False

    def at(self, path: str) -> str:
        """Address of a page of ours."""
        return self.public_url.rstrip("/") + path


def manifest(options: Options) -> Manifest:
    """The manifest as Slack takes it, in version 2 of its form."""
    return {
        "_metadata": {"major_version": 2},
        "display_information": {"name": wording.SLACK_NAME, "description": wording.SLACK_ABOUT},
        "features": _features(options),
        "oauth_config": _oauth(options),
        "settings": _settings(options),
    }


def scopes(*, replies: bool) -> Mapping[str, str]:
    """The rights that the bot uses in a workspace, each with what for."""
    return {**wording.SLACK_SCOPES, **(wording.SLACK_REPLY_SCOPES if replies else {})}


def link(options: Options) -> str:
    """The page of Slack that makes an app of this manifest."""
    return _NEW_APP + quote(json.dumps(manifest(options), separators=(",", ":")), safe=":,/")


def _features(options: Options) -> Manifest:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": wording.SLACK_NAME, "always_online": True},
        "shortcuts": [
            _shortcut("global", wording.COMPOSE_TITLE, MAKE, wording.COMPOSE_ABOUT),
            _shortcut("message", wording.MENU_REMIX, REMIX, wording.SLACK_REMIX_ABOUT),
        ],
        "slash_commands": [
            _command(Group.MEMBER, wording.SORA_ABOUT, options),
            _command(Group.ADMIN, wording.SORA_ADMIN_ABOUT, options),
        ],
    }


def _shortcut(kind: str, name: str, callback: str, about: str) -> Manifest:
    return {"type": kind, "name": name, "callback_id": callback, "description": about}


def _command(group: Group, about: str, options: Options) -> Manifest:
    command = {
        "command": f"/{group}",
        "description": about,
        "usage_hint": _hint(group),
        # Only so do mentions of people and channels arrive with their ids.
        "should_escape": True,
    }
    return command | ({"url": options.at(EVENTS_PATH)} if options.by_http else {})


def _hint(group: Group) -> str:
    """The words that can follow the command, each once."""
    first = dict.fromkeys(verb.words[0] for verb in GRAMMAR if verb.group is group)
    return wording.slack_usage_hint(first, prompt=group is Group.MEMBER)


def _oauth(options: Options) -> Manifest:
    config: Manifest = {"scopes": {"bot": list(scopes(replies=options.replies))}}
    return config | ({"redirect_urls": [options.at(REDIRECT_PATH)]} if options.installs else {})


def _settings(options: Options) -> Manifest:
    called = {"request_url": options.at(EVENTS_PATH)} if options.by_http else {}
    events = [*EVENTS, *(REPLY_EVENTS if options.replies else ())]
    return {
        "event_subscriptions": {**called, "bot_events": events},
        "interactivity": {"is_enabled": True, **called},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not options.by_http,
        "token_rotation_enabled": False,
    }
