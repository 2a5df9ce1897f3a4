"""Takes what people do to the core, and brings back the answer.

What came in is stored before Slack is told that it arrived, and is done when it is answered: so a
death of the bot in between loses nothing. Only forms are opened at once, for their trigger lives
three seconds; and nothing happens by opening one.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from adapters.chats.room import OUTSIDE, Room
from adapters.slack import forms, home
from adapters.slack.answers import Answers
from adapters.slack.attachments import Attachments
from adapters.slack.faults import BUSY_WAIT, Unsure, ViewChanged
from adapters.slack.handouts import Handouts
from adapters.slack.keys import LINK, Errand, Wish, errand_of, fits, press_named, wish_of
from adapters.slack.payloads import (
    clip_in,
    errand_here,
    interaction_of,
    is_from_a_person,
    job_in,
    wish_of_command,
    wish_of_form,
    wish_of_message,
    wish_of_press,
    wish_of_reaction,
    words_before,
)
from adapters.slack.people import People, Stranger
from adapters.slack.places import Places
from adapters.slack.shown import Shown
from adapters.slack.text import Json, read_again
from adapters.slack.workspaces import NotInstalled, Workspace, Workspaces, tenant_of
from bot import wording
from bot.commands.grammar import ADDING, DISMISS, OVERHEARD, REACTED, TYPED, Group
from bot.domain.catalogue import Catalogue
from bot.domain.messages import Invocation, Message, Reply, plain
from bot.domain.refs import Place
from bot.domain.styles import Style
from bot.errors import ChatError, Refused
from bot.ports import Answer, Clock, Inbox, StylesOf

FORM_PATIENCE = 2.0
"""Seconds that a form stays open for its answer; Slack waits three."""
OPEN_PATIENCE = 2.2
"""Seconds that opening a form may take; its trigger lives three."""
STYLES_PATIENCE = 0.5
"""Seconds of that which looking for styles may take."""
STALE = 30 * 60_000
"""Ms after which a wish that nobody worked on is let go: whoever had it does not wait any more."""
MEMORY = 24 * 3_600_000
"""Ms for which a delivery is known to have come."""
TIDY_EVERY = 1_000
"""Arrivals between two times of tidying up."""
MAX_ERROR = 600
"""Characters of the words beside a field."""

log = logging.getLogger(__name__)
Body = Mapping[str, Any]
T = TypeVar("T")


class Ack(Protocol):
    """Bolt's own: what it is given goes out when the listener ends."""

    async def __call__(self, **answer: Any) -> object:  # noqa: ANN401 - as bolt has it
        """The first answer."""
        ...


@dataclass(frozen=True, slots=True)
class Till:
    """What the counter works with."""

    workspaces: Workspaces
    people: People
    places: Places
    shown: Shown
    answers: Answers
    handouts: Handouts
    attachments: Attachments
    catalogue: Callable[[], Catalogue]
    styles: StylesOf
    inbox: Inbox
    clock: Clock
    not_here: str
    """What people are told where the bot is not installed (any more)."""


class Counter:
    """One for all connections."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._answer: Answer | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._taken = 0
        self._newest: dict[str, str] = {}
        self._reacting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.room = Room()

    async def open(self, answer: Answer) -> None:
        """Serve people from now on, those first who came before the bot ended."""
        await self._till.inbox.tidy(self._till.clock.now() - MEMORY)
        waiting = await self._till.inbox.waiting(BACKLOG)
        self._answer = answer
        for arrival in waiting:
            wish = wish_of(arrival.text)
            if wish is None or self._till.clock.now() - arrival.at > STALE:
                log.warning("%s waited for too long, or is not understood", arrival.key)
                await self._till.inbox.done(arrival.key)
            else:
                self._line_up(arrival.key, wish)

    async def close(self, patience: float) -> None:
        """Work on nothing new; let those here finish (seconds). Who comes now waits for a start."""
        self._answer = None
        await self.room.shut()
        await self.room.empty(patience)

    async def aclose(self) -> None:
        """Let go of who is still here, once nobody new can come: it waits for a start too."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what people do ---------------------------------------------------------------------

    async def command(self, body: Body, team: str, ack: Ack) -> None:
        """A slash command; alone it asks for everything in a form."""
        wish = wish_of_command(body, team)
        if wish.args["text"] == f"/{Group.MEMBER}":
            view = await self._compose(team, errand_here("create", body))
            if await self._opened(team, body, view):
                await ack()
            else:
                await ack(text=wording.SLACK_NO_FORM)
            return
        await self._take(wish)
        await ack()

    async def pressed(self, body: Body, team: str, ack: Ack) -> None:
        """A button or a choice, in a message, a form or on the home tab."""
        action = body["actions"][0]
        name, value = str(action["action_id"]), str(action.get("value") or "")
        press = press_named(name, value)
        if name == forms.LIVE:
            self._start(self._priced(body, team))
        elif name in {home.CHANNEL, home.MODE}:
            self._start(self._set(home.wish_of_setting(body, team)))
        elif name == home.MAKE:
            await self._opened(team, body, await self._blank(team))
        elif press is None:
            log.log(logging.DEBUG if name == LINK else logging.WARNING, "not ours: %s", name)
        elif press.verb == DISMISS:
            self._start(self._till.answers.dismiss(str(body.get("response_url") or "")))
        elif press.asks:
            job = press.args.get("job", "")
            before = None if press.verb in ADDING else words_before(body.get("message") or {})
            errand = errand_here(press.verb, body, job=job)
            form = forms.ask(errand, press.asks, before, self._till.catalogue())
            if not await self._opened(team, body, form):
                self._say(wish_of_press(body, team, press), wording.SLACK_NO_FORM)
        else:
            # Each press is answered, also when the core has had all others of its question.
            await self._take(wish_of_press(body, team, press), key=interaction_of(body))
        await ack()

    async def submitted(self, body: Body, team: str, ack: Ack) -> None:
        """A form was sent. What is refused keeps it open, with all that was typed in it."""
        view: Body = body["view"]
        errand = errand_of(str(view.get("private_metadata") or ""))
        if errand is None:
            await ack()
            return
        wish = wish_of_form(body, team, errand, forms.args_of(view))
        uses = forms.files_of(view)
        wish = replace(wish, files=[*wish.files, *uses], uses=uses)
        key = f"trigger/{body['trigger_id']}"
        if not await self._stored(key, wish):
            await ack()
            return
        answering = self._start(self._replied(wish))
        await asyncio.wait({answering}, timeout=FORM_PATIENCE)
        if answering.done() and (reply := answering.result()) and reply.refused:
            await self._till.inbox.done(key)
            await ack(response_action="errors", errors={_first_input(view): _plainly(reply)})
            return
        self._start(self._finished(key, wish, answering))
        await ack()

    async def shortcut(self, body: Body, team: str, ack: Ack) -> None:
        """The global menu: make a video from wherever one is."""
        if not await self._opened(team, body, await self._blank(team)):
            log.warning("a form could not be opened for %s", body["user"]["id"])
        await ack()

    async def message_shortcut(self, body: Body, team: str, ack: Ack) -> None:
        """The menu of a message: change its video, or let its picture move."""
        message: Body = body["message"]
        job, clip = job_in(message), clip_in(message)
        if job or clip:
            if job:
                errand = errand_here("remix", body, job=job)
                view = forms.ask(errand, "prompt", None, self._till.catalogue())
            else:
                errand = errand_here("create", body, file=clip or "")
                view = await self._compose(team, errand)
            said = "" if await self._opened(team, body, view) else wording.SLACK_NO_FORM
        else:
            said = wording.NO_VIDEO_THERE
        if said:
            self._say(_about(body, team), said)
        await ack()

    async def heard(self, event: Body, event_id: str, team: str) -> None:
        """A message, to the bot or to others. A mention comes twice, in two kinds of event."""
        workspace = await self._till.workspaces.of(team)
        if not is_from_a_person(event, workspace.bot_user):
            return
        wish = wish_of_message(event, team, workspace.bot_user)
        if wish is None:
            return
        self._till.places.inside(team, wish.channel)
        if wish.verb == OVERHEARD:
            # Nothing comes of it but, rarely, a question: not worth storing.
            self._start(self._overheard(wish, event_id))
        else:
            await self._take(wish, f"event/{event_id}")

    async def reacted(self, event: Body, event_id: str, team: str) -> None:
        """A sign was put on a message, or taken away."""
        workspace = await self._till.workspaces.of(team)
        wish = wish_of_reaction(event, team, workspace.bot_user)
        if wish:
            await self._take(wish, f"event/{event_id}")

    async def home_opened(self, event: Body, team: str) -> None:
        """Somebody looks at the home tab."""
        if event.get("tab", "home") == "home":
            self._start(self._show_home(team, str(event["user"])))

    # --- storing, then working ----------------------------------------------------------------

    async def _take(self, wish: Wish, *more: str, key: str = "") -> None:
        """Answer it, unless it has come before: `key` is its own name, else the core's for it."""
        key = f"{wish.team}/{key or wish.interaction}"
        if await self._stored(key, wish, *more):
            self._line_up(key, wish)

    async def _stored(self, key: str, wish: Wish, *more: str) -> bool:
        """Whether it is new. Once stored, it will be answered, in this life or the next."""
        self.room.arrive()
        self._taken += 1
        if self._taken % TIDY_EVERY == 0:
            self._start(self._tidied())
        return await self._till.inbox.take([key, *more], wish.text, self._till.clock.now())

    async def _tidied(self) -> None:
        # In a quiet moment: whoever comes meanwhile waits for the disk.
        async with self.room.turn():
            await self._till.inbox.tidy(self._till.clock.now() - MEMORY)

    def _line_up(self, key: str, wish: Wish) -> None:
        if self._answer is None:
            log.info("%s waits for a start", key)
        elif wish.verb in OUTSIDE:
            self._start(self._serve(key, wish))
        else:
            self.room.line_up(lambda: self._start(self._serve(key, wish)))

    async def _serve(self, key: str, wish: Wish) -> None:
        # Signs of one workspace are taken one after the other: the last of them counts.
        turn = self._reacting[wish.team] if wish.verb == REACTED else nullcontext()
        async with turn:
            await self._finished(key, wish, self._replied(wish))

    async def _finished(self, key: str, wish: Wish, answering: Awaitable[Reply | None]) -> None:
        reply = await answering
        if reply is None:
            return
        if wish.verb != REACTED:
            await self._tell(wish, _keeping(reply, wish))
        await self._till.inbox.done(key)
        if not wish.channel:
            await self._show_home(wish.team, wish.user)

    async def _overheard(self, wish: Wish, event_id: str) -> None:
        reply = await self._replied(wish)
        if reply is None or not reply.message.lines:
            return
        if not all(map(fits, reply.message.buttons)):
            reply = Reply(Message(((wording.SLACK_TOO_LONG_TO_ASK,),)))
        key = f"{wish.team}/{wish.interaction}"
        if await self._stored(key, wish, f"event/{event_id}"):
            await self._tell(wish, reply)
            await self._till.inbox.done(key)

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work on somebody's behalf, which a polite stop waits for."""

        async def inside() -> T:
            with self.room.stay():
                return await work

        task = asyncio.create_task(inside())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("work for somebody broke", exc_info=error)

    # --- asking the core ----------------------------------------------------------------------

    async def _replied(self, wish: Wish) -> Reply | None:
        """The core's answer; None when the bot stops, and the wish waits for the next start."""
        try:
            return await self._asked(wish)
        except Refused as no:
            message = wording.refusal(no, ZoneInfo("UTC"), self._till.clock.now())
            return Reply(message, refused=True)
        except Stranger:
            return Reply(Message(((wording.SLACK_STRANGER,),)), refused=True)
        except NotInstalled:
            return Reply(Message(((self._till.not_here,),)), refused=True)
        except ChatError as error:
            log.warning("%s was not asked for: %s", wish.interaction, error)
            return Reply(Message(((wording.SLACK_SILENT,),)), refused=True)
        except Exception:
            reference = secrets.token_hex(2)
            log.exception("reference %s: %s broke", reference, wish.interaction)
            return Reply(wording.broken(reference), refused=True)

    async def _asked(self, wish: Wish) -> Reply | None:
        till = self._till
        workspace = await self._workspace(wish.team)
        person = await till.people.asker(workspace, wish.user, wish.home)
        uploads = await till.attachments.taken(workspace, wish.files, wish.uses)
        channel = wish.channel or await till.places.direct(workspace, wish.user)
        thread = await self._thread(workspace, channel, wish.thread)
        place = Place(workspace.tenant, channel, thread, wish.private)
        args = await self._args(workspace, wish)
        asked = Invocation(wish.verb, args, person, place, wish.interaction, uploads)
        async with nullcontext() if wish.verb in OUTSIDE else self.room.turn():
            answer = self._answer
            return await answer(asked) if answer else None

    async def _thread(self, workspace: Workspace, channel: str, ts: str) -> str | None:
        """The core's name of a thread: that of the message above it, which may be a video's."""
        if not ts:
            return None
        return await self._till.shown.file_at(workspace.calls, channel, ts) or ts

    async def _args(self, workspace: Workspace, wish: Wish) -> Mapping[str, str]:
        """With the core's name of a message that was reacted to."""
        if wish.verb != REACTED:
            return wish.args
        ts = wish.args["message"]
        file = await self._till.shown.file_at(workspace.calls, wish.channel, ts)
        return wish.args | {"message": file or ts}

    async def _workspace(self, team: str) -> Workspace:
        """Whose it is. While Slack does not say, everybody waits, as long as anybody would."""
        ends = self._till.clock.now() + STALE
        while True:
            try:
                return await self._till.workspaces.of(team)
            except Unsure:
                if self._till.clock.now() >= ends:
                    raise
            await self._till.clock.sleep(BUSY_WAIT)

    # --- telling ------------------------------------------------------------------------------

    async def _tell(self, wish: Wish, reply: Reply) -> None:
        """Show the answer. What the core did stands, whether or not this works."""
        try:
            message = await self._handed_out(wish, reply.message)
            # By its address an answer comes to the channel, even when the question was in a thread.
            by_name_first = wish.thread and not wish.replaces and message.lines
            if by_name_first and await self._whispered(wish, message):
                return
            if not await self._till.answers.respond(wish, message):
                await self._whisper(wish, message)
        except ChatError as error:
            log.warning("the answer to %s was not shown: %s", wish.interaction, error)

    async def _handed_out(self, wish: Wish, message: Message) -> Message:
        """What is left to show once its files are where only the asker sees them."""
        if not (message.lines and message.attachments):
            return message
        workspace = await self._till.workspaces.of(wish.team)
        return await self._till.handouts.handed_out(workspace, wish, message)

    async def _whispered(self, wish: Wish, message: Message) -> bool:
        """Whether there is no need for the address that came with the question."""
        try:
            await self._whisper(wish, message)
        except ChatError as error:
            log.info("an answer was not shown in its thread: %s", error)
            return False
        return True

    async def _whisper(self, wish: Wish, message: Message) -> None:
        workspace = await self._till.workspaces.of(wish.team)
        await self._till.answers.whisper(workspace, wish, message)

    def _say(self, wish: Wish, words: str) -> None:
        self._start(self._tell(wish, Reply(Message(((words,),)))))

    # --- forms --------------------------------------------------------------------------------

    async def _blank(self, team: str) -> Json:
        return await self._compose(team, Errand("create"))

    async def _compose(self, team: str, errand: Errand, chosen: forms.Chosen | None = None) -> Json:
        """The form of an order, with what is on sale and the styles that there are now."""
        styles = await self._styles(team)
        return forms.compose(errand, self._till.catalogue(), chosen, styles)

    async def _styles(self, team: str) -> Sequence[Style]:
        """None where that takes too long: the form is worth more."""
        try:
            async with asyncio.timeout(STYLES_PATIENCE):
                return await self._till.styles(tenant_of(team))
        except TimeoutError:
            log.warning("the styles of %s took too long", team)
            return ()

    async def _opened(self, team: str, body: Body, view: Json) -> bool:
        """Open a form with a trigger, before anything else; False when it was too late."""
        try:
            async with asyncio.timeout(OPEN_PATIENCE):
                workspace = await self._till.workspaces.of(team)
                args = {"trigger_id": body["trigger_id"], "view": view}
                await workspace.calls.at_once("views.open", args)
        except (ChatError, TimeoutError) as error:
            log.warning("a form was not opened: %s", error or type(error).__name__)
            return False
        return True

    async def _priced(self, body: Body, team: str) -> None:
        """Show the price of what is chosen now. Of several choices in a row the last one counts."""
        view: Body = body["view"]
        errand = errand_of(str(view.get("private_metadata") or ""))
        if errand is None:
            return
        form, seen = str(view["id"]), str(view["hash"])
        self._newest[form] = seen_at = body["actions"][0]["action_ts"]
        made = await self._compose(team, errand, forms.args_of(view))
        args = {"view_id": form, "view": made}
        try:
            workspace = await self._till.workspaces.of(team)
            try:
                await workspace.calls.call("views.update", args | {"hash": seen})
            except ViewChanged:
                if self._newest.get(form) == seen_at:
                    await workspace.calls.call("views.update", args)
        except ChatError as error:
            log.info("a form was not updated: %s", error)
        if self._newest.get(form) == seen_at:
            del self._newest[form]

    async def _set(self, wish: Wish) -> None:
        """Show or change how replies in a channel are read, and say so where it was chosen."""
        first = Reply(Message(((wording.HOME_CHANNEL_FIRST,),)))
        reply = await self._replied(wish) if wish.channel else first
        await self._show_home(wish.team, wish.user, home.Chosen(wish.channel, reply))

    async def _show_home(self, team: str, user: str, chosen: home.Chosen = home.NOTHING) -> None:
        """The home tab as it is now."""

        async def ask(verb: str) -> Reply | None:
            name = f"home/{secrets.token_hex(4)}"
            return await self._replied(Wish(verb, {}, team, user, "", name, private=True))

        try:
            workspace = await self._till.workspaces.of(team)
            person = await self._till.people.asker(workspace, user)
            quota, jobs = await ask("quota"), await ask("jobs")
            view = home.view(quota, jobs, admin=person.admin, chosen=chosen)
            args = {"user_id": user, "view": view}
            await workspace.calls.call("views.publish", args)
        except (ChatError, Stranger) as error:
            log.info("home tab of %s: %s", user, error)


BACKLOG = 1_000
"""Wishes of an earlier life that are taken up."""


def _about(body: Body, team: str) -> Wish:
    """Where somebody is to be told something."""
    errand = errand_here("", body)
    user = str(body["user"]["id"])
    return Wish("", {}, team, user, errand.channel, "", errand.thread, respond=errand.respond)


def _first_input(view: Body) -> str:
    return next(str(b["block_id"]) for b in view["blocks"] if b["type"] == "input")


def _plainly(reply: Reply) -> str:
    return wording.cut(" ".join(plain(line) for line in reply.message.lines), MAX_ERROR)


def _keeping(reply: Reply, wish: Wish) -> Reply:
    """A refusal with the words in it: Slack throws away what was typed after a command."""
    typed = read_again(wish.args.get("text", "").partition(" ")[2]).strip()
    lost = reply.refused and wish.verb == TYPED and typed and reply.message.quote is None
    return replace(reply, message=replace(reply.message, quote=typed)) if lost else reply
