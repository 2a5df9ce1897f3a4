"""The smallest bot that is a process of its own: python -m … API_URL BOT_TOKEN APP_TOKEN.

It prints a line when it is connected, and repeats what people order.
"""

import asyncio
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def run(api_url: str, bot_token: str, app_token: str) -> None:
    """Until it is killed."""
    # bolt's own types are partly unknown.
    app: Any = AsyncApp(client=AsyncWebClient(bot_token, base_url=api_url))

    @app.command("/sora")
    async def make(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(f"Making {body['text']}")

    handler = AsyncSocketModeHandler(app, app_token, ping_interval=0.3)
    await handler.connect_async()
    print("connected", flush=True)  # noqa: T201  # its product
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
