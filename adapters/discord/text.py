"""Our spans and people's words as Discord's markdown."""

from __future__ import annotations

import re

from bot.domain.messages import Code, Line, Mention, Moment, Span, Strong

MAX_TEXT = 3_800
"""Characters of all texts of one message; Discord takes 4,000."""
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
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


def plain_label(text: str, limit: int) -> str:
    """Words for a place that knows no markup."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _span(span: Span) -> str:
    match span:
        case str():
            return escaped(span)
        case Strong(text):
            return f"**{escaped(text)}**"
        case Code(text):
            return f"`{_FENCE.sub(' ', text)}`"
        case Mention(person):
            return f"<@{person.id}>"
        case Moment(at):
            return f"<t:{at // 1000}:R>"
