"""What limits, budgets and credits should be, worked out the slow way over plain lists.

Nothing here is asked of the bot but its nouns: windows, sums and refusals are written down anew, as
they are documented, so that a mistake in the bot's own rules shows as a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain import ledger
from bot.domain.budgets import Budget
from bot.domain.ledger import Account
from bot.domain.quotas import Extra, Period, Rule, Unit, Window
from bot.domain.refs import Channel, Person, Tenant
from bot.errors import BudgetSpent, Limit, NotEnoughCredits, QuotaExceeded, Refused

ZONE = ZoneInfo("Europe/Berlin")
QUARTER = 15 * 60_000
DAY = 24 * 3_600_000
ROLLING = {Period.DAY: DAY, Period.WEEK: 7 * DAY, Period.MONTH: 30 * DAY}
PERCENTS = (50, 75, 90, 100)
Sums = tuple[int, int, int, int]
"""Videos, seconds, credits, USD·10⁻⁶."""


@dataclass(frozen=True)
class Wares:
    """`count` videos of one kind; `price` in credits and `cost` in USD·10⁻⁶ are of one."""

    model: str
    seconds: int
    price: int
    cost: int
    count: int

    def sums(self) -> Sums:
        """All of them."""
        number = self.count
        return number, number * self.seconds, number * self.price, number * self.cost


@dataclass
class PlainJob:
    """One video, `live` until it is `made` or `lost`; `reported` is what it cost after all."""

    id: str
    person: Person
    channel: str
    wares: Wares
    at: int
    payer: Person | Channel
    state: str = "live"
    reported: int | None = None

    @property
    def cost(self) -> int:
        """USD·10⁻⁶, as far as it is known."""
        return self.wares.cost if self.reported is None else self.reported

    def sums(self) -> Sums:
        """What it counts for."""
        if self.state == "lost":
            return 0, 0, 0, self.reported or 0
        return 1, self.wares.seconds, self.wares.price, self.cost


@dataclass
class PlainBooks:
    """One workspace; `provider` makes all its videos, newcomers get `allowance` credits."""

    tenant: Tenant
    provider: str
    allowance: int
    jobs: list[PlainJob] = field(default_factory=list[PlainJob])
    rules: list[Rule] = field(default_factory=list[Rule])
    budgets: list[Budget] = field(default_factory=list[Budget])
    extras: list[Extra] = field(default_factory=list[Extra])
    told: dict[tuple[str, Period, int, int], tuple[int, int]] = field(
        default_factory=dict[tuple[str, Period, int, int], tuple[int, int]]
    )
    """(spent, cap) of every alert by scope, period, its start (ms) and percent."""
    credits: Counter[str] = field(default_factory=Counter[str])
    """Balances by account; those of real money are USD·10⁻⁶."""
    members: set[str] = field(default_factory=set[str])
    """Ids of the people who had their allowance."""

    # --- what is asked ------------------------------------------------------------------------

    def refusals(self, person: Person, channel: str, wares: Wares, now: int) -> list[Refused]:
        """Every way in which an order may be refused; none when it must be accepted."""
        asked = wares.sums()
        return (
            list(self._over_limits(person, channel, wares, now))
            or list(self._over_budgets(person, channel, asked[3], now))
            or list(self._too_dear(person, channel, asked[2]))
        )

    def payer(self, person: Person, channel: str, price: int) -> Person | Channel:
        """The channel for what it can pay as a whole, else the person."""
        purse = Channel(self.tenant, channel)
        return purse if self.credits[ledger.credits_of(purse).name] >= price else person

    def _over_limits(
        self, person: Person, channel: str, wares: Wares, now: int
    ) -> Iterator[QuotaExceeded]:
        for rule in self.rules_for(person, channel):
            if rule.model not in {"", wares.model}:
                continue
            counting = list(self.counting(rule, person, now))
            used, asked = _of(rule.unit, _added(j.sums() for j in counting)), wares.sums()
            limit = rule.limit + self.above(rule, person, now)
            if used + _of(rule.unit, asked) > limit:
                yield QuotaExceeded(
                    Limit(rule.subject, rule.unit, rule.period, limit, rule.model),
                    used,
                    _of(rule.unit, asked),
                    _resets(rule, counting, now),
                    _of(rule.unit, _added(j.sums() for j in counting if j.state == "live")),
                )

    def _over_budgets(
        self, person: Person, channel: str, asked: int, now: int
    ) -> Iterator[BudgetSpent]:
        for budget in self.budgets_for(channel):
            urgent = (budget.reserve_role in person.roles) or (
                budget.reserve_role is None and person.admin
            )
            mine = budget.cap if urgent else budget.cap - budget.reserve
            spent = self.spent(budget, now)
            if asked and spent + asked > mine:
                left = max(0, mine - spent)
                end = midnight(following(budget.period, day_of(now)))
                reserved = mine < budget.cap
                yield BudgetSpent(budget.scope, budget.period, left, asked, end, reserved=reserved)

    def _too_dear(self, person: Person, channel: str, price: int) -> Iterator[NotEnoughCredits]:
        payer = self.payer(person, channel, price)
        had = self.credits[ledger.credits_of(payer).name]
        if payer is person and person.id not in self.members:
            had = self.allowance
        if had < price:
            yield NotEnoughCredits(price, had)

    def rules_for(self, person: Person, channel: str) -> Iterator[Rule]:
        """The nearest rule of each kind for somebody, and all that people share there."""
        shared = {"workspace", f"channel:{channel}"}
        yield from (rule for rule in self.rules if rule.subject in shared)
        roles = {f"role:{role}" for role in person.roles}
        for kind in {(r.unit, r.period, r.model) for r in self.rules}:
            alike = [r for r in self.rules if (r.unit, r.period, r.model) == kind]
            for subjects in ({person.id}, roles, {"everyone"}):
                fitting = [rule for rule in alike if rule.subject in subjects]
                if fitting:
                    yield max(fitting, key=lambda rule: (rule.limit, rule.subject))
                    break

    def counting(self, rule: Rule, person: Person, now: int) -> Iterator[PlainJob]:
        """The jobs that a rule looks at, when somebody orders."""
        for job in self.jobs:
            if rule.subject.startswith("channel:"):
                fits = f"channel:{job.channel}" == rule.subject
            else:
                fits = rule.subject == "workspace" or job.person == person
            if fits and rule.model in {"", job.wares.model} and _within(rule, job.at, now):
                yield job

    def used(self, rule: Rule, person: Person, now: int) -> int:
        """How much counts for a rule, in its own unit."""
        return _of(rule.unit, _added(job.sums() for job in self.counting(rule, person, now)))

    def above(self, rule: Rule, person: Person, now: int) -> int:
        """What somebody has above a limit; nobody has it above one that people share."""
        if rule.subject == "workspace" or rule.subject.startswith("channel:"):
            return 0
        kind = (person.id, rule.unit, rule.period, rule.model)
        alike = [x for x in self.extras if (x.person, x.unit, x.period, x.model) == kind]
        return sum(x.amount for x in alike if x.until > now)

    def budgets_for(self, channel: str) -> list[Budget]:
        """The budgets that an order counts toward."""
        scopes = {"workspace", f"channel/{channel}", f"provider/{self.provider}"}
        return [budget for budget in self.budgets if budget.scope in scopes]

    def spent(self, budget: Budget, now: int) -> int:
        """USD·10⁻⁶ in the period of a budget; what a clock calls the future counts too."""
        first = first_day(budget.period, day_of(now))
        return sum(
            job.sums()[3]
            for job in self.jobs
            if budget.scope in {"workspace", f"channel/{job.channel}", f"provider/{self.provider}"}
            and day_of(job.at) >= first
        )

    def tallies(self) -> dict[tuple[str, str, int], Sums]:
        """All sums by scope, model and quarter of an hour; none that are nothing."""
        found: dict[tuple[str, str, int], list[Sums]] = {}
        for job in self.jobs:
            scopes = ("workspace", f"channel/{job.channel}", f"person/{job.person.id}")
            keys = [(scope, model) for scope in scopes for model in ("", job.wares.model)]
            for scope, model in [*keys, (f"provider/{self.provider}", "")]:
                key = (scope, model, job.at // QUARTER * QUARTER)
                found.setdefault(key, []).append(job.sums())
        added = {key: _added(sums) for key, sums in found.items()}
        return {key: sums for key, sums in added.items() if any(sums)}

    # --- what happens -------------------------------------------------------------------------

    def join(self, owner: Person | Channel) -> None:
        """A newcomer gets the allowance."""
        if isinstance(owner, Person) and owner.id not in self.members:
            self.members.add(owner.id)
            self.move(ledger.issued_by(self.tenant), ledger.credits_of(owner), self.allowance)

    def move(self, source: Account, target: Account, amount: int) -> None:
        """Credits go from here to there."""
        self.credits[source.name] -= amount
        self.credits[target.name] += amount

    def accept(self, job: PlainJob) -> None:
        """A new job, with its hold."""
        self.join(job.payer)
        self.move(ledger.credits_of(job.payer), ledger.held_for(job.payer), job.wares.price)
        self.jobs.append(job)

    def made(self, job: PlainJob) -> None:
        """Its price is spent."""
        job.state = "made"
        self.move(ledger.held_for(job.payer), ledger.spent_in(self.tenant), job.wares.price)
        self._cost(job)

    def lost(self, job: PlainJob, charged: int | None) -> None:
        """No video; the backend keeps `charged` (USD·10⁻⁶), None: nothing."""
        job.state, job.reported = "lost", charged
        self.move(ledger.held_for(job.payer), ledger.credits_of(job.payer), job.wares.price)
        if charged is not None:
            lost = ledger.lost_in(self.tenant)
            self.move(ledger.issued_by(self.tenant), lost, job.wares.price)
            self._cost(job)

    def _cost(self, job: PlainJob) -> None:
        """What the backend takes, in real money."""
        owed = ledger.owed_to(self.tenant, self.provider)
        self.move(owed, ledger.costs_at(self.tenant, self.provider), job.cost)

    def watch(self, budgets: Iterable[Budget], now: int) -> None:
        """Tell of what was reached, once in a period."""
        for budget in budgets:
            start, spent = midnight(first_day(budget.period, day_of(now))), self.spent(budget, now)
            for percent in PERCENTS:
                if budget.cap and spent * 100 >= percent * budget.cap:
                    key = (budget.scope, budget.period, start, percent)
                    self.told.setdefault(key, (spent, budget.cap))


# --- days -------------------------------------------------------------------------------------


def day_of(moment: int) -> date:
    """What the calendar on the wall says at a moment (ms)."""
    return datetime.fromtimestamp(moment / 1000, ZONE).date()


def midnight(day: date) -> int:
    """When a day begins (ms)."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp() * 1000)


def first_day(period: Period, today: date) -> date:
    """With which day the period began."""
    match period:
        case Period.DAY:
            return today
        case Period.WEEK:
            return today - timedelta(days=today.weekday())
        case Period.MONTH:
            return today.replace(day=1)


def following(period: Period, today: date) -> date:
    """With which day the next period begins."""
    day = today + timedelta(days=1)
    while first_day(period, day) == first_day(period, today):
        day += timedelta(days=1)
    return day


def ends(rule: Rule, now: int) -> int:
    """Until when something above a limit lasts (ms)."""
    if rule.window is Window.ROLLING:
        return now + ROLLING[rule.period]
    return midnight(following(rule.period, day_of(now)))


def _within(rule: Rule, at: int, now: int) -> bool:
    if rule.window is Window.ROLLING:
        return at // QUARTER >= (now - ROLLING[rule.period]) // QUARTER
    return day_of(at) >= first_day(rule.period, day_of(now))


def _resets(rule: Rule, counting: list[PlainJob], now: int) -> int:
    if rule.window is Window.CALENDAR:
        return midnight(following(rule.period, day_of(now)))
    quarters = [job.at // QUARTER for job in counting if job.state != "lost"]
    left_by = (min(quarters) + 1) * QUARTER if quarters else now
    return left_by + ROLLING[rule.period]


def _of(unit: Unit, sums: Sums) -> int:
    return sums[(Unit.VIDEOS, Unit.SECONDS, Unit.CREDITS).index(unit)]


def _added(all_sums: Iterable[Sums]) -> Sums:
    columns = list(zip(*all_sums, strict=True)) or [(), (), (), ()]
    videos, seconds, credits_, micros = map(sum, columns)
    return videos, seconds, credits_, micros
