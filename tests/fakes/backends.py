"""Running simulators, and the profiles for the habits that they can take on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx

from adapters.clock import SystemClock
from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import Profile, profile_of
from adapters.providers.simulator import dialects
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.serve import RunningSimulator, run_simulator
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.tasks.client import TaskVideos
from adapters.providers.tasks.registry import WIRES
from bot.domain.jobs import JobState, Reference
from bot.ports import Clock, RemoteJob
from tests.payloads.simulated import INSTANT, _copy, _rendered

DIALECTS = (*dialects.DIALECTS, *WIRES)
"""What a simulator can talk like, as far as there is a client for it."""


def profile_for(dialect: str) -> Profile:
    """What is true of a simulator with these habits."""
    return profile_of("simulator" if dialect == "openai" else dialect)


@dataclass(frozen=True, slots=True)
class Backend:
    """The real client, and the simulator that it talks to over loopback."""

    client: OpenAIVideos | TaskVideos
    machine: Machine

    @property
    def posts(self) -> int:
        """Requests for a job that reached it."""
        return self.machine.stats()["posts"]

    @property
    def accepted(self) -> int:
        """Jobs that came of them."""
        return self.machine.stats()["accepted"]

    async def ended(self, reference: Reference) -> RemoteJob:
        """The job once it runs no more."""
        for _ in range(800):
            job = await self.client.fetch(reference)
            if job.state not in {JobState.QUEUED, JobState.RENDERING}:
                return job
            await asyncio.sleep(0.01)
        raise AssertionError(f"{reference} still runs")


@dataclass(frozen=True, slots=True)
class _Spoken:
    """How somebody speaks with a simulator."""

    dialect: str
    url: str
    key: str
    clock: Clock


def _client(spoken: _Spoken, profile: Profile | None) -> OpenAIVideos | TaskVideos:
    wire = WIRES.get(spoken.dialect)
    if wire is None:
        chosen = profile or profile_for(spoken.dialect)
        return OpenAIVideos(chosen, spoken.url, spoken.key, spoken.clock)
    here = httpx.URL(spoken.url).copy_with(raw_path=httpx.URL(wire.url).raw_path)
    return TaskVideos(wire, str(here), spoken.key, spoken.clock)


@asynccontextmanager
async def backend(
    dialect: str = "openai",
    profile: Profile | None = None,
    key: str = "",
    clock: Clock | None = None,
    settings: SimulatorSettings = INSTANT,
) -> AsyncGenerator[Backend]:
    """A client and its simulator; `clock` is both sides'."""
    settings, clock = replace(settings, dialect=dialect, token=key or None), clock or SystemClock()
    async with simulator(settings, clock) as running:
        client = _client(_Spoken(dialect, running.url, key, clock), profile)
        try:
            yield Backend(client, running.machine)
        finally:
            await client.aclose()


@asynccontextmanager
async def simulator(
    settings: SimulatorSettings, clock: Clock, port: int = 0
) -> AsyncGenerator[RunningSimulator]:
    """A simulator on a port, with clips that were rendered before."""
    async with run_simulator(settings, port=port, clock=clock) as running:
        folder = running.machine.clips.folder
        _copy(_rendered(), folder)
        try:
            yield running
        finally:
            _copy(folder, _rendered())
