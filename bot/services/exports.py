"""The whole ledger of one workspace as a file."""

from __future__ import annotations

import asyncio
import io
from zipfile import ZIP_DEFLATED, ZipFile

from bot.domain import ledger
from bot.domain.exports import Format, rows_as, whole
from bot.domain.messages import Attachment
from bot.domain.refs import Person, Tenant
from bot.ports import Readable
from bot.services.audit import check_admin

PAGE = 5_000
"""Entries read at once."""
PLAIN = 4 * 2**20
"""Bytes above which the file is compressed; chats take small ones."""
_TYPES = {Format.CSV: "text/csv", Format.JSON: "application/json"}


class Exports:
    """Reads only, page by page, so that nobody who writes has to wait."""

    def __init__(self, store: Readable) -> None:
        self._store = store

    async def ledger(self, admin: Person, kind: Format, alt: str) -> Attachment:
        """Every entry of the admin's workspace, the oldest first; `alt` is the file in words."""
        check_admin(admin)
        content = await self.file(admin.tenant, kind)
        name, media_type = f"ledger.{kind}", _TYPES[kind]
        if len(content) > PLAIN:
            content = await asyncio.to_thread(_zipped, name, content)
            name, media_type = "ledger.zip", "application/zip"
        return Attachment(name, content, media_type, alt)

    async def workspaces(self) -> tuple[Tenant, ...]:
        """All in which anything has moved yet, by name."""
        async with self._store.reading() as tx:
            origins = [await tx.ledger.accounts(begin) for begin in ledger.ORIGINS]
        found = {ledger.workspace_of(name) for names in origins for name in names}
        return tuple(sorted((one for one in found if one), key=lambda one: one.key))

    async def file(self, tenant: Tenant, kind: Format) -> bytes:
        """The same as plain bytes, in UTF-8."""
        rows: list[str] = []
        last = 0
        async with self._store.reading() as tx:
            while found := await tx.ledger.entries(tenant, last, PAGE):
                rows.append(rows_as(kind, found))
                last = found[-1].id
        return whole(kind, "".join(rows)).encode()


def _zipped(name: str, content: bytes) -> bytes:
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return archive.getvalue()
