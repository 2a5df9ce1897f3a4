"""Takes what people do to the core, and brings back the answer. Every one of them gets one."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

import discord

from adapters.chats.pictures import Attached, Files, Get
from adapters.chats.room import OUTSIDE, Room
from adapters.discord import dialogs, render
from adapters.discord.acks import asking, say_plainly, thinking
from adapters.discord.keys import NOBODY, Dialog, Press, dialog_named
from adapters.discord.ladder import Ladder
from adapters.discord.outgoing import FAULTS, line_broke, persistently
from adapters.discord.payloads import (
    Option,
    attached,
    job_in,
    named,
    pictures_in,
    target_of,
    text_of,
    words_before,
)
from adapters.discord.pictures import taken, told
from adapters.discord.places import Access, AnyInteraction, People, place_of
from adapters.discord.reactions import reaction_in
from bot import wording
from bot.domain.catalogue import Catalogue
from bot.domain.messages import Invocation, Message, Reply, Upload
from bot.errors import Refused
from bot.ports import Answer, Clock, Notes, Suggest, Suggestion

FILL_WAITS = (200, 1_000)
"""Ms before each further try to fill in an answer."""
TOKEN_LIFE = 14 * 60.0
"""Seconds for which the answer to an interaction is still filled in."""
SUGGEST_PATIENCE = 1.5
"""Seconds that a list of suggestions may take."""
ANIMATE = "animate"
"""What a dialog is for that knows its picture already."""

log = logging.getLogger(__name__)
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Till:
    """What the counter works with."""

    people: People
    access: Access
    catalogue: Callable[[], Catalogue]
    files: Files
    get: Get
    ladder: Ladder
    notes: Notes
    suggest: Suggest
    clock: Clock


Handler = Callable[Concatenate["Counter", AnyInteraction, P], Awaitable[None]]
Served = Callable[Concatenate["Counter", AnyInteraction, P], Coroutine[Any, Any, None]]


def served(handler: Handler[P]) -> Served[P]:
    """Count whoever is being served, and own up to what breaks: the library would swallow it."""

    @wraps(handler)
    async def serve(
        counter: Counter, interaction: AnyInteraction, *args: P.args, **named: P.kwargs
    ) -> None:
        with counter.room.visit():
            try:
                await handler(counter, interaction, *args, **named)
            except Exception:
                reference = secrets.token_hex(2)
                log.exception("reference %s: interaction %s broke", reference, interaction.id)
                await say_plainly(interaction, wording.broken_sentence(reference))

    return serve


class Counter:
    """One for all clients that come and go."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._answer: Answer | None = None
        self.room = Room()
        self._noting: dict[str, asyncio.Task[None]] = {}
        self._reacting = asyncio.Lock()

    def open(self, answer: Answer) -> None:
        """Serve people from now on."""
        self._answer = answer

    async def close(self, patience: float) -> None:
        """Tell people from now on that the bot is stopping; let those here finish (seconds)."""
        self._answer = None
        await self.room.empty(patience)

    # --- what people do ---------------------------------------------------------------------

    @served
    async def command(
        self, interaction: AnyInteraction, verb: str, options: Mapping[str, Option | None]
    ) -> None:
        """A slash command with typed options."""
        if await thinking(interaction):
            given = {name: value for name, value in options.items() if value is not None}
            for value in given.values():
                self._till.people.met(value)
            args = named(verb, {name: text_of(value) for name, value in given.items()})
            files = attached(verb, given)
            await self._do(interaction, verb, args, files)

    @served
    async def compose(self, interaction: AnyInteraction) -> None:
        """The dialog with everything about a new video."""
        dialog = Dialog("create", NOBODY, str(interaction.id))
        modal = dialogs.compose(dialog, self._till.catalogue())
        await asking(interaction, modal)

    @served
    async def pressed(self, interaction: AnyInteraction, press: Press) -> None:
        """A button under one of our messages."""
        if press.asks:
            dialog = Dialog(press.verb, press.job, str(interaction.id), press.guild, press.more)
            before = words_before(interaction, press)
            modal = dialogs.ask(dialog, press.asks, before, self._till.catalogue())
            await asking(interaction, modal)
        elif await thinking(interaction):
            await self._do(interaction, press.verb, press.args, (), press.guild)

    @served
    async def submitted(self, interaction: AnyInteraction) -> None:
        """A dialog was sent; also one that an earlier life of the bot opened."""
        data: dialogs.Json = interaction.data or {}
        dialog = dialog_named(str(data.get("custom_id")))
        if dialog is None or not await thinking(interaction):
            return
        args = dialogs.args_of(data)
        if dialog.verb == ANIMATE:
            await self._animate(interaction, dialog, args)
            return
        named = dialog.args
        if dialog.verb == "admin quota set":
            named = {"person": f"<@{dialog.job}>"}
        await self._do(interaction, dialog.verb, args | named, dialogs.files_of(data), dialog.guild)

    @served
    async def details(self, interaction: AnyInteraction) -> None:
        """The menu of a message: everything about its video."""
        if await thinking(interaction):
            job = job_in(target_of(interaction))
            if job is None:
                await self._tell(interaction, _sentence(wording.NO_VIDEO_THERE))
            else:
                await self._do(interaction, "status", {"job": job}, ())

    @served
    async def remix(self, interaction: AnyInteraction) -> None:
        """The menu of a message: change its video, or let its picture move."""
        target = target_of(interaction)
        job, pictures = job_in(target), pictures_in(target)
        if job is not None:
            dialog = Dialog("remix", job, str(interaction.id))
            modal = dialogs.ask(dialog, "prompt", None, self._till.catalogue())
            await asking(interaction, modal)
        elif pictures:
            await self._offer_to_animate(interaction, pictures[0])
        elif await thinking(interaction):
            await self._tell(interaction, _sentence(wording.NO_VIDEO_THERE))

    @served
    async def quota(self, interaction: AnyInteraction, user: discord.abc.User) -> None:
        """The menu of a person: limit what they may make."""
        dialog = Dialog("admin quota set", str(user.id), str(interaction.id))
        modal = dialogs.quota(dialog, user.display_name)
        await asking(interaction, modal)

    async def suggestions(
        self, interaction: AnyInteraction, verb: str, name: str, typed: str
    ) -> list[Suggestion]:
        """What somebody may mean; what they typed, when that takes too long or cannot be said."""
        asked = [Suggestion(typed[:100], wording.suggestion_typed(typed))] if typed else []
        try:
            async with asyncio.timeout(SUGGEST_PATIENCE):
                invocation = await self._invocation(interaction, verb, {name: typed})
                return list(await self._till.suggest(invocation, name)) or asked
        except Refused:
            return asked
        except TimeoutError:
            log.warning("suggestions for %s took too long", verb)
        except Exception:
            log.exception("suggestions for %s broke", verb)
        return asked

    async def reacted(self, sign: discord.RawReactionActionEvent) -> None:
        """Somebody put a sign on a message, or took it away; one after the other, as they came."""
        said = reaction_in(sign)
        if said is None:
            return
        with self.room.stay():
            async with self._reacting:
                if self._answer:
                    await self._answer(said)

    # --- pictures in messages ---------------------------------------------------------------

    async def _offer_to_animate(self, interaction: AnyInteraction, picture: Attached) -> None:
        """Ask for the rest; the picture's link is too long for the dialog's name, so it is noted.

        One note for each person: whoever opens a second dialog has left the first.
        """
        dialog = Dialog(ANIMATE, NOBODY, str(interaction.id))
        modal = dialogs.compose(dialog, self._till.catalogue(), upload=False)
        note = json.dumps({"once": dialog.once, **asdict(picture)})
        name = _note_of(interaction)
        noting = self._noting[name] = asyncio.create_task(self._till.notes.write(name, note))
        await asking(interaction, modal)
        await noting
        self._noting.pop(name, None)

    async def _animate(
        self, interaction: AnyInteraction, dialog: Dialog, args: dict[str, str]
    ) -> None:
        name = _note_of(interaction)
        if noting := self._noting.get(name):
            await noting  # who fills in a form faster than we write
        noted = json.loads(await self._till.notes.read(name) or "{}")
        if noted.get("once") != dialog.once:
            await self._tell(interaction, _keeping(_sentence(wording.PICTURE_FORGOTTEN), args))
            return
        await self._do(interaction, "create", args, [told(noted)])

    # --- asking the core ----------------------------------------------------------------------

    async def _do(
        self,
        interaction: AnyInteraction,
        verb: str,
        args: Mapping[str, str],
        files: list[Attached] | tuple[()],
        guild: str | None = None,
    ) -> None:
        """Everything after the first answer."""
        reply = await self._reply(interaction, verb, args, files, guild)
        message = _keeping(reply.message, args) if reply.refused else reply.message
        await self._tell(interaction, message, guild)

    async def _reply(
        self,
        interaction: AnyInteraction,
        verb: str,
        args: Mapping[str, str],
        files: list[Attached] | tuple[()],
        guild: str | None,
    ) -> Reply:
        answer = self._answer
        if answer is None:
            return Reply(Message((wording.NOT_SERVING,)), refused=True)
        try:
            uploads = await self._uploads(files) if files else ()
            async with nullcontext() if verb in OUTSIDE else self.room.turn():
                self._till.access.saw(interaction)
                asked = await self._invocation(interaction, verb, args, guild)
                return await answer(replace(asked, uploads=uploads))
        except Refused as no:
            now = self._till.clock.now()
            return Reply(wording.refusal(no, ZoneInfo("UTC"), now), refused=True)
        except Exception:
            reference = secrets.token_hex(2)
            log.exception("reference %s: interaction %s broke", reference, interaction.id)
            return Reply(wording.broken(reference), refused=True)

    async def _invocation(
        self,
        interaction: AnyInteraction,
        verb: str,
        args: Mapping[str, str],
        guild: str | None = None,
    ) -> Invocation:
        person = await self._till.people.asker(interaction, guild)
        place = place_of(interaction, person.tenant)
        return Invocation(verb, args, person, place, str(interaction.id), direct=True)

    async def _uploads(self, files: list[Attached] | tuple[()]) -> tuple[Upload, ...]:
        return tuple([await taken(file, self._till.files, self._till.get) for file in files])

    # --- telling ------------------------------------------------------------------------------

    async def _tell(
        self, interaction: AnyInteraction, message: Message, guild: str | None = None
    ) -> None:
        """Fill in the answer. What the core did stands, whether or not this works.

        `guild` is the server of a button in a private message; the answer's own name it too.
        """
        age = (discord.utils.utcnow() - interaction.created_at).total_seconds()
        if age > TOKEN_LIFE:
            log.warning("the answer to %s came too late to be shown", interaction.id)
            return
        try:
            fill = partial(self._fill, interaction, message, guild)
            await persistently(fill, FILL_WAITS, self._till.clock, line_broke)
        except FAULTS as error:
            log.warning("the answer to %s was not shown: %s", interaction.id, error)

    async def _fill(self, interaction: AnyInteraction, message: Message, guild: str | None) -> None:
        frame = render.Frame(guild)
        carried = None
        if message.video:
            carried = await self._till.ladder.carried(message.video, interaction.filesize_limit)
        try:
            await interaction.edit_original_response(
                view=render.layout(message, frame, carried),
                attachments=render.files_of(message, carried),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except discord.HTTPException as error:
            if error.status != _BAD_REQUEST or not message.attachments:
                raise
            log.info("the answer to %s goes into a new message: %s", interaction.id, error)
            await interaction.followup.send(
                view=render.layout(message, frame, carried),
                files=render.files_of(message, carried),
                allowed_mentions=discord.AllowedMentions.none(),
                ephemeral=True,
            )


_BAD_REQUEST = 400
"""So Discord answers at times when files are edited into a message (discord-api-docs #7529)."""


def _sentence(words: str) -> Message:
    return Message(((words,),))


def _keeping(message: Message, args: Mapping[str, str]) -> Message:
    """A refusal with the prompt in it: Discord throws away what was typed."""
    prompt = args.get("prompt")
    return replace(message, quote=prompt) if prompt and message.quote is None else message


def _note_of(interaction: AnyInteraction) -> str:
    return f"picture/{interaction.user.id}"
