"""On Slack no draft gets round its review, whatever is pressed, typed, chosen or made up."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import pytest

from adapters.slack.keys import Errand
from bot.commands.dispatch import HANDLERS
from bot.commands.grammar import AGREED, DISMISS, REPLIED, TYPED, verb_named
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
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.blocks import Part
from tests.fakes.slack_server.channels import DIRECT
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.offers import GLOBAL
from tests.fakes.slack_server.parcels import INTERACTIVE
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.views import View
from tests.fakes.stages import RICH, OnSlack, typed

pytestmark = pytest.mark.timeout(60)
"""Seconds: each tries some hundred ways, on machines that do much else, too."""
UNSEEN = (AGREED, REPLIED, TYPED)
"""Verbs that are in no grammar; whoever made up a name could put them in, and is answered."""
SIGNS = ("star", "heart", "+1", "fire")
STEP = 250
"""Ms between two tries."""


class Place(OnSlack):
    """Where they try: the channel with the draft's card."""

    async def catch_up(self) -> None:
        await self.life.live(STEP)

    def who(self, name: str) -> str:
        return self.people[name].id

    async def everywhere(self) -> list[Shown]:
        places = self.office.server.world.channels.values()
        open_to_all = [place for place in places if place.kind != DIRECT]
        return [_shown(one) for place in open_to_all for one in self.office.ours(place)]


def _shown(message: Message) -> Shown:
    text = "\n".join([message.text, *message.history])
    return Shown(text, tuple(file.sha256 for file in message.files))


@dataclass(frozen=True)
class Tries:
    """What one of them does about a draft."""

    place: Place
    draft: Draft

    @property
    def office(self) -> Office:
        return self.place.office

    @property
    def person(self) -> Person:
        return self.place.people[NAMES[self.draft.who]]

    @property
    def card(self) -> Message:
        """Of the draft, in the channel."""
        return self.office.card()

    @property
    def job(self) -> str:
        return self.draft.job.id

    # --- buttons --------------------------------------------------------------------------

    def buttons(self) -> Iterator[Try]:
        """Every action that a button can have, in the channel of the draft."""
        for verb in (*HANDLERS, *UNSEEN):
            yield self._press(verb, self._args(verb), verb)
        line = {"text": f"/sora publish {self.job} sure"}
        for verb in (TYPED, REPLIED):
            yield self._press(verb, line)
        yield Try("dismiss", partial(self._unheard, f"sora:{DISMISS}:0", self._args(DISMISS)))

    def forged(self) -> Iterator[Try]:
        """More in its value than we would write, and what is no value of ours."""
        wanted = {"job": self.job, "sure": "yes"}
        lobby = self.office.server.channel("lobby")
        extra = ({"stand": "published"}, {"reviewer": self.place.who("Mara")}, {"more": self.job})
        extra += ({"to": f"<#{lobby.id}|lobby>"}, {"to": "here"}, {"person": "U1"})
        for more in extra:
            yield self._press("publish", {**wanted, **more})
        yield self._press("publish", {**wanted, "job": f"#{self.job[:4]}"})
        values = ({"job": [self.job], "sure": True}, [self.job], self.job)
        for value in values:
            yield self._press("publish", value, silent=not isinstance(value, dict))
        for name in ("sora:publish", "sora:Publish:0", f"sora:publish:{self.job}"):
            yield Try(name, partial(self._unheard, name, wanted))

    def _press(self, verb: str, value: object, meant: str = "", *, silent: bool = False) -> Try:
        action = f"sora:{verb.replace(' ', '.')}:0"
        if silent:
            return Try(f"button {action} {value}", partial(self._unheard, action, value), meant)
        do = partial(self._answered, partial(self._pressed, action, value))
        return Try(f"button {action} {value}", do, meant)

    async def _pressed(self, action: str, value: object) -> Asked:
        message = self.person.says(self.office.channel, "hello")
        element: Object = {"type": "button", "action_id": action, "value": json.dumps(value)}
        element["text"] = {"type": "plain_text", "text": "Go"}
        return await self.person.use(message, Part({"block_id": "b", "type": "actions"}, element))

    async def _unheard(self, action: str, value: object) -> None:
        await self._pressed(action, value)

    # --- forms ----------------------------------------------------------------------------

    def askers(self) -> Iterator[Try]:
        """Every action that opens a form first; the form is sent."""
        for verb in HANDLERS:
            for asks in self._args(verb):
                meant = verb if self._args(verb).keys() <= {"job", asks} else ""
                action = f"sora:{verb.replace(' ', '.')}?{asks}:0"
                ask = partial(self._pressed, action, self._args(verb))
                fields = {asks: self._args(verb)[asks]}
                yield Try(f"button {action}", partial(self._filled, ask, **fields), meant)

    def forms(self) -> Iterator[Try]:
        """Every form that there is; also one whose errand names no job, or another place."""
        for verb in (*HANDLERS, *UNSEEN):
            args = self._args(verb)
            rest = {name: text for name, text in args.items() if name != "job"}
            here = Errand(verb, channel=self.office.channel.id)
            if "job" in args:
                errand = Errand(verb, job=self.job, channel=self.office.channel.id)
                yield self._submit(errand, rest, verb)
            yield self._submit(here, args, verb)

    def _submit(self, errand: Errand, fields: Mapping[str, str], verb: str) -> Try:
        do = partial(self._sent, errand, fields)
        return Try(f"form {errand.callback_id} {errand.metadata}", do, verb)

    async def _sent(self, errand: Errand, fields: Mapping[str, str]) -> Shown:
        """A real form is opened, and everything in it made up before it is sent."""
        view = await (await self.person.shortcut(self._menu(GLOBAL))).dialog()
        view.data |= {"callback_id": errand.callback_id, "private_metadata": errand.metadata}
        view.data["blocks"] = [_input(name) for name in (*fields, "unused")]
        given = {**fields, "unused": ""}
        view.state = {name: {name: _typed(text)} for name, text in given.items()}
        return await self._told(partial(self.person.submit, view), view)

    async def _filled(self, ask: Callable[[], Awaitable[Asked]], **fields: str) -> Shown:
        view = await (await ask()).dialog()
        seen = json.dumps(view.blocks, ensure_ascii=False)
        said = await self._told(partial(self.person.submit, view, dict(fields)), view)
        return Shown(f"{seen}\n{said.text}", said.files)

    # --- commands, shortcuts and the home tab ---------------------------------------------

    def commands(self) -> Iterator[Try]:
        """Every command about a video, in the channel and in private."""
        for verb in JOB_VERBS:
            line = typed(verb.name, self._args(verb.name)).removeprefix("admin ")
            for place in (self.office.channel, self.person.direct):
                ask = partial(self.person.slash, place, f"/{verb.group}", line)
                yield Try(f"/{verb.group} {line}", partial(self._answered, ask), verb.name)

    def menus(self) -> Iterator[Try]:
        """Every shortcut, the home tab with its buttons, and choices that nobody listens to."""
        for kind, name in self.office.server.world.offers.shortcuts:
            if kind == GLOBAL:
                continue
            ask = partial(self.person.message_shortcut, self.card, name)
            yield Try(f"menu {name}", partial(self._filled, ask, prompt="at night"), "remix")
        ask = partial(self.person.shortcut, self._menu(GLOBAL))
        yield Try("global menu", partial(self._filled, ask, prompt="a boat", channel=self._here))
        yield Try("home tab", self._home)
        yield Try("choices", self._choices)

    async def _home(self) -> Shown:
        self.person.opens_home()
        home = await self.office.server.until(lambda: self.person.home)
        assert home
        for label in home.buttons:
            await self.person.press(home, label)
        return Shown(json.dumps(home.blocks, ensure_ascii=False))

    async def _choices(self) -> Shown:
        """No select of ours asks the bot for its options, so nobody is given any."""
        data = {"type": "block_suggestion", "action_id": "sora:job", "value": "heron"}
        data |= {"user": self.person.to_short(), "team": {"id": self.person.team_id}}
        self.office.server.post.ack_within = 0.3
        asked = await self.person.desk.interactions.ask(INTERACTIVE, self.person, {**data})
        self.office.server.post.ack_within = 3.0
        return Shown(str(asked.acked.payload) if asked.acked else "")

    # --- messages and signs ---------------------------------------------------------------

    def words(self) -> Iterator[Try]:
        """What is written and put beside the draft's card, and in the thread under it."""
        line, here = f"publish {self.job} sure", self.office.channel
        yield Try("mention", partial(self._mentions, line), "publish")
        yield Try("mention in its thread", partial(self._mentions, line, self.card), "publish")
        yield Try("reply in its thread", partial(self._mentions, "at night", self.card), "remix")
        tell = partial(self.person.dm, line)
        yield Try("private message", partial(self._told, partial(_soon, tell)), "publish")
        says = partial(self.person.says, here, line, thread=self.card)
        yield Try("says to others", partial(self._heard, says))
        for sign in SIGNS:
            yield Try(f"reacts {sign}", partial(self._heard, partial(self._reacts, sign)))

    async def _mentions(self, text: str, thread: Message | None = None) -> Shown:
        tell = partial(self.person.mention, self.office.channel, text, thread=thread)
        return await self._told(partial(_soon, tell))

    def _reacts(self, sign: str) -> None:
        self.person.reacts(self.card, sign)

    async def _heard(self, tell: Callable[[], object]) -> None:
        tell()
        events = self.office.server.events
        await self.office.server.until(lambda: all(event.taken for event in events.told))

    # --- answers --------------------------------------------------------------------------

    async def _answered(self, ask: Callable[[], Awaitable[Asked]]) -> Shown:
        return _shown(await (await ask()).answer())

    async def _told(self, tell: Callable[[], Awaitable[object]], view: View | None = None) -> Shown:
        """What only they see of it, beside the fields of a form or in a message."""
        before = len(self.person.ephemerals)
        await tell()
        if view and view.errors:
            return Shown("\n".join(view.errors.values()))
        new = await self.office.server.until(lambda: self.person.ephemerals[before:])
        shown = [_shown(one) for one in new]
        files = tuple(name for one in shown for name in one.files)
        return Shown("\n".join(one.text for one in shown), files)

    @property
    def _here(self) -> str:
        return self.office.channel.id

    def _menu(self, kind: str) -> str:
        offered = self.office.server.world.offers.shortcuts
        return next(name for known, name in offered if known == kind)

    def _args(self, verb: str) -> dict[str, str]:
        shaped = verb_named(verb)
        return filled(shaped, self.job) if shaped else {"job": self.job}


async def _soon(tell: Callable[[], object]) -> None:
    tell()


def _input(name: str) -> Object:
    element = {"type": "plain_text_input", "action_id": name}
    label = {"type": "plain_text", "text": name}
    return {"type": "input", "block_id": name, "label": label, "element": element, "optional": True}


def _typed(text: str) -> Object:
    return {"type": "plain_text_input", "value": text}


WAYS: Mapping[str, Callable[[Tries], Iterator[Try]]] = {
    "buttons": Tries.buttons,
    "forged": Tries.forged,
    "askers": Tries.askers,
    "forms": Tries.forms,
    "commands": Tries.commands,
    "menus": Tries.menus,
    "words": Tries.words,
}


@pytest.mark.parametrize("office", ["sockets"], indirect=True)
@pytest.mark.parametrize("who", list(Who))
@pytest.mark.parametrize("way", WAYS)
async def test_no_draft_gets_round_its_review(office: Office, who: Who, way: str) -> None:
    office.world.provider.instant = True
    # Nobody tries that much within a minute.
    office.server.limit("views.open", 10_000)
    async with office.bot(RICH) as life:
        place = Place(office, life)
        draft = await begin(place, who)
        assert await nobody_gets_through(place, draft, WAYS[way](Tries(place, draft)))
