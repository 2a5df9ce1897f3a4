"""Types and presses for people at the real commands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count
from zoneinfo import ZoneInfo

from bot.commands.dispatch import Commands
from bot.commands.grammar import OVERHEARD, REACTED, REPLIED, TYPED
from bot.commands.handler import FindPerson, Services
from bot.domain.messages import Invocation, Reply, Upload, plain
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.domain.threads import ThreadMode
from bot.ports import Checkup
from bot.services.audit import Audit
from bot.services.blocks import Blocks
from bot.services.doctor import PATIENCE, Doctor, backend_check
from bot.services.exports import Exports
from bot.services.library import Library
from bot.services.links import Links
from bot.services.overview import Overview
from bot.services.people import People
from bot.services.prompts import Prompts
from bot.services.provenance import Provenance
from bot.services.quotes import Quotes
from bot.services.recheck import Recheck
from bot.services.reconciliation import Reconciliation
from bot.services.reports import Reports
from bot.services.requests import Requests
from bot.services.schedules import Schedules
from bot.services.selfcheck import SelfCheck
from bot.services.shelf import Shelf
from bot.services.sponsors import Sponsors
from bot.services.styles import Styles
from bot.services.switches import Switches
from bot.services.threads import Threads
from bot.services.transfers import Transfers
from bot.services.unknowns import Unknowns
from tests.fakes.core import ANA, BEN, MARA, STUDIO, TENANT, Core

BERLIN = ZoneInfo("Europe/Berlin")


def find_person(tenant: Tenant, text: str) -> Person | None:
    """People of the demo, by id or name."""
    people = (ANA, BEN, MARA, Person(TENANT, "channel:studio", "studio"))
    return next((p for p in people if text.lower() == p.id and p.tenant == tenant), None)


def services_of(core: Core, find: FindPerson) -> Services:
    """All that the real commands can reach."""

    async def modes(place: Place) -> Collection[ThreadMode]:
        return (await core.platforms[place.tenant.platform].limits(place)).thread_modes

    return Services(
        core.videos,
        core.quotas,
        core.credits,
        core.clock,
        BERLIN,
        find,
        Shelf(core.blobs),
        Recheck(core.videos, lambda _: core.world.provider),
        Threads(core.store, core.clock, modes),
        Sponsors(core.store, core.clock, core.credits, core.videos),
        Audit(core.store, core.clock),
        core.workspaces,
        core.budgets,
        core.notices,
        Requests(
            *(core.store, core.clock, core.quotas, core.credits, core.notices),
            core.world.new_id,
        ),
        Quotes(core.store, core.clock, core.world.new_id),
        Transfers(core.store, core.clock, core.credits, core.videos),
        Exports(core.store),
        Schedules(core.store, core.clock, core.credits),
        Blocks(core.store, core.clock),
        Switches(core.store, core.clock, core.moves, core.videos.shop),
        Overview(core.store),
        Unknowns(core.kit, core.lookup, core.videos),
        doctor_of(core),
        Reports(core.store, core.clock, core.workspaces),
        core.charts,
        Reconciliation(core.store, core.clock, lambda _: core.world.provider),
        core.failover,
        core.releases,
        core.trees,
        Library(core.store, core.clock, core.workspaces),
        Provenance(core.store),
        Prompts(core.store, core.clock, core.workspaces),
        People(core.store, core.workspaces),
        core.asks,
        core.takedowns,
        Links(core.store, core.clock, core.world.new_id),
        core.abroad,
        Styles(core.store, core.clock),
    )


def doctor_of(core: Core, checkups: Sequence[Checkup] = (), patience: float = PATIENCE) -> Doctor:
    """One who looks at the books, the backend, the admin channel, and at accounts."""

    async def alerts(tenant: Tenant) -> str | None:
        return (await core.workspaces.look(tenant)).alerts

    checks = [backend_check(core.world.provider, core.clock)]
    selfcheck = SelfCheck(core.store, core.clock)
    return Doctor(core.store, selfcheck, checks, alerts, checkups, patience)


class Typist:
    """Says what people say and gives what they are answered."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.services = services_of(core, find_person)
        self.commands = Commands(self.services)
        self._interactions = count(1)

    async def says(
        self,
        line: str,
        person: Person = ANA,
        place: Place = STUDIO,
        interaction: str = "",
        uploads: tuple[Upload, ...] = (),
    ) -> Reply:
        """A line as typed."""
        return await self._ask(TYPED, {"text": line}, person, place, interaction, uploads)

    async def replies(self, line: str, person: Person = ANA, place: Place = STUDIO) -> Reply:
        """A line written to the bot among others."""
        return await self._ask(REPLIED, {"text": line}, person, place, "", ())

    async def mutters(self, line: str, person: Person = ANA, place: Place = STUDIO) -> Reply:
        """A line written to others in a thread."""
        return await self._ask(OVERHEARD, {"text": line}, person, place, "", ())

    async def reacts(
        self, sign: str, message: MessageRef, person: Person = ANA, *, gone: bool = False
    ) -> Reply:
        """A sign put on a message, or taken away."""
        args = {"message": message.id, "sign": sign} | ({"gone": "yes"} if gone else {})
        return await self._ask(REACTED, args, person, message.place, "", ())

    async def presses(self, verb: str, args: dict[str, str], person: Person = ANA) -> Reply:
        """A button, or a chat's typed options."""
        return await self._ask(verb, args, person, STUDIO, "", ())

    async def _ask(
        self,
        verb: str,
        args: dict[str, str],
        person: Person,
        place: Place,
        interaction: str,
        uploads: tuple[Upload, ...],
    ) -> Reply:
        named = interaction or f"said-{next(self._interactions)}"
        return await self.commands.answer(Invocation(verb, args, person, place, named, uploads))


def words(reply: Reply) -> str:
    """A reply as bare text, a line each."""
    return "\n".join(plain(line) for line in reply.message.lines)
