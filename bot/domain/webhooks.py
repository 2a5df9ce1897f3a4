"""How a backend shows that its news is its own, and what an account must know to see that."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote

PATH = "/webhooks/videos/"
"""Before ``<provider>/<account>``, which names the account that is told of."""
LEAST_SECRET = 32
"""Characters of a path that cannot be guessed."""
_PREFIX = "whsec_"
_IN_A_PATH = re.compile(r"[A-Za-z0-9_-]+")


class Scheme(StrEnum):
    """What is checked of a message. With `SECRET_PATH` only that its sender knew the address."""

    STANDARD = "standard"
    OPENROUTER = "openrouter"
    FAL = "fal"
    SECRET_PATH = "secret-path"  # noqa: S105 - the name of a way, not a secret

    @property
    def needs_secret(self) -> bool:
        """Whether both sides share a secret; else the sender has public keys."""
        return self is not Scheme.FAL


def signing_key(secret: str) -> bytes:
    """The bytes of a ``whsec_…`` secret; none when it is no such secret."""
    if not secret.startswith(_PREFIX):
        return b""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _goes_into_a_path(secret: str) -> bool:
    return len(secret) >= LEAST_SECRET and _IN_A_PATH.fullmatch(secret) is not None


_FITS: Mapping[Scheme, Callable[[str], bool]] = MappingProxyType(
    {
        Scheme.STANDARD: lambda secret: bool(signing_key(secret)),
        Scheme.OPENROUTER: lambda secret: bool(secret) and secret == secret.strip(),
        Scheme.FAL: lambda secret: not secret,
        Scheme.SECRET_PATH: _goes_into_a_path,
    }
)


def fits(scheme: Scheme, secret: str) -> bool:
    """Whether messages can be checked with that secret."""
    return _FITS[scheme](secret)


@dataclass(frozen=True, slots=True)
class Hook:
    """An account whose backend tells. `keys_at` is where its public keys are, where it has any."""

    provider: str
    account: str
    scheme: Scheme
    secret: str = field(default="", repr=False)
    keys_at: str = ""

    @property
    def path(self) -> str:
        """Where it tells, percent-encoded; with `SECRET_PATH` it holds the secret."""
        path = f"{PATH}{quote(self.provider, safe='')}/{quote(self.account, safe='')}"
        return f"{path}/{self.secret}" if self.scheme is Scheme.SECRET_PATH else path
