"""What Slack's payloads hold, in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.slack.keys import Errand, Press, Wish, press_named
from adapters.slack.places import DIRECT
from adapters.slack.text import typed, without_mention
from bot.commands.grammar import OVERHEARD, REACTED, REPLIED, TYPED, Group
from bot.domain.reactions import TONES

Json = Mapping[str, Any]
_NOT_OURS = frozenset({"directmessage"})
"""What Slack calls a conversation of two in a command, whoever the two are."""
_SAID = frozenset({None, "file_share", "thread_broadcast"})
"""Kinds of messages that people write."""
_SIGNS = {"star": "⭐", "heart": "❤", "+1": "👍", "thumbsup": "👍", "fire": "🔥"}
"""What Slack calls the signs with which people say that they like something."""
_TONES = {f"skin-tone-{number}": tone for number, tone in enumerate(TONES, start=2)}


def wish_of_command(body: Json, team: str) -> Wish:
    """A slash command. In a conversation that is not ours, the answer comes in private."""
    group = Group.ADMIN if str(body["command"]).endswith("-admin") else Group.MEMBER
    words = typed(str(body.get("text") or ""), group)
    return Wish(
        TYPED,
        {"text": f"/{group} {words}".strip()},
        team,
        str(body["user_id"]),
        str(body["channel_id"]),
        interaction_of(body),
        private=is_private(str(body["channel_id"]), str(body.get("channel_name") or "")),
        respond=str(body.get("response_url") or ""),
    )


def errand_here(verb: str, body: Json, **more: str) -> Errand:
    """A form's errand in the place where somebody asked for it."""
    channel, thread = place_in(body)
    return Errand(
        verb,
        channel=channel,
        thread=thread,
        private=is_private(channel, _name_in(body)),
        respond=str(body.get("response_url") or ""),
        **more,
    )


def wish_of_press(body: Json, team: str, press: Press) -> Wish:
    """A button under a message, in a question of ours, or on the home tab.

    What only its reader sees is replaced by the answer, so it is answered once, however often and
    quickly it is pressed: the core's name for the press is the question's.
    """
    channel, thread = place_in(body)
    container: Json = body.get("container") or {}
    user, once = person_in(body), bool(container.get("is_ephemeral"))
    question = f"question/{channel}/{container.get('message_ts')}/{user}/{press.verb}"
    return Wish(
        press.verb,
        dict(press.args),
        team,
        user,
        channel,
        question if once else interaction_of(body),
        thread,
        private=is_private(channel, ""),
        respond=str(body.get("response_url") or ""),
        replaces=once,
        home=home_in(body),
    )


def wish_of_form(body: Json, team: str, errand: Errand, args: dict[str, str]) -> Wish:
    """A form that was sent. Sent twice, it is one wish: the core's name for it is the form's."""
    chosen = args.pop("channel", "")
    if errand.job:
        args["job"] = errand.job
    channel = errand.channel or chosen
    return Wish(
        errand.verb,
        args,
        team,
        person_in(body),
        channel,
        f"form/{body['view']['id']}",
        errand.thread,
        private=errand.private or is_private(channel, ""),
        respond=errand.respond,
        files=[errand.file] if errand.file else [],
        home=home_in(body),
    )


def wish_of_message(event: Json, team: str, bot: str) -> Wish | None:
    """Something written to the bot, or in a thread to others; None for anything else."""
    channel, ts = str(event["channel"]), str(event["ts"])
    thread = str(event.get("thread_ts") or "")
    text = str(event.get("text") or "")
    told = event["type"] == "app_mention" or f"<@{bot}" in text or channel.startswith(DIRECT)
    if not told and not thread:
        return None
    return Wish(
        REPLIED if told else OVERHEARD,
        {"text": typed(without_mention(text, bot), Group.MEMBER)},
        team,
        str(event["user"]),
        channel,
        f"ts/{channel}/{ts}",
        thread,
        private=channel.startswith(DIRECT),
        files=[str(file["id"]) for file in event.get("files") or ()],
        home=str(event.get("user_team") or ""),
    )


def wish_of_reaction(event: Json, team: str, bot: str) -> Wish | None:
    """A sign that somebody put on a message, or took away; None where it says nothing to the bot.

    Slack says who wrote the message, but not always.
    """
    item: Json = event["item"]
    sign, user = sign_of(str(event["reaction"])), str(event.get("user") or "")
    by_another = event.get("item_user") not in {None, "", bot}
    if item["type"] != "message" or sign is None or by_another or user in {"", bot}:
        return None
    channel, ts = str(item["channel"]), str(item["ts"])
    gone = {"gone": "yes"} if event["type"] == "reaction_removed" else {}
    return Wish(
        REACTED,
        {"message": ts, "sign": sign, **gone},
        team,
        user,
        channel,
        f"{event['type']}/{channel}/{ts}/{user}/{sign}/{event['event_ts']}",
        private=channel.startswith(DIRECT),
    )


def sign_of(name: str) -> str | None:
    """The sign of a reaction that says that somebody likes it; None for any other."""
    plain, _, tone = name.partition("::")
    sign = _SIGNS.get(plain)
    return sign + _TONES.get(tone, "") if sign else None


def is_from_a_person(event: Json, bot: str) -> bool:
    """Whether somebody wrote it: no bot, no edit, no news of the channel."""
    by_person = event.get("user") and event["user"] != bot and not event.get("bot_id")
    return bool(by_person) and event.get("subtype") in _SAID and not event.get("hidden")


def is_private(channel: str, name: str) -> bool:
    """Whether what is made there is for one person only."""
    return not channel or channel.startswith(DIRECT) or name in _NOT_OURS


def interaction_of(body: Json) -> str:
    """What makes a command or press one of a kind."""
    return f"trigger/{body['trigger_id']}"


def person_in(body: Json) -> str:
    """Who did it."""
    return str(body["user"]["id"] if "user" in body else body["user_id"])


def home_in(body: Json) -> str:
    """The workspace that whoever did it came from; empty where Slack does not say."""
    user: Json = body.get("user") or {}
    return str(user.get("team_id") or "")


def place_in(body: Json) -> tuple[str, str]:
    """(channel, thread); both may be empty. The first message of a thread is in the channel."""
    shown: Json = body.get("channel") or {}
    channel = body.get("channel_id") or shown.get("id")
    container: Json = body.get("container") or {}
    message: Json = body.get("message") or {}
    ts = message.get("ts") or container.get("message_ts")
    thread = message.get("thread_ts") or container.get("thread_ts")
    return str(channel or ""), str(thread) if thread and thread != ts else ""


def _name_in(body: Json) -> str:
    shown: Json = body.get("channel") or {}
    return str(body.get("channel_name") or shown.get("name") or "")


def job_in(message: Json) -> str | None:
    """The job that a message of ours is about, by its buttons. The core says who may see it."""
    for block in message.get("blocks") or ():
        for element in block.get("elements") or ():
            press = press_named(str(element.get("action_id")), str(element.get("value") or ""))
            if press and press.args.get("job"):
                return press.args["job"]
    return None


def clip_in(message: Json) -> str | None:
    """The first picture or video that somebody attached to a message: its file's id."""
    for file in message.get("files") or ():
        if str(file.get("mimetype") or "").startswith(("image/", "video/")):
            return str(file["id"])
    return None


def words_before(message: Json) -> str | None:
    """The whole prompt that a message of ours quotes; None when it was cut."""
    for part in _quotes(message):
        text = "".join(str(element.get("text") or "") for element in part["elements"])
        return None if text.endswith("…") else text
    return None


def _quotes(message: Json) -> Iterator[Json]:
    for block in message.get("blocks") or ():
        if block.get("type") == "rich_text":
            yield from (one for one in block["elements"] if one["type"] == "rich_text_quote")
