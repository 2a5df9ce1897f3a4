"""All jobs of a workspace, for its admins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.jobs import JobState
from bot.domain.refs import Place, Tenant
from bot.errors import AmbiguousSubmit, NotAllowed
from bot.ports import Capabilities
from bot.services.overview import Overview, Which
from tests.fakes.core import ANA, BEN, MARA
from tests.fakes.typist import Typist, words


async def listed(chat: Typist, line: str = "") -> list[str]:
    return words(await chat.says(f"/sora-admin jobs {line}", MARA)).splitlines()


async def test_an_admin_sees_every_job_with_its_state_price_and_owner(chat: Typist) -> None:
    await chat.says("a kite", ANA)
    await chat.says("a secret --private", BEN)
    first, second = await listed(chat)
    assert first.startswith("#")
    assert " a secret · waiting · " in first
    assert first.endswith(" · 80 credits · @Ben · private")
    assert " a kite · waiting · " in second
    assert second.endswith(" · 80 credits · @Ana")


async def test_jobs_are_chosen_by_state_and_by_person(chat: Typist) -> None:
    await chat.says("a kite", ANA)
    await chat.says("a boat", BEN)
    gone = (await chat.says("a cloud", BEN)).jobs[0]
    await chat.says(f"/sora cancel {gone}", BEN)
    assert [" a boat" in line for line in await listed(chat)] == [True, False]
    assert [" a boat" in line for line in await listed(chat, "@ben")] == [True]
    assert [gone in line for line in await listed(chat, "failed")] == [True]
    assert await listed(chat, "failed @ana") == ["There are no such jobs."]
    assert len(await listed(chat, "waiting")) == 2
    assert len(await listed(chat, "all")) == 3
    assert len(await listed(chat, "all @ben")) == 2


async def test_jobs_whose_outcome_is_unknown_are_found(busy_chat: Typist) -> None:
    provider = busy_chat.core.world.provider
    provider.capabilities = Capabilities()
    provider.lose.append(AmbiguousSubmit())
    job = (await busy_chat.says("a kite")).jobs[0]
    await busy_chat.says("a boat")
    await busy_chat.core.wait(20_000)
    assert await busy_chat.core.state(job) is JobState.SUBMIT_UNKNOWN
    told = await listed(busy_chat, "unknown")
    assert f"#{job} a kite · @Ana · 80 credits held · unknown since " in told[0]
    assert told == words(await busy_chat.says("/sora-admin unknown", MARA)).splitlines()
    assert await listed(busy_chat, "unknown @ana") == told
    assert await listed(busy_chat, "unknown @ben") == [
        "No outcome is unknown: nothing to settle.",
    ]


async def test_an_unknown_job_that_is_private_is_told_as_such(busy_chat: Typist) -> None:
    provider = busy_chat.core.world.provider
    provider.capabilities = Capabilities()
    provider.lose.append(AmbiguousSubmit())
    await busy_chat.says("a kite --private")
    await busy_chat.core.wait(20_000)
    assert "· @Ana · private · 80 credits held" in (await listed(busy_chat, "unknown"))[0]


async def test_only_the_newest_are_listed(chat: Typist) -> None:
    for _ in range(4):
        await chat.says("a kite x4")
    assert len(await listed(chat)) == 15


async def test_a_state_that_is_none_is_refused(chat: Typist) -> None:
    reply = await chat.says("/sora-admin jobs lost", MARA)
    assert words(reply).startswith(
        "State cannot be “lost”. Possible: live, unknown, waiting, failed or all."
    )


async def test_jobs_of_other_workspaces_are_not_there(chat: Typist) -> None:
    await chat.says("a kite", ANA)
    elsewhere = Tenant("web", "other")
    eve = replace(MARA, tenant=elsewhere)
    reply = await chat.says("/sora-admin jobs all", eve, Place(elsewhere, "studio"))
    assert words(reply) == "There are no such jobs."


async def test_the_service_itself_is_for_admins(chat: Typist) -> None:
    with pytest.raises(NotAllowed):
        await Overview(chat.core.store).jobs(ANA, Which.ALL, 9)
