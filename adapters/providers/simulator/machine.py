"""What the routes work on: one simulator with its jobs, clips, faults and counts."""

from __future__ import annotations

import secrets
import tempfile
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from adapters.clock import SystemClock
from adapters.media.ffmpeg import Ffmpeg
from adapters.providers.simulator.clips import Clips
from adapters.providers.simulator.dialects import Sight
from adapters.providers.simulator.faults import SUBMITS, Fault, FaultPlan, Kind
from adapters.providers.simulator.jobs import NOTHING, Archive, Around, Fate, SimJob, Status
from adapters.providers.simulator.letters import Pen
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.simulator.spec import RenderSpec
from adapters.providers.simulator.studio import Studio, fate_of
from adapters.providers.simulator.telling import Teller
from adapters.providers.simulator.themes import words_of
from bot.ports import Clock

_FATES = {Kind.MODERATED: Fate.MODERATED, Kind.FAILED: Fate.FAILED, Kind.NEVER_ENDS: Fate.NEVER}
_SEEN = 200
"""Requests kept for the statistics."""


class Machine:
    """One simulator. Lives between `open` and the end of that block.

    `faults` can be changed at any time; `stats` counts since the start. `new_id` names jobs and
    `pen` writes of their ends, as who speaks for it likes them.
    """

    archive: Archive
    clips: Clips
    studio: Studio

    def __init__(self, settings: SimulatorSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.new_id: Callable[[], str] = lambda: secrets.token_hex(16)
        self.clock = clock or SystemClock()
        self.faults = FaultPlan(settings.faults)
        self.pen = Pen(settings.webhook_scheme, settings.webhook_secret)
        self._ffmpeg = Ffmpeg(settings.ffmpeg)
        self._counts: Counter[str] = Counter()
        self._accepted = 0
        self._seen: deque[dict[str, Any]] = deque(maxlen=_SEEN)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Resume what was left, work, and stop cleanly."""
        kept = self.settings.state_dir.absolute() if self.settings.state_dir else None
        with _room(kept) as folder:
            self.clips = Clips(folder / "clips", self._ffmpeg)
            self.archive = Archive(kept / "jobs" if kept else None)
            teller = Teller(self.settings, self.clock, self.pen)
            self.studio = Studio(self.settings, self.clock, self.archive, self.clips, teller.tell)
            self.clips.open()
            self.archive.load()
            self.studio.resume()
            try:
                yield
            finally:
                await self.studio.aclose()
                await teller.aclose()
                self.clips.close()

    # --- jobs -----------------------------------------------------------------------------

    def submit(
        self,
        spec: RenderSpec,
        model: str,
        fate: Fate,
        parent: SimJob | None = None,
        segments: int = 0,
        around: Around = NOTHING,
    ) -> SimJob:
        """Take a job on; gives it as it was at that moment."""
        if self.settings.vary and not segments:
            spec = replace(spec, take=self.archive.next_take(spec))
        job = SimJob(
            id=self.new_id(),
            number=self.archive.next_number(),
            model=model,
            spec=spec,
            created_at=self.clock.now(),
            parent=parent.id if parent else None,
            fate=fate,
            segments=segments,
            **asdict(around),
        )
        self._accepted += 1
        self.studio.accept(job)
        return job

    def sight(self, job: SimJob, origin: str) -> Sight:
        """The job as a client sees it now; `origin` is the server's own address."""
        done = job.status is Status.COMPLETED and job.finished_at is not None
        ends = (job.finished_at or 0) + self.settings.asset_life_ms
        return Sight(
            job=job,
            status=job.status,
            progress=job.progress(self.clock.now(), self.settings.render_ms),
            url=f"{origin}/v1/videos/{job.id}/content",
            expires_at=ends // 1000 if done else None,
        )

    def expired(self, job: SimJob) -> bool:
        """Whether its files are no longer given out."""
        return self.clock.now() > (job.finished_at or 0) + self.settings.asset_life_ms

    # --- counts ---------------------------------------------------------------------------

    def note(self, operation: str, seen: dict[str, Any]) -> None:
        """Count a request, whatever becomes of it."""
        self._counts[operation] += 1
        self._seen.append({"operation": operation, **seen})

    def plan(self, *faults: Fault) -> None:
        """Let these go wrong from now on."""
        self.faults.add(*faults)

    def stats(self) -> dict[str, Any]:
        """Counts since the start, and what is there now.

        ``posts`` counts requests that ask for a job, ``accepted`` the jobs that came of them.
        """
        states = Counter(job.status.value for job in self.archive.all())
        return {
            "posts": sum(self._counts[name] for name in SUBMITS),
            "accepted": self._accepted,
            "requests": dict(self._counts),
            "jobs": {status.value: states[status.value] for status in Status},
            "faults": self.faults.left(),
            "last": list(self._seen),
        }


def fate_for(spec: RenderSpec, fault: Fault | None) -> Fate:
    """How a new job ends: as planned, or as its words say."""
    return _FATES[fault.kind] if fault and fault.is_fate else fate_of(words_of(spec.prompts[-1]))


@contextmanager
def _room(kept: Path | None) -> Generator[Path]:
    """A folder to work in; one that nobody named is gone at the end."""
    if kept:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="simulator-") as forgotten:
        yield Path(forgotten)
