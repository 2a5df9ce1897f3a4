"""The one kind of button that we send. It is made anew for every press, so it never wears out."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self

import discord
from discord import ui

from adapters.chats.labels import shortened
from adapters.discord.keys import BUTTON, Press, press_named

MAX_LABEL = 80


class Presses(Protocol):
    """Whoever takes presses; our clients do."""

    async def pressed(self, interaction: discord.Interaction, press: Press) -> None:
        """Somebody pressed a button. Never raises."""
        ...


class JobButton(ui.DynamicItem[ui.Button[Any]], template=BUTTON):
    """A button that carries what it does in its name."""

    def __init__(self, press: Press, label: str, style: discord.ButtonStyle) -> None:
        button = ui.Button[Any](
            label=shortened(label, MAX_LABEL), style=style, custom_id=press.custom_id
        )
        super().__init__(button)
        self._press = press

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed."""
        del interaction, item
        press = press_named(match.string)
        if press is None:
            raise ValueError(match.string)
        return cls(press, press.verb, discord.ButtonStyle.secondary)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass it on; the library would swallow whatever is raised here."""
        takes: Presses = interaction.client
        await takes.pressed(interaction, self._press)


def style_of(*, danger: bool, asks: bool) -> discord.ButtonStyle:
    """Red stops something, blue asks for something new."""
    if danger:
        return discord.ButtonStyle.danger
    return discord.ButtonStyle.primary if asks else discord.ButtonStyle.secondary
