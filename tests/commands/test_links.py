"""Two workspaces agree to share videos, as their admins say it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.audit import Outcome, Record
from bot.domain.links import CODE_LIFE
from bot.domain.messages import Reply
from bot.domain.refs import Person, Place, Tenant
from tests.fakes.chat import FakeChat
from tests.fakes.core import BEN, MARA, STUDIO, TENANT, Core, World, running
from tests.fakes.typist import Typist, words

OFFICE = Tenant("slack", "T1")
OLGA = Person(OFFICE, "U1", "Olga", admin=True)
PAUL = Person(OFFICE, "U2", "Paul")
THIRD = Tenant("slack", "T2")
TESS = Person(THIRD, "U1", "Tess", admin=True)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncGenerator[Core]:
    """One life of a bot that serves several workspaces."""
    async with running(World(tmp_path)) as core:
        core.platforms["slack"] = FakeChat("slack")
        yield core


@pytest.fixture
def typist(core: Core) -> Typist:
    """Somebody who types at it."""
    return Typist(core)


async def says(typist: Typist, line: str, person: Person, interaction: str = "") -> Reply:
    place = STUDIO if person.tenant == TENANT else Place(person.tenant, "C1")
    return await typist.says(line, person, place, interaction)


async def code(typist: Typist, person: Person = MARA, line: str = "/sora-admin link") -> str:
    reply = await says(typist, line, person)
    assert not reply.refused, words(reply)
    assert not reply.public
    return words(reply).rsplit(" ", 1)[-1]


async def records(core: Core, tenant: Tenant) -> tuple[Record, ...]:
    async with core.store.reading() as tx:
        return await tx.audit.newest(tenant, 100)


async def linked(typist: Typist, person: Person) -> list[str]:
    """The names of the workspaces that one is linked with."""
    said = words(await says(typist, "/sora-admin link list", person))
    return [line.split(" ", 1)[0] for line in said.splitlines() if " · since " in line]


async def test_an_admin_makes_a_code_and_one_of_the_other_workspace_uses_it(
    core: Core, typist: Typist
) -> None:
    made = await code(typist)
    said = await says(typist, f"/sora-admin link {made}", OLGA)
    assert words(said).startswith("Linked with web (web chat). Videos may be published from here")
    assert await linked(typist, MARA) == ["slack"]
    assert await linked(typist, OLGA) == ["web"]
    for tenant, actors in ((TENANT, [MARA]), (OFFICE, [OLGA])):
        done = [one for one in await records(core, tenant) if one.outcome is Outcome.DONE]
        assert {one.actor for one in done} == set(actors)
        other = OFFICE if tenant == TENANT else TENANT
        assert other.key in {one.change.after for one in done}


async def test_a_code_is_written_nowhere(core: Core, typist: Typist) -> None:
    made = await code(typist)
    for who in (PAUL, TESS, TESS):
        await says(typist, f"/sora-admin link {made}", who)
    await says(typist, f"/sora-admin link {made} and more", OLGA)
    found = [one for tenant in (TENANT, OFFICE, THIRD) for one in await records(core, tenant)]
    assert len(found) > 3
    assert made not in repr(found)
    database = core.world.folder / "bot.db"
    files = (path for path in database.parent.glob("bot.db*") if path.is_file())
    assert not any(made.encode() in path.read_bytes() for path in files)


async def test_each_workspace_says_what_it_is_called_over_there(typist: Typist) -> None:
    made = await code(typist, line="/sora-admin link name:studio")
    await says(typist, f"/sora-admin link {made} name:Office", OLGA)
    assert await linked(typist, MARA) == ["office"]
    assert await linked(typist, OLGA) == ["studio"]


async def test_two_workspaces_of_one_name_are_told_apart_by_a_number(typist: Typist) -> None:
    for admin in (OLGA, TESS):
        await says(typist, f"/sora-admin link {await code(typist)}", admin)
    assert await linked(typist, MARA) == ["slack", "slack-2"]


@pytest.mark.parametrize("name", ["New-York!", "a" * 25, "#studio"])
async def test_a_name_that_cannot_be_typed_as_one_word_is_refused(
    typist: Typist, name: str
) -> None:
    said = await says(typist, f"/sora-admin link name:{name}", MARA)
    assert said.refused
    assert "one short word" in words(said)


@pytest.mark.parametrize("typed", ["j000000999", "web/demo", "0", "' OR 1=1"])
async def test_a_forged_code_links_nothing_and_is_on_record(
    core: Core, typist: Typist, typed: str
) -> None:
    await code(typist)
    said = await says(typist, f'/sora-admin link "{typed}"', OLGA)
    assert words(said).startswith("This code is unknown, used or older than 10 minutes.")
    assert await linked(typist, OLGA) == []
    assert [one.reason for one in await records(core, OFFICE)] == ["NotLinked"]


async def test_a_code_works_until_ten_minutes_are_over(core: Core, typist: Typist) -> None:
    made = await code(typist)
    core.clock.advance(CODE_LIFE)
    assert (await says(typist, f"/sora-admin link {made}", OLGA)).refused
    assert await linked(typist, MARA) == []
    made = await code(typist)
    core.clock.advance(CODE_LIFE - 1)
    assert not (await says(typist, f"/sora-admin link {made}", OLGA)).refused


async def test_a_code_links_one_workspace_only(typist: Typist) -> None:
    made = await code(typist)
    await says(typist, f"/sora-admin link {made}", OLGA)
    for admin in (TESS, OLGA):
        assert (await says(typist, f"/sora-admin link {made}", admin)).refused
    assert await linked(typist, TESS) == []
    assert await linked(typist, MARA) == ["slack"]


async def test_a_new_code_takes_the_place_of_the_one_before(typist: Typist) -> None:
    old, new = await code(typist), await code(typist)
    assert (await says(typist, f"/sora-admin link {old}", OLGA)).refused
    assert not (await says(typist, f"/sora-admin link {new}", OLGA)).refused


async def test_no_workspace_is_linked_with_itself_and_its_code_still_works(
    typist: Typist,
) -> None:
    made = await code(typist)
    said = await says(typist, f"/sora-admin link {made}", MARA)
    assert words(said).startswith("This code is this workspace’s own.")
    assert await linked(typist, MARA) == []
    assert not (await says(typist, f"/sora-admin link {made}", OLGA)).refused


async def test_linking_again_changes_nothing(typist: Typist) -> None:
    await says(typist, f"/sora-admin link {await code(typist)}", OLGA)
    made = await code(typist, OLGA)
    assert words(await says(typist, f"/sora-admin link {made}", MARA)).startswith("Linked with")
    assert await linked(typist, MARA) == ["slack"]
    assert await linked(typist, OLGA) == ["web"]


async def test_a_request_that_comes_twice_links_once_and_shows_no_code_again(
    core: Core, typist: Typist
) -> None:
    made = words(await says(typist, "/sora-admin link", MARA, "click")).rsplit(" ", 1)[-1]
    again = await says(typist, "/sora-admin link", MARA, "click")
    assert words(again).startswith("This request made its code before")
    said = [await says(typist, f"/sora-admin link {made}", OLGA, "press") for _ in range(2)]
    assert said[0] == said[1]
    assert len(await records(core, OFFICE)) == 1


async def test_either_admin_ends_it_for_both(typist: Typist) -> None:
    for admin, name in ((MARA, "slack"), (OLGA, "web")):
        await says(typist, f"/sora-admin link {await code(typist)}", OLGA)
        said = await says(typist, f"/sora-admin unlink {name}", admin, f"end by {admin.name}")
        assert "the videos that stand there and here stay" in words(said)
        again = await says(typist, f"/sora-admin unlink {name}", admin, f"end by {admin.name}")
        assert again == said
        assert await linked(typist, MARA) == []
        assert await linked(typist, OLGA) == []


async def test_a_workspace_that_is_not_linked_cannot_be_unlinked(typist: Typist) -> None:
    said = await says(typist, "/sora-admin unlink slack", MARA)
    assert said.refused
    assert "There is no linked workspace “slack” here" in words(said)


@pytest.mark.parametrize("line", ["link", "link list", "link j000000001", "unlink slack"])
@pytest.mark.parametrize("who", [BEN, PAUL])
async def test_only_admins_link(typist: Typist, line: str, who: Person) -> None:
    assert words(await says(typist, f"/sora-admin {line}", who)).startswith("Only an admin")
