"""What bolt hears → the counter. Bolt answers Slack when a listener ends, and so do we."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncCallableAuthorize
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.counter import Ack, Counter
from adapters.slack.manifest import MAKE, REMIX
from adapters.slack.oauth import Flow
from adapters.slack.places import Places
from adapters.slack.workspaces import Workspaces

Body = Mapping[str, Any]
Left = Callable[[str], Awaitable[None]]
"""Called with a workspace that the bot was removed from."""

log = logging.getLogger(__name__)


def make_app(
    client: AsyncWebClient,
    signing_secret: str,
    workspaces: Workspaces,
    flow: Flow | None = None,
) -> AsyncApp:
    """A bolt app without listeners. `flow` is how further workspaces install it."""

    async def authorize(
        enterprise_id: str | None = None, team_id: str | None = None
    ) -> AuthorizeResult:
        """Who we are in a workspace, as far as we know: Slack is not asked before it is answered.

        Where we are nobody, whoever asks is told so when it is looked at.
        """
        found = workspaces.known.get(team_id or enterprise_id or "")
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user if found else None,
            bot_id=found.bot_id if found else None,
            bot_token=found.token if found else None,
        )

    return AsyncApp(
        client=client,
        signing_secret=signing_secret,
        process_before_response=True,
        # Of a bare function bolt thinks that it cannot go together with a flow.
        authorize=cast("Any", AsyncCallableAuthorize(logger=log, func=cast("Any", authorize))),
        oauth_flow=flow,
    )


def listen(app: Any, counter: Counter, places: Places, left: Left) -> None:  # noqa: ANN401 - bolt's decorators have no types
    """Put all our listeners into an app. The first that fits takes it."""
    _listen_to_commands(app, counter)
    _listen_to_events(app, counter)
    _listen_to_membership(app, places, left)


def _listen_to_commands(app: Any, counter: Counter) -> None:  # noqa: ANN401 - as above
    ours = re.compile(r"^sora")

    async def command(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        await counter.command(body, _team(context), ack)

    async def pressed(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        await counter.pressed(body, _team(context), ack)

    async def submitted(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        await counter.submitted(body, _team(context), ack)

    async def shortcut(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        await counter.shortcut(body, _team(context), ack)

    async def message_shortcut(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        await counter.message_shortcut(body, _team(context), ack)

    # Whatever the operator called them; two bots can be in one workspace.
    app.command(re.compile(r"^/"))(command)
    app.action(ours)(pressed)
    app.view(ours)(submitted)
    app.global_shortcut(MAKE)(shortcut)
    app.message_shortcut(REMIX)(message_shortcut)


def _listen_to_events(app: Any, counter: Counter) -> None:  # noqa: ANN401 - as above
    async def heard(event: Body, body: Body, context: AsyncBoltContext) -> None:
        await counter.heard(event, str(body["event_id"]), _team(context))

    async def reacted(event: Body, body: Body, context: AsyncBoltContext) -> None:
        await counter.reacted(event, str(body["event_id"]), _team(context))

    async def home_opened(event: Body, context: AsyncBoltContext) -> None:
        await counter.home_opened(event, _team(context))

    app.event("app_mention")(heard)
    app.event({"type": "message", "subtype": re.compile(r".*")})(heard)
    app.event("message")(heard)
    app.event("reaction_added")(reacted)
    app.event("reaction_removed")(reacted)
    app.event("app_home_opened")(home_opened)


def _listen_to_membership(app: Any, places: Places, left: Left) -> None:  # noqa: ANN401 - as above
    async def joined(event: Body, context: AsyncBoltContext) -> None:
        if event.get("user") == context.bot_user_id:
            places.inside(_team(context), str(event["channel"]))

    async def gone(event: Body, context: AsyncBoltContext) -> None:
        tokens: Body = event.get("tokens") or {}
        if event["type"] == "app_uninstalled" or tokens.get("bot"):
            log.error("the bot was removed from workspace %s", _team(context))
            await left(_team(context))

    async def nothing() -> BoltResponse:
        # What nobody listens to is taken too, or Slack would tell it again and again.
        return BoltResponse(status=200)

    app.event("member_joined_channel")(joined)
    app.event("app_uninstalled")(gone)
    app.event("tokens_revoked")(gone)
    app.event(re.compile(r".*"))(nothing)


def _team(context: AsyncBoltContext) -> str:
    return str(context.team_id or context.enterprise_id or "")
