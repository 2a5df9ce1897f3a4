"""What holds for every provider with a task API: one story for all wires."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.registry import WIRES
from bot.domain.jobs import JobState
from bot.errors import AssetExpired, ProviderError
from tests.fakes.backends import backend
from tests.fakes.gateway import KEY, WISH, Gateway, Reply
from tests.fakes.hostile import SPOKEN, Cast, Stage, Tape, record, swapped
from tests.fakes.task_faults import FAULTS
from tests.fakes.wires import client_before

FAILED = "The video could not be generated."
"""What a simulator says of a job that failed."""
LINK = "https://x.example/a?sig=top-secret"


@pytest.mark.parametrize("spoken", WIRES)
async def test_each_fault_there_is_its_class_here_and_one_request(spoken: str) -> None:
    async with backend(spoken, key="key-id:key-secret") as running:
        for number, (name, (fault, kind)) in enumerate(FAULTS.items(), start=1):
            running.machine.plan(fault)
            with pytest.raises(ProviderError) as caught:
                await running.client.submit(WISH)
            assert type(caught.value) is kind, name
            assert running.posts == number, name
            assert name != "rate" or caught.value.retry_after_ms == fault.wait_ms


@pytest.mark.parametrize("spoken", WIRES)
async def test_a_failed_job_s_words_hide_the_key_and_what_signs_links(spoken: str) -> None:
    tape = await record(spoken, Fault(Kind.FAILED))
    told: Mapping[str, Any] = swapped(tape.told, FAILED, f"no {LINK} with {KEY}")
    assert told != tape.told
    async with Gateway() as gateway:
        for path, body in told.items():
            asked_more = path != tape.question
            gateway.on("GET", path, Reply(tape.status if asked_more else 200, body))
        async with client_before(gateway, WIRES[spoken]) as client:
            job = await client.fetch(tape.reference)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error.message == "no https://x.example/a with ***"


async def test_a_file_that_is_gone_has_expired_and_its_link_stays_a_secret(tmp_path: Path) -> None:
    tapes: dict[str, Tape] = {spoken: await record(spoken) for spoken in SPOKEN}

    async def scene(on: Stage) -> None:
        on.finished(f"{on.link}?sig=top-secret")
        on.gateway.on("GET", "/clip.mp4", Reply(410, {"error": f"no {on.link}?sig=top-secret"}))
        with pytest.raises(AssetExpired) as caught:
            await on.download()
        assert "top-secret" not in f"{caught.value!r} {caught.value}"

    await Cast(tapes, tmp_path).play(scene)
