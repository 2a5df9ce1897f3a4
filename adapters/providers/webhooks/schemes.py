"""Which file reads the messages of which kind of sender."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from adapters.providers.webhooks import fal, openrouter, secret_path, standard
from adapters.providers.webhooks.messages import Message, News, Refusal
from bot.domain.webhooks import Scheme

Read = Callable[[Sequence[str], Message, int], News | Refusal]
"""What is trusted (secrets, or public keys), a message, and our own time in seconds.

The body is read only once its sender is known. Never raises, whatever came.
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """One scheme: `headers` are all that it looks at, in lower case; none may come twice."""

    read: Read
    headers: tuple[str, ...]


READERS: Mapping[Scheme, Reader] = MappingProxyType(
    {
        Scheme.STANDARD: Reader(standard.read, standard.HEADERS),
        Scheme.OPENROUTER: Reader(openrouter.read, openrouter.HEADERS),
        Scheme.FAL: Reader(fal.read, fal.HEADERS),
        Scheme.SECRET_PATH: Reader(secret_path.read, secret_path.HEADERS),
    }
)
