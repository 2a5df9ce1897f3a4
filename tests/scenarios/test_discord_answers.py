"""Answers on Discord that bring files along."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.discord_bot import Town, plain_text
from tests.fakes.discord_server.components import FILE, GALLERY, walk
from tests.fakes.discord_server.messages import Message
from tests.fakes.reports import CHART, CONTENTS, report

FILL = "PATCH /webhooks/**"


def contents(message: Message) -> dict[str, bytes]:
    found = {file.name: file.data for file in message.files}
    assert len(found) == len(message.files)
    return found


async def test_a_picture_is_shown_and_a_document_stands_below_it(town: Town) -> None:
    async with town.bot() as life:
        life.chat._counter.open(report)
        asked = await town.mara.slash(town.channel, "sora-admin quota show")
        answer = await asked.answer()
        assert plain_text(answer) == "Spent in November:"
        assert contents(answer) == CONTENTS
        (picture,) = (part for part in walk(answer.components) if part["type"] == GALLERY)
        assert picture["items"][0]["description"] == CHART.alt
        (document,) = (part for part in walk(answer.components) if part["type"] == FILE)
        assert document["name"] == "ledger.csv"


async def test_only_the_asker_sees_them(town: Town) -> None:
    async with town.bot() as life:
        life.chat._counter.open(report)
        answer = await (await town.ana.slash(town.channel, "sora quota")).answer()
        assert (answer.ephemeral, answer.only_for) == (True, town.ana)
        assert town.ours() == []


async def test_files_that_an_edit_may_not_bring_come_in_a_new_message(town: Town) -> None:
    async with town.bot() as life:
        life.chat._counter.open(report)
        town.server.faults.refuse(FILL, 50035, status=400)
        asked = await town.ana.slash(town.channel, "sora quota")
        answer = await asked.answer()
        assert (contents(answer), answer.only_for) == (CONTENTS, town.ana)
        assert asked.messages == [answer]


@pytest.mark.parametrize("after", [False, True])
async def test_an_answer_whose_line_broke_brings_its_files_once(
    town: Town,
    after: bool,  # noqa: FBT001 - a column of the table
) -> None:
    async with town.bot() as life:
        life.chat._counter.open(report)
        town.server.faults.reset(FILL, after=after)
        asked = await town.ana.slash(town.channel, "sora quota")
        trying = asyncio.create_task(town.server.until(lambda: len(town.server.find(FILL)) > 1))
        while not trying.done():
            life.core.clock.advance(100)
            await asyncio.wait({trying}, timeout=0.02)
        await life.chat.aclose()  # whatever is on its way arrives
        answer = await asked.answer()
        assert contents(answer) == CONTENTS
        assert asked.messages == [answer]
