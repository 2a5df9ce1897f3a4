"""The verb with which admins look at what can be made: admin models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot import wording
from bot.commands.handler import Handlers, Services
from bot.domain.catalogue import Listed
from bot.domain.circuits import Circuit, Trouble
from bot.domain.messages import Invocation, Line, Message, Reply
from bot.domain.refs import Place
from bot.errors import InvalidInput
from bot.services.shop import Shop

SHOWN = 8
"""Models that are told in full at once; more would not fit into a message of every chat."""
Gone = Mapping[tuple[str, str], int]
"""Since when (ms) an account no longer has a model that it should have, by gate and model."""


async def models(services: Services, asked: Invocation) -> Reply:
    """Every model of the catalogue, or one of them: on sale, gone, and without an account."""
    shop = services.videos.shop
    gone = _gone(await services.overview.troubles(asked.person))
    wanted = asked.args.get("model", "").lower()
    lines = tuple(_of_one(shop, asked.place, wanted, gone) if wanted else _all(shop, asked, gone))
    return Reply(Message(lines or (wording.NO_MODELS,)))


def _gone(troubles: tuple[Circuit, ...]) -> Gone:
    retired = (one for one in troubles if one.trouble is Trouble.RETIRED)
    return {(one.gate, one.model): one.opened_at for one in retired}


def _all(shop: Shop, asked: Invocation, gone: Gone) -> Iterator[Line]:
    # What nobody has any more stands behind what can be made, and is no less on sale tomorrow.
    listed = sorted(shop.listed(asked.place), key=lambda one: _is_gone(one, gone))
    for one in listed[:SHOWN]:
        yield from wording.model_lines(one, gone)
    if more := [one.model.name for one in listed[SHOWN:]]:
        yield wording.more_models_line(more)
    yield from map(wording.retired_line, shop.retired())
    if homeless := shop.homeless():
        yield wording.homeless_line(homeless)


def _is_gone(listed: Listed, gone: Gone) -> bool:
    return all((maker.gate, maker.upstream) in gone for maker in listed.makers)


def _of_one(shop: Shop, place: Place, wanted: str, gone: Gone) -> Iterator[Line]:
    """All that is known of one model; raises `InvalidInput` where nothing is."""
    listed, retired, homeless = shop.listed(place), shop.retired(), shop.homeless()
    names = [*(one.model.name for one in listed), *(one.name for one in (*retired, *homeless))]
    if wanted not in {name.lower() for name in names}:
        raise InvalidInput("model", wanted, wording.one_of(dict.fromkeys(names)))
    for one in listed:
        if one.model.name.lower() == wanted:
            yield from wording.model_lines(one, gone)
    yield from (wording.retired_line(one) for one in retired if one.name.lower() == wanted)
    if found := [one for one in homeless if one.name.lower() == wanted]:
        yield wording.homeless_line(found)


HANDLERS: Handlers = {"admin models": models}
