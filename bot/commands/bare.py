"""Finds options typed without a name at either end of a prompt: ``… portrait 8s 720p x2``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.commands.tokens import Word

_FIGURES = (
    ("size", re.compile(r"\d{3,4}[pP]|\d{3,4}[xX×]\d{3,4}|(16|21):9|9:16|1:1|4:3|3:4|3:2|2:3")),
    ("seconds", re.compile(r"[1-9]\d?[sS]")),
    ("count", re.compile(r"[xX×][1-9]")),
)
_TURNED = re.compile(r"portrait|landscape|vertical|horizontal", re.IGNORECASE)
_DECADE = re.compile(r"[2-9]0s", re.IGNORECASE)
_BEFORE_FIGURES = (
    "a an the this that his her its my your our their of in on at by to for from with within "
    "after before until till every about around over under like and or than as into only just "
    "zoom speed faster slower times early mid late"
)
_LEADS_TO_A_FIGURE = frozenset(_BEFORE_FIGURES.split())
"""A word after one of these belongs to the sentence: "in 9s", "the 80s", "zoom x2"."""
_FOLLOWS_A_FIGURE = frozenset(
    {"of", "in", "on", "at", "from", "and", "or", "to", "am", "pm", "until"}
)
"""A word before one of these belongs to the sentence: "8s of rain"."""
_MARKS = ",;.!?:)…"


@dataclass(frozen=True, slots=True)
class Bare:
    """An option without a name; `at` is its place among the words.

    `turned`: it is an orientation. `stays`: the word is part of the prompt as well.
    """

    name: str
    value: str
    at: int
    turned: bool = False
    stays: bool = False


def bare_options(line: str, words: Sequence[Word], kept: Sequence[int]) -> list[Bare]:
    """The unnamed options at the end, then those at the beginning of the words in `kept`.

    A figure goes. An orientation goes where something sets it off ("a king, portrait"); where it
    may be a noun ("a family portrait") it counts and stays, so that no prompt loses a word.
    """
    sentence = _Sentence(line, words, kept)
    found = list(sentence.from_the_end())
    ends = {option.at for option in found}
    return found + [option for option in sentence.from_the_start() if option.at not in ends]


class _Sentence:
    """The words left of a line after named options were taken out, maybe between them."""

    def __init__(self, line: str, words: Sequence[Word], kept: Sequence[int]) -> None:
        self._line = line
        self._words = words
        self._kept = kept
        self._apart: list[bool] = []
        # In order, for an option sets off what follows it.
        for n in range(len(kept)):
            self._apart.append(self._set_off(n))

    def from_the_end(self) -> Iterator[Bare]:
        """Options, from the last word to the first one that is none."""
        for n in reversed(range(len(self._kept))):
            option = self._figure_at_end(n) or self._turned_at_end(n)
            if option is None:
                return
            yield option
            if option.stays:
                return

    def from_the_start(self) -> Iterator[Bare]:
        """Options, from the first word to the last one in a row."""
        for n in range(len(self._kept)):
            option = self._figure_at_start(n) or self._turned_at_start(n)
            if option is None:
                return
            yield option

    def _figure_at_end(self, n: int) -> Bare | None:
        option = self._figure(n)
        if option is None or self._apart[n]:
            return option
        in_sentence = self._text(n - 1).lower() in _LEADS_TO_A_FIGURE
        return None if in_sentence or _DECADE.fullmatch(option.value) else option

    def _turned_at_end(self, n: int) -> Bare | None:
        turned = self._turned(n)
        if turned is None or n == 0:
            return None
        if self._apart[n]:
            return Bare("size", turned, self._kept[n], turned=True)
        if self._text(n - 1).lower() in _LEADS_TO_A_FIGURE:
            return None
        return Bare("size", turned, self._kept[n], turned=True, stays=True)

    def _figure_at_start(self, n: int) -> Bare | None:
        if n + 1 < len(self._kept) and self._text(n + 1).lower() in _FOLLOWS_A_FIGURE:
            return None
        return self._figure(n)

    def _turned_at_start(self, n: int) -> Bare | None:
        turned = self._turned(n)
        if turned is None or n + 1 == len(self._kept):
            return None
        ends = self._words[self._kept[n]].text[-1] in _MARKS
        apart = self._taken_between(n) or self._figure_at_start(n + 1)
        return Bare("size", turned, self._kept[n], turned=True) if ends or apart else None

    def _set_off(self, n: int) -> bool:
        """Whether a mark, a new line or another option stands before word `n`."""
        if n == 0:
            return True
        before, word = self._words[self._kept[n - 1]], self._words[self._kept[n]]
        gap = self._line[before.end : word.start]
        return (
            before.quoted
            or before.text[-1] in _MARKS
            or "\n" in gap
            or self._taken_between(n - 1)
            or self._figure_at_end(n - 1) is not None
        )

    def _taken_between(self, n: int) -> bool:
        """Whether a named option stood between word `n` and the next one."""
        return self._kept[n + 1] != self._kept[n] + 1

    def _figure(self, n: int) -> Bare | None:
        text = self._text(n)
        for name, shape in _FIGURES:
            if shape.fullmatch(text):
                return Bare(name, text.lstrip("xX×") if name == "count" else text, self._kept[n])
        return None

    def _turned(self, n: int) -> str | None:
        text = self._text(n)
        return text.lower() if _TURNED.fullmatch(text) else None

    def _text(self, n: int) -> str:
        """Word `n` without the marks after it; a quoted one keeps its quotes: never an option."""
        return self._words[self._kept[n]].text.rstrip(_MARKS)
