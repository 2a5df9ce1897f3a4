"""HTTP mode: what Slack sends to the bot's own server, looked at before bolt sees it."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import time
from typing import Any, cast
from urllib.parse import parse_qs

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH

MOST_BYTES = 2_000_000
"""Bytes of a request. Slack's own are far smaller."""
WINDOW = 300
"""Seconds by which a request's own time may differ from ours."""

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Door:
    """An ASGI application below ``/slack/``. Whatever is wrong is answered, never an error 500."""

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app = app
        self._secret = signing_secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        await _answer(send, await self._response(scope, receive))

    async def _response(self, scope: Scope, receive: Receive) -> BoltResponse:
        path, method = str(scope["path"]), str(scope["method"])
        headers = _headers(scope)
        if path == EVENTS_PATH and method == "POST":
            body = await _body(receive)
            if body is None:
                return BoltResponse(status=413, body="too large")
            if not is_slacks(self._secret, headers, body, time()):
                return BoltResponse(status=401, body="not signed by Slack")
            return await self._passed_on(body, headers)
        flow: Any = self._app.oauth_flow
        if method == "GET" and flow and path in {INSTALL_PATH, REDIRECT_PATH}:
            query = parse_qs(bytes(scope.get("query_string") or b"").decode("latin-1"))
            request = AsyncBoltRequest(
                body="", query=cast("Any", query), headers=cast("Any", headers)
            )
            handle = flow.handle_installation if path == INSTALL_PATH else flow.handle_callback
            return await handle(request)
        return BoltResponse(status=404, body="nothing here")

    async def _passed_on(self, body: bytes, headers: Mapping[str, str]) -> BoltResponse:
        try:
            text = body.decode("utf-8")
            request = AsyncBoltRequest(body=text, headers=cast("Any", dict(headers)))
        except _NONSENSE:
            return BoltResponse(status=400, body="not readable")
        return await self._app.async_dispatch(request)


def is_slacks(secret: bytes, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether Slack signed the body within the last minutes; false for any nonsense.

    Without a secret nothing is Slack's.
    """
    stamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not secret or not stamp.isascii() or not stamp.isdigit() or len(stamp) > _DIGITS:
        return False
    if abs(now - int(stamp)) > WINDOW or not signature.isascii():
        return False
    signed = hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={signed}", signature)


_DIGITS = 12
_NONSENSE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What bolt raises for a body of another shape than Slack's."""


def _headers(scope: Scope) -> dict[str, str]:
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    return {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in pairs}


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = bytes(message.get("body") or b"")
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, response: BoltResponse) -> None:
    found = cast("Mapping[str, list[str]]", response.headers)
    headers = [
        (name.encode("latin-1"), text.encode("latin-1"))
        for name, texts in found.items()
        for text in texts
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": str(response.body or "").encode()})
