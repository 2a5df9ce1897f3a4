"""What the catalogue offers, as Discord lists it: by value, how it reads."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.chats.labels import shortened
from bot.commands.grammar import Kind
from bot.domain.catalogue import Catalogue

MOST = 25
"""Choices that one option or list can have."""
_LABEL = 100


def choices(kind: Kind, catalogue: Catalogue) -> dict[str, str]:
    """Models, sizes or lengths; nothing for other kinds."""
    match kind:
        case Kind.MODEL:
            return listed({model.name: model.label for model in catalogue})
        case Kind.SIZE:
            return listed({str(size): str(size).replace("x", "×") for size in catalogue.sizes})
        case Kind.SECONDS:
            return listed({str(number): f"{number} s" for number in catalogue.seconds})
        case _:
            return {}


def listed(named: Mapping[str, str]) -> dict[str, str]:
    """As many as fit, each short enough."""
    return {value: shortened(label, _LABEL) for value, label in list(named.items())[:MOST]}
