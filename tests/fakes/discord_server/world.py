"""All that the server knows: accounts, guilds, channels, messages."""

import time
from pathlib import Path
from typing import Any

from tests.fakes.discord_server.channels import DM, THREAD, Channel
from tests.fakes.discord_server.files import Shelf
from tests.fakes.discord_server.guilds import Guild
from tests.fakes.discord_server.messages import HAS_THREAD, Message
from tests.fakes.discord_server.news import News
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.problem import Problem
from tests.fakes.discord_server.snowflakes import Snowflakes
from tests.fakes.discord_server.users import User

# A direct conversation grants these to both sides.
IN_DMS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
)


class World:
    """State only; rules of requests are elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.ids = Snowflakes()
        self.news = News()
        self.shelf = Shelf(folder, self.ids)
        self.bot = User(self.ids.new(), "Sora Bot", bot=True)
        self.application_id = self.bot.id
        self.owner = User(self.ids.new(), "Owner")
        self.interactions_endpoint: str | None = None
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}

    def channel(self, channel_id: int) -> Channel:
        """A channel that exists, else 10003."""
        found = self.channels.get(channel_id)
        if found is None or not found.exists:
            raise Problem(10003)
        return found

    def guild(self, guild_id: int) -> Guild:
        """A guild, else 10004."""
        if guild_id not in self.guilds:
            raise Problem(10004)
        return self.guilds[guild_id]

    def message(self, channel: Channel, message_id: int) -> Message:
        """A message of a channel, else 10008. The bot's token sees no ephemeral one."""
        found = channel.find(message_id)
        if found is None:
            raise Problem(10008)
        return found

    def guild_of(self, channel: Channel) -> Guild | None:
        """The guild of a channel, nothing for DMs; 50001 when the bot was thrown out of it."""
        if channel.guild_id is None:
            return None
        if channel.guild_id not in self.guilds:
            raise Problem(50001)
        return self.guilds[channel.guild_id]

    def leave(self, guild: Guild) -> None:
        """The bot is thrown out of a guild."""
        del self.guilds[guild.id]
        self.news.tell("GUILD_DELETE", {"id": str(guild.id)}, guild.id)

    def permissions(self, user: User, channel: Channel) -> Permission:
        guild = self.guild_of(channel)
        return IN_DMS if guild is None else guild.permissions(user, channel)

    def upload_limit(self, channel: Channel) -> int:
        """Bytes that the bot may send in one file with its own token."""
        guild = self.guild_of(channel)
        return self.bot.upload_limit if guild is None else guild.upload_limit

    def dm(self, user: User) -> Channel:
        """The channel between somebody and the bot, made when it is not there yet."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        made = Channel(self.ids.new(), DM, "", self.news, time.time(), recipient=user)
        self.channels[made.id] = made
        return made

    def open_thread(self, thread_id: int, parent: Channel, name: str, owner: User) -> Channel:
        """A new thread, known to the bot."""
        made = Channel(
            thread_id,
            THREAD,
            name,
            self.news,
            time.time(),
            parent.guild_id,
            parent.id,
            owner_id=owner.id,
        )
        self.channels[made.id] = made
        made.news.tell("THREAD_CREATE", made.to_json() | {"newly_created": True}, made.guild_id)
        return made

    def thread_of(self, message: Message) -> Channel | None:
        """The thread under a message: it has the message's id."""
        found = self.channels.get(message.id)
        return found if found is not None and found.exists else None

    def message_json(self, message: Message) -> dict[str, Any]:
        """A message with the thread under it."""
        thread = self.thread_of(message)
        if thread is None:
            return message.to_json()
        message.flags |= HAS_THREAD
        return message.to_json() | {"thread": thread.to_json()}

    def post(self, channel: Channel, message: Message) -> None:
        """Put a message where all see it, and tell."""
        channel.messages.append(message)
        if channel.archived:
            channel.archived = False
            channel.tell()
        self.tell_message("MESSAGE_CREATE", message)

    def tell_message(self, event: str, message: Message) -> None:
        where = {} if message.guild_id is None else {"guild_id": str(message.guild_id)}
        self.news.tell(event, self.message_json(message) | where, message.guild_id)

    def react(self, user: User, message: Message, sign: str) -> int:
        """Put a sign on a message: how many sessions hear of it, none when it was there."""
        if (user, sign) in message.reactions:
            return 0
        message.reactions.add((user, sign))
        guild = self.guild_of(self.channel(message.channel_id))
        author = {"message_author_id": str(message.author.id)}
        member = {} if guild is None else {"member": guild.member_json(user)}
        return self._tell_reaction("ADD", user, message, sign, author | member)

    def unreact(self, user: User, message: Message, sign: str) -> int:
        """Take a sign away: how many sessions hear of it, none when it was not there."""
        if (user, sign) not in message.reactions:
            return 0
        message.reactions.remove((user, sign))
        return self._tell_reaction("REMOVE", user, message, sign, {})

    def _tell_reaction(
        self, what: str, user: User, message: Message, sign: str, more: dict[str, Any]
    ) -> int:
        where = {} if message.guild_id is None else {"guild_id": str(message.guild_id)}
        data = {
            "user_id": str(user.id),
            "channel_id": str(message.channel_id),
            "message_id": str(message.id),
            "emoji": {"id": None, "name": sign},
            "burst": False,
            "type": 0,
        }
        return self.news.tell(f"MESSAGE_REACTION_{what}", data | where | more, message.guild_id)

    def remove(self, channel: Channel, message: Message) -> None:
        message.deleted = True
        if message in channel.messages:
            channel.messages.remove(message)
        gone = {"id": str(message.id), "channel_id": str(channel.id)}
        where = {} if channel.guild_id is None else {"guild_id": str(channel.guild_id)}
        self.news.tell("MESSAGE_DELETE", gone | where, channel.guild_id)
