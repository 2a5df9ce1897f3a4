"""The real services on a real database, with a fake chat, backend, clock and timers around."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import bot
from adapters.blobs import DiskBlobs
from bot.domain import ledger
from bot.domain.catalogue import Catalogue, parse
from bot.domain.jobs import Job, JobState, Offer
from bot.domain.later import Window
from bot.domain.quotas import Period, Rule
from bot.domain.refs import Blob, Person, Place, Tenant
from bot.domain.tiers import Tiers
from bot.domain.videos import Size, VideoSpec
from bot.domain.workspaces import Workspace
from bot.ports import Attempt, Blobs, ChatPlatform, JobFilter, Store
from bot.services.abroad import Abroad
from bot.services.announcer import Announcer
from bot.services.asks import Asks
from bot.services.budgets import Budgets
from bot.services.circuits import Circuits
from bot.services.comparisons import Comparisons
from bot.services.erasure import Erasure
from bot.services.failover import Failover
from bot.services.ledger import AllowancePlan, Credits
from bot.services.letters import Letters
from bot.services.line import Allowed, Line
from bot.services.lookup import Lookup
from bot.services.moves import Kit, Moves, nowhere
from bot.services.notices import Notices
from bot.services.orders import Accepted, CreateRequest, Desk
from bot.services.places import Places
from bot.services.polling import Heard, Plans, Polling
from bot.services.quotas import Quotas
from bot.services.releases import Releases
from bot.services.scheduler import Scheduler
from bot.services.shelf import Shelf
from bot.services.shop import Shop, Supplier
from bot.services.takedowns import Takedowns
from bot.services.trees import Trees
from bot.services.videos import Videos
from bot.services.views import Horizon
from bot.services.webhooks import Webhooks
from bot.services.worker import Patience, Worker
from bot.services.workspaces import Workspaces
from storage.store import open_store
from tests.fakes.blank import blank_at
from tests.fakes.charts import FakeCharts
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.media import FakeMedia
from tests.fakes.provider import FakeProvider
from tests.fakes.wakeups import FakeWakeups

TENANT = Tenant("web", "demo")
ANA = Person(TENANT, "ana", "Ana")
BEN = Person(TENANT, "ben", "Ben")
MARA = Person(TENANT, "mara", "Mara", admin=True)
STUDIO = Place(TENANT, "studio")
KITE = VideoSpec("a red kite over dunes", "sora-2", Size(1280, 720), 8)
PRICE = 80
"""Credits that `KITE` costs."""
ALLOWANCE = 2000


@cache
def catalogue() -> Catalogue:
    """The built-in one."""
    return parse(tomllib.loads(Path(bot.__file__).with_name("catalogue.toml").read_text("utf-8")))


@dataclass
class World:
    """What outlives a restart of the core: the clock, the chat, the backend, the data folder."""

    folder: Path
    database: str = ""
    """Its URL; empty: an SQLite file in the folder."""
    clock: FakeClock = field(default_factory=FakeClock)
    chat: FakeChat = field(default_factory=FakeChat)
    media: FakeMedia = field(default_factory=FakeMedia)
    ids: count[int] = field(default_factory=lambda: count(1))
    leads: bool = True
    """Whether no other bot works by now."""
    provider: FakeProvider = field(init=False)
    others: dict[str, FakeProvider] = field(default_factory=dict[str, FakeProvider])
    """More backends, by the names of their providers."""

    def __post_init__(self) -> None:
        self.provider = FakeProvider(self.clock)

    def provider_of(self, offer: Offer) -> FakeProvider:
        """The backend that an offer is of."""
        return self.others.get(offer.provider, self.provider)

    def new_id(self) -> str:
        """``j000000001``, …: ids in the order of accepting."""
        return f"j{next(self.ids):09}"

    def blobs(self) -> Blobs:
        """Its files, as a life finds them at its start."""
        return DiskBlobs(self.folder / "media", lambda: "http://bot", b"secret", self.clock)


@dataclass
class Options:
    """What a test may choose of a core."""

    allowed: Allowed = field(default_factory=lambda: Allowed(slots=2))
    quotas: tuple[Rule, ...] = ()
    allowance: int = ALLOWANCE
    confirm_above: int | None = None
    tiers: Tiers = field(default_factory=Tiers)
    patience: Patience = field(default_factory=Patience)
    off_peak: Window | None = None
    relaxed_off: int = 0
    failover_after: int = 60_000
    catalogue: Catalogue = field(default_factory=catalogue)
    suppliers: Sequence[Supplier] = (Supplier("simulator", "default", "http://x/v1"),)
    webhook_of: Callable[[Offer], str] = nowhere


class Core:
    """One life of the bot. `work` is all that happens until it has to wait."""

    def __init__(self, world: World, store: Store, options: Options) -> None:
        self.world = world
        # A test may plug in others.
        self.platforms: dict[str, ChatPlatform] = {"web": world.chat}
        self.store = store
        self.clock = world.clock
        zone = ZoneInfo("Europe/Berlin")
        sold = replace(options.catalogue, relaxed_off=options.relaxed_off)
        suppliers = [_as_it_is(world, one) for one in options.suppliers]
        shop = Shop(sold, suppliers, self.clock, zone)
        usual = Workspace(zone, options.confirm_above, off_peak=options.off_peak)
        self.workspaces = Workspaces(store, self.clock, usual)
        self.notices = Notices(store, self.workspaces, self.clock)
        self.budgets = Budgets(store, self.clock, self.workspaces, self.notices)
        self.moves = Moves(store, self.clock, self._told, self.budgets, self.workspaces)
        blobs = self.blobs = world.blobs()
        kit = Kit(
            store,
            self.clock,
            self.moves,
            world.provider_of,
            world.media,
            blobs,
            shop.typical,
            lambda: world.leads,
            options.webhook_of,
        )
        self.kit = kit
        plan = AllowancePlan(options.allowance, Period.MONTH)
        self.credits = Credits(store, self.clock, plan, self.workspaces)
        self.quotas = Quotas(store, self.clock, self.credits, self.workspaces, options.quotas)
        self.places = Places(shop, options.allowed)
        horizon = self.horizon = Horizon(shop, self.places, options.patience.slow, self.workspaces)
        desk = Desk(
            store,
            self.clock,
            self.moves,
            horizon,
            self.quotas,
            self.credits,
            self._preflight,
            world.new_id,
            self._told,
            self.workspaces,
            self.budgets,
            options.tiers,
        )
        self.videos = Videos(desk)
        self.erasure = Erasure(kit)
        self.releases = Releases(desk, self.notices)
        self.asks = Asks(desk)
        self.takedowns = Takedowns(desk, self.notices, self.releases)
        self.abroad = Abroad(desk)
        self.circuits = Circuits(self.clock, self.notices)
        self.failover = Failover(desk, self.circuits, options.failover_after)
        self.line = Line(kit, options.allowed, self.circuits, self.failover.elsewhere)
        self.lookup = Lookup(kit)
        self.plans, heard = Plans(store, self.clock, shop.typical), Heard()
        self.webhooks = Webhooks(store, self.clock, self.moves, heard)
        polling = Polling(self.plans, heard)
        self.worker = Worker(kit, self.line, self.lookup, polling, options.patience)
        self.wakeups = FakeWakeups()
        self.scheduler = Scheduler(kit, self.wakeups, self.worker, self.line, self.credits)
        self.charts = FakeCharts()
        self.trees = Trees(store, self.clock, blobs, self.charts, self.workspaces, self._told)
        letters = Letters(
            *(horizon, Shelf(blobs), self.workspaces, self.trees),
            Comparisons(blobs, self.charts),
        )
        self.announcer = Announcer(
            store, self.moves, letters, self.clock, self.platforms, kit.leads
        )

    async def _preflight(self, place: Place) -> tuple[str, ...]:
        return await self.platforms[place.tenant.platform].preflight(place)

    def _told(self, job: Job) -> None:
        self.places.told(job)
        self.scheduler.told(job)
        self.announcer.call()

    # --- what people do -----------------------------------------------------------------------

    async def create(
        self,
        person: Person = ANA,
        spec: VideoSpec = KITE,
        interaction: str = "",
        number: int = 1,
        place: Place = STUDIO,
    ) -> Accepted:
        """An order, in the studio unless told otherwise."""
        name = interaction or self.world.new_id()
        return await self.videos.create(CreateRequest(person, place, name, spec, number))

    # --- what time does -----------------------------------------------------------------------

    async def work(self) -> None:
        """Run every step, timer and message that is due now."""
        for _ in range(200):
            await self._finish_steps()
            fired = await self.wakeups.fire_due(self.clock.now())
            sent = await self.announcer.send_due()
            if not fired and not sent and not self.scheduler.busy:
                return
        raise AssertionError("the core does not come to rest")

    async def _finish_steps(self) -> None:
        while self.scheduler.busy:  # noqa: ASYNC110 - steps are tasks of the scheduler
            await asyncio.sleep(0)

    async def wait(self, ms: int, step: int = 1000) -> None:
        """Let time pass, by `step` ms at a time, with all that falls due."""
        end = self.clock.now() + ms
        while self.clock.now() < end:
            self.clock.advance(min(step, end - self.clock.now()))
            await self.work()

    async def sweep(self) -> None:
        """The search for lost timers."""
        _, sweep = self.wakeups.repeating["sweep"]
        await sweep("sweep")
        await self.work()

    # --- what is stored -----------------------------------------------------------------------

    async def job(self, job_id: str) -> Job:
        """As it is now."""
        async with self.store.reading() as tx:
            job = await tx.jobs.get(job_id)
        assert job is not None
        return job

    async def jobs(self) -> tuple[Job, ...]:
        """All of the workspace, the newest first."""
        async with self.store.reading() as tx:
            return await tx.jobs.list(JobFilter(TENANT, limit=1000))

    async def state(self, job_id: str) -> JobState:
        """As it is now."""
        return (await self.job(job_id)).state

    async def attempts(self, job_id: str) -> tuple[Attempt, ...]:
        """All tries at the backend."""
        async with self.store.reading() as tx:
            return await tx.attempts.of(job_id)

    async def purse(self, person: Person = ANA) -> tuple[int, int]:
        """(available, held)."""
        async with self.store.reading() as tx:
            return (
                await tx.ledger.balance(ledger.credits_of(person)),
                await tx.ledger.balance(ledger.held_for(person)),
            )

    async def lost(self) -> int:
        """Credits that failed work cost the workspace."""
        async with self.store.reading() as tx:
            return await tx.ledger.balance(ledger.lost_in(TENANT))

    async def kinds(self, job_id: str) -> Sequence[str]:
        """The kinds of the transfers of credits of a job, in order."""
        async with self.store.reading() as tx:
            entries = await tx.ledger.of_job(job_id)
        moved = [entry for entry in entries if not ledger.is_money(entry.account)]
        return list(dict.fromkeys(str(entry.kind) for entry in moved))

    async def faults(self) -> tuple[str, ...]:
        """What is wrong with the ledger."""
        async with self.store.reading() as tx:
            return await tx.ledger.check()

    async def picture(self, data: bytes = b"picture") -> Blob:
        """An uploaded file."""
        path = self.blobs.scratch() / "upload"
        path.write_bytes(data)
        return await self.blobs.put(path, ".png")


def _as_it_is(world: World, supplier: Supplier) -> Supplier:
    """An account with what its backend can do when the core starts."""
    offer = Offer(supplier.provider, supplier.account, supplier.base_url, "", 0)
    return replace(supplier, capabilities=world.provider_of(offer).capabilities)


@asynccontextmanager
async def running(world: World, options: Options | None = None) -> AsyncGenerator[Core]:
    """One life of the core; leaving the block is a stop in good order."""
    store = await open_store(world.database or blank_at(world.folder / "bot.db"))
    core = Core(world, store, options or Options())
    await core.announcer.look_back()
    await core.scheduler.start()
    try:
        yield core
    finally:
        await core.scheduler.stop(0)
        await store.aclose()
