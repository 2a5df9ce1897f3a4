"""The three chats as stages of a story: people of one workspace, in one channel each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord.places import tenant_of as guild_of
from adapters.slack.workspaces import tenant_of as team_of
from adapters.web.platform import PEOPLE, TENANT
from bot.commands.grammar import Kind, Verb, verb_named
from bot.domain.refs import Person, Tenant
from tests.fakes.core import Core, Options
from tests.fakes.discord_bot import Life as DiscordLife
from tests.fakes.discord_bot import Town, plain_text
from tests.fakes.slack_bot import Life as SlackLife
from tests.fakes.slack_bot import Office
from tests.fakes.web_life import WebLife, in_channel, told, words

RICH = Options(allowance=5_000)
"""Everybody can pay for all of it."""


def typed(verb: str, args: Mapping[str, str]) -> str:
    """A line of the grammar: flags by their name, words that may be left out with it, all else in
    order.
    """
    shaped = verb_named(verb)
    assert shaped
    flags = {param.name for param in shaped.params if param.kind is Kind.FLAG}
    words = {one.name for one in shaped.params if one.kind is Kind.WORD and not one.required}
    named = {name: f"{name}:{text}" if name in words else text for name, text in args.items()}
    given = [name if name in flags else text for name, text in named.items()]
    return " ".join([*shaped.words, *given])


def command_of(verb: Verb) -> str:
    """Where a verb stands among Discord's commands."""
    path = [verb.menu] if verb.menu else verb.words[:-1]
    return " ".join([verb.group.value, *path, verb.words[-1]])


# --- the web chat -------------------------------------------------------------------------


@dataclass
class OnTheWeb:
    """The web chat; it knows whoever speaks."""

    core: Core
    life: WebLife
    posts: Sequence[Any] = ()
    tenant: Tenant = TENANT

    def person(self, who: str) -> Person:
        known = {person.name: person for person in PEOPLE}
        return known.get(who) or Person(TENANT, who.lower(), who)

    async def ask(self, who: str, verb: str, /, **args: str) -> str:
        shaped = verb_named(verb)
        assert shaped
        line = f"/{shaped.group} {typed(verb, args)}"
        return await told(self.life, self.person(who), line)

    async def settle(self) -> None:
        await self.life.wait(15_000)
        self.posts = await in_channel(self.life, self.person("Nobody"))

    def thread(self) -> list[str]:
        found = [one for one in self.posts if one.video and "Remix of" in words(one)]
        return [f"{one.quote} {words(one)}" for one in found]

    def pictures(self) -> int:
        return sum(bool(one.attachments) for one in self.posts)

    async def told(self, who: str) -> str:
        found = await in_channel(self.life, self.person(who))
        return "\n".join(f"{words(one)} {one.quote}" for one in found)


# --- Discord ------------------------------------------------------------------------------


@dataclass
class OnDiscord:
    """Discord, with the real adapter."""

    town: Town
    life: DiscordLife

    def __post_init__(self) -> None:
        town = self.town
        self.core = self.life.core
        self.tenant = guild_of(town.studio.id)
        self.people = {"Ana": town.ana, "Ben": town.ben, "Mara": town.mara}

    async def ask(self, who: str, verb: str, /, **args: str) -> str:
        shaped = verb_named(verb)
        assert shaped
        flags = {param.name for param in shaped.params if param.kind is Kind.FLAG}
        options = {name: True if name in flags else text for name, text in args.items()}
        asked = await self.people[who].slash(self.town.channel, command_of(shaped), **options)
        return plain_text(await asked.answer())

    async def settle(self) -> None:
        await self.life.wait(15_000)

    def thread(self) -> list[str]:
        first = self.town.videos()[0]
        below = self.town.server.thread(first)
        return [plain_text(one) for one in self.town.videos(below)] if below else []

    def pictures(self) -> int:
        shown = [one for one in self.town.ours() if one.files]
        return sum(file.name.endswith(".png") for one in shown for file in one.files)

    async def told(self, who: str) -> str:
        return "\n".join(plain_text(one) for one in self.town.ours(self.people[who].dm))


# --- Slack --------------------------------------------------------------------------------


@dataclass
class OnSlack:
    """Slack, with the real adapter."""

    office: Office
    life: SlackLife

    def __post_init__(self) -> None:
        office = self.office
        self.core = self.life.core
        self.tenant = team_of(office.ana.team_id)
        self.people = {"Ana": office.ana, "Ben": office.ben, "Mara": office.mara}

    async def ask(self, who: str, verb: str, /, **args: str) -> str:
        shaped = verb_named(verb)
        assert shaped
        line = typed(verb, args)
        asked = await self.people[who].slash(self.office.channel, f"/{shaped.group}", line)
        return (await asked.answer()).text

    async def settle(self) -> None:
        """Slack shows files in its own time."""
        for _ in range(20):
            await self.life.live(5_000)
            async with self.core.store.reading() as tx:
                if await tx.outbox.next_due(["slack"]) is None:
                    break
        await self.office.server.until(self._all_shown)

    def _all_shown(self) -> bool:
        files = self.office.server.world.shelf.files.values()
        return all(file.public or file.private for file in files if not file.deleted)

    def thread(self) -> list[str]:
        return [one.text for one in self.office.videos() if "Remix of" in one.text]

    def pictures(self) -> int:
        return sum(file.name.endswith(".png") for one in self.office.ours() for file in one.files)

    async def told(self, who: str) -> str:
        return "\n".join(one.text for one in self.office.ours(self.people[who].direct))
