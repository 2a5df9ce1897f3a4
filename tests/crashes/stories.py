"""What people do, and what backends and chats do to them: each case says where it may end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from bot import errors
from bot.domain.budgets import Budget
from bot.domain.jobs import UNCOUNTED, Job, JobState
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.refs import Place
from bot.domain.usage import WORKSPACE
from bot.domain.workspaces import Choice
from bot.ports import Capabilities
from bot.ports import Unit as Transaction
from bot.services.line import Allowed
from bot.services.moves import card_key, result_key
from bot.services.transfers import Transfers
from bot.services.videos import Further
from tests.crashes.backend import Backend, Trouble
from tests.crashes.chat import Glitch, Screen
from tests.crashes.files import Files, picture
from tests.crashes.laws import Expected
from tests.crashes.lives import Act, Do, Jobs, Life, Past, Plan
from tests.fakes.core import ANA, KITE, STUDIO, TENANT, Core, Options
from tests.fakes.deeds import deed
from tests.fakes.memory_store.store import MemoryStore

S = JobState
PICTURE = picture(Files())
Setup = Callable[[Transaction], Awaitable[object]]


@dataclass(frozen=True)
class Story:
    """Acts in their order. `ends` are where its jobs may rest beside `DONE`.

    `follows`: the second act comes when all of the first has ended, however it ended.
    """

    name: str
    acts: tuple[Act, ...]
    ends: frozenset[JobState] = frozenset()
    options: Options = field(default_factory=Options)
    remixes: bool = False
    extends: bool = False
    setup: Setup | None = None
    follows: bool = False


# --- what people do -----------------------------------------------------------------------


def order(place: Place = STUDIO, number: int = 1) -> Do:
    async def do(core: Core, name: str) -> object:
        return await core.create(ANA, KITE, name, number, place)

    return do


async def order_with_picture(core: Core, name: str) -> object:
    return await core.create(ANA, replace(KITE, image=PICTURE), name)


def cancel(number: int) -> Do:
    async def do(core: Core, _: str) -> object:
        return await core.videos.cancel(ANA, (await _called(core, number)).id)

    return do


async def retry(core: Core, name: str) -> object:
    return await core.videos.retry(ANA, STUDIO, name, (await _called(core, 0)).id)


async def remix(core: Core, name: str) -> object:
    first = (await _called(core, 0)).id
    return await core.videos.remix(ANA, STUDIO, name, first, "make it blue")


async def extend(core: Core, name: str) -> object:
    first = (await _called(core, 0)).id
    return await core.videos.extend(ANA, STUDIO, name, first, Further("it lands", 8))


async def show(core: Core, name: str) -> object:
    return await core.videos.show(ANA, STUDIO, (await _called(core, 0)).id, name)


async def refund(core: Core, name: str) -> object:
    transfers = Transfers(core.store, core.clock, core.credits, core.videos)
    return await transfers.refund(deed(interaction=name), (await _called(core, 0)).id)


async def take_back(core: Core, _: str) -> object:
    """Card and video, as far as they were to be told by then."""
    first = (await _called(core, 0)).id
    async with core.store.transaction() as tx:
        for key in (card_key(first), result_key(first)):
            await tx.outbox.take_back(key, core.clock.now())
    core.announcer.call()
    return first


async def _called(core: Core, number: int) -> Job:
    """In the order of accepting. Ids that died unborn leave gaps."""
    return sorted(await core.jobs(), key=lambda job: job.id)[number]


def _all_in(*states: JobState) -> Callable[[Jobs], bool]:
    return lambda jobs: bool(jobs) and all(job.state in states for job in jobs.values())


def _any_in(*states: JobState) -> Callable[[Jobs], bool]:
    return lambda jobs: any(job.state in states for job in jobs.values())


_SENT = frozenset(JobState) - {S.ACCEPTED, S.WAITING, S.SUBMITTING}
_OVER = UNCOUNTED | {S.DONE}
_ENDED = _all_in(S.SUBMIT_UNKNOWN, *_OVER)
_TOLD = {S.DELIVERING, S.SUBMIT_UNKNOWN, *_OVER}
ORDER = Act("order", order(), orders=1)


async def _limits(tx: Transaction) -> None:
    """One video a day; half of the budget is gone with it, and admins hear of that."""
    await tx.quotas.set_rule(TENANT, Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 1))
    await tx.budgets.set(TENANT, Budget(WORKSPACE, Period.MONTH, 1_600_000))
    await tx.workspaces.choose(TENANT, Choice.ALERTS, "admins")


CREATE = Story("create", (ORDER,))
CANCEL_AT_ANY_GATE = Story(
    "cancel at any gate",
    (ORDER, Act("cancel", cancel(0), _all_in(S.SUBMIT_UNKNOWN, *_OVER), stops=0)),
    ends=frozenset({S.CANCELLED}),
)
TAKE_BACK = Story("take back", (ORDER, Act("take back", take_back, _all_in(*_TOLD))))
"""Too late, unless somebody presses sooner."""
STORIES = (
    CREATE,
    TAKE_BACK,
    Story("in private", (Act("order", order(replace(STUDIO, private=True)), orders=1),)),
    Story("with a picture", (Act("order", order_with_picture, orders=1),)),
    Story(
        "two of one kind",
        (Act("order", order(number=2), orders=2),),
        options=Options(allowed=Allowed(slots=2)),
    ),
    Story(
        "cancel in line",
        (
            Act("order", order(number=2), orders=2),
            Act("cancel", cancel(1), _any_in(S.RENDERING, S.SUBMIT_UNKNOWN, *_OVER), stops=1),
        ),
        ends=frozenset({S.CANCELLED}),
        options=Options(allowed=Allowed(slots=1)),
    ),
    Story(
        "cancel a render",
        (ORDER, Act("cancel", cancel(0), _all_in(*_SENT), stops=0)),
        ends=frozenset({S.CANCELLED}),
    ),
    Story("retry", (ORDER, Act("retry", retry, _ENDED, 1)), follows=True),
    Story("remix", (ORDER, Act("remix", remix, _ENDED, 1)), remixes=True, follows=True),
    Story("remix in words", (ORDER, Act("remix", remix, _ENDED, 1)), follows=True),
    Story(
        "refund one of two",
        (
            Act("order", order(number=2), orders=2),
            Act("refund", refund, _ENDED),
        ),
        follows=True,
    ),
    Story("show again", (ORDER, Act("show", show, _ENDED)), follows=True),
    Story("quota and budget", (ORDER, Act("one more", order(), orders=1)), setup=_limits),
)
EXTENSIONS = (
    Story("extend", (ORDER, Act("extend", extend, _ENDED, 1)), extends=True, follows=True),
    Story("extend and join", (ORDER, Act("extend", extend, _ENDED, 1)), follows=True),
)
"""Apart from the others, for two crashes in each would take too long."""

# --- what backends do ---------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """What goes wrong at the backend; `end` is what becomes of every render."""

    name: str
    troubles: tuple[Trouble, ...] = ()
    end: JobState = S.FETCHING


FAULTS = (
    Fault("none"),
    Fault("unreachable", (Trouble("submit", lambda: errors.Transient("refused")),)),
    Fault("answer lost", (Trouble("submit", lambda: errors.AmbiguousSubmit("cut"), taken=True),)),
    Fault("fault inside", (Trouble("submit", lambda: errors.AmbiguousSubmit("500")),)),
    Fault("busy", (Trouble("submit", lambda: errors.RateLimited(retry_after_ms=3_000)),)),
    Fault("no slot", (Trouble("submit", errors.ConcurrencyLimited),)),
    Fault("failed", end=S.FAILED),
    Fault("moderated", end=S.MODERATED),
    Fault("expired", end=S.EXPIRED),
    Fault("goes missing once", (Trouble("fetch", lambda: errors.JobNotFound("who?")),)),
    Fault("no answer to a question", (Trouble("fetch", lambda: errors.Transient("503")),)),
    Fault("download cut", (Trouble("download", lambda: errors.Transient("cut")),)),
    Fault("file torn", (Trouble("torn"),)),
    Fault("list silent", (Trouble("list_jobs", lambda: errors.Transient("503")),)),
)

COMPLETE = Capabilities(lists=True, list_complete=True, cancels=True)
BACKENDS = {
    "lists all": COMPLETE,
    "lists some": replace(COMPLETE, list_complete=False),
    "lists nothing": Capabilities(),
    "finds": Capabilities(finds=True),
}

# --- what chats do ------------------------------------------------------------------------


@dataclass(frozen=True)
class Mood:
    """What goes wrong in the chat."""

    name: str
    glitches: tuple[Glitch, ...] = ()
    gone: frozenset[str] = frozenset()
    revoked: bool = False


def _lost(call: str, *, taken: bool) -> tuple[Glitch, ...]:
    return (Glitch(call, lambda: errors.ChatError("cut"), taken),)


MOODS = (
    Mood("fine"),
    Mood("card lost", _lost("post card/", taken=False)),
    Mood("card's answer lost", _lost("post card/", taken=True)),
    Mood("result lost", _lost("post result/", taken=False)),
    Mood("result's answer lost", _lost("post result/", taken=True)),
    Mood("edit lost", _lost("edit", taken=False)),
    Mood("edit's answer lost", _lost("edit", taken=True)),
    Mood("busy for cards", (Glitch("post card/", lambda: errors.ChatBusy(2_000)),)),
    Mood("busy for results", (Glitch("post result/", lambda: errors.ChatBusy(2_000)),)),
    Mood("busy for edits", (Glitch("edit", lambda: errors.ChatBusy(2_000)),)),
    Mood("channel gone", gone=frozenset({STUDIO.channel})),
    Mood("thrown out", revoked=True),
)
REMOVALS = (
    MOODS[0],
    Mood("removal lost", _lost("remove", taken=False)),
    Mood("removal's answer lost", _lost("remove", taken=True)),
    Mood("busy for removals", (Glitch("remove", lambda: errors.ChatBusy(2_000)),)),
)
"""What goes wrong only where something is taken back."""

# --- all together -------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One row of the table. `settled`: its first act ended before anything could go wrong."""

    story: Story
    backend: str = "lists all"
    fault: Fault = FAULTS[0]
    mood: Mood = MOODS[0]
    settled: bool = False

    def __str__(self) -> str:
        return f"{self.story.name} | {self.backend} | {self.fault.name} | {self.mood.name}"

    async def begin(self, store: type[MemoryStore] = MemoryStore) -> Past:
        """The world before anything happened."""
        past = await self._empty(store)
        if self.settled:
            past = await Life(past, Plan(self.story.acts[:1], self.story.options, store)).run()
        past.backend.troubles = self.fault.troubles
        past.screen.glitches = self.mood.glitches
        return past

    async def _empty(self, store: type[MemoryStore]) -> Past:
        story = self.story
        able = replace(BACKENDS[self.backend], remixes=story.remixes, extends=story.extends)
        files, first = Files(), store()
        picture(files)
        if self.story.setup:
            async with first.transaction() as tx:
                await self.story.setup(tx)
        return Past(
            Backend(able, self.fault.end),
            Screen(gone=self.mood.gone, revoked=self.mood.revoked),
            files,
            first.stored,
        )

    @property
    def expected(self) -> Expected:
        """Where it may end."""
        end = self.fault.end if self.fault.end is not S.FETCHING else S.DONE
        works = not (self.mood.gone or self.mood.revoked)
        finds = BACKENDS[self.backend].list_complete
        return Expected(self.story.ends | {end}, works, finds)
