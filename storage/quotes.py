"""Orders that wait for their person's yes to the price."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from bot.domain.messages import Invocation, Upload
from bot.domain.refs import Blob, Person, Place, Tenant
from bot.ports import Quote
from storage.dialects import insert_for
from storage.mapping import Row, workspace_columns
from storage.tables import quotes

_HERE = (quotes.c.platform == bindparam("platform"), quotes.c.tenant == bindparam("tenant"))
_GET = select(quotes).where(quotes.c.id == bindparam("id"), *_HERE)
_AGREE = update(quotes).where(quotes.c.id == bindparam("which")).values(agreed=True)
_AGREED = select(func.max(quotes.c.price)).where(
    *_HERE, quotes.c.interaction == bindparam("interaction"), quotes.c.agreed
)
_TIDY = delete(quotes).where(quotes.c.at < bindparam("before"))


def _putting(dialect: str) -> ReturningInsert[Any]:
    new = insert_for(dialect, quotes)
    # Asked again at another price: the yes of before was to the other one.
    values = {"price": new.excluded.price, "at": new.excluded.at, "agreed": False}
    key = ["platform", "tenant", "interaction"]
    return new.on_conflict_do_update(index_elements=key, set_=values).returning(quotes.c.id)


_PUT = {dialect: _putting(dialect) for dialect in ("sqlite", "postgresql")}


class SqlQuotes:
    """`QuoteRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, quote: Quote) -> str:
        """Store a quote; one for each interaction, whose first name is returned."""
        asked = quote.asked
        row = {
            "id": quote.id,
            **workspace_columns(asked.person.tenant),
            "person": asked.person.id,
            "interaction": asked.interaction,
            "body": json.dumps(_body(asked)),
            "price": quote.price,
            "agreed": False,
            "at": quote.at,
        }
        put = _PUT[self._connection.dialect.name]
        return str((await self._connection.execute(put, row)).scalar_one())

    async def get(self, tenant: Tenant, quote_id: str) -> Quote | None:
        """One quote of a workspace."""
        wanted = {"id": quote_id, **workspace_columns(tenant)}
        row = (await self._connection.execute(_GET, wanted)).first()
        return _quote_of(row) if row else None

    async def agree(self, quote: Quote) -> None:
        """Note the person's yes."""
        await self._connection.execute(_AGREE, {"which": quote.id})

    async def agreed(self, tenant: Tenant, interaction: str) -> int:
        """The price that was agreed to for an order; 0 for none."""
        wanted = {**workspace_columns(tenant), "interaction": interaction}
        return await self._connection.scalar(_AGREED, wanted) or 0

    async def tidy(self, before: int) -> None:
        """Forget quotes older than that (ms)."""
        await self._connection.execute(_TIDY, {"before": before})


def _body(asked: Invocation) -> dict[str, Any]:
    place = asked.place
    return {
        "verb": asked.verb,
        "args": dict(asked.args),
        "place": [place.channel, place.thread, place.private],
        "direct": asked.direct,
        "uploads": [
            [up.blob.sha256, up.blob.suffix, up.blob.size, up.filename, up.content_type]
            for up in asked.uploads
        ],
    }


def _quote_of(row: Row) -> Quote:
    body = json.loads(row.body)
    tenant = Tenant(row.platform, row.tenant)
    channel, thread, private = body["place"]
    asked = Invocation(
        body["verb"],
        body["args"],
        Person(tenant, row.person),
        Place(tenant, channel, thread, private),
        row.interaction,
        tuple(Upload(Blob(*blob), name, kind) for *blob, name, kind in body["uploads"]),
        body["direct"],
    )
    return Quote(row.id, asked, row.price, row.at)
