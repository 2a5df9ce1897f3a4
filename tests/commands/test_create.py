"""Ordering: from the typed line, the button or the form to the answer."""

from dataclasses import replace

import pytest

from bot.commands.videos import order
from bot.domain.catalogue import Catalogue
from bot.domain.messages import Invocation, Upload
from bot.domain.refs import Blob, Place
from bot.domain.videos import Size
from bot.errors import InvalidInput
from tests.fakes.core import ALLOWANCE, ANA, STUDIO, TENANT, catalogue
from tests.fakes.typist import Typist, words

FIRST = "j000000001"

# --- create -------------------------------------------------------------------------------


async def test_an_order_is_answered_with_its_id_its_place_its_price_and_what_is_left(
    chat: Typist,
) -> None:
    reply = await chat.says("/sora create a red kite seconds:8")
    assert words(reply).startswith(f"Accepted · #{FIRST} · 80 credits held, 1,920 left")
    assert "Waiting · 1st in line" in words(reply)
    assert reply.jobs == (FIRST,)
    assert not reply.refused
    assert not reply.public


async def test_what_is_not_said_comes_from_the_catalogue(chat: Typist) -> None:
    await chat.says("a red kite")
    spec = (await chat.core.job(FIRST)).spec
    assert (spec.model, spec.size, spec.seconds) == ("sora-2", Size(1280, 720), 8)
    assert spec.image is None


async def test_what_is_said_is_what_is_ordered(chat: Typist) -> None:
    await chat.says("a red kite over dunes, 12s portrait model:SORA-2-PRO")
    job = await chat.core.job(FIRST)
    assert job.spec.prompt == "a red kite over dunes,"
    assert (job.spec.model, job.spec.size, job.spec.seconds) == (
        "sora-2-pro",
        Size(720, 1280),
        12,
    )
    assert job.offer.price == 360


async def test_two_words_about_a_size_narrow_it_down(chat: Typist) -> None:
    await chat.says("a red kite, 1024p portrait model:sora-2-pro")
    assert (await chat.core.job(FIRST)).spec.size == Size(1024, 1792)


async def test_variations_are_jobs_of_their_own(chat: Typist) -> None:
    reply = await chat.says("a red kite x3")
    assert words(reply).startswith("3 videos accepted · #j000000001 #j000000002 #j000000003")
    assert "240 credits held, 1,760 left" in words(reply)
    assert len(reply.jobs) == 3


async def test_a_button_orders_like_a_line(chat: Typist) -> None:
    await chat.says("a red kite seconds:4 size:720x1280 model:sora-2")
    again = await chat.presses(
        "create",
        {
            "prompt": "a red kite",
            "seconds": "4",
            "size": "720x1280",
            "model": "sora-2",
            "gone": "x",
        },
    )
    first, second = [await chat.core.job(job) for job in (FIRST, *again.jobs)]
    assert first.spec == second.spec


async def test_the_same_interaction_twice_is_one_order(chat: Typist) -> None:
    await chat.says("a red kite", interaction="click")
    reply = await chat.says("a red kite", interaction="click")
    assert words(reply).startswith("This request is already on its way and is charged only once")
    assert reply.jobs == (FIRST,)
    assert await chat.core.purse() == (ALLOWANCE - 80, 80)


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("a kite seconds:9", "Seconds cannot be “9”. Possible: 4, 8, 12, 16 or 20."),
        ("a kite seconds:long", "Seconds cannot be “long”. Possible: 4, 8, 12, 16 or 20."),
        ("a kite size:big", "Size cannot be “big”. Possible: 1280x720 or 720x1280."),
        ("a kite, 1080p portrait", "Size cannot be “portrait 1080p”."),
        ("a kite model:veo", "Model cannot be “veo”. Possible: sora-2, sora-2-pro."),
        ("a kite count:5", "Count cannot be “5”. Possible: 1–4."),
        ("a kite count:0", "Count cannot be “0”. Possible: 1–4."),
        ("a kite count:many", "Count cannot be “many”. Possible: 1–4."),
        ("seconds:8", "Prompt is missing: what to see and hear"),
        ("a kite secnds:8", "There is no setting “secnds”. Did you mean seconds?"),
        ("a kite --seconds", "Seconds is missing: a value right after it"),
        ("a kite image:x.png", "Image is missing: attach a picture"),
    ],
)
async def test_bad_input_gets_what_is_possible_and_stores_nothing(
    chat: Typist, line: str, sentence: str
) -> None:
    reply = await chat.says(f"/sora create {line}")
    assert reply.refused
    assert words(reply).startswith(sentence)
    assert words(reply).endswith("Nothing was started or charged.")
    assert await chat.core.purse() == (0, 0)
    assert words(await chat.says("/sora jobs")).startswith("No jobs here yet")


async def test_a_prompt_that_is_too_long_is_refused_from_a_form_too(chat: Typist) -> None:
    reply = await chat.presses("create", {"prompt": "x" * 4001})
    assert words(reply).endswith(
        "Possible: up to 4,000 characters. Nothing was started or charged."
    )


async def test_what_no_store_can_keep_is_cleaned_from_a_prompt(chat: Typist) -> None:
    await chat.presses("create", {"prompt": " a \ud83e\ude81 kite\0 \ud800 "})
    assert (await chat.core.job(FIRST)).spec.prompt == "a 🪁 kite \N{REPLACEMENT CHARACTER}"


async def test_an_order_nobody_can_pay_says_so(chat: Typist) -> None:
    await chat.says("a kite seconds:20 model:sora-2-pro")
    await chat.says("a kite seconds:20 model:sora-2-pro")
    await chat.says("a kite seconds:20 model:sora-2-pro")
    reply = await chat.says("a kite seconds:20 model:sora-2-pro")
    assert words(reply).startswith("This costs 600 credits and you have 200 left.")


async def test_an_order_of_several_is_refused_with_the_price_of_all_of_them(chat: Typist) -> None:
    reply = await chat.says("a kite seconds:20 model:sora-2-pro x4")
    assert words(reply).startswith("This costs 2,400 credits and you have 2,000 left.")
    assert await chat.core.purse() == (0, 0)


async def test_a_place_that_cannot_take_a_video_is_named(chat: Typist) -> None:
    chat.core.world.chat.problems = ("the bot may not attach files",)
    reply = await chat.says("a kite")
    assert reply.refused
    assert "could not be posted here: the bot may not attach files." in words(reply)


async def test_a_private_order_is_posted_to_its_owner_only(chat: Typist) -> None:
    reply = await chat.says("a secret kite --private")
    assert (await chat.core.job(FIRST)).place == Place(TENANT, "studio", private=True)
    assert FIRST in words(reply)
    assert reply.jobs == ()


async def test_a_private_order_in_a_private_place_is_nothing_special(chat: Typist) -> None:
    place = Place(TENANT, "dm-ana", private=True)
    reply = await chat.says("a secret kite --private", place=place)
    assert (await chat.core.job(FIRST)).place == place
    assert reply.jobs == (FIRST,)


# --- a first frame ------------------------------------------------------------------------


async def picture(chat: Typist, content_type: str = "image/png") -> Upload:
    return Upload(await chat.core.picture(), "kite.png", content_type)


async def test_an_attached_picture_is_the_first_frame(chat: Typist) -> None:
    upload = await picture(chat)
    reply = await chat.says("it takes off", uploads=(upload,))
    assert not reply.refused
    assert (await chat.core.job(FIRST)).spec.image is not None


async def test_only_one_picture_can_be_the_first_frame(chat: Typist) -> None:
    upload = await picture(chat)
    reply = await chat.says("it takes off", uploads=(upload, upload))
    assert words(reply).startswith("Image cannot be “2 files”. Possible: one picture.")


async def test_a_file_that_is_no_picture_is_refused(chat: Typist) -> None:
    upload = await picture(chat, "application/pdf")
    reply = await chat.says("it takes off", uploads=(upload,))
    assert words(reply).startswith("Image cannot be “kite.png”. Possible: attach a picture")


# --- the catalogue ------------------------------------------------------------------------


def drawn_from_words_only() -> Catalogue:
    able, unable = catalogue().models[:2]
    return Catalogue((replace(unable, name="wordy", takes_image=False), able))


def asked(upload: Upload | None = None, **args: str) -> Invocation:
    uploads = (upload,) if upload else ()
    return Invocation("create", {"prompt": "a kite", **args}, ANA, STUDIO, "i", uploads)


def test_a_model_that_takes_no_picture_names_those_that_do() -> None:
    upload = Upload(Blob("0" * 64, ".png", 1), "kite.png", "image/png")
    with pytest.raises(InvalidInput, match="wordy starts from words only; use sora-2"):
        order(asked(upload), drawn_from_words_only())


def test_the_first_model_is_the_default() -> None:
    assert order(asked(), drawn_from_words_only()).model == "wordy"


def test_nothing_can_be_ordered_from_an_empty_catalogue() -> None:
    with pytest.raises(InvalidInput):
        order(asked(), Catalogue(()))
