"""Answers on Slack that bring files along."""

from __future__ import annotations

import asyncio

import pytest

from bot import wording
from bot.domain.messages import Invocation, Message, Reply
from tests.fakes.reports import CHART, CONTENTS, LEDGER, report
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.messages import Message as Shown
from tests.fakes.slack_server.people import Person

COMPLETE, ANNOUNCE = "files.completeUploadExternal", "files.getUploadURLExternal"
HERE = "Spent in November:"
THERE = f"{HERE}\nSent to you alone, in your messages with this app: usage.png, ledger.csv"
one_mode = pytest.mark.parametrize("office", ["sockets"], indirect=True)
"""For what does not depend on how Slack reaches the bot."""


@pytest.fixture(autouse=True)
def _reports(office: Office) -> None:
    office.server.files.share_delay = 0
    office.answer = report


async def files_of(office: Office, person: Person, number: int = 2) -> dict[str, bytes]:
    """What stands in somebody's own messages with the bot, once that many files are there."""
    own = person.direct
    await office.server.until(lambda: len(office.videos(own)) == number)
    return {file.name: file.data for one in office.videos(own) for file in one.files}


async def told_where(office: Office, person: Person) -> Shown:
    return await (await person.slash(office.channel, "/sora-admin", "quota show")).answer()


async def test_an_answer_in_a_channel_says_where_its_files_are(office: Office) -> None:
    async with office.bot():
        answer = await told_where(office, office.mara)
        assert (answer.text, answer.ephemeral) == (THERE, True)
        assert await files_of(office, office.mara) == CONTENTS
        assert office.ours() == []


@one_mode
async def test_each_file_is_described_for_those_who_see_it_and_those_who_do_not(
    office: Office,
) -> None:
    async with office.bot():
        await told_where(office, office.ana)
        await files_of(office, office.ana)
        shown = office.videos(office.ana.direct)
        assert [one.text for one in shown] == [CHART.alt, LEDGER.alt]
        assert [one.files[0].alt_text for one in shown] == [CHART.alt, LEDGER.alt]
        assert office.videos(office.ben.direct) == []


@one_mode
async def test_in_private_messages_the_files_simply_come(office: Office) -> None:
    async with office.bot():
        answer = await (await office.ana.slash(office.ana.direct, "/sora", "quota")).answer()
        assert answer.text == HERE
        assert await files_of(office, office.ana) == CONTENTS


@one_mode
async def test_files_for_a_question_in_a_thread_are_not_shown_in_it(office: Office) -> None:
    async with office.bot():
        head = office.ben.says(office.channel, "Look at this")
        office.ana.mention(office.channel, "quota", thread=head)
        (answer,) = await office.server.until(lambda: office.ana.ephemerals)
        assert answer.text == THERE
        assert await files_of(office, office.ana) == CONTENTS
        assert head.replies == [one for one in head.replies if one.author is office.ana]


@one_mode
@pytest.mark.parametrize("step", [ANNOUNCE, "upload", COMPLETE])
async def test_a_step_that_broke_is_done_again_and_no_file_comes_twice(
    office: Office, step: str
) -> None:
    async with office.bot() as life:
        office.server.faults.reset(step, after=step == COMPLETE)
        asked = await office.ana.slash(office.channel, "/sora", "quota")
        answering = asyncio.create_task(asked.answer())
        while not answering.done():
            life.core.clock.advance(100)
            await asyncio.wait({answering}, timeout=0.02)
        assert (await answering).text == THERE
        assert await files_of(office, office.ana) == CONTENTS


@one_mode
@pytest.mark.parametrize(
    "word,why",
    [
        ("file_uploads_disabled", wording.SLACK_FILES_OFF),
        ("file_type_not_allowed", wording.SLACK_NO_SUCH_FILES),
        ("posting_to_channel_denied", "Please ask once more."),
    ],
)
async def test_files_that_slack_does_not_take_are_owned_up_to(
    office: Office, word: str, why: str
) -> None:
    async with office.bot():
        office.server.faults.refuse(COMPLETE, word, times=10)
        answer = await told_where(office, office.ana)
        assert answer.text == f"{HERE}\nusage.png, ledger.csv did not come through. {why}"
        assert office.videos(office.ana.direct) == []


@one_mode
async def test_one_lost_file_keeps_no_other_back(office: Office) -> None:
    async with office.bot():
        office.server.faults.refuse(ANNOUNCE, "file_type_not_allowed", times=1)
        answer = await told_where(office, office.ana)
        assert answer.text.splitlines()[1:] == [
            "Sent to you alone, in your messages with this app: ledger.csv",
            f"usage.png did not come through. {wording.SLACK_NO_SUCH_FILES}",
        ]
        assert await files_of(office, office.ana, 1) == {LEDGER.name: LEDGER.content}


@one_mode
async def test_somebody_without_private_messages_still_gets_the_words(office: Office) -> None:
    async with office.bot():
        office.server.faults.refuse("conversations.open", "cannot_dm_bot", times=10)
        answer = await told_where(office, office.ana)
        assert answer.text.startswith(f"{HERE}\nusage.png, ledger.csv did not come through.")


@one_mode
async def test_an_answer_that_is_given_again_after_a_death_brings_its_files_once(
    office: Office,
) -> None:
    async with office.bot() as life:
        held = office.server.faults.hold("response_url")
        asked = await office.ana.slash(office.channel, "/sora", "quota")
        await held.reached.wait()
        await life.chat._counter.aclose()
        held.release()
    asked.messages.clear()
    async with office.bot():
        await office.server.until(lambda: asked.messages)
        assert asked.text == THERE
        assert await files_of(office, office.ana) == CONTENTS


@one_mode
async def test_what_is_said_to_nobody_brings_no_files(office: Office) -> None:
    asking = asyncio.Event()

    async def silent(asked: Invocation) -> Reply:
        asking.set()
        return Reply(Message((), attachments=(LEDGER,)))

    office.answer = silent
    async with office.bot():
        await office.ana.slash(office.channel, "/sora", "quota")
        await asking.wait()
    assert office.server.find(ANNOUNCE) == []
