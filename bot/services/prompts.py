"""What people save to order again: a shelf of prompts for each person, and for each channel."""

from __future__ import annotations

from dataclasses import dataclass

from bot import wording
from bot.domain.prompts import MOST, Prompt, called, name_of, of_channel
from bot.domain.refs import Person, Place
from bot.domain.releases import is_reviewer
from bot.domain.videos import MAX_PROMPT
from bot.errors import InvalidInput, NotAllowed, NotHere, UnknownThing
from bot.ports import Clock, Store, Unit
from bot.services.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Saved:
    """A prompt that somebody can order; `shared`: it is the channel's, not their own."""

    prompt: Prompt
    shared: bool


class Prompts:
    """One transaction each; nobody reads what somebody else saved for themselves.

    `channel` is the place whose prompts are meant, which only admins and reviewers change; None:
    the person's own.
    """

    def __init__(self, store: Store, clock: Clock, workspaces: Workspaces) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces

    async def save(
        self, person: Person, typed: str, text: str, channel: Place | None = None
    ) -> Prompt:
        """Save a prompt in place of the one of that name; raises `InvalidInput` or `NotAllowed`."""
        name = _checked(typed)
        prompt = Prompt(name, text, self._clock.now())
        async with self._store.transaction() as tx:
            whose = await self._changed(tx, person, channel)
            others = [one for one in await tx.prompts.all(whose) if one.name != name]
            if len(others) >= MOST:
                raise InvalidInput("name", name, wording.up_to_prompts(MOST))
            await tx.prompts.put(whose, prompt)
        return prompt

    async def all(self, person: Person, place: Place) -> tuple[Saved, ...]:
        """All that somebody can order in a place: their own by name, then the channel's."""
        async with self._store.reading() as tx:
            own = await tx.prompts.all(person)
            shared = await tx.prompts.all(of_channel(place))
        ours = [Saved(one, shared=False) for one in own]
        return (*ours, *(Saved(one, shared=True) for one in shared))

    async def get(self, person: Person, typed: str, place: Place) -> Saved:
        """One of them, their own before the channel's; raises `UnknownThing`."""
        name = _checked(typed)
        async with self._store.reading() as tx:
            found = await _found(tx, person, place, name)
        if found is None:
            raise UnknownThing("prompt", typed)
        return found

    async def forget(self, person: Person, typed: str, channel: Place | None = None) -> str:
        """Forget one; returns its name, raises `UnknownThing` or `NotAllowed`."""
        name = _checked(typed)
        async with self._store.transaction() as tx:
            whose = await self._changed(tx, person, channel)
            if not await tx.prompts.drop(whose, name):
                raise UnknownThing("prompt", typed)
        return name

    async def _changed(self, tx: Unit, person: Person, channel: Place | None) -> Person:
        """Whose prompts somebody changes."""
        if channel is None:
            return person
        if channel.private:
            raise NotHere("prompts")
        house = await self._workspaces.house(tx, channel.tenant, channel.channel)
        if not is_reviewer(person, house):
            raise NotAllowed("reviewer")
        return of_channel(channel)

    async def spelled(self, person: Person, text: str, place: Place) -> str:
        """A prompt with the saved one in place of its name: ``@kite at night``.

        A person's own comes before the channel's. What begins with the name of nothing is left as
        it is, unless there is nothing else. Raises `UnknownThing` then, and `InvalidInput` when it
        becomes too long.
        """
        named = called(text)
        if named is None:
            return text
        name, rest = named
        async with self._store.reading() as tx:
            found = await _found(tx, person, place, name)
        if found is None and not rest:
            raise UnknownThing("prompt", text)
        whole = f"{found.prompt.text} {rest}".strip() if found else text
        if len(whole) > MAX_PROMPT:
            raise InvalidInput(
                "prompt", wording.cut(whole, 60), wording.up_to_characters(MAX_PROMPT)
            )
        return whole


async def _found(tx: Unit, person: Person, place: Place, name: str) -> Saved | None:
    if own := await tx.prompts.get(person, name):
        return Saved(own, shared=False)
    theirs = await tx.prompts.get(of_channel(place), name)
    return Saved(theirs, shared=True) if theirs else None


def _checked(typed: str) -> str:
    name = name_of(typed)
    if name is None:
        raise InvalidInput("name", wording.cut(typed, 40), wording.PROMPT_NAME)
    return name
