"""What admins are told of the bot's health."""

from sqlalchemy import text

from bot.domain.messages import Tone
from bot.domain.refs import Person, Place, Tenant
from bot.domain.workspaces import Choice
from bot.errors import AmbiguousSubmit, BadCredentials, Transient
from bot.ports import Capabilities
from storage.store import SqlStore
from tests.fakes.core import ANA, MARA, Core
from tests.fakes.typist import Typist, words

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
