"""What every look at an account of a video backend promises the core."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from adapters.providers.doctor import AccountCheckup, Patient
from bot import wording
from bot.ports import Checkup
from tests.fakes.checkups import FakeCheckup
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import KEY, Gateway, Received, Reply

GATE = "mine/default"


@dataclass(frozen=True)
class Looked:
    """A look, and the server that it looks at: the fake one needs none."""

    checkup: Checkup
    gateway: Gateway


def told_twice(received: Received) -> Reply:
    """A server that knows nothing, and repeats the key that it was shown."""
    error = {"message": f"No video for {received.headers.get('authorization')}", "code": "none"}
    return Reply(404 if "/videos/" in received.path else 401, {"error": error})


@pytest.fixture(params=["account", "fake"])
async def looked(request: pytest.FixtureRequest) -> AsyncGenerator[Looked]:
    async with Gateway(otherwise=told_twice) as gateway:
        patient = Patient(GATE, "custom", gateway.url, KEY)
        real = AccountCheckup(patient, FakeClock())
        fake = FakeCheckup(GATE, [wording.provider_key(GATE, shown=True)])
        yield Looked(real if request.param == "account" else fake, gateway)


async def test_every_finding_is_of_the_account(looked: Looked) -> None:
    found = [one async for one in looked.checkup.findings()]
    assert looked.checkup.gate == GATE
    assert found
    assert all(one.name.startswith(GATE) for one in found)


async def test_a_look_orders_nothing_and_tells_no_key(looked: Looked) -> None:
    found = [one async for one in looked.checkup.findings()]
    assert {one.method for one in looked.gateway.received} <= {"GET"}
    assert KEY not in str(found)


async def test_it_may_be_left_at_any_time_and_begun_anew(looked: Looked) -> None:
    async with aclosing(looked.checkup.findings()) as findings:
        first = await anext(findings)
    again = [one async for one in looked.checkup.findings()]
    assert again[0].name == first.name
