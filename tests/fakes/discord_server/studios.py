"""Guilds with people in them."""

from tests.fakes.discord_server.guilds import Guild
from tests.fakes.discord_server.people import Desk, Person
from tests.fakes.discord_server.permissions import NOTHING, Permission
from tests.fakes.discord_server.users import MIB


class Studio(Guild):
    """A guild that tests fill."""

    def __init__(self, desk: Desk, name: str, tier: int) -> None:
        world = desk.world
        super().__init__(name, tier, world.bot, world.ids, world.channels, world.news)
        self.desk = desk

    def member(
        self,
        name: str,
        permissions: Permission = NOTHING,
        *,
        upload_limit: int = 10 * MIB,
        locale: str = "en-US",
    ) -> Person:
        """A new person in this guild, with rights beyond everyone's when given."""
        world = self.desk.world
        made = Person(
            world.ids.new(), name, upload_limit=upload_limit, locale=locale, desk=self.desk
        )
        world.users[made.id] = made
        self.seat(made, permissions)
        return made

    def throw_out_bot(self) -> None:
        self.desk.world.leave(self)

    def join(self, person: Person, permissions: Permission = NOTHING) -> None:
        """Let somebody of another guild into this one too."""
        self.seat(person, permissions)
