"""People and bots, as accounts."""

from dataclasses import dataclass
from typing import Any

MIB = 1024 * 1024


@dataclass(eq=False)
class User:
    """An account. `upload_limit` is what Nitro would raise; DMs may be closed."""

    id: int
    name: str
    bot: bool = False
    upload_limit: int = 10 * MIB
    dms_closed: bool = False
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "username": self.name.lower().replace(" ", "_"),
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }
