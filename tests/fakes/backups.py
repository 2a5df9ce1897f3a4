"""Cores whose videos two providers can make: the simulator, and a backup behind it."""

from __future__ import annotations

import tomllib

from bot.domain.catalogue import Catalogue, parse
from bot.services.shop import Supplier
from tests.fakes.core import Options, World
from tests.fakes.provider import FakeProvider

FIRST = Supplier("simulator", "default", "http://x/v1")
BACKUP = Supplier("backup", "spare", "http://backup/v1")


def _entry(provider: str, per_second: int, more: str = "", name: str = "sora-2") -> str:
    return f"""
        [[model]]
        provider = "{provider}"
        name = "{name}"
        upstream = "sora-2-at-{provider}"
        seconds = [4, 8]
        default_seconds = 8
        default_size = "1280x720"
        prices = {{ "1280x720" = {per_second} }}
        typical_ms = 5000
        source = "a test"
        as_of = 2026-11-20
        {more or "takes_image = true"}
    """


def catalogue_of(backup: int, more: str = "") -> Catalogue:
    """One model of both, at 10 credits a second, and at `backup` behind it."""
    return parse(tomllib.loads(_entry("simulator", 10) + _entry("backup", backup, more)))


def side_by_side(world: World, **options: object) -> Options:
    """Two providers with nothing in common: what is called ``spare`` is made at `BACKUP` alone."""
    world.others["backup"] = FakeProvider(world.clock, "backup")
    catalogue = parse(tomllib.loads(_entry("simulator", 10) + _entry("backup", 10, name="spare")))
    return Options(catalogue=catalogue, suppliers=(FIRST, BACKUP), **options)  # type: ignore[arg-type] - passed on


def with_backup(world: World, per_second: int = 10, more: str = "", **options: object) -> Options:
    """A backup behind the world's own backend; `more` are lines of its model in the catalogue."""
    world.others["backup"] = FakeProvider(world.clock, "backup")
    catalogue = catalogue_of(per_second, more)
    return Options(catalogue=catalogue, suppliers=(FIRST, BACKUP), **options)  # type: ignore[arg-type] - passed on
