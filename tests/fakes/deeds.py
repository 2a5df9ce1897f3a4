"""What admins do, for tests that ask a service itself."""

from __future__ import annotations

from itertools import count

from bot.domain.audit import Deed
from bot.domain.refs import Person
from tests.fakes.core import MARA

_clicks = count(1)


def deed(
    person: Person = MARA, interaction: str = "", reason: str = "", verb: str = "admin test"
) -> Deed:
    """A deed of the demo's admin, unless told otherwise; each is another request."""
    return Deed(person, verb, interaction or f"click-{next(_clicks)}", reason)
