"""Finished videos."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import Job
from bot.domain.refs import Tenant
from bot.domain.videos import Video
from storage.dialects import new_row
from storage.mapping import job_of, video_columns, video_of, workspace_columns
from storage.tables import jobs, videos

_ADD = new_row(videos)
_OF = select(videos).where(videos.c.job_id == bindparam("job_id"))
# Asked of each video in turn, so that the newest few are found without reading all jobs.
_shown = exists().where(
    jobs.c.id == videos.c.job_id,
    jobs.c.platform == bindparam("platform"),
    jobs.c.tenant == bindparam("tenant"),
    ~jobs.c.private,
)
_NEWEST = (
    select(videos)
    .where(_shown)
    .order_by(videos.c.made_at.desc(), videos.c.job_id.desc())
    .limit(bindparam("most"))
)
_JOBS = select(jobs).where(jobs.c.id.in_(bindparam("ids", expanding=True)))


class SqlVideos:
    """`VideoRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, video: Video) -> None:
        """Store one; raises `ValueError` when the job has one already."""
        add = _ADD[self._connection.dialect.name]
        added = await self._connection.execute(add, video_columns(video))
        if not added.rowcount:
            raise ValueError(f"job {video.job_id} has a video already")

    async def of(self, job_id: str) -> Video | None:
        """The video of a job."""
        row = (await self._connection.execute(_OF, {"job_id": job_id})).first()
        return video_of(row) if row else None

    async def newest(self, tenant: Tenant, limit: int) -> tuple[tuple[Job, Video], ...]:
        """A workspace's videos that are not private, newest first."""
        wanted = {**workspace_columns(tenant), "most": limit}
        made = [video_of(row) for row in await self._connection.execute(_NEWEST, wanted)]
        rows = await self._connection.execute(_JOBS, {"ids": [video.job_id for video in made]})
        by_id = {row.id: job_of(row) for row in rows}
        return tuple((by_id[video.job_id], video) for video in made)
