"""Typed line → verb and arguments, for chats without typed options. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from bot import wording
from bot.commands.bare import Bare, bare_options
from bot.commands.grammar import GRAMMAR, Group, Kind, Param, Verb, verb_named
from bot.commands.options import option_at
from bot.commands.shapes import fits, normal
from bot.commands.tokens import Word, joined, unquoted, words_of
from bot.domain.refs import job_id_typed
from bot.domain.videos import MAX_PROMPT
from bot.errors import InvalidInput

MAX_LINE = MAX_PROMPT + 500
"""Characters of a line: a prompt and every option that a verb can have."""

_COMMAND = re.compile(r"\s*/(sora-admin|sora)(?!\S)", re.IGNORECASE)
_FILLERS = frozenset({"per", "a", "each", "every", "to", "from", "of", "/"})
"""Words that make a sentence of the values: "20 videos per week", "100 to @ben"."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a line asks for: a verb of the grammar and raw texts by parameter name."""

    verb: str
    args: Mapping[str, str] = field(default_factory=dict[str, str])


def parse(text: str) -> Parsed:
    """Read a typed line, with or without ``/sora`` before it; raises only `InvalidInput`.

    A line that begins with no verb is a prompt. An empty one asks for help.
    """
    command = _COMMAND.match(text)
    group = Group(command[1].lower()) if command else Group.MEMBER
    line = text[command.end() :] if command else text
    words = words_of(line)
    if not words:
        return Parsed("help", {"topic": "admin"} if group is Group.ADMIN else {})
    verb, used = _verb(group, words)
    if len(line) > MAX_LINE:
        raise InvalidInput("line", wording.cut(line, 40), wording.up_to_characters(MAX_LINE))
    if verb is None:
        return Parsed("help", {"topic": "admin"})
    return Parsed(verb.name, _arguments(verb, line, words[used:]))


def verb_in(text: str) -> Verb | None:
    """The verb that a typed line names, also where the rest of it cannot be read."""
    command = _COMMAND.match(text)
    group = Group(command[1].lower()) if command else Group.MEMBER
    words = words_of(text[command.end() :] if command else text)
    named = _named(group, words) if words else None
    return named[0] if named else None


def begins_with_verb(text: str) -> bool:
    """Whether a typed line says what it asks for; all other lines are prompts.

    ``/sora`` says it, and so does nothing at all. What is nearly a verb counts too: it is asked
    about when the line is read.
    """
    words = words_of(text)
    if not words or _COMMAND.match(text):
        return True
    return _named(Group.MEMBER, words) is not None or _typo(Group.MEMBER, words) is not None


# --- the verb -----------------------------------------------------------------------------


def _verb(group: Group, words: Sequence[Word]) -> tuple[Verb | None, int]:
    """The verb that a line begins with and how many words name it; None asks for admin help."""
    named = _named(group, words)
    if named:
        return named
    if group is Group.ADMIN:
        return _no_admin_verb(_first(words))
    meant = _typo(group, words)
    if meant:
        typed = " ".join(word.text for word in words)
        raise InvalidInput("command", _first(words)[0], wording.command_or_prompt(meant, typed))
    return verb_named("create"), 0


def _named(group: Group, words: Sequence[Word]) -> tuple[Verb, int] | None:
    first = _first(words)
    for verb in sorted(GRAMMAR, key=lambda verb: -len(verb.words)):
        for name in (verb.words, tuple(verb.name.split())):
            of_group = verb.group is group or name != verb.words
            if of_group and tuple(first[: len(name)]) == name:
                return verb, len(name)
    return None


def _first(words: Sequence[Word]) -> list[str]:
    """As many words as a verb can have."""
    return [word.text.lower().rstrip(":") for word in words[:3]]


def _no_admin_verb(first: Sequence[str]) -> tuple[None, int]:
    if first[0] == "help":
        return None, 1
    known = [verb.command for verb in GRAMMAR if verb.group is Group.ADMIN]
    raise InvalidInput("command", " ".join(first[:2]), wording.try_one_of(known))


def _typo(group: Group, words: Sequence[Word]) -> str | None:
    """``cancle k7q2`` is no prompt: the verb that a short line nearly begins with."""
    rest = words[1:]
    alone = not rest or (len(rest) == 1 and _like_a_job(rest[0].text))
    known = [verb.name for verb in GRAMMAR if verb.group is group]
    return next(iter(get_close_matches(_first(words)[0], known, 1, 0.8) if alone else ()), None)


def _like_a_job(text: str) -> bool:
    return job_id_typed(text) is not None and bool(re.search(r"[\d#]", text))


# --- its arguments ------------------------------------------------------------------------


def _arguments(verb: Verb, line: str, words: Sequence[Word]) -> dict[str, str]:
    args: dict[str, str] = {}
    kept = _take_named(verb, words, args)
    if verb.params and verb.params[0].kind is Kind.TEXT:
        kept = _take_bare(verb, line, words, kept, args)
    else:
        kept = _take_in_order(verb, [(index, words[index]) for index in kept], args)
    rest = joined(line, [words[index] for index in kept])
    if verb.text:
        return _with_text(verb.text, rest, args)
    if rest:
        raise _too_many_words(verb, joined(line, words))
    return args


def _take_named(verb: Verb, words: Sequence[Word], args: dict[str, str]) -> list[int]:
    """Move named values to `args`; what is left, as places among the words."""
    kept: list[int] = []
    at = 0
    while at < len(words):
        option = option_at(verb, words[at : at + 2])
        if option:
            _put(args, option.param, option.value)
            at += option.words
        else:
            kept.append(at)
            at += 1
    return kept


def _take_bare(
    verb: Verb, line: str, words: Sequence[Word], kept: Sequence[int], args: dict[str, str]
) -> list[int]:
    """Move unnamed values at the ends of a prompt to `args`."""
    found = [(verb.param(bare.name), bare) for bare in bare_options(line, words, kept)]
    named = frozenset(args)
    gone: set[int] = set()
    for param, bare in sorted(found, key=lambda pair: (pair[1].turned, pair[1].at)):
        if param is None or (bare.turned and not _turn(args, named, bare)):
            continue
        if not bare.turned:
            _put(args, param, bare.value)
        if not bare.stays:
            gone.add(bare.at)
    return [index for index in kept if index not in gone]


def _turn(args: dict[str, str], named: Iterable[str], bare: Bare) -> bool:
    """Add an orientation to ``720p``, or to nothing; beside any other size it is just a word."""
    size = args.get("size", "")
    if "size" in named or (size and not size.endswith("p")):
        return False
    args["size"] = f"{bare.value} {size}".strip()
    return True


def _take_in_order(
    verb: Verb, words: Sequence[tuple[int, Word]], args: dict[str, str]
) -> list[int]:
    """Move values typed without names to `args`, each to the first parameter it looks like."""
    for n, (_, word) in enumerate(words):
        still = [p for p in verb.params if p.name not in args and not _needs_name(p)]
        missing = [p for p in still if p.required]
        if (missing or verb.text is None) and word.text.lower() in _FILLERS:
            continue
        more = verb.text is not None and n + 1 < len(words)
        fitting = [p for p in still if fits(p, word.text) and not (more and _counts(p, word))]
        param = next(iter(fitting + missing + _last_hope(verb, still)), None)
        if param is None:
            return [index for index, _ in words[n:]]
        _put(args, param, unquoted(word.text))
    return []


_NEVER_IN_ORDER = frozenset({Kind.TEXT, Kind.IMAGE, Kind.START})
"""Of these, "now" and "22:30" are words of many a prompt."""


def _needs_name(param: Param) -> bool:
    return param.named or param.kind in _NEVER_IN_ORDER


def _counts(param: Param, word: Word) -> bool:
    """Whether a number may count what comes after it: "8 kites land", but not "8s"."""
    return param.kind is Kind.SECONDS and word.text.isdigit()


def _last_hope(verb: Verb, still: Sequence[Param]) -> list[Param]:
    """Where nothing takes the rest of a line, a strange value is for the next parameter."""
    return [] if verb.text else [param for param in still if param.kind is not Kind.FLAG]


def _put(args: dict[str, str], param: Param, value: str) -> None:
    wanted = normal(param, value)
    if param.name in args:
        raise InvalidInput(param.name, f"{args[param.name]} … {wanted}", wording.ONCE)
    args[param.name] = wanted


def _too_many_words(verb: Verb, typed: str) -> InvalidInput:
    line = f"{' '.join(verb.words)} {typed}"
    is_prompt = verb.group is Group.MEMBER
    return InvalidInput(
        "command", line, wording.usage_or_prompt(verb.usage, line, prompt=is_prompt)
    )


def _with_text(param: Param, rest: str, args: dict[str, str]) -> dict[str, str]:
    """Give the rest of the line to the text parameter."""
    text = unquoted(_without_name(param, rest))
    if param.max is not None and len(text) > param.max:
        raise InvalidInput(param.name, wording.cut(text, 40), wording.up_to_characters(param.max))
    return {**args, param.name: text} if text.strip() else args


def _without_name(param: Param, rest: str) -> str:
    """``prompt:a kite`` and ``--prompt a kite`` as ``a kite``."""
    named = re.match(
        rf"(?:(?:--|—|–){param.name}(?:[:=]|\s)|{param.name}[:=])\s*", rest, re.IGNORECASE
    )
    return rest[named.end() :] if named else rest
