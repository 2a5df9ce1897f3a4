"""Dialogs and home tabs."""

from dataclasses import dataclass, field

from tests.fakes.slack_server.blocks import Part, buttons_of, walk, words
from tests.fakes.slack_server.payloads import Object, inner, parts
from tests.fakes.slack_server.users import User


@dataclass(eq=False)
class View:
    """What somebody sees. `errors` are by block id; `state` is what was filled in so far."""

    id: str
    hash: str
    person: User
    data: Object
    root_id: str
    previous_id: str | None = None
    closed: bool = False
    updates: int = 0
    errors: dict[str, str] = field(default_factory=dict[str, str])
    state: dict[str, Object] = field(default_factory=dict[str, Object])

    @property
    def blocks(self) -> list[Object]:
        return parts(self.data, "blocks")

    @property
    def title(self) -> str:
        return inner(self.data, "title").get("text", "")

    @property
    def text(self) -> str:
        return "\n".join(words(self.blocks))

    @property
    def buttons(self) -> dict[str, Object]:
        """Buttons by label."""
        return buttons_of(self.blocks)

    def find(self, name: str) -> Part | None:
        """Something to use, by action id, block id, label or placeholder."""
        return next((part for part in walk(self.blocks) if name in part.names), None)

    def to_json(self, team_id: str, app_id: str, bot: User) -> Object:
        known = ("type", "callback_id", "private_metadata", "external_id", "title", "submit")
        body = {name: self.data.get(name, "") for name in (*known, "close")}
        return body | {
            "id": self.id,
            "team_id": team_id,
            "app_installed_team_id": team_id,
            "app_id": app_id,
            "bot_id": bot.bot_id,
            "hash": self.hash,
            "blocks": self.blocks,
            "state": {"values": self.state},
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "clear_on_close": bool(self.data.get("clear_on_close")),
            "notify_on_close": bool(self.data.get("notify_on_close")),
        }
