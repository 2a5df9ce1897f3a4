"""Our spans and people's words as Discord's markdown."""

from __future__ import annotations

import re

from bot.domain.messages import Code, Jump, Line, Mention, Moment, Room, Span, Strong
from bot.domain.refs import MessageRef

MAX_TEXT = 3_800
"""Characters of all texts of one message; Discord takes 4,000."""
_SPECIAL = re.compile(r"([\\*_~|`<>#+:@\[\]()/-]|(?<=\d)\.)")
"""Marks with a meaning in Discord's markdown. A dot has one after a number: it makes a list."""
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FENCE = re.compile(r"[`\\\s]+")


def escaped(text: str) -> str:
    """People's words so that every character shows as itself: no markup, mention, link or emoji.

    Discord shows any ASCII mark after a backslash as it is.
    """
    return _SPECIAL.sub(r"\\\1", text)


def unescaped(text: str) -> str:
    """What `escaped` was given."""
    return _ESCAPED.sub(r"\1", text)


def quote(words: str) -> str:
    """Somebody's own words, set off at their left."""
    lines = escaped(words).splitlines() or [""]
    return "\n".join(f"> {line}" for line in lines)


def unquoted(shown: str) -> str | None:
    """The words in a text made by `quote`; None for any other text."""
    lines = shown.splitlines()
    if not lines or not all(line.startswith("> ") for line in lines):
        return None
    return unescaped("\n".join(line[2:] for line in lines))


def markdown(line: Line) -> str:
    """One line of ours."""
    return "".join(_span(span) for span in line)


def address(ref: MessageRef) -> str:
    """Where a message is found in a browser or in Discord's own program."""
    place = ref.place
    server = "@me" if place.private else place.tenant.id
    return f"https://discord.com/channels/{server}/{place.thread or place.channel}/{ref.id}"


def _span(span: Span) -> str:  # noqa: PLR0911 - one for each kind of span
    match span:
        case str():
            return escaped(span)
        case Strong(text):
            return f"**{escaped(text)}**"
        case Code(text):
            return f"`{_FENCE.sub(' ', text)}`"
        case Jump(text, to):
            return f"[{escaped(text)}]({address(to)})"
        case Mention(person):
            return f"<@{person.id}>"
        case Room(channel):
            return f"<#{channel.id}>"
        case Moment(at):
            return f"<t:{at // 1000}:R>"
