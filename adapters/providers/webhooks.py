"""What backends tell by themselves: "Standard Webhooks", signed, about videos that are ready.

Source: standardwebhooks.com and OpenAI's guide of webhooks, 2026-03. A message is proof of nothing
but of news: whoever is told asks the backend.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, cast

from bot.ports import Clock

PATH = "/webhooks/videos/"
"""Before ``<provider>/<account>``, which names the account that tells."""
MOST_BYTES = 65_536
"""Bytes of a message. Real ones have some hundred."""
WINDOW = 300
"""Seconds by which a message's own time may differ from ours."""
EVENTS = ("video.completed", "video.failed")
_PREFIX = "whsec_"
_DIGITS = 12
_SIGNATURES = 16
"""Signatures of one message that are looked at: while a secret is changed there are two."""
_LONGEST = 1000
"""Characters of a backend's name of a job."""

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Woken = Callable[[str, str, str], Awaitable[None]]
"""Provider, account, and the backend's own name of the job that it has news of."""


class Door:
    """An ASGI application below ``/webhooks/``. `secret_of` has those who may tell, by account.

    Answers 204 when there is nothing (more) to do, 401 to whoever did not sign, 503 when it could
    not be noted and should be told again.
    """

    def __init__(
        self, secret_of: Mapping[tuple[str, str], str], clock: Clock, woken: Woken
    ) -> None:
        self._secret_of = secret_of
        self._clock = clock
        self._woken = woken
        self._seen: dict[tuple[str, str, str], int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One message."""
        if scope["type"] != "http":
            return
        status = await self._status(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, scope: Scope, receive: Receive) -> int:
        provider, _, account = str(scope["path"]).removeprefix(PATH).partition("/")
        secret = self._secret_of.get((provider, account))
        if secret is None or scope["method"] != "POST":
            return 404
        body = await _body(receive)
        if body is None:
            return 413
        headers, now = _headers(scope), self._clock.now() // 1000
        if not is_signed(secret, headers, body, now):
            return 401
        return await self._passed_on((provider, account, headers["webhook-id"]), body, now)

    async def _passed_on(self, key: tuple[str, str, str], body: bytes, now: int) -> int:
        # What is older than this is too old to be taken once more.
        self._seen = {known: at for known, at in self._seen.items() if now - at <= 2 * WINDOW}
        if key in self._seen:
            return 204
        try:
            name = job_told_of(body)
        except ValueError:
            return 400
        if name is not None:
            try:
                await self._woken(key[0], key[1], name)
            except Exception:
                # Whoever told us will do so again, and the job is asked about in any case.
                log.exception("a webhook of %s could not be noted", key[0])
                return 503
        self._seen[key] = now
        return 204


def is_secret(text: str) -> bool:
    """Whether a text has the shape of a signing secret."""
    return bool(_key(text))


def _key(secret: str) -> bytes:
    """Its bytes; none when it is no secret."""
    if not secret.startswith(_PREFIX):
        return b""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""


def signature(secret: str, name: str, stamp: str, body: bytes) -> str:
    """What whoever knows the secret writes under the message `name` of the time `stamp`."""
    signed = f"{name}.{stamp}.".encode("latin-1") + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Whether the owner of the secret signed the body within the last minutes; `now` in seconds.

    False for any nonsense. Without a secret nothing is signed.
    """
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not is_secret(secret) or not name or not _is_now(stamp, now):
        return False
    right = signature(secret, name, stamp, body).encode()
    given = headers.get("webhook-signature", "").split()[:_SIGNATURES]
    return any(hmac.compare_digest(right, one.encode("latin-1")) for one in given)


def _is_now(stamp: str, now: int) -> bool:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > _DIGITS:
        return False
    return abs(now - int(stamp)) <= WINDOW


def job_told_of(body: bytes) -> str | None:
    """The backend's name of the job that there is news of; None for news of something else.

    Raises `ValueError` for what is no message.
    """
    try:
        message = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(message, dict):
        raise ValueError("no object")  # noqa: TRY004 - whose type it is does not matter to callers
    told = cast("dict[str, Any]", message)
    data = told.get("data")
    if told.get("type") not in EVENTS or not isinstance(data, dict):
        return None
    name = cast("dict[str, Any]", data).get("id")
    return name if isinstance(name, str) and 0 < len(name) <= _LONGEST else None


def _headers(scope: Scope) -> dict[str, str]:
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    return {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in pairs}


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is too large."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body") or b"")
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return body
