"""Finds values that were typed with a name: ``seconds:8``, ``--seconds 8``, ``-s 8``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot import wording
from bot.commands.grammar import Kind, Param, Verb
from bot.commands.shapes import YES, fits
from bot.commands.tokens import Word, unquoted
from bot.errors import InvalidInput

_PAIR = re.compile(r"(--|—|–|-)?([A-Za-z][A-Za-z_-]{0,30})[:=](.*)", re.DOTALL)
_DASHED = re.compile(r"(--|—|–|-)([A-Za-z][A-Za-z_-]{0,30})")
_SHORTEST_TYPO = 4


@dataclass(frozen=True, slots=True)
class Option:
    """A named value and how many words it took."""

    param: Param
    value: str
    words: int = 1


def option_at(verb: Verb, words: Sequence[Word]) -> Option | None:
    """The named value that `words` begin with, or None when they belong to the sentence.

    Raises `InvalidInput` for a name that is nearly one of ours, and for one without its value.
    """
    word = words[0]
    if word.quoted:
        return None
    following = words[1] if len(words) > 1 else None
    if pair := _PAIR.fullmatch(word.text):
        return _pair(verb, pair, following)
    if dashed := _DASHED.fullmatch(word.text):
        return _dashed(verb, dashed, following)
    return None


def _pair(verb: Verb, pair: re.Match[str], following: Word | None) -> Option | None:
    """``seconds:8`` and, where the next word can be nothing else, ``seconds: 8``."""
    dash, name, value = pair[1], pair[2], _bare(pair[3])
    param = _param(verb, name)
    if param is None:
        _mind_typo(verb, name, value)
        return None
    if not value:
        return _if_fitting(param, following)
    sure = dash or len(name) > 1 or fits(param, value)
    return Option(param, value) if sure else None


def _dashed(verb: Verb, dashed: re.Match[str], following: Word | None) -> Option | None:
    """``--seconds 8``. Phones turn two hyphens into a dash, as sentences have: look twice."""
    dash, name = dashed[1], dashed[2]
    param = _param(verb, name)
    if param is None:
        _mind_typo(verb, name, name if dash == "--" else "")
        return None
    if param.kind is Kind.FLAG:
        sure = dash == "--" or following is None
        return Option(param, YES) if sure else None
    if dash != "--":
        return _if_fitting(param, following)
    if following is None or following.text.startswith("--"):
        raise InvalidInput(param.name, "", wording.needs_value(param.name))
    return Option(param, _bare(following.text), words=2)


def _param(verb: Verb, name: str) -> Param | None:
    """The parameter meant. The rest of a line has its name taken off later."""
    param = verb.param(name)
    if param is None or param.kind is Kind.TEXT:
        return None
    if param.kind is Kind.IMAGE:
        raise InvalidInput(param.name, "", wording.ATTACH_PICTURE)
    return param


def _if_fitting(param: Param, following: Word | None) -> Option | None:
    value = _bare(following.text) if following else ""
    return Option(param, value, words=2) if fits(param, value) else None


def _bare(value: str) -> str:
    """A value without quotes, or without the comma that ends it in a list."""
    inner = unquoted(value)
    return inner if inner != value else value.rstrip(",;.")


def _mind_typo(verb: Verb, name: str, value: str) -> None:
    """A name that is nearly ours, with a value, is refused: it would cost what was not meant."""
    known = [n for p in verb.params if p.kind is not Kind.TEXT for n in p.names]
    if not value or len(name) < _SHORTEST_TYPO or verb.param(name):
        return
    meant = get_close_matches(name.lower(), known, n=1, cutoff=0.8)
    if meant:
        raise InvalidInput("setting", name, wording.did_you_mean(meant[0]))
