"""Brings pictures to a provider that takes no picture within a create, only links to some."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from adapters.providers.conversation import Conversation
from adapters.providers.refusals import as_object, parse
from adapters.providers.tasks.wire import Pictures, Place, Wire
from bot.errors import Transient


class Uploads:
    """The pictures of one account's creates. Nothing is ordered by what it sends.

    All of a create together have the time of one answer, so that a submit stays within its lease.
    """

    def __init__(self, wire: Wire, talk: Conversation) -> None:
        self._wire = wire
        self._talk = talk

    async def bring(self, pictures: Pictures) -> Pictures:
        """The same pictures with links to them, where the provider wants links.

        Raises `ProviderError`; all that may pass is `Transient`.
        """
        if not self._wire.uploads:
            return pictures
        try:
            async with asyncio.timeout(self._talk.http.limits.answer_ms / 1000):
                links = {image: await self._link(image) for image in pictures.all}
        except TimeoutError as error:
            raise Transient("the pictures did not get there in time") from error
        return replace(pictures, links=links)

    async def _link(self, image: bytes) -> str:
        ask, http, judge = self._wire.upload(image), self._talk.http, self._talk.judge
        answer = await self._talk.ask(ask.method, http.url(ask.path), **ask.parts)
        place = self._wire.uploaded(as_object(parse(answer.body))) if answer.good else None
        if place is None:
            raise judge.failure(answer, self._talk.now(), lacking=True)
        if place.put:
            await self._put(place, image)
        return place.link

    async def _put(self, place: Place, image: bytes) -> None:
        """Another host's no says nothing about our account."""
        url = self._talk.http.link(place.put)
        answer = await self._talk.ask("PUT", url, content=image, headers=place.headers)
        if not answer.good:
            raise Transient(f"a picture was not taken: HTTP {answer.status}")
