"""The web chat's memory, in a dictionary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.domain.refs import Place, Tenant
from bot.ports import Said


class MemoryTranscript:
    """`Transcript` that forgets when the test ends."""

    def __init__(self) -> None:
        self._said: dict[str, Said] = {}
        self._by_nonce: dict[str, str] = {}
        self._listeners: list[Callable[[Said], None]] = []
        self._revision = 0

    async def say(
        self, place: Place, author: str, body: dict[str, Any], nonce: str, at: int
    ) -> Said:
        if nonce in self._by_nonce:
            return self._said[self._by_nonce[nonce]]
        said = Said(str(len(self._said) + 1), place, author, body, at, self._next_revision())
        self._by_nonce[nonce] = said.id
        return self._store(said)

    async def replace(self, message_id: str, body: dict[str, Any]) -> Said | None:
        said = self._said.get(message_id)
        if said is None or said.gone:
            return None
        return self._store(replace(said, body=body, revision=self._next_revision()))

    async def remove(self, message_id: str) -> Said | None:
        said = self._said.get(message_id)
        if said is None or said.gone:
            return None
        by_nonce = self._by_nonce.items()
        self._by_nonce = {nonce: known for nonce, known in by_nonce if known != message_id}
        return self._store(replace(said, body={}, revision=self._next_revision(), gone=True))

    async def since(self, tenant: Tenant, revision: int, limit: int) -> tuple[Said, ...]:
        newer = [said for said in self._of(tenant) if said.revision > revision]
        return tuple(sorted(newer, key=lambda said: said.revision)[:limit])

    async def newest(self, tenant: Tenant, limit: int) -> tuple[Said, ...]:
        return tuple([said for said in self._of(tenant) if not said.gone][-limit:])

    def listen(self, heard: Callable[[Said], None]) -> Callable[[], None]:
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def _of(self, tenant: Tenant) -> list[Said]:
        return [said for said in self._said.values() if said.place.tenant == tenant]

    def _next_revision(self) -> int:
        self._revision += 1
        return self._revision

    def _store(self, said: Said) -> Said:
        self._said[said.id] = said
        for heard in tuple(self._listeners):
            heard(said)
        return said
