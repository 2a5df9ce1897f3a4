"""Cuts a typed line into words, keeping quoted stretches whole and every character findable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Phones open and close with whatever they like; \u2018 and \u2019 are the curly single quotes.
_QUOTED = r"""["“”„][^"“”„]*["“”]|['\u2018][^'\u2018\u2019]*['\u2019]|«[^»]*»"""
_WORD = re.compile(
    rf"(?P<quoted>(?:{_QUOTED})(?=\s|$))"
    rf"|[—–-]*[A-Za-z][A-Za-z_-]*[:=](?:{_QUOTED})(?=\s|$)"
    r"|<[@#][^<>]*>"
    r"|\S+"
)
_WHOLE = re.compile(rf"\s*(?:{_QUOTED})\s*")


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of the line without white space, or with quotes around it."""

    text: str
    start: int
    end: int
    quoted: bool


def words_of(line: str) -> list[Word]:
    """The words of a line, in order; only white space lies between them."""
    return [
        Word(found.group(), found.start(), found.end(), found["quoted"] is not None)
        for found in _WORD.finditer(line)
    ]


def joined(line: str, kept: Sequence[Word]) -> str:
    """The line with only the `kept` words, and between them the space that was typed there."""
    pieces: list[str] = []
    for before, word in zip([None, *kept], kept, strict=False):
        pieces += [_gap(line[before.end : word.start]) if before else "", word.text]
    return "".join(pieces)


def _gap(between: str) -> str:
    """The white space of a gap out of which words may have been taken; new lines win."""
    spaces = re.findall(r"\s+", between)
    return max(spaces, key=lambda space: space.count("\n"), default="")


def unquoted(text: str) -> str:
    """Text without the quotes around the whole of it, if there are any."""
    return text.strip()[1:-1] if _WHOLE.fullmatch(text) else text
