"""The door at which backends tell of jobs. A message is proof of nothing but of news.

Whoever is told asks the backend. So the same message twice, or late, changes nothing; what is
remembered of messages only saves questions, and a restart may forget it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from adapters.providers.webhooks.keys import Keys
from adapters.providers.webhooks.messages import WINDOW, Message, News, Refusal
from adapters.providers.webhooks.schemes import READERS, Reader
from bot.domain.webhooks import PATH, Scheme
from bot.ports import Clock

MOST_BYTES = 65_536
"""Bytes of a message. Real ones have some hundred."""
REMEMBERED = 10_000
"""Messages of which is known that they came."""

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Woken = Callable[[str, str, str], Awaitable[None]]
"""Provider, account, and the backend's own name of the job that it has news of."""
Account = tuple[str, str]
"""Provider and account."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who may tell of an account's jobs: how its messages are checked, and with what."""

    scheme: Scheme
    keys: Keys

    @property
    def reader(self) -> Reader:
        """What reads its messages."""
        return READERS[self.scheme]


class Door:
    """An ASGI application below ``/webhooks/``.

    Answers 200 when there is nothing (more) to do, also where the job is not ours; 401 to whoever
    is not who it should be, 400 for nonsense, 413 for too much, and 405 for anything but POST. 503
    when it could not be checked or noted and should be told again. Nothing is in any answer.
    """

    def __init__(self, senders: Mapping[Account, Sender], clock: Clock, woken: Woken) -> None:
        self._senders = senders
        self._clock = clock
        self._woken = woken
        self._seen: dict[tuple[Account, str], int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One message."""
        if scope["type"] != "http":
            return
        status = await self._status(scope, receive)
        headers = [(b"content-length", b"0"), *([(b"allow", b"POST")] if status == _METHOD else [])]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, scope: Scope, receive: Receive) -> int:
        account, rest = _place(str(scope["path"]))
        sender = self._senders.get(account)
        if sender is None or (rest and sender.scheme is not Scheme.SECRET_PATH):
            return 404
        if scope["method"] != "POST":
            return _METHOD
        headers = _picked(scope["headers"], sender.reader.headers)
        if headers is None:
            return Refusal.NONSENSE.value
        body = await _body(receive)
        if body is None:
            return 413
        news = await self._read(sender, Message(headers, body, rest))
        if isinstance(news, News):
            return await self._passed_on(account, news)
        return news.value if news else _LATER

    async def _read(self, sender: Sender, message: Message) -> News | Refusal | None:
        """What the message says; None where there is nothing yet to check it with."""
        read, now = sender.reader.read, self._clock.now() // 1000
        known = await sender.keys.known()
        news = read(known, message, now)
        if news is Refusal.NOT_SIGNED and (newer := await sender.keys.newer()):
            return read(newer, message, now)
        return news if known else None

    async def _passed_on(self, account: Account, news: News) -> int:
        now, key = self._clock.now() // 1000, (account, news.id)
        self._forget(now)
        if key in self._seen:
            return 200
        if news.name is not None:
            try:
                await self._woken(*account, news.name)
            except Exception:
                # Whoever told us will do so again, and the job is asked about in any case.
                log.exception("a webhook of %s could not be noted", account[0])
                return _LATER
        self._seen[key] = now
        return 200

    def _forget(self, now: int) -> None:
        # What is older than this is too old to be taken once more.
        while self._seen:
            oldest = next(iter(self._seen))
            if now - self._seen[oldest] <= 2 * WINDOW and len(self._seen) < REMEMBERED:
                return
            del self._seen[oldest]


_METHOD = 405
_LATER = 503


def _place(path: str) -> tuple[Account, str]:
    """The account that a path names, and what follows."""
    provider, _, rest = path.removeprefix(PATH).partition("/")
    account, _, more = rest.partition("/")
    return (provider, account), more


def _picked(pairs: list[tuple[bytes, bytes]], names: tuple[str, ...]) -> dict[str, str] | None:
    """Some headers as text; None when one of them came twice, so that nobody knows which counts."""
    found = [(name.decode("latin-1").lower(), text.decode("latin-1")) for name, text in pairs]
    counts = Counter(name for name, _ in found)
    if any(counts[name] > 1 for name in names):
        return None
    return {name: text for name, text in found if name in names}


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is too large. Of one that was cut, what came."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body") or b""
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return bytes(body)
