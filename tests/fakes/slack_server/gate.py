"""Who may call what: tokens, scopes, arguments."""

from collections.abc import Iterable

from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.channels import DIRECT, Channel
from tests.fakes.slack_server.methods import (
    APP_TOKEN_METHODS,
    METHODS,
    NO_TOKEN_METHODS,
    SCOPE_OF_KIND,
)
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.world import World


class Gate:
    """`revoked` turns the bot's token off; the app's token is another one."""

    def __init__(self, world: World, bot_token: str, app_token: str) -> None:
        self.world = world
        self.bot_token = bot_token
        self.app_token = app_token
        self.revoked = False

    @property
    def scopes(self) -> set[str]:
        return self.world.offers.scopes

    def check(self, call: Call) -> None:
        """Refuse a call that may not be. Unknown methods come later."""
        self.check_token(call)
        if (method := METHODS.get(call.method)) is None:
            return
        self.need(method.scopes)
        if missing := [name for name in method.needs if name not in call.args]:
            raise invalid("invalid_arguments", f"missing: {sorted(missing)}")
        if unknown := call.args.keys() - method.takes:
            raise invalid("invalid_arguments", f"unknown: {sorted(unknown)}")

    def check_token(self, call: Call) -> None:
        wants_app = call.method in APP_TOKEN_METHODS
        if call.method in NO_TOKEN_METHODS:
            return
        if not call.token:
            raise Problem("not_authed")
        if call.token == (self.bot_token if wants_app else self.app_token):
            raise Problem("not_allowed_token_type")
        if call.token != (self.app_token if wants_app else self.bot_token):
            raise Problem("invalid_auth")
        if not self.world.installed and not wants_app:
            raise Problem("account_inactive")
        if self.revoked and not wants_app:
            raise Problem("token_revoked")

    def need(self, scopes: Iterable[str]) -> None:
        """Refuse when one of the scopes was not given."""
        for scope in scopes:
            if scope not in self.scopes:
                given = ",".join(sorted(self.scopes))
                raise Problem("missing_scope", needed=scope, provided=given)

    def need_for(self, call: Call, channel: Channel) -> None:
        """Refuse when a method needs a scope for this kind of channel that was not given."""
        kind = METHODS[call.method].channel_scopes
        if kind:
            self.need([f"{SCOPE_OF_KIND[channel.kind]}:{kind}"])

    def may_write(self, channel: Channel) -> None:
        """Refuse to write where the bot is not, or nobody can."""
        if channel.archived:
            raise Problem("is_archived")
        if channel.kind == DIRECT and not self.world.messages_tab:
            raise Problem("messages_tab_disabled")
        if channel.person is not None and channel.person.deactivated:
            raise Problem("user_disabled")
        if self.world.bot.id not in channel.members:
            raise Problem("not_in_channel")
