"""The first answer to an interaction. Discord waits three seconds for it and then gives up."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord
from discord import ui

from adapters.discord.places import AnyInteraction

TOO_LATE = 10062
"""Nobody waits for an answer any more; the person was told that the bot did not respond."""
TAKEN = 40060
"""Somebody answered already: a second client on our token, or an earlier try of ours."""
TRIES = 3
SLOW = 1.5
"""Seconds after which an interaction came to us worryingly late."""

log = logging.getLogger(__name__)


async def acknowledged(interaction: AnyInteraction, first: Callable[[], Awaitable[object]]) -> bool:
    """Give the first answer. False when it was not ours to give: then do nothing at all.

    A connection that broke is tried again at once. If the answer had arrived all the same, the
    second try finds it taken, by ourselves.
    """
    for number in range(TRIES):
        try:
            await first()
        except discord.HTTPException as error:
            return _refused(interaction, error, lost_one=number > 0)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("answer to %s: %s", interaction.id, type(error).__name__)
        else:
            _mind_lateness(interaction)
            return True
    return False


async def thinking(interaction: AnyInteraction) -> bool:
    """Say that an answer for the asker alone will come."""
    response = interaction.response
    return await acknowledged(interaction, lambda: response.defer(ephemeral=True, thinking=True))


async def asking(interaction: AnyInteraction, modal: ui.Modal) -> bool:
    """Open a dialog."""
    return await acknowledged(interaction, lambda: interaction.response.send_modal(modal))


async def say_plainly(interaction: AnyInteraction, text: str) -> None:
    """Tell the asker something where nothing better works; never raises."""
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("interaction %s: nobody could be told: %s", interaction.id, error)


def _refused(interaction: AnyInteraction, error: discord.HTTPException, *, lost_one: bool) -> bool:
    if error.code == TAKEN:
        return lost_one
    level = logging.WARNING if error.code == TOO_LATE else logging.ERROR
    log.log(level, "interaction %s was not taken: %s", interaction.id, error)
    return False


def _mind_lateness(interaction: AnyInteraction) -> None:
    age = (discord.utils.utcnow() - interaction.created_at).total_seconds()
    if age > SLOW:
        log.warning("interaction %s was answered after %.1f s", interaction.id, age)
