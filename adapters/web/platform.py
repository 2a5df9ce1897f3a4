"""The web chat: one public channel, and a private place for each person in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from adapters.web import render
from bot import wording
from bot.commands.grammar import TYPED
from bot.domain.messages import Invocation, Message, Reply, Upload
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.errors import ChatGone
from bot.ports import Answer, Clock, PlaceLimits, Said, Transcript

NAME = "web"
CHANNEL = "studio"
TENANT = Tenant(NAME, "demo")
PEOPLE = (
    Person(TENANT, "ana", "Ana"),
    Person(TENANT, "ben", "Ben"),
    Person(TENANT, "mara", "Mara", admin=True),
)
BOT = "bot"
"""Author of our own messages; people's are their keys."""

EDIT_PACE = 250
"""Ms between two edits; a browser takes more, an eye does not."""
UPLOAD_BYTES = 16 * 2**30
"""The page links to our own file, so nothing is uploaded."""
HISTORY = 200
"""Messages that a page starts with."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to somebody on a page.

    `shown` when the transcript has the reply, `kept` when it has the line that was typed.
    """

    reply: Reply
    shown: bool
    kept: bool = False


class WebChat:
    """`ChatPlatform` whose server is ourselves: what is said goes into a transcript."""

    def __init__(
        self, transcript: Transcript, clock: Clock, people: tuple[Person, ...] = PEOPLE
    ) -> None:
        self._transcript = transcript
        self._clock = clock
        self._answer: Answer | None = None
        self.people = people

    # --- the port -------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """``web``."""
        return NAME

    async def limits(self, place: Place) -> PlaceLimits:
        """The same everywhere."""
        del place
        return PlaceLimits(UPLOAD_BYTES, EDIT_PACE)

    async def serve(self, answer: Answer) -> None:
        """Pages may ask from now on."""
        self._answer = answer

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """Into the transcript, once for each nonce: it never forgets one."""
        del again
        self._known(place)
        said = await self._say(place, BOT, render.encode(message), nonce)
        return MessageRef(said.place, said.id)

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """In the transcript."""
        self._known(ref.place)
        if await self._transcript.replace(ref.id, render.encode(message)) is None:
            raise ChatGone(f"there is no message {ref.id} in the web chat")

    async def remove(self, ref: MessageRef) -> None:
        """From the transcript and all open pages; what was said below it stays."""
        if self._exists(ref.place):
            await self._transcript.remove(ref.id)

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        """Threads need no opening here and have no title; one in a thread is that thread."""
        del title
        place = self._known(ref.place)
        thread = place.thread or ref.id
        return Place(place.tenant, place.channel, thread, place.private)

    async def notify_privately(
        self, person: Person, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """Into the person's own place."""
        return await self.post(private_place(person), message, nonce, again=again)

    async def preflight(self, place: Place) -> tuple[str, ...]:
        """Nothing can be in the way of a place that exists.

        What is ordered in private from the channel is delivered to the person's own place.
        """
        fine = self._exists(place) or (place.private and place.tenant == self.tenant)
        return () if fine else (wording.no_such_place(place.channel),)

    async def aclose(self) -> None:
        """Pages get no more answers."""
        self._answer = None

    def _known(self, place: Place) -> Place:
        if not self._exists(place):
            raise ChatGone(f"the web chat has no place {place.channel!r} in {place.tenant.key}")
        return place

    def _exists(self, place: Place) -> bool:
        if place.private:
            return any(_same(place, private_place(person)) for person in self.people)
        return _same(place, channel(self.tenant))

    # --- for pages ------------------------------------------------------------------------

    @property
    def tenant(self) -> Tenant:
        """The one workspace."""
        return self.people[0].tenant

    def person(self, person_id: str | None) -> Person | None:
        """Somebody by id."""
        return next((person for person in self.people if person.id == person_id), None)

    def find(self, tenant: Tenant, text: str) -> Person | None:
        """Somebody by id or by name, in any case; None for other workspaces and strangers.

        The channel is found as ``channel:studio``; see `bot.commands.values`.
        """
        word = text.lower()
        if word == f"channel:{CHANNEL}" and tenant == self.tenant:
            return Person(tenant, word, CHANNEL)
        mine = self.people if tenant == self.tenant else ()
        return next((one for one in mine if word in {one.id.lower(), one.name.lower()}), None)

    def named(self, key: str) -> Person | None:
        """The author of a message; None for the bot and for people who have left."""
        return next((person for person in self.people if person.key == key), None)

    async def history(self, viewer: Person) -> tuple[Said, ...]:
        """The last messages that `viewer` may see, the oldest first."""
        newest = await self._transcript.newest(self.tenant, HISTORY)
        return tuple(said for said in newest if may_see(viewer, said.place))

    def follow(self, viewer: Person, heard: Callable[[Said], None]) -> Callable[[], None]:
        """Call `heard` with all that is new or changed and `viewer` may see; returns the way out.

        A page never even holds what it must not show.
        """

        def pass_on(said: Said) -> None:
            if said.place.tenant == viewer.tenant and may_see(viewer, said.place):
                heard(said)

        return self._transcript.listen(pass_on)

    async def type(self, person: Person, place: Place, text: str) -> Heard:
        """Somebody typed a line: have it answered, and keep it where others see its effect too."""
        at = self._clock.now()
        interaction = uuid4().hex
        invocation = Invocation(TYPED, {"text": text}, person, place, interaction)
        reply = await self._ask(invocation)
        kept = (reply.public or place.private or bool(reply.jobs)) and not reply.refused
        if kept:
            nonce = f"typed/{interaction}"
            await self._transcript.say(place, person.key, render.typed(text), nonce, at)
        return replace(await self._heard(invocation, reply), kept=kept)

    async def press(
        self,
        person: Person,
        place: Place,
        verb: str,
        args: Mapping[str, str],
        uploads: tuple[Upload, ...] = (),
    ) -> Heard:
        """Somebody pressed a button or sent the form."""
        invocation = Invocation(verb, dict(args), person, place, uuid4().hex, uploads)
        return await self._heard(invocation, await self._ask(invocation))

    async def _ask(self, invocation: Invocation) -> Reply:
        if self._answer is None:
            return Reply(Message((wording.NOT_SERVING,)), refused=True)
        try:
            return await self._answer(invocation)
        except Exception:
            reference = uuid4().hex[:4]
            who = invocation.person.key
            log.exception("reference %s: %s by %s broke", reference, invocation.verb, who)
            return Reply(wording.broken(reference), refused=True)

    async def _heard(self, invocation: Invocation, reply: Reply) -> Heard:
        if not reply.public or reply.refused:
            return Heard(reply, shown=False)
        nonce = f"reply/{invocation.interaction}"
        await self._say(invocation.place, BOT, render.encode(reply.message), nonce)
        return Heard(reply, shown=True)

    async def _say(self, place: Place, author: str, body: render.Json, nonce: str) -> Said:
        return await self._transcript.say(place, author, body, nonce, self._clock.now())


def _same(place: Place, other: Place) -> bool:
    """Whether two places are one, or one is a thread of the other."""
    return (place.tenant, place.channel) == (other.tenant, other.channel)


def channel(tenant: Tenant) -> Place:
    """Where everyone is."""
    return Place(tenant, CHANNEL)


def private_place(person: Person) -> Place:
    """Where only `person` is."""
    return Place(person.tenant, f"dm-{person.id}", private=True)


def may_see(viewer: Person, place: Place) -> bool:
    """Whether a place is open to `viewer`."""
    return not place.private or place.channel == f"dm-{viewer.id}"
