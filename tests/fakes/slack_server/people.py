"""People, who type and press as they would in Slack."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.blocks import Part, walk
from tests.fakes.slack_server.channels import DIRECT, PRIVATE, Channel
from tests.fakes.slack_server.dialogs import Dialogs, initial_state
from tests.fakes.slack_server.fields import filled, missing
from tests.fakes.slack_server.files import File
from tests.fakes.slack_server.interactions import Interactions
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.offers import GLOBAL, ON_MESSAGE, NotOffered
from tests.fakes.slack_server.parcels import COMMANDS, INTERACTIVE
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.problem import Problem
from tests.fakes.slack_server.users import User
from tests.fakes.slack_server.views import View
from tests.fakes.slack_server.world import World

Shown = Message | View


@dataclass(frozen=True)
class Desk:
    """What everybody's client speaks to."""

    world: World
    interactions: Interactions
    dialogs: Dialogs
    violations: list[str]


@dataclass(eq=False)
class Person(User):
    """Somebody with a client. Methods raise NotOffered for what Slack would not let happen."""

    desk: Desk = field(kw_only=True)

    @property
    def direct(self) -> Channel:
        """The conversation with the bot."""
        return self.desk.world.direct(self)

    @property
    def ephemerals(self) -> list[Message]:
        """What only this person sees, oldest first."""
        return self.desk.world.ephemerals.setdefault(self.id, [])

    @property
    def views(self) -> list[View]:
        """Open views, the one on top last."""
        return self.desk.world.stacks.get(self.id, [])

    @property
    def view(self) -> View | None:
        """The view on top."""
        return self.views[-1] if self.views else None

    @property
    def home(self) -> View | None:
        """The home tab, when the bot published one."""
        return self.desk.world.homes.get(self.id)

    async def slash(self, channel: Channel, command: str, text: str = "") -> Asked:
        """Type a command, and wait for its ack or its failure. In threads Slack has none."""
        self._enter(channel)
        self._has_commands()
        short = channel.to_short()
        data = {
            "token": "old",
            "team_id": self.team_id,
            "team_domain": self.desk.world.domain,
            "channel_id": channel.id,
            "channel_name": short["name"],
            "user_id": self.id,
            "user_name": self.name.lower(),
            "command": self.desk.world.offers.command(command),
            "text": _named(_escaped(text), self.desk.world),
            "api_app_id": self.desk.world.app_id,
            "is_enterprise_install": "false",
        }
        return await self.desk.interactions.ask(COMMANDS, self, data, channel)

    async def press(self, shown: Shown, label: str) -> Asked:
        """Press a button of a message or a view, named by its label as it is now."""
        for part in walk(shown.blocks):
            if part.element["type"] == "button" and part.element["text"]["text"] == label:
                return await self.use(shown, part)
        raise NotOffered(f"no button {label!r} among {list(shown.buttons)}")

    async def choose(self, shown: Shown, name: str, value: object) -> Asked:
        """Choose in a select; the bot hears at once. Inputs need dispatch_action for that."""
        part = _find(shown.blocks, name)
        if part.is_input and not part.block.get("dispatch_action"):
            raise NotOffered(f"{name} tells nobody before the form is sent")
        return await self.use(shown, part, filled(part, value))

    async def use(self, shown: Shown, part: Part, value: Object | None = None) -> Asked:
        """Send what a part says, also one that is no longer shown."""
        if not self.desk.world.installed:
            raise NotOffered("the app is gone")
        known = ("action_id", "type", "text", "value", "style")
        action = {name: part.element[name] for name in known if name in part.element}
        action |= {"block_id": part.block["block_id"], "action_ts": self.desk.world.ids.ts()}
        data = self._person("block_actions") | {"actions": [action | (value or {})]}
        if isinstance(shown, View):
            return await self._use_view(shown, part, value, data)
        return await self._use_message(shown, part, value, data)

    async def submit(
        self, view: View | None, values: dict[str, object] | None = None, **more: object
    ) -> Asked:
        """Fill in a form by label, action id or block id, and send it.

        Fields left out keep what they have. Errors that the bot answers are in view.errors.
        """
        view = self._open_view(view)
        if "submit" not in view.data:
            raise NotOffered("the view has nothing to send it with")
        for name, value in ((values or {}) | more).items():
            self.fill(view, name, value)
        empty = [part.names for part in walk(view.blocks) if missing_in(part, view)]
        if empty:
            raise NotOffered(f"still empty: {empty}")
        data = self._person("view_submission") | self._view(view)
        data["response_urls"] = []
        asked = await self.desk.interactions.ask(INTERACTIVE, self, data)
        if asked.acked is None:
            return asked
        try:
            self.desk.dialogs.after_submit(view, asked, asked.acked.payload)
        except Problem as problem:
            self.desk.violations.append(f"ack of a submission: {problem}")
        return asked

    def fill(self, view: View, name: str, value: object) -> None:
        """Type or choose something in a form without sending it."""
        part = _find(view.blocks, name)
        view.state[part.block["block_id"]][part.element["action_id"]] = filled(part, value)

    async def closes(self, view: View | None) -> Asked | None:
        """Close a view; the bot hears of it only when it wanted to."""
        view = self._open_view(view)
        self.desk.dialogs.close(view)
        if not view.data.get("notify_on_close"):
            return None
        data = self._person("view_closed") | self._view(view) | {"is_cleared": False}
        return await self.desk.interactions.ask(INTERACTIVE, self, data)

    async def shortcut(self, name: str) -> Asked:
        """Choose a global shortcut."""
        self._has_commands()
        callback = self.desk.world.offers.callback(GLOBAL, name)
        data = self._person("shortcut") | {"callback_id": callback}
        return await self.desk.interactions.ask(INTERACTIVE, self, data)

    async def message_shortcut(self, message: Message, name: str) -> Asked:
        """Choose a shortcut in a message's menu. Ephemeral messages have none."""
        if message.ephemeral or message.deleted:
            raise NotOffered("this message has no menu")
        self._has_commands()
        channel = self.desk.world.channels[message.channel_id]
        self._enter(channel)
        data = self._person("message_action") | {
            "callback_id": self.desk.world.offers.callback(ON_MESSAGE, name),
            "message_ts": message.ts,
            "message": message.to_json(),
            "channel": channel.to_short(),
        }
        return await self.desk.interactions.ask(INTERACTIVE, self, data, channel, message)

    def says(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Message | None = None,
        files: Iterable[File] = (),
        broadcast: bool = False,
    ) -> Message:
        """Write an ordinary message, in a thread when given any message of it.

        With `broadcast` a reply is shown in the channel too.
        """
        self._enter(channel)
        world = self.desk.world
        made = Message(world.ids.ts(), channel.id, self, _escaped(text), broadcast=broadcast)
        if thread is not None:
            made.thread_ts = thread.thread_ts or thread.ts
        for file in files:
            world.share(channel, file, made)
        return made if made.files else world.post(channel, made)

    def mention(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Message | None = None,
        files: Iterable[File] = (),
    ) -> Message:
        """Speak to the bot. It hears of it twice: as a mention and as a message."""
        world = self.desk.world
        made = self.says(channel, f"{world.bot.tag} {text}", thread=thread, files=files)
        told = made.to_json() | {"type": "app_mention", "channel": channel.id}
        world.news.tell(told | {"event_ts": made.ts})
        return made

    def dm(self, text: str) -> Message:
        """Write to the bot in private."""
        self._has_commands()
        if not self.desk.world.messages_tab:
            raise NotOffered("sending messages to this app has been turned off")
        return self.says(self.direct, text)

    def opens_home(self) -> None:
        """Look at the bot's home tab."""
        self._has_commands()
        world, home = self.desk.world, self.home
        data: Object = {"type": "app_home_opened", "user": self.id, "tab": "home"}
        data |= {"channel": self.direct.id, "event_ts": world.ids.ts()}
        if home is not None:
            data["view"] = home.to_json(world.team_id, world.app_id, world.bot)
        world.news.tell(data)

    def invites_bot(self, channel: Channel) -> None:
        """Type /invite with the bot's name."""
        self.desk.world.join(channel, self.desk.world.bot, self)

    def removes_bot(self, channel: Channel) -> None:
        channel.members.discard(self.desk.world.bot.id)

    def reacts(self, message: Message, name: str) -> None:
        """Put a sign on a message, by Slack's name for it."""
        self._check_sees(message)
        self.desk.world.react(self, message, name)

    def takes_back(self, message: Message, name: str) -> None:
        """Take one's sign away again."""
        self._check_sees(message)
        self.desk.world.unreact(self, message, name)

    def edits(self, message: Message, text: str) -> None:
        """Change what one wrote. The bot hears of it as a change, not as a message."""
        self.desk.world.edit(
            self.desk.world.channels[message.channel_id], message, _escaped(text), []
        )

    def deletes(self, message: Message) -> None:
        """Take a message away, as its author or an admin can."""
        self.desk.world.remove(self.desk.world.channels[message.channel_id], message)

    async def _use_message(
        self, message: Message, part: Part, value: Object | None, data: Object
    ) -> Asked:
        self._check_sees(message)
        channel = self.desk.world.channels[message.channel_id]
        state = initial_state(message.blocks)
        if value is not None:
            state[part.block["block_id"]][part.element["action_id"]] = value
        data |= {"channel": channel.to_short(), "state": {"values": state}}
        data["container"] = _container(message)
        if not message.ephemeral:
            data["message"] = message.to_json()
        return await self.desk.interactions.ask(INTERACTIVE, self, data, channel, message)

    async def _use_view(self, view: View, part: Part, value: Object | None, data: Object) -> Asked:
        if view.closed:
            raise NotOffered("the view is closed")
        if value is not None:
            view.state[part.block["block_id"]][part.element["action_id"]] = value
        data |= self._view(view) | {"container": {"type": "view", "view_id": view.id}}
        return await self.desk.interactions.ask(INTERACTIVE, self, data)

    def _person(self, kind: str) -> Object:
        return {
            "type": kind,
            "token": "old",
            "action_ts": self.desk.world.ids.ts(),
            "user": self.to_short(),
            "team": {"id": self.desk.world.team_id, "domain": self.desk.world.domain},
            "api_app_id": self.desk.world.app_id,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _view(self, view: View) -> Object:
        world = self.desk.world
        shown = view.to_json(world.team_id, world.app_id, world.bot)
        # In a dialog `team` is where the person is at home, in a message where the app is.
        return {"view": shown} | ({"team": {"id": self.team_id}} if self.is_foreign else {})

    def _has_commands(self) -> None:
        """Only people of a workspace with the app have its commands and shortcuts."""
        if self.is_foreign or not self.desk.world.installed:
            raise NotOffered(f"{self.name} has no such app")

    def _open_view(self, view: View | None) -> View:
        if view is None or view.closed or view is not self.view:
            raise NotOffered("this view is not on top")
        return view

    def _check_sees(self, message: Message) -> None:
        if message.deleted or message.only_for not in {None, self}:
            raise NotOffered(f"{self.name} does not see the message")

    def _enter(self, channel: Channel) -> None:
        """Members see private channels, everybody sees public ones."""
        hidden = channel.kind in {PRIVATE, DIRECT} and self.id not in channel.members
        if hidden or channel.archived:
            raise NotOffered(f"{self.name} cannot write in {channel.name}")
        channel.members.add(self.id)


def _escaped(text: str) -> str:
    """As Slack stores what people type: names stay names."""
    kept = r"&lt;(@\w+|!subteam\^\w+)&gt;"
    return re.sub(kept, r"<\1>", html.escape(text, quote=False))


def _named(text: str, world: World) -> str:
    """As commands have people: Slack adds their names when the manifest says should_escape."""

    def name(found: re.Match[str]) -> str:
        user = world.users.get(found[1])
        return f"<@{found[1]}|{user.name.lower()}>" if user else found[0]

    def handle(found: re.Match[str]) -> str:
        group = world.usergroups.get(found[1])
        return f"<!subteam^{found[1]}|@{group[0]}>" if group else found[0]

    return re.sub(r"<!subteam\^(\w+)>", handle, re.sub(r"<@(\w+)>", name, text))


def missing_in(part: Part, view: View) -> bool:
    return part.is_input and missing(part, view.state)


def _find(blocks: list[Object], name: str) -> Part:
    for part in walk(blocks):
        if name in part.names:
            return part
    raise NotOffered(f"nothing is called {name!r} among {[part.names for part in walk(blocks)]}")


def _container(message: Message) -> Object:
    body: Object = {"type": "message", "message_ts": message.ts, "channel_id": message.channel_id}
    if message.thread_ts is not None:
        body["thread_ts"] = message.thread_ts
    return body | {"is_ephemeral": message.ephemeral}
