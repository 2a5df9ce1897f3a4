"""Variations of one order beside each other, once the last of them has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot import wording
from bot.domain.charts import ContactSheet
from bot.domain.jobs import UNCOUNTED, Job, JobState
from bot.domain.messages import Attachment, Button, Message, Tone
from bot.domain.releases import GONE, Stand
from bot.domain.videos import Video
from bot.ports import Blobs, Charts, Unit

COMPARE = "compare/"
"""Beginning of the nonces of comparisons; the job of part 0 follows."""
FEWEST = 2
"""Videos that can be compared."""
_MADE = frozenset({JobState.DELIVERING, JobState.DONE})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Videos of one order that can be shown together, by part; at least `FEWEST`."""

    jobs: tuple[Job, ...]
    videos: tuple[Video, ...]

    @property
    def message(self) -> Message:
        """What stands beside the picture."""
        first = self.jobs[0]
        remixes = tuple(
            Button(wording.remix_number(number), "remix", {"job": job.id}, asks="prompt")
            for number, job in enumerate(self.jobs, start=1)
        )
        again = Button(wording.AGAIN, "again", {"job": first.id})
        note = (wording.SIMULATED,) if any(video.simulated for video in self.videos) else ()
        lines = (wording.compare_line(self.jobs), *note)
        return Message(
            lines, wording.cut(first.spec.prompt), buttons=(*remixes, again), tone=Tone.GOOD
        )


class Comparisons:
    """Puts the stills of an order's videos onto one sheet."""

    def __init__(self, blobs: Blobs, charts: Charts) -> None:
        self._blobs = blobs
        self._charts = charts

    async def read(self, tx: Unit, first: Job, *, private: bool) -> Comparison | None:
        """What there is to compare of the order that `first` is part 0 of; None for too few.

        Unless it is `private`, videos that not everybody may watch are left out.
        """
        jobs: list[Job] = []
        videos: list[Video] = []
        for job in await tx.jobs.by_interaction(first.person.tenant, first.interaction):
            video = await tx.videos.of(job.id)
            if video and await _is_shown(tx, job, private=private):
                jobs.append(job)
                videos.append(video)
        return Comparison(tuple(jobs), tuple(videos)) if len(jobs) >= FEWEST else None

    async def picture(self, seen: Comparison) -> Attachment:
        """The sheet of a comparison."""
        stills = tuple(self._still(video) for video in seen.videos)
        tall = seen.jobs[0].spec.size.portrait
        picture = await self._charts.sheet(ContactSheet(stills, tall))
        name, alt = f"compare-{seen.jobs[0].id}.png", wording.compare_alt(len(stills))
        return Attachment(name, picture, "image/png", alt)

    def _still(self, video: Video) -> Path | None:
        try:
            return self._blobs.open(video.poster) if video.poster else None
        except FileNotFoundError:
            return None


async def _is_shown(tx: Unit, job: Job, *, private: bool) -> bool:
    """Whether a video can stand beside the others; its owner may watch their own drafts too."""
    release = await tx.releases.get(job.id)
    if release is None or release.stand in GONE:
        return False
    return private or release.stand is Stand.PUBLISHED


async def touch_comparison(tx: Unit, job: Job, now: int) -> None:
    """Have the videos of an order compared when `job` was the last of it to end.

    Where one of them is not for everybody, none of the comparison is.
    """
    jobs = await tx.jobs.by_interaction(job.person.tenant, job.interaction)
    made = [one for one in jobs if one.state in _MADE]
    over = len(made) + sum(one.state in UNCOUNTED for one in jobs)
    if over < len(jobs) or len(made) < FEWEST:
        return
    first = jobs[0]
    private = first.place.private or not await _all_published(tx, made)
    # Right after the result of the last one, which is due now.
    where = replace(first.place, private=private)
    await tx.outbox.touch(f"{COMPARE}{first.id}", first.id, where, now + 1)


async def _all_published(tx: Unit, jobs: Sequence[Job]) -> bool:
    return all([await _is_shown(tx, job, private=False) for job in jobs])
