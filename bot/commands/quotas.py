"""Verbs about limits: quota, admin quota show, admin quota set."""

from __future__ import annotations

from dataclasses import replace

from bot import wording
from bot.commands.grammar import NO_LIMIT
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of, name_of, person_of, subject_of
from bot.domain.messages import Button, Invocation, Line, Message, Reply
from bot.domain.quotas import Period, Rule, Unit, Window
from bot.domain.refs import Person, Place
from bot.domain.reports import By, When

LISTED = 15
"""People in a list."""


async def quota(services: Services, asked: Invocation) -> Reply:
    """What the person has left, here."""
    more = Button(wording.ASK_FOR_MORE, "more", {}, asks="reason")
    tier = services.videos.tiers.of(asked.person)
    named = (wording.tier_line(tier),) if tier else ()
    lines = (*named, *await _standing(services, asked.person, asked.place))
    return Reply(Message(lines, buttons=(more,)))


async def show(services: Services, asked: Invocation) -> Reply:
    """All limits of the workspace, or where one person stands."""
    if "person" in asked.args:
        who = person_of(asked.args["person"], asked.person.tenant, services.find_person)
        return Reply(Message((wording.standing_of(who), *await _standing(services, who))))
    rules = await services.quotas.rules(asked.person)
    lines = tuple(wording.rule_line(rule, _name(services, asked.person, rule)) for rule in rules)
    return Reply(Message(lines or (wording.NO_RULES,)))


def _name(services: Services, who: Person, rule: Rule) -> str:
    return name_of(rule.subject, who.tenant, services.find_person)


async def _standing(
    services: Services, who: Person, place: Place | None = None
) -> tuple[Line, ...]:
    allowance = await services.quotas.standing(who, place)
    now = services.clock.now()
    limits = tuple(
        wording.standing_line(standing, allowance.zone, now, _name(services, who, standing.rule))
        for standing in allowance.standings
    )
    balance = wording.balance_line(allowance.available, allowance.held)
    return (balance, *(limits or (wording.NO_LIMITS,)))


async def set_limit(services: Services, asked: Invocation) -> Reply:
    """Set a limit, or take one away."""
    args = asked.args
    subject, name = subject_of(args["person"], asked.person.tenant, services.find_person)
    lifted = args["limit"] == NO_LIMIT
    rule = replace(
        _wanted(services, asked),
        subject=subject,
        limit=0 if lifted else int(args["limit"]),
        window=Window.ROLLING if "rolling" in args else Window.CALENDAR,
    )
    if lifted:
        dropped = await services.quotas.drop_rule(deed_of(asked), rule)
        return Reply(Message((wording.rule_dropped_line(rule, name, dropped=dropped),)))
    await services.quotas.set_rule(deed_of(asked), rule)
    return Reply(Message((wording.rule_set_line(rule, name),)))


def _wanted(services: Services, asked: Invocation) -> Rule:
    """The unit, period and model that are asked for."""
    args = asked.args
    model = args.get("model", "")
    if model:
        model = services.videos.shop.catalogue().get(model).name
    return Rule("", Unit(args["unit"]), Period(args["period"]), 0, model=model)


async def grant(services: Services, asked: Invocation) -> Reply:
    """Let somebody use more of a limit."""
    who = person_of(asked.args["person"], asked.person.tenant, services.find_person)
    amount = int(asked.args["amount"])
    given = await services.quotas.grant_as(deed_of(asked), who, _wanted(services, asked), amount)
    return Reply(Message((wording.grew_line(who, [given]),)))


async def reset(services: Services, asked: Invocation) -> Reply:
    """Let the limits of somebody start anew."""
    who = person_of(asked.args["person"], asked.person.tenant, services.find_person)
    given = await services.quotas.reset(deed_of(asked), who)
    return Reply(Message((wording.grew_line(who, given),)))


async def top(services: Services, asked: Invocation) -> Reply:
    """Who made most."""
    span = When(asked.args.get("period", When.MONTH))
    found = await services.reports.usage(asked.person, By.USER, span)
    tenant, find = asked.person.tenant, services.find_person
    lines = tuple(
        wording.usage_line(place, f"@{name_of(person, tenant, find) or person}", used)
        for place, (person, used) in enumerate(found.rows[:LISTED], start=1)
    )
    return Reply(Message(lines or (wording.NOTHING_MADE,)))


HANDLERS: Handlers = {
    "quota": quota,
    "admin quota show": show,
    "admin quota set": set_limit,
    "admin quota grant": grant,
    "admin quota reset": reset,
    "admin quota top": top,
}
