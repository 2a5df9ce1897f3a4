"""Writes the tables of the pages from the code they describe. `make docs` runs it.

A page marks the place of a table with two comments:

    <!-- commands: from the code, by make docs -->
    <!-- end of commands -->
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from textwrap import fill

import click
from pydantic import SecretStr

from bot import wording
from bot.__main__ import cli
from bot.backends import BUILT_IN
from bot.commands.grammar import GRAMMAR, Group
from bot.domain.catalogue import parse
from bot.domain.jobs import MOVES, JobState
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/job-life.md", "docs/slack.md")
"""The pages with marked places."""

ESCAPED_BAR = "\\|"

_PLACE = re.compile(
    r"(?P<head><!-- (?P<name>\w+): from the code, by make docs -->\n).*?"
    r"(?P<foot><!-- end of (?P=name) -->)",
    re.DOTALL,
)


def commands() -> str:
    """What people can type, from the grammar."""
    return table(
        ("Type", "What it does", "For example"),
        (
            (f"`{verb.usage}`", verb.summary, f"`{verb.examples[0]}`" if verb.examples else "")
            for group in Group
            for verb in GRAMMAR
            if verb.group is group
        ),
    )


def terminal() -> str:
    """The command line, from click, in the order of the program's own text."""
    return table(
        ("Type", "What it does"),
        ((f"`{_typed(name, command)}`", command.help or "") for name, command in _commands(cli)),
    )


def _commands(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """All that can be typed; those of a group within carry its name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield name, command
            yield from ((f"{name} {inner}", found) for inner, found in _commands(command))
        else:
            yield name, command


def _typed(name: str, command: click.Command) -> str:
    arguments = (p.human_readable_name for p in command.params if isinstance(p, click.Argument))
    return " ".join(("sora-bot", name, *arguments))


def settings() -> str:
    """Every setting, with the name of its environment variable."""
    return table(
        ("Setting", "Default", "What it is"),
        (
            (f"`{PREFIX}{name.upper()}`", _default(field.default), field.description or "")
            for name, field in Settings.model_fields.items()
        ),
    )


def _default(value: object) -> str:
    plain = value.value if isinstance(value, Enum) else value
    empty = plain is None or plain == "" or isinstance(plain, SecretStr)
    return "" if empty else f"`{plain}`"


def moves() -> str:
    """Which states a job can go to from each."""
    return table(
        ("From", "To"),
        (
            (f"`{state}`", ", ".join(f"`{to}`" for to in JobState if to in MOVES[state]))
            for state in JobState
            if MOVES[state]
        ),
    )


def scopes() -> str:
    """The rights of the Slack app, each with what the bot does with it."""
    only = " (only with `--replies`)"
    return table(
        ("Scope", "With it the bot …"),
        (
            *((f"`{scope}`", why) for scope, why in wording.SLACK_SCOPES.items()),
            *((f"`{scope}`", why + only) for scope, why in wording.SLACK_REPLY_SCOPES.items()),
        ),
    )


DRAFTS = 4
"""Drafts of which one is made final, in the example."""


def finals() -> str:
    """What drafts on a cheap model and one final save, from the built-in catalogue."""
    catalogue = parse(tomllib.loads(BUILT_IN.read_text("utf-8")))
    draft = catalogue.default
    final = catalogue.get(draft.finalizes_on)
    size, seconds = draft.default_size, draft.default_seconds
    cheap, dear = draft.price(size, seconds), final.price(size, seconds)
    both, alone = DRAFTS * cheap + dear, DRAFTS * dear
    words = (
        f"Try on `{draft.name}`, then press Finalize under the best: `{final.name}` makes it once "
        f"more. {DRAFTS} drafts of {seconds} seconds and one final cost "
        f"{wording.credits_(both)}; {DRAFTS} tries on `{final.name}` cost {alone:,}."
    )
    return f"{fill(words, 100)}\n"


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "terminal": terminal,
    "settings": settings,
    "moves": moves,
    "scopes": scopes,
    "finals": finals,
}
"""What can stand in a marked place."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "".join(_row(cells) for cells in (head, ["---"] * len(head), *rows))


def _row(cells: Iterable[str]) -> str:
    """One line of a table; a bar within a cell does not end the cell."""
    return f"| {' | '.join(cell.replace('|', ESCAPED_BAR) for cell in cells)} |\n"


def filled(text: str) -> str:
    """The page with every marked place made anew; raises `KeyError` for a table nobody makes."""
    return _PLACE.sub(lambda found: found["head"] + TABLES[found["name"]]() + found["foot"], text)


def main() -> None:
    """Rewrite the pages."""
    for page in PAGES:
        path = ROOT / page
        path.write_text(filled(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
