"""The panel of one open page: jobs, gallery, credits, usage, health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from adapters.web.elements import PanelTable
from adapters.web.gallery_view import GalleryView
from adapters.web.panel_rows import job_rows, ledger_rows, picture_props, usage_rows
from adapters.web.shown import Link
from adapters.web.views import Site
from bot import wording
from bot.domain.refs import Person
from bot.domain.reports import Report

ROWS = 100
VIEWS = ("jobs", "gallery", "ledger", "usage", "health")


class PanelView:
    """Shows one view at a time and refreshes only that."""

    def __init__(self, site: Site, viewer: Person, link: Link) -> None:
        self._panel = site.panel
        self._viewer = viewer
        self._gallery = GalleryView(site, viewer, link)
        self._facts: list[tuple[str, str, bool]] = []
        self._drawn: Report | None = None
        self._refreshers: dict[str, Callable[[], Awaitable[None]]] = {
            "jobs": self._refresh_jobs,
            "gallery": self._gallery.refresh,
            "ledger": self._refresh_ledger,
            "usage": self._refresh_usage,
            "health": self._refresh_health,
        }
        self._sections: dict[str, ui.element] = {}

    def build(self) -> None:
        """All views, hidden."""
        with ui.element("aside").classes("panel") as aside:
            aside.props["aria-label"] = wording.PAGE["panel"]
            for name in VIEWS:
                with ui.element("section").classes(f"view view-{name}") as section:
                    section.props["aria-label"] = wording.PAGE[name]
                self._sections[name] = section
        with self._sections["jobs"]:
            self._no_jobs = _none("no_jobs")
            self._jobs = PanelTable(wording.PAGE["jobs"], wording.JOB_COLUMNS)
        with self._sections["gallery"]:
            self._gallery.build()
        with self._sections["ledger"]:
            self._build_ledger()
        with self._sections["usage"]:
            ui.label(wording.PAGE["this_month"]).classes("muted")
            self._no_usage = _none("no_usage")
            self._chart = ui.element("img").classes("chart")
            self._chart.set_visibility(False)
            self._usage = PanelTable(wording.PAGE["this_month"], wording.USAGE_COLUMNS)

    def _build_ledger(self) -> None:
        with ui.element("div").classes("figures"):
            self._left = _figure(wording.PAGE["spend"])
            self._held = _figure(wording.PAGE["held"])
        self._no_entries = _none("no_ledger")
        self._ledger = PanelTable(wording.PAGE["ledger"], wording.LEDGER_COLUMNS)

    async def refresh(self, view: str) -> None:
        """Bring one view up to date."""
        refresh = self._refreshers.get(view)
        if refresh:
            await refresh()

    async def _refresh_jobs(self) -> None:
        rows = job_rows(await self._panel.jobs(self._viewer, ROWS))
        self._jobs.show(rows)
        _either(self._jobs, self._no_jobs, there=bool(rows))

    async def _refresh_ledger(self) -> None:
        left, held = await self._panel.wallet(self._viewer)
        self._left.set_text(f"{left:,}")
        self._held.set_text(f"{held:,}")
        rows = ledger_rows(await self._panel.ledger(self._viewer, ROWS))
        self._ledger.show(rows)
        _either(self._ledger, self._no_entries, there=bool(rows))

    async def _refresh_usage(self) -> None:
        usage = await self._panel.usage(self._viewer)
        rows = usage_rows(usage)
        self._usage.show(rows)
        _either(self._usage, self._no_usage, there=bool(rows))
        await self._draw(usage)

    async def _draw(self, usage: Report) -> None:
        """Drawing takes a while, so what looks the same stays."""
        if usage == self._drawn:
            return
        self._drawn = usage
        picture = await self._panel.picture(usage)
        self._chart.set_visibility(picture is not None)
        if picture:
            self._chart.props.update(picture_props(picture))

    async def _refresh_health(self) -> None:
        facts = list(await self._panel.health())
        if facts == self._facts:
            return
        self._facts = facts
        section = self._sections["health"]
        section.clear()
        with section:
            for label, words, fine in facts:
                with ui.element("div").classes("fact" if fine else "fact is-bad"):
                    ui.label(label).classes("fact-name")
                    ui.label(words)


def _none(key: str) -> ui.label:
    return ui.label(wording.PAGE[key]).classes("none")


def _figure(label: str) -> ui.label:
    with ui.element("div").classes("figure"):
        number = ui.label("–").classes("figure-number")
        ui.label(label).classes("muted")
    return number


def _either(content: ui.element, placeholder: ui.element, *, there: bool) -> None:
    content.set_visibility(there)
    placeholder.set_visibility(not there)
