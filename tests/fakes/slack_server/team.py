"""One workspace with the app in it: people, places, the bot's token, and all that it was told."""

import itertools

from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.chat_methods import ChatMethods
from tests.fakes.slack_server.dialogs import Dialogs
from tests.fakes.slack_server.door import Handler
from tests.fakes.slack_server.events import Events
from tests.fakes.slack_server.file_methods import FileMethods
from tests.fakes.slack_server.files import File
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.interactions import Interactions
from tests.fakes.slack_server.parcels import Post
from tests.fakes.slack_server.people import Desk, Person
from tests.fakes.slack_server.place_methods import PlaceMethods
from tests.fakes.slack_server.sockets import Sockets
from tests.fakes.slack_server.thread_methods import ThreadMethods
from tests.fakes.slack_server.users import User
from tests.fakes.slack_server.view_methods import ViewMethods
from tests.fakes.slack_server.world import World


class Team:
    """Fill it with people and channels; the server has one of these from its start."""

    def __init__(self, world: World, gate: Gate, post: Post, violations: list[str]) -> None:
        self.world = world
        self.gate = gate
        self.events = Events(world, post)
        self.interactions = Interactions(world, post, violations)
        self.dialogs = Dialogs(world)
        self.files = FileMethods(world, gate)
        self.desk = Desk(world, self.interactions, self.dialogs, violations)
        self.handlers: dict[str, Handler] = {}
        self._tokens = itertools.count(1)

    @property
    def id(self) -> str:
        return self.world.team_id

    @property
    def name(self) -> str:
        return self.world.team_name

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def bot_token(self) -> str:
        """The bot's token in this workspace; empty until somebody installed the app."""
        return self.gate.bot_token

    def open(self, sockets: Sockets) -> None:
        """Let calls with this workspace's token be answered."""
        tables = (
            ChatMethods(self.world, self.gate),
            ViewMethods(self.world, self.dialogs, self.interactions),
            PlaceMethods(self.world, self.gate, sockets),
            ThreadMethods(self.world, self.gate),
            self.files,
        )
        for methods in tables:
            self.handlers |= methods.table()

    def move_to(self, url: str) -> None:
        """Where uploads, downloads and answers go."""
        self.world.shelf.base = self.files.base = url
        self.interactions.response_base = f"{url}/response/"

    async def aclose(self) -> None:
        await self.events.aclose()
        await self.files.aclose()

    def channel(self, name: str, *, private: bool = False, bot_inside: bool = True) -> Channel:
        """A channel; without the bot in it when said so."""
        return self.world.channel(name, private=private, bot_inside=bot_inside)

    def member(
        self, name: str, *channels: Channel, is_admin: bool = False, is_owner: bool = False
    ) -> Person:
        """A new person, who is in these channels."""
        made = self._person(name, self.id, channels)
        made.is_admin, made.is_owner = is_admin, is_owner
        return made

    def stranger(self, name: str, channel: Channel) -> Person:
        """Somebody of another organisation, in a channel that is shared with it.

        They write, mention and press, and have none of the app's commands. `is_stranger` says
        that the app sees them in no channel; Slack's word for it is vague, so it can be set.
        """
        abroad = self.world.ids.new("T")
        channel.shared_with.add(abroad)
        made = self._person(name, abroad, (channel,))
        made.is_foreign = made.is_stranger = True
        return made

    def usergroup(self, handle: str, *people: User) -> str:
        """A group of people: its id."""
        group_id = self.world.ids.new("S")
        self.world.usergroups[group_id] = handle, list(people)
        return group_id

    def file(self, name: str, data: bytes, owner: User) -> File:
        """A file that a person has at hand, for messages and forms."""
        return self.world.shelf.put(name, data, owner.id)

    def install(self) -> str:
        """Let the bot in: its token, the same again while that is good."""
        if not self.bot_token or self.gate.revoked or not self.world.installed:
            self.gate.bot_token = f"xoxb-{self.id}-{next(self._tokens)}"
        self.gate.revoked, self.world.installed = False, True
        return self.bot_token

    def revoke(self) -> None:
        """Turn the bot's token off, and tell of it."""
        self.world.news.tell({"type": "tokens_revoked", "tokens": {"bot": [self.bot.id]}})
        self.gate.revoked = True

    def uninstall(self) -> None:
        """Take the app away, and tell of it; its token is no good, and nobody can use it."""
        self.revoke()
        self.world.news.tell({"type": "app_uninstalled"})
        self.world.installed = False

    def _person(self, name: str, team_id: str, channels: tuple[Channel, ...]) -> Person:
        made = Person(self.world.ids.new("U"), name, team_id, desk=self.desk)
        self.world.users[made.id] = made
        for channel in channels:
            channel.members.add(made.id)
        return made
