"""What admins see of the models: who makes them, what they cost, and which are gone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date

import pytest

from bot.commands.models import SHOWN
from bot.domain.catalogue import Catalogue, Model
from bot.domain.messages import Invocation
from bot.errors import ModelRetired
from bot.ports import Capabilities
from tests.fakes.backups import BACKUP, FIRST
from tests.fakes.core import ANA, MARA, STUDIO, Options, World, catalogue, running
from tests.fakes.provider import FakeProvider
from tests.fakes.typist import Typist, words

SORA, PRO = catalogue().models[:2]
BACKED = replace(SORA, provider="backup", upstream="sora-at-backup", prices=((SORA.sizes[0], 7),))
OLD = replace(PRO, name="sora-1", retire_on=date(2020, 9, 24), replaced_by="sora-2")
SOON = replace(PRO, retire_on=date(2099, 3, 1), replaced_by="sora-3", takes_image=False)
TALL = "1280×720, 720×1280: 30 credits a second ($0.30)"
ELSEWHERE = replace(SORA, provider="krea", name="veo-9")


def options(*models: Model) -> Options:
    return Options(catalogue=Catalogue(models), suppliers=(FIRST, BACKUP))


@pytest.fixture
async def admin(world: World) -> AsyncGenerator[Typist]:
    """A workspace whose first model two accounts make."""
    world.others["backup"] = FakeProvider(world.clock, "backup")
    async with running(world, options(OLD, SORA, BACKED, SOON, ELSEWHERE)) as core:
        yield Typist(core)


async def told(admin: Typist, line: str = "") -> list[str]:
    return words(await admin.says(f"/sora-admin models {line}", MARA)).splitlines()


async def test_every_model_is_told_with_who_makes_it_and_what_it_costs(admin: Typist) -> None:
    assert await told(admin) == [
        "sora-2 · Sora 2 (simulated) · 4, 8, 12, 16 or 20 s · with or without a first frame",
        "1280×720, 720×1280: 10 credits a second ($0.10)",
        "Made by simulator/default, then backup/spare (7 credits a second)",
        f"As of 20 November 2026: {SORA.source}",
        "sora-2-pro · Sora 2 Pro (simulated) · 4, 8, 12, 16 or 20 s · from words only",
        f"{TALL} · 1792×1024, 1024×1792: 50 credits a second ($0.50)",
        "Made by simulator/default",
        "Until 1 March 2099; sora-3 follows it",
        f"As of 20 November 2026: {PRO.source}",
        f"sora-1 of simulator · retired on 24 September 2020; sora-2 follows it · {OLD.source}",
        "Not on sale, since there is no account of its provider: veo-9 (krea)",
    ]


async def test_one_model_is_told_alone_also_a_retired_one(admin: Typist) -> None:
    assert (await told(admin, "sora-2-pro"))[0].startswith("sora-2-pro · ")
    assert len(await told(admin, "sora-2-pro")) == 5
    assert (await told(admin, "sora-1"))[0].startswith("sora-1 of simulator · retired on ")
    assert (await told(admin, "veo-9"))[0].endswith("veo-9 (krea)")


async def test_a_model_that_is_none_is_refused_with_all_that_there_are(admin: Typist) -> None:
    reply = await admin.says("/sora-admin models sora-7", MARA)
    assert reply.refused
    assert "sora-2, sora-2-pro, sora-1 or veo-9" in words(reply)


async def test_what_an_account_lost_before_its_day_is_gone_since_then(admin: Typist) -> None:
    core = admin.core
    core.world.provider.refuse.append(ModelRetired("no such model"))
    await core.create()
    await core.work()
    lines = await told(admin, "sora-2")
    assert lines[3].startswith("simulator/default no longer has it · gone since ")
    assert len(lines) == 5


async def test_what_nobody_has_any_more_stands_behind_what_can_be_made(world: World) -> None:
    async with running(world, options(SORA, PRO)) as core:
        world.provider.refuse.append(ModelRetired("no such model"))
        await core.create()
        await core.work()
        heads = [line for line in await told(Typist(core)) if " s · with" in line]
        assert [head.split(" · ")[0] for head in heads] == ["sora-2-pro", "sora-2"]


async def test_a_backend_that_takes_no_picture_shows_in_the_list(world: World) -> None:
    world.provider.capabilities = Capabilities(takes_image=False)
    async with running(world, options(SORA)) as core:
        assert (await told(Typist(core)))[0].endswith(" · from words only")


async def test_of_very_many_models_the_last_are_told_by_name(world: World) -> None:
    many = [replace(SORA, name=f"model-{number}") for number in range(SHOWN + 2)]
    async with running(world, options(*many)) as core:
        lines = await told(Typist(core))
    assert len(lines) == 4 * SHOWN + 1
    assert lines[-1] == "2 more: model-8, model-9. Name one to see all about it."


async def test_an_empty_catalogue_is_told_as_such(world: World) -> None:
    async with running(world, options()) as core:
        assert await told(Typist(core)) == ["The catalogue is empty: see SORA_CATALOGUE_FILE."]


async def test_a_member_sees_none_of_it(admin: Typist) -> None:
    reply = await admin.says("/sora-admin models", ANA)
    assert reply.refused
    assert "simulator" not in words(reply)


# --- suggestions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed, names", [("", ["sora-2", "sora-2-pro"]), ("PRO", ["sora-2-pro"]), ("veo", [])]
)
async def test_models_on_sale_are_suggested_while_they_are_typed(
    admin: Typist, typed: str, names: list[str]
) -> None:
    asked = Invocation("create", {"model": typed}, ANA, STUDIO, "i")
    found = await admin.commands.suggest(asked, "model")
    assert [one.value for one in found] == names
