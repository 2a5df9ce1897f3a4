"""One workspace: who is in it, what was said, what is open."""

from pathlib import Path

from tests.fakes.slack_server.blocks import with_ids
from tests.fakes.slack_server.channels import DIRECT, PRIVATE, PUBLIC, Channel
from tests.fakes.slack_server.files import File, Shelf
from tests.fakes.slack_server.ids import Ids
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.news import News
from tests.fakes.slack_server.offers import Offers
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.problem import Problem
from tests.fakes.slack_server.users import User
from tests.fakes.slack_server.views import View


class World:
    """Everything that Slack knows of a workspace. `beside` is one with the same app.

    `messages_tab` off means that nobody can write to the bot, `installed` off that there is none.
    """

    def __init__(
        self, folder: Path, team_name: str = "Studio", beside: "World | None" = None
    ) -> None:
        self.ids = beside.ids if beside else Ids()
        self.news = News()
        self.team_id = self.ids.new("T")
        self.app_id = beside.app_id if beside else self.ids.new("A")
        self.team_name = team_name
        self.bot = User(self.ids.new("U"), "Sora", self.team_id, bot_id=self.ids.new("B"))
        self.users: dict[str, User] = {self.bot.id: self.bot}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, tuple[str, list[User]]] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.ephemerals: dict[str, list[Message]] = {}
        self.shelf = Shelf(folder, self.ids, self.team_id)
        self.offers = beside.offers if beside else Offers()
        self.messages_tab = True
        self.installed = True

    @property
    def domain(self) -> str:
        return self.team_name.lower()

    def channel(self, name: str, *, private: bool = False, bot_inside: bool = True) -> Channel:
        """A new channel."""
        kind = PRIVATE if private else PUBLIC
        members = {self.bot.id} if bot_inside else set[str]()
        made = Channel(self.ids.new("C"), kind, name, members)
        self.channels[made.id] = made
        return made

    def direct(self, person: User) -> Channel:
        """The conversation between a person and the bot."""
        for channel in self.channels.values():
            if channel.person is person:
                return channel
        made = Channel(self.ids.new("D"), DIRECT, "", {person.id, self.bot.id}, person=person)
        self.channels[made.id] = made
        return made

    def find_channel(self, channel_id: str) -> Channel:
        """A channel that the bot may know of; private ones only from inside."""
        found = self.channels.get(channel_id)
        hidden = found and found.kind == PRIVATE and self.bot.id not in found.members
        if found is None or hidden:
            raise Problem("channel_not_found")
        return found

    def person(self, user_id: str) -> User:
        found = self.users.get(user_id)
        if found is None:
            raise Problem("user_not_found")
        return found

    def post(self, channel: Channel, message: Message) -> Message:
        """Put a message where it belongs, and tell of it."""
        message.blocks = with_ids(message.blocks, self.ids)
        root = channel.find(message.thread_ts) if message.is_reply and message.thread_ts else None
        if root is None:
            channel.messages.append(message)
        else:
            root.thread_ts = root.ts
            root.replies.append(message)
            if message.author is self.bot:
                root.say("", [])
        self.tell_message(channel, message.to_json() | _subtype(message))
        return message

    def edit(self, channel: Channel, message: Message, text: str, blocks: list[Object]) -> None:
        """Change what a message says."""
        message.history.append(message.text)
        message.fallback, message.blocks = text, with_ids(blocks, self.ids)
        message.shows_edited = message.shows_edited or not blocks
        if message.ephemeral:
            return
        changed = {"subtype": "message_changed", "message": message.to_json(), "hidden": True}
        self.tell_message(channel, {"type": "message", "ts": self.ids.ts()} | changed)

    def remove(self, channel: Channel, message: Message) -> None:
        """Take a message away. Its files stay, and so do replies: below a note that it was here."""
        message.deleted = True
        for root in list(channel.messages):
            root.replies = [one for one in root.replies if not one.deleted]
            if root.deleted and not root.replies:
                channel.messages.remove(root)
        if message.ephemeral:
            return
        gone = {"subtype": "message_deleted", "deleted_ts": message.ts, "hidden": True}
        self.tell_message(channel, {"type": "message", "ts": self.ids.ts()} | gone)

    def react(self, user: User, message: Message, name: str) -> None:
        """Put a sign on a message; nothing happens when it is there."""
        if (user, name) not in message.reactions:
            message.reactions.add((user, name))
            self._tell_reaction("added", user, message, name)

    def unreact(self, user: User, message: Message, name: str) -> None:
        """Take a sign away; nothing happens when it is not there."""
        if (user, name) in message.reactions:
            message.reactions.remove((user, name))
            self._tell_reaction("removed", user, message, name)

    def _tell_reaction(self, what: str, user: User, message: Message, name: str) -> None:
        item = {"type": "message", "channel": message.channel_id, "ts": message.ts}
        told: Object = {"type": f"reaction_{what}", "user": user.id, "reaction": name}
        told |= {"item": item, "item_user": message.author.id}
        self.news.tell(told | {"event_ts": self.ids.ts()})

    def whisper(self, person: User, channel: Channel, text: str, blocks: list[Object]) -> Message:
        """A message that only one person sees."""
        made = Message(self.ids.ts(), channel.id, self.bot, text, with_ids(blocks, self.ids))
        made.only_for = person
        self.ephemerals.setdefault(person.id, []).append(made)
        self.news.wake()
        return made

    def share(self, channel: Channel, file: File, message: Message) -> None:
        """Post a message with a file, and note in the file where it is."""
        places = file.public if channel.kind == PUBLIC else file.private
        places.setdefault(channel.id, []).append(message.ts)
        message.files.append(file)
        self.post(channel, message)
        shared = {"type": "file_shared", "file_id": file.id, "user_id": message.author.id}
        self.news.tell(shared | {"channel_id": channel.id, "event_ts": self.ids.ts()})

    def discard(self, file: File) -> None:
        """Delete a file; messages that came with it stay."""
        file.deleted = True
        for channel in self.channels.values():
            for message in channel.all:
                message.files = [one for one in message.files if one is not file]

    def join(self, channel: Channel, user: User, inviter: User | None = None) -> None:
        """Let somebody in; nothing happens when they are there already."""
        if user.id in channel.members:
            return
        channel.members.add(user.id)
        joined: Object = {"type": "member_joined_channel", "user": user.id, "channel": channel.id}
        joined |= {"channel_type": "C" if channel.kind == PUBLIC else "G", "team": self.team_id}
        joined |= {} if inviter is None else {"inviter": inviter.id}
        self.news.tell(joined | {"event_ts": self.ids.ts()})

    def tell_message(self, channel: Channel, message: Object) -> None:
        """Tell of something in a channel."""
        place = {"channel": channel.id, "channel_type": channel.kind, "event_ts": message["ts"]}
        self.news.tell(message | place)


def _subtype(message: Message) -> Object:
    if message.files:
        return {"subtype": "file_share"}
    return {"subtype": "thread_broadcast"} if message.broadcast and message.is_reply else {}
