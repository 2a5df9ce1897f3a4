"""Who makes what: chains of accounts for a model, a lane or a channel, by the operator's file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bot.domain.order import Lane
from bot.domain.refs import Place
from bot.errors import ConfigError

_KNOWN = ("model", "lane", "channel", "use")


@dataclass(frozen=True, slots=True)
class Route:
    """A chain, the first to be asked first. What is empty holds for all.

    `channel` is its id in the chat; a thread goes the way of its channel unless it has its own.
    `use` names accounts (``fal/second``) or providers (``fal``: all of its accounts).
    """

    use: tuple[str, ...]
    model: str = ""
    lane: Lane | None = None
    channel: str = ""

    def leads(self, model: str, lane: Lane, place: Place | None) -> bool:
        """Whether such an order goes this way."""
        places = {place.channel, place.thread} if place else set[str | None]()
        return (
            self.model.lower() in {"", model.lower()}
            and self.lane in {None, lane}
            and (not self.channel or self.channel in places)
        )

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        """How closely it is meant: a channel counts most, then a model, then a lane."""
        return bool(self.channel), bool(self.model), self.lane is not None


def chain_of(
    routes: Sequence[Route], model: str, lane: Lane, place: Place | None
) -> tuple[str, ...] | None:
    """The chain of the closest route for an order, the first of several; None: any account."""
    fitting = [route for route in routes if route.leads(model, lane, place)]
    return max(fitting, key=lambda route: route.weight).use if fitting else None


def parse(
    data: Mapping[str, Any], gates: Collection[str], file: str = "providers"
) -> tuple[Route, ...]:
    """The ``[[route]]`` tables of the file of accounts; `gates` are all accounts that there are.

    `file` is how its faults call it. Raises `ConfigError` with every fault of every one.
    """
    found = data.get("route", [])
    entries = cast("list[object]", found) if isinstance(found, list) else [found]
    faults: list[str] = []
    known = {*gates, *(gate.partition("/")[0] for gate in gates)}
    routes = [
        _route(entry, f"{file}, route no. {number}", known, faults)
        for number, entry in enumerate(entries, 1)
    ]
    if faults:
        raise ConfigError(tuple(faults))
    return tuple(routes)


def _route(entry: object, here: str, known: Collection[str], faults: list[str]) -> Route:
    values = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    faults += [f"{here}: there is no {name!r}" for name in values if name not in _KNOWN]
    use = values.get("use")
    names = [str(name) for name in cast("list[object]", use)] if isinstance(use, list) else []
    if not names:
        faults.append(f'{here}: use is not a list of accounts such as ["fal", "backup/default"]')
    faults += [f"{here}: there is no account {name!r}" for name in names if name not in known]
    lane = values.get("lane")
    lanes = [one.value for one in Lane]
    if lane is not None and lane not in lanes:
        faults.append(f"{here}: lane is not one of {', '.join(lanes)}")
        lane = None
    return Route(
        tuple(names),
        str(values.get("model", "")),
        Lane(str(lane)) if lane is not None else None,
        str(values.get("channel", "")),
    )
