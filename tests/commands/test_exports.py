"""The ledger as a file, from which all balances can be added up again."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from zipfile import ZipFile

import pytest

from bot.domain import ledger
from bot.domain.exports import COLUMNS, MICROS
from bot.domain.messages import Attachment
from bot.domain.refs import Tenant
from bot.ports import JobFilter
from bot.services import exports
from bot.services.exports import Exports
from tests.fakes.core import ANA, BEN, MARA, TENANT, Core
from tests.fakes.typist import Typist, words


async def file(chat: Typist, line: str = "/sora-admin credits export") -> Attachment:
    (found,) = (await chat.says(line, MARA)).message.attachments
    return found


async def lived_in(chat: Typist) -> Core:
    """A workspace in which things were ordered, made and given."""
    core = chat.core
    core.world.provider.instant = True
    for person in (ANA, BEN):
        await chat.says("a kite", person)
    await core.wait(60_000)
    await chat.says("/sora-admin credits grant @ana 70 =HYPERLINK(1)", MARA)
    await chat.says("/sora-admin credits grant #studio 500", MARA)
    await chat.says("a kite", ANA)
    return core


@pytest.mark.parametrize("page", [1, 7, 5_000])
async def test_the_rows_add_up_to_the_balances(
    busy_chat: Typist, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exports, "PAGE", page)
    core = await lived_in(busy_chat)
    text = (await file(busy_chat)).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    sums, last = Counter[str](), dict[str, int]()
    for row in rows:
        sums[row["account"]] += int(row["amount"])
        last[row["account"]] = int(row["balance"])
    assert dict(sums) == last
    async with core.store.reading() as tx:
        names = await tx.ledger.accounts("")
        journal = await tx.ledger.journal(TENANT, 1000)
    assert sorted(sums) == [name for name in names if name in last]
    assert len(rows) == len(journal)
    assert sum(sums.values()) == 0
    assert {row["unit"] for row in rows} == {"credits", MICROS}


async def test_json_says_the_same_as_csv(busy_chat: Typist) -> None:
    await lived_in(busy_chat)
    in_csv = csv.DictReader(io.StringIO((await file(busy_chat)).content.decode()))
    found = await file(busy_chat, "/sora-admin credits export json")
    in_json = json.loads(found.content)
    assert found.name == "ledger.json"
    assert [row["ref"] for row in in_csv] == [row["ref"] for row in in_json]
    assert all(isinstance(row["amount"], int) for row in in_json)


async def test_no_cell_is_taken_for_a_formula(chat: Typist) -> None:
    await chat.says("/sora-admin credits grant @ana 70 =HYPERLINK(1)", MARA)
    text = (await file(chat)).content.decode()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert [cell for cell in cells if cell.startswith("-")] == [
        cell for cell in cells if cell.startswith("-") and int(cell) < 0
    ]


async def test_a_large_file_comes_compressed(chat: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    await chat.says("a kite", ANA)
    plain = (await file(chat)).content
    monkeypatch.setattr(exports, "PLAIN", 10)
    found = await file(chat)
    assert (found.name, found.media_type) == ("ledger.zip", "application/zip")
    with ZipFile(io.BytesIO(found.content)) as archive:
        assert archive.read("ledger.csv") == plain


async def test_an_empty_ledger_is_a_file_too(chat: Typist) -> None:
    assert json.loads((await file(chat, "/sora-admin credits export json")).content) == []
    assert (await file(chat)).content.decode() == ",".join(COLUMNS) + "\n"


async def test_a_member_gets_no_file(chat: Typist) -> None:
    reply = await chat.says("/sora-admin credits export", ANA)
    assert words(reply).startswith("Only an admin")
    assert not reply.message.attachments


async def test_workspaces_in_which_something_moved_are_known_by_name(busy_chat: Typist) -> None:
    ours = Exports(busy_chat.core.store)
    assert await ours.workspaces() == ()
    core = await lived_in(busy_chat)
    other = replace(ANA, tenant=Tenant("web", "another"))
    free = Tenant("slack", "T1")
    async with core.store.transaction() as tx:
        await tx.ledger.post(ledger.grant("x", other, 5, "bot", "test:grant", 1))
        job = (await tx.jobs.list(JobFilter(TENANT, limit=1)))[0]
        await tx.ledger.post(replace(ledger.cost(job.id, free, "p", 9, 1), ref="x"))
    assert await ours.workspaces() == (free, Tenant("web", "another"), TENANT)
