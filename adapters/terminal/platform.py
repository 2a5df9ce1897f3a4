"""`ChatPlatform` on a terminal: cards become a progress bar, results become a file to copy."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot import wording
from bot.domain.messages import (
    Attachment,
    Code,
    Jump,
    Line,
    Mention,
    Message,
    Moment,
    Room,
    Span,
    Strong,
    Tone,
    VideoFile,
)
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.ports import Answer, PlaceLimits

NAME = "terminal"
TENANT = Tenant(NAME, "local")
PLACE = Place(TENANT, "terminal")

Clocked = Callable[[], int]


def operator() -> Person:
    """Whoever runs the command: on their own machine they are an admin."""
    user = getpass.getuser()
    return Person(TENANT, user, user, admin=True)


class TerminalChat:
    """Shows the job of one command. `now` gives ms since the epoch, for countdowns.

    Files of answers are saved into `folder`.
    """

    def __init__(self, console: Console, now: Clocked, folder: Path = Path()) -> None:
        self._console = console
        self._now = now
        self._folder = folder
        self._outcomes: dict[str, VideoFile | Message] = {}
        self._changed = asyncio.Condition()
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=100)
        self._posted: dict[str, MessageRef] = {}

    @property
    def name(self) -> str:
        """The `platform` of its references."""
        return NAME

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    async def ended(self, name: str) -> VideoFile | Message:
        """The finished clip, or the card of the job that ended without one.

        `name` is a job or an interaction: the end of a nonce. Other jobs may go on meanwhile.
        """
        async with self._changed:
            while True:
                for nonce, outcome in self._outcomes.items():
                    if nonce.endswith(f"/{name}"):
                        return outcome
                await self._changed.wait()

    def say(self, message: Message) -> None:
        """Print an answer, and where its files are."""
        for line in message.lines:
            self._console.print(self._text(line))
        for file in message.attachments:
            self._console.print(_saved(file, self._folder), markup=False, soft_wrap=True)

    async def limits(self, place: Place) -> PlaceLimits:
        """A disk takes anything."""
        del place
        return PlaceLimits(upload_bytes=2**40, edit_pace=200)

    async def serve(self, answer: Answer) -> None:
        """Commands are given on the command line; there is nothing to listen to."""
        del answer

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """Show a card or take a result."""
        del again
        ref = self._posted.setdefault(nonce, MessageRef(place, nonce))
        await self._show(nonce, message)
        return ref

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Show the newest state."""
        await self._show(ref.id, message)

    async def remove(self, ref: MessageRef) -> None:
        """Nobody waits for it any more; what was printed was printed."""
        self._posted.pop(ref.id, None)
        self._outcomes.pop(ref.id, None)

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        """A terminal has one thread."""
        del title
        return ref.place

    async def notify_privately(
        self, person: Person, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """All that happens here is private."""
        del person
        return await self.post(PLACE, message, nonce, again=again)

    async def preflight(self, place: Place) -> tuple[str, ...]:
        """Nothing can be missing."""
        del place
        return ()

    async def aclose(self) -> None:
        """Stop drawing."""
        self._progress.stop()

    async def _show(self, nonce: str, message: Message) -> None:
        if message.video:
            self._progress.update(self._task, completed=100)
            await self._end(nonce, message.video)
        elif message.tone in {Tone.BAD, Tone.NEUTRAL}:
            await self._end(nonce, message)
        elif message.tone is Tone.BUSY:
            described = self._text(message.lines[0]) if message.lines else ""
            self._progress.update(
                self._task, completed=message.progress or 0, description=described
            )

    async def _end(self, nonce: str, outcome: VideoFile | Message) -> None:
        async with self._changed:
            self._outcomes.setdefault(nonce, outcome)
            self._changed.notify_all()

    def _text(self, line: Line) -> str:
        return "".join(self._span(span) for span in line)

    def _span(self, span: Span) -> str:  # noqa: PLR0911 - one for each kind of span
        match span:
            case str():
                return escape(span)
            case Jump(text):
                return escape(text)
            case Strong(text):
                return f"[bold]{escape(text)}[/bold]"
            case Code(text):
                return f"[cyan]{escape(text)}[/cyan]"
            case Mention(person):
                return escape(person.name or person.id)
            case Room(channel):
                return escape(wording.hashed(channel))
            case Moment(at):
                return _relative(at - self._now())


def _saved(file: Attachment, folder: Path) -> str:
    """Write a file under a name that is still free; returns what to tell of it."""
    try:
        path = next(path for path in _names(folder / file.name) if _written(path, file.content))
    except OSError as error:
        return wording.cli_not_saved(file.name, error.strerror or str(error))
    return wording.cli_file_saved(str(path), file.alt)


def _names(path: Path) -> Iterator[Path]:
    """``usage.png``, ``usage-2.png``, ``usage-3.png`` and so on."""
    yield path
    yield from (path.with_stem(f"{path.stem}-{number}") for number in count(2))


def _written(path: Path, content: bytes) -> bool:
    """Whether the name was free. What is there is never written over."""
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(content)
    except OSError:
        path.unlink()  # half a file is worse than none
        raise
    return True


def _relative(ms: int) -> str:
    seconds = round(abs(ms) / 1000)
    amount = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"  # noqa: PLR2004 - two minutes
    return f"in {amount}" if ms > 0 else f"{amount} ago"
