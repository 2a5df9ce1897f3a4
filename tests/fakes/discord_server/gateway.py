"""Sessions of the bot: hello, identify, resume, and every event in order."""

import asyncio
import contextlib
import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord_server.world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME = 0, 1, 2, 6
RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 9, 10, 11
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
GUILD_REACTIONS, DIRECT_REACTIONS = 1 << 10, 1 << 13
HEARTBEAT_MS = 41_250
AUTHENTICATION_FAILED = 4004

Frame = dict[str, Any]


@dataclass(eq=False)
class Session:
    """One session of one shard; it outlives its socket so that it can be resumed."""

    id: str
    shard: int
    shards: int
    intents: int
    line: "Line | None" = None
    sequence: int = 0
    log: deque[Frame] = field(default_factory=lambda: deque[Frame](maxlen=1000))

    def send(self, event: str, data: dict[str, Any]) -> None:
        self.sequence += 1
        frame = {"op": DISPATCH, "t": event, "s": self.sequence, "d": data}
        self.log.append(frame)
        if self.line is not None:
            self.line.put(frame)

    def serves(self, guild_id: int | None) -> bool:
        return self.shard == (0 if guild_id is None else (guild_id >> 22) % self.shards)


class Line:
    """A socket with a queue before it, so that events keep their order."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.closing = False
        self._frames: asyncio.Queue[Frame | int] = asyncio.Queue()

    def put(self, frame: Frame) -> None:
        self._frames.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close after what was put before."""
        self.closing = True
        self._frames.put_nowait(code)

    async def pump(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                frame = await self._frames.get()
                if isinstance(frame, int):
                    await self.socket.close(code=frame)
                    return
                await self.socket.send_str(json.dumps(frame))


class Gateway:
    """Listens at /gateway. `identifies` and `resumes` count what bots did."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.url = ""
        self.sessions: list[Session] = []
        self.identifies = 0
        self.resumes = 0
        world.news.listener = self.dispatch

    @property
    def connected(self) -> list[Session]:
        return [one for one in self.sessions if one.line is not None]

    def dispatch(self, event: str, data: dict[str, Any], guild_id: int | None) -> int:
        """Send an event to all sessions that should have it: how many these are."""
        heard = [one for one in self.sessions if one.serves(guild_id) and _wants(one, event, data)]
        for session in heard:
            session.send(event, self._as_seen(session, event, data))
        return len(heard)

    def reconnect(self) -> None:
        """Ask every bot to connect again, as Discord does when it restarts a machine."""
        for session in self.connected:
            self._line(session).put({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """End every session; a resumable one may be taken up again."""
        for session in self.connected:
            if not resumable:
                self.sessions.remove(session)
            self._line(session).put({"op": INVALID_SESSION, "d": resumable})

    def drop(self, code: int = 4000) -> None:
        """Close every socket."""
        for session in self.connected:
            self._line(session).close(code)

    def forget(self) -> None:
        """End sessions that nobody is connected to.

        discord.py says goodbye as if it came back, so its session waits for it, as in life.
        """
        self.sessions = self.connected

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from hello to its end."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        line = Line(socket)
        pump = asyncio.create_task(line.pump())
        line.put({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
        try:
            await self._listen(line)
        finally:
            pump.cancel()
            self._lose(line)
        return socket

    async def aclose(self) -> None:
        """Say goodbye to all who are still there."""
        for session in self.connected:
            await self._line(session).socket.close(code=1001)

    async def _listen(self, line: Line) -> None:
        async for message in line.socket:
            if message.type is not WSMsgType.TEXT:
                return
            self._receive(line, json.loads(message.data))

    def _receive(self, line: Line, frame: Frame) -> None:
        if frame["op"] == HEARTBEAT:
            line.put({"op": HEARTBEAT_ACK, "d": None})
        elif frame["op"] in {IDENTIFY, RESUME}:
            self._enter(line, frame)
        self.world.news.wake()

    def _enter(self, line: Line, frame: Frame) -> None:
        if frame["d"]["token"].removeprefix("Bot ") != self.token:
            line.close(AUTHENTICATION_FAILED)
        elif frame["op"] == IDENTIFY:
            self._identify(line, frame["d"])
        else:
            self._resume(line, frame["d"])

    def _identify(self, line: Line, wanted: dict[str, Any]) -> None:
        shard, shards = wanted.get("shard") or (0, 1)
        session = Session(secrets.token_hex(16), shard, shards, wanted["intents"], line)
        self.identifies += 1
        self.sessions.append(session)
        session.send("READY", self._ready(session))
        if session.intents & GUILDS:
            for guild in self.world.guilds.values():
                if session.serves(guild.id):
                    session.send("GUILD_CREATE", guild.to_json())

    def _resume(self, line: Line, wanted: dict[str, Any]) -> None:
        found = next((one for one in self.sessions if one.id == wanted["session_id"]), None)
        if found is None:
            line.put({"op": INVALID_SESSION, "d": False})
            return
        self.resumes += 1
        found.line = line
        for frame in found.log:
            if frame["s"] > (wanted["seq"] or 0):
                line.put(frame)
        found.send("RESUMED", {})

    def _lose(self, line: Line) -> None:
        for session in self.connected:
            if session.line is line:
                session.line = None
                # A bot that says goodbye ends its session; a broken line leaves it open.
                if line.socket.close_code in {1000, 1001} and not line.closing:
                    self.sessions.remove(session)
        self.world.news.wake()

    def _as_seen(self, session: Session, event: str, data: dict[str, Any]) -> dict[str, Any]:
        """Words of people are blank without the intent, but for those that concern the bot."""
        if event not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or "guild_id" not in data:
            return data
        own = data["author"]["id"] == str(self.world.bot.id)
        if own or session.intents & MESSAGE_CONTENT or self.world.bot.mention in data["content"]:
            return data
        return data | {"content": "", "embeds": [], "attachments": [], "components": []}

    def _line(self, session: Session) -> Line:
        assert session.line is not None
        return session.line

    def _ready(self, session: Session) -> dict[str, Any]:
        here = [guild for guild in self.world.guilds.values() if session.serves(guild.id)]
        return {
            "v": 10,
            "user": self.world.bot.to_json(),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in here],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": [session.shard, session.shards],
            "application": {"id": str(self.world.application_id), "flags": 0},
            "private_channels": [],
            "relationships": [],
        }


def _wants(session: Session, event: str, data: dict[str, Any]) -> bool:
    """Whether a session's intents ask for an event. Interactions come with any."""
    if event == "INTERACTION_CREATE":
        return True
    if event.startswith("MESSAGE_REACTION_"):
        wanted = GUILD_REACTIONS if "guild_id" in data else DIRECT_REACTIONS
        return bool(session.intents & wanted)
    if event.startswith("MESSAGE_"):
        wanted = GUILD_MESSAGES if "guild_id" in data else DIRECT_MESSAGES
        return bool(session.intents & wanted)
    return bool(session.intents & GUILDS)
