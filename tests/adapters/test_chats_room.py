"""Commands wait for their turn; a stop waits for those who are being served."""

from __future__ import annotations

import asyncio

from adapters.chats.room import ALONE, AT_ONCE, LET_IN, PATIENCE, QUIET, Room


class Watch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def work(room: Room, done: list[int], number: int = 0) -> None:
    async with room.turn():
        done.append(number)


async def passes(number: int = 3) -> None:
    """Let everybody else go on, so many times."""
    for _ in range(number):
        await asyncio.sleep(0)


def rush(room: Room, watch: Watch, seconds: float) -> None:
    """People come in one right after the other, for so long."""
    ends = watch.now + seconds
    while watch.now < ends:
        room.arrive()
        watch.now += QUIET / 2
    room.arrive()


async def test_so_many_are_worked_on_side_by_side_and_no_more() -> None:
    room, inside, go = Room(), list[int](), asyncio.Event()

    async def one(number: int) -> None:
        async with room.turn():
            inside.append(number)
            await go.wait()

    tasks = [asyncio.create_task(one(number)) for number in range(AT_ONCE + 2)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert inside == list(range(AT_ONCE))
    go.set()
    await asyncio.gather(*tasks)
    assert inside == list(range(AT_ONCE + 2))


async def test_work_for_one_who_comes_alone_begins_once_that_one_has_an_answer() -> None:
    watch, done = Watch(), list[int]()
    room = Room(watch)
    room.arrive()
    task = asyncio.create_task(work(room, done))
    await passes()
    assert done == []
    watch.now += ALONE
    await task
    assert done == [0]


async def test_work_lets_a_rush_go_first_and_follows_when_it_is_over() -> None:
    watch, done = Watch(), list[int]()
    room = Room(watch)
    rush(room, watch, QUIET)
    task = asyncio.create_task(work(room, done))
    await passes()
    watch.now += ALONE
    await passes()
    assert done == []
    watch.now += QUIET
    await task
    assert done == [0]


async def test_a_rush_without_an_end_is_waited_for_so_long_and_no_longer() -> None:
    watch, done = Watch(), list[int]()
    room = Room(watch)
    rush(room, watch, PATIENCE - QUIET)
    task = asyncio.create_task(work(room, done))
    await passes()
    assert done == []
    rush(room, watch, QUIET)
    await task
    assert done == [0]


async def test_people_who_come_one_by_one_are_served_when_it_is_quiet_for_a_moment() -> None:
    watch, done = Watch(), list[int]()
    room = Room(watch)
    for number in range(20):
        with room.visit():
            watch.now += QUIET
            await work(room, done, number)
    assert done == list(range(20))


class Guests:
    """Commands that wait in line, and stay inside until they are told to go."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.inside = list[int]()
        self.came = asyncio.Event()
        self.go = asyncio.Event()

    def line_up(self, number: int) -> None:
        self.room.line_up(lambda: asyncio.create_task(self._stay(number)))

    async def _stay(self, number: int) -> None:
        with self.room.stay():
            self.inside.append(number)
            self.came.set()
            await self.go.wait()


async def test_those_in_line_are_let_in_as_they_came_and_not_all_at_once() -> None:
    room = Room()
    guests = Guests(room)
    for number in range(LET_IN + 2):
        guests.line_up(number)
    await passes(2 * LET_IN)
    assert guests.inside == list(range(LET_IN))
    guests.go.set()
    await passes(10)
    assert guests.inside == list(range(LET_IN + 2))


async def test_the_line_waits_while_others_rush_in() -> None:
    watch = Watch()
    room = Room(watch)
    guests = Guests(room)
    rush(room, watch, QUIET)
    guests.line_up(0)
    await passes()
    assert guests.inside == []
    watch.now += QUIET
    async with asyncio.timeout(10):
        await guests.came.wait()
    assert guests.inside == [0]


async def test_the_line_takes_up_again_after_it_was_empty() -> None:
    room = Room()
    guests = Guests(room)
    guests.go.set()
    for number in range(3):
        guests.line_up(number)
        await passes(5)
    assert guests.inside == [0, 1, 2]


async def test_a_stop_forgets_the_line_and_waits_for_those_inside() -> None:
    watch = Watch()
    room = Room(watch)
    guests = Guests(room)
    guests.line_up(0)
    await passes()
    rush(room, watch, QUIET)
    guests.line_up(1)
    await passes()
    await room.shut()
    guests.go.set()
    watch.now += PATIENCE
    await room.empty(10)
    await passes(5)
    assert guests.inside == [0]


async def test_a_stop_waits_for_those_inside_but_not_for_ever() -> None:
    room = Room()
    await room.empty(0)
    with room.visit():
        await room.empty(0)
        leaving = asyncio.create_task(room.empty(10))
        await asyncio.sleep(0)
        assert not leaving.done()
    await leaving
