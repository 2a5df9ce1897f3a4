"""Delivers over HTTP, signed as Slack signs."""

import hashlib
import hmac
import json
import secrets
import time
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack_server.parcels import COMMANDS, EVENTS, Ack, Lost, Parcel
from tests.fakes.slack_server.payloads import Json, parsed

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def signed(secret: str, body: str, at: float | None = None) -> dict[str, str]:
    """The headers that show who sent a body, and when (s)."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


class Http:
    """Sends each parcel to one address of the bot."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.secret = secret
        # A connection for each delivery: bots restart between two.
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))

    async def verify(self) -> bool:
        """Whether the bot repeats a challenge, which Slack asks for before it sends events."""
        challenge = secrets.token_hex(8)
        asked = {"type": "url_verification", "challenge": challenge, "token": "old"}
        result = await self.carry(Parcel(EVENTS, asked), 3)
        answer = result.payload if isinstance(result, Ack) else None
        return answer in (challenge, {"challenge": challenge})

    async def carry(self, parcel: Parcel, within: float) -> Ack | Lost:
        """Post a parcel; anything but 200 is no ack."""
        body, kind = _body(parcel)
        headers = {"Content-Type": kind, **signed(self.secret, body), **_retry(parcel)}
        timeout = aiohttp.ClientTimeout(total=within)
        try:
            async with self.session.post(
                self.url, data=body.encode(), headers=headers, timeout=timeout
            ) as response:
                return await _result(response)
        except TimeoutError:
            return Lost("http_timeout")
        except aiohttp.ClientError:
            return Lost("connection_failed")

    async def aclose(self) -> None:
        await self.session.close()


async def _result(response: aiohttp.ClientResponse) -> Ack | Lost:
    text = await response.text()
    if response.status != 200:
        again = response.headers.get("X-Slack-No-Retry") != "1"
        return Lost(f"http_error {response.status}", again)
    payload: Json = parsed(text) if response.content_type == JSON else text
    return Ack(payload or None, 0)


def _body(parcel: Parcel) -> tuple[str, str]:
    if parcel.kind == EVENTS:
        return json.dumps(parcel.payload), JSON
    if parcel.kind == COMMANDS:
        return urlencode(parcel.payload), FORM
    return urlencode({"payload": json.dumps(parcel.payload)}), FORM


def _retry(parcel: Parcel) -> dict[str, str]:
    if not parcel.attempt:
        return {}
    return {"X-Slack-Retry-Num": str(parcel.attempt), "X-Slack-Retry-Reason": parcel.reason}
