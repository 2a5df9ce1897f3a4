"""Verbs about limits: quota, admin quota show, admin quota set."""

from __future__ import annotations

from bot import wording
from bot.commands.grammar import NO_LIMIT
from bot.commands.handler import Handlers, Services
from bot.commands.values import deed_of, name_of, person_of, subject_of
from bot.domain.messages import Invocation, Line, Message, Reply
from bot.domain.quotas import Period, Rule, Unit, Window
from bot.domain.refs import Person


async def quota(services: Services, asked: Invocation) -> Reply:
    """What the person has left."""
    return Reply(Message(await _standing(services, asked.person)))


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


async def _standing(services: Services, who: Person) -> tuple[Line, ...]:
    allowance = await services.quotas.standing(who)
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
    rule = Rule(
        subject,
        Unit(args["unit"]),
        Period(args["period"]),
        0 if lifted else int(args["limit"]),
        Window.ROLLING if "rolling" in args else Window.CALENDAR,
    )
    if lifted:
        dropped = await services.quotas.drop_rule(deed_of(asked), rule)
        return Reply(Message((wording.rule_dropped_line(rule, name, dropped=dropped),)))
    await services.quotas.set_rule(deed_of(asked), rule)
    return Reply(Message((wording.rule_set_line(rule, name),)))


HANDLERS: Handlers = {
    "quota": quota,
    "admin quota show": show,
    "admin quota set": set_limit,
}
