"""What a handler gets and gives; each file of handlers ends in a table of them by verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.messages import Invocation, Reply
from bot.domain.refs import Person, Tenant
from bot.ports import Charts, Clock
from bot.services.abroad import Abroad
from bot.services.asks import Asks
from bot.services.audit import Audit
from bot.services.blocks import Blocks
from bot.services.budgets import Budgets
from bot.services.doctor import Doctor
from bot.services.exports import Exports
from bot.services.failover import Failover
from bot.services.ledger import Credits
from bot.services.library import Library
from bot.services.links import Links
from bot.services.notices import Notices
from bot.services.overview import Overview
from bot.services.people import People
from bot.services.prompts import Prompts
from bot.services.provenance import Provenance
from bot.services.quotas import Quotas
from bot.services.quotes import Quotes
from bot.services.recheck import Recheck
from bot.services.reconciliation import Reconciliation
from bot.services.releases import Releases
from bot.services.reports import Reports
from bot.services.requests import Requests
from bot.services.schedules import Schedules
from bot.services.shelf import Shelf
from bot.services.sponsors import Sponsors
from bot.services.styles import Styles
from bot.services.switches import Switches
from bot.services.takedowns import Takedowns
from bot.services.threads import Threads
from bot.services.transfers import Transfers
from bot.services.trees import Trees
from bot.services.unknowns import Unknowns
from bot.services.videos import Videos
from bot.services.workspaces import Workspaces

FindPerson = Callable[[Tenant, str], Person | None]
"""Somebody of a workspace by id or typed name; None when there is nobody of that name."""


@dataclass(frozen=True, slots=True)
class Services:
    """What commands can reach. `zone` is where the workspace lives, for local times."""

    videos: Videos
    quotas: Quotas
    credits: Credits
    clock: Clock
    zone: ZoneInfo
    find_person: FindPerson
    shelf: Shelf
    recheck: Recheck
    threads: Threads
    sponsors: Sponsors
    audit: Audit
    workspaces: Workspaces
    budgets: Budgets
    notices: Notices
    requests: Requests
    quotes: Quotes
    transfers: Transfers
    exports: Exports
    schedules: Schedules
    blocks: Blocks
    switches: Switches
    overview: Overview
    unknowns: Unknowns
    doctor: Doctor
    reports: Reports
    charts: Charts
    reconciliation: Reconciliation
    failover: Failover
    releases: Releases
    trees: Trees
    library: Library
    provenance: Provenance
    prompts: Prompts
    people: People
    asks: Asks
    takedowns: Takedowns
    links: Links
    abroad: Abroad
    styles: Styles


Handler = Callable[[Services, Invocation], Awaitable[Reply]]
"""Does one verb. The invocation's `args` were checked and are in their normal form."""

Handlers = Mapping[str, Handler]
