"""Finished videos."""

from __future__ import annotations

from sqlalchemy import BindParameter, Text, bindparam, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import Job
from bot.domain.refs import Blob, Tenant
from bot.domain.videos import Video
from storage.dialects import new_row
from storage.mapping import job_of, video_columns, video_of, workspace_columns
from storage.tables import IS_PUBLISHED, jobs, publications, releases, videos

_ADD = new_row(videos)
_OF = select(videos).where(videos.c.job_id == bindparam("job_id"))
_NEWEST = (
    select(releases.c.published_at, releases.c.job_id)
    .where(
        IS_PUBLISHED,
        releases.c.platform == bindparam("platform"),
        releases.c.tenant == bindparam("tenant"),
    )
    .order_by(releases.c.published_at.desc(), releases.c.job_id.desc())
    .limit(bindparam("most"))
)
_FROM_ELSEWHERE = (
    select(publications.c.at, publications.c.job_id)
    .where(
        publications.c.platform == bindparam("platform"),
        publications.c.tenant == bindparam("tenant"),
    )
    .order_by(publications.c.at.desc(), publications.c.job_id.desc())
    .limit(bindparam("most"))
)
_VIDEOS = select(videos).where(videos.c.job_id.in_(bindparam("ids", expanding=True)))
_file: BindParameter[str] = bindparam("sha256", type_=Text)
_SHARED = select(
    or_(
        exists().where(
            videos.c.job_id != bindparam("job_id"),
            or_(videos.c.blob_sha256 == _file, videos.c.poster_sha256 == _file),
        ),
        exists().where(jobs.c.id != bindparam("job_id"), jobs.c.image_sha256 == _file),
    )
)
_DROP = delete(videos).where(videos.c.job_id == bindparam("job_id"))
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

    async def shares(self, file: Blob, job_id: str) -> bool:
        """Whether another video, or the order of another one, has the same file."""
        asked = {"sha256": file.sha256, "job_id": job_id}
        return bool(await self._connection.scalar(_SHARED, asked))

    async def drop(self, job_id: str) -> None:
        """Forget the video of a job."""
        await self._connection.execute(_DROP, {"job_id": job_id})

    async def newest(self, tenant: Tenant, limit: int) -> tuple[tuple[Job, Video], ...]:
        """The videos published in a workspace, also from others: the newest publication first."""
        wanted = {**workspace_columns(tenant), "most": limit}
        own = await self._connection.execute(_NEWEST, wanted)
        across = await self._connection.execute(_FROM_ELSEWHERE, wanted)
        newest = sorted([tuple(row) for row in (*own, *across)], reverse=True)[:limit]
        named = {"ids": [name for _, name in newest]}
        made = {row.job_id: video_of(row) for row in await self._connection.execute(_VIDEOS, named)}
        of = {row.id: job_of(row) for row in await self._connection.execute(_JOBS, named)}
        return tuple((of[name], made[name]) for name in named["ids"])
