"""How finished videos stand before others."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Tenant
from bot.domain.releases import Release, Stand, can_move
from storage.dialects import new_row
from storage.library import keep_on_shelf, put_on_shelf
from storage.mapping import Columns, release_of, workspace_columns
from storage.tables import IS_DELETED, IS_PUBLISHED, releases

_ADD = new_row(releases)
_GET = select(releases).where(releases.c.job_id == bindparam("job_id"))
_CHANGEABLE = (
    *("channel", "stand", "shown_as", "version", "title", "description", "tags", "remixers"),
    *("published_at", "deleted_at", "reviewer", "reviewer_name", "reason"),
    *("moderated", "rounds"),
)
_CHANGE = (
    update(releases)
    .where(
        releases.c.job_id == bindparam("seen_id"), releases.c.version == bindparam("seen_version")
    )
    .values({name: bindparam(f"new_{name}") for name in _CHANGEABLE})
)
_IN = (
    select(releases)
    .where(
        releases.c.platform == bindparam("platform"),
        releases.c.tenant == bindparam("tenant"),
        releases.c.stand.in_(bindparam("stands", expanding=True)),
    )
    .order_by(releases.c.made_at.desc(), releases.c.job_id.desc())
    .limit(bindparam("most"))
)
_OF = _IN.where(releases.c.author == bindparam("author"))
_PUBLISHED = select(releases.c.job_id).where(
    IS_PUBLISHED, releases.c.job_id.in_(bindparam("ids", expanding=True))
)
_ERASABLE = (
    select(releases)
    .where(IS_DELETED, releases.c.deleted_at <= bindparam("before"))
    .order_by(releases.c.deleted_at, releases.c.job_id)
    .limit(bindparam("most"))
)


class SqlReleases:
    """`ReleaseRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, release: Release) -> None:
        """Store the first of a video; raises `ValueError` when it has one already."""
        author = release.author
        row = {
            "job_id": release.job_id,
            **workspace_columns(author.tenant),
            "author": author.id,
            "author_name": author.name,
            "model": release.model,
            "made_at": release.made_at,
            **_changeable(release),
        }
        added = await self._connection.execute(_ADD[self._connection.dialect.name], row)
        if not added.rowcount:
            raise ValueError(f"the video of job {release.job_id} stands already")
        await put_on_shelf(self._connection, release)

    async def get(self, job_id: str) -> Release | None:
        """How the video of a job stands; None before there is one."""
        row = (await self._connection.execute(_GET, {"job_id": job_id})).first()
        return release_of(row) if row else None

    async def change(self, seen: Release, new: Release) -> Release | None:
        """Put `new` in the place of `seen`, with the next version; None when that had changed.

        Raises `ValueError` for a move that no video makes.
        """
        if not can_move(seen.stand, new.stand):
            raise ValueError(f"{seen.job_id} cannot go from {seen.stand} to {new.stand}")
        new = replace(new, version=seen.version + 1)
        row = {f"new_{name}": value for name, value in _changeable(new).items()}
        row |= {"seen_id": seen.job_id, "seen_version": seen.version}
        changed = await self._connection.execute(_CHANGE, row)
        if not changed.rowcount:
            return None
        await keep_on_shelf(self._connection, seen, new)
        return new

    async def list(
        self, tenant: Tenant, stands: Collection[Stand], author: str | None, limit: int
    ) -> tuple[Release, ...]:
        """Those of a workspace, or of one author there, that stand so: the newest video first."""
        asked = {
            **workspace_columns(tenant),
            "stands": [stand.value for stand in stands],
            "author": author,
            "most": limit,
        }
        rows = await self._connection.execute(_OF if author else _IN, asked)
        return tuple(map(release_of, rows))

    async def published(self, job_ids: Collection[str]) -> frozenset[str]:
        """Which of these jobs have a video that is published."""
        found = await self._connection.execute(_PUBLISHED, {"ids": list(job_ids)})
        return frozenset(found.scalars())

    async def erasable(self, before: int, limit: int) -> tuple[Release, ...]:
        """Those of all workspaces that were deleted by then (ms), the longest ago first."""
        rows = await self._connection.execute(_ERASABLE, {"before": before, "most": limit})
        return tuple(map(release_of, rows))


def _changeable(release: Release) -> Columns:
    reviewer = release.reviewer
    return {
        "channel": release.channel,
        "stand": release.stand.value,
        "shown_as": release.key,
        "version": release.version,
        "title": release.title,
        "description": release.description,
        "tags": json.dumps(release.tags, ensure_ascii=False),
        "remixers": release.remixers.value if release.remixers else None,
        "published_at": release.published_at,
        "deleted_at": release.deleted_at,
        "reviewer": reviewer.id if reviewer else None,
        "reviewer_name": reviewer.name if reviewer else None,
        "reason": release.reason,
        "moderated": release.moderated,
        "rounds": release.rounds,
    }
