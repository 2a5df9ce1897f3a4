"""The bot as a process that can be killed and started again, with its backend outside of it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

import httpx

from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.serve import run_simulator
from adapters.providers.simulator.settings import SimulatorSettings

ROOT = Path(__file__).parents[2]
BOT = Path(__file__).with_name("crashing_bot.py")
Told = TypeVar("Told")
KITE = {"prompt": "a red kite over dunes", "seconds": "4"}
RAIN = {"prompt": "an old lighthouse in the rain", "seconds": "4"}
ORDER = "order-1"
AT_ONCE = 12
"""Stories told side by side: most of the time they wait."""
PATIENCE = 60.0
"""Seconds after which a life that should have ended is a failure."""
QUICK = SimulatorSettings(queue_ms=200, render_ms=1300, slots=4, fps=2, vary=False, control=True)
"""Finished between the first question about a job and the second, unless the machine is busy."""


# --- where everything lies ----------------------------------------------------------------


@dataclass(frozen=True)
class Home:
    """Folders of one installation; all but `data` must stay empty."""

    root: Path

    def __post_init__(self) -> None:
        for folder in (self.cwd, self.home, self.tmp):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def data(self) -> Path:
        """The bot's own."""
        return self.root / "data"

    @property
    def cwd(self) -> Path:
        """Where it is started."""
        return self.root / "cwd"

    @property
    def home(self) -> Path:
        """Its user's."""
        return self.root / "home"

    @property
    def tmp(self) -> Path:
        """For temporary files."""
        return self.root / "tmp"

    @property
    def log(self) -> Path:
        """What all lives said on stderr."""
        return self.root / "stderr.log"

    def environment(self, **settings: str) -> dict[str, str]:
        """Nothing of the machine's own settings, and every folder in its place."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("SORA_")}
        folders = {"HOME": str(self.home), "TMPDIR": str(self.tmp), "PYTHONPATH": str(ROOT)}
        return {**kept, **folders, "PYTHONDONTWRITEBYTECODE": "1", **settings}

    def words(self) -> dict[str, object]:
        """The same for a plan."""
        return {
            "data": str(self.data),
            "cwd": str(self.cwd),
            "log": str(self.log),
            "environment": self.environment(),
        }

    def strays(self) -> list[str]:
        """What lies outside the data folder."""
        outside = (self.cwd, self.home, self.tmp)
        return [str(path) for folder in outside for path in folder.rglob("*")]


# --- the backend ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Upstream:
    """A simulator that outlives the bot."""

    url: str
    http: httpx.AsyncClient

    async def stats(self) -> dict[str, Any]:
        """Its counts."""
        return await self._ask("GET", "/simulator/stats")

    async def plan(self, *faults: Fault) -> None:
        """Let these go wrong."""
        await self._ask(
            "POST", "/simulator/faults", {"faults": [asdict(fault) for fault in faults]}
        )

    async def heal(self) -> None:
        """Nothing goes wrong any more."""
        await self._ask("DELETE", "/simulator/faults")

    async def until(self, enough: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for counts that are `enough`."""
        await until(lambda: self._is(enough))

    async def _is(self, enough: Callable[[dict[str, Any]], bool]) -> bool:
        return enough(await self.stats())

    async def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = await self.http.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def talking_to(url: str) -> AsyncGenerator[Upstream]:
    """The simulator that answers at `url`."""
    base = url.removesuffix("/v1")
    # Nothing here is encrypted, and loading the machine's certificates would take a while.
    async with httpx.AsyncClient(base_url=base, trust_env=False, verify=False) as http:  # noqa: S501
        yield Upstream(url, http)


@asynccontextmanager
async def upstream(
    state: Path, films: Path | None = None, settings: SimulatorSettings = QUICK
) -> AsyncGenerator[Upstream]:
    """A running simulator; `films` are clips that it need not render again."""
    if films:
        shutil.copytree(films, state / "clips")
    async with (
        run_simulator(replace(settings, state_dir=state)) as running,
        talking_to(running.url) as backend,
    ):
        yield backend


async def until(happened: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait for something outside of this process, which has no other way to tell us."""
    async with asyncio.timeout(patience):
        while not await happened():  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(0.01)


# --- a life ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What happens in one life: `orders` are given by interaction, and once more in each life.

    It ends itself `moment` the `commit` with that number or name, counted from the first order,
    or from the opening of the store with `from_start`; else when nothing is left to do. An unknown
    outcome that was looked up is at rest only with `unknown_rests`. With `pause` it only falls
    silent there, until it is woken.
    """

    settings: Mapping[str, object]
    orders: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {ORDER: KITE})
    commit: int | str | None = None
    moment: Literal["before", "after"] = "before"
    from_start: bool = False
    unknown_rests: bool = False
    pause: bool = False
    asked: int | None = None
    """So many of the orders come in this life; None: all."""

    def killed(self, commit: int | str, moment: Literal["before", "after"]) -> Plan:
        """The same with another end."""
        return replace(self, commit=commit, moment=moment)


def settings(url: str, **more: object) -> dict[str, object]:
    """A bot whose backend is the simulator at `url`."""
    return {
        "provider": "simulator",
        "provider_url": url,
        "port": 0,
        **more,
    }


@dataclass
class Life:
    """A process of the bot, while it runs and after. `code` is negative for a signal."""

    told: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return next((line["code"] for line in self.told if "code" in line), None)

    @property
    def killed(self) -> bool:
        """Whether it died as planned."""
        return self.code == -signal.SIGKILL

    @property
    def paused_at(self) -> int | None:
        """Which of the lines it told was the last before it fell silent."""
        return next((n for n, line in enumerate(self.told) if line.get("fatal")), None)

    async def is_paused(self) -> bool:
        """Whether it fell silent as planned."""
        return self.paused_at is not None

    async def is_ready(self) -> bool:
        """Whether it serves."""
        return self.was_ready

    async def has_ended(self) -> bool:
        """Whether it is gone."""
        return self.code is not None

    @property
    def due(self) -> list[str]:
        """Jobs that had to wait for their next step when it started."""
        return [name for line in self.told if "due" in line for name in line["due"]]

    def late(self, most: float) -> list[str]:
        """Jobs that were due at the start, and waited for a step for more seconds than that.

        Of a life that ended before, nothing can be said.
        """
        born = next((line["at"] for line in self.told if "pid" in line), 0.0)
        ended = self.told[-1]["at"] if self.told else born
        return [name for name in self.due if min(ended, self._advanced(name)) - born > most]

    def _advanced(self, job_id: str) -> float:
        """When a step of a job was stored; never is very late."""
        return next((line["at"] for line in self.told if job_id in line.get("jobs", ())), inf)

    @property
    def commits(self) -> list[list[str]]:
        """What was committed, by what it was about."""
        return [line["what"] for line in self.told if "commit" in line]

    @property
    def fatal(self) -> list[str]:
        """The commit at which it killed itself; empty when it did not."""
        found = [line["what"] for line in self.told if line.get("fatal")]
        return found[0] if found else []

    @property
    def answers(self) -> dict[str, list[str]]:
        """Ids of the jobs that orders became, as people were told."""
        return {line["answered"]: line["jobs"] for line in self.told if "answered" in line}

    @property
    def was_ready(self) -> bool:
        """Whether it lived to serve."""
        return any("ready" in line for line in self.told)

    async def born(self) -> bool:
        """Whether there is a process already."""
        return any("pid" in line for line in self.told)

    async def listen(self, lines: asyncio.StreamReader) -> None:
        """Take in what it tells until it is gone."""
        async for line in lines:
            self.told.append(json.loads(line))

    def kill(self) -> None:
        """From outside, at this very moment; fine when it is gone already."""
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Any other signal."""
        pid = next((line["pid"] for line in self.told if "pid" in line), None)
        if pid is not None and self.code is None:
            os.kill(pid, number)


@dataclass(frozen=True)
class Nursery:
    """Where lives begin: the socket of a running ``crashing_bot.py``."""

    path: Path

    @asynccontextmanager
    async def a_life(self, home: Home, plan: Plan) -> AsyncGenerator[Life]:
        """A running bot; leaving the block waits for its end."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(json.dumps({**asdict(plan), **home.words()}).encode() + b"\n")
        life = Life()
        listening = asyncio.create_task(life.listen(reader))
        try:
            yield life
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(listening)
        finally:
            life.kill()
            await listening
            writer.close()
            await writer.wait_closed()

    async def lived(self, home: Home, plan: Plan) -> Life:
        """A whole life that ends by itself."""
        async with self.a_life(home, plan) as life:
            pass
        return life

    async def lived_to_rest(self, home: Home, plan: Plan) -> Life:
        """A life in which everything is brought to its end, and the bot stops in good order."""
        life = await self.lived(home, replace(plan, commit=None))
        assert life.code == 0, f"{life.told[-5:]}\n{home.log.read_text()[-2000:]}"
        return life


@contextmanager
def nursery() -> Generator[Nursery]:
    """A place where lives begin quickly."""
    with TemporaryDirectory(prefix="nursery-") as folder:
        path = Path(folder) / "socket"
        with subprocess.Popen(
            [sys.executable, BOT, path],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == b"listening\n"
            yield Nursery(path)
            process.communicate(timeout=PATIENCE)


# --- many at once -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Lab:
    """Installations side by side, each with a backend and a data folder of its own."""

    lives: Nursery
    films: Path
    blank: Path
    """A data folder in which nothing has happened yet."""
    root: Path

    @asynccontextmanager
    async def installation(
        self, name: str, settings: SimulatorSettings = QUICK
    ) -> AsyncGenerator[tuple[Home, Upstream]]:
        """A new one."""
        home = Home(self.root / name)
        shutil.copytree(self.blank, home.data)
        async with upstream(home.root / "backend", self.films, settings) as backend:
            yield home, backend


async def side_by_side(*stories: Awaitable[Told]) -> list[Told]:
    """Live through all stories, some at a time; what went wrong in any of them is told at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(story: Awaitable[Told]) -> Told:
        async with room:
            return await story

    ends = await asyncio.gather(*map(one, stories), return_exceptions=True)
    faults = [end for end in ends if isinstance(end, BaseException)]
    if faults:
        raise BaseExceptionGroup(f"{len(faults)} of {len(ends)} stories ended badly", faults)
    return [end for end in ends if not isinstance(end, BaseException)]
