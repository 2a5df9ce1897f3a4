"""Our spans and people's words as Slack's rich text, and what people type on Slack as plain words.

Rich text has no markup to escape: a word is a word, and a mention is an element of its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from adapters.chats.labels import shortened
from bot.commands.grammar import Group, Kind, verb_named
from bot.domain.messages import Code, Jump, Line, Mention, Moment, Room, Span, Strong
from bot.domain.refs import MessageRef

MAX_FALLBACK = 3_000
"""Characters of the text beside blocks; Slack takes 4,000 when a message is edited."""
Json = dict[str, Any]
Addresses = Mapping[MessageRef, str]
"""Where messages are found in a browser."""

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^<>]*))?>")
_GROUP = re.compile(r"<!subteam\^([A-Z0-9]+)(?:\|([^<>]*))?>")
_NAMED = re.compile(r"<(@&?|#)[A-Z0-9]+\|([^<>]+)>")
_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|([^<>]*))?>")
_EVERYONE = re.compile(r"<!(here|channel|everyone)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<((?:https?|mailto):[^<>|]*)(?:\|([^<>]*))?>")


def rich(line: Line, addresses: Addresses) -> list[Json]:
    """One line of ours as elements of a rich text section."""
    return [element for span in line if (element := _element(span, addresses))]


def plain_element(text: str) -> Json:
    """Words that show as they are."""
    return {"type": "text", "text": text}


def fallback(lines: tuple[Line, ...], quote: str | None) -> str:
    """What notifications and screen readers say; Slack reads it as markup, so it is escaped."""
    said = [_escaped(line) for line in lines]
    if quote:
        said.insert(1, html.escape(quote, quote=False))
    text = "\n".join(part for part in said if part.strip())
    return shortened(text, MAX_FALLBACK)


def typed(text: str, group: Group) -> str:
    """What somebody typed: entities and links undone.

    For admins, people, groups and channels stay as ``<@U1|ben>``, ``<@&S1|@plus>`` and
    ``<#C1|studio>``, which the core reads, and so do people after a verb that is about somebody;
    elsewhere they become their names.
    """
    if group is Group.ADMIN:
        text = _GROUP.sub(lambda found: f"<@&{found[1]}|@{_name(found[2]) or found[1]}>", text)
    else:
        if not _is_about_somebody(text):
            text = _PERSON.sub(lambda found: f"@{_name(found[2]) or found[1]}", text)
        text = _GROUP.sub(lambda found: f"@{_name(found[2]) or found[1]}", text)
        text = _CHANNEL.sub(lambda found: f"#{found[2] or found[1]}", text)
    text = _EVERYONE.sub(lambda found: f"@{found[1]}", text)
    text = _LINK.sub(lambda found: found[2] or found[1], text)
    return html.unescape(text).strip()


def _is_about_somebody(text: str) -> bool:
    """Whether a member's line begins with a verb that takes a person."""
    words = text.removeprefix(f"/{Group.MEMBER}").split(maxsplit=1)
    verb = verb_named(words[0].lower()) if words else None
    return verb is not None and any(param.kind is Kind.PERSON for param in verb.params)


def read_again(text: str) -> str:
    """What `typed` gave, as whoever typed it reads it: people, groups and channels by name."""
    return _NAMED.sub(lambda found: f"{found[1][0]}{_name(found[2])}", text)


def without_mention(text: str, bot: str) -> str:
    """What is said to the bot, without its name."""
    return re.sub(rf"<@{bot}(?:\|[^<>]*)?>", " ", text).strip()


def address(base: str, channel: str, ts: str, thread: str) -> str:
    """Where a message is found; `base` is the workspace's own address with a slash at its end."""
    link = f"{base}archives/{channel}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread}&cid={channel}" if thread else link


def _name(name: str | None) -> str:
    return (name or "").removeprefix("@")


def _element(span: Span, addresses: Addresses) -> Json | None:  # noqa: PLR0911 - one for each kind of span
    match span:
        case str():
            return plain_element(span) if span else None
        case Strong(text):
            return plain_element(text) | {"style": {"bold": True}} if text else None
        case Code(text):
            return plain_element(text) | {"style": {"code": True}} if text else None
        case Jump(text, to):
            url = addresses.get(to)
            return {"type": "link", "url": url, "text": text} if url else plain_element(text)
        case Mention(person):
            return {"type": "user", "user_id": person.id}
        case Room(channel):
            return {"type": "channel", "channel_id": channel.id}
        case Moment(at):
            return {
                "type": "date",
                "timestamp": at // 1000,
                "format": "{ago}",
                "fallback": "soon",
            }


def _escaped(line: Line) -> str:
    return "".join(_escaped_span(span) for span in line)


def _escaped_span(span: Span) -> str:
    match span:
        case str():
            return html.escape(span, quote=False)
        case Strong(text) | Code(text) | Jump(text):
            return html.escape(text, quote=False)
        case Mention(person):
            return f"<@{person.id}>"
        case Room(channel):
            return f"<#{channel.id}>"
        case Moment(at):
            return f"<!date^{at // 1000}^{{ago}}|soon>"
