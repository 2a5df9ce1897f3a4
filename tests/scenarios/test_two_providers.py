"""The whole bot with two backends over HTTP: settings, file, keys, clients and all between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.simulator.serve import RunningSimulator, run_simulator
from bot.bootstrap import terminal_bot
from bot.domain.messages import VideoFile, plain
from bot.settings import Settings, load
from tests.payloads.simulated import INSTANT

CATALOGUE = """
[[model]]
provider = "{0}"
name = "kites"
seconds = [4]
default_seconds = 4
default_size = "1280x720"
prices = {{ "1280x720" = 10 }}
typical_ms = 1000
source = "a test"
as_of = 2026-11-20
upstream = "sora-2"
"""


@pytest.fixture
async def backends() -> AsyncGenerator[tuple[RunningSimulator, RunningSimulator]]:
    """Two simulators, each of which takes one key alone."""
    one, other = (replace(INSTANT, token=key) for key in ("first-key", "second-key"))
    async with run_simulator(one) as first, run_simulator(other) as second:
        yield first, second


@pytest.fixture
def settings(
    backends: tuple[RunningSimulator, RunningSimulator],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """A bot with an account at the first, and the second in its file of providers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECOND_KEY", "second-key")
    Path("models.toml").write_text("".join(map(CATALOGUE.format, ["first", "second"])), "utf-8")
    Path("providers.toml").write_text(
        f'[[provider]]\nname = "second"\nurl = "{backends[1].url}"\nkey_from = "SECOND_KEY"\n',
        "utf-8",
    )
    return load(
        data_dir=tmp_path / "data",
        provider="first",
        provider_url=backends[0].url,
        provider_key="first-key",
        catalogue_file=Path("models.toml"),
        providers_file=Path("providers.toml"),
    )


@pytest.mark.parametrize("kind", [None, Kind.BILLING, Kind.RETIRED_MODEL])
async def test_a_video_is_made_by_the_first_that_can(
    settings: Settings, backends: tuple[RunningSimulator, RunningSimulator], kind: Kind | None
) -> None:
    if kind:
        backends[0].machine.plan(Fault(kind))
    async with terminal_bot(settings, Console(quiet=True)) as terminal:
        reply = await terminal.ask("create", {"prompt": "a kite"})
        (job,) = reply.jobs
        async with asyncio.timeout(15):
            clip = await terminal.chat.ended(job)
        assert isinstance(clip, VideoFile)
        told = await terminal.ask("status", {"job": job})
    lines = "\n".join(plain(line) for line in told.message.lines)
    assert ("Moved from first, which could not make it, to second" in lines) == bool(kind)
    assert backends[1].machine.stats()["accepted"] == int(bool(kind))
    assert backends[0].machine.stats()["accepted"] == int(not kind)
