"""Commands wait for their turn; a stop waits for those who are being served."""

from __future__ import annotations

import asyncio

from adapters.chats.room import AT_ONCE, PATIENCE, QUIET, Room


class Watch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def work(room: Room, done: list[int], number: int = 0) -> None:
    async with room.turn():
        done.append(number)


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


async def test_work_lets_a_rush_go_first_and_follows_when_it_is_over() -> None:
    watch, done = Watch(), list[int]()
    room = Room(watch)
    room.arrive()
    task = asyncio.create_task(work(room, done))
    await asyncio.sleep(0)
    assert done == []
    watch.now += 0.1
    await task
    assert done == [0]


async def test_a_rush_without_an_end_is_waited_for_so_long_and_no_longer() -> None:
    watch, done = Watch(), list[int]()
    room = Room(watch)
    room.arrive()
    task = asyncio.create_task(work(room, done))
    await asyncio.sleep(0)
    watch.now += PATIENCE + 1
    room.arrive()
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


async def test_a_stop_waits_for_those_inside_but_not_for_ever() -> None:
    room = Room()
    await room.empty(0)
    with room.visit():
        await room.empty(0)
        leaving = asyncio.create_task(room.empty(10))
        await asyncio.sleep(0)
        assert not leaving.done()
    await leaving
