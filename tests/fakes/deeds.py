"""What admins do, for tests that ask a service itself."""

from __future__ import annotations

from bot.domain.audit import Deed
from bot.domain.refs import Person
from tests.fakes.core import MARA


def deed(
    person: Person = MARA, interaction: str = "click", reason: str = "", verb: str = "admin test"
) -> Deed:
    """A deed of the demo's admin, unless told otherwise."""
    return Deed(person, verb, interaction, reason)
