"""A bot that plays its part from a script, behind the real web server.

For tests and for looking at the page: ``python -m tests.fakes.scripted_core DATA [PORT]`` prints
its address. Every line starts one video whose card moves by itself; a prompt with "forbid" in it
is not accepted, one with "refuse" ends badly, one with "slow" waits in line until it is cancelled,
and its card is taken back then when there is "retract" in it.
``/sora-admin quota show`` is answered with a report and its files.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adapters.blobs import DiskBlobs
from adapters.charts.charts import MatplotlibCharts
from adapters.clock import SystemClock
from adapters.web.platform import CHANNEL, TENANT, WebChat
from adapters.web.server import Binding, WebServer
from adapters.web.views import Site
from bot import wording
from bot.commands.grammar import TYPED
from bot.commands.parse import parse
from bot.commands.videos import order
from bot.domain.catalogue import Catalogue
from bot.domain.jobs import Failure, Job, JobState, Offer
from bot.domain.later import lane_of
from bot.domain.ledger import Entry, credits_of, hold, settle
from bot.domain.library import Cursor, Exhibit, Found, LibraryFilter
from bot.domain.messages import (
    Attachment,
    Button,
    Invocation,
    Message,
    Reply,
    Strong,
    VideoFile,
)
from bot.domain.refs import Blob, MessageRef, Person, Place
from bot.domain.releases import Release, Stand
from bot.domain.reports import By, Report, When, report_of
from bot.domain.styles import Style
from bot.domain.tickets import Ticket
from bot.domain.usage import NONE, counted
from bot.domain.videos import Video
from bot.errors import Refused
from bot.ports import Clock
from bot.services import cards
from bot.services.reports import picture_of
from bot.services.views import JobView
from tests.fakes.core import catalogue
from tests.fakes.reports import CHART, report
from tests.fakes.rich import RICH
from tests.fakes.transcript import MemoryTranscript
from tests.payloads.clips import made

STEP = 150
"""Ms between two moves of a card."""
MINUTE = 60_000
ALLOWANCE = 2000
STYLES = (Style("brand", "our red"), Style("noir", "black and white"))
FRAMES = 48
S = JobState


def clip() -> bytes:
    """2 s of 640x360 at 24 pictures a second, with sound."""
    picture = ("-f", "lavfi", "-i", "testsrc2=s=640x360:r=24:d=2")
    sound = ("-f", "lavfi", "-i", "sine=f=330:d=2:r=48000")
    codecs = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    return made(*picture, *sound, *codecs, "-movflags", "+faststart")


class ScriptedCore:
    """Answers invocations and is its own panel."""

    def __init__(self, chat: WebChat, blobs: DiskBlobs, clock: Clock, blob: Blob) -> None:
        self._chat = chat
        self._blobs = blobs
        self._clock = clock
        self._blob = blob
        self._jobs: dict[str, Job] = {}
        self._entries: list[Entry] = []
        self._liked: set[str] = set()
        self._playing: dict[str, asyncio.Task[None]] = {}
        self.asked: list[Invocation] = []

    # --- answering ------------------------------------------------------------------------

    async def answer(self, invocation: Invocation) -> Reply:
        self.asked.append(invocation)
        verb, args = invocation.verb, dict(invocation.args)
        if verb == TYPED:
            try:
                parsed = parse(args["text"])
            except Refused as no:
                return _only(str(no), refused=True)
            verb, args = parsed.verb, dict(parsed.args)
        match verb:
            case "create":
                return await self._create(invocation, args)
            case "again":
                spec = self._jobs[args["job"]].spec
                same = {"prompt": spec.prompt, "model": spec.model, "seconds": str(spec.seconds)}
                return await self._create(invocation, {**same, "size": str(spec.size), **args})
            case "cancel":
                return self._cancel(args["job"])
            case "status":
                return Reply(cards.card(self._view(args["job"]), self._clock.now()))
            case _:
                return await self._tell(invocation, verb, args)

    async def _tell(self, invocation: Invocation, verb: str, args: dict[str, str]) -> Reply:
        if verb == "admin quota show":
            return await report(invocation)
        if verb == "tree":
            return Reply(Message((("The family",),), attachments=(CHART,)))
        if verb in {"like", "unlike"}:
            change = self._liked.add if verb == "like" else self._liked.discard
            change(args["job"])
        line = ("You said ", Strong(verb), " with ", str(args))
        return Reply(Message((line,)), public=verb == "show")

    async def _create(self, invocation: Invocation, args: dict[str, str]) -> Reply:
        if "forbid" in args["prompt"]:
            return _only("That is not possible here.", refused=True)
        style = next((one for one in STYLES if one.name == args.get("preset")), None)
        spec = replace(order(replace(invocation, args=args), self.catalogue()), style=style)
        price = self.catalogue().get(spec.model).price(spec.size, spec.seconds, spec.sound)
        number = len(self._jobs) + 1
        offer = Offer("simulator", "default", "", spec.model, price)
        now = self._clock.now()
        job = Job(
            f"k7qm{number:06}",
            invocation.person,
            invocation.place,
            invocation.interaction,
            0,
            spec,
            offer,
            S.WAITING,
            1,
            now,
            now,
            now,
            lane=lane_of(args.get("when", "now")),
        )
        self._jobs[job.id] = job
        self._book(job)
        self._playing[job.id] = asyncio.create_task(self._play(job))
        left, _ = await self.wallet(job.person)
        line = wording.accepted_line((job,), offer.price, left)
        return Reply(Message((line,)), jobs=(job.id,))

    def _cancel(self, job_id: str) -> Reply:
        self._playing[job_id].cancel()
        job = replace(self._jobs[job_id], state=S.CANCELLED)
        ends = self._retract if "retract" in job.spec.prompt else self._show
        self._playing[job_id] = asyncio.create_task(ends(job))
        return Reply(Message((wording.cancelled_line(job),)))

    # --- the script -----------------------------------------------------------------------

    async def _play(self, job: Job) -> None:
        await self._show(job)
        await self._clock.sleep(STEP)
        if "slow" in job.spec.prompt:
            await self._clock.sleep(10**9)
        for percent in range(5, 100, 15):
            await self._show(replace(job, state=S.RENDERING, progress=percent))
            await self._clock.sleep(STEP)
        if "refuse" in job.spec.prompt:
            failed = replace(job, state=S.MODERATED, failure=Failure.MODERATED, reason="No kites.")
            await self._show(failed)
            return
        now = self._clock.now()
        self._book(job, spent=True)
        await self._show(replace(job, state=S.DONE, progress=100, finished_at=now))
        await self._say(job, self._result(job), f"result/{job.id}")

    async def _show(self, job: Job) -> None:
        self._jobs[job.id] = job
        message = cards.card(self._view(job.id), self._clock.now())
        await self._say(job, message, f"card/{job.id}")

    async def _retract(self, job: Job) -> None:
        self._jobs[job.id] = job
        message = cards.card(self._view(job.id), self._clock.now())
        await self._chat.remove(await self._post(job, message, f"card/{job.id}"))

    async def _say(self, job: Job, message: Message, nonce: str) -> None:
        await self._chat.edit(await self._post(job, message, nonce), message)

    async def _post(self, job: Job, message: Message, nonce: str) -> MessageRef:
        if job.place.private:
            return await self._chat.notify_privately(job.person, message, nonce)
        return await self._chat.post(Place(TENANT, CHANNEL), message, nonce)

    def _view(self, job_id: str) -> JobView:
        job = self._jobs[job_id]
        busy = job.state is S.RENDERING
        soon = self._clock.now() + 4000 if busy else job.accepted_at + MINUTE
        place = 3 if job.state is S.WAITING else None
        percent = job.progress if busy else None
        return JobView(job, self._video(job), place, soon, soon, percent)

    def _video(self, job: Job) -> Video:
        now = self._clock.now()
        return Video(job.id, self._blob, None, 640, 360, 2000, FRAMES, now, simulated=True)

    def _result(self, job: Job) -> Message:
        path, size = self._blobs.open(self._blob), self._blob.size
        name = f"sora-{job.id}.mp4"
        ticket = Ticket(job.id, job.person.tenant)
        old = "http://old.invalid/link"
        video = VideoFile(path, name, size, 640, 360, 2000, None, old, ticket=ticket)
        spec = job.spec
        same = {"model": spec.model, "size": str(spec.size), "seconds": str(spec.seconds)}
        again = Button("Another prompt", "create", same, asks="prompt")
        message = cards.result(self._view(job.id), video)
        return replace(message, buttons=(*message.buttons, again))

    def _book(self, job: Job, *, spent: bool = False) -> None:
        close = settle if spent else hold
        transfer = close(job.id, job.person, job.offer.price, self._clock.now())
        for account, sign in ((transfer.source, -1), (transfer.target, 1)):
            before = sum(e.amount for e in self._entries if e.account == account.name)
            start = ALLOWANCE if account == credits_of(job.person) else 0
            amount = sign * transfer.amount
            self._entries.append(
                Entry(
                    transfer.ref,
                    transfer.kind,
                    account.name,
                    amount,
                    start + before + amount,
                    transfer.actor,
                    transfer.reason,
                    transfer.at,
                    job.id,
                )
            )

    # --- the panel ------------------------------------------------------------------------

    def catalogue(self) -> Catalogue:
        sold = (model for model in catalogue() if model.provider == "simulator")
        return Catalogue((*sold, replace(RICH, name="omni", label="Omni (simulated)")), 20)

    async def jobs(self, viewer: Person, limit: int) -> Sequence[Job]:
        seen = [j for j in self._jobs.values() if not j.place.private or j.person == viewer]
        return seen[::-1][:limit]

    async def gallery(self, which: LibraryFilter) -> tuple[Sequence[Exhibit], Cursor | None]:
        done = [job for job in await self.jobs(which.asker, 1_000) if job.state is S.DONE]
        numbered = [(len(done) - place, job) for place, job in enumerate(done)]
        after = which.after.number if which.after else len(done) + 1
        found = [
            self._exhibit(job, number)
            for number, job in numbered
            if number < after
            and which.words in job.spec.prompt
            and which.author in {None, job.person.id}
            and (which.liked_by is None or job.id in self._liked)
        ]
        shown = found[: which.limit]
        return shown, shown[-1].found.cursor if len(found) > len(shown) else None

    def _exhibit(self, job: Job, number: int) -> Exhibit:
        stand = Stand.PUBLISHED
        release = Release(job.id, job.person, CHANNEL, job.spec.model, stand, job.accepted_at, "")
        likes = int(job.id in self._liked)
        found = Found(release, job, self._video(job), likes, Cursor(number, likes))
        return Exhibit(found, liked=bool(likes), remixes=number % 3)

    async def ledger(self, viewer: Person, limit: int) -> Sequence[Entry]:
        own = credits_of(viewer).name
        seen = [e for e in self._entries if viewer.admin or e.account == own]
        return seen[::-1][:limit]

    async def usage(self, viewer: Person) -> Report:
        made = [(job.person.id, counted(job)) for job in self._jobs.values()]
        names = sorted({name for name, _ in made if viewer.admin or name == viewer.id})
        sums = [(name, sum((used for who, used in made if who == name), NONE)) for name in names]
        return report_of(By.USER, When.MONTH, sums)

    async def picture(self, usage: Report) -> Attachment | None:
        names = [f"@{name}" for name, _ in usage.rows]
        return await picture_of(MatplotlibCharts(), usage, names) if names else None

    async def wallet(self, viewer: Person) -> tuple[int, int]:
        mine = [job for job in self._jobs.values() if job.person == viewer]
        ended = {S.CANCELLED, S.MODERATED}
        held = sum(j.offer.price for j in mine if j.state not in ended | {S.DONE})
        spent = sum(j.offer.price for j in mine if j.state is S.DONE)
        return ALLOWANCE - held - spent, held

    async def styles(self, viewer: Person) -> Sequence[Style]:
        return STYLES

    async def health(self) -> Sequence[tuple[str, str, bool]]:
        return [
            ("Ledger", "balances equal the sum of their entries", True),
            ("Disk", "0 GB free", False),
        ]


def _only(text: str, *, refused: bool) -> Reply:
    return Reply(Message(((text,),)), refused=refused)


async def main(data: Path, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    clock, stopped = SystemClock(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    chat = WebChat(MemoryTranscript(), clock)
    blobs = DiskBlobs(data / "blobs", lambda: None, b"a secret of the tests", clock)
    source = blobs.scratch() / "clip.mp4"
    source.write_bytes(clip())
    core = ScriptedCore(chat, blobs, clock, await blobs.put(source, ".mp4"))
    site = Site(chat, core, core.catalogue, blobs, clock, _admits)
    server = WebServer(site, Binding(port=port), _ready)
    await chat.serve(core.answer)
    print(await server.start(), flush=True)  # noqa: T201 - whoever started this waits for it
    await stopped.wait()
    await chat.aclose()
    await server.stop()


async def _admits(_: Ticket) -> bool:
    return True


async def _ready() -> bool:
    return True


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
