"""The chat of one open page: what its viewer sees, and what they do there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

from nicegui import ui
from nicegui.events import GenericEventArguments

from adapters.web.elements import ChatCard, ChatLog, Composer, on_delete
from adapters.web.order_form import OrderForm
from adapters.web.platform import Heard, channel, private_place
from adapters.web.render import Json, is_args
from adapters.web.shown import Eye, fleeting, shown
from adapters.web.timeline import Timeline
from adapters.web.views import Site
from bot import wording
from bot.domain.messages import Upload
from bot.domain.refs import Person, Place
from bot.ports import Said

COALESCE = 0.05
"""Seconds in which news are gathered before the browser hears of them."""
VANISH = 12
"""Seconds after which an answer goes whose card tells everything."""
KEPT = 400
"""Messages that a page holds; the oldest go."""


class ChatView:
    """Builds the column and keeps it up to date until the page is closed."""

    def __init__(self, site: Site, viewer: Person, eye: Eye) -> None:
        self._site = site
        self._viewer = viewer
        self._eye = eye
        self._timeline = Timeline()
        self._cards: dict[str, ChatCard] = {}
        self._links: dict[str, list[str]] = {}
        self._pending: dict[str, Said] = {}
        self._fleeting = count(1)
        self._privately = False
        self._open = True

    async def build(self) -> None:
        """The log, the form and the composer, filled with what was said last."""
        with ui.element("section").classes("chat").props(f"aria-label={wording.PAGE['chat']}"):
            self._log = ChatLog(self._site.clock.now())
            self._empty = self._build_empty()
            self._form = OrderForm(self._site, self._viewer, self._order, self._set_private)
            self._composer = Composer(
                admin=self._viewer.admin,
                on_send=self._send,
                on_private=self._toggle_private,
                on_form=self._toggle_form,
            )
        self._mark()
        leave = self._site.chat.follow(self._viewer, self._heard)
        on_delete(lambda: self._close(leave))
        for said in await self._site.chat.history(self._viewer):
            self._show(said)

    def _build_empty(self) -> ui.element:
        with self._log, ui.element("section").classes("empty") as empty:
            ui.element("div").classes("empty-mark")
            ui.label(wording.PAGE["empty_head"]).classes("empty-head")
            ui.label(wording.PAGE["empty_text"])
            for example in wording.EXAMPLES:
                button = ui.element("button").classes("example").props("type=button")
                button.on("click", lambda _, text=example: self._composer.fill(text))
                with button:
                    ui.label(example)
        return empty

    # --- hearing --------------------------------------------------------------------------

    def _close(self, leave: Callable[[], None]) -> None:
        self._open = False
        leave()
        for message_id in tuple(self._links):
            self._withdraw(message_id)

    def _heard(self, said: Said) -> None:
        """Several edits of one card within a moment are one update."""
        if not self._pending:
            asyncio.get_running_loop().call_later(COALESCE, self._flush)
        self._pending[said.id] = said

    def _flush(self) -> None:
        news = sorted(self._pending.values(), key=lambda said: said.revision)
        self._pending.clear()
        for said in news if self._open else ():
            self._show(said)

    def _show(self, said: Said) -> None:
        if said.gone:
            self._dismiss(said.id)
            return
        message = shown(said, self._eye)
        index = self._timeline.place(said)
        if index is None:
            self._cards[said.id].show(message)
        else:
            self._add(said.id, said.place, message, index)

    def _add(self, message_id: str, place: Place, message: Json, index: int) -> None:
        self._empty.set_visibility(False)
        with self._log:
            card = ChatCard(
                message,
                lambda event: self._press(event, place),
                lambda _: self._dismiss(message_id),
            )
        card.move(self._log, index + 1)  # the empty state is the first child
        self._cards[message_id] = card
        if len(self._cards) > KEPT:
            self._dismiss(self._timeline.first)

    # --- doing ----------------------------------------------------------------------------

    @property
    def _here(self) -> Place:
        """Where the viewer's next words go."""
        if self._privately:
            return private_place(self._viewer)
        return channel(self._viewer.tenant)

    async def _send(self, event: GenericEventArguments) -> None:
        text = event.args.get("text")
        if isinstance(text, str) and text.strip():
            place = self._here
            heard = await self._site.chat.type(self._viewer, place, text)
            self._tell(heard, place, None if heard.kept else text)

    async def _press(self, event: GenericEventArguments, place: Place) -> None:
        verb, args = event.args.get("verb"), event.args.get("args")
        if isinstance(verb, str) and is_args(args):
            self._tell(await self._site.chat.press(self._viewer, place, verb, args), place, None)

    async def _order(self, args: dict[str, str], uploads: tuple[Upload, ...]) -> bool:
        """The form was sent. Returns whether it was accepted."""
        place = self._here
        heard = await self._site.chat.press(self._viewer, place, "create", args, uploads)
        self._tell(heard, place, None)
        if not heard.reply.refused:
            self._toggle_form()
        return not heard.reply.refused

    def _tell(self, heard: Heard, place: Place, typed: str | None) -> None:
        if heard.shown or not self._open:
            return
        message_id, now = f"only-{next(self._fleeting)}", self._site.clock.now()
        index = self._timeline.place_at(message_id, now) or 0
        answer, hold = heard.reply.message, self._site.handouts.offer
        links = self._links[message_id] = [hold(file) for file in answer.attachments]
        message = fleeting(message_id, answer, typed, now, self._eye, links)
        self._add(message_id, place, message, index)
        if heard.reply.jobs:
            asyncio.get_running_loop().call_later(VANISH, self._dismiss, message_id)

    def _dismiss(self, message_id: str) -> None:
        self._withdraw(message_id)
        card = self._cards.pop(message_id, None)
        if card and self._open:
            self._timeline.drop(message_id)
            card.delete()

    def _withdraw(self, message_id: str) -> None:
        """Its files are on this page and nowhere else."""
        for link in self._links.pop(message_id, ()):
            self._site.handouts.withdraw(link)

    def _toggle_private(self, _: object) -> None:
        self._set_private(privately=not self._privately)

    def _set_private(self, *, privately: bool) -> None:
        self._privately = privately
        self._form.mark(privately=privately)
        self._mark()

    def _toggle_form(self, _: object = None) -> None:
        self._form.toggle()
        self._mark()

    def _mark(self) -> None:
        self._composer.mark_as(privately=self._privately, form_open=self._form.open)
