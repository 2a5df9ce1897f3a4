"""On Discord no draft gets round its review, whatever is pressed, typed, chosen or made up."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pytest

from adapters.discord.counter import ANIMATE
from adapters.discord.keys import NOBODY, Dialog, Press, about, press_of
from bot import wording
from bot.commands.dispatch import HANDLERS
from bot.commands.grammar import (
    AGREED,
    DISMISS,
    GRAMMAR,
    REPLIED,
    TYPED,
    Kind,
    Right,
    Verb,
    verb_named,
)
from bot.domain.messages import Button
from bot.domain.reactions import LIKING
from tests.fakes.bypass_story import (
    JOB_VERBS,
    NAMES,
    Draft,
    Shown,
    Try,
    Who,
    begin,
    filled,
    nobody_gets_through,
)
from tests.fakes.discord_bot import Town, plain_text
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.commands import NotOffered
from tests.fakes.discord_server.components import BUTTON, LABEL, ROW, TEXT_INPUT
from tests.fakes.discord_server.interactions import MODAL_SUBMIT, Asked
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.people import Person
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.stages import RICH, OnDiscord, command_of

pytestmark = pytest.mark.timeout(60)
"""Seconds: each tries some hundred ways, on machines that do much else, too."""
UNSEEN = (AGREED, DISMISS, REPLIED, TYPED)
"""Verbs that are in no grammar; whoever made up a name could put them in, and is answered."""
EVERYBODY = pytest.mark.parametrize("who", list(Who))


@dataclass
class Place(OnDiscord):
    """Where they try: the channel with the draft's card, and a server where each of them rules."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rival = self.town.server.guild("Rival")
        self.den = self.rival.channel("den")
        for person in self.people.values():
            self.rival.join(person, Permission.MANAGE_GUILD)

    async def catch_up(self) -> None:
        await self.life.work()

    def who(self, name: str) -> str:
        return str(self.people[name].id)

    async def everywhere(self) -> list[Shown]:
        places = self.town.server.world.channels.values()
        open_to_all = [place for place in places if place.guild_id is not None]
        return [_shown(one) for place in open_to_all for one in self.town.ours(place)]

    @property
    def card(self) -> Message:
        """Of the draft, in the channel."""
        return self.town.card()


def _shown(message: Message) -> Shown:
    text = "\n".join([plain_text(message), *message.history])
    return Shown(text, tuple(file.sha256 for file in message.files))


@dataclass(frozen=True)
class Tries:
    """What one of them does about a draft."""

    place: Place
    draft: Draft

    @property
    def person(self) -> Person:
        return self.place.people[NAMES[self.draft.who]]

    @property
    def channel(self) -> Channel:
        return self.place.town.channel

    @property
    def job(self) -> str:
        return self.draft.job.id

    # --- buttons --------------------------------------------------------------------------

    def buttons(self) -> Iterator[Try]:
        """Every name that a button can have, in the channel of the draft."""
        for verb in (*HANDLERS, *UNSEEN):
            args = self._args(verb)
            press = press_of(Button(verb, verb, args), None, None)
            if press.fits:
                yield self._press(self.channel, press, verb)
        typed = {"text": f"/sora publish {self.job} sure"}
        for verb in (TYPED, REPLIED):
            yield self._press(self.channel, press_of(Button(verb, verb, typed), None, None))

    def askers(self) -> Iterator[Try]:
        """The same with a dialog before it, that asks for any of its words."""
        for verb in HANDLERS:
            args = self._args(verb)
            for asks in args:
                press = press_of(Button(verb, verb, args, asks=asks), None, None)
                if press.fits:
                    yield self._press(self.channel, press)

    def forged(self) -> Iterator[Try]:
        """More in it than we would write, in another place, or for another server."""
        wanted = Press("publish", self.job, more=(("sure", "yes"),))
        lobby = f"<#{self.place.town.studio.channel('lobby').id}>"
        extra = [("stand", "published"), ("reviewer", self.place.who("Mara")), ("to", lobby)]
        extra += [("to", "here"), ("person", self.place.who("Mara")), ("more", self.job)]
        for pair in extra:
            yield self._press(self.channel, replace(wanted, more=(*wanted.more, pair)))
        also = replace(wanted, more=(*wanted.more, ("job", self.job)))
        for other in (self.draft.beside, NOBODY):
            yield self._press(self.channel, replace(also, job=other))
        here, there = (str(one.id) for one in (self.place.town.studio, self.place.rival))
        for verb in ("publish", "show", "review approve", "remix"):
            press = press_of(Button(verb, verb, self._args(verb)), None, None)
            yield self._press(self.person.dm, replace(press, guild=here), verb)
            yield self._press(self.person.dm, replace(press, guild=there))
            yield self._press(self.place.den, press)
            yield self._press(self.place.den, replace(press, guild=here))

    def _press(self, place: Channel, press: Press, verb: str = "") -> Try:
        do = partial(self._answered, partial(self._pressed, place, press.custom_id))
        return Try(f"button {press.custom_id} in {place.name}", do, verb)

    async def _pressed(self, place: Channel, custom_id: str) -> Asked:
        """The library takes presses only of what stands below the message."""
        part = {"type": BUTTON, "custom_id": custom_id, "label": "Go", "style": 2, "id": 2}
        message = self.person.says(place, "hello")
        message.components = [{"type": ROW, "components": [part], "id": 1}]
        return await self.person.use(message, part)

    # --- dialogs --------------------------------------------------------------------------

    def dialogs(self) -> Iterator[Try]:
        """Every dialog that there is, filled in, and sent with the job in a field instead."""
        for verb in (*HANDLERS, *UNSEEN, ANIMATE):
            args = self._args(verb)
            rest = {name: text for name, text in args.items() if name != about(verb)}
            if about(verb) in args:
                yield self._submit(Dialog(verb, self.job, "1"), rest, verb)
            yield self._submit(Dialog(verb, NOBODY, "1"), args, verb)

    def _submit(self, dialog: Dialog, fields: Mapping[str, str], verb: str = "") -> Try:
        data = {
            "custom_id": dialog.custom_id,
            "components": [_field(*one) for one in fields.items()],
        }
        ask = self.person.desk.interactions.ask
        sent = partial(ask, MODAL_SUBMIT, self.person, self.channel, data)
        return Try(f"dialog {dialog.custom_id}", partial(self._answered, sent), verb)

    # --- commands and menus ---------------------------------------------------------------

    def commands(self) -> Iterator[Try]:
        """Every command about a video, in the channel and in private."""
        for verb in JOB_VERBS:
            for place in (self.channel, self.person.dm):
                ask = partial(self.person.slash, place, command_of(verb), **self._options(verb))
                expected = "" if place.guild_id is None else verb.name
                yield Try(f"/{command_of(verb)}", partial(self._answered, ask), expected)

    def _options(self, verb: Verb) -> dict[str, object]:
        kinds = {param.name: param.kind for param in verb.params}
        return {name: _option(kinds[name], text) for name, text in self._args(verb.name).items()}

    def menus(self) -> Iterator[Try]:
        """Apps → …, on the draft's card and on its author; the dialogs that open are sent."""
        card, author = self.place.card, self.person
        for name in (wording.MENU_REMIX, wording.MENU_DETAILS):
            verb = "remix" if name == wording.MENU_REMIX else ""
            ask = partial(author.message_menu, card, name)
            yield Try(f"menu {name}", partial(self._answered, ask, prompt="at night"), verb)
        ask = partial(author.user_menu, author, wording.MENU_QUOTA, self.channel)
        yield Try("menu of a person", partial(self._answered, ask, limit="9"))

    # --- messages and signs ---------------------------------------------------------------

    def words(self) -> Iterator[Try]:
        """What is written and put beside the draft's card, and in a thread under it."""
        world, card = self.place.town.server.world, self.place.card
        thread = world.open_thread(card.id, self.channel, "about it", self.person)
        line = f"{world.bot.mention} publish {self.job} sure"
        for place in (self.channel, thread, self.person.dm):
            yield Try(f"says in {place.name}", partial(self._says, place, line))
        for command in ("sora remix", "sora tree"):
            options = {"prompt": "at night"} if command == "sora remix" else {"here": True}
            ask = partial(self.person.slash, thread, command, **options)
            verb = "remix" if command == "sora remix" else ""
            yield Try(f"/{command} in its thread", partial(self._answered, ask), verb)
        for sign in sorted(LIKING):
            yield Try(f"reacts {sign}", partial(self._reacts, sign))

    async def _says(self, place: Channel, text: str) -> None:
        self.person.says(place, text)
        await self._heard()

    async def _reacts(self, sign: str) -> None:
        self.person.reacts(self.place.card, sign)
        await self._heard()

    async def _heard(self) -> None:
        """Whatever came before a question is taken before it."""
        await (await self.person.slash(self.channel, "sora queue")).answer()

    # --- answers --------------------------------------------------------------------------

    async def _answered(self, ask: Callable[[], Awaitable[Asked]], **fields: str) -> Shown | None:
        """What they see; of a dialog, once it was sent with `fields`. None: it is not offered."""
        try:
            asked = await ask()
        except NotOffered:
            return None
        if asked.modal is None:
            return _shown(await asked.answer())
        seen = Shown(json.dumps(asked.modal.components, ensure_ascii=False))
        if not fields:
            return seen
        said = await (await self.person.submit(asked.modal, dict(fields))).answer()
        return Shown(f"{seen.text}\n{plain_text(said)}", _shown(said).files)

    def _args(self, verb: str) -> dict[str, str]:
        shaped = verb_named(verb)
        return filled(shaped, self.job) if shaped else {about(verb): self.job}


def _field(name: str, text: str) -> dict[str, object]:
    field = {"type": TEXT_INPUT, "custom_id": name, "value": text}
    return {"type": LABEL, "component": field}


def _option(kind: Kind, text: str) -> object:
    if kind is Kind.FLAG:
        return True
    return int(text) if kind is Kind.NUMBER else text


WAYS: Mapping[str, Callable[[Tries], Iterator[Try]]] = {
    "buttons": Tries.buttons,
    "askers": Tries.askers,
    "forged": Tries.forged,
    "dialogs": Tries.dialogs,
    "commands": Tries.commands,
    "menus": Tries.menus,
    "words": Tries.words,
}


@EVERYBODY
@pytest.mark.parametrize("way", WAYS)
async def test_no_draft_gets_round_its_review(town: Town, who: Who, way: str) -> None:
    town.world.provider.instant = True
    async with town.bot(RICH) as life:
        place = Place(town, life)
        draft = await begin(place, who)
        assert await nobody_gets_through(place, draft, WAYS[way](Tries(place, draft)))


@EVERYBODY
async def test_nobody_is_offered_the_draft_of_somebody_else(town: Town, who: Who) -> None:
    town.world.provider.instant = True
    async with town.bot(RICH) as life:
        place = Place(town, life)
        draft = await begin(place, who)
        person = place.people[NAMES[who]]
        for verb in JOB_VERBS:
            if verb.right is Right.ADMIN and not person.sees(town.channel, "sora-admin"):
                continue
            for typed in ("", draft.job.id[:4], "heron"):
                found = await person.autocomplete(
                    town.channel, command_of(verb), option="job", typed=typed
                )
                offered = {one.value for one in found} & {draft.job.id}
                assert not offered or who is not Who.OTHER, (verb.name, typed)
        mine = await person.autocomplete(
            town.channel, "sora video publish", option="job", typed="heron"
        )
        assert (draft.job.id in [one.value for one in mine]) is (who is not Who.OTHER)


def test_every_verb_of_the_grammar_is_tried_as_a_button_and_as_a_dialog() -> None:
    assert set(HANDLERS) == {verb.name for verb in GRAMMAR}
