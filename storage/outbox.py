"""Messages to send: one row for each message, told anew by raising its revision."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from sqlalchemy import BigInteger, and_, bindparam, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.domain.refs import MessageRef, Place, Tenant, stands_in
from bot.ports import NOTHING, Besides, Kind, Lane, Outgoing
from storage.dialects import Insert, each, insert_for
from storage.mapping import Row, place_columns, place_of, ref_of, ref_text, workspace_columns
from storage.tables import IS_PENDING, IS_POSTED, outbox

_pending = outbox.c.revision > outbox.c.sent


def _sooner(due_at: ColumnElement[int]) -> ColumnElement[int]:
    """What is due already is not put off."""
    return case((and_(_pending, outbox.c.due_at < due_at), outbox.c.due_at), else_=due_at)


def _touching(dialect: str, *, anew: bool = False) -> Insert:
    new = insert_for(dialect, outbox)
    return new.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "revision": outbox.c.revision + 1,
            "due_at": _sooner(new.excluded.due_at),
            "tries": case((_pending, outbox.c.tries), else_=0),
            "gone": False,
        },
        where=None if anew else ~outbox.c.gone,
    )


_TOUCH = each(_touching)
_TOUCH_ANEW = each(partial(_touching, anew=True))
_is_given_up = and_(~_pending, outbox.c.ref.is_not(None))
_TAKE_BACK = (
    update(outbox)
    .where(outbox.c.key == bindparam("seen_key"), or_(~outbox.c.gone, _is_given_up))
    .values(
        gone=True,
        revision=outbox.c.revision + 1,
        due_at=_sooner(bindparam("new_due_at", type_=BigInteger)),
        # As long as it is not known where it stands, tries say that it may stand somewhere.
        tries=case((and_(_pending, outbox.c.ref.is_(None)), outbox.c.tries), else_=0),
    )
)
_is_card = case(
    *(
        (func.substr(outbox.c.key, 1, len(word)) == word, 1)
        for word in ("card/", "banner/", "notice/")
    ),
    else_=0,
)
_in_chats = outbox.c.platform.in_(bindparam("chats", expanding=True))
_kind = case(
    (and_(outbox.c.gone, outbox.c.ref.is_not(None)), Kind.EDIT.value),
    (_is_card == 0, Kind.RESULT.value),
    (outbox.c.ref.is_(None), Kind.CARD.value),
    else_=Kind.EDIT.value,
)
_lane = tuple_(outbox.c.platform, outbox.c.tenant, outbox.c.channel, _kind)
_revision = tuple_(outbox.c.key, outbox.c.revision)
_DUE = (
    select(outbox)
    .where(
        IS_PENDING,
        outbox.c.due_at <= bindparam("now"),
        _in_chats,
        _lane.not_in(bindparam("lanes", expanding=True)),
        _revision.not_in(bindparam("held", expanding=True)),
    )
    .order_by(case((_kind == Kind.RESULT.value, 0), else_=1), outbox.c.due_at, outbox.c.key)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(outbox.c.due_at)).where(
    IS_PENDING, outbox.c.due_at > bindparam("after"), _in_chats
)
_GET = select(outbox).where(outbox.c.key == bindparam("key"))
_FORGET = delete(outbox).where(outbox.c.job_id == bindparam("job_id"), outbox.c.ref.is_(None))
_OF_JOB = select(outbox).where(outbox.c.job_id == bindparam("job_id")).order_by(outbox.c.key)
_AT = select(outbox).where(IS_POSTED, outbox.c.ref == bindparam("posted")).limit(1)
_SHOWN = select(outbox).where(
    IS_POSTED,
    outbox.c.platform == bindparam("platform"),
    outbox.c.tenant == bindparam("tenant"),
    outbox.c.posted_id == bindparam("posted_id"),
)

# A revision that came while this one was on its way stays to be sent.
_SETTLE = update(outbox).where(
    outbox.c.key == bindparam("seen_key"), outbox.c.sent < bindparam("seen_revision")
)
_SENT = _SETTLE.values(
    sent=bindparam("seen_revision"),
    ref=bindparam("new_ref"),
    posted_id=bindparam("new_id"),
    tries=0,
)
_REMOVED = _SETTLE.values(sent=bindparam("seen_revision"), ref=None, posted_id=None, tries=0)
_DROP = _SETTLE.values(sent=bindparam("seen_revision"))
_newest = outbox.c.revision == bindparam("seen_revision")
_POSTPONE = _SETTLE.values(
    due_at=case((_newest, bindparam("new_due_at", type_=BigInteger)), else_=outbox.c.due_at),
    tries=outbox.c.tries + 1,
)


class SqlOutbox:
    """`OutboxRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def touch(
        self, key: str, job_id: str | None, place: Place, due_at: int, *, anew: bool = False
    ) -> None:
        """There is something new to tell under `key`, at `due_at` or earlier if already due.

        A message stays in the place where it was first meant to go. One that was taken back is
        touched `anew` only.
        """
        row = {
            "key": key,
            "job_id": job_id,
            **workspace_columns(place.tenant),
            **place_columns(place),
            "revision": 1,
            "sent": 0,
            "due_at": due_at,
            "tries": 0,
        }
        touch = _TOUCH_ANEW if anew else _TOUCH
        await self._connection.execute(touch[self._connection.dialect.name], row)

    async def take_back(self, key: str, due_at: int) -> None:
        """Remove what stands under `key`, at `due_at` or earlier if already due."""
        await self._connection.execute(_TAKE_BACK, {"seen_key": key, "new_due_at": due_at})

    async def due(
        self, now: int, limit: int, chats: Collection[str], besides: Besides = NOTHING
    ) -> tuple[Outgoing, ...]:
        """What may be sent now to these chats: results, then cards, the longest due first."""
        asked = {
            "now": now,
            "most": limit,
            "chats": sorted(chats),
            "lanes": [_named(lane) for lane in besides.lanes],
            "held": list(besides.held),
        }
        rows = await self._connection.execute(_DUE, asked)
        return tuple(_outgoing_of(row) for row in rows)

    async def next_due(self, chats: Collection[str], after: int = 0) -> int | None:
        """When the next one for these chats is due, later than `after`; None when there is none."""
        asked = {"chats": sorted(chats), "after": after}
        return await self._connection.scalar(_NEXT_DUE, asked)

    async def sent(self, item: Outgoing, ref: MessageRef) -> None:
        """`item.revision` is on the screen at `ref`."""
        stands = {"new_ref": ref_text(ref), "new_id": ref.id}
        await self._connection.execute(_SENT, _seen(item) | stands)

    async def removed(self, item: Outgoing) -> None:
        """`item` was taken back: it stands nowhere any more."""
        await self._connection.execute(_REMOVED, _seen(item))

    async def postpone(self, item: Outgoing, due_at: int) -> None:
        """Try `item` again at `due_at`; a newer revision keeps its own time."""
        await self._connection.execute(_POSTPONE, _seen(item) | {"new_due_at": due_at})

    async def drop(self, item: Outgoing) -> None:
        """`item` can never be delivered; only a newer revision would be tried."""
        await self._connection.execute(_DROP, _seen(item))

    async def get(self, key: str) -> Outgoing | None:
        """One message by key."""
        row = (await self._connection.execute(_GET, {"key": key})).first()
        return _outgoing_of(row) if row else None

    async def at(self, ref: MessageRef) -> Outgoing | None:
        """What stands there, where it is one of ours."""
        row = (await self._connection.execute(_AT, {"posted": ref_text(ref)})).first()
        return _outgoing_of(row) if row else None

    async def shown_at(self, tenant: Tenant, channel: str, message_id: str) -> Outgoing | None:
        """What has that id in a channel or in a thread of it, where it is one of ours."""
        asked = workspace_columns(tenant) | {"posted_id": message_id}
        rows = await self._connection.execute(_SHOWN, asked)
        found = map(_outgoing_of, rows)
        return next((one for one in found if one.ref and stands_in(one.ref, channel)), None)

    async def of_job(self, job_id: str) -> tuple[Outgoing, ...]:
        """All messages about a job, by key."""
        rows = await self._connection.execute(_OF_JOB, {"job_id": job_id})
        return tuple(map(_outgoing_of, rows))

    async def forget(self, job_id: str) -> None:
        """Forget the messages about a job that stand nowhere."""
        await self._connection.execute(_FORGET, {"job_id": job_id})


def _named(lane: Lane) -> tuple[str, str, str, str]:
    return (lane.tenant.platform, lane.tenant.id, lane.channel, lane.kind.value)


def _seen(item: Outgoing) -> dict[str, object]:
    return {"seen_key": item.key, "seen_revision": item.revision}


def _outgoing_of(row: Row) -> Outgoing:
    return Outgoing(
        row.key,
        row.job_id,
        place_of(row),
        row.revision,
        row.sent,
        row.due_at,
        row.tries,
        ref_of(row.ref),
        row.gone,
    )
