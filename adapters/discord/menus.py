"""The grammar as Discord's commands: typed options, choices of the catalogue, suggestions."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, Group, Range

from adapters.chats.labels import shortened
from adapters.discord.choices import MOST, choices, listed
from adapters.discord.counter import Counter
from adapters.discord.places import AnyInteraction
from bot import wording
from bot.commands.grammar import BESIDE, GRAMMAR, Kind, Param, Verb, on_offer
from bot.commands.grammar import Group as Word
from bot.domain.catalogue import Catalogue
from bot.domain.quotas import EVERYONE

_ABOUT = 100
_SUGGESTED = frozenset({Kind.JOB, Kind.STYLE})
"""What the core knows the values of, while they are typed."""
FEW_MODELS = 6
"""Models that are choices of a command; more are suggested while their name is typed, for Discord
takes 8,000 characters for a command with all that can be chosen in it."""
Tree = app_commands.CommandTree[Any]
Callback = Callable[..., Awaitable[None]]
GUILDS_AND_PRIVATE = app_commands.AppCommandContext(guild=True, dm_channel=True)
IN_GUILDS = app_commands.AppInstallationType(guild=True, user=False)


def install(tree: Tree, catalogue: Catalogue) -> None:
    """Put every command and menu of ours into the tree of a client that has a counter."""
    member = Group(
        name=Word.MEMBER.value,
        description=wording.SORA_ABOUT,
        allowed_contexts=GUILDS_AND_PRIVATE,
        allowed_installs=IN_GUILDS,
    )
    # Discord hides commands by right only at the top, so this is one of its own.
    admin = Group(
        name=Word.ADMIN.value,
        description=wording.SORA_ADMIN_ABOUT,
        guild_only=True,
        allowed_installs=IN_GUILDS,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    groups = {Word.MEMBER: member, Word.ADMIN: admin}
    for verb in GRAMMAR:
        _group_of(groups[verb.group], verb).add_command(_command(verb, catalogue))
    member.add_command(_compose())
    for command in (member, admin, *_menus()):
        tree.add_command(command)


def _counter(interaction: AnyInteraction) -> Counter:
    client: Any = interaction.client
    return client.counter


def _group_of(top: Group, verb: Verb) -> Group:
    """The group that a verb's last word stands in: ``quota`` of ``/sora-admin quota set``.

    Discord takes 25 commands and groups side by side.
    """
    group = top
    for word in (verb.menu,) if verb.menu else verb.words[:-1]:
        found = group.get_command(word)
        if not isinstance(found, Group):
            found = Group(name=word, description=f"{top.name} {word}", parent=group)
        group = found
    return group


def _compose() -> app_commands.Command[Any, ..., None]:
    async def compose(interaction: AnyInteraction) -> None:
        await _counter(interaction).compose(interaction)

    return app_commands.Command(name="compose", description=wording.COMPOSE_ABOUT, callback=compose)


# --- one command --------------------------------------------------------------------------


def _command(verb: Verb, catalogue: Catalogue) -> app_commands.Command[Any, ..., None]:
    async def callback(interaction: AnyInteraction, **options: Any) -> None:  # noqa: ANN401 - as typed by whoever uses the command
        await _counter(interaction).command(interaction, verb.name, options)

    shaped: Callback = callback
    hidden = BESIDE - on_offer(catalogue)
    params = [param for param in verb.params if param.name not in hidden]
    shaped.__signature__ = _signature(params)
    about = {name: shortened(p.help, _ABOUT) for p in params for name in _options(p)}
    chosen = {p.name: found for p in params if (found := _choices(p, catalogue))}
    suggested = {p.name: _suggest(verb, p) for p in params if _is_suggested(p, catalogue)}
    shaped = app_commands.describe(**about)(shaped) if about else shaped
    shaped = app_commands.choices(**chosen)(shaped) if chosen else shaped
    shaped = app_commands.autocomplete(**suggested)(shaped) if suggested else shaped
    return app_commands.Command(
        name=verb.words[-1], description=shortened(verb.summary, _ABOUT), callback=shaped
    )


def _signature(params: Iterable[Param]) -> inspect.Signature:
    """The parameters that the library reads options from; it wants the required ones first."""
    first = inspect.Parameter(
        "interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction
    )
    options = [_parameter(name, param) for param in params for name in _options(param)]
    ordered = sorted(options, key=lambda option: option.default is None)
    return inspect.Signature([first, *ordered])


def _options(param: Param) -> tuple[str, ...]:
    """What Discord asks for: a person and a channel are options of their own, as each file is."""
    return (param.name, param.or_channel) if param.or_channel else param.places


def _parameter(name: str, param: Param) -> inspect.Parameter:
    kind = _CHANNEL if name == param.or_channel else _type_of(param)
    required = param.required and not param.or_channel
    return inspect.Parameter(
        name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        annotation=kind if required else kind | None,
        default=inspect.Parameter.empty if required else None,
    )


class _Written(app_commands.Transformer):
    """A channel that people can write in, as Discord names it."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What the option asks for."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Threads belong to their channel, so they are not offered."""
        kind = discord.ChannelType
        return [kind.text, kind.news, kind.voice]

    async def transform(self, interaction: AnyInteraction, value: Any, /) -> Any:  # noqa: ANN401 - the library's own signature
        """As it came."""
        del interaction
        return value


_CHANNEL: Any = app_commands.Transform[Any, _Written]


def _type_of(param: Param) -> Any:  # noqa: ANN401 - what the library takes for a type of option
    match param.kind:
        case Kind.TEXT:
            return Range[str, param.min or 0, param.max or 6000]
        case Kind.NUMBER if not param.choices:
            return Range[int, param.min, param.max]
        case Kind.PERSON:
            # @everyone is a role of Discord's too.
            roles = param.roles or EVERYONE in param.choices
            return discord.Member | discord.Role if roles else discord.Member
        case Kind.FLAG:
            return bool
        case Kind.IMAGE:
            return discord.Attachment
        case _:
            return str


def _is_suggested(param: Param, catalogue: Catalogue) -> bool:
    long = param.kind is Kind.MODEL and len(catalogue.models) > FEW_MODELS
    return long or param.kind in _SUGGESTED


def _choices(param: Param, catalogue: Catalogue) -> list[Choice[str]]:
    if _is_suggested(param, catalogue):
        return []
    words = listed({word: word for word in param.choices}) if param.kind is Kind.CHOICE else {}
    found = words or choices(param.kind, catalogue)
    return [Choice(name=label, value=value) for value, label in found.items()]


def _suggest(verb: Verb, param: Param) -> Any:  # noqa: ANN401 - the library's own union
    async def suggest(interaction: AnyInteraction, current: str) -> list[Choice[str]]:
        found = await _counter(interaction).suggestions(interaction, verb.name, param.name, current)
        return [Choice(name=one.label, value=one.value) for one in found[:MOST]]

    return suggest


# --- menus of messages and people -----------------------------------------------------------


def _menus() -> tuple[app_commands.ContextMenu, ...]:
    async def remix(interaction: AnyInteraction, message: discord.Message) -> None:
        del message
        await _counter(interaction).remix(interaction)

    async def details(interaction: AnyInteraction, message: discord.Message) -> None:
        del message
        await _counter(interaction).details(interaction)

    async def quota(interaction: AnyInteraction, member: discord.Member) -> None:
        await _counter(interaction).quota(interaction, member)

    set_quota = app_commands.ContextMenu(name=wording.MENU_QUOTA, callback=quota)
    set_quota.default_permissions = discord.Permissions(manage_guild=True)
    set_quota.guild_only = True
    return (
        app_commands.ContextMenu(name=wording.MENU_REMIX, callback=remix),
        app_commands.ContextMenu(name=wording.MENU_DETAILS, callback=details),
        set_quota,
    )
