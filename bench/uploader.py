"""Our adapter posting files, as a process of its own: what `uploads` watches.

``python -m bench.uploader CHAT FOLDER WHERE FIRST FILE…`` posts the first file alone, then the
others side by side, and says in JSON what these took. WHERE is what the crowd of that chat said.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from time import perf_counter

from adapters.discord.places import tenant_of
from adapters.media.ffmpeg import Ffmpeg
from bench import discord_bot, slack_bot
from bench.backends import Endless, NoStills
from bench.bots import grounded
from bench.processes import say_and_stay
from bot.bootstrap import Ground
from bot.domain.messages import Invocation, Message, Reply, VideoFile
from bot.domain.refs import Place, Tenant
from bot.ports import ChatPlatform
from tests.fakes.discord_server.redirect import redirected

_BEAT = 0.001
"""Seconds between two looks at whether the loop still turns."""
_numbers = count(1)
Where = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Took:
    """MiB in memory before and at most, ms of the longest stall of the loop, and seconds."""

    before: float
    most: float
    stall: float
    seconds: float


def on_discord(ground: Ground, where: Where) -> tuple[ChatPlatform, Place]:
    """Our adapter for Discord, and where it posts."""
    place = Place(tenant_of(int(where["guild"])), where["channel"])
    return discord_bot.chat_on(ground, where["token"]), place


def on_slack(ground: Ground, where: Where) -> tuple[ChatPlatform, Place]:
    """The same for Slack."""
    place = Place(Tenant("slack", where["team"]), where["channel"])
    return slack_bot.chat_on(ground, where), place


CHATS = {"discord": on_discord, "slack": on_slack}


async def post(folder: Path, kind: str, where: Where, files: Sequence[Path]) -> None:
    """All of `files`; then wait until it is told to stop."""
    async with grounded(folder, Endless(), NoStills(Ffmpeg())) as ground:
        chat, place = CHATS[kind](ground, where)
        await chat.serve(_nobody)
        # The first upload of a life loads code and opens lines.
        await _post(chat, place, files[0])
        await say_and_stay(asdict(await _watched(chat, place, files[1:])))
        await chat.aclose()


async def _nobody(asked: Invocation) -> Reply:
    raise AssertionError(asked)


async def _watched(chat: ChatPlatform, place: Place, files: Sequence[Path]) -> Took:
    stalls: list[float] = []
    watching = asyncio.create_task(_watch(stalls))
    _forget_peak()
    before, began = _status("VmRSS"), perf_counter()
    await asyncio.gather(*(_post(chat, place, file) for file in files))
    took, most = perf_counter() - began, _status("VmHWM")
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return Took(before, most, max(stalls), took)


async def _post(chat: ChatPlatform, place: Place, file: Path) -> None:
    size = (await asyncio.to_thread(file.stat)).st_size
    video = VideoFile(file, file.name, size, 1280, 720, 8000, None, None)
    await chat.post(place, Message((("A video",),), video=video), f"result/{next(_numbers)}")


async def _watch(stalls: list[float]) -> None:
    """Ms by which each turn of the loop came late."""
    while True:
        before = perf_counter()
        await asyncio.sleep(_BEAT)
        stalls.append(1000 * (perf_counter() - before - _BEAT))


def _status(name: str) -> float:
    """MiB that the kernel tells of this process."""
    text = Path("/proc/self/status").read_text("ascii")
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def _forget_peak() -> None:
    """Have the kernel count VmHWM anew."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def main() -> None:
    """The command line above."""
    kind, folder, told, *names = sys.argv[1:]
    discord_bot.quiet()
    where: Where = json.loads(told)
    there = redirected(where["url"], where["gateway"]) if kind == "discord" else nullcontext()
    with there:
        asyncio.run(post(Path(folder), kind, where, [Path(name) for name in names]))


if __name__ == "__main__":
    main()
