"""Runs the server as a process of its own: python -m tests.fakes.discord_server.serve."""

import asyncio
import tempfile
from pathlib import Path

from tests.fakes.discord_server.server import DiscordServer


async def serve() -> None:
    """Print the address of REST and gateway and the token, and serve until interrupted."""
    with tempfile.TemporaryDirectory() as folder:
        server = DiscordServer(Path(folder))
        await server.start()
        print(server.url, server.gateway.url, server.token, flush=True)  # noqa: T201  # its product
        try:
            await asyncio.Event().wait()
        finally:
            await server.aclose()


if __name__ == "__main__":
    asyncio.run(serve())
