"""Transfers are checked where they are done, whatever a chat lets through."""

from dataclasses import replace

import pytest

from bot.domain.refs import Tenant
from bot.errors import InvalidInput, NotAllowed, UnknownThing
from bot.services.transfers import Transfers
from tests.fakes.core import ANA, BEN, MARA, Core
from tests.fakes.deeds import deed

ELSEWHERE = Tenant("web", "other")
EVE = replace(MARA, tenant=ELSEWHERE)


@pytest.fixture
def transfers(core: Core) -> Transfers:
    return Transfers(core.store, core.clock, core.credits, core.videos)


async def test_a_member_moves_nothing_of_others(transfers: Transfers, core: Core) -> None:
    own = deed(BEN)
    with pytest.raises(NotAllowed):
        await transfers.take(own, ANA, 5)
    with pytest.raises(NotAllowed):
        await transfers.transfer(own, ANA, BEN, 5)
    with pytest.raises(NotAllowed):
        await transfers.refund(own, "j000000001")
    with pytest.raises(NotAllowed):
        await transfers.history(BEN, ANA)
    assert await core.purse(ANA) == (0, 0)


async def test_nothing_crosses_workspaces(transfers: Transfers, core: Core) -> None:
    job = (await core.create(ANA)).jobs[0]
    own = deed(EVE)
    with pytest.raises(UnknownThing):
        await transfers.take(own, ANA, 5)
    with pytest.raises(UnknownThing):
        await transfers.transfer(own, EVE, ANA, 5)
    with pytest.raises(UnknownThing):
        await transfers.give(own, ANA, 5)
    with pytest.raises(UnknownThing):
        await transfers.refund(own, job.id)
    with pytest.raises(UnknownThing):
        await transfers.history(EVE, ANA)
    assert await transfers.history(EVE, None) == ()


@pytest.mark.parametrize("amount", [0, -5, 10**9])
async def test_an_amount_is_a_reasonable_number(transfers: Transfers, amount: int) -> None:
    with pytest.raises(InvalidInput):
        await transfers.give(deed(ANA), BEN, amount)
    with pytest.raises(InvalidInput):
        await transfers.take(deed(), ANA, amount)


async def test_what_an_admin_moves_is_on_record_once(transfers: Transfers, core: Core) -> None:
    for _ in range(2):
        await transfers.take(deed(interaction="take"), ANA, 5)
        await transfers.transfer(deed(interaction="transfer"), ANA, BEN, 7)
    async with core.store.reading() as tx:
        records = await tx.audit.newest(MARA.tenant, 10, None)
    assert [(r.change.subject, r.change.before, r.change.after) for r in records] == [
        ("ana", "1995 credits", "1988 credits, 7 to ben"),
        ("ana", "2000 credits", "1995 credits"),
    ]
