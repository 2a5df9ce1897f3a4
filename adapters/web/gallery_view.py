"""The gallery of one open page: looks through the library, likes, and opens families."""

from __future__ import annotations

from typing import Any, cast

from nicegui import ui
from nicegui.events import GenericEventArguments

from adapters.web.elements import Gallery
from adapters.web.gallery import choices, tile, window_of
from adapters.web.panel_rows import picture_props
from adapters.web.platform import private_place
from adapters.web.shown import Link
from adapters.web.views import Site
from bot import wording
from bot.domain.library import Cursor
from bot.domain.messages import Message, plain
from bot.domain.refs import Person


class GalleryView:
    """Shows one window of what the viewer may watch; deeds are the verbs of the chat."""

    def __init__(self, site: Site, viewer: Person, link: Link) -> None:
        self._site = site
        self._viewer = viewer
        self._link = link
        self._window = window_of(viewer, {})
        self._following: Cursor | None = None

    def build(self) -> None:
        """Choices and an empty wall."""
        models = [model.name for model in self._site.catalogue()]
        offered = choices(self._site.chat.people, models)
        self._shown = Gallery(offered)
        self._shown.on("look", self._look)
        self._shown.on("more", self._more)
        self._shown.on("first", self._first)
        self._shown.on("like", self._like)
        self._shown.on("family", self._family)

    async def refresh(self) -> None:
        """Show the window as it is now. A slow answer never replaces that to a later question."""
        window = self._window
        found, following = await self._site.panel.gallery(window.asked)
        if window is self._window:
            self._following = following
            tiles = [tile(one, self._link) for one in found]
            told = wording.gallery_told(len(tiles), more=following is not None)
            more = following is not None
            self._shown.show(tiles, told, more=more, moved=window.moved)

    async def _look(self, event: GenericEventArguments) -> None:
        self._window = window_of(self._viewer, _args(event))
        await self.refresh()

    async def _more(self, _: GenericEventArguments) -> None:
        if self._following:
            self._window = self._window.more(self._following)
            await self.refresh()

    async def _first(self, _: GenericEventArguments) -> None:
        self._window = self._window.first()
        await self.refresh()

    async def _like(self, event: GenericEventArguments) -> None:
        wanted = _args(event).get("liked") is True
        answer = await self._press("like" if wanted else "unlike", event)
        if answer:
            await self.refresh()

    async def _family(self, event: GenericEventArguments) -> None:
        answer = await self._press("tree", event)
        if answer and answer.attachments:
            words = [plain(line) for line in answer.lines]
            self._shown.open_family(picture_props(answer.attachments[0]), words)

    async def _press(self, verb: str, event: GenericEventArguments) -> Message | None:
        """What the bot answers; a refusal is told at once, and None."""
        job = _args(event).get("job")
        if not isinstance(job, str):
            return None
        place = private_place(self._viewer)
        reply = (await self._site.chat.press(self._viewer, place, verb, {"job": job})).reply
        if reply.refused:
            ui.notify("\n".join(map(plain, reply.message.lines)))
            return None
        return reply.message


def _args(event: GenericEventArguments) -> dict[str, Any]:
    given: object = event.args
    return cast("dict[str, Any]", given) if isinstance(given, dict) else {}
