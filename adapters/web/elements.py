"""Our own parts of a page: thin Python sides of the components in ``assets``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from adapters.web.render import Json
from bot import wording
from bot.commands.grammar import GRAMMAR

OnEvent = Callable[[GenericEventArguments], Any]


class ChatLog(ui.element, component="assets/chat_log.js"):
    """The scrolling list of messages, which are its children.

    `now` (ms) is the server's time, which countdowns are measured by.
    """

    def __init__(self, now: int) -> None:
        super().__init__()
        self.props["words"] = wording.PAGE
        self.props["servertime"] = now


class ChatCard(ui.element, component="assets/chat_card.js"):
    """One message in a `ChatLog`."""

    def __init__(self, message: Json, on_press: OnEvent, on_dismiss: OnEvent) -> None:
        super().__init__()
        self.props["message"] = message
        self.on("press", on_press)
        self.on("dismiss", on_dismiss)

    def show(self, message: Json) -> None:
        """Draw the message as it is now; what did not change is not touched."""
        self.props["message"] = message


class Composer(ui.element, component="assets/chat_composer.js"):
    """The line to type in, with every command at hand."""

    def __init__(
        self, *, admin: bool, on_send: OnEvent, on_private: OnEvent, on_form: OnEvent
    ) -> None:
        super().__init__()
        self.props["words"] = wording.PAGE
        self.props["commands"] = commands(admin=admin)
        self.on("send", on_send)
        self.on("privately", on_private)
        self.on("form", on_form)

    def mark_as(self, *, privately: bool, form_open: bool) -> None:
        """Show which of its switches are on."""
        self.props["privately"] = privately
        self.props["formopen"] = form_open

    def fill(self, text: str) -> None:
        """Put words into the line."""
        self.run_method("fill", text)


class Gallery(ui.element, component="assets/panel_gallery.js"):
    """Videos to look through, with what narrows them. `choices` are pairs of value and words."""

    def __init__(self, choices: Json) -> None:
        super().__init__()
        self.props["words"] = wording.GALLERY_WORDS
        self.props["choices"] = choices
        self.props["wall"] = {"tiles": [], "told": "", "more": False, "moved": False}

    def show(self, tiles: list[Json], told: str, *, more: bool, moved: bool) -> None:
        """Draw these; nothing is sent when they are as before."""
        wall = {"tiles": tiles, "told": told, "more": more, "moved": moved}
        if self.props["wall"] != wall:
            self.props["wall"] = wall

    def open_family(self, picture: Json, words: list[str]) -> None:
        """Show the picture of a family over the page; `words` are the same for whoever listens."""
        self.run_method("open_family", picture, words)


class PanelTable(ui.element, component="assets/panel_table.js"):
    """A table whose rows are replaced as a whole and redrawn where they differ."""

    def __init__(self, label: str, columns: Sequence[str]) -> None:
        super().__init__()
        self.props["label"] = label
        self.props["columns"] = list(columns)
        self.props["rows"] = []

    def show(self, rows: list[Json]) -> None:
        """Draw these rows; nothing is sent when they are as before."""
        if self.props["rows"] != rows:
            self.props["rows"] = rows


def on_delete(leave: Callable[[], None]) -> None:
    """Call `leave` when the open page is closed for good."""
    ui.context.client.on_delete(leave)  # pyright: ignore[reportUnknownMemberType] - bare Callable


def commands(*, admin: bool) -> list[Json]:
    """What the composer offers after a slash."""
    return [
        {"command": verb.command, "usage": verb.usage, "summary": verb.summary}
        for verb in GRAMMAR
        if admin or verb.right == "member"
    ]
