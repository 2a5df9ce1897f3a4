"""Users of the workspace, the bot among them."""

from dataclasses import dataclass

from tests.fakes.slack_server.payloads import Object


@dataclass(eq=False)
class User:
    """`bot_id` is empty for people; `deactivated` people cannot be written to.

    `is_foreign` are people of other organisations; for `is_stranger` see Team.stranger.
    """

    id: str
    name: str
    team_id: str
    bot_id: str = ""
    is_admin: bool = False
    is_owner: bool = False
    deactivated: bool = False
    is_foreign: bool = False
    is_stranger: bool = False

    @property
    def tag(self) -> str:
        return f"<@{self.id}>"

    def to_json(self) -> Object:
        """As users.info shows somebody."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name.lower(),
            "real_name": self.name,
            "deleted": self.deactivated,
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_bot": bool(self.bot_id),
            "is_stranger": self.is_stranger,
            "tz": "Etc/UTC",
            "profile": {"display_name": self.name, "real_name": self.name},
        }

    def to_short(self) -> Object:
        """As payloads of interactions show somebody."""
        username = self.name.lower()
        return {"id": self.id, "username": username, "name": username, "team_id": self.team_id}
