"""Looks at an account of a video backend for all that keeps it from working. It orders nothing.

Only GET: for a job that nobody made, for the list of models, and for our own door for webhooks.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from adapters.providers.guard import Origin, Resolve, look_up
from adapters.providers.http import Access, Answer, Http, Limits, NoAnswer, NotSent
from adapters.providers.judging import Judge, is_page
from adapters.providers.openai_videos.profile import profile_of
from adapters.providers.refusals import as_list, as_object, parse
from adapters.providers.tasks.registry import WIRES
from adapters.providers.tasks.wire import Ask, Wire
from bot import wording
from bot.domain import gates
from bot.domain.catalogue import Model
from bot.domain.checkups import Ailment
from bot.domain.findings import Finding
from bot.errors import (
    BadCredentials,
    Billing,
    ConfigError,
    ModelRetired,
    Transient,
    Unsupported,
)
from bot.ports import Capabilities, Clock

LIMITS = Limits(
    connect_ms=5000, silence_ms=10_000, answer_ms=15_000, answer_bytes=4 * 1024**2, redirects=3
)
CLOSED = {"api.openai.com": date(2026, 9, 24)}
"""Hosts that made videos once, and the day of the end."""
MOST_SKEW = 60_000
"""Ms by which clocks may differ: news that backends sign is refused after some minutes."""
_DOOR = frozenset({401, 405})
"""What our own door says to whoever does not tell as it should."""
_VERIFY = re.compile(r"\bverif(y|ied|ication)\b", re.IGNORECASE)
_REGION = re.compile(r"\b(countr(y|ies)|regions?|territor(y|ies))\b", re.IGNORECASE)
_GONE = re.compile(
    r"\b(shut ?down|discontinued|sunset|retired|no longer (available|supported))\b", re.IGNORECASE
)
_MISSING, _ENDED, _FIRST_FAULT = 404, 410, 500
_NAMES = ("id", "name", "model")


@dataclass(frozen=True, slots=True)
class Patient:
    """An account as the bot would use it. `models` are those of the catalogue that it sells.

    `hook` is the path at which it tells of its videos; empty: it is only asked. `limits` are what
    it is declared to take.
    """

    gate: str
    profile: str
    url: str
    key: str = field(repr=False)
    models: Sequence[Model] = ()
    hook: str = field(default="", repr=False)
    public_url: str = ""
    limits: gates.Limits = field(default_factory=gates.Limits)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a dialect is asked about a job of nobody and about its models."""

    access: Access
    judge: Judge
    job: Ask
    models: Ask | None
    capabilities: Capabilities
    foreign: bool
    """Whether its address is the operator's own choice, and may be the wrong one."""


class AccountCheckup:
    """The same look, as often as it is asked for; see `bot.ports.Checkup`."""

    def __init__(self, patient: Patient, clock: Clock) -> None:
        self._patient = patient
        self._clock = clock

    @property
    def gate(self) -> str:
        """``provider/account``."""
        return self._patient.gate

    def findings(self) -> AsyncGenerator[Finding]:
        """See `examine`."""
        return examine(self._patient, self._clock)


async def examine(
    patient: Patient, clock: Clock, *, resolve: Resolve = look_up, limits: Limits = LIMITS
) -> AsyncGenerator[Finding]:
    """Every finding, in the order in which people mend things; raises `ConfigError`."""
    look = Look(patient, clock, resolve, limits)
    async for finding in look.account():
        yield finding
    for finding in look.sold():
        yield finding
    if patient.hook:
        yield await look.door()
    yield wording.provider_limits(patient.gate, patient.limits)
    yield wording.provider_can(patient.gate, asdict(look.manner.capabilities))


class Look:
    """One look at one account."""

    def __init__(self, patient: Patient, clock: Clock, resolve: Resolve, limits: Limits) -> None:
        self.patient = patient
        self.manner = _manner(patient)
        self._clock = clock
        self._resolve = resolve
        self._limits = limits
        self._listed: frozenset[str] | None = None

    # --- the account ------------------------------------------------------------------------

    async def account(self) -> AsyncGenerator[Finding]:
        """The way there, the clock and the key."""
        gate, origin = self.patient.gate, Origin.of(self.patient.url)
        if origin.host in CLOSED and self._today() >= CLOSED[origin.host]:
            yield wording.provider_ails(gate, Ailment.CLOSED, "")
            return
        try:
            await self._resolve(origin.host, origin.port)
        except (OSError, UnicodeError):
            yield wording.provider_ails(gate, Ailment.NO_NAME, "")
            return
        async with self._talk(self.manner.access) as http:
            async for finding in self._asked(http):
                yield finding

    async def _asked(self, http: Http) -> AsyncGenerator[Finding]:
        gate, began = self.patient.gate, time.monotonic()
        try:
            answer = await _ask(http, self.manner.job)
        except (NotSent, NoAnswer, Transient) as error:
            yield wording.provider_ails(gate, _unheard(error), str(error))
            return
        yield wording.provider_reached(gate, round((time.monotonic() - began) * 1000))
        if skew := self._skew(answer):
            yield wording.provider_clock(gate, skew)
        refusal = self.manner.judge.refusal(answer)
        trouble = self._trouble(answer)
        if trouble is None and await self._is_lost(http, answer):
            trouble = Ailment.NO_ROUTES
        if trouble:
            yield wording.provider_ails(gate, trouble, refusal.message)
            return
        yield wording.provider_key(gate, shown=bool(self.patient.key))
        self._listed = await self._names(http)

    def _trouble(self, answer: Answer) -> Ailment | None:
        """What the answer for a job of nobody gives away; None when it is as it should be."""
        if answer.good and not is_page(answer):
            return None
        refusal = self.manner.judge.refusal(answer)
        words = f"{refusal.code} {refusal.message}".replace("_", " ")
        kind = type(self.manner.judge.failure(answer, self._clock.now()))
        if kind is Billing:
            return Ailment.UNPAID
        if kind is BadCredentials and not is_page(answer):
            return self._kept_out(words)
        if kind is ModelRetired or answer.status == _ENDED or _GONE.search(words):
            return Ailment.CLOSED
        if answer.status >= _FIRST_FAULT:
            return Ailment.BROKEN
        return Ailment.PAGE if is_page(answer) else None

    def _kept_out(self, words: str) -> Ailment:
        if _VERIFY.search(words):
            return Ailment.UNVERIFIED
        if _REGION.search(words):
            return Ailment.REGION
        return Ailment.WRONG_KEY if self.patient.key else Ailment.NO_KEY

    async def _is_lost(self, http: Http, answer: Answer) -> bool:
        """Whether it says the same of a job of nobody as of a route that there cannot be."""
        if answer.status != _MISSING or not self.manner.foreign:
            return False
        try:
            nowhere = await http.ask("GET", http.url(f"/{uuid.uuid4().hex}"))
        except (NotSent, NoAnswer, Transient):
            return False
        return nowhere.status == _MISSING and nowhere.body == answer.body

    def _skew(self, answer: Answer) -> int | None:
        """Ms that our clock is ahead of theirs; None when they agree, or nothing is said."""
        try:
            there = parsedate_to_datetime(answer.headers.get("date", ""))
        except (TypeError, ValueError):
            return None
        there = there if there.tzinfo else there.replace(tzinfo=UTC)
        ahead = self._clock.now() - round(there.timestamp() * 1000)
        return ahead if abs(ahead) > MOST_SKEW else None

    # --- what is sold there -----------------------------------------------------------------

    async def _names(self, http: Http) -> frozenset[str] | None:
        """The models that it names; None when it does not tell."""
        if self.manner.models is None:
            return None
        try:
            answer = await _ask(http, self.manner.models)
        except (NotSent, NoAnswer, Transient):
            return None
        data = parse(answer.body) if answer.good else None
        items = as_list(data) or as_list(as_object(data).get("data"))
        named = [as_object(one).get(name) for one in items for name in _NAMES]
        return frozenset(name for name in named if isinstance(name, str)) or None

    def sold(self) -> Sequence[Finding]:
        """Whether what the catalogue sells there can be had, and what it costs."""
        gate, models, today = self.patient.gate, self.patient.models, self._today()
        if not models:
            return [wording.provider_sells_nothing(gate)]
        here = [one for one in models if not one.retired(today)]
        gone = [wording.provider_model_gone(gate, one) for one in models if one.retired(today)]
        listed = self._listed
        unknown = [one for one in here if listed is not None and one.upstream not in listed]
        return [
            *gone,
            *(wording.provider_model_unknown(gate, one) for one in unknown),
            *([wording.provider_models(gate, len(here) - len(unknown), told=listed is not None)]),
            *([wording.provider_prices(gate, here)] if here else []),
        ]

    # --- our door ---------------------------------------------------------------------------

    async def door(self) -> Finding:
        """Whether its news of videos finds the way to us."""
        gate, public = self.patient.gate, self.patient.public_url
        if not public.startswith("https://"):
            return wording.provider_no_door(gate, is_set=bool(public))
        try:
            async with self._talk(Access(public.rstrip("/"))) as http:
                answer = await http.ask("GET", http.url(self.patient.hook))
        except (ConfigError, NotSent, NoAnswer, Transient) as error:
            return wording.provider_door_shut(gate, str(error))
        if answer.status not in _DOOR:
            return wording.provider_door_shut(gate, f"HTTP {answer.status}")
        return wording.provider_door(gate)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now() / 1000, UTC).date()

    @asynccontextmanager
    async def _talk(self, access: Access) -> AsyncGenerator[Http]:
        http = Http(access, self._limits, self._resolve)
        try:
            yield http
        finally:
            await http.aclose()


async def _ask(http: Http, ask: Ask) -> Answer:
    return await http.ask(ask.method, http.url(ask.path), headers=ask.headers)


def _unheard(error: Exception) -> Ailment:
    """Why nobody answered."""
    cause = str(error.__cause__ or "")
    return Ailment.TLS if "SSL" in cause or "certificate" in cause else Ailment.SILENT


def _manner(patient: Patient) -> Manner:
    wire = WIRES.get(patient.profile)
    return _of_wire(wire, patient) if wire else _of_profile(patient)


def _of_wire(wire: Wire, patient: Patient) -> Manner:
    # All that any wire keeps of its jobs, so that each can ask about one.
    reference = {"id": str(uuid.uuid4()), "app": "fal-ai/nobody", "kind": "text2video"}
    try:
        models = wire.models()
    except Unsupported:
        models = None
    access = Access(
        patient.url, patient.key, wire.header, wire.prefix, wire.headers, wire.key_origins
    )
    judge = Judge(patient.key, wire.kinds)
    return Manner(access, judge, wire.question(reference), models, wire.capabilities, False)  # noqa: FBT003 - the last of six parts


def _of_profile(patient: Patient) -> Manner:
    profile = profile_of(patient.profile)
    method, path = profile.route("fetch")
    access = Access(
        patient.url,
        patient.key,
        profile.auth_header,
        profile.auth_prefix,
        profile.headers,
        profile.key_origins,
    )
    job = Ask(method, path.replace("{id}", f"video_{uuid.uuid4().hex}"))
    models = Ask("GET", "/models")
    judge = Judge(patient.key, profile.errors, profile.vague)
    return Manner(access, judge, job, models, profile.capabilities, True)  # noqa: FBT003 - the last of six parts
