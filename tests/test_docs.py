"""The pages say what is true: tables, links, commands and settings that they name."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from adapters.providers.openai_videos.profile import built_in
from bot.__main__ import cli
from bot.commands.parse import parse
from bot.domain.jobs import JobState
from bot.settings import PREFIX, SECRETS_DIR, Settings
from docs.generate import PAGES, filled

ROOT = Path(__file__).parent.parent
OURS = ("*.md", "docs/*.md", "docker/*.md", "bench/*.md", "adapters/**/*.md")
DOCS = sorted(path for pattern in OURS for path in ROOT.glob(pattern))
MAX_IMAGE = 300_000
"""Bytes; a page should open at once."""
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)

each_page = pytest.mark.parametrize("page", DOCS, ids=lambda path: str(path.relative_to(ROOT)))


def code(page: Path) -> Iterator[str]:
    """Lines of code blocks, and code within sentences."""
    text = page.read_text("utf-8")
    for block in BLOCK.findall(text):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))


def anchors(page: Path) -> set[str]:
    """What a link to a heading ends in."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def first_column(page: Path, head: str) -> list[str]:
    """The names in the first column of the table that begins with `head`."""
    _, _, below = page.read_text("utf-8").partition(f"| {head} |")
    rows = below.split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def found_in(group: click.Group, words: list[str]) -> tuple[click.Command | None, list[str]]:
    """The command that words begin with, and the words left."""
    command = group.commands.get(words[0])
    if isinstance(command, click.Group) and words[1:]:
        return found_in(command, words[1:])
    return command, words[1:]


@pytest.mark.parametrize("name", PAGES)
def test_tables_are_as_the_code_has_them(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "<!-- " in text
    assert filled(text) == text, "run: make docs"


def test_a_table_that_nobody_makes_is_noticed() -> None:
    place = "<!-- dreams: from the code, by make docs -->\n<!-- end of dreams -->"
    with pytest.raises(KeyError):
        filled(place)


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for link in links:
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_pictures_are_small_and_shown_on_a_page() -> None:
    pages = "".join(page.read_text("utf-8") for page in DOCS)
    pictures = sorted((ROOT / "docs/images").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < MAX_IMAGE
        assert f"docs/images/{picture.name}" in pages


@each_page
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {found for line in code(page) for found in re.findall(r"\bmake ([a-z-]+)", line)}
    assert named <= targets


@each_page
def test_every_setting_exists(page: Path) -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | {SECRETS_DIR}
    assert set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", page.read_text("utf-8"))) <= known


@each_page
def test_every_command_of_the_program_exists_with_its_options(page: Path) -> None:
    for line in code(page):
        for typed in re.findall(r"sora-bot ([a-z]+[^#|]*)", line):
            command, words = found_in(cli, shlex.split(typed))
            assert command is not None, line
            known = {word for param in command.params for word in param.opts}
            known |= set(click.Context(command).help_option_names) | {"--help"}
            assert {word for word in words if word.startswith("-")} <= known, line


@each_page
def test_everything_typed_into_a_chat_is_understood(page: Path) -> None:
    for line in code(page):
        if re.match(r"/sora(-admin)? \w", line) and not re.search(r"[<\[]", line):
            assert parse(line).verb


def test_the_life_of_a_job_has_every_state_in_order() -> None:
    assert first_column(ROOT / "docs/job-life.md", "State") == list(JobState)


def test_every_provider_profile_is_explained() -> None:
    page = ROOT / "adapters/providers/README.md"
    assert set(first_column(page, "Profile")) == set(built_in())
