"""A chat in memory that keeps everything anyone saw, and can be told to fail."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from bot.domain.messages import Message, plain
from bot.domain.refs import MessageRef, Person, Place
from bot.errors import ChatGone
from bot.ports import Answer, PlaceLimits


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
    """`fails` are errors for the next posts or edits; the order of everything is in `log`."""

    name: str = "web"
    fails: deque[Exception] = field(default_factory=deque[Exception])
    lose_answers: int = 0
    posts: dict[str, Post] = field(default_factory=dict[str, Post])
    log: list[str] = field(default_factory=list[str])
    problems: tuple[str, ...] = ()
    answer: Answer | None = None

    async def limits(self, place: Place) -> PlaceLimits:
        return PlaceLimits(upload_bytes=10 * 2**20, edit_pace=1000)

    async def serve(self, answer: Answer) -> None:
        self.answer = answer

    async def post(self, place: Place, message: Message, nonce: str) -> MessageRef:
        self._maybe_fail()
        if nonce not in self.posts:
            ref = MessageRef(place, f"m{len(self.posts) + 1}")
            self.posts[nonce] = Post(ref, place, message)
            self.log.append(f"post {nonce}")
        if self.lose_answers:
            self.lose_answers -= 1
            raise ConnectionError("the answer was lost")
        return self.posts[nonce].ref

    async def edit(self, ref: MessageRef, message: Message) -> None:
        self._maybe_fail()
        for nonce, post in self.posts.items():
            if post.ref == ref:
                post.edits.append(post.message)
                post.message = message
                self.log.append(f"edit {nonce}")
                return
        raise ChatGone(ref.id)

    def _maybe_fail(self) -> None:
        if self.fails:
            raise self.fails.popleft()

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        return replace(ref.place, thread=ref.id)

    async def notify_privately(self, person: Person, message: Message, nonce: str) -> MessageRef:
        place = Place(person.tenant, f"dm-{person.id}", private=True)
        return await self.post(place, message, nonce)

    async def preflight(self, place: Place) -> tuple[str, ...]:
        return self.problems

    async def aclose(self) -> None:
        return
