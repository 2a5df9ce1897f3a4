"""How a workspace adds the bot by itself: our page, Slack's question, the token for the answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import pages
from adapters.slack.faults import FAULTS
from adapters.slack.installs import STATE_LIFE, Installations, States
from adapters.slack.manifest import INSTALL_PATH, REDIRECT_PATH, scopes
from adapters.slack.workspaces import Workspaces
from bot.errors import ChatError

_TEAM = re.compile(r"[TE][A-Z0-9]+")
_PAGE = "/oauth/v2/authorize"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OAuth:
    """The app as workspaces add it.

    `token_key` is a Fernet key. Browsers find the bot at `public_url`, and Slack's question at
    `asks_at`.
    """

    client_id: str
    client_secret: str = field(repr=False)
    token_key: str = field(repr=False)
    public_url: str
    asks_at: str

    def at(self, path: str) -> str:
        """Address of a page of ours."""
        return self.public_url.rstrip("/") + path


def asks_at(api_url: str) -> str:
    """Where Slack asks people: GovSlack has its own page, a proxy for the Web API has none."""
    host = urlsplit(api_url).hostname or ""
    return f"https://{'slack-gov.com' if host.endswith('slack-gov.com') else 'slack.com'}{_PAGE}"


class WholeOrganization(BoltError):
    """It was added to an organization as a whole, where each workspace has to add it."""


class Flow(AsyncOAuthFlow):
    """Bolt's, with our stores, our client and our pages. `install_url` is where people begin.

    With ``?replies=yes`` there, Slack is also asked for the rights to read replies in threads.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        oauth: OAuth,
        installations: Installations,
        states: States,
        workspaces: Workspaces,
    ) -> None:
        self._oauth = oauth
        self._workspaces = workspaces
        self.install_url = oauth.at(INSTALL_PATH)
        settings = AsyncOAuthSettings(
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
            scopes=list(scopes(replies=False)),
            user_scopes=[],
            redirect_uri=oauth.at(REDIRECT_PATH),
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            callback_options=AsyncCallbackOptions(success=self._added, failure=self._not_added),
            authorization_url=oauth.asks_at,
            installation_store=installations,
            state_store=states,
            state_expiration_seconds=STATE_LIFE,
        )
        super().__init__(client=client, logger=log, settings=settings)

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        """Where Slack asks; of what stands in our address nothing else gets there."""
        query = cast("Mapping[str, list[str]]", request.query)
        link = AuthorizeUrlGenerator(
            client_id=self._oauth.client_id,
            redirect_uri=self._oauth.at(REDIRECT_PATH),
            scopes=list(scopes(replies=query.get("replies") == ["yes"])),
            user_scopes=[],
            authorization_url=self._oauth.asks_at,
        )
        team = query.get("team", [""])[0]
        return link.generate(state, team if _TEAM.fullmatch(team) else None)

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        """The page where it begins."""
        del request
        return pages.add(url)

    async def append_set_cookie_headers(
        self, headers: dict[str, object], set_cookie_value: str | None
    ) -> dict[str, object]:
        """What browsers are told with that page."""
        return {**headers, **pages.HEADERS, "Set-Cookie": set_cookie_value}

    async def run_installation(self, code: str) -> Installation | None:
        """What Slack gives for its code; None when it does not, or cannot be asked."""
        try:
            return await super().run_installation(code)
        except FAULTS as error:
            log.warning("Slack gives no token for its code: %s", type(error).__name__)
            return None

    async def store_installation(
        self, request: AsyncBoltRequest, installation: Installation
    ) -> None:
        """Keep it, and use its token from now on; raises `BoltError` when it cannot be kept."""
        if installation.is_enterprise_install or not installation.team_id:
            raise WholeOrganization
        try:
            await super().store_installation(request, installation)
        except Exception as error:
            log.exception("the installation of workspace %s is not kept", installation.team_id)
            raise BoltError from error
        self._workspaces.forget(installation.team_id)
        log.info("the bot was added to workspace %s", installation.team_id)

    async def _added(self, args: AsyncSuccessArgs) -> BoltResponse:
        made = args.installation
        team = str(made.team_id)
        try:
            url = (await self._workspaces.of(team)).url
        except ChatError as error:
            log.warning("workspace %s was added, and is not reached yet: %s", team, error)
            url = ""
        return self._shown(200, pages.added(made.team_name or team, team, str(made.app_id), url))

    async def _not_added(self, args: AsyncFailureArgs) -> BoltResponse:
        whole = isinstance(args.error, WholeOrganization)
        reason = "whole_organization" if whole else args.reason
        log.info("a workspace was not added: %s", reason if reason.isidentifier() else "")
        return self._shown(
            400 if whole else args.suggested_status_code, pages.not_added(reason, self.install_url)
        )

    def _shown(self, status: int, page: str) -> BoltResponse:
        ended = self.settings.state_utils.build_set_cookie_for_deletion()
        return BoltResponse(
            status=status, body=page, headers={**pages.HEADERS, "Set-Cookie": ended}
        )
