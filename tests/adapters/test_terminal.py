import asyncio
import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from adapters.terminal.platform import PLACE, TerminalChat, operator
from bot.domain.messages import Code, Mention, Message, Moment, Strong, Tone, VideoFile
from tests.fakes.core import ANA
from tests.fakes.reports import CHART, CONTENTS, LEDGER, REPORT

NOW = 1_000_000
CLIP = VideoFile(Path("clip.mp4"), "clip.mp4", 1, 1280, 720, 4000, None, None)


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
async def chat(screen: io.StringIO) -> TerminalChat:
    return TerminalChat(Console(file=screen, width=100, force_terminal=False), lambda: NOW)


async def test_the_result_ends_the_wait(chat: TerminalChat) -> None:
    await chat.post(PLACE, Message((("busy",),), tone=Tone.BUSY), "card/1")
    await chat.post(PLACE, Message((), video=CLIP, tone=Tone.GOOD), "result/1")
    assert await chat.ended("1") == CLIP


@pytest.mark.parametrize("tone", [Tone.BAD, Tone.NEUTRAL])
async def test_a_job_that_ends_without_a_video_ends_the_wait_too(
    chat: TerminalChat, tone: Tone
) -> None:
    ref = await chat.post(PLACE, Message((("busy",),), tone=Tone.BUSY), "card/1")
    failed = Message((("no",),), tone=tone)
    await chat.edit(ref, failed)
    await chat.edit(ref, Message((("later",),), tone=tone))
    assert await chat.ended("1") == failed


async def test_a_finished_card_alone_does_not_end_the_wait(chat: TerminalChat) -> None:
    await chat.post(PLACE, Message((("done",),), tone=Tone.GOOD), "card/1")
    await chat.post(PLACE, Message((), video=CLIP), "result/1")
    assert await chat.ended("1") == CLIP


async def test_the_same_nonce_is_the_same_message(chat: TerminalChat) -> None:
    message = Message((), tone=Tone.BUSY)
    assert await chat.post(PLACE, message, "card/1") == await chat.post(PLACE, message, "card/1")


async def test_what_people_wrote_is_never_read_as_markup(
    chat: TerminalChat, screen: io.StringIO
) -> None:
    line = ("[red]a[/red] ", Strong("[b]"), " ", Code("#k7"), " ", Mention(ANA))
    chat.say(Message((line,)))
    assert screen.getvalue() == "[red]a[/red] [b] #k7 Ana\n"


@pytest.mark.parametrize(
    "at,words", [(NOW + 8_000, "in 8 s"), (NOW - 5_000, "5 s ago"), (NOW + 600_000, "in 10 min")]
)
async def test_times_read_as_people_count_them(
    chat: TerminalChat, screen: io.StringIO, at: int, words: str
) -> None:
    chat.say(Message(((Moment(at),),)))
    assert screen.getvalue().strip() == words


async def test_what_was_taken_back_ends_no_wait(chat: TerminalChat) -> None:
    ref = await chat.post(PLACE, Message((), video=CLIP), "result/1")
    await chat.remove(ref)
    await chat.remove(ref)
    again = Message((), video=replace(CLIP, filename="another.mp4"))
    await chat.post(PLACE, again, "result/1")
    assert await chat.ended("1") == again.video


async def test_a_terminal_is_one_private_place_that_takes_anything(chat: TerminalChat) -> None:
    ref = await chat.notify_privately(ANA, Message((), tone=Tone.BUSY), "n")
    assert await chat.open_thread(ref, "t") == PLACE
    assert await chat.preflight(PLACE) == ()
    assert (await chat.limits(PLACE)).upload_bytes > 2**30
    assert chat.name == PLACE.tenant.platform == operator().tenant.platform
    assert operator().admin


async def test_the_bar_is_drawn_only_inside_its_block(chat: TerminalChat) -> None:
    with chat as same:
        assert same is chat
        await chat.post(PLACE, Message((("Rendering",),), progress=40, tone=Tone.BUSY), "card/1")
    await chat.aclose()


async def test_the_end_of_another_job_is_not_the_end_of_this_one(chat: TerminalChat) -> None:
    await chat.post(PLACE, Message((("no",),), tone=Tone.BAD), "card/2")
    waiting = asyncio.create_task(chat.ended("1"))
    await asyncio.sleep(0)
    assert not waiting.done()
    await chat.post(PLACE, Message((), video=CLIP), "result/1")
    assert await waiting == CLIP


def chat_in(folder: Path, screen: io.StringIO) -> TerminalChat:
    return TerminalChat(Console(file=screen, width=40, force_terminal=False), lambda: NOW, folder)


async def test_files_of_an_answer_are_saved_and_named(tmp_path: Path, screen: io.StringIO) -> None:
    chat_in(tmp_path, screen).say(REPORT)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == CONTENTS
    assert screen.getvalue().splitlines() == [
        "Spent in November:",
        f"Saved {tmp_path / CHART.name}: {CHART.alt}",
        f"Saved {tmp_path / LEDGER.name}: {LEDGER.alt}",
    ]


async def test_a_file_that_is_there_is_never_written_over(
    tmp_path: Path, screen: io.StringIO
) -> None:
    (tmp_path / "ledger.csv").write_text("mine")
    (tmp_path / "ledger-2.csv").symlink_to(tmp_path / "nothing")
    chat_in(tmp_path, screen).say(REPORT)
    assert (tmp_path / "ledger.csv").read_text() == "mine"
    assert not (tmp_path / "nothing").exists()
    assert (tmp_path / "ledger-3.csv").read_bytes() == LEDGER.content
    assert f"Saved {tmp_path / 'ledger-3.csv'}" in screen.getvalue()


async def test_a_folder_that_takes_no_files_is_owned_up_to(
    tmp_path: Path, screen: io.StringIO
) -> None:
    chat_in(tmp_path / "missing", screen).say(REPORT)
    assert "usage.png could not be saved here: No such file or directory." in screen.getvalue()
    assert "ledger.csv could not be saved here" in screen.getvalue()
