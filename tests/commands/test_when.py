"""When an order starts: how it is typed, and what people are told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.commands.grammar import verb_named
from bot.commands.parse import parse
from bot.domain.later import Window, timing_of
from bot.domain.order import Lane
from bot.errors import InvalidInput
from bot.services.line import Allowed
from bot.wording import START_LABELS
from tests.fakes.core import ANA, BEN, MARA, Options, World, running
from tests.fakes.typist import Typist, words

FIRST = "j000000001"
NIGHT = Window(22 * 60, 7 * 60)


@pytest.fixture
async def night_chat(tmp_path: Path) -> AsyncGenerator[Typist]:
    """A workspace with off-peak hours and cheaper relaxed work; nothing moves by itself."""
    options = Options(allowed=Allowed(slots=0), off_peak=NIGHT, relaxed_off=20)
    async with running(World(tmp_path), options) as core:
        yield Typist(core)


@pytest.mark.parametrize(
    "line, when",
    [
        ("a red kite when:relaxed", "relaxed"),
        ("a red kite --when off-peak", "offpeak"),
        ("when:22:30 a red kite", "22:30"),
        ("a red kite when: 22:30", "22:30"),
        ("a red kite --when +2h", "+2h"),
        ("remix k7qm a red kite when:+2h", "+2h"),
        ("again k7qm a red kite when:Relaxed", "relaxed"),
    ],
)
def test_a_start_is_typed_by_its_name(line: str, when: str) -> None:
    args = parse(line).args
    assert (args["prompt"], args["when"]) == ("a red kite", when)


@pytest.mark.parametrize(
    "line",
    [
        "a clock that shows 22:30",
        "relaxed people on a beach now",
        "when: the rain begins, people run",
        "a man who smiles when the sun is out",
        "remix k7qm now at night, 22:30 on the clock",
    ],
)
def test_words_of_a_prompt_are_no_start(line: str) -> None:
    args = parse(line).args
    assert "when" not in args
    assert args["prompt"] in line


@pytest.mark.parametrize("when", ["soon", "25:00", "+8d", "later today"])
async def test_what_is_no_start_is_refused_and_the_possible_ones_are_told(
    chat: Typist, when: str
) -> None:
    reply = await chat.presses("create", {"prompt": "a kite", "when": when})
    assert reply.refused
    assert "+2h" in words(reply)
    assert "Nothing was started or charged." in words(reply)
    assert await chat.core.jobs() == ()


def test_forms_offer_what_can_be_typed() -> None:
    create = verb_named("create")
    param = create.param("when") if create else None
    assert param is not None
    assert set(START_LABELS) == set(param.choices)
    assert all(timing_of(word) for word in START_LABELS)
    with pytest.raises(InvalidInput):
        parse("a kite when:now when:urgent")


async def test_an_order_for_later_says_when_it_starts_and_what_is_held(chat: Typist) -> None:
    said = words(await chat.says("a red kite when:22:30"))
    assert "80 credits held" in said
    assert "Starts Monday 22:30 Europe/Berlin" in said
    assert "for later · @Ana" in words(await chat.says("/sora queue"))


async def test_relaxed_work_says_so_and_costs_less(night_chat: Typist) -> None:
    said = words(await night_chat.says("a red kite when:relaxed x2"))
    assert "128 credits held" in said
    assert "Waiting · 1st in line · relaxed" in said
    assert "in line · relaxed · @Ana" in words(await night_chat.says("/sora queue"))


async def test_off_peak_work_starts_in_the_hours_of_the_workspace(night_chat: Typist) -> None:
    said = words(await night_chat.says("a red kite when:offpeak"))
    assert "Starts Monday 22:00 Europe/Berlin · relaxed" in said
    await night_chat.says("/sora-admin settings offpeak 20:15-06:00", MARA)
    said = words(await night_chat.says("a red kite when:offpeak"))
    assert "Starts Monday 20:15 Europe/Berlin" in said
    await night_chat.says("/sora-admin settings zone Asia/Tokyo", MARA)
    said = words(await night_chat.says("a red kite when:offpeak"))
    # There it is past eleven in the evening: the hours have begun.
    assert "Waiting" in said
    assert (await night_chat.core.job(FIRST)).off_peak_at is not None


async def test_admins_choose_off_peak_hours_or_none(night_chat: Typist) -> None:
    said = words(await night_chat.says("/sora-admin settings", MARA))
    assert "Off-peak hours, for relaxed work: 22:00-07:00" in said
    refused = await night_chat.says("/sora-admin settings offpeak tonight", MARA)
    assert "22:00-07:00" in words(refused)
    said = words(await night_chat.says("/sora-admin settings offpeak never", MARA))
    assert "Off-peak hours, for relaxed work: never" in said
    reply = await night_chat.says("a red kite when:offpeak")
    assert "this workspace has no off-peak hours" in words(reply)
    said = words(await night_chat.says("/sora-admin settings offpeak none", MARA))
    assert "Off-peak hours, for relaxed work: 22:00-07:00" in said


async def test_urgent_work_of_anybody_else_is_refused(chat: Typist) -> None:
    assert "Urgent work is for admins" in words(await chat.says("a kite when:urgent", BEN))
    assert "· urgent" in words(await chat.says("a kite when:urgent", MARA))
    assert [job.lane for job in await chat.core.jobs()] == [Lane.URGENT]


async def test_an_order_that_needs_a_yes_keeps_its_start(tmp_path: Path) -> None:
    options = Options(Allowed(slots=0), confirm_above=10, relaxed_off=20)
    async with running(World(tmp_path), options) as core:
        chat = Typist(core)
        asked = await chat.says("a kite when:relaxed", ANA)
        assert "This costs 64 credits" in words(asked)
        yes = asked.message.buttons[0]
        assert "64 credits held" in words(await chat.presses(yes.verb, dict(yes.args), ANA))
        (job,) = await core.jobs()
        assert (job.lane, job.offer.price) == (Lane.RELAXED, 64)
