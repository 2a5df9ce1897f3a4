"""The home tab: what one has left, what one asked for, and for admins how threads are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.keys import Wish
from adapters.slack.payloads import interaction_of, person_in
from adapters.slack.render import Frame, blocks, plain
from adapters.slack.text import Json
from bot import wording
from bot.domain.messages import Reply

MAKE = "sora-make"
"""Action of the button that opens the form."""
MODE = "sora-mode"
"""Action of the choice how threads of a channel are read."""
CHANNEL = "sora-channel"
"""Action of the choice for which channel; what is set there is shown then."""
_SETTING = "threads"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A channel whose threads an admin looks at, empty for none, and what came of it."""

    channel: str = ""
    reply: Reply | None = None


NOTHING = Chosen()


def view(quota: Reply | None, jobs: Reply | None, *, admin: bool, chosen: Chosen = NOTHING) -> Json:
    """The whole tab. `quota` and `jobs` are the core's answers to those verbs."""
    make: Json = {
        "type": "button",
        "text": plain(wording.COMPOSE_TITLE, 75),
        "action_id": MAKE,
        "style": "primary",
    }
    parts: list[Json] = [{"type": "actions", "elements": [make]}]
    for head, reply in ((wording.HOME_CREDITS, quota), (wording.HOME_JOBS, jobs)):
        parts += [_head(head), *_said(reply)] if reply else []
    if admin:
        parts += [_head(wording.HOME_SETTINGS), _setting(chosen.channel), *_said(chosen.reply)]
    return {"type": "home", "blocks": parts}


def _said(reply: Reply | None) -> list[Json]:
    return blocks(reply.message, Frame()) if reply else []


def _head(text: str) -> Json:
    return {"type": "header", "text": plain(text, 150)}


def _setting(chosen: str) -> Json:
    """A channel and how its threads are read; Slack tells us of each choice.

    The block is another one for each channel, so that none shows what was chosen for another.
    """
    modes = wording.THREAD_MODES
    options = [{"text": plain(label, 75), "value": mode} for mode, label in modes.items()]
    channel: Json = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": plain(wording.HOME_CHANNEL, 150),
        "filter": {"include": ["public", "private"]},
    }
    if chosen:
        channel["initial_conversation"] = chosen
    mode: Json = {
        "type": "static_select",
        "action_id": MODE,
        "placeholder": plain(wording.HOME_MODE, 150),
        "options": options,
    }
    return {"type": "actions", "block_id": f"{_SETTING}/{chosen}", "elements": [channel, mode]}


def wish_of_setting(body: Mapping[str, Any], team: str) -> Wish:
    """The mode that was chosen, or none yet, for the channel that was chosen; it may be empty."""
    action: Mapping[str, Any] = body["actions"][0]
    chosen: Mapping[str, Any] = body["view"]["state"]["values"].get(action["block_id"]) or {}
    of_channel: Mapping[str, Any] = chosen.get(CHANNEL) or {}
    channel = str(of_channel.get("selected_conversation") or "")
    option: Mapping[str, Any] = action.get("selected_option") or {}
    args = {"mode": str(option["value"])} if option else {}
    return Wish("admin threads", args, team, person_in(body), channel, interaction_of(body))
