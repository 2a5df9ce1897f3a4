"""How fal signs: Ed25519 over four lines. Its public keys are on a page of its own.

Source: fal's page of webhooks, 2026-11.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.providers.webhooks.messages import (
    Body,
    Message,
    News,
    Refusal,
    is_now,
    object_of,
    text_in,
)

KEYS_AT = "https://rest.alpha.fal.ai/.well-known/jwks.json"
HEADERS = (
    "x-fal-webhook-request-id",
    "x-fal-webhook-user-id",
    "x-fal-webhook-timestamp",
    "x-fal-webhook-signature",
)
MOST_KEYS = 16
"""Keys of a page that are looked at."""
KEY_BYTES = 32
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


class Seal:
    """A key of its own, for whoever plays fal."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    @property
    def page(self) -> Body:
        """The page with its public half, as `keys_on` reads it."""
        public = base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": public.rstrip("=")}]}

    def signature(self, lines: Sequence[str], body: bytes) -> str:
        """What fal would send along with a body; `lines` are request, user and time."""
        return self._key.sign(_signed(lines, hashlib.sha256(body).hexdigest())).hex()


def keys_on(page: bytes) -> tuple[str, ...]:
    """The public keys of a page in hexadecimal; none when there are none."""
    found = (object_of(page) or {}).get("keys")
    entries = cast("list[object]", found)[:MOST_KEYS] if isinstance(found, list) else []
    bodies = [cast("Body", entry) for entry in entries if isinstance(entry, dict)]
    keys = [_key(text_in(body, "x")) for body in bodies if body.get("crv", "Ed25519") == "Ed25519"]
    return tuple(key.hex() for key in keys if len(key) == KEY_BYTES)


def _key(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def read(trusted: Sequence[str], message: Message, now: int) -> News | Refusal:
    """See `schemes.Read`; `trusted` are public keys in hexadecimal."""
    if not _is_signed(trusted, message, now):
        return Refusal.NOT_SIGNED
    body = object_of(message.body)
    if body is None:
        return Refusal.NONSENSE
    return News(message.headers[HEADERS[0]], text_in(body, "request_id") or None)


def _is_signed(trusted: Sequence[str], message: Message, now: int) -> bool:
    *lines, given = (message.headers.get(name, "") for name in HEADERS)
    if not all(lines) or not is_now(lines[-1], now) or not _SIGNATURE.fullmatch(given):
        return False
    signed = _signed(lines, message.digest)
    return any(_fits(key, bytes.fromhex(given), signed) for key in trusted)


def _fits(key: str, given: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(given, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(lines: Sequence[str], digest: str) -> bytes:
    return "\n".join((*lines, digest)).encode("latin-1")
