"""auth.*, apps.*, conversations.*, users.*, usergroups.*: who and where."""

from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.channels import PUBLIC, Channel
from tests.fakes.slack_server.door import Handler
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.methods import KIND_OF_TYPE, SCOPE_OF_KIND
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.problem import Problem
from tests.fakes.slack_server.sockets import Sockets
from tests.fakes.slack_server.world import World

PAGE, LARGEST_PAGE = 100, 999


class PlaceMethods:
    def __init__(self, world: World, gate: Gate, sockets: Sockets) -> None:
        self.world = world
        self.gate = gate
        self.sockets = sockets

    def table(self) -> dict[str, Handler]:
        return {
            "auth.test": self.who_am_i,
            "apps.connections.open": self.connect,
            "conversations.open": self.open,
            "conversations.join": self.join,
            "conversations.info": self.info,
            "conversations.history": self.history,
            "conversations.replies": self.replies,
            "users.info": self.user,
            "users.conversations": self.conversations,
            "usergroups.list": self.groups,
            "usergroups.users.list": self.group,
        }

    def who_am_i(self, call: Call) -> Object:
        bot = self.world.bot
        return {
            "url": f"https://{self.world.domain}.slack.com/",
            "team": self.world.team_name,
            "team_id": self.world.team_id,
            "user": bot.name.lower(),
            "user_id": bot.id,
            "bot_id": bot.bot_id,
            "is_enterprise_install": False,
        }

    def connect(self, call: Call) -> Object:
        return {"url": self.sockets.ticket()}

    def open(self, call: Call) -> Object:
        if wanted := call.text("channel"):
            return {"channel": self._shown(self.world.find_channel(wanted))}
        person = self.world.person(call.text("users"))
        if person.deactivated:
            raise Problem("user_disabled")
        return {"channel": {"id": self.world.direct(person).id}}

    def join(self, call: Call) -> Object:
        channel = self.world.find_channel(call.text("channel"))
        if channel.kind != PUBLIC:
            raise Problem("method_not_supported_for_channel_type")
        if channel.archived:
            raise Problem("is_archived")
        self.world.join(channel, self.world.bot)
        return {"channel": self._shown(channel)}

    def info(self, call: Call) -> Object:
        return {"channel": self._shown(self._readable(call))}

    def history(self, call: Call) -> Object:
        channel = self._inside(call)
        return self._page(call, [one for one in channel.messages[::-1] if not one.deleted])

    def replies(self, call: Call) -> Object:
        channel = self._inside(call)
        root = channel.find(call.text("ts"))
        if root is None:
            raise Problem("thread_not_found")
        return self._page(call, [root, *(one for one in root.replies if not one.deleted)])

    def user(self, call: Call) -> Object:
        return {"user": self.world.person(call.text("user")).to_json()}

    def conversations(self, call: Call) -> Object:
        kinds = {self._kind(one) for one in (call.text("types") or "public_channel").split(",")}
        self.gate.need(sorted(f"{SCOPE_OF_KIND[kind]}:read" for kind in kinds))
        user = self.world.person(call.text("user") or self.world.bot.id)
        among = [
            self._listed(channel)
            for channel in self.world.channels.values()
            if channel.kind in kinds
            and user.id in channel.members
            and not (channel.archived and call.flag("exclude_archived"))
        ]
        begin, size = int(call.text("cursor") or 0), int(call.text("limit") or PAGE)
        if not 0 < size <= LARGEST_PAGE:
            raise Problem("invalid_limit")
        cursor = str(begin + size) if begin + size < len(among) else ""
        page = among[begin : begin + size]
        return {"channels": page, "response_metadata": {"next_cursor": cursor}}

    def _kind(self, name: str) -> str:
        if name not in KIND_OF_TYPE:
            raise Problem("invalid_types")
        return KIND_OF_TYPE[name]

    def _listed(self, channel: Channel) -> Object:
        """Lists say less of a channel than conversations.info does."""
        shown = self._shown(channel).items()
        return {name: value for name, value in shown if name not in {"is_member", "num_members"}}

    def groups(self, call: Call) -> Object:
        with_users = call.flag("include_users")
        shown = [
            {"id": group_id, "handle": handle, "name": handle}
            | ({"users": [user.id for user in users]} if with_users else {})
            for group_id, (handle, users) in self.world.usergroups.items()
        ]
        return {"usergroups": shown}

    def group(self, call: Call) -> Object:
        found = self.world.usergroups.get(call.text("usergroup"))
        if found is None:
            raise Problem("no_such_subteam")
        return {"users": [user.id for user in found[1]]}

    def _readable(self, call: Call) -> Channel:
        channel = self.world.find_channel(call.text("channel"))
        self.gate.need_for(call, channel)
        return channel

    def _inside(self, call: Call) -> Channel:
        channel = self._readable(call)
        if self.world.bot.id not in channel.members:
            raise Problem("not_in_channel")
        return channel

    def _shown(self, channel: Channel) -> Object:
        return channel.to_json(self.world.bot)

    def _page(self, call: Call, messages: list[Message]) -> Object:
        oldest, latest = call.text("oldest"), call.text("latest")
        among = [
            message
            for message in messages
            if (not oldest or message.ts > oldest) and (not latest or message.ts < latest)
        ]
        begin, size = int(call.text("cursor") or 0), int(call.text("limit") or PAGE)
        more = begin + size < len(among)
        page = [message.to_json() for message in among[begin : begin + size]]
        cursor = str(begin + size) if more else ""
        metadata = {"next_cursor": cursor}
        return {"messages": page, "has_more": more, "response_metadata": metadata}
