"""Standard Webhooks, as OpenAI, Replicate and, for a whole project, Gemini sign.

Sources: standardwebhooks.com; the guides of webhooks of OpenAI (2026-03), Replicate and Gemini
(2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from adapters.providers.webhooks.messages import (
    Body,
    Message,
    News,
    Refusal,
    is_now,
    object_of,
    text_in,
    within,
)
from bot.domain.webhooks import signing_key

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
EVENTS = frozenset(
    {
        "video.completed",
        "video.failed",
        "video.generated",
        "interaction.completed",
        "interaction.failed",
        "interaction.cancelled",
    }
)
ENDS = frozenset({"succeeded", "failed", "canceled", "aborted"})
"""How a prediction of Replicate ends: it sends the prediction itself."""
TASK_ENDS = frozenset({"succeed", "failed"})
"""How a task of Kling ends: it sends the task itself, and signs it once a secret was made there."""
_SIGNATURES = 16
"""Signatures of one message that are looked at: while a secret is changed there are two."""


def signature(secret: str, name: str, stamp: str, body: bytes) -> str:
    """What whoever knows the secret writes under the message `name` of the time `stamp`."""
    signed = f"{name}.{stamp}.".encode("latin-1") + body
    digest = hmac.new(signing_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Whether the owner of the secret signed the body within the last minutes; `now` in seconds.

    False for any nonsense. Without a secret nothing is signed.
    """
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not signing_key(secret) or not name or not is_now(stamp, now):
        return False
    right = signature(secret, name, stamp, body).encode()
    given = headers.get("webhook-signature", "").split()[:_SIGNATURES]
    return any(hmac.compare_digest(right, one.encode("latin-1")) for one in given)


def read(trusted: Sequence[str], message: Message, now: int) -> News | Refusal:
    """See `schemes.Read`."""
    if not any(is_signed(one, message.headers, message.body, now) for one in trusted):
        return Refusal.NOT_SIGNED
    body = object_of(message.body)
    if body is None:
        return Refusal.NONSENSE
    return News(message.headers["webhook-id"], _name(body) or None)


def _name(body: Body) -> str:
    if "type" in body:
        return text_in(within(body, "data"), "id") if text_in(body, "type") in EVENTS else ""
    if "task_status" in body:
        return text_in(body, "task_id") if text_in(body, "task_status") in TASK_ENDS else ""
    return text_in(body, "id") if text_in(body, "status") in ENDS else ""
