"""What people of a role may order; whatever else is asked for is refused in one sentence."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from bot.domain.tiers import parse
from tests.fakes.core import (
    ALLOWANCE,
    ANA,
    BEN,
    KITE,
    MARA,
    PRICE,
    STUDIO,
    Options,
    World,
    catalogue,
    running,
)
from tests.fakes.typist import Typist, words

EXAMPLE = Path(__file__).parents[2] / "docs" / "tiers.example.toml"
PLUS = replace(BEN, roles=("112233445566778899",))
FREE_ONLY = (
    "Your tier free allows sora-2 up to 8 seconds in 1280x720 or 720x1280, 1 video an order; "
    "ask an admin for plus. Nothing was started or charged."
)


@pytest.fixture
async def tiered(tmp_path: Path) -> AsyncGenerator[Typist]:
    """A workspace with the tiers of the example."""
    tiers = parse(tomllib.loads(EXAMPLE.read_text("utf-8")), catalogue())
    async with running(World(tmp_path), Options(tiers=tiers)) as core:
        yield Typist(core)


@pytest.mark.parametrize("line", ["a kite seconds:12", "a kite model:sora-2-pro", "a kite x2"])
async def test_an_order_above_the_tier_is_refused_and_leaves_no_trace(
    tiered: Typist, line: str
) -> None:
    reply = await tiered.says(line)
    assert reply.refused
    assert words(reply) == FREE_ONLY
    assert await tiered.core.jobs() == ()
    assert await tiered.core.purse() == (0, 0)
    assert not (await tiered.says(line, PLUS)).refused


async def test_admins_are_not_limited(tiered: Typist) -> None:
    assert not (await tiered.says("a kite seconds:20 model:sora-2-pro x2", MARA)).refused


async def test_another_persons_video_cannot_be_had_again_or_changed_above_ones_own_tier(
    tiered: Typist,
) -> None:
    core = tiered.core
    core.world.provider.instant = True
    job = (await core.create(PLUS, replace(KITE, seconds=12))).jobs[0]
    await core.wait(2_000)
    assert await core.state(job.id) is JobState.DONE
    for line in (f"/sora again {job.id}", f"/sora remix {job.id} at night"):
        assert words(await tiered.says(line, ANA)) == FREE_ONLY
        assert not (await tiered.says(line, PLUS)).refused


async def test_a_retry_is_an_order_like_any_other(tiered: Typist) -> None:
    core = tiered.core
    job = (await core.create(PLUS, replace(KITE, seconds=12))).jobs[0]
    await core.videos.cancel(PLUS, job.id)
    await core.work()
    line = f"/sora retry {job.id}"
    assert words(await tiered.says(line, replace(PLUS, roles=()))) == FREE_ONLY
    assert not (await tiered.says(line, PLUS)).refused


async def test_an_order_that_was_accepted_stays_so_when_its_person_loses_the_role(
    tiered: Typist,
) -> None:
    core = tiered.core
    spec = replace(KITE, seconds=12)
    first = await core.create(PLUS, spec, interaction="click")
    again = await core.create(replace(PLUS, roles=()), spec, interaction="click")
    assert again.again
    assert [job.id for job in again.jobs] == [job.id for job in first.jobs]


async def test_what_the_backend_made_after_all_is_taken_over_whatever_the_tier_is_now(
    tiered: Typist,
) -> None:
    core = tiered.core
    job = (await core.create(PLUS, replace(KITE, seconds=12))).jobs[0]
    await core.work()
    core.world.provider.now(JobState.FAILED)
    await core.wait(2_000)
    old = await core.job(job.id)
    assert old.person.roles == ()
    found = (await core.videos.adopt(STUDIO, "check", old)).jobs[0]
    assert found.reference == old.reference


async def test_quota_shows_the_tier(tiered: Typist) -> None:
    assert words(await tiered.says("/sora quota")).splitlines()[0] == (
        "Tier free · sora-2 up to 8 seconds in 1280x720 or 720x1280, 1 video an order · "
        "no publishing"
    )
    assert "may publish" in words(await tiered.says("/sora quota", PLUS)).splitlines()[0]


async def test_quota_says_nothing_of_tiers_to_an_admin(tiered: Typist) -> None:
    shown = words(await tiered.says("/sora quota", MARA))
    assert shown.splitlines()[0] == f"{ALLOWANCE:,} credits to spend"


async def test_within_the_tier_everything_costs_what_it_always_did(tiered: Typist) -> None:
    await tiered.says("a kite")
    assert await tiered.core.purse() == (ALLOWANCE - PRICE, PRICE)
