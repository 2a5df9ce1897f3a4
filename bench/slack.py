"""How soon Slack has the first answer to a command, beside a bolt app that does nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bench.bots import PEOPLE
from bench.figures import Figure
from bench.loads import ROUNDS, Load, Pace, Seen, besides, check, crowd, figures, load, paces
from bench.processes import part

KINDS = ("ours", "bare", "storing")
"""Ours; bolt with a listener that acks; and one that stores the command before it acks."""
WAYS = ("sockets", "http")
"""Socket Mode with two lines, and HTTP on the bot's own server."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Ours and the others in turns, each way, each on a Slack and a store of its own."""
    found: list[Figure] = []
    for way in WAYS:
        for pace in paces(len(PEOPLE), quick=quick):
            place = folder / way / str(pace.rate)
            rounds = range(1 if quick else ROUNDS)
            turns = [await _turn(place / str(turn), way, pace) for turn in rounds]
            what = f"{pace.rate}/s by {way}"
            ours, bare, storing = ([turn[kind] for turn in turns] for kind in KINDS)
            found += [*figures(what, ours, bare), *besides(what, ours, storing, "storing")]
    return found


async def _turn(folder: Path, way: str, pace: Pace) -> dict[str, Load]:
    loads = {kind: await _loaded(kind, folder, way, pace) for kind in KINDS}
    # Slack takes one card a second in each channel: most are still to come.
    await check(folder / "ours" / "bot", loads["ours"][1], cards=False)
    return {kind: load for kind, (load, _) in loads.items()}


async def _loaded(kind: str, folder: Path, way: str, pace: Pace) -> tuple[Load, Seen]:
    async with crowd("slack_crowd", folder / kind / "crowd", pace.people) as (control, where):
        place = str(folder / kind / "bot")
        async with part("slack_bot", kind, way, place, json.dumps(where)) as bot:
            address = await bot.said()
            if way == "http":
                await control.ask("deliver_to", url=address)
            return await load(control, bot, pace, answers=kind == "ours", cards=False)
