"""A chat that outlives the bot, and posts a message as often as it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.domain.messages import Message, plain
from bot.domain.refs import MessageRef, Person, Place
from bot.domain.threads import ThreadMode
from bot.errors import ChatForbidden, ChatGone
from bot.ports import Answer, PlaceLimits

_LIMITS = PlaceLimits(upload_bytes=10 * 2**20, edit_pace=0, thread_modes=tuple(ThreadMode))


@dataclass(frozen=True, slots=True)
class Glitch:
    """What happens to the first call that begins like that, "post result/"."""

    call: str
    error: Callable[[], Exception]
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A message on the screen."""

    ref: MessageRef
    nonce: str
    message: Message

    @property
    def text(self) -> str:
        """Its newest text, line by line."""
        return "\n".join(plain(line) for line in self.message.lines)


@dataclass
class Screen:
    """What everybody sees. It is asked for a repeated nonce only where `again` says so.

    That is all that the port promises of a chat which forgets them after a while.
    `gone` are channels that were deleted; `revoked`: the bot was thrown out.
    """

    glitches: tuple[Glitch, ...] = ()
    gone: frozenset[str] = frozenset()
    revoked: bool = False
    posts: list[Post] = field(default_factory=list[Post])
    posted: int = 0
    changes: int = 0

    def copy(self) -> Screen:
        """The same, to go on from here."""
        return replace(self, posts=list(self.posts))


class Window:
    """`ChatPlatform`: what the bot holds of a chat within one life."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    @property
    def name(self) -> str:
        return "web"

    async def limits(self, place: Place) -> PlaceLimits:
        return _LIMITS

    async def serve(self, answer: Answer) -> None:
        return

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        glitch = self._may_fail(f"post {nonce}", place)
        posts = self._screen.posts
        found = next((one for one in posts if again and one.nonce == nonce), None)
        post = found or Post(MessageRef(place, f"m{self._screen.posted + 1}"), nonce, message)
        if not found:
            self._screen.changes += 1
            self._screen.posted += 1
            posts.append(post)
        if glitch:
            raise glitch.error()
        return post.ref

    async def edit(self, ref: MessageRef, message: Message) -> None:
        glitch = self._may_fail("edit", ref.place)
        for number, post in enumerate(self._screen.posts):
            if post.ref == ref:
                self._screen.changes += 1
                self._screen.posts[number] = replace(post, message=message)
                break
        else:
            raise ChatGone(ref.id)
        if glitch:
            raise glitch.error()

    async def remove(self, ref: MessageRef) -> None:
        glitch = self._may_fail("remove", ref.place)
        left = [post for post in self._screen.posts if post.ref != ref]
        if len(left) < len(self._screen.posts):
            self._screen.changes += 1
            self._screen.posts[:] = left
        if glitch:
            raise glitch.error()

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        self._may_fail("thread", ref.place)
        return replace(ref.place, thread=ref.id)

    async def notify_privately(
        self, person: Person, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        place = Place(person.tenant, f"dm-{person.id}", private=True)
        return await self.post(place, message, nonce, again=again)

    async def preflight(self, place: Place) -> tuple[str, ...]:
        return ()

    async def aclose(self) -> None:
        return

    def _may_fail(self, call: str, place: Place) -> Glitch | None:
        """Raise what is to happen before the call has its effect; what comes after is returned."""
        screen = self._screen
        if screen.revoked:
            raise ChatForbidden("write")
        if place.channel in screen.gone:
            raise ChatGone(place.channel)
        glitch = next((one for one in screen.glitches if call.startswith(one.call)), None)
        if glitch:
            screen.changes += 1
            left = list(screen.glitches)
            left.remove(glitch)
            screen.glitches = tuple(left)
        if glitch and not glitch.taken:
            raise glitch.error()
        return glitch
