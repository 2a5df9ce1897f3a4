"""How a workspace takes the app in: somebody agrees, Slack gives a code, the bot a token for it."""

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.problem import Problem
from tests.fakes.slack_server.team import Team

CLIENT_ID, CLIENT_SECRET = "1.2", "a-client-of-nothing"
AUTHORIZE = "/oauth/v2/authorize"


@dataclass
class Grant:
    """What somebody agreed to. Its code works once."""

    team: Team
    person: Person
    scopes: str
    redirect_uri: str
    used: bool = False


class OAuth:
    """`client_id` and `client_secret` are the app's. `for_all` agrees for a whole organization."""

    def __init__(self, teams: list[Team]) -> None:
        self.teams = teams
        self.client_id, self.client_secret = CLIENT_ID, CLIENT_SECRET
        self.for_all = False
        self._grants: dict[str, Grant] = {}

    def allow(self, link: str, person: Person) -> str:
        """Agree to what a link asks for: the address to which Slack sends the browser then."""
        asked = self._asked(link)
        code = secrets.token_hex(8)
        team = next(one for one in self.teams if one.id == person.team_id)
        target = asked.get("redirect_uri", "")
        self._grants[code] = Grant(team, person, asked["scope"], target)
        return f"{target}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    def deny(self, link: str) -> str:
        """Say no: the address to which Slack sends the browser then."""
        asked = self._asked(link)
        answer = {"error": "access_denied", "state": asked.get("state", "")}
        return f"{asked.get('redirect_uri', '')}?{urlencode(answer)}"

    def access(self, call: Call) -> Object:
        """oauth.v2.access: a token for a code."""
        if call.text("client_id") != self.client_id:
            raise Problem("invalid_client_id")
        if call.text("client_secret") != self.client_secret:
            raise Problem("bad_client_secret")
        shown = _shown(self._spend(call.text("code"), call.text("redirect_uri")))
        return shown | (_FOR_ALL if self.for_all else {})

    def _asked(self, link: str) -> dict[str, str]:
        found = urlsplit(link)
        asked = {name: values[0] for name, values in parse_qs(found.query).items()}
        assert found.path == AUTHORIZE, f"{link} is not where people agree"
        assert asked.get("client_id") == self.client_id, f"{link} is of another app"
        assert asked.get("scope"), f"{link} asks for nothing"
        return asked

    def _spend(self, code: str, redirect_uri: str) -> Grant:
        grant = self._grants.get(code)
        if grant is None:
            raise Problem("invalid_code")
        if grant.used:
            raise Problem("code_already_used")
        if grant.redirect_uri != redirect_uri:
            raise Problem("bad_redirect_uri")
        grant.used = True
        return grant


_FOR_ALL: Object = {
    "team": None,
    "enterprise": {"id": "E0AAAAAAAA1", "name": "Studios"},
    "is_enterprise_install": True,
}


def _shown(grant: Grant) -> Object:
    team = grant.team
    return {
        "access_token": team.install(),
        "token_type": "bot",
        "scope": grant.scopes,
        "bot_user_id": team.bot.id,
        "app_id": team.world.app_id,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": grant.person.id},
    }
