"""On the web no draft gets round its review, whatever is pressed, typed, asked for or made up."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import product
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from adapters.blobs import DiskBlobs
from adapters.web.gallery import SHOWS, tile, window_of
from adapters.web.guard import COOKIE, LOOPBACK, Guard, Rules
from adapters.web.handouts import Handouts
from adapters.web.panel_rows import job_rows, ledger_rows, usage_rows
from adapters.web.platform import Heard, private_place
from adapters.web.routes import answers, routes
from adapters.web.shown import Eye, shown
from bot.commands.dispatch import HANDLERS
from bot.commands.grammar import AGREED, DISMISS, OVERHEARD, REACTED, REPLIED, TYPED, verb_named
from bot.domain.library import Order
from bot.domain.messages import Message
from bot.domain.refs import Person
from bot.domain.refs import Place as Somewhere
from bot.domain.tickets import Ticket
from bot.services.panel import Panel
from bot.services.reports import Reports
from bot.services.tickets import Tickets
from tests.fakes.bypass_story import (
    JOB_VERBS,
    NAMES,
    PROMPT,
    TITLE,
    Draft,
    Shown,
    Try,
    Who,
    begin,
    filled,
    nobody_gets_through,
)
from tests.fakes.clock import FakeClock
from tests.fakes.core import World, running
from tests.fakes.stages import RICH, OnTheWeb, typed
from tests.fakes.web_life import STUDIO, in_channel, on_the_web, words

pytestmark = pytest.mark.timeout(60)
"""Seconds: each tries some hundred ways, on machines that do much else, too."""
UNSEEN = (AGREED, DISMISS, OVERHEARD, REACTED, REPLIED, TYPED)
"""Verbs that are in no grammar and that a browser could name all the same."""
TOKEN = "a token of enough length"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TOMORROW = 86_400_000
PAGES = 9
"""More than there are videos."""


@dataclass
class Place(OnTheWeb):
    """Where they try: the page, its gallery and panel, and the server behind it."""

    async def catch_up(self) -> None:
        await self.core.work()

    def who(self, name: str) -> str:
        return self.person(name).id

    async def everywhere(self) -> list[Shown]:
        found = await in_channel(self.life, self.person("Nobody"))
        return [_shown(one) for one in found]


def _shown(message: Message) -> Shown:
    video = message.video
    paths = [path for path in (video.path, video.poster) if path] if video else []
    files = [path.stem for path in paths]
    files += [sha256(file.content).hexdigest() for file in message.attachments]
    return Shown(f"{words(message)}\n{message.quote}", tuple(files))


@dataclass(frozen=True)
class Tries:
    """What one of them does about a draft."""

    place: Place
    draft: Draft

    @property
    def person(self) -> Person:
        return self.place.person(NAMES[self.draft.who])

    @property
    def job(self) -> str:
        return self.draft.job.id

    @property
    def _places(self) -> tuple[Somewhere, Somewhere]:
        return STUDIO, private_place(self.person)

    # --- the chat -------------------------------------------------------------------------

    def lines(self) -> Iterator[Try]:
        """Every command about a video, typed in the channel and in private."""
        for verb, place in product(JOB_VERBS, self._places):
            line = f"/{verb.group} {typed(verb.name, self._args(verb.name))}"
            do = partial(self._typed, place, line.replace(" admin ", " "))
            yield Try(f"{line} in {place.channel}", do, verb.name)

    def presses(self) -> Iterator[Try]:
        """Everything that a page can say was pressed, with more in it than we would write."""
        for verb, place in product((*HANDLERS, *UNSEEN), self._places):
            yield self._press(place, verb, self._args(verb), verb)
        line = {"text": f"/sora publish {self.job} sure"}
        for verb in (TYPED, REPLIED, OVERHEARD):
            yield self._press(STUDIO, verb, line)
        wanted = {"job": self.job, "sure": "yes"}
        extra = ({"stand": "published"}, {"reviewer": "mara"}, {"person": "mara"}, {"as": "mara"})
        extra += ({"to": "#studio"}, {"to": "here"}, {"more": self.job}, {"job": f"#{self.job}"})
        for more in extra:
            yield self._press(STUDIO, "publish", {**wanted, **more})

    def _press(self, place: Somewhere, verb: str, args: Mapping[str, str], meant: str = "") -> Try:
        do = partial(self._pressed, place, verb, args)
        return Try(f"{verb} {args} in {place.channel}", do, meant)

    async def _typed(self, place: Somewhere, line: str) -> Shown:
        return _told(await self.place.life.chat.type(self.person, place, line))

    async def _pressed(self, place: Somewhere, verb: str, args: Mapping[str, str]) -> Shown:
        return _told(await self.place.life.chat.press(self.person, place, verb, args))

    def _args(self, verb: str) -> dict[str, str]:
        shaped = verb_named(verb)
        args = filled(shaped, self.job) if shaped else {"job": self.job}
        return {**args, "message": f"card/{self.job}", "sign": "⭐"} if verb == REACTED else args

    # --- what a page shows ----------------------------------------------------------------

    def gallery(self) -> Iterator[Try]:
        """All that a browser can ask the gallery for, with every page behind "More"."""
        orders, looked_for = [order.value for order in Order], ("", "heron", TITLE, self.job)
        authors = ("", "ana", "mara")
        for show, order, text, author in product(SHOWS, orders, looked_for, authors):
            asked = {"show": show, "order": order, "words": text, "author": author}
            yield Try(f"gallery {asked}", partial(self._looked, asked))
        for forged in (
            {"asker": "ana"},
            {"shelf": "both"},
            {"stand": "review"},
            {"show": ["mine"]},
        ):
            yield Try(f"gallery {forged}", partial(self._looked, {"show": "drafts", **forged}))

    async def _looked(self, asked: Mapping[str, object]) -> Shown:
        """One video a page."""
        panel, tiles = self._panel(), list[object]()
        which = replace(window_of(self.person, asked).which, limit=1)
        for _ in range(PAGES):
            found, following = await panel.gallery(which)
            tiles += [tile(one, lambda name, _: f"/media/{name}") for one in found]
            if following is None:
                return self._nothing_of_it(tiles)
            which = replace(which, after=following)
        raise AssertionError("the gallery never ends")

    def panel(self) -> Iterator[Try]:
        """Every view of the panel, and what a page starts with."""
        yield Try("jobs", self._jobs)
        yield Try("ledger and usage", self._figures)
        yield Try("history", self._history)

    async def _jobs(self) -> Shown:
        """Everybody knows of the order: it was made in the channel."""
        return Shown(json.dumps(job_rows(await self._panel().jobs(self.person, 100))))

    async def _figures(self) -> Shown:
        panel = self._panel()
        entries = await panel.ledger(self.person, 100)
        usage = await panel.usage(self.person)
        return Shown(json.dumps([ledger_rows(entries), usage_rows(usage)]))

    async def _history(self) -> Shown:
        chat = self.place.life.chat
        eye = Eye(self.person, chat.named, lambda name, _: f"/media/{name}")
        said = [shown(one, eye) for one in await chat.history(self.person)]
        return self._files_of(json.dumps(said, ensure_ascii=False))

    def _panel(self) -> Panel:
        core = self.place.core
        reports = Reports(core.store, core.clock, core.workspaces)
        return Panel(core.store, core.quotas, reports, core.charts, ())

    def _nothing_of_it(self, tiles: list[object]) -> Shown:
        """Somebody else is not even told that there is such a video."""
        drawn = json.dumps(tiles, ensure_ascii=False)
        if self.draft.who is Who.OTHER:
            assert self.job not in drawn
            assert PROMPT not in drawn
        return self._files_of(drawn)

    def _files_of(self, drawn: str) -> Shown:
        return Shown(drawn, tuple(name for name in self.draft.files if name in drawn))

    # --- the server -----------------------------------------------------------------------

    def requests(self) -> Iterator[Try]:
        """Every route with every method, by whoever comes: for the files of the draft."""
        for path in self._paths():
            yield Try(path, partial(self._requested, path))

    def _paths(self) -> Iterator[str]:
        ends = self.place.core.clock.now() + TOMORROW
        every = _routes(self.place)
        kite = _blobs(self.place).link(f"{'0' * 64}.mp4", self._ticket, ends).partition("?")[2]
        for name in self.draft.files:
            for route in every:
                assert isinstance(route, Route | Mount)
                path = route.path.replace("{name}", f"{name}.mp4").replace("{token}", "guessed")
                yield path
                if "{name}" in route.path:
                    yield f"{path}?{kite}"
                    yield f"{path}?for={self._ticket}&exp={ends}&sig={'0' * 64}"
                    yield path.replace(name, f"..%2F{name}")
                if isinstance(route, Mount):
                    yield f"{path}/%2e%2e/{name}.mp4"
                    yield f"{path}/..%2f..%2f{name}.mp4"

    @property
    def _ticket(self) -> Ticket:
        """As for everybody of the workspace, who may not see a draft."""
        return Ticket(self.draft.job.id, self.draft.job.person.tenant)

    def _comers(self) -> tuple[dict[str, str], ...]:
        rules = _rules()
        cookie = {"Cookie": f"{COOKIE}={rules.pass_word}"}
        wrong = {"Cookie": f"{COOKIE}={'0' * 64}"}
        return {}, cookie, wrong, {**cookie, "Origin": "https://evil.example"}

    async def _requested(self, path: str) -> Shown:
        async with _browser(self.place) as http:
            ways = product(METHODS, self._comers())
            got = [await http.request(method, path, headers=by) for method, by in ways]
        files = [sha256(answer.content).hexdigest() for answer in got]
        assert self.draft.files.isdisjoint(files), path
        return Shown("\n".join(answer.text for answer in got), tuple(files))


def _told(heard: Heard) -> Shown:
    return _shown(heard.reply.message)


async def _ready() -> bool:
    return True


def _rules() -> Rules:
    return Rules(TOKEN, LOOPBACK)


class Unwearied(FakeClock):
    """Whoever tries wrong tokens need not wait."""

    async def sleep(self, ms: int) -> None:
        del ms


def _routes(place: Place) -> list[BaseRoute]:
    admits = Tickets(place.core.store).admits
    return [*routes(_blobs(place), admits, _ready, _rules(), Unwearied()), answers(Handouts())]


def _blobs(place: Place) -> DiskBlobs:
    assert isinstance(place.core.blobs, DiskBlobs)
    return place.core.blobs


@asynccontextmanager
async def _browser(place: Place) -> AsyncGenerator[httpx.AsyncClient]:
    app = Guard(Starlette(routes=_routes(place)), _rules())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        yield http


WAYS: Mapping[str, Callable[[Tries], Iterator[Try]]] = {
    "lines": Tries.lines,
    "presses": Tries.presses,
    "gallery": Tries.gallery,
    "panel": Tries.panel,
    "requests": Tries.requests,
}


@pytest.mark.parametrize("who", list(Who))
@pytest.mark.parametrize("way", WAYS)
async def test_no_draft_gets_round_its_review(tmp_path: Path, who: Who, way: str) -> None:
    world = World(tmp_path)
    world.provider.instant = True
    async with running(world, RICH) as core:
        place = Place(core, await on_the_web(core))
        draft = await begin(place, who)
        assert await nobody_gets_through(place, draft, WAYS[way](Tries(place, draft)))


async def test_only_a_link_of_a_page_leads_to_the_file_of_a_draft(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.provider.instant = True
    async with running(world, RICH) as core:
        place = Place(core, await on_the_web(core))
        draft = await begin(place, Who.AUTHOR)
        async with core.store.reading() as tx:
            video = await tx.videos.of(draft.job.id)
        assert video
        ends, job_id = core.clock.now() + TOMORROW, draft.job.id
        own = _blobs(place).link(video.blob.name, Ticket(job_id), ends)
        public = _blobs(place).link(video.blob.name, Ticket(job_id, draft.job.person.tenant), ends)
        async with _browser(place) as http:
            assert sha256((await http.get(own)).content).hexdigest() in draft.files
            assert (await http.get(own.replace("sig=", "sig=0"))).status_code == 404
            assert (await http.get(public)).status_code == 410
