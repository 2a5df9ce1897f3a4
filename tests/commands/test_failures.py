"""What people are offered after a failure: shorter, another model, another price, a rest."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot import errors
from bot.domain.circuits import OPENS_AFTER
from bot.domain.jobs import JobState
from bot.domain.messages import Button, plain
from bot.errors import Billing, Moderated, Transient
from tests.fakes.backups import with_backup
from tests.fakes.core import ALLOWANCE, BEN, World, running
from tests.fakes.typist import Typist, words

S = JobState


@pytest.fixture
async def dear_chat(tmp_path: Path) -> AsyncGenerator[Typist]:
    """A chat whose backup takes 15 credits a second instead of 10."""
    world = World(tmp_path)
    async with running(world, with_backup(world, 15)) as core:
        yield Typist(core)


def buttons(chat: Typist, job: str) -> dict[str, Button]:
    card = chat.core.world.chat.posts[f"card/{job}"].message
    return {button.label: button for button in card.buttons}


async def ordered(chat: Typist, line: str = "a kite") -> str:
    job = (await chat.says(line)).jobs[0]
    await chat.core.work()
    return job


async def refused(chat: Typist, line: str) -> str:
    """An order that content rules refuse; its job."""
    chat.core.world.provider.refuse.append(Moderated("policy"))
    job = await ordered(chat, line)
    await chat.core.wait(3_000)
    return job


async def press(chat: Typist, job: str, label: str) -> str:
    """The job that a button of a card brings."""
    button = buttons(chat, job)[label]
    reply = await chat.presses(button.verb, dict(button.args))
    return reply.jobs[0]


# --- shorter, another model -----------------------------------------------------------------


async def test_what_could_not_be_rendered_is_offered_shorter_and_by_another_model(
    busy_chat: Typist,
) -> None:
    job = await ordered(busy_chat)
    busy_chat.core.world.provider.now(S.FAILED, error="no")
    await busy_chat.core.wait(3_000)
    names = list(buttons(busy_chat, job))
    assert names[:3] == ["Retry", "Shorter: 4 s, 40 credits", "With sora-2-pro, 240 credits"]
    assert len(names) <= 5
    shorter = await busy_chat.core.job(await press(busy_chat, job, names[1]))
    assert (shorter.spec.seconds, shorter.spec.model, shorter.offer.price) == (4, "sora-2", 40)
    assert shorter.retry_of == job
    other = await busy_chat.core.job(await press(busy_chat, job, names[2]))
    assert (other.spec.seconds, other.spec.model, other.offer.price) == (8, "sora-2-pro", 240)


async def test_there_is_nothing_shorter_than_the_shortest(busy_chat: Typist) -> None:
    busy_chat.core.world.provider.refuse.append(errors.InvalidRequest("no"))
    job = await ordered(busy_chat, "a kite 4s")
    assert not [name for name in buttons(busy_chat, job) if name.startswith("Shorter")]


async def test_a_model_of_the_account_that_failed_is_no_way_out(busy_chat: Typist) -> None:
    busy_chat.core.world.provider.refuse.append(Billing("pay"))
    job = await ordered(busy_chat)
    assert list(buttons(busy_chat, job)) == ["Retry", "Details"]


async def test_a_retired_model_has_another_in_its_place(busy_chat: Typist) -> None:
    busy_chat.core.world.provider.refuse.append(errors.ModelRetired("gone"))
    job = await ordered(busy_chat)
    assert "With sora-2-pro, 240 credits" in buttons(busy_chat, job)


async def test_a_refusal_by_content_rules_is_no_matter_of_length(busy_chat: Typist) -> None:
    job = await refused(busy_chat, "a hero")
    assert list(buttons(busy_chat, job)) == ["Change the prompt", "Details"]


@pytest.mark.parametrize(
    "line, words_",
    [
        ("seconds:5", "Seconds cannot be “5”. Possible: 4, 8, 12, 16 or 20."),
        ("seconds:abc", "Seconds cannot be “abc”. Possible: 4, 8, 12, 16 or 20."),
        ("model:sora-9", "Model cannot be “sora-9”"),
    ],
)
async def test_a_retry_with_what_is_not_on_sale_costs_nothing(
    busy_chat: Typist, line: str, words_: str
) -> None:
    busy_chat.core.world.provider.refuse.append(Billing("pay"))
    job = await ordered(busy_chat)
    reply = await busy_chat.says(f"/sora retry {job} {line}")
    assert reply.refused
    assert words_ in words(reply)
    assert await busy_chat.core.purse() == (ALLOWANCE, 0)


# --- another price --------------------------------------------------------------------------


async def test_a_yes_to_another_price_is_one_press_on_the_card(dear_chat: Typist) -> None:
    core = dear_chat.core
    core.world.provider.refuse.extend([Transient("down")] * OPENS_AFTER)
    job = (await dear_chat.says("a kite")).jobs[0]
    await core.wait(40_000)
    button = buttons(dear_chat, job)["Continue with backup for 120 credits"]
    other = await dear_chat.presses(button.verb, dict(button.args), BEN)
    assert "only they can say yes to another price" in words(other)
    reply = await dear_chat.presses(button.verb, dict(button.args))
    assert words(reply) == f"Goes on #{job} · 120 credits held"
    await core.work()
    assert (await core.job(job)).offer.gate == "backup/spare"
    assert await core.purse() == (ALLOWANCE - 120, 120)


# --- the same again and again ---------------------------------------------------------------


async def test_three_refusals_alike_give_a_hint_and_a_short_rest(busy_chat: Typist) -> None:
    chat = busy_chat
    for line in ("a hero in the rain", "the hero in the rain"):
        first = await refused(chat, line)
    assert "Build the prompt anew" not in card(chat, first)
    job = await refused(chat, "a hero in rain")
    assert "Build the prompt anew: one subject that you made up" in card(chat, job)
    reply = await chat.says("a hero in the snow")
    assert reply.refused
    told = words(reply)
    assert told.startswith("The content rules refused much the same several times in a row")
    assert "a break of 57 seconds" in told
    assert told.endswith("Nothing was started or charged.")
    assert not (await chat.says("a kite", BEN)).refused
    await chat.core.wait(57_000)
    assert not (await chat.says("a kite")).refused


async def test_who_changes_the_subject_is_not_stopped(busy_chat: Typist) -> None:
    for line in ("a hero in the rain", "two cats asleep", "a city of glass at night"):
        await refused(busy_chat, line)
    assert not (await busy_chat.says("a kite over dunes")).refused


def card(chat: Typist, job: str) -> str:
    message = chat.core.world.chat.posts[f"card/{job}"].message
    return "\n".join(plain(line) for line in message.lines)
