"""The question that comes before an order that costs much."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import AGREED, DISMISS
from bot.domain.messages import Button, Message, Reply
from bot.errors import NotConfirmed


def question(no: NotConfirmed, quote: str) -> Reply:
    """What it costs and what is there, with a yes and a no."""
    yes = Button(wording.agree_to(no.price), AGREED, {"quote": quote})
    buttons = (yes, Button(wording.IGNORE, DISMISS, {}))
    beside = () if no.draft is None else (wording.final_line(no.price, no.draft),)
    return Reply(Message((wording.price_question(no.price, no.left), *beside), buttons=buttons))
