"""Finished videos."""

from __future__ import annotations

from sqlalchemy import BindParameter, Text, bindparam, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Blob
from bot.domain.videos import Video
from storage.dialects import new_row
from storage.mapping import video_columns, video_of
from storage.tables import jobs, videos

_ADD = new_row(videos)
_OF = select(videos).where(videos.c.job_id == bindparam("job_id"))
_file: BindParameter[str] = bindparam("sha256", type_=Text)
_SHARED = select(
    or_(
        exists().where(
            videos.c.job_id != bindparam("job_id"),
            or_(videos.c.blob_sha256 == _file, videos.c.poster_sha256 == _file),
        ),
        exists().where(
            jobs.c.id != bindparam("job_id"),
            or_(
                jobs.c.image_sha256 == _file,
                jobs.c.last_sha256 == _file,
                # Few orders have any, and a digest is within no other word.
                jobs.c.reference_pictures.contains(_file),
            ),
        ),
    )
)
_DROP = delete(videos).where(videos.c.job_id == bindparam("job_id"))


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
