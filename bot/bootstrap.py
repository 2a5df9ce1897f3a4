"""The parts list: with `bot.backends`, the one place that names concrete classes."""

from __future__ import annotations

import logging
import secrets
import shutil
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.blobs import DiskBlobs, stored_in
from adapters.charts.charts import MatplotlibCharts
from adapters.clock import SystemClock, elapsed
from adapters.media.ffmpeg import Ffmpeg, find_ffmpeg
from adapters.media.media import FfmpegMedia
from adapters.providers.accounts import Accounts
from adapters.providers.webhooks.door import Door as WebhookDoor
from adapters.slack import manifest as slack_app
from adapters.terminal.platform import PLACE, Console, TerminalChat, operator
from adapters.wakeups import SchedulerWakeups
from adapters.web.platform import WebChat
from adapters.web.probe import answers
from adapters.web.server import Binding, WebServer, waiting_room
from adapters.web.views import Site
from bot import wording
from bot.app import App, Parts
from bot.backends import (
    NOBODY_LISTENS,
    Backends,
    backends_of,
    examine_backends,
    homes_of,
    read_catalogue,
    read_roster,
    read_toml,
    senders,
    slow_checks,
)
from bot.commands.dispatch import Commands
from bot.commands.handler import FindPerson, Services
from bot.commands.values import by_id
from bot.domain.catalogue import Catalogue
from bot.domain.exports import Format
from bot.domain.findings import Finding
from bot.domain.gates import Limits
from bot.domain.jobs import Job
from bot.domain.library import LibraryFilter
from bot.domain.messages import Invocation, Reply
from bot.domain.order import Caps
from bot.domain.reconciliation import Comparison
from bot.domain.refs import Person, Place, Tenant
from bot.domain.reports import When
from bot.domain.threads import ThreadMode
from bot.domain.tiers import Tiers
from bot.domain.tiers import parse as parse_tiers
from bot.domain.workspaces import Workspace
from bot.errors import ConfigError
from bot.ports import (
    Charts,
    ChatPlatform,
    Clock,
    Leads,
    Media,
    Suggestion,
    alone,
)
from bot.services.abroad import Abroad
from bot.services.announcer import Announcer
from bot.services.asks import INTERVAL as ASKS_INTERVAL
from bot.services.asks import Asks
from bot.services.audit import Audit
from bot.services.blocks import Blocks
from bot.services.budgets import Budgets
from bot.services.circuits import Circuits
from bot.services.comparisons import Comparisons
from bot.services.digest import INTERVAL as DIGEST_INTERVAL
from bot.services.digest import Digest
from bot.services.doctor import Doctor, books, ffmpeg_check, troubles, unknown_jobs
from bot.services.erasure import INTERVAL as ERASURE_INTERVAL
from bot.services.erasure import Erasure
from bot.services.exports import Exports
from bot.services.failover import INTERVAL as FAILOVER_INTERVAL
from bot.services.failover import Failover
from bot.services.leases import Leadership
from bot.services.ledger import AllowancePlan, Credits
from bot.services.letters import Letters
from bot.services.library import Library
from bot.services.line import GRACE, Allowed, Line
from bot.services.links import Links
from bot.services.lookup import Lookup
from bot.services.moves import Kit, Moves
from bot.services.notices import Notices
from bot.services.orders import Desk
from bot.services.overview import Overview
from bot.services.panel import Check, Panel
from bot.services.people import People
from bot.services.places import Places
from bot.services.polling import Heard, Plans, Polling
from bot.services.prompts import Prompts
from bot.services.provenance import Provenance
from bot.services.pulse import INTERVAL as PULSE
from bot.services.pulse import Pulse
from bot.services.quotas import Quotas
from bot.services.quotes import Quotes
from bot.services.recheck import Recheck
from bot.services.reconciliation import Reconciliation
from bot.services.releases import Releases
from bot.services.reports import Reports
from bot.services.requests import Requests
from bot.services.scheduler import Chore, Scheduler
from bot.services.schedules import Schedules
from bot.services.selfcheck import INTERVAL, SelfCheck, to_admins
from bot.services.shelf import Shelf
from bot.services.shop import Shop, Supplier
from bot.services.sponsors import Sponsors
from bot.services.styles import Styles
from bot.services.switches import Switches
from bot.services.takedowns import Takedowns
from bot.services.threads import Threads
from bot.services.tickets import Tickets
from bot.services.transfers import Transfers
from bot.services.trees import Trees
from bot.services.unknowns import Unknowns
from bot.services.videos import Videos
from bot.services.views import Horizon
from bot.services.webhooks import Webhooks, addresses
from bot.services.worker import Patience, Worker
from bot.services.workspaces import Workspaces
from bot.settings import Settings
from storage.backup import read_backup, refuse_server, write_backup
from storage.lock import this_process
from storage.store import SqlStore, join_store, open_store, visit_store

if TYPE_CHECKING:
    from adapters.discord.platform import DiscordChat
    from adapters.slack.door import Door as SlackDoor
    from adapters.slack.oauth import OAuth
    from adapters.slack.platform import SlackChat

    Answering = SlackDoor | WebhookDoor

LEAST_DISK = 2.0
"""GiB that must be free for the disk to count as healthy."""
log = logging.getLogger(__name__)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: nothing to misread."""


def new_job_id() -> str:
    """Ten characters that nobody can guess or misread."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def read_tiers(settings: Settings, catalogue: Catalogue) -> Tiers:
    """What people of a role may order; everybody everything without a file.

    Raises `ConfigError` with all that is wrong with the file.
    """
    path = settings.tiers_file
    if path is None:
        return Tiers()
    return parse_tiers(read_toml(path), catalogue)


@dataclass(frozen=True, slots=True)
class Ground:
    """What every command stands on: the store, the files, the clock and the backends."""

    settings: Settings
    clock: Clock
    store: SqlStore
    blobs: DiskBlobs
    media: Media
    backends: Backends
    leads: Leads = alone


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that can be started."""

    app: App
    commands: Commands
    shop: Shop
    quotas: Quotas
    reports: Reports
    charts: Charts
    webhooks: Webhooks


class Listeners:
    """Passes a changed job on to whoever was added; breaks the ring of who needs whom."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Job], None]] = []

    def add(self, listener: Callable[[Job], None]) -> None:
        """`listener` hears of every job that changes from now on."""
        self._listeners.append(listener)

    def __call__(self, job: Job) -> None:
        """Tell everyone."""
        for listener in self._listeners:
            listener(job)


def signing_secret(folder: Path) -> bytes:
    """The key that signs links to our own files; made once, readable by the bot alone."""
    path = folder / "link-secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


class Late:
    """Suggestions of commands that are made after the chats that ask for them."""

    def __init__(self) -> None:
        self.commands: Commands | None = None

    async def suggest(self, asked: Invocation, name: str) -> Sequence[Suggestion]:
        """See `Commands.suggest`."""
        return await self.commands.suggest(asked, name) if self.commands else ()


def assemble(
    ground: Ground,
    platforms: Mapping[str, ChatPlatform],
    find_person: FindPerson = by_id,
    checks: Sequence[Check] = (),
) -> Bot:
    """Everything between the ground and the chats; `checks` are what its doctor looks at too."""
    settings, store, clock = ground.settings, ground.store, ground.clock
    changed, backends = Listeners(), ground.backends
    shop = backends.shop
    usual = Workspace(settings.zone, settings.confirm_above, off_peak=settings.off_peak_hours)
    workspaces = Workspaces(store, clock, usual)
    notices = Notices(store, workspaces, clock)
    budgets = Budgets(store, clock, workspaces, notices)
    moves = Moves(store, clock, changed, budgets, workspaces)
    kit = Kit(
        store,
        clock,
        moves,
        backends.provider_of,
        ground.media,
        ground.blobs,
        shop.typical,
        ground.leads,
        addresses(backends.hooks, backends.suppliers, settings.public_url),
    )
    allowed = _allowed(settings, backends.limits)
    patience = Patience(orphan=GRACE if store.leases else 0)
    plan = AllowancePlan(settings.allowance_credits, settings.allowance_period)
    credits_ = Credits(store, clock, plan, workspaces)
    quotas = Quotas(store, clock, credits_, workspaces, settings.quotas)
    places = Places(shop, allowed)
    changed.add(places.told)
    horizon = Horizon(shop, places, patience.slow, workspaces)

    async def preflight(place: Place) -> tuple[str, ...]:
        platform = platforms.get(place.tenant.platform)
        return await platform.preflight(place) if platform else ()

    async def thread_modes(place: Place) -> Collection[ThreadMode]:
        platform = platforms.get(place.tenant.platform)
        return (await platform.limits(place)).thread_modes if platform else ()

    desk = Desk(
        store,
        clock,
        moves,
        horizon,
        quotas,
        credits_,
        preflight,
        new_job_id,
        changed,
        workspaces,
        budgets,
        read_tiers(settings, backends.catalogue),
        settings.cool_down_ms,
    )
    circuits = Circuits(clock, notices)
    failover = Failover(desk, circuits, settings.failover_after_ms)
    line = Line(kit, allowed, circuits, failover.elsewhere)
    lookup = Lookup(kit)
    plans, heard = Plans(store, clock, shop.typical), Heard()
    worker = Worker(kit, line, lookup, Polling(plans, heard), patience)

    async def alerts(tenant: Tenant) -> str | None:
        return (await workspaces.look(tenant)).alerts

    selfcheck = SelfCheck(store, clock, to_admins(store, notices, clock))
    scheduler = Scheduler(kit, SchedulerWakeups(), worker, line, credits_)
    shelf, charts = Shelf(ground.blobs), MatplotlibCharts()
    trees = Trees(store, clock, ground.blobs, charts, workspaces, changed)
    announcer = Announcer(
        store,
        moves,
        Letters(horizon, shelf, workspaces, trees, Comparisons(ground.blobs, charts)),
        clock,
        platforms,
        ground.leads,
    )
    pulse = Pulse(store, clock, plans, announcer.call)
    asks, releases = Asks(desk), Releases(desk, notices)
    chores: Sequence[tuple[str, int, Chore]] = (
        ("selfcheck", INTERVAL, selfcheck.run),
        ("erasure", ERASURE_INTERVAL, Erasure(kit).run),
        ("digest", DIGEST_INTERVAL, Digest(store, clock, workspaces, notices).run),
        ("failover", FAILOVER_INTERVAL, failover.run),
        ("pulse", PULSE, pulse.beat),
        ("asks", ASKS_INTERVAL, asks.tidy),
    )
    for name, interval, chore in chores:
        scheduler.also(name, interval, chore)
    changed.add(pulse.told)
    changed.add(scheduler.told)
    changed.add(lambda _: announcer.call())
    videos = Videos(desk)
    recheck = Recheck(videos, backends.provider_of)
    reports = Reports(store, clock, workspaces)
    services = Services(
        videos,
        quotas,
        credits_,
        clock,
        settings.zone,
        find_person,
        shelf,
        recheck,
        Threads(store, clock, thread_modes),
        Sponsors(store, clock, credits_, videos),
        Audit(store, clock),
        workspaces,
        budgets,
        notices,
        Requests(store, clock, quotas, credits_, notices, new_job_id),
        Quotes(store, clock, new_job_id),
        Transfers(store, clock, credits_, videos),
        Exports(store),
        Schedules(store, clock, credits_),
        Blocks(store, clock),
        Switches(store, clock, moves, shop),
        Overview(store),
        Unknowns(kit, lookup, videos),
        Doctor(store, selfcheck, checks, alerts, backends.checkups),
        reports,
        charts,
        Reconciliation(store, clock, backends.provider_of),
        failover,
        releases,
        trees,
        Library(store, clock, workspaces),
        Provenance(store),
        Prompts(store, clock, workspaces),
        People(store, workspaces),
        asks,
        Takedowns(desk, notices, releases),
        Links(store, clock, new_job_id),
        Abroad(desk),
        Styles(store, clock),
    )
    commands = Commands(services)
    parts = Parts(commands, scheduler, announcer, tuple(platforms.values()), ground.leads)
    webhooks = Webhooks(store, clock, moves, heard)
    return Bot(App(parts), commands, shop, quotas, reports, charts, webhooks)


def _allowed(settings: Settings, own: Mapping[str, Limits]) -> Allowed:
    """The limits of all accounts, `own` ones by gate, and the shares of persons and workspaces."""
    usual = settings.limits
    caps = Caps(settings.renders_per_person, settings.renders_per_workspace)
    return Allowed(
        *(usual.slots, usual.spacing, usual.per_minute, usual.per_day, usual.style), own, caps
    )


def _nobody() -> None:
    """Has to be told nothing."""


@asynccontextmanager
async def web_bot(
    settings: Settings, replaced: Callable[[], None] = _nobody
) -> AsyncGenerator[str]:
    """The bot with its web chat and panel; yields the address. Leaving stops it in good order.

    While another bot works on the same server's database it waits, and answers for its health
    alone. `replaced` is called when another one took its place: then it must be left.
    """
    turn = Turn(lambda lead: _stand_by(settings, lead), replaced)
    async with AsyncExitStack() as stack:
        address: list[str] = []
        base_url = lambda: (*address, None)[0]  # noqa: E731 - one word for what files need
        ground = await stack.enter_async_context(_ground(settings, base_url, turn))
        chat, late = WebChat(ground.store.transcript, ground.clock), Late()
        discord = _discord(ground, late) if settings.on_discord else None
        slack = _slack(ground) if settings.on_slack else None
        chats = {one.name: one for one in (chat, discord, slack) if one}
        checks = [_disk_check(settings.data_dir), *(one.check for one in (discord, slack) if one)]
        bot = assemble(ground, chats, _find_in(chats), [*_slow_checks(ground), *checks])
        late.commands = bot.commands
        panel = Panel(ground.store, bot.quotas, bot.reports, bot.charts, checks)
        admits = Tickets(ground.store).admits
        site = Site(chat, panel, bot.shop.catalogue, ground.blobs, ground.clock, admits)
        doors = _doors(ground, slack, bot.webhooks, stack)
        server = WebServer(site, _binding(settings), bot.app.is_ready, doors)
        stack.push_async_callback(bot.app.stop)
        stack.push_async_callback(server.stop)
        stack.callback(bot.app.close)
        address.append(await server.start())
        await bot.app.start()
        yield address[0]


def _doors(
    ground: Ground, slack: SlackChat | None, webhooks: Webhooks, stack: AsyncExitStack
) -> Mapping[str, Answering]:
    """What others call, by the path that it stands below."""
    doors: dict[str, Answering] = {}
    if slack:
        doors["/slack"] = slack.door
    if hooks := ground.backends.hooks:
        known = senders(hooks, ground.clock, stack)
        doors["/webhooks"] = WebhookDoor(known, ground.clock, webhooks.woken)
    return doors


def _discord(ground: Ground, late: Late) -> DiscordChat:
    # Loading the library takes time and memory that a bot without Discord need not spend.
    from adapters.discord.platform import NAME, Around, DiscordChat, Options  # noqa: PLC0415

    settings = ground.settings
    token = settings.discord_token.get_secret_value()
    around = Around(
        ground.store.notes(NAME),
        ground.blobs,
        ground.media,
        ground.clock,
        ground.backends.shop.catalogue,
        late.suggest,
    )
    return DiscordChat(Options(token, settings.discord_shards, settings.discord_home), around)


def _slack(ground: Ground) -> SlackChat:
    # As with Discord: who has no Slack need not load its library.
    from adapters.slack.platform import NAME, Around, Options, SlackChat  # noqa: PLC0415

    settings = ground.settings
    options = Options(
        settings.slack_bot_token.get_secret_value(),
        settings.slack_app_token.get_secret_value(),
        settings.slack_signing_secret.get_secret_value(),
        settings.slack_api_url,
        settings.slack_sockets,
        frozenset(settings.slack_admin_ids),
        installs=_slack_oauth(settings) if settings.slack_installs else None,
    )
    around = Around(
        ground.store.notes(NAME),
        ground.store.inbox(NAME),
        ground.blobs,
        ground.media,
        ground.clock,
        ground.backends.shop.catalogue,
        Styles(ground.store, ground.clock).offered,
    )
    return SlackChat(options, around)


def _slack_oauth(settings: Settings) -> OAuth:
    from adapters.slack.oauth import OAuth, asks_at  # noqa: PLC0415 - as in `_slack`

    return OAuth(
        settings.slack_client_id,
        settings.slack_client_secret.get_secret_value(),
        settings.slack_token_key.get_secret_value(),
        settings.public_url,
        asks_at(settings.slack_api_url),
    )


def _find_in(chats: Mapping[str, WebChat | DiscordChat | SlackChat]) -> FindPerson:
    """Whoever is named is looked for in the chat that they were named in."""

    def find(tenant: Tenant, text: str) -> Person | None:
        chat = chats.get(tenant.platform)
        return chat.find(tenant, text) if chat else None

    return find


def _binding(settings: Settings) -> Binding:
    token = settings.web_token.get_secret_value()
    return Binding(settings.host, settings.port, token, settings.public_url)


@dataclass(frozen=True, slots=True)
class Terminal:
    """One command on a terminal: its chat, and who answers."""

    chat: TerminalChat
    commands: Commands

    async def ask(self, verb: str, args: Mapping[str, str], interaction: str = "") -> Reply:
        """Have the person at the keyboard ask for something."""
        name = interaction or new_job_id()
        return await self.commands.answer(Invocation(verb, args, operator(), PLACE, name))


@asynccontextmanager
async def terminal_bot(settings: Settings, console: Console) -> AsyncGenerator[Terminal]:
    """The same core for one command line."""
    async with AsyncExitStack() as stack:
        turn = Turn(Leadership.take_now, _nobody)
        ground = await stack.enter_async_context(_ground(settings, lambda: None, turn))
        chat = TerminalChat(console, ground.clock.now)
        bot = assemble(ground, {chat.name: chat})
        stack.push_async_callback(bot.app.stop)
        await bot.app.start()
        yield Terminal(chat, bot.commands)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a bot gets to work where others may be, and who is told when it is over."""

    begin: Callable[[Leadership], Awaitable[None]]
    over: Callable[[], None]


async def _stand_by(settings: Settings, lead: Leadership) -> None:
    """Until it is our turn; whoever looks after this bot sees that it is alive, and not ready."""
    if await lead.take():
        return
    async with waiting_room(_binding(settings)) as url:
        log.warning(wording.stands_by(await lead.leader(), url))
        await lead.wait()


async def _leads(settings: Settings, store: SqlStore, turn: Turn, stack: AsyncExitStack) -> Leads:
    """Be the one bot that works, from here until `stack` is left."""
    if store.leases is None:
        return alone
    lead = Leadership(store.leases, this_process(), settings.lease_ms, SystemClock(), elapsed)
    await turn.begin(lead)
    lead.keep(turn.over)
    stack.push_async_callback(lead.stop)
    return lead.leads


@asynccontextmanager
async def _ground(
    settings: Settings, base_url: Callable[[], str | None], turn: Turn
) -> AsyncGenerator[Ground]:
    folder = settings.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        # First of all, for only one bot may do the rest.
        store = await join_store(_where(settings))
        stack.push_async_callback(store.aclose)
        leads = await _leads(settings, store, turn, stack)
        ffmpeg = Ffmpeg(find_ffmpeg(str(settings.ffmpeg_path) if settings.ffmpeg_path else None))
        blobs = DiskBlobs(folder / "media", base_url, signing_secret(folder), clock)
        backends = await stack.enter_async_context(backends_of(settings, clock, leads))
        yield Ground(settings, clock, store, blobs, FfmpegMedia(ffmpeg), backends, leads)


async def migrate(settings: Settings) -> None:
    """Open the store, which brings its tables up to date."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    await (await open_store(_where(settings))).aclose()


async def examine(settings: Settings) -> AsyncGenerator[Finding]:
    """All that can be found out beside a bot that may be running.

    Its own backend, the simulator, is there only while it runs.
    """
    clock, folder = SystemClock(), settings.data_dir.absolute()
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    yield Finding(*await _disk_check(there)())
    yield Finding(*await ffmpeg_check(_ffmpeg(settings).exe)())
    if not settings.simulated:
        async for finding in examine_backends(settings, clock):
            yield finding
    try:
        visit = await visit_store(_where(settings))
    except ConfigError as error:
        yield Finding(wording.HEALTH_BOOKS, " ".join(error.complaints), fine=False)
        return
    try:
        yield books(await SelfCheck(visit, clock).faults())
        yield await unknown_jobs(visit)
        for finding in await troubles(visit):
            yield finding
    finally:
        await visit.aclose()


async def reconcile(settings: Settings, span: When) -> Sequence[Comparison]:
    """What providers charge beside what is known, of all workspaces; also while the bot runs.

    Raises `ConfigError` where there is no database.
    """
    clock = SystemClock()
    url = NOBODY_LISTENS if settings.simulated else settings.url
    visit = await visit_store(_where(settings))
    accounts = Accounts(homes_of(read_roster(settings), url, url, clock))
    try:
        compare = Reconciliation(visit, clock, accounts.of).compare
        return await compare(None, span, settings.zone)
    finally:
        await accounts.aclose()
        await visit.aclose()


async def export(settings: Settings, workspace: str, kind: Format) -> bytes:
    """The whole ledger of a workspace such as ``web/demo``; also while the bot runs.

    "" is the only one. Raises `ConfigError` where there is no such workspace, or no database.
    """
    visit = await visit_store(_where(settings))
    try:
        exports = Exports(visit)
        return await exports.file(await _meant(exports, workspace), kind)
    finally:
        await visit.aclose()


async def export_library(settings: Settings, workspace: str, target: Path) -> int:
    """The published videos of a workspace in a zip, and where each comes from; how many.

    Also while the bot runs; raises as `export` does.
    """
    visit = await visit_store(_where(settings))
    try:
        tenant = await _meant(Exports(visit), workspace)
        everything = LibraryFilter(Person(tenant, ""))
        find = partial(stored_in, settings.data_dir / "media")
        return await Provenance(visit).save(everything, find, target)
    finally:
        await visit.aclose()


async def _meant(exports: Exports, workspace: str) -> Tenant:
    """The workspace of that name; "" is the only one."""
    known = await exports.workspaces()
    meant = [one for one in known if workspace in {"", one.key}]
    if len(meant) != 1:
        names = [one.key for one in known]
        raise ConfigError((wording.cli_which_workspace(workspace, names),))
    return meant[0]


async def examine_discord(settings: Settings) -> AsyncGenerator[Finding]:
    """All that the doctor finds on Discord's side; see `adapters.discord.doctor`."""
    from adapters.discord.doctor import Patient, examine  # noqa: PLC0415 - as in `_discord`

    clock = SystemClock()
    supplier = Supplier(settings.provider, settings.provider_account, settings.url)
    patient = Patient(
        settings.discord_token.get_secret_value(),
        settings.discord_shards,
        settings.discord_home,
        settings.public_url,
        Shop(read_catalogue(settings), (supplier,), clock, settings.zone).catalogue(),
    )
    async for finding in examine(patient):
        yield finding


async def examine_slack(settings: Settings) -> AsyncGenerator[Finding]:
    """All that the doctor finds on Slack's side; see `adapters.slack.doctor`."""
    from adapters.slack.doctor import Patient, examine  # noqa: PLC0415 - as in `_discord`

    patient = Patient(
        settings.slack_bot_token.get_secret_value(),
        settings.slack_app_token.get_secret_value(),
        bool(settings.slack_signing_secret.get_secret_value()),
        settings.slack_admin_ids,
        settings.slack_api_url,
        _slack_app(settings),
    )
    async for finding in examine(patient):
        yield finding


def slack_manifest(settings: Settings, *, replies: bool, http: bool) -> dict[str, Any]:
    """What Slack makes the bot's app of; raises `ConfigError` without an address to call."""
    options = _slack_app(settings, replies=replies, http=http)
    if options.by_http and not options.public_url:
        raise ConfigError((wording.SLACK_NEEDS_ADDRESS,))
    return slack_app.manifest(options)


def _slack_app(
    settings: Settings, *, replies: bool = False, http: bool = False
) -> slack_app.Options:
    # Before the app is made there is neither token nor secret: sockets are right for most.
    signed = bool(settings.slack_signing_secret.get_secret_value())
    by_http = http or (signed and settings.slack_by_http)
    return slack_app.Options(by_http, settings.public_url, settings.slack_installs, replies)


def free_port(wanted: int) -> int:
    """`wanted` when nobody listens there, else 0: any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


async def is_healthy(settings: Settings) -> bool:
    """Whether the bot with these settings answers on its port."""
    host = settings.host if settings.on_loopback else "127.0.0.1"
    return await answers(f"http://{host}:{settings.port}/healthz")


def backup(settings: Settings, archive: Path) -> int:
    """Everything worth keeping into one file; returns its size in bytes."""
    refuse_server(_where(settings), settings.data_dir)
    return write_backup(settings.data_dir, archive)


def restore(settings: Settings, archive: Path) -> None:
    """A backup into an empty data folder."""
    refuse_server(_where(settings), settings.data_dir)
    read_backup(archive, settings.data_dir)


def _where(settings: Settings) -> str | Path:
    return settings.database_url.get_secret_value() or settings.data_dir / "bot.db"


def _slow_checks(ground: Ground) -> list[Check]:
    """What takes too long to be looked at with each glance at the panel."""
    accounts = slow_checks(ground.backends, ground.clock)
    return [*accounts, ffmpeg_check(_ffmpeg(ground.settings).exe)]


def _ffmpeg(settings: Settings) -> Ffmpeg:
    return Ffmpeg(str(settings.ffmpeg_path) if settings.ffmpeg_path else None)


def _disk_check(folder: Path) -> Callable[[], Awaitable[tuple[str, str, bool]]]:
    async def check() -> tuple[str, str, bool]:
        free = shutil.disk_usage(folder).free / 2**30
        return (wording.HEALTH_DISK, wording.health_disk(free), free > LEAST_DISK)

    return check
