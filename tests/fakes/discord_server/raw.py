"""Plain HTTP with the bot's token, for requests that a library would not send."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from tests.fakes.discord_server.interactions import Asked
from tests.fakes.discord_server.payloads import Json
from tests.fakes.discord_server.server import DiscordServer

Reply = tuple[int, Json]


@dataclass
class Raw:
    """Each call gives the status and the JSON of the answer."""

    server: DiscordServer
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: object = None, token: str = "") -> Reply:
        headers = {"Authorization": f"Bot {token or self.server.token}"}
        sent = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body)
        url = f"{self.server.url}/api/v10{path}"
        async with self.session.request(method, url, data=sent, headers=headers) as response:
            return response.status, await _json(response)

    async def upload(self, method: str, path: str, body: object, files: dict[str, bytes]) -> Reply:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps(body))
        for number, (name, data) in enumerate(files.items()):
            form.add_field(f"files[{number}]", data, filename=name)
        headers = {"Authorization": f"Bot {self.server.token}"}
        url = f"{self.server.url}/api/v10{path}"
        async with self.session.request(method, url, data=form, headers=headers) as response:
            return response.status, await _json(response)

    async def respond(self, asked: Asked, kind: int, data: object = None) -> Reply:
        """Give the first response to an interaction."""
        body = {"type": kind} | ({} if data is None else {"data": data})
        path = f"/interactions/{asked.id}/{asked.token}/callback?with_response=1"
        return await self.call("POST", path, body)

    async def edit_original(self, asked: Asked, body: object) -> Reply:
        path = f"/webhooks/{self.server.world.application_id}/{asked.token}/messages/@original"
        return await self.call("PATCH", path, body)


async def _json(response: aiohttp.ClientResponse) -> Json:
    text = await response.text()
    return json.loads(text) if response.content_type == "application/json" else text


@asynccontextmanager
async def speaking(server: DiscordServer) -> AsyncGenerator[Raw]:
    """Open until the end of the block."""
    async with aiohttp.ClientSession() as session:
        yield Raw(server, session)
