"""Planning faults and reading counts, in the process and over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.simulator.faults import OPERATIONS, Fault, FaultPlan, Kind
from tests.fakes.clock import FakeClock
from tests.payloads.simulated import INSTANT, KITE, Simulated, simulated


@pytest.fixture
async def sim() -> AsyncGenerator[Simulated]:
    async with simulated(INSTANT, FakeClock()) as running:
        yield running


# --- control ----------------------------------------------------------------------------------


async def test_faults_can_be_planned_and_counts_read_over_http(sim: Simulated) -> None:
    plan = {"faults": [{"kind": "rate_limited", "hint": "retry-after-ms", "wait_ms": 70}]}
    planned = await sim.http.post("http://simulator/simulator/faults", json=plan)
    assert planned.json()["faults"][0]["kind"] == "rate_limited"
    assert (await sim.http.post("/videos", json=KITE)).headers["retry-after-ms"] == "70"
    await sim.finished()
    stats = (await sim.http.get("http://simulator/simulator/stats")).json()
    assert (stats["posts"], stats["accepted"]) == (2, 1)
    assert stats["jobs"] == {"queued": 0, "in_progress": 0, "completed": 1, "failed": 0}
    assert stats["requests"]["create"] == 2
    assert stats["last"][0]["content_type"] == "application/json"


async def test_a_plan_can_be_dropped(sim: Simulated) -> None:
    sim.machine.plan(Fault(Kind.RATE_LIMITED, times=0))
    assert (await sim.http.delete("http://simulator/simulator/faults")).json() == {"faults": []}
    assert (await sim.http.post("/videos", json=KITE)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"faults": 3}',
        b'{"faults": [7]}',
        b'{"faults": [{}]}',
        b'{"faults": [{"kind": "nonsense"}]}',
        b'{"faults": [{"kind": "slow", "colour": "red"}]}',
        b'{"faults": [{"kind": "slow", "on": "moon"}]}',
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_as_a_whole(
    sim: Simulated, body: bytes
) -> None:
    answer = await sim.http.post("http://simulator/simulator/faults", content=body)
    assert answer.status_code == 400
    assert sim.machine.faults.left() == []


async def test_without_leave_there_are_no_controls() -> None:
    async with simulated(replace(INSTANT, control=False)) as sim:
        for call in (sim.http.get, sim.http.delete):
            assert (await call("http://simulator/simulator/stats")).status_code == 404
        answer = await sim.http.post("http://simulator/simulator/faults", json={"faults": []})
        assert answer.status_code == 404


async def test_the_controls_ask_for_the_key_too() -> None:
    async with simulated(replace(INSTANT, token="sesame")) as sim:
        assert (await sim.http.get("http://simulator/simulator/stats")).status_code == 401


async def test_what_clients_sent_is_remembered_without_their_key(sim: Simulated) -> None:
    await sim.http.get("/videos?limit=3", headers={"authorization": "Bearer secret"})
    seen = sim.machine.stats()["last"][-1]
    assert (seen["operation"], seen["path"], seen["query"]) == ("list", "/v1/videos", "limit=3")
    assert "secret" not in json.dumps(seen)


# --- the plan itself --------------------------------------------------------------------------


@given(
    st.lists(
        st.builds(
            Fault,
            kind=st.sampled_from(Kind),
            on=st.sampled_from(["", "submit", "any", *OPERATIONS]),
            times=st.integers(1, 3),
            skip=st.integers(0, 2),
        ),
        max_size=4,
    )
)
def test_every_planned_fault_happens_exactly_as_often_as_it_should(faults: list[Fault]) -> None:
    plan = FaultPlan(faults)
    happened = [plan.take(operation) for _ in range(40) for operation in OPERATIONS]
    assert sum(fault is not None for fault in happened) == sum(fault.times for fault in faults)
    assert plan.left() == []


def test_a_fault_meets_only_its_own_operation() -> None:
    plan = FaultPlan([Fault(Kind.HTML), Fault(Kind.RATE_LIMITED, on="list")])
    assert plan.take("create") is None
    assert plan.take("list") == Fault(Kind.RATE_LIMITED, on="list")
    assert plan.take("content") == Fault(Kind.HTML)
