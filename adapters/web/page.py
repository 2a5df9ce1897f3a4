"""The one page: header, chat and panel."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments
from starlette.requests import Request

from adapters.web.chat_view import ChatView
from adapters.web.elements import on_delete
from adapters.web.panel_view import VIEWS, PanelView
from adapters.web.platform import CHANNEL
from adapters.web.shown import Eye, Link, hue
from adapters.web.views import Site
from bot import wording
from bot.domain.refs import Person
from bot.domain.tickets import Ticket

TITLE = f"#{CHANNEL} · {wording.BOT_NAME}"
DAY = 24 * 60 * 60 * 1000
REFRESH = 1.0
"""Seconds between two looks at whether the panel needs fresh figures."""
LAZY = 10
"""Looks after which it is refreshed even though nothing was heard."""


def install(site: Site, stylesheets: Sequence[str]) -> None:
    """Serve the page at ``/``; ``/?as=ben`` is Ben's."""

    @ui.page("/", title=TITLE)
    async def index(request: Request) -> None:
        viewer = site.chat.person(request.query_params.get("as")) or site.chat.people[0]
        for address in stylesheets:
            ui.add_head_html(f'<link rel="stylesheet" href="{address}">')
        await Page(site, viewer).build()


def fresh_links(site: Site) -> Link:
    """Links that stay the same all day, so that a browser keeps what it has loaded."""

    def link(name: str, ticket: Ticket) -> str:
        today = site.clock.now() // DAY
        return site.files.link(name, ticket, (today + 2) * DAY)

    return link


class Page:
    """One open page of one person."""

    def __init__(self, site: Site, viewer: Person) -> None:
        self._site = site
        self._viewer = viewer
        link = fresh_links(site)
        eye = Eye(viewer, site.chat.named, link, site.catalogue().seconds)
        self._chat = ChatView(site, viewer, eye)
        self._panel = PanelView(site, viewer, link)
        self._view = "chat"
        self._beside = VIEWS[0]
        self._stale = True
        self._looks = 0

    async def build(self) -> None:
        """Everything."""
        ui.colors(primary="#b8431f")
        ui.context.client.content.classes("shell")
        self._shell = ui.context.client.content
        self._build_header()
        await self._chat.build()
        self._build_views()
        self._panel.build()
        self._show(self._view)
        leave = self._site.chat.follow(self._viewer, lambda _: self._mark_stale())
        on_delete(leave)
        ui.timer(REFRESH, self._look)

    def _build_header(self) -> None:
        with ui.element("header").classes("top"):
            with ui.element("div").classes("brand"):
                ui.element("div").classes("brand-mark").props("aria-hidden=true")
                with ui.element("h1"):
                    ui.label(f"#{CHANNEL}")
            self._credits = ui.label("").classes("wallet")
            self._credits.props["title"] = wording.PAGE["credits"]
            with ui.element("nav").classes("people") as people:
                people.props["aria-label"] = wording.PAGE["act_as"]
                for person in self._site.chat.people:
                    _person_link(person, current=person == self._viewer)

    def _build_views(self) -> None:
        with ui.element("nav").classes("views") as views:
            views.props["aria-label"] = wording.PAGE["views"]
            self._tabs = {name: self._tab(name) for name in ("chat", *VIEWS)}

    def _tab(self, name: str) -> ui.element:
        with ui.element("button").classes(f"tab tab-{name}").props("type=button") as button:
            ui.label(wording.PAGE[name])
        button.on("click", lambda _, view=name: self._show(view))
        return button

    def _show(self, view: str) -> None:
        """On a wide screen the chat stays; the panel beside it shows the last view."""
        self._view = view
        self._beside = view if view in VIEWS else self._beside
        self._shell.props["data-view"] = view
        self._shell.props["data-beside"] = self._beside
        for name, tab in self._tabs.items():
            tab.props["aria-current"] = "page" if name == view else "false"
            tab.classes(add="beside") if name == self._beside else tab.classes(remove="beside")
        self._stale = True

    def _mark_stale(self) -> None:
        self._stale = True

    async def _look(self, _: GenericEventArguments | None = None) -> None:
        """Refresh what is seen, when something happened or a while has passed."""
        self._looks += 1
        if self._stale or self._looks % LAZY == 0:
            self._stale = False
            left, _held = await self._site.panel.wallet(self._viewer)
            self._credits.set_text(wording.credits_(left))
            await self._panel.refresh(self._beside)


def _person_link(person: Person, *, current: bool) -> None:
    with ui.element("a").classes("person") as link:
        link.props["href"] = f"/?as={person.id}"
        link.props["aria-label"] = person.name
        link.props["aria-current"] = "true" if current else "false"
        link.style(f"--hue: {hue(person.key)}")
        avatar = ui.label(person.name[:1].upper()).classes("avatar")
        avatar.props["aria-hidden"] = "true"
        ui.label(person.name).classes("person-name")
        if person.admin:
            ui.label(wording.PAGE["admin"]).classes("chip")
