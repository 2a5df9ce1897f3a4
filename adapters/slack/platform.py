"""Slack as a chat of the core's: the port, for one workspace or many."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chats.pictures import Files
from adapters.slack.answers import Answers
from adapters.slack.attachments import Attachments
from adapters.slack.counter import Counter, Till
from adapters.slack.door import Door
from adapters.slack.faults import (
    FilesBlocked,
    NoSuchChannel,
    NoSuchFile,
    NoSuchMessage,
    NotInside,
    Unsure,
)
from adapters.slack.handouts import Handouts
from adapters.slack.installs import Installations, Seal, States
from adapters.slack.keys import mark_of
from adapters.slack.lines import PING, Lines
from adapters.slack.listeners import listen, make_app
from adapters.slack.oauth import Flow, OAuth
from adapters.slack.people import People
from adapters.slack.places import Places
from adapters.slack.render import Frame, blocks, content, linked
from adapters.slack.shown import Shown
from adapters.slack.text import Json, address
from adapters.slack.uploads import MOST_BYTES, Parcel, Uploads
from adapters.slack.workspaces import (
    NAME,
    Net,
    TokenRefused,
    Workspace,
    Workspaces,
    introduced,
)
from bot import wording
from bot.domain.catalogue import Catalogue
from bot.domain.messages import Jump, Message
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.domain.threads import ThreadMode
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone, ConfigError, ThreadGone
from bot.ports import Answer, Clock, Inbox, Media, Notes, PlaceLimits, StylesOf

EDIT_PACE = 5_000
"""Ms between two edits of one message."""
WORKSPACE_PACE = 1_500
"""Ms of a workspace's edits that each active card takes: 40 a minute."""
WORKSPACE_EDITS = 50
"""Edits a minute that Slack grants a workspace."""
PATIENCE = 1.5
"""Seconds that people who are being served get when the bot stops."""
LOOK_BACK = 100
"""Newest messages looked through for one that may have been posted already."""
MOST_REMEMBERED = 1_000
REPLY_SCOPES = frozenset(wording.SLACK_REPLY_SCOPES)
"""Rights with which replies are heard that do not mention the bot."""
FILE = "F"
"""How ids of files begin. A message with a video goes by its file, for that is known at once."""

SLACKBOT = "USLACKBOT"

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator decides.

    With `app_token` people are heard through `sockets` connections of our own (Socket Mode), else
    Slack calls the bot's server and signs with `signing_secret`. `admins` are ids of people and
    user groups. `ping` is in seconds. With `installs`, workspaces add the bot by themselves, and
    there is no `bot_token`.
    """

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    api_url: str = "https://slack.com/api/"
    sockets: int = 2
    admins: frozenset[str] = field(default_factory=frozenset[str])
    ping: float = PING
    installs: OAuth | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What the adapter stands on."""

    notes: Notes
    inbox: Inbox
    files: Files
    media: Media
    clock: Clock
    catalogue: Callable[[], Catalogue]
    styles: StylesOf


class SlackChat:
    """`ChatPlatform` for every workspace that the bot is installed in.

    `door` is an ASGI application for what Slack calls, below ``/slack/``. Made within the loop.
    """

    def __init__(self, options: Options, around: Around) -> None:
        self._options = options
        self._clock = around.clock
        self._net = Net(options.api_url)
        oauth = options.installs
        self._stored = Installations(around.notes, Seal(oauth.token_key)) if oauth else None
        self._workspaces = Workspaces(self._net, around.clock, self._token_of)
        self._people = People(options.admins, around.clock.now)
        self._places = Places(around.clock.now)
        self._uploads = Uploads(self._net, around.notes, around.clock)
        self._shown = Shown(around.notes, around.clock)
        client = self._net.client()
        flow = self._flow_of(client, around.inbox)
        self._counter = Counter(
            Till(
                self._workspaces,
                self._people,
                self._places,
                self._shown,
                Answers(self._net, self._places),
                Handouts(self._uploads, self._places),
                Attachments(self._net, around.files, around.media),
                around.catalogue,
                around.styles,
                around.inbox,
                around.clock,
                wording.slack_not_here(flow.install_url if flow else ""),
            )
        )
        app = make_app(client, options.signing_secret, self._workspaces, flow)
        listen(app, self._counter, self._places, self._left)
        self.door = Door(app, options.signing_secret)
        self._lines = self._lines_of(app, client) if options.app_token else None
        self._serving = False
        self._posted: dict[str, MessageRef] = {}
        self._absent: set[str] = set()

    @property
    def name(self) -> str:
        """``slack``."""
        return NAME

    @property
    def ready(self) -> bool:
        """Whether people are heard now."""
        return self._serving and (self._lines is None or self._lines.up > 0)

    async def check(self) -> tuple[str, str, bool]:
        """A line of the health view: name, words, whether all is well."""
        if self._stored and not self._stored.readable:
            return (wording.HEALTH_SLACK, wording.SLACK_OTHER_KEY_LINE, False)
        lines = None if self._lines is None else (self._lines.up, self._options.sockets)
        # Who adds the bot by themselves is looked for when they use it.
        known = bool(self._workspaces.known or self._stored) or await self._met()
        words_ = wording.slack_line(lines, known=known)
        return (wording.HEALTH_SLACK, words_, self.ready and known)

    def find(self, tenant: Tenant, text: str) -> Person | None:
        """Somebody by id, or a user group as ``role:<id>``; see `bot.commands.values`."""
        found = self._people.find(tenant, text)
        ours = {workspace.bot_user for workspace in self._workspaces.known.values()}
        return replace(found, bot=True) if found and text in ours | {SLACKBOT} else found

    def _lines_of(self, app: AsyncApp, client: AsyncWebClient) -> Lines:
        options = self._options
        return Lines(app, client, options.app_token, options.sockets, options.ping)

    def _flow_of(self, client: AsyncWebClient, inbox: Inbox) -> Flow | None:
        oauth = self._options.installs
        if oauth is None or self._stored is None:
            return None
        states = States(inbox, Seal(oauth.token_key), self._clock)
        return Flow(client, oauth, self._stored, states, self._workspaces)

    async def _token_of(self, team: str) -> str | None:
        if self._stored:
            return await self._stored.token(team)
        return self._options.bot_token or None

    # --- the port -------------------------------------------------------------------------

    async def limits(self, place: Place) -> PlaceLimits:
        """The same everywhere; edits are counted for the whole workspace."""
        return PlaceLimits(
            MOST_BYTES,
            EDIT_PACE,
            workspace_pace=WORKSPACE_PACE,
            workspace_edits=WORKSPACE_EDITS,
            thread_modes=self._thread_modes(place),
        )

    def _thread_modes(self, place: Place) -> Collection[ThreadMode]:
        """Plain replies are heard only with rights that the least manifest does not ask for."""
        found = self._workspaces.known.get(place.tenant.id)
        hears = found is None or not found.scopes or bool(found.scopes & REPLY_SCOPES)
        return [mode for mode in ThreadMode if hears or mode is not ThreadMode.THREAD]

    async def serve(self, answer: Answer) -> None:
        """Begin to hear people; raises `ConfigError` when a token cannot work."""
        options = self._options
        if options.bot_token:
            await self._introduce(options.bot_token)
        if self._stored:
            await self._stored.look()
        await self._counter.open(answer)
        if self._lines:
            await self._lines.start()
        self._serving = True

    async def _introduce(self, token: str) -> None:
        try:
            self._workspaces.add(await introduced(self._net, token, self._clock))
        except TokenRefused as error:
            raise ConfigError((wording.slack_token_refused(str(error)),)) from error
        except ChatError as error:
            log.warning("Slack does not say yet who we are: %s", error)

    async def _met(self) -> bool:
        """Whether Slack says who we are; it did not before, or took the token no more."""
        try:
            if token := self._options.bot_token:
                self._workspaces.add(await introduced(self._net, token, self._clock))
        except (TokenRefused, ChatError) as error:
            log.info("Slack does not say who we are: %s", error)
        return bool(self._workspaces.known)

    async def _left(self, team: str) -> None:
        """Slack took a token back. It may say so late, when there is a newer one that is good."""
        if self._stored is None:
            self._workspaces.forget(team)
        elif token := await self._workspaces.refused(team):
            await self._stored.end(team, token)

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """A new message. Slack knows no nonces, so what was posted is remembered or looked for."""
        known = self._posted.get(nonce)
        if known:
            return known
        workspace = await self._workspaces.of(place.tenant.id)
        if message.picture or message.video:
            ref = await self._post_file(workspace, place, message, nonce, again=again)
        else:
            ref = await self._post_text(workspace, place, message, nonce, again=again)
        if len(self._posted) >= MOST_REMEMBERED:
            self._posted.clear()
        self._posted[nonce] = ref
        return ref

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Other words for a message. Its files stay as they are."""
        workspace = await self._workspaces.of(ref.place.tenant.id)
        frame = Frame(addresses=await self._addresses(workspace, message))
        ts = await self._ts_of(workspace, ref.id, ref.place.channel)
        args = {"channel": ref.place.channel, "ts": ts, **content(message, frame)}
        await workspace.calls.call("chat.update", args)

    async def remove(self, ref: MessageRef) -> None:
        """The message, then its file: Slack keeps files whose messages are gone."""
        workspace = await self._workspaces.of(ref.place.tenant.id)
        refused: ChatError | None = None
        try:
            await self._remove_message(workspace, ref)
        except (ChatGone, ChatForbidden) as error:
            refused = error
        if ref.id.startswith(FILE):
            await self._remove_file(workspace, ref)
        self._posted = {nonce: known for nonce, known in self._posted.items() if known != ref}
        if refused:
            raise refused

    async def open_thread(self, ref: MessageRef, title: str) -> Place:
        """The replies under a message; a message in a thread is in that thread."""
        del title
        place = ref.place
        return place if place.thread or place.private else replace(place, thread=ref.id)

    async def notify_privately(
        self, person: Person, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        """A direct message; raises `ChatForbidden` or `ChatGone` when that cannot be."""
        workspace = await self._workspaces.of(person.tenant.id)
        channel = await self._places.direct(workspace, person.id)
        place = Place(person.tenant, channel, private=True)
        return await self.post(place, message, nonce, again=again)

    async def preflight(self, place: Place) -> tuple[str, ...]:
        """What is in the way there; public channels are joined."""
        workspace = await self._workspaces.of(place.tenant.id)
        return await self._places.problems(workspace, place)

    async def aclose(self) -> None:
        """Hear nobody any more, finish with those here, and hang up."""
        self._serving = False
        await self._counter.close(PATIENCE)
        if self._lines:
            await self._lines.aclose()
        await self._counter.aclose()
        await self._net.aclose()

    # --- posting --------------------------------------------------------------------------

    async def _post_text(
        self, workspace: Workspace, place: Place, message: Message, nonce: str, *, again: bool
    ) -> MessageRef:
        frame = Frame(mark_of(nonce), await self._addresses(workspace, message))
        return await self._put(workspace, place, content(message, frame), nonce, again=again)

    async def _put(
        self, workspace: Workspace, place: Place, said: Json, nonce: str, *, again: bool
    ) -> MessageRef:
        """Words, unless an earlier try has left them there."""
        if again and nonce not in self._absent:
            found = await self._found(workspace, place, nonce)
            if found:
                return found
        return await self._send(workspace, place, said, nonce)

    async def _post_file(
        self, workspace: Workspace, place: Place, message: Message, nonce: str, *, again: bool
    ) -> MessageRef:
        frame = Frame(mark_of(nonce), await self._addresses(workspace, message))
        thread = await self._thread(workspace, place)
        filename, carried, alt = _carried(message)
        shown = blocks(message, frame)
        parcel = Parcel(place.channel, thread, filename, carried, shown, alt, nonce)
        try:
            file = await self._inside(
                workspace, place, lambda: self._uploads.post(workspace.calls, parcel, again=again)
            )
        except FilesBlocked as error:
            # The video is there, only not in Slack.
            shorter, link = linked(message, (error.needs,))
            words = content(shorter, replace(frame, link=link))
            return await self._put(workspace, place, words, nonce, again=again)
        await self._shown.expect(file, place.channel)
        return MessageRef(place, file)

    async def _remove_message(self, workspace: Workspace, ref: MessageRef) -> None:
        channel, ts = ref.place.channel, ref.id
        with suppress(NoSuchMessage, NoSuchChannel, NoSuchFile):
            if ref.id.startswith(FILE):
                ts = await self._shown.left_of(workspace.calls, ref.id, channel)
            if ts:
                await workspace.calls.call("chat.delete", {"channel": channel, "ts": ts})

    async def _remove_file(self, workspace: Workspace, ref: MessageRef) -> None:
        with suppress(NoSuchFile):
            await workspace.calls.call("files.delete", {"file": ref.id})
        await self._shown.removed(ref.id, ref.place.channel)

    async def _send(self, workspace: Workspace, place: Place, said: Json, nonce: str) -> MessageRef:
        args: Json = {"channel": place.channel, **said}
        args |= {"unfurl_links": False, "unfurl_media": False}
        if place.thread:
            args["thread_ts"] = await self._thread(workspace, place)
        try:
            told = await self._inside(
                workspace, place, lambda: workspace.calls.call("chat.postMessage", args)
            )
        except Unsure:
            self._absent.discard(nonce)
            raise
        except ChatError:
            # Surely not posted: no need to look for it before the next try.
            if len(self._absent) >= MOST_REMEMBERED:
                self._absent.clear()
            self._absent.add(nonce)
            raise
        self._absent.discard(nonce)
        return MessageRef(place, str(told["ts"]))

    async def _inside(
        self, workspace: Workspace, place: Place, work: Callable[[], Awaitable[T]]
    ) -> T:
        """Do `work`, once more from within the channel where the bot was put out of it."""
        try:
            return await work()
        except NotInside:
            self._places.outside(place.tenant.id, place.channel)
            await self._places.enter(workspace, place.channel)
            return await work()

    async def _found(self, workspace: Workspace, place: Place, nonce: str) -> MessageRef | None:
        """A message of ours that an earlier try may have left there: a video, or words."""
        file = await self._uploads.posted(workspace.calls, nonce)
        return MessageRef(place, file) if file else await self._find(workspace, place, nonce)

    async def _find(self, workspace: Workspace, place: Place, nonce: str) -> MessageRef | None:
        """Words of ours that stand there.

        Where the bot may not read, nobody can know: the message is then posted once more.
        """
        args: Json = {"channel": place.channel, "limit": LOOK_BACK}
        method = "conversations.history"
        if place.thread:
            method = "conversations.replies"
            args["ts"] = await self._thread(workspace, place)
        try:
            told = await workspace.calls.call(method, args, form=True)
        except (ChatBusy, Unsure):
            raise
        except ChatError as error:
            log.info("channel %s cannot be looked through: %s", place.channel, error)
            return None
        return next(
            (
                MessageRef(place, str(one["ts"]))
                for one in told["messages"]
                if mark_of(nonce) in {block.get("block_id") for block in one.get("blocks") or ()}
            ),
            None,
        )

    # --- finding --------------------------------------------------------------------------

    async def _ts_of(self, workspace: Workspace, message: str, channel: str) -> str:
        """What Slack calls a message; raises `NotThereYet` for a video that is not on show yet."""
        if not message.startswith(FILE):
            return message
        return await self._shown.ts_of(workspace.calls, message, channel)

    async def _thread(self, workspace: Workspace, place: Place) -> str:
        """What Slack calls the thread of a place, "" outside; raises `ThreadGone`."""
        try:
            return await self._ts_of(workspace, place.thread or "", place.channel)
        except NoSuchFile as error:
            raise ThreadGone(f"file {place.thread}") from error

    async def _addresses(self, workspace: Workspace, message: Message) -> dict[MessageRef, str]:
        """Where the messages are that this one leads to."""
        spans = (span for line in message.lines for span in line)
        refs = {span.to for span in spans if isinstance(span, Jump)}
        return {ref: await self._address(workspace, ref) for ref in refs}

    async def _address(self, workspace: Workspace, ref: MessageRef) -> str:
        place = ref.place
        try:
            ts = await self._ts_of(workspace, ref.id, place.channel)
            thread = await self._thread(workspace, place)
        except ChatError as error:
            log.info("message of file %s is not known: %s", ref.id, error)
            return f"{workspace.url}files/{workspace.bot_user}/{ref.id}/"
        return address(workspace.url, place.channel, ts, thread)


def _carried(message: Message) -> tuple[str, Path | bytes, str]:
    """The file of a message: its name, what is in it, and what it shows in words."""
    if video := message.video:
        return video.filename, video.path, message.quote or ""
    if picture := message.picture:
        return picture.name, picture.content, picture.alt
    raise ValueError("a message without a file")
