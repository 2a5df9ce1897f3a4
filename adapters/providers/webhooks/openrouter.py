"""How OpenRouter signs: an HMAC over time and body in one header.

Source: OpenRouter's guide of video webhooks, 2026-11.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from adapters.providers.webhooks.messages import (
    Message,
    News,
    Refusal,
    is_now,
    object_of,
    text_in,
    within,
)

HEADERS = ("x-openrouter-signature", "x-openrouter-idempotency-key")
EVENTS = frozenset(
    f"video.generation.{end}" for end in ("completed", "failed", "cancelled", "expired")
)
_LONGEST = 1000
"""Characters of the header with the signature."""


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What whoever knows the secret sends along with a body at the time `stamp`."""
    signed = f"{stamp},".encode("latin-1") + body
    return f"t={stamp},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def read(trusted: Sequence[str], message: Message, now: int) -> News | Refusal:
    """See `schemes.Read`."""
    if not _is_signed(trusted, message, now):
        return Refusal.NOT_SIGNED
    body = object_of(message.body)
    if body is None:
        return Refusal.NONSENSE
    ended = text_in(body, "type") in EVENTS
    name = text_in(within(body, "data"), "id") if ended else ""
    # The key is not signed. Were it the whole name, it could hide another message.
    key = message.headers.get("x-openrouter-idempotency-key", "")[:_LONGEST]
    return News(f"{key} {message.digest}", name or None)


def _is_signed(trusted: Sequence[str], message: Message, now: int) -> bool:
    given = message.headers.get("x-openrouter-signature", "")
    stamps = [part[2:] for part in given.split(",") if part.startswith("t=")]
    if len(given) > _LONGEST or len(stamps) != 1 or not is_now(stamps[0], now):
        return False
    hashes = [part for part in given.split(",") if part.startswith("v1=")]
    right = [signature(one, stamps[0], message.body) for one in trusted if one]
    return any(
        hmac.compare_digest(f"t={stamps[0]},{one}".encode("latin-1"), whole.encode())
        for one in hashes
        for whole in right
    )
