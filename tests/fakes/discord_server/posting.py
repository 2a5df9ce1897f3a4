"""Makes messages of what was sent, and changes them, by Discord's rules."""

import re
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.component_rules import check_files, check_message
from tests.fakes.discord_server.components import file_of, fill, media
from tests.fakes.discord_server.files import Attachment
from tests.fakes.discord_server.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    EVERYONE,
    LOADING,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Message,
)
from tests.fakes.discord_server.payloads import Json
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.problem import Problem, invalid
from tests.fakes.discord_server.roles import Role
from tests.fakes.discord_server.users import User
from tests.fakes.discord_server.world import World

SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
MOST_CONTENT = 2000
FORBIDDEN_IN_V2 = ("content", "embeds", "sticker_ids", "poll")


@dataclass
class Sent:
    """What a request says, with the files that came with it."""

    payload: dict[str, Any]
    files: list[Attachment] = field(default_factory=list[Attachment])


class Posting:
    """Messages in, messages changed."""

    def __init__(self, world: World) -> None:
        self.world = world

    def compose(self, channel: Channel, author: User, sent: Sent, limit: int) -> Message:
        """A message that nobody sees yet. Raises Problem for what Discord refuses."""
        made = Message(self.world.ids.new(), channel.id, channel.guild_id, author, time.time())
        made.flags = (sent.payload.get("flags") or 0) & (SETTABLE | EPHEMERAL)
        self._write(made, sent, limit)
        if not (made.content or made.embeds or made.components or made.files):
            raise Problem(50006)
        made.pings = self._pings(channel, author, made, sent.payload.get("allowed_mentions"))
        return made

    def edit(self, message: Message, sent: Sent, limit: int) -> None:
        """Change a message; it is left alone when Discord refuses. Nobody is notified."""
        before = (message.text, message.flags)
        wanted = (sent.payload.get("flags") or 0) & SETTABLE
        message.flags = (message.flags & ~SUPPRESS_EMBEDS) | wanted
        try:
            self._write(message, sent, limit)
        except Problem:
            message.flags = before[1]
            raise
        message.flags &= ~LOADING
        message.history.append(before[0])
        message.edited = time.time()
        if not message.ephemeral:
            self.world.tell_message("MESSAGE_UPDATE", message)

    def fill(self, channel: Channel, message: Message, sent: Sent, limit: int) -> None:
        """Write the answer into a message that still says that the bot is thinking."""
        self.edit(message, sent, limit)
        message.history.clear()
        message.edited = None
        message.pings = self._pings(
            channel, message.author, message, sent.payload.get("allowed_mentions")
        )

    def _write(self, message: Message, sent: Sent, limit: int) -> None:
        payload = sent.payload
        content = _given(payload, "content", message.content) or ""
        embeds: list[Json] = _given(payload, "embeds", message.embeds) or []
        components = deepcopy(_given(payload, "components", message.components) or [])
        files = _files(message, sent)
        _check_sizes(sent.files, limit)
        _check_words(content, embeds)
        if message.is_v2:
            _check_no_old_style(payload, content, embeds)
        check_message(components, is_v2=message.is_v2)
        if message.is_v2:
            check_files(components, files, sent.files)
            files = _shown(components, files)
        fill(components, files)
        message.content, message.embeds = content, embeds
        message.components, message.files = components, files

    def _pings(
        self, channel: Channel, author: User, message: Message, allowed: dict[str, Any] | None
    ) -> list[User | Role | str]:
        rules = _MentionRules(allowed)
        guild = self.world.guild_of(channel)
        named: list[User | Role | str] = []
        users = [self.world.users.get(int(one)) for one in re.findall(r"<@!?(\d+)>", message.text)]
        named += [user for user in users if user is not None and rules.let("users", user.id)]
        if guild is not None:
            may_all = Permission.MENTION_EVERYONE in guild.permissions(author, channel)
            for role_id in map(int, re.findall(r"<@&(\d+)>", message.text)):
                role = guild.roles.get(role_id)
                if role and rules.let("roles", role_id) and (may_all or role.mentionable):
                    named.append(role)
            if may_all and rules.let("everyone", 0) and re.search("@(everyone|here)", message.text):
                named.append(EVERYONE)
        return list(dict.fromkeys(named))


class _MentionRules:
    """allowed_mentions: whole kinds, or single ids."""

    def __init__(self, allowed: dict[str, Any] | None) -> None:
        self.all_free = allowed is None
        self.kinds: Sequence[str] = (allowed or {}).get("parse") or ()
        self.single: dict[str, list[int]] = {}
        for kind in ("users", "roles"):
            self.single[kind] = [int(one) for one in (allowed or {}).get(kind) or ()]
            if self.single[kind] and kind in self.kinds:
                raise invalid(
                    "allowed_mentions", f"parse:{kind} and {kind}: [ids...] are mutually exclusive"
                )

    def let(self, kind: str, who: int) -> bool:
        return self.all_free or kind in self.kinds or who in self.single.get(kind, ())


def _given(payload: dict[str, Any], name: str, otherwise: Json) -> Json:
    return payload.get(name, otherwise)


def _files(message: Message, sent: Sent) -> list[Attachment]:
    """Files of the message after the change: those kept, then those that came."""
    listed: list[dict[str, Any]] | None = sent.payload.get("attachments")
    by_field = {file.field: file for file in sent.files}
    kept = message.files
    if listed is not None:
        ids = {int(one["id"]) for one in listed}
        kept = [file for file in message.files if file.id in ids]
        for one in listed:
            _describe(one, by_field, message.files)
    return [*kept, *sent.files]


def _describe(
    listed: dict[str, Any], uploads: dict[int, Attachment], known: list[Attachment]
) -> None:
    number = int(listed["id"])
    if number in uploads:
        uploads[number].description = listed.get("description")
        uploads[number].name = listed.get("filename") or uploads[number].name
    elif number not in {file.id for file in known}:
        raise invalid("attachments.id", f"Unknown attachment: {number}")


def _check_sizes(files: list[Attachment], limit: int) -> None:
    if any(file.size > limit for file in files):
        raise Problem(40005)
    if len(files) > 10:
        raise invalid("attachments", "Must be 10 or fewer in length.")


def _check_words(content: str, embeds: list[dict[str, Any]]) -> None:
    if len(content) > MOST_CONTENT:
        raise invalid("content", f"Must be {MOST_CONTENT} or fewer in length.")
    if len(embeds) > 10:
        raise invalid("embeds", "Must be 10 or fewer in length.")


def _check_no_old_style(payload: dict[str, Any], content: str, embeds: list[Any]) -> None:
    for name in FORBIDDEN_IN_V2:
        left_over = (name == "content" and content) or (name == "embeds" and embeds)
        if payload.get(name) or left_over:
            raise invalid(
                name, f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            )


def _shown(components: list[dict[str, Any]], files: list[Attachment]) -> list[Attachment]:
    """A message of components keeps only files that it shows."""
    found = [file_of(holder[key]["url"], files) for holder, key in media(components)]
    return [file for file in files if file in found]
