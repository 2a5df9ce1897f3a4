"""Routes about the bot itself: account, application, commands, gateway, guilds."""

from typing import Any

from tests.fakes.discord_server.commands import Commands
from tests.fakes.discord_server.door import Answer, Handler
from tests.fakes.discord_server.guilds import Guild
from tests.fakes.discord_server.problem import Problem
from tests.fakes.discord_server.requests import Request
from tests.fakes.discord_server.world import World


class AppRoutes:
    def __init__(self, world: World, commands: Commands) -> None:
        self.world = world
        self.commands = commands
        self.gateway_url = ""
        self.shards = 1

    def table(self) -> list[tuple[str, str, Handler]]:
        commands = "/applications/{application_id}/commands"
        of_guild = "/applications/{application_id}/guilds/{guild_id}/commands"
        return [
            ("GET", "/users/@me", self.me),
            ("GET", "/users/@me/guilds", self.my_guilds),
            ("POST", "/users/@me/channels", self.open_dm),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/applications/@me", self.application),
            ("GET", commands, self.list_commands),
            ("PUT", commands, self.put_commands),
            ("GET", of_guild, self.list_commands),
            ("PUT", of_guild, self.put_commands),
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway),
            ("GET", "/guilds/{guild_id}", self.guild),
            ("GET", "/guilds/{guild_id}/channels", self.guild_channels),
            ("GET", "/guilds/{guild_id}/roles", self.guild_roles),
            ("GET", "/guilds/{guild_id}/members/{user_id}", self.guild_member),
        ]

    def me(self, request: Request) -> Answer:
        return Answer(self.world.bot.to_json() | {"verified": True, "mfa_enabled": False})

    def my_guilds(self, request: Request) -> Answer:
        return Answer([self._membership(one) for one in self.world.guilds.values()])

    def open_dm(self, request: Request) -> Answer:
        user = self.world.users.get(int(request.sent.payload["recipient_id"]))
        if user is None:
            raise Problem(10013)
        return Answer(self.world.dm(user).to_json())

    def application(self, request: Request) -> Answer:
        body: dict[str, Any] = {
            "id": str(self.world.application_id),
            "name": self.world.bot.name,
            "description": "",
            "summary": "",
            "icon": None,
            "verify_key": "0" * 64,
            "flags": 0,
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": self.world.owner.to_json(),
            "team": None,
            "interactions_endpoint_url": self.world.interactions_endpoint,
            "approximate_guild_count": len(self.world.guilds),
        }
        return Answer(body)

    def list_commands(self, request: Request) -> Answer:
        return Answer(self.commands.scope(self._scope(request)))

    def put_commands(self, request: Request) -> Answer:
        return Answer(self.commands.put(self._scope(request), request.body))

    def gateway(self, request: Request) -> Answer:
        start = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return Answer(
            {"url": self.gateway_url, "shards": self.shards, "session_start_limit": start}
        )

    def guild(self, request: Request) -> Answer:
        return Answer(self.world.guild(request.number("guild_id")).base_json())

    def guild_channels(self, request: Request) -> Answer:
        guild = self.world.guild(request.number("guild_id"))
        return Answer([one.to_json() for one in guild.channels])

    def guild_roles(self, request: Request) -> Answer:
        guild = self.world.guild(request.number("guild_id"))
        return Answer([one.to_json() for one in guild.roles.values()])

    def guild_member(self, request: Request) -> Answer:
        guild = self.world.guild(request.number("guild_id"))
        member = guild.members.get(request.number("user_id"))
        if member is None:
            raise Problem(10007)
        return Answer(guild.member_json(member.user))

    def _membership(self, guild: Guild) -> dict[str, Any]:
        return {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "features": [],
            "permissions": str(int(guild.permissions(self.world.bot))),
        }

    def _scope(self, request: Request) -> int | None:
        if request.number("application_id") != self.world.application_id:
            raise Problem(50001)
        if "guild_id" not in request.params:
            return None
        return self.world.guild(request.number("guild_id")).id
