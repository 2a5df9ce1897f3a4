"""Verbs about real money: admin budget show, admin budget set."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import NO_LIMIT
from bot.commands.handler import Handlers, Services
from bot.commands.shapes import money_of
from bot.commands.values import deed_of, role_of, scope_of
from bot.domain.budgets import Budget
from bot.domain.messages import Invocation, Line, Message, Reply
from bot.domain.quotas import Period
from bot.errors import InvalidInput


async def show(services: Services, asked: Invocation) -> Reply:
    """Every budget as it stands."""
    found = await services.budgets.standings(asked.person)
    workspace = await services.workspaces.look(asked.person.tenant)
    now = services.clock.now()
    lines = tuple(wording.spending_line(one, workspace.zone, now) for one in found)
    warned = () if workspace.alerts or not found else (wording.NO_ALERTS,)
    return Reply(Message((*(lines or (wording.NO_BUDGETS,)), *warned)))


async def set_budget(services: Services, asked: Invocation) -> Reply:
    """Set a budget, or take one away."""
    args = asked.args
    scope = scope_of(
        args.get("scope", ""), asked, services.find_person, services.videos.shop.providers()
    )
    period = Period(args["period"])
    if args["amount"] == NO_LIMIT:
        budget = Budget(scope, period, 0)
        dropped = await services.budgets.drop(deed_of(asked), budget)
        return Reply(Message((wording.budget_dropped_line(budget, dropped=dropped),)))
    cap = money_of(args["amount"]) or 0
    reserve = money_of(args.get("reserve", "0")) or 0
    if reserve > cap:
        raise InvalidInput("reserve", args["reserve"], wording.at_most(wording.usd(cap)))
    role = role_of(args["role"]) if "role" in args else None
    spending = await services.budgets.set(deed_of(asked), Budget(scope, period, cap, reserve, role))
    workspace = await services.workspaces.look(asked.person.tenant)
    line = wording.budget_set_line(spending, workspace.zone, services.clock.now())
    warned: tuple[Line, ...] = () if workspace.alerts else (wording.NO_ALERTS,)
    return Reply(Message((line, *warned)))


HANDLERS: Handlers = {"admin budget show": show, "admin budget set": set_budget}
