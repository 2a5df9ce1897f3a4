"""Finished videos as messages: the file itself, its still, and links that end."""

from __future__ import annotations

from bot import wording
from bot.domain import retry
from bot.domain.jobs import Job
from bot.domain.messages import Message, VideoFile
from bot.domain.refs import Blob, Tenant
from bot.domain.releases import HIDDEN
from bot.domain.tickets import Ticket
from bot.domain.videos import Video
from bot.errors import UnknownThing
from bot.ports import Blobs
from bot.services import cards
from bot.services.views import JobView

LINK_LIFE = 7 * 24 * 60 * retry.MINUTE
"""Ms that a link to our own server works."""


class Shelf:
    """Takes finished videos out of the store of files."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def result(
        self, view: JobView, say: cards.Say = wording.result_lines, *, here: Tenant | None = None
    ) -> Message:
        """The message with the video of a finished job; raises `UnknownThing` when it is gone.

        `here` is the workspace that it is for; None: the job's own.
        """
        if view.video is None:
            raise UnknownThing("video", view.job.id)
        try:
            file = self.file(view.job, view.video, _ticket(view, here))
            return cards.result(view, file, say, here=here)
        except FileNotFoundError as error:
            raise UnknownThing("video", view.job.id) from error

    def file(self, job: Job, video: Video, ticket: Ticket) -> VideoFile:
        """All that a chat may need; raises `FileNotFoundError` when the file was deleted."""
        poster = video.poster
        return VideoFile(
            path=self._blobs.open(video.blob),
            filename=f"sora-{job.id}.mp4",
            size=video.blob.size,
            width=video.width,
            height=video.height,
            duration_ms=video.duration_ms,
            poster=self._blobs.open(poster) if poster else None,
            url=self._url(video.blob, ticket),
            poster_url=self._url(poster, ticket),
            ticket=ticket,
        )

    def _url(self, blob: Blob | None, ticket: Ticket) -> str | None:
        return self._blobs.url(blob, ticket, LINK_LIFE) if blob else None


def _ticket(view: JobView, here: Tenant | None) -> Ticket:
    """A draft comes before nobody but who may watch it; any other video is for a workspace."""
    job, release = view.job, view.release
    is_draft = release is not None and release.stand in HIDDEN
    return Ticket(job.id, None if is_draft else here or job.person.tenant)
