"""What people of a role may order, as the operator's file has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from bot.domain.catalogue import Catalogue
from bot.domain.refs import Person
from bot.domain.videos import MAX_COUNT, VideoSpec, size_of
from bot.errors import ConfigError, NotInTier, Terms

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Tier:
    """What those with one of `roles` (ids of roles or user groups) may order, and publish."""

    name: str
    roles: tuple[str, ...]
    terms: Terms
    publish: bool


@dataclass(frozen=True, slots=True)
class Tiers:
    """All tiers, the least generous first; without any, everybody may order everything."""

    tiers: tuple[Tier, ...] = ()

    def of(self, person: Person) -> Tier | None:
        """The last tier that a role of theirs is in, else the first; None: no limit, as admins."""
        if person.admin or not self.tiers:
            return None
        with_role = [tier for tier in self.tiers if set(tier.roles) & set(person.roles)]
        return (self.tiers[0], *with_role)[-1]

    def check(self, person: Person, spec: VideoSpec, count: int) -> None:
        """Raise `NotInTier` where a person's tier does not allow `count` such videos at once."""
        tier = self.of(person)
        if tier is None or allows(tier.terms, spec, count):
            return
        above = self.tiers[self.tiers.index(tier) + 1 :]
        better = (other.name for other in above if allows(other.terms, spec, count))
        raise NotInTier(tier.name, tier.terms, next(better, None))


def allows(terms: Terms, spec: VideoSpec, count: int) -> bool:
    """Whether `count` videos of `spec` may be ordered at once."""
    return (
        (not terms.models or spec.model in terms.models)
        and (not terms.sizes or str(spec.size) in terms.sizes)
        and (terms.max_seconds is None or spec.seconds <= terms.max_seconds)
        and (terms.max_count is None or count <= terms.max_count)
    )


# --- the file -----------------------------------------------------------------------------


def parse(data: Mapping[str, Any], catalogue: Catalogue) -> Tiers:
    """Tiers from their TOML form; raises `ConfigError` with every fault of every tier.

    They may name only models and sizes of the `catalogue`.
    """
    complaints = [f"tiers: there is no {name!r}, only [[tier]]" for name in data if name != "tier"]
    found = data.get("tier")
    entries = cast("list[object]", found) if isinstance(found, list) else []
    tiers = [_tier(entry, number, catalogue, complaints) for number, entry in enumerate(entries, 1)]
    if not tiers:
        complaints.append("tiers: at least one [[tier]] is needed, the first is for everyone")
    complaints += [f"tiers: two are called {name!r}" for name in _twice(t.name for t in tiers)]
    roles = [role for tier in tiers for role in tier.roles]
    complaints += [f"tiers: role {role!r} is in more than one" for role in _twice(roles)]
    if complaints:
        raise ConfigError(tuple(complaints))
    return Tiers(tuple(tiers))


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def _tier(entry: object, number: int, catalogue: Catalogue, complaints: list[str]) -> Tier:
    """One tier; what is wrong with it goes to `complaints`."""
    fields = _Fields(entry, f"tiers, tier no. {number}", complaints)
    models = {model.name.lower(): model.name for model in catalogue}
    sizes = tuple(str(size) for size in catalogue.sizes)
    tier = Tier(
        fields.take("name", _text, f"no. {number}", needed=True),
        # The first one is for everyone; nobody would be in another one without roles.
        fields.take("roles", _listed(_role), (), needed=number > 1),
        Terms(
            fields.take("models", _listed(lambda value: _model(value, models)), ()),
            fields.take("max_seconds", _number, None),
            fields.take("sizes", _listed(lambda value: _size(value, sizes)), ()),
            fields.take("max_count", _few, None),
        ),
        fields.take("publish", _flag, default=True),
    )
    fields.close()
    return tier


class _Fields:
    """The fields of one table; each is taken once, and what cannot be used is complained of."""

    def __init__(self, entry: object, where: str, complaints: list[str]) -> None:
        self._left = dict(cast("dict[str, object]", entry)) if isinstance(entry, dict) else {}
        self._known: list[str] = []
        self._where = where
        self._complaints = complaints

    def take(
        self, name: str, read: Callable[[object], T], default: D, *, needed: bool = False
    ) -> T | D:
        """What `read` makes of the field; the default where it is missing or cannot be used."""
        self._known.append(name)
        if name not in self._left:
            if needed:
                self._complain(f"{name} is missing")
            return default
        try:
            return read(self._left.pop(name))
        except (TypeError, ValueError) as error:
            self._complain(f"{name}: {error}")
            return default

    def close(self) -> None:
        """Complain of every field that nobody took."""
        for name in self._left:
            self._complain(f"there is no {name!r}; possible: {', '.join(self._known)}")

    def _complain(self, what: str) -> None:
        self._complaints.append(f"{self._where}: {what}")


def _listed(read: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    def read_all(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError(f"{value!r} is not a list of one or more")
        return tuple(dict.fromkeys(read(one) for one in cast("list[object]", value)))

    return read_all


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not a text")
    return value.strip()


def _role(value: object) -> str:
    """Ids on Discord are numbers, so people write them as such."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _model(value: object, known: Mapping[str, str]) -> str:
    name = known.get(_text(value).lower())
    if name is None:
        raise ValueError(f"there is no model {value!r}; possible: {', '.join(known.values())}")
    return name


def _size(value: object, known: tuple[str, ...]) -> str:
    size = size_of(_text(value))
    if size is None or str(size) not in known:
        raise ValueError(f"no model makes {value!r}; possible: {', '.join(known)}")
    return str(size)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{value!r} is not a whole number of 1 or more")
    return value


def _few(value: object) -> int:
    if _number(value) > MAX_COUNT:
        raise ValueError(f"{value!r} is more than the {MAX_COUNT} that one order can have")
    return _number(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value
