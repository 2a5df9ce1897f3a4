"""``python -m bench [--quick] [NAME …]``: measure, and print one table."""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import (
    accept,
    cards,
    discord,
    figures,
    library,
    life,
    limits,
    memory,
    polling,
    slack,
    soak,
    start,
    uploads,
    wakeups,
)
from bench.figures import Bench

BENCHES: Mapping[str, Bench] = {
    "cards": cards.run,
    "accept": accept.run,
    "life": life.run,
    "wakeups": wakeups.run,
    "polling": polling.run,
    "memory": memory.run,
    "start": start.run,
    "discord": discord.run,
    "slack": slack.run,
    "uploads": uploads.run,
    "limits": limits.run,
    "library": library.run,
    "soak": soak.run,
}
DATA = Path("build/bench").absolute()
"""Where the databases lie: on the disk of the checkout, for a /tmp in memory syncs for nothing."""


def main(argv: Sequence[str] | None = None) -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the bot.")
    parser.add_argument("--quick", action="store_true", help="small loads, to see that all works")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"only these of: {', '.join(BENCHES)}"
    )
    given = parser.parse_args(argv)
    unknown = set(given.names) - set(BENCHES)
    if unknown:
        parser.error(f"no bench called {', '.join(sorted(unknown))}")
    logging.disable(logging.INFO)
    print(figures.machine(), flush=True)
    lines = [line for name in given.names or BENCHES for line in _measured(name, quick=given.quick)]
    print(figures.table(lines))


def _measured(name: str, *, quick: bool) -> list[tuple[str, ...]]:
    DATA.mkdir(parents=True, exist_ok=True)
    print(f"{name} …", flush=True)
    with tempfile.TemporaryDirectory(dir=DATA, prefix=f"{name}-") as folder:
        found = asyncio.run(_run(BENCHES[name], Path(folder), quick=quick))
    return figures.rows(name, found)


async def _run(bench: Bench, folder: Path, *, quick: bool) -> Sequence[figures.Figure]:
    return await bench(folder, quick=quick)


if __name__ == "__main__":
    main()
