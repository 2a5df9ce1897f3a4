"""The law of switches: one for a scope, and the line sees of each job what it says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.switches import (
    EVERYTHING,
    HOLDS,
    Mode,
    Switch,
    for_model,
    for_provider,
    ruling,
)
from storage.store import SqlStore
from tests.storage.examples import DEMO, EVE, GATE, NOW, OTHER, a_job

PAUSE = Switch(for_model("sora-2"), Mode.PAUSE, "trouble", "mara", NOW)


async def test_a_switch_takes_the_place_of_the_one_for_its_scope(store: SqlStore) -> None:
    newer = replace(PAUSE, mode=Mode.STOP, reason="", by="olga", at=NOW + 1)
    everything = replace(PAUSE, scope=EVERYTHING)
    async with store.transaction() as tx:
        assert await tx.switches.of(DEMO) == ()
        await tx.switches.put(DEMO, PAUSE)
        await tx.switches.put(DEMO, everything)
        await tx.switches.put(DEMO, newer)
        await tx.switches.put(OTHER, PAUSE)
        assert set(await tx.switches.of(DEMO)) == {newer, everything}
        assert await tx.switches.drop(DEMO, newer.scope)
        assert not await tx.switches.drop(DEMO, newer.scope)
        assert await tx.switches.of(DEMO) == (everything,)
        assert await tx.switches.of(OTHER) == (PAUSE,)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "scope",
    [
        EVERYTHING,
        for_provider("simulator"),
        for_provider("other"),
        for_model("sora-2"),
        for_model("sora-2-pro"),
        for_model("simulator"),
    ],
)
async def test_the_line_holds_back_what_the_rule_holds_back(
    store: SqlStore, scope: str, mode: Mode
) -> None:
    switch = replace(PAUSE, scope=scope, mode=mode)
    pro = replace(a_job().spec, model="sora-2-pro")
    line = [a_job("a000000001"), a_job("a000000002", spec=pro), a_job("a000000003", EVE)]
    async with store.transaction() as tx:
        for job in line:
            await tx.jobs.add(job)
        await tx.switches.put(DEMO, switch)
    async with store.reading() as tx:
        held = {waiter.job_id: waiter.held_back for waiter in await tx.jobs.waiting(GATE)}
        for job in line:
            known = await tx.switches.of(job.person.tenant)
            rule = ruling(known, HOLDS, job.offer.provider, job.spec.model)
            assert held[job.id] is (rule is not None)
