"""A chat in memory that keeps everything anyone saw, and can be told to fail."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace

from bot.domain.messages import Invocation, Message, plain
from bot.domain.refs import MessageRef, Person, Place
from bot.domain.threads import ThreadMode
from bot.errors import ChatForbidden, ChatGone
from bot.ports import Answer, PlaceLimits

AMPLE = PlaceLimits(
    upload_bytes=10 * 2**20, edit_pace=0, channel_pace=2_000, thread_modes=tuple(ThreadMode)
)
"""Every change is shown at once, but a bar that only moves a little later."""


@dataclass
class Post:
    ref: MessageRef
    place: Place
    message: Message
    edits: list[Message] = field(default_factory=list[Message])

    @property
    def text(self) -> str:
        """The newest text, line by line."""
        return "\n".join(plain(line) for line in self.message.lines)


@dataclass
class FakeChat:
    """`fails` are errors for the next calls that show something; the order of all is in `log`.

    `whispers` are answers by the key of their asker.

    `slow` has beginnings of what the log would say ("post result/"): such calls wait for the
    event, and are in `waiting` meanwhile. `dms_closed` refuses private messages. `repeated` are
    nonces posted with `again`.
    """

    name: str = "web"
    fails: deque[Exception] = field(default_factory=deque[Exception])
    lose_answers: int = 0
    posts: dict[str, Post] = field(default_factory=dict[str, Post])
    removed: list[Post] = field(default_factory=list[Post])
    log: list[str] = field(default_factory=list[str])
    problems: tuple[str, ...] = ()
    answer: Answer | None = None
    place_limits: PlaceLimits = AMPLE
    waiting: list[str] = field(default_factory=list[str])
    slow: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    dms_closed: bool = False
    repeated: list[str] = field(default_factory=list[str])
    whispers: dict[str, list[Message]] = field(default_factory=dict[str, list[Message]])

    async def limits(self, place: Place) -> PlaceLimits:
        return self.place_limits

    async def serve(self, answer: Answer) -> None:
        self.answer = answer

    async def ask(self, invocation: Invocation) -> None:
        assert self.answer
        reply = await self.answer(invocation)
        self.whispers.setdefault(invocation.person.key, []).append(reply.message)

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        if again:
            self.repeated.append(nonce)
        await self._take_time(f"post {nonce}")
        self._maybe_fail()
        _ = message.picture  # refuses what no chat can post
        if nonce not in self.posts:
            ref = MessageRef(place, f"m{len(self.posts) + len(self.removed) + 1}")
            self.posts[nonce] = Post(ref, place, message)
            self.log.append(f"post {nonce}")
        if self.lose_answers:
            self.lose_answers -= 1
            raise ConnectionError("the answer was lost")
        return self.posts[nonce].ref

    async def edit(self, ref: MessageRef, message: Message) -> None:
        for nonce, post in self.posts.items():
            if post.ref == ref:
                await self._take_time(f"edit {nonce}")
                self._maybe_fail()
                post.edits.append(post.message)
                post.message = message
                self.log.append(f"edit {nonce}")
                return
        self._maybe_fail()
        raise ChatGone(ref.id)

    async def remove(self, ref: MessageRef) -> None:
        nonce = next((nonce for nonce, post in self.posts.items() if post.ref == ref), None)
        await self._take_time(f"remove {nonce}")
        self._maybe_fail()
        if nonce:
            self.removed.append(self.posts.pop(nonce))
            self.log.append(f"remove {nonce}")
        if self.lose_answers:
            self.lose_answers -= 1
            raise ConnectionError("the answer was lost")

    async def _take_time(self, what: str) -> None:
        for beginning, ready in self.slow.items():
            if what.startswith(beginning):
                self.waiting.append(what)
                try:
                    await ready.wait()
                finally:
                    self.waiting.remove(what)

    def _maybe_fail(self) -> None:
        if self.fails:
            raise self.fails.popleft()

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        return replace(ref.place, thread=ref.id)

    async def notify_privately(
        self, person: Person, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        if self.dms_closed:
            raise ChatForbidden("write to people")
        place = Place(person.tenant, f"dm-{person.id}", private=True)
        return await self.post(place, message, nonce, again=again)

    def in_channel(self, channel: str) -> list[Post]:
        """What stands in a channel, in the order of posting."""
        return [post for post in self.posts.values() if post.place.channel == channel]

    def told(self, person: Person) -> list[str]:
        """What somebody was told in private."""
        return [post.text for post in self.in_channel(f"dm-{person.id}")]

    async def preflight(self, place: Place) -> tuple[str, ...]:
        return self.problems

    async def aclose(self) -> None:
        return
