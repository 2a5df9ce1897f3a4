"""Asks a running server whether it is well."""

from __future__ import annotations

import httpx

PATIENCE = 5.0
"""Seconds to wait for the answer."""


async def answers(url: str) -> bool:
    """Whether `url` is answered, and not with a complaint."""
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
