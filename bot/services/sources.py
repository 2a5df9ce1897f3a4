"""The video that a job changes or extends: whether its backend has it, and room behind it."""

from __future__ import annotations

from bot.domain import lineage
from bot.domain.jobs import Job, Operation
from bot.errors import FullLength
from bot.ports import Capabilities, Unit


async def is_done_there(tx: Unit, job: Job, parent: Job, can: Capabilities) -> bool:
    """Whether the backend itself can make `job` of the video of `parent`."""
    extends = job.operation is Operation.EXTEND
    if not (can.extends if extends else can.remixes) or not lineage.has_whole(job.offer, parent):
        return False
    if extends:
        # What goes on there is of the model that began.
        return job.spec.model == parent.spec.model
    if parent.operation is not Operation.EXTEND:
        return True
    # There a remix is as long as the whole video, which may be no length that is sold.
    video = await tx.videos.of(parent.id)
    return video is not None and video.seconds == job.spec.seconds


async def refuse_too_long(tx: Unit, source: Job, seconds: int) -> None:
    """Raise `FullLength` where a video cannot go on for so many seconds more."""
    video = await tx.videos.of(source.id)
    whole = video.seconds if video else source.spec.seconds
    times = await _times_extended(tx, source)
    if times >= lineage.MOST_ADDED or whole + seconds > lineage.LONGEST:
        raise FullLength(whole, times, seconds)


async def _times_extended(tx: Unit, job: Job) -> int:
    times, at = 0, job
    while at.operation is Operation.EXTEND and times < lineage.MOST_ADDED:
        times += 1
        parent = await tx.jobs.get(at.remix_of or "")
        if parent is None:
            break
        at = parent
    return times
