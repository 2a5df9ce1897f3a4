"""What a look at a video server brings to light, before anything is ordered there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

OPERATIONS = ("create", "fetch", "content", "list", "delete", "remix", "extend")
"""What is looked for, in the order in which it is told."""


class Door(StrEnum):
    """What becomes of a key."""

    OPEN = "open"
    """It asks for none."""
    FITS = "fits"
    SHUT = "shut"
    """It asks for one, and none was shown."""
    WRONG = "wrong"


class Sign(StrEnum):
    """What gives a server away."""

    HOST = "host"
    HEADER = "header"
    TITLE = "title"
    ROUTE = "route"
    MODELS = "models"
    ERROR = "error"
    KEY = "key"
    """The header that it takes its key from."""
    CONTRACT = "contract"
    """Lists and errors are whole, as the published contract has them."""
    RELATIVE = "relative"
    """It is known to have these routes with another contract behind them."""
    NONE = "none"
    """Nothing did."""


class ErrorShape(StrEnum):
    """How a server says no."""

    NESTED = "nested"
    FLAT = "flat"
    DETAIL = "detail"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    """A sign, and what exactly it was (such as the name of a header)."""

    sign: Sign
    value: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found at a base URL.

    `operations` has True and False for what is surely there or not, and None for what cannot be
    told without an order. `models` are names as the server has them.
    """

    url: str
    door: Door
    profile: str
    reasons: tuple[Reason, ...]
    operations: Mapping[str, bool | None]
    errors: ErrorShape
    models: tuple[str, ...] = ()
    simulated: bool = False

    @property
    def speaks(self) -> bool:
        """Whether jobs can be asked about there at all."""
        return self.operations.get("fetch") is not False

    @property
    def fits(self) -> bool:
        """Whether orders in the shape of the contract are worth a try."""
        return self.speaks and all(reason.sign is not Sign.RELATIVE for reason in self.reasons)
