"""Commands that Discord takes, however much is on sale."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from typing import Any

import discord
import pytest
from discord import app_commands

from adapters.discord import menus
from bot.backends import BUILT_IN
from bot.domain.catalogue import Catalogue, parse
from tests.fakes.discord_server.command_rules import check_commands

BUILT = parse(tomllib.loads(BUILT_IN.read_text("utf-8")))
EVERYONE = tuple(dict.fromkeys(model.provider for model in BUILT))
ALL = BUILT.offered(EVERYONE, date(2026, 11, 20))
FEW = BUILT.offered(("simulator",), date(2026, 11, 20))
DEFAULT = ALL.default
MANY = Catalogue(
    tuple(replace(DEFAULT, name=f"maker-of-models/model-{n}", label="m" * 60) for n in range(60))
)


def commands(catalogue: Catalogue) -> list[dict[str, Any]]:
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    menus.install(tree, catalogue)
    return [command.to_dict(tree) for command in tree.get_commands()]


def options_of_create(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    sora = next(command for command in commands(catalogue) if command["name"] == "sora")
    create = next(option for option in sora["options"] if option["name"] == "create")
    return {option["name"]: option for option in create["options"]}


def model_option(catalogue: Catalogue) -> dict[str, Any]:
    return options_of_create(catalogue)["model"]


@pytest.mark.parametrize("catalogue", [FEW, ALL, MANY], ids=["few", "all", "many"])
def test_discord_takes_the_commands_with_what_is_on_sale(catalogue: Catalogue) -> None:
    check_commands(commands(catalogue))


def test_a_few_models_are_choices_and_many_are_suggested() -> None:
    few, many = model_option(FEW), model_option(ALL)
    assert [choice["value"] for choice in few["choices"]] == ["sora-2", "sora-2-pro"]
    assert not few.get("autocomplete")
    assert many["autocomplete"]
    assert not many.get("choices")


def test_pictures_and_sound_are_offered_where_some_model_takes_them() -> None:
    words_only = Catalogue((replace(DEFAULT, takes_image=False),))
    assert not {"image", "fit", "last", "reference", "sound"} & options_of_create(words_only).keys()
    plain = options_of_create(Catalogue((replace(DEFAULT, takes_image=True),)))
    assert {"image", "fit"} <= plain.keys()
    assert not {"last", "reference", "sound"} & plain.keys()
    able = replace(DEFAULT, takes_last=True, references=2, sound=True, switches_sound=True)
    rich = options_of_create(Catalogue((replace(DEFAULT, name="other"), able)))
    assert {"last", "sound", "reference", "reference_2", "reference_4"} <= rich.keys()
    check_commands(commands(Catalogue((able,))))
