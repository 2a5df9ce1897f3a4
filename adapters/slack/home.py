"""The home tab: what one has left, what one asked for, and for admins how threads are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.slack.keys import Wish
from adapters.slack.payloads import interaction_of, person_in
from adapters.slack.render import Frame, blocks, plain
from adapters.slack.text import Json
from bot import wording
from bot.commands.grammar import verb_named
from bot.domain.messages import Reply

MAKE = "sora-make"
"""Action of the button that opens the form."""
MODE = "sora-mode"
"""Action of the choice how threads of a channel are read."""
CHANNEL = "sora-channel"
_SETTING = "threads"


def view(quota: Reply | None, jobs: Reply | None, *, admin: bool) -> Json:
    """The whole tab. `quota` and `jobs` are the core's answers to those verbs."""
    make: Json = {
        "type": "button",
        "text": plain(wording.COMPOSE_TITLE, 75),
        "action_id": MAKE,
        "style": "primary",
    }
    parts: list[Json] = [{"type": "actions", "elements": [make]}]
    for head, reply in ((wording.HOME_CREDITS, quota), (wording.HOME_JOBS, jobs)):
        if reply:
            parts += [_head(head), *blocks(reply.message, Frame())]
    if admin:
        parts += [_head(wording.HOME_SETTINGS), _setting()]
    return {"type": "home", "blocks": parts}


def _head(text: str) -> Json:
    return {"type": "header", "text": plain(text, 150)}


def _setting() -> Json:
    """A channel and how its threads are read; Slack tells us of each choice."""
    modes = wording.THREAD_MODES
    options = [{"text": plain(label, 75), "value": mode} for mode, label in modes.items()]
    channel: Json = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": plain(wording.HOME_CHANNEL, 150),
        "filter": {"include": ["public", "private"]},
    }
    mode: Json = {
        "type": "static_select",
        "action_id": MODE,
        "placeholder": plain(wording.HOME_MODE, 150),
        "options": options,
    }
    return {"type": "actions", "block_id": _SETTING, "elements": [channel, mode]}


def wish_of_mode(body: Mapping[str, Any], team: str) -> Wish:
    """The mode that was chosen, for the channel that was chosen before it."""
    chosen: Mapping[str, Any] = body["view"]["state"]["values"].get(_SETTING) or {}
    of_channel: Mapping[str, Any] = chosen.get(CHANNEL) or {}
    channel = str(of_channel.get("selected_conversation") or "")
    mode = str(body["actions"][0]["selected_option"]["value"])
    verb = verb_named("admin threads")
    name = verb.name if verb else ""
    return Wish(name, {"mode": mode}, team, person_in(body), channel, interaction_of(body))
