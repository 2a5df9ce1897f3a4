"""What the text of each kind of parameter looks like, and the one way to write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from bot.commands.grammar import Kind, Param
from bot.domain.later import timing_of
from bot.domain.refs import job_id_typed
from bot.domain.videos import seconds_of, size_of

_SIZE = re.compile(r"(?i:\d{3,4}p|\d{1,2}:\d{1,2}|portrait|vertical|landscape|horizontal)")
_NUMBER = re.compile(r"\d{1,9}|\d{1,3}(,\d{3}){1,2}", re.ASCII)
_MONEY = re.compile(r"\$?((?:\d{1,7}|\d{1,3}(?:,\d{3}){1,2})(?:\.\d{1,4})?)", re.ASCII)
_MODEL = re.compile(r"[a-z][\w./-]*\d[\w./-]*", re.IGNORECASE)
YES = "yes"
CHANNELS = ("#", "<#")
"""What the name of a channel begins with."""


def number_of(text: str) -> int | None:
    """``20`` or ``1,000`` as a number; None when it is not written that way."""
    return int(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def money_of(text: str) -> int | None:
    """``12.50``, ``$12.5`` or ``1,000`` US dollars in millionths; None when it is none of these."""
    found = _MONEY.fullmatch(text)
    return int(Decimal(found[1].replace(",", "")) * 1_000_000) if found else None


_SHAPES: Mapping[Kind, Callable[[str], object]] = {
    Kind.SIZE: lambda text: size_of(text) or _SIZE.fullmatch(text),
    Kind.SECONDS: seconds_of,
    Kind.NUMBER: _NUMBER.fullmatch,
    Kind.MODEL: _MODEL.fullmatch,
    Kind.JOB: job_id_typed,
    Kind.MONEY: lambda text: money_of(text) is not None,
    Kind.START: timing_of,
    Kind.WORD: lambda text: text.startswith(CHANNELS),
    # Any word: what nobody has heard of is refused, never taken for the beginning of a reason.
    Kind.SCOPE: bool,
    Kind.PERSON: lambda text: text.startswith(("@", "<@")),
}


def fits(param: Param, text: str) -> bool:
    """Whether a word looks like a value of the parameter, and like nothing else in a sentence."""
    if param.kind is Kind.FLAG:
        return text.lower() in param.names
    if param.choice(text) or (param.or_channel and text.startswith(CHANNELS)):
        return True
    shape = _SHAPES.get(param.kind)
    return bool(shape and shape(text) not in {None, False})


def normal(param: Param, text: str) -> str:
    """The value as it is passed on; what has no better form stays as typed."""
    match param.kind:
        case Kind.SECONDS:
            seconds = seconds_of(text)
            return text if seconds is None else str(seconds)
        case Kind.SIZE:
            return str(size_of(text) or text.lower())
        case Kind.NUMBER:
            number = number_of(text)
            return param.choice(text) or (text if number is None else str(number))
        case Kind.JOB:
            return job_id_typed(text) or text
        case Kind.FLAG:
            return "" if text.lower() in {"no", "off", "false", "0"} else YES
        case _:
            return param.choice(text) or text
