"""Lives of the real bot, each in a process of its own that kills itself where its plan says.

``python crashing_bot.py SOCKET`` listens there until its stdin ends. Whoever connects sends a plan
(`tests.faults.lives.Plan` as a line of JSON) and is told line by line what happens, each line sent
before the next thing happens. The bot's modules are loaded once, here; a life is a fork of that.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from adapters.web.platform import PEOPLE, TENANT, channel
from bot import bootstrap
from bot.app import App
from bot.bootstrap import Bot, Ground
from bot.domain.budgets import Budget
from bot.domain.jobs import LIVE, TERMINAL, Job, JobState
from bot.domain.messages import Invocation
from bot.domain.quotas import Period
from bot.domain.unknowns import look_in
from bot.domain.usage import WORKSPACE
from bot.domain.workspaces import Choice
from bot.ports import Unit
from bot.services.lookup import LOOKS_TO_BE_SURE
from bot.settings import load

Plan = dict[str, Any]
ANA = PEOPLE[0]
A_SECOND = 200_000
"""Twice what it costs (USD·10⁻⁶): orders take half of a budget, so that admins hear of it."""
LOOK = 0.02
"""Seconds between two looks at whether the bot has come to rest."""


def tell(**words: object) -> None:
    """One line to whoever wants to know, with its moment (s). A kill cannot take it back."""
    os.write(1, json.dumps({**words, "at": time.monotonic()}).encode() + b"\n")


def end(how: signal.Signals) -> None:
    """The end, for now or for ever: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), how)


@dataclass
class Written:
    """What a transaction wrote until now, by name, and the jobs that it changed."""

    names: list[str] = field(default_factory=list[str])
    jobs: list[str] = field(default_factory=list[str])


class Commits:
    """Counts commits that wrote something, names them, and dies before or after one of them.

    Which one is given by its number or by a name. With `pause` it only falls silent there.
    """

    def __init__(self, fatal: int | str | None, moment: str, *, pause: bool) -> None:
        self._numbers: Iterator[int] = count(1)
        self._fatal = fatal
        self._moment = moment
        self._end = signal.SIGSTOP if pause else signal.SIGKILL
        self._open: dict[object, Written] = {}
        """By connection: the lease is renewed while something else is written."""
        self._last: object = None

    def watch(self) -> None:
        """Count from here on. Only the writer ever commits; readers roll back."""
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._before)
        event.listen(Engine, "rollback", self._forget)
        event.listen(Pool, "checkin", self._after)

    def _statement(self, *details: Any) -> None:  # noqa: ANN401 - the library's own signature
        connection, _, statement, _, context, _ = details
        match statement.split():
            case ["INSERT", "INTO", table, *_] | ["UPDATE", table, *_]:
                values: dict[str, Any] = context.compiled_parameters[0] if context.compiled else {}
                written = self._open.setdefault(_name(connection), Written())
                written.names.append(_named(table, values))
                if table == "jobs" and "seen_id" in values:
                    written.jobs.append(values["seen_id"])
            case _:
                return

    def _before(self, connection: Connection) -> None:
        written = self._open.pop(_name(connection), None)
        if written is None:
            return
        number, names = next(self._numbers), list(dict.fromkeys(written.names))
        fatal = self._fatal in (number, *names)
        tell(commit=number, what=names, jobs=written.jobs, fatal=fatal)
        if fatal and self._moment == "before":
            end(self._end)
        elif fatal:
            self._last = _name(connection)

    def _forget(self, connection: Connection) -> None:
        self._open.pop(_name(connection), None)

    def _after(self, connection: object, _: object) -> None:
        """The writer's connection goes back to its pool right after the commit."""
        if self._last is not None and connection is self._last:
            self._last = None
            end(self._end)


def _name(connection: Connection) -> object:
    """What stays the same for all uses of a connection."""
    return connection.connection.dbapi_connection


def _named(table: str, values: dict[str, Any]) -> str:
    """A write by the words that say what it is about, where there are some."""
    if table == "job_history":
        return str(values["why"])
    if table == "messages" and "nonce" in values:
        return f"posts-{values['nonce'].partition('/')[0]}"
    return table


@dataclass
class Inside:
    """The running bot, as it was put together."""

    ground: Ground
    bot: Bot

    async def agree(self, cap: int) -> None:
        """What admins chose once: a budget (USD·10⁻⁶), and where they hear of it."""
        async with self.ground.store.transaction() as tx:
            if not await tx.budgets.all(TENANT):
                await tx.budgets.set(TENANT, Budget(WORKSPACE, Period.MONTH, cap))
                await tx.workspaces.choose(TENANT, Choice.ALERTS, channel(TENANT).channel)

    async def due(self) -> list[str]:
        """Jobs that somebody should take a step with at once."""
        async with self.ground.store.reading() as tx:
            found = await tx.jobs.in_state(LIVE - {JobState.DELIVERING}, 1000)
        now = self.ground.clock.now()
        return [
            job.id
            for job in found
            if job.state is JobState.SUBMITTING or (job.due_at is not None and job.due_at <= now)
        ]

    async def start(self) -> None:
        """As the app does, but tell first what there is to do."""
        tell(due=await self.due())
        await App.start(self.bot.app)

    async def order(self, interaction: str, words: dict[str, str]) -> None:
        """What a chat hands over when somebody asks; it may do so twice."""
        asked = Invocation("create", words, ANA, channel(TENANT), interaction)
        reply = await self.bot.commands.answer(asked)
        tell(answered=interaction, jobs=reply.jobs, refused=reply.refused)

    async def at_rest(self, interactions: list[str], *, unknown_rests: bool) -> bool:
        """Whether nothing is left to do or to send, but to look again where that is no rest."""
        async with self.ground.store.reading() as tx:
            if await tx.outbox.next_due({"web"}) is not None:
                return False
            for name in interactions:
                parts = await tx.jobs.by_interaction(TENANT, name)
                rests = [await _rests(tx, job, unknown_rests) for job in parts]
                if not rests or not all(rests):
                    return False
        return True


async def _rests(tx: Unit, job: Job, unknown_rests: bool) -> bool:  # noqa: FBT001 - one caller, above
    """Whether a job ended, or was looked for in vain often enough."""
    if job.state in TERMINAL:
        return True
    if job.state is not JobState.SUBMIT_UNKNOWN or not unknown_rests:
        return False
    looks = [why for _, _, why in await tx.jobs.history(job.id) if look_in(why)]
    return len(looks) >= LOOKS_TO_BE_SURE


async def live(plan: Plan) -> None:
    """From start to stop, unless it ends before."""
    commits = Commits(plan["commit"], plan["moment"], pause=plan["pause"])
    if plan["from_start"]:
        commits.watch()
    settings = load(**plan["settings"], data_dir=Path(plan["data"]))
    put_together: list[Inside] = []
    assemble = bootstrap.assemble

    def watched(ground: Ground, *rest: Any) -> Bot:  # noqa: ANN401 - passed on as it is
        inside = Inside(ground, assemble(ground, *rest))
        put_together.append(inside)
        inside.bot.app.start = inside.start
        return inside.bot

    bootstrap.assemble = watched
    async with bootstrap.web_bot(settings) as url:
        tell(ready=url)
        inside = put_together[0]
        orders: dict[str, dict[str, str]] = plan["orders"]
        await inside.agree(A_SECOND * sum(int(words["seconds"]) for words in orders.values()))
        if not plan["from_start"]:
            commits.watch()
        names, unknown_rests = list(orders)[: plan["asked"]], plan["unknown_rests"]
        for interaction in names:
            await inside.order(interaction, orders[interaction])
        while not await inside.at_rest(names, unknown_rests=unknown_rests):  # noqa: ASYNC110 - it is rows that are waited for
            await asyncio.sleep(LOOK)
        tell(rest=True)


# --- processes --------------------------------------------------------------------------------


def serve(path: str) -> None:
    """A life for each connection."""
    # Keepers are collected by the system.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("listening", flush=True)  # noqa: T201 - whoever started us waits for it
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    os._exit(keep(connection))


def keep(connection: socket.socket) -> int:
    """Begin a life, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection.makefile() as lines:
        plan = json.loads(lines.readline())
    os.dup2(connection.fileno(), 1)
    pid = os.fork()
    if pid == 0:
        os._exit(_lived(plan))
    tell(pid=pid)
    _, status = os.waitpid(pid, 0)
    tell(code=os.waitstatus_to_exitcode(status))
    return 0


def _lived(plan: Plan) -> int:
    """In the new process: take its folders and environment, then live."""
    log = os.open(plan["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 2)
    os.chdir(plan["cwd"])
    os.environ.clear()
    os.environ.update(plan["environment"])
    tempfile.tempdir = None
    try:
        asyncio.run(live(plan))
    except BaseException:  # noqa: BLE001 - whatever it is ends this process, and its log says so
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
