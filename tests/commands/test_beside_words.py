"""A last frame, pictures of what is to be seen, and sound: offered where somebody takes them."""

from collections.abc import AsyncGenerator

import pytest

from bot.domain.catalogue import Catalogue
from bot.domain.messages import Upload
from bot.ports import Capabilities
from tests.fakes.core import MARA, Core, Options, World, running
from tests.fakes.rich import ABLE, PRO, RICH
from tests.fakes.typist import Typist, words


@pytest.fixture
async def chat(world: World) -> AsyncGenerator[Typist]:
    world.provider.capabilities = ABLE
    async with running(world, Options(catalogue=Catalogue((RICH, PRO)))) as core:
        yield Typist(core)


async def attached(core: Core, use: str, data: bytes = b"picture") -> Upload:
    return Upload(await core.picture(data), f"{use}.png", "image/png", use)


async def test_a_video_can_end_with_a_picture(chat: Typist, world: World) -> None:
    frames = [await attached(chat.core, use, use.encode()) for use in ("image", "last")]
    reply = await chat.says("it lands", uploads=tuple(frames))
    assert not reply.refused
    await chat.core.work()
    sent = world.provider.taken["video_1"].request
    assert sent.image
    assert sent.last
    assert sent.image.read_bytes() == b"fitted by crop: image"
    assert sent.last.read_bytes() == b"fitted by crop: last"


async def test_pictures_of_what_is_to_be_seen_keep_their_shape(chat: Typist, world: World) -> None:
    shown = [await attached(chat.core, "reference", data) for data in (b"cat", b"hat")]
    assert not (await chat.says("the cat finds its hat", uploads=tuple(shown))).refused
    await chat.core.work()
    sent = world.provider.taken["video_1"].request
    assert [one.read_bytes() for one in sent.references] == [
        b"fitted by None: cat",
        b"fitted by None: hat",
    ]


@pytest.mark.parametrize(
    "uses, told",
    [
        (["last"], "Last cannot be “last.png”. Possible: a first frame beside it"),
        (["image", "image"], "Image cannot be “2 files”. Possible: one picture"),
        (["image", "last", "last"], "Last cannot be “2 files”. Possible: one picture"),
        (["reference"] * 3, "Reference cannot be “3 files”. Possible: sora-2 takes at most 2 ref"),
        (["image", "reference"], "Possible: either frames or reference pictures"),
    ],
)
async def test_what_cannot_go_together_is_refused(chat: Typist, uses: list[str], told: str) -> None:
    uploads = [await attached(chat.core, use) for use in uses]
    reply = await chat.says("it lands", uploads=tuple(uploads))
    assert reply.refused
    assert told in words(reply)
    assert await chat.core.jobs() == ()


@pytest.mark.parametrize(
    "use, told",
    [
        ("last", "Last cannot be “last.png”. Possible: sora-2-pro takes no last frame; use sora-2"),
        ("reference", "sora-2-pro takes no reference pictures; use sora-2"),
    ],
)
async def test_a_model_without_a_place_for_a_picture_names_one_that_has_it(
    chat: Typist, use: str, told: str
) -> None:
    upload = await attached(chat.core, use)
    reply = await chat.says("/sora create it lands model:sora-2-pro", uploads=(upload,))
    assert reply.refused
    assert told in words(reply)


@pytest.mark.parametrize(
    "typed, sound, price",
    [("", None, 80), ("sound:on", True, 80), ("sound:off", False, 48), ("--sound no", False, 48)],
)
async def test_sound_is_said_and_priced_as_it_was_asked_for(
    chat: Typist,
    world: World,
    typed: str,
    sound: bool | None,  # noqa: FBT001 - as in `VideoSpec`
    price: int,
) -> None:
    reply = await chat.says(f"/sora create it lands {typed}")
    assert not reply.refused
    await chat.core.work()
    assert world.provider.taken["video_1"].request.sound is sound
    (job,) = await chat.core.jobs()
    assert job.offer.price == price


async def test_words_about_sound_stay_in_the_sentence(chat: Typist) -> None:
    await chat.says("the lights go off")
    (job,) = await chat.core.jobs()
    assert (job.spec.prompt, job.spec.sound) == ("the lights go off", None)


async def test_a_model_that_cannot_be_told_about_sound_is_refused_for_it(chat: Typist) -> None:
    reply = await chat.says("/sora create it lands model:sora-2-pro sound:off")
    assert "Sound cannot be “off”. Possible: sora-2-pro cannot be told about sound; use" in words(
        reply
    )


async def test_a_backend_without_these_has_them_for_nobody(world: World) -> None:
    world.provider.capabilities = Capabilities()
    async with running(world, Options(catalogue=Catalogue((RICH,)))) as core:
        chat = Typist(core)
        (line, *_) = (await chat.says("/sora-admin models", MARA)).message.lines
        assert "last frame" not in str(line)
        reply = await chat.says("/sora create it lands sound:off")
        assert "sora-2 always has sound" in words(reply)
        assert not (await chat.says("/sora create it lands sound:on")).refused


async def test_the_same_once_more_is_made_of_all_the_same(chat: Typist, world: World) -> None:
    frames = [await attached(chat.core, use) for use in ("image", "last")]
    await chat.says("/sora create it lands sound:off", uploads=tuple(frames))
    await chat.core.work()
    first = (await chat.core.jobs())[0]
    await chat.says(f"/sora again {first.id}")
    again, before = await chat.core.jobs()
    assert again.spec == before.spec
    assert again.spec.last
    assert again.spec.sound is False
