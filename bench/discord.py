"""How soon Discord has the first answer to a command, beside a bot that does nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.bots import PEOPLE
from bench.figures import Figure
from bench.loads import ROUNDS, SLOW, Load, Pace, Seen, check, crowd, figures, load, paces
from bench.processes import part


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Ours and the bare one in turns, each on a Discord and a store of its own."""
    found: list[Figure] = []
    for pace in paces(len(PEOPLE), quick=quick):
        place = folder / str(pace.rate)
        turns = [await _turn(place / str(turn), pace) for turn in range(1 if quick else ROUNDS)]
        ours, bare = [ours for ours, _ in turns], [bare for _, bare in turns]
        found += figures(f"{pace.rate}/s", ours, bare)
    return found


async def _turn(folder: Path, pace: Pace) -> tuple[Load, Load]:
    ours, seen = await _loaded("ours", folder, pace)
    await check(folder / "ours" / "bot", seen, cards=pace.rate <= SLOW)
    bare, _ = await _loaded("bare", folder, pace)
    return ours, bare


async def _loaded(kind: str, folder: Path, pace: Pace) -> tuple[Load, Seen]:
    async with crowd("crowd", folder / kind / "crowd", pace.people) as (control, where):
        there = (where["url"], where["gateway"], where["token"])
        async with part("discord_bot", kind, str(folder / kind / "bot"), *there) as bot:
            await bot.said()
            return await load(control, bot, pace, answers=kind == "ours", cards=pace.rate <= SLOW)
