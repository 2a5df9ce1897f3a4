"""One thing a person asked for → one answer; the callable that chats are given."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot import wording
from bot.commands import audit as audit_verbs
from bot.commands import blocks as block_verbs
from bot.commands import budgets as budget_verbs
from bot.commands import credits as credit_verbs
from bot.commands import doctor as doctor_verb
from bot.commands import help as help_verb
from bot.commands import library as library_verbs
from bot.commands import links as link_verbs
from bot.commands import models as model_verb
from bot.commands import orders as order_verbs
from bot.commands import overview as overview_verbs
from bot.commands import permits as permit_verbs
from bot.commands import prompts as prompt_verbs
from bot.commands import quotas as quota_verbs
from bot.commands import reconciliation as reconciliation_verb
from bot.commands import releases as release_verbs
from bot.commands import reports as report_verbs
from bot.commands import requests as request_verbs
from bot.commands import settings as setting_verbs
from bot.commands import styles as style_verbs
from bot.commands import switches as switch_verbs
from bot.commands import takedowns as takedown_verbs
from bot.commands import threads as thread_verbs
from bot.commands import trees as tree_verb
from bot.commands import unknowns as unknown_verbs
from bot.commands import videos as video_verbs
from bot.commands.grammar import (
    AGREED,
    CODE,
    OVERHEARD,
    REACTED,
    REPLIED,
    TYPED,
    Kind,
    Right,
    Verb,
    verb_named,
)
from bot.commands.handler import Handler, Services
from bot.commands.parse import verb_in
from bot.commands.values import checked, deed_of, wish_of
from bot.domain.audit import Change
from bot.domain.messages import Invocation, Reply
from bot.domain.refs import Tenant
from bot.domain.styles import PLAIN
from bot.errors import NotAllowed, NotConfirmed, Refused, UnknownThing, Waits, Withheld
from bot.ports import Suggestion

HANDLERS: Mapping[str, Handler] = {
    **video_verbs.HANDLERS,
    **library_verbs.HANDLERS,
    **prompt_verbs.HANDLERS,
    **model_verb.HANDLERS,
    **style_verbs.HANDLERS,
    **quota_verbs.HANDLERS,
    **credit_verbs.HANDLERS,
    **budget_verbs.HANDLERS,
    **request_verbs.HANDLERS,
    **setting_verbs.HANDLERS,
    **thread_verbs.HANDLERS,
    **release_verbs.HANDLERS,
    **tree_verb.HANDLERS,
    **permit_verbs.HANDLERS,
    **takedown_verbs.HANDLERS,
    **link_verbs.HANDLERS,
    **audit_verbs.HANDLERS,
    **block_verbs.HANDLERS,
    **switch_verbs.HANDLERS,
    **overview_verbs.HANDLERS,
    **unknown_verbs.HANDLERS,
    **report_verbs.HANDLERS,
    **reconciliation_verb.HANDLERS,
    **doctor_verb.HANDLERS,
    **help_verb.HANDLERS,
}
"""Who does each verb of the grammar."""

SUGGESTED = 25
"""Suggestions that every chat can show."""

log = logging.getLogger(__name__)


class Commands:
    """Answers invocations; `answer` is what `ChatPlatform.serve` takes."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, invocation: Invocation) -> Reply:
        """Do what was asked and say what came of it. Never raises."""
        try:
            return await self._hear(invocation)
        except Refused as no:
            zone = await self._zone(invocation.person.tenant)
            message = wording.refusal(no, zone, self._services.clock.now())
            return Reply(message, refused=True)
        except Exception:  # the person must hear of it, and the chat must go on
            reference = secrets.token_hex(2)
            who = invocation.person.key
            log.exception("reference %s: %s by %s broke", reference, invocation.verb, who)
            return Reply(wording.broken(reference), refused=True)

    async def _zone(self, tenant: Tenant) -> ZoneInfo:
        """Where the workspace lives, for local times."""
        try:
            return (await self._services.workspaces.look(tenant)).zone
        except Exception:  # what was refused matters more than in which zone it is told
            log.exception("the zone of %s could not be looked up", tenant.key)
            return self._services.zone

    async def suggest(self, asked: Invocation, name: str) -> Sequence[Suggestion]:
        """What the person may mean by the argument `name`, which they are still typing."""
        verb = verb_named(asked.verb)
        param = verb.param(name) if verb else None
        typed = asked.args.get(name, "")
        if param and param.kind is Kind.STYLE:
            return await self._suggest_styles(asked, typed)
        if param and param.kind is Kind.MODEL:
            return self._suggest_models(typed)
        if param is None or param.kind is not Kind.JOB:
            return ()
        jobs = await self._services.videos.suggest(asked.person, asked.place, typed, param.wanted)
        return tuple(Suggestion(job.id, wording.suggestion(job)) for job in jobs[:SUGGESTED])

    async def _suggest_styles(self, asked: Invocation, typed: str) -> Sequence[Suggestion]:
        """Styles, and last to take none."""
        found = await self._services.styles.suggest(asked.person, typed)
        styles = [Suggestion(one.name, wording.style_suggestion(one)) for one in found]
        none = [Suggestion(PLAIN, wording.NO_STYLE)] if typed.lower() in PLAIN else []
        return (*styles[: SUGGESTED - 1], *none) if styles or typed else ()

    def _suggest_models(self, typed: str) -> Sequence[Suggestion]:
        """What is on sale with that in its name, or in what people call it."""
        word = typed.strip().lower()
        models = self._services.videos.shop.catalogue()
        found = [one for one in models if word in one.name.lower() or word in one.label.lower()]
        return tuple(Suggestion(one.name, one.label) for one in found[:SUGGESTED])

    async def _hear(self, said: Invocation) -> Reply:
        """Read what was typed first, if it was."""
        if said.verb == OVERHEARD:
            return await thread_verbs.overheard(self._services, said)
        if said.verb == REACTED:
            return await library_verbs.reacted(self._services, said)
        asked = said
        try:
            asked = await self._read(said)
            return await self._do(asked)
        except Refused as no:
            await self._note_refusal(asked, no)
            raise

    async def _read(self, said: Invocation) -> Invocation:
        if said.verb == AGREED:
            return await self._services.quotes.agree(said.person, said.args.get("quote", ""))
        if said.verb == REPLIED:
            return await thread_verbs.replied(self._services, said)
        return thread_verbs.typed(said) if said.verb == TYPED else said

    async def _note_refusal(self, asked: Invocation, no: Refused) -> None:
        """Nobody tries what is for admins, or fails at it as one, without a record.

        The same holds for whoever tries to get round a review.
        """
        verb = _meant(asked)
        if verb and (verb.right is Right.ADMIN or isinstance(no, Withheld)):
            deed = deed_of(replace(asked, verb=verb.name))
            wish = Change("") if verb.param(CODE) else wish_of(asked)
            await self._services.audit.refused(deed, wish, no)

    async def _do(self, asked: Invocation) -> Reply:
        verb = verb_named(asked.verb)
        if verb is None:
            raise UnknownThing("command", asked.verb)
        if verb.right is Right.ADMIN and not asked.person.admin:
            raise NotAllowed(verb.right)
        asked = replace(asked, args=checked(verb, asked.args))
        try:
            return await HANDLERS[verb.name](self._services, asked)
        except NotConfirmed as no:
            quote = await self._services.quotes.offer(asked, no)
            return order_verbs.question(no, quote)
        except Waits as no:
            return permit_verbs.waits(no)


def _meant(asked: Invocation) -> Verb | None:
    """The verb of an invocation, also of a line that could not be read to its end."""
    if asked.verb in {TYPED, REPLIED}:
        return verb_in(asked.args.get("text", ""))
    return verb_named(asked.verb)
