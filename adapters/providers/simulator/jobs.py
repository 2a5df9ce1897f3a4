"""Jobs of the simulator, in memory and (with a folder) as one JSON file each."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from adapters.providers.simulator.spec import RenderSpec

TAKES = 4
"""Different pictures that one prompt can give."""


class Fate(StrEnum):
    """How a job is going to end."""

    DONE = "done"
    MODERATED = "moderated"
    FAILED = "failed"
    NEVER = "never"


class Status(StrEnum):
    """The four official words."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Around:
    """What a create says besides: where the end is to be told, and what its sender calls it.

    `last` and `references` are digests of the pictures for its end and of what is seen in it,
    `sound` whether some was asked for. Nothing is drawn of these.
    """

    webhook: str = field(default="", repr=False)
    name: str = ""
    last: str = ""
    references: tuple[str, ...] = ()
    sound: bool | None = None


NOTHING = Around()
"""Nothing besides."""


@dataclass(frozen=True, slots=True)
class SimJob:
    """One job. Times are ms since the epoch; None has not happened yet.

    `spec` is the clip it becomes, `number` its place in the order of creation. `segments` counts
    the extensions it is made of. All after `error_message` are those of its `Around`.
    """

    id: str
    number: int
    model: str
    spec: RenderSpec
    created_at: int
    parent: str | None = None
    fate: Fate = Fate.DONE
    segments: int = 0
    started_at: int | None = None
    finished_at: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    webhook: str = field(default="", repr=False)
    name: str = ""
    last: str = ""
    references: tuple[str, ...] = ()
    sound: bool | None = None

    @property
    def status(self) -> Status:
        """What it would be called officially."""
        if self.error_code is not None:
            return Status.FAILED
        if self.finished_at is not None:
            return Status.COMPLETED
        return Status.QUEUED if self.started_at is None else Status.IN_PROGRESS

    @property
    def prompt(self) -> str:
        """Its own prompt."""
        return self.spec.prompts[-1]

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in {Status.COMPLETED, Status.FAILED}

    def progress(self, now: int, render_ms: int) -> int:
        """Percentage at that time; 99 until it is really finished."""
        if self.status is Status.COMPLETED:
            return 100
        if self.started_at is None or render_ms <= 0:
            return 0
        return max(0, min(99, 100 * (now - self.started_at) // render_ms))


class Archive:
    """All jobs by id. With a `folder` each change is on disk before the call returns.

    The files are a few hundred bytes and written without waiting for the disk, so it is done
    on the event loop.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._jobs: dict[str, SimJob] = {}
        self._takes: Counter[str] = Counter()
        self._last = 0

    def load(self) -> None:
        """Read what an earlier run left; a file that cannot be read is left alone."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        found = (_read(file) for file in self._folder.glob("*.json"))
        for job in sorted((job for job in found if job), key=lambda job: job.number):
            self._remember(job)

    def __len__(self) -> int:
        return len(self._jobs)

    def get(self, job_id: str) -> SimJob | None:
        """One job."""
        return self._jobs.get(job_id)

    def named(self, name: str) -> SimJob | None:
        """The job that its sender calls so; None also for no name at all."""
        return next((job for job in self._jobs.values() if name and job.name == name), None)

    def all(self) -> list[SimJob]:
        """Every job, the oldest first."""
        return list(self._jobs.values())

    def next_number(self) -> int:
        """The place of the next job in the order of creation."""
        return self._last + 1

    def next_take(self, spec: RenderSpec) -> int:
        """How a new clip differs from earlier ones that were asked for in the same words."""
        return self._takes[_sort(spec)] % TAKES

    def add(self, job: SimJob) -> None:
        """A new job."""
        self._remember(job)
        self._write(job)

    def _remember(self, job: SimJob) -> None:
        self._jobs[job.id] = job
        self._takes[_sort(job.spec)] += 1
        self._last = max(self._last, job.number)

    def start(self, job_id: str, at: int) -> SimJob | None:
        """It renders since `at`, unless it was begun before; None when it was deleted meanwhile."""
        job = self._jobs.get(job_id)
        if job is None or job.started_at is not None:
            return job
        return self._put(replace(job, started_at=at))

    def finish(self, job_id: str, at: int) -> SimJob | None:
        """Its clip is there; None when it was deleted meanwhile."""
        job = self._jobs.get(job_id)
        return self._put(replace(job, finished_at=at)) if job else None

    def fail(self, job_id: str, at: int, code: str, message: str) -> SimJob | None:
        """It failed; None when it was deleted meanwhile."""
        job = self._jobs.get(job_id)
        if job is None:
            return None
        return self._put(replace(job, finished_at=at, error_code=code, error_message=message))

    def _put(self, job: SimJob) -> SimJob:
        self._jobs[job.id] = job
        self._write(job)
        return job

    def delete(self, job_id: str) -> None:
        """Forget a job."""
        if self._jobs.pop(job_id, None) and self._folder:
            _file(self._folder, job_id).unlink(missing_ok=True)

    def _write(self, job: SimJob) -> None:
        if self._folder is None:
            return
        whole = _file(self._folder, job.id)
        part = whole.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_text(json.dumps(asdict(job)), encoding="utf-8")
        part.replace(whole)


def _file(folder: Path, job_id: str) -> Path:
    """Some dialects have ids that are longer than a file's name may be, or end in ``=``."""
    return folder / f"{hashlib.sha256(job_id.encode()).hexdigest()[:32]}.json"


def _sort(spec: RenderSpec) -> str:
    return replace(spec, take=0).key


def _read(file: Path) -> SimJob | None:
    try:
        fields: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        fields["spec"] = RenderSpec.from_json(json.dumps(fields["spec"]))
        fields["fate"] = Fate(fields["fate"])
        fields["references"] = tuple(fields.get("references", ()))
        return SimJob(**fields)
    except (OSError, ValueError, TypeError, KeyError):
        return None
