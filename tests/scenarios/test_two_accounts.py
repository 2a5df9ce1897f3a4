"""The whole bot with accounts at two backends over HTTP, each with what the file says of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from adapters.providers.simulator.serve import RunningSimulator, run_simulator
from bot.bootstrap import terminal_bot
from bot.domain.messages import Tone, plain
from bot.settings import Settings, load
from tests.payloads.simulated import QUICK

ENDLESS = replace(QUICK, render_ms=3_600_000, slots=100)
"""Takes all that comes, and nothing of it ends."""
CATALOGUE = """
[[model]]
provider = "{0}"
name = "kites-of-{0}"
seconds = [4]
default_seconds = 4
default_size = "1280x720"
prices = {{ "1280x720" = 10 }}
typical_ms = 1000
source = "a test"
as_of = 2026-11-20
upstream = "sora-2"
"""


@dataclass(frozen=True)
class Two:
    """A bot's settings, and its backends."""

    settings: Settings
    first: RunningSimulator
    second: RunningSimulator


@pytest.fixture
async def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Two]:
    """An account in the settings, one in the file; each sells a model of its own."""
    monkeypatch.setenv("SECOND_KEY", "second-key")
    models, file = tmp_path / "models.toml", tmp_path / "providers.toml"
    models.write_text("".join(map(CATALOGUE.format, ["first", "second"])), "utf-8")
    one, other = (replace(ENDLESS, token=key) for key in ("first-key", "second-key"))
    async with run_simulator(one) as first, run_simulator(other) as second:
        file.write_text(
            f'[[provider]]\nname = "second"\nurl = "{second.url}"\nkey_from = "SECOND_KEY"\n'
            "renders_at_once = 3\n",
            "utf-8",
        )
        settings = load(
            data_dir=tmp_path / "data",
            provider="first",
            provider_url=first.url,
            provider_key="first-key",
            catalogue_file=models,
            providers_file=file,
            renders_at_once=1,
        )
        yield Two(settings, first, second)


async def test_each_backend_gets_as_many_renders_at_once_as_its_account_says(two: Two) -> None:
    async with terminal_bot(two.settings, Console(quiet=True)) as terminal:
        for model in ("kites-of-first", "kites-of-second"):
            for _ in range(5):
                reply = await terminal.ask("create", {"prompt": "a kite", "model": model})
                assert reply.jobs
        async with asyncio.timeout(15):
            while two.second.machine.stats()["accepted"] < 3:  # noqa: ASYNC110 - it is the server that is waited for
                await asyncio.sleep(0.01)
    # The bot has come to rest, so that nothing more is on its way.
    assert two.first.machine.stats()["posts"] == 1
    assert two.second.machine.stats()["posts"] == 3


async def test_a_start_reads_the_files_of_providers_and_models_once(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    read = Path.read_text

    def noted(path: Path, *rest: Any, **more: Any) -> str:  # noqa: ANN401 - passed on as they are
        opened.append(path.name)
        return read(path, *rest, **more)

    monkeypatch.setattr(Path, "read_text", noted)
    async with terminal_bot(two.settings, Console(quiet=True)) as terminal:
        await terminal.ask("admin doctor", {})
    assert opened.count("providers.toml") == 1
    assert opened.count("models.toml") == 1


async def test_the_doctor_tells_an_admin_of_a_wrong_key_beside_an_account_that_is_well(
    two: Two,
) -> None:
    settings = two.settings.model_copy(update={"provider_key": SecretStr("wrong-key")})
    async with terminal_bot(settings, Console(quiet=True)) as terminal:
        reply = await terminal.ask("admin doctor", {})
    told = [plain(line) for line in reply.message.lines]
    assert reply.message.tone is Tone.BAD
    (wrong,) = [line for line in told if line.startswith("✗ first/default")]
    assert "it does not take the key" in wrong
    assert "→ Copy the key again" in wrong
    (well,) = [line for line in told if "second/default" in line]
    assert well.startswith("✓ second/default · line: an answer in")
    for words in ("key: accepted", "prices: all known", "limits: 3 renders at once"):
        assert words in well
    assert not any("-key" in line for line in told)
    assert two.first.machine.stats()["posts"] == two.second.machine.stats()["posts"] == 0
