"""The parts list for backends: which accounts there are, who speaks with each, what looks at them.

The operator's files are read once, into a `Roster` and a `Catalogue`; all else is made of these.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from adapters.clock import SystemClock
from adapters.providers.accounts import Accounts, Connect, Home
from adapters.providers.doctor import AccountCheckup, Patient
from adapters.providers.doctor import examine as examine_account
from adapters.providers.openai_videos.probe import probe as look_at
from adapters.providers.simulator.dialects import DIALECTS
from adapters.providers.simulator.native.registry import NATIVES
from adapters.providers.simulator.serve import run_simulator
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.speak import speaker
from adapters.providers.tasks.client import TaskVideos
from adapters.providers.tasks.openrouter import OpenRouter
from adapters.providers.tasks.openrouter_models import Found, read_models
from adapters.providers.webhooks import fal
from adapters.providers.webhooks.door import Account, Sender
from adapters.providers.webhooks.keys import KeyPage, Secret
from bot import wording
from bot.domain.backends import HOMES, Backend
from bot.domain.backends import parse as parse_backends
from bot.domain.catalogue import Catalogue, parse
from bot.domain.findings import Finding
from bot.domain.gates import Limits
from bot.domain.jobs import Offer
from bot.domain.probes import Probe
from bot.domain.routes import Route
from bot.domain.routes import parse as parse_routes
from bot.domain.webhooks import Hook, Scheme, fits
from bot.errors import ConfigError, ProviderError
from bot.ports import Checkup, Clock, Leads, SubmitRequest, VideoProvider, alone
from bot.services.doctor import backend_check
from bot.services.panel import Check
from bot.services.shop import Shop, Supplier
from bot.services.trial import Trial
from bot.settings import SECRETS_DIR, Settings

SIMULATED = (*DIALECTS, *NATIVES)
"""What the simulator can speak."""
BUILT_IN = Path(__file__).with_name("catalogue.toml")
BUILT_IN_SIMULATOR = "simulator"
"""In place of a base URL: wherever the bot's own simulator listens in this life."""
NOBODY_LISTENS = "http://127.0.0.1:9/v1"
"""Where a simulator cannot be asked that is there only while its bot runs."""


# --- what the operator wrote ----------------------------------------------------------------


def read_catalogue(settings: Settings) -> Catalogue:
    """The operator's own catalogue, of one file or of all in a folder, or the built-in one.

    Raises `ConfigError` with all that is wrong with it.
    """
    path = settings.catalogue_file or BUILT_IN
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    models = [model for file in files for model in parse(read_toml(file))]
    return Catalogue(tuple(models), settings.relaxed_discount)


def read_toml(path: Path) -> Mapping[str, Any]:
    """What is in a file; raises `ConfigError` naming it."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ConfigError((f"{path}: {error}",)) from error


@dataclass(frozen=True, slots=True)
class Roster:
    """The account in the settings, those of the file of providers, and the routes in there."""

    settings: Settings
    others: tuple[Backend, ...] = ()
    routes: tuple[Route, ...] = ()

    @property
    def own(self) -> str:
        """The account in the settings: ``provider/account``."""
        return f"{self.settings.provider}/{self.settings.provider_account}"

    @property
    def limits(self) -> Mapping[str, Limits]:
        """What the accounts of the file are declared to take, by gate."""
        return {one.gate: one.limits.over(self.settings.limits) for one in self.others}


def read_roster(settings: Settings) -> Roster:
    """All accounts; that in the settings alone without a file.

    Raises `ConfigError` with all that is wrong with the file.
    """
    path = settings.providers_file
    if path is None:
        return Roster(settings)
    data = read_toml(path)
    roster = Roster(settings, parse_backends(data, str(path)))
    gates = [one.gate for one in roster.others]
    if roster.own in gates:
        raise ConfigError((f"{path}: {roster.own} is the account in the settings",))
    return replace(roster, routes=parse_routes(data, [roster.own, *gates], str(path)))


# --- a bot that runs ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Backends:
    """What a bot has of backends: what is on sale, who makes it, and how one speaks to them.

    `limits` are those of accounts with some of their own, by gate; `hooks` are of those that tell.
    """

    catalogue: Catalogue
    shop: Shop
    suppliers: Sequence[Supplier]
    provider_of: Callable[[Offer], VideoProvider]
    limits: Mapping[str, Limits] = field(default_factory=dict[str, Limits])
    hooks: Sequence[Hook] = ()
    checkups: Sequence[Checkup] = ()


@asynccontextmanager
async def backends_of(settings: Settings, clock: Clock, leads: Leads) -> AsyncGenerator[Backends]:
    """The backends for one life of a bot, and the simulator where that is one of them.

    Raises `ConfigError` with what is wrong with the operator's files.
    """
    roster, catalogue = read_roster(settings), read_catalogue(settings)
    async with AsyncExitStack() as stack:
        url = await _backend_url(settings, stack)
        # The built-in simulator's port changes from start to start, its jobs do not.
        pinned = BUILT_IN_SIMULATOR if settings.simulated else url
        homes = homes_of(roster, pinned, url, clock, leads)
        accounts = Accounts(homes)
        stack.push_async_callback(accounts.aclose)
        suppliers = [_supplier(home, accounts) for home in homes]
        hooks = hooks_of(roster)
        yield Backends(
            catalogue,
            Shop(catalogue, suppliers, clock, settings.zone, roster.routes),
            suppliers,
            accounts.of,
            roster.limits,
            hooks,
            [AccountCheckup(one, clock) for one in _patients(roster, catalogue, hooks).values()],
        )


async def _backend_url(settings: Settings, stack: AsyncExitStack) -> str:
    """The backend's address; starts the simulator when it is the backend."""
    if not settings.simulated:
        return settings.url
    simulator = SimulatorSettings(
        state_dir=settings.data_dir / "simulator",
        render_ms=settings.simulator_render_ms,
        fps=settings.simulator_fps,
        slots=settings.renders_at_once,
        ffmpeg=str(settings.ffmpeg_path) if settings.ffmpeg_path else None,
    )
    running = await stack.enter_async_context(run_simulator(simulator))
    return running.url


def homes_of(
    roster: Roster, pinned: str, url: str, clock: Clock, leads: Leads = alone
) -> list[Home]:
    """Every account, the one in the settings first: pinned to one address, asked at another."""
    settings = roster.settings
    connect = _connect(settings, url, clock, leads)
    own = Home(settings.provider, settings.provider_account, pinned, connect)
    others = (
        Home(one.name, one.account, one.url, _connect_to(one, clock, leads))
        for one in roster.others
    )
    return [own, *others]


def _connect(settings: Settings, current: str, clock: Clock, leads: Leads = alone) -> Connect:
    speak = speaker(settings.profile, settings.provider, clock, leads)
    key = settings.provider_key.get_secret_value()

    def connect(url: str, with_key: bool) -> VideoProvider:  # noqa: FBT001 - shape of `Connect`
        return speak(current if url == BUILT_IN_SIMULATOR else url, key if with_key else "")

    return connect


def _connect_to(backend: Backend, clock: Clock, leads: Leads) -> Connect:
    speak, key = speaker(backend.profile, backend.name, clock, leads), key_of(backend)
    return lambda url, with_key: speak(url, key if with_key else "")


def _supplier(home: Home, accounts: Accounts) -> Supplier:
    """An account for new jobs, with what its client can do."""
    plain = Supplier(home.provider, home.account, home.url)
    return replace(plain, capabilities=accounts.of(_offer_of(plain)).capabilities)


def _offer_of(supplier: Supplier) -> Offer:
    """What names the account that new jobs are made at."""
    return Offer(supplier.provider, supplier.account, supplier.base_url, "", 0)


# --- keys and secrets -----------------------------------------------------------------------


def key_of(backend: Backend) -> str:
    """From where the file says; raises `ConfigError`, without a word of any secret."""
    return _secret_from(backend.key_from, wording.no_key(backend.gate, SECRETS_DIR))


def _secret_from(name: str, missing: str) -> str:
    """What is in the environment or a secret file under a name; "" under none."""
    if not name:
        return ""
    if name in os.environ:
        return os.environ[name]
    file = Path(os.environ.get(SECRETS_DIR, "")) / name
    if os.environ.get(SECRETS_DIR) and file.is_file():
        return file.read_text("utf-8").strip()
    raise ConfigError((missing,))


def hooks_of(roster: Roster) -> list[Hook]:
    """The accounts whose backends tell of videos; raises `ConfigError` as `key_of` does."""
    settings = roster.settings
    scheme, secret = settings.provider_webhook, settings.provider_webhook_secret.get_secret_value()
    name = (settings.provider, settings.provider_account)
    own = [Hook(*name, scheme, secret, _keys_at(scheme))] if fits(scheme, secret) else []
    others = [_hook_of(one, one.webhook) for one in roster.others if one.webhook]
    return [*own, *others]


def _hook_of(backend: Backend, scheme: Scheme) -> Hook:
    missing = wording.no_webhook_secret(backend.gate, SECRETS_DIR)
    secret = _secret_from(backend.webhook_secret_from, missing)
    if not fits(scheme, secret):
        raise ConfigError((f"{backend.gate}: {wording.webhook_secret(scheme)}",))
    keys_at = backend.webhook_keys or _keys_at(scheme)
    return Hook(backend.name, backend.account, scheme, secret, keys_at)


def _keys_at(scheme: Scheme) -> str:
    return fal.KEYS_AT if scheme is Scheme.FAL else ""


def senders(hooks: Sequence[Hook], clock: Clock, stack: AsyncExitStack) -> Mapping[Account, Sender]:
    """Who may tell of videos. Accounts with the same page of keys look at it together."""
    pages = {
        hook.keys_at: KeyPage(hook.keys_at, fal.keys_on, clock) for hook in hooks if hook.keys_at
    }
    for page in pages.values():
        stack.push_async_callback(page.aclose)
    return {
        (hook.provider, hook.account): Sender(
            hook.scheme, pages.get(hook.keys_at) or Secret(hook.secret)
        )
        for hook in hooks
    }


# --- what looks at them ---------------------------------------------------------------------


def slow_checks(backends: Backends, clock: Clock) -> list[Check]:
    """Looks at the accounts that have no checkup: the built-in simulator needs nothing else."""
    looked_at = {checkup.gate for checkup in backends.checkups}
    return [
        _account_check(backends, one, clock)
        for one in backends.suppliers
        if one.gate not in looked_at
    ]


def _account_check(backends: Backends, supplier: Supplier, clock: Clock) -> Check:
    check = backend_check(backends.provider_of(_offer_of(supplier)), clock)

    async def named() -> tuple[str, str, bool]:
        return _of_account(await check(), supplier, len(backends.suppliers))

    return named


def _of_account(
    found: tuple[str, str, bool], supplier: Supplier, accounts: int
) -> tuple[str, str, bool]:
    """What was found, with the name of the account where there are several."""
    what, words, fine = found
    return (f"{what} {supplier.gate}" if accounts > 1 else what, words, fine)


async def examine_backends(settings: Settings, clock: Clock) -> AsyncGenerator[Finding]:
    """Whether each account answers, and takes its key; there must be no built-in simulator."""
    url = settings.url
    homes = homes_of(read_roster(settings), url, url, clock)
    accounts = Accounts(homes)
    try:
        for home in homes:
            supplier = Supplier(home.provider, home.account, home.url)
            check = backend_check(accounts.of(_offer_of(supplier)), clock)
            yield Finding(*_of_account(await check(), supplier, len(homes)))
    finally:
        await accounts.aclose()


async def examine_providers(settings: Settings, account: str = "") -> AsyncGenerator[Finding]:
    """All that the doctor finds at each account, or at one such as ``fal/default``.

    Raises `ConfigError` where there is no such account.
    """
    roster, catalogue = read_roster(settings), read_catalogue(settings)
    patients = _patients(roster, catalogue, hooks_of(roster))
    built_in = [roster.own] if settings.simulated else []
    if account and account not in [*built_in, *patients]:
        raise ConfigError((wording.no_such_account(account, [*built_in, *patients]),))
    if built_in and account in {"", *built_in}:
        yield wording.provider_built_in()
    for gate, patient in patients.items():
        if account in {"", gate}:
            async for finding in examine_account(patient, SystemClock()):
                yield finding


def _patients(roster: Roster, catalogue: Catalogue, hooks: Sequence[Hook]) -> Mapping[str, Patient]:
    """Every account but the built-in simulator, as its doctor wants it, by its name."""
    settings = roster.settings
    key = settings.provider_key.get_secret_value()
    own = Backend(settings.provider, settings.provider_account, settings.url, settings.profile)
    accounts = [] if settings.simulated else [(own, key)]
    accounts += [(one, key_of(one)) for one in roster.others]
    paths = {f"{hook.provider}/{hook.account}": hook.path for hook in hooks}
    return {
        one.gate: Patient(
            one.gate,
            one.profile,
            one.url,
            secret,
            [model for model in catalogue if model.provider == one.name],
            paths.get(one.gate, ""),
            settings.public_url,
            one.limits.over(settings.limits),
        )
        for one, secret in accounts
    }


# --- servers of others, and our own ---------------------------------------------------------


async def probe(url: str, key_from: str) -> Probe:
    """What is at a URL, without an order; raises `ConfigError` where nobody answers."""
    key = _secret_from(key_from, wording.probe_no_key(key_from, SECRETS_DIR))
    try:
        return await look_at(url, key)
    except ProviderError as error:
        raise ConfigError((wording.probe_silent(url, str(error)),)) from error


async def trial(found: Probe, key_from: str, wish: SubmitRequest) -> AsyncGenerator[Finding]:
    """One video at the server that was looked at. It may cost money, and is in no books."""
    clock = SystemClock()
    account = Backend("probe", "default", found.url, found.profile, key_from)
    provider = _connect_to(account, clock, alone)(found.url, True)  # noqa: FBT003 - shape of `Connect`
    try:
        with TemporaryDirectory(prefix="sora-bot-") as folder:
            async for finding in Trial(provider, clock).run(wish, Path(folder) / "trial.mp4"):
                yield finding
    finally:
        await provider.aclose()


async def refresh_models(provider: str, url: str) -> Found:
    """What OpenRouter, or a server like it at `url`, sells today, as entries of the catalogue.

    Its list needs no key. Raises `ProviderError`.
    """
    clock = SystemClock()
    client = TaskVideos(OpenRouter(), url or OpenRouter.url, "", clock)
    try:
        data = await client.models()
    finally:
        await client.aclose()
    today = datetime.fromtimestamp(clock.now() / 1000, UTC).date()
    return read_models(data, provider, today)


@asynccontextmanager
async def simulator(host: str, port: int, options: Mapping[str, object]) -> AsyncGenerator[str]:
    """The simulated backend alone; `options` are fields of its settings. Yields its address."""
    chosen = SimulatorSettings(
        state_dir=as_path(options["state"]),
        token=str(options["token"]) or None,
        dialect=str(options["dialect"]),
        render_ms=int(str(options["render_ms"])),
        fps=int(str(options["fps"])),
        instant=bool(options["instant"]),
        control=bool(options["control"]),
    )
    async with run_simulator(chosen, host, port) as running:
        home = HOMES.get(chosen.dialect)
        yield running.origin + urlsplit(home).path if home else running.url


def as_path(value: object) -> Path | None:
    """A path out of untyped options."""
    return value if isinstance(value, Path) else None
