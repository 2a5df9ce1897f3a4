"""Roles of a guild."""

from dataclasses import dataclass
from typing import Any

from tests.fakes.discord_server.permissions import NOTHING, Permission


@dataclass(eq=False)
class Role:
    id: int
    name: str
    permissions: Permission = NOTHING
    position: int = 0
    mentionable: bool = False
    managed: bool = False

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "mentionable": self.mentionable,
            "managed": self.managed,
            "hoist": False,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }
