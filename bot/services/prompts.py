"""What people save to order again: a shelf of prompts for each person."""

from __future__ import annotations

from bot import wording
from bot.domain.prompts import MOST, Prompt, called, name_of
from bot.domain.refs import Person
from bot.domain.videos import MAX_PROMPT
from bot.errors import InvalidInput, UnknownThing
from bot.ports import Clock, Store


class Prompts:
    """One transaction each; nobody reads what somebody else saved."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def save(self, person: Person, typed: str, text: str) -> Prompt:
        """Save a prompt in place of the one of that name; raises `InvalidInput`."""
        name = _checked(typed)
        prompt = Prompt(name, text, self._clock.now())
        async with self._store.transaction() as tx:
            others = [one for one in await tx.prompts.all(person) if one.name != name]
            if len(others) >= MOST:
                raise InvalidInput("name", name, wording.up_to_prompts(MOST))
            await tx.prompts.put(person, prompt)
        return prompt

    async def all(self, person: Person) -> tuple[Prompt, ...]:
        """All that a person saved, by name."""
        async with self._store.reading() as tx:
            return await tx.prompts.all(person)

    async def get(self, person: Person, typed: str) -> Prompt:
        """One of them; raises `UnknownThing`."""
        async with self._store.reading() as tx:
            found = await tx.prompts.get(person, _checked(typed))
        if found is None:
            raise UnknownThing("prompt", typed)
        return found

    async def forget(self, person: Person, typed: str) -> str:
        """Forget one; returns its name, raises `UnknownThing`."""
        name = _checked(typed)
        async with self._store.transaction() as tx:
            if not await tx.prompts.drop(person, name):
                raise UnknownThing("prompt", typed)
        return name

    async def spelled(self, person: Person, text: str) -> str:
        """A prompt with the saved one in place of its name: ``@kite at night``.

        What begins with the name of nothing is left as it is, unless there is nothing else.
        Raises `UnknownThing` then, and `InvalidInput` when it becomes too long.
        """
        named = called(text)
        if named is None:
            return text
        name, rest = named
        async with self._store.reading() as tx:
            found = await tx.prompts.get(person, name)
        if found is None and not rest:
            raise UnknownThing("prompt", text)
        whole = f"{found.text} {rest}".strip() if found else text
        if len(whole) > MAX_PROMPT:
            raise InvalidInput(
                "prompt", wording.cut(whole, 60), wording.up_to_characters(MAX_PROMPT)
            )
        return whole


def _checked(typed: str) -> str:
    name = name_of(typed)
    if name is None:
        raise InvalidInput("name", wording.cut(typed, 40), wording.PROMPT_NAME)
    return name
