"""Signs that people put on messages, in our words."""

from __future__ import annotations

import discord

from adapters.discord.places import tenant_of
from bot.commands.grammar import REACTED
from bot.domain.messages import Invocation
from bot.domain.refs import Person, Place


def reaction_in(event: discord.RawReactionActionEvent) -> Invocation | None:
    """What somebody did, in a thread as if it were a channel; None in private messages.

    Who took a sign away is known by id alone.
    """
    if event.guild_id is None:
        return None
    tenant, user = tenant_of(event.guild_id), str(event.user_id)
    bot = bool(event.member and event.member.bot)
    gone = {"gone": "yes"} if event.event_type == "REACTION_REMOVE" else {}
    args = {"message": str(event.message_id), "sign": str(event.emoji), **gone}
    return Invocation(
        REACTED,
        args,
        Person(tenant, user, bot=bot),
        Place(tenant, str(event.channel_id)),
        f"reaction/{event.message_id}/{user}/{event.emoji}",
    )
