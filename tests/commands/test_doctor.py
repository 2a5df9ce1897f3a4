"""What admins are told of the bot's health."""

import asyncio
from dataclasses import replace

from sqlalchemy import text

from bot import wording
from bot.commands.dispatch import Commands
from bot.domain.checkups import Ailment
from bot.domain.findings import Finding
from bot.domain.messages import Tone
from bot.domain.refs import Person, Place, Tenant
from bot.domain.workspaces import Choice
from bot.errors import AmbiguousSubmit, BadCredentials, ConfigError, Transient
from bot.ports import Capabilities
from bot.services.doctor import PATIENCE
from storage.store import SqlStore
from tests.fakes.checkups import FakeCheckup
from tests.fakes.core import ANA, MARA, Core
from tests.fakes.typist import Typist, doctor_of, words

ELSEWHERE = Tenant("web", "other")
BAD_BOOKS = (
    f"✗ Books · held/{ANA.key}: the balance is 7, its entries add up to 80"
    " → Keep a backup and report this."
)


async def spoil(core: Core, account: str) -> None:
    assert isinstance(core.store, SqlStore)
    async with core.store.database.writing() as connection:
        await connection.execute(text(f"UPDATE accounts SET balance = 7 WHERE name = '{account}'"))  # noqa: S608 - our own word


async def test_a_bot_that_is_well_says_so_line_by_line(chat: Typist) -> None:
    async with chat.core.store.transaction() as tx:
        await tx.workspaces.choose(MARA.tenant, Choice.ALERTS, "admins")
    reply = await chat.says("/sora-admin doctor", MARA)
    assert reply.message.tone is Tone.GOOD
    assert words(reply).splitlines() == [
        "✓ Books · credits, holds and sums agree with the jobs",
        "✓ Unknown outcomes · none",
        "✓ Video backend · answers, and takes the key",
        "✓ Admin channel · set",
    ]


async def test_what_is_wrong_is_told_with_the_way_to_mend_it(busy_chat: Typist) -> None:
    core = busy_chat.core
    core.world.provider.capabilities = Capabilities()
    core.world.provider.lose.append(AmbiguousSubmit("cut"))
    await busy_chat.says("a red kite over dunes")
    await core.work()
    await spoil(core, f"held/{ANA.key}")
    core.world.provider.asks.append(BadCredentials("invalid api key"))
    reply = await busy_chat.says("/sora-admin doctor", MARA)
    assert reply.message.tone is Tone.BAD
    assert words(reply).splitlines() == [
        BAD_BOOKS,
        "✗ Unknown outcomes · 1 job whose credits stay held → /sora-admin unknown",
        "✗ Video backend · does not take the bot’s key: invalid api key",
        "✗ Admin channel · not set: nobody is told of trouble → /sora-admin settings alerts here",
    ]


async def test_nothing_is_told_of_another_workspace(chat: Typist) -> None:
    stranger = Person(ELSEWHERE, "max", "Max")
    await chat.core.create(stranger, place=Place(ELSEWHERE, "studio"))
    await spoil(chat.core, f"person/{stranger.key}")
    said = words(await chat.says("/sora-admin doctor", MARA))
    assert "✓ Books" in said
    assert "max" not in said


async def test_a_backend_that_cannot_be_reached_is_told(chat: Typist) -> None:
    chat.core.world.provider.lists.append(Transient("connection refused"))
    said = words(await chat.says("/sora-admin doctor", MARA))
    assert "✗ Video backend · cannot be asked: connection refused" in said


async def test_a_backend_that_lists_nothing_answers_by_knowing_no_such_job(chat: Typist) -> None:
    chat.core.world.provider.capabilities = Capabilities()
    assert "✓ Video backend" in words(await chat.says("/sora-admin doctor", MARA))


# --- accounts of backends -------------------------------------------------------------------

WELL = (
    wording.provider_reached("fal/default", 40),
    wording.provider_key("fal/default", shown=True),
)
AILING = (
    wording.provider_reached("krea/spare", 1_200),
    wording.provider_ails("krea/spare", Ailment.UNPAID, "top up"),
)


def looked_at(chat: Typist, *checkups: FakeCheckup, patience: float = PATIENCE) -> Typist:
    """The same bot with accounts that its doctor looks at."""
    doctor = doctor_of(chat.core, checkups, patience)
    chat.commands = Commands(replace(chat.services, doctor=doctor))
    return chat


async def told(chat: Typist, *accounts: str) -> list[str]:
    """The lines that an admin reads of these accounts."""
    lines = words(await chat.says("/sora-admin doctor", MARA)).splitlines()
    return [line for line in lines if any(account in line for account in accounts)]


async def test_what_is_wrong_with_an_account_comes_first_and_with_its_fix(chat: Typist) -> None:
    well, ailing = FakeCheckup("fal/default", WELL), FakeCheckup("krea/spare", AILING)
    fix = "Add credits, or a card, on the provider's billing page."
    assert await told(looked_at(chat, well, ailing), "fal", "krea") == [
        f"✗ krea/spare · the account has no credits left: “top up” → {fix}",
        "✓ fal/default · line: an answer in 40 ms; key: accepted",
        "✓ krea/spare, else · line: an answer in 1,200 ms",
    ]


async def test_an_account_that_is_slow_keeps_nobody_and_what_it_told_is_kept(chat: Typist) -> None:
    slow = FakeCheckup("fal/default", WELL, hangs=True)
    other = FakeCheckup("krea/spare", AILING)
    lines = await told(looked_at(chat, slow, other, patience=0.05), "fal", "krea")
    assert lines[0].startswith("✗ fal/default · no answer in time")
    assert "--account fal/default" in lines[0]
    assert lines[1].startswith("✗ krea/spare · the account has no credits left")
    assert lines[2] == "✓ fal/default, else · line: an answer in 40 ms; key: accepted"
    assert slow.left


async def test_all_accounts_are_looked_at_at_once(chat: Typist) -> None:
    meets = asyncio.Barrier(3)
    names = ["a/1", "b/1", "c/1"]
    checkups = [
        FakeCheckup(name, [Finding(name, "came", fine=True)], meets=meets) for name in names
    ]
    lines = await told(looked_at(chat, *checkups), "/1")
    assert lines == ["✓ a/1 · came", "✓ b/1 · came", "✓ c/1 · came"]


async def test_a_look_that_breaks_is_told_and_the_others_go_on(chat: Typist) -> None:
    broken = FakeCheckup("a/1", breaks=RuntimeError("secret of ours"))
    nowhere = FakeCheckup("b/1", breaks=ConfigError(("its address is none",)))
    well = FakeCheckup("fal/default", WELL)
    assert await told(looked_at(chat, broken, nowhere, well), "a/1", "b/1", "fal") == [
        "✗ a/1 · cannot be looked at: see the log of the bot",
        "✗ b/1 · cannot be looked at: its address is none",
        "✓ fal/default · line: an answer in 40 ms; key: accepted",
    ]


async def test_who_is_no_admin_is_told_nothing_and_nobody_is_asked(chat: Typist) -> None:
    checkup = FakeCheckup("fal/default", WELL)
    said = words(await looked_at(chat, checkup).says("/sora-admin doctor", ANA))
    assert "Only an admin" in said
    assert "fal" not in said
    assert checkup.looks == 0
