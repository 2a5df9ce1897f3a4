"""What people read and type when a video goes on from its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.parse import parse
from bot.domain.jobs import Job, Operation
from bot.domain.refs import Place
from bot.ports import Capabilities
from bot.services.origins import SOON
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, STUDIO, Core, World, running
from tests.fakes.pair import PAUL, serving
from tests.fakes.typist import Typist, words

CONTINUED = "Continued here from the last picture: the provider did not extend it."


async def made(core: Core, typist: Typist, line: str = "/sora create a red kite 8s") -> Job:
    reply = await typist.says(line)
    assert not reply.refused, words(reply)
    await core.wait(2_000)
    return await core.job(reply.jobs[0])


async def extended(core: Core, typist: Typist, line: str) -> Job:
    reply = await typist.says(line, BEN)
    assert not reply.refused, words(reply)
    await core.wait(2_000)
    return await core.job(reply.jobs[0])


async def thread_of(world: World, job: Job) -> Place:
    return replace(STUDIO, thread=world.chat.posts[f"result/{job.id}"].ref.id)


# --- typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, args",
    [
        ("extend k7qm", {"job": "k7qm"}),
        ("extend k7qm it lands", {"job": "k7qm", "prompt": "it lands"}),
        ("extend k7qm 4s", {"job": "k7qm", "seconds": "4"}),
        ("extend k7qm 4", {"job": "k7qm", "seconds": "4"}),
        ("extend k7qm 4s it lands", {"job": "k7qm", "seconds": "4", "prompt": "it lands"}),
        ("extend k7qm it lands seconds:4", {"job": "k7qm", "seconds": "4", "prompt": "it lands"}),
        ("extend k7qm 4 kites land", {"job": "k7qm", "prompt": "4 kites land"}),
        ("extend k7qm it lands within 4s", {"job": "k7qm", "prompt": "it lands within 4s"}),
    ],
)
def test_a_line_says_which_video_goes_on_for_how_long_and_how(
    line: str, args: dict[str, str]
) -> None:
    parsed = parse(f"/sora {line}")
    assert (parsed.verb, dict(parsed.args)) == ("extend", args)


async def test_the_price_is_that_of_the_seconds_that_are_added(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    reply = await typist.says(f"/sora extend {kite.id} 4s it lands", BEN)
    assert "40 credits held" in words(reply)
    assert await core.purse(BEN) == (ALLOWANCE - PRICE // 2, PRICE // 2)
    await core.wait(2_000)
    result = core.world.chat.posts[f"result/{reply.jobs[0]}"]
    assert "sora-2 · 1280×720 · 4 s more · 40 credits" in result.text


async def test_a_length_that_nobody_makes_is_refused_with_those_there_are(
    core: Core, typist: Typist
) -> None:
    kite = await made(core, typist)
    for typed in ("seconds:five", "seconds:7"):
        no = await typist.says(f"/sora extend {kite.id} {typed}", BEN)
        assert no.refused
        assert "Possible: 4, 8, 12, 16 or 20." in words(no)


async def test_in_a_thread_the_newest_video_goes_on(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    thread = await thread_of(world, kite)
    reply = await typist.says("/sora extend it lands", BEN, thread)
    job = await core.job(reply.jobs[0])
    assert (job.operation, job.remix_of) == (Operation.EXTEND, kite.id)
    assert job.spec.prompt == "it lands"


async def test_an_unfinished_video_is_not_extended(busy_chat: Typist) -> None:
    waiting = (await busy_chat.core.create()).jobs[0]
    no = await busy_chat.says(f"/sora extend {waiting.id}")
    assert "Only a finished video can be extended" in words(no)


async def test_a_blocked_person_extends_nothing(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    await typist.says("/sora-admin block @ben", MARA)
    assert (await typist.says(f"/sora extend {kite.id}", BEN)).refused
    assert await core.purse(BEN) == (0, 0)


# --- seen ---------------------------------------------------------------------------------


async def test_card_details_and_tree_tell_what_was_extended_and_how(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    job = await extended(core, typist, f"/sora extend {kite.id} 4s it lands")
    result = world.chat.posts[f"result/{job.id}"]
    assert "Extended from @Ana’s video · started by @Ana" in result.text
    assert CONTINUED in result.text
    details = words(await typist.says(f"/sora status {job.id}", BEN))
    assert "Extended from @Ana’s video · started by @Ana" in details
    assert CONTINUED in details
    assert "16 s · 1280×720" in details
    tree = words(await typist.says(f"/sora tree {kite.id}", BEN))
    assert f"↳ @Ben · 4 s more · it lands · #{job.id} · done" in tree


async def test_what_the_backend_extended_itself_is_not_said_to_be_continued_here(
    core: Core, typist: Typist, world: World
) -> None:
    world.provider.capabilities = Capabilities(lists=True, extends=True)
    kite = await made(core, typist)
    job = await extended(core, typist, f"/sora extend {kite.id}")
    assert "Continued here" not in world.chat.posts[f"result/{job.id}"].text


async def test_extend_stands_beside_remix_under_a_finished_video(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    buttons = [one.label for one in world.chat.posts[f"result/{kite.id}"].message.buttons]
    assert buttons[:2] == ["Remix", "Extend"]
    reply = await typist.presses("extend", {"job": kite.id}, BEN)
    assert (await core.job(reply.jobs[0])).spec.prompt == "a red kite"


async def test_an_author_hears_that_their_video_was_extended(
    core: Core, typist: Typist, world: World
) -> None:
    kite = await made(core, typist)
    job = await extended(core, typist, f"/sora extend {kite.id}")
    await core.wait(SOON + 1_000)
    told = world.chat.posts[f"notice/remixed/{job.id}/{ANA.id}"]
    assert told.text.startswith("@Ben extended your video: ")


async def test_a_backend_that_can_neither_is_told_before_anything_is_spent(world: World) -> None:
    world.provider.capabilities = Capabilities(lists=True, takes_image=False)
    world.provider.instant = True
    async with running(world) as core:
        typist = Typist(core)
        kite = await made(core, typist)
        no = await typist.says(f"/sora extend {kite.id}", BEN)
        assert words(no) == (
            "Nobody who makes sora-2 extends its videos or begins with a picture. "
            "Nothing was started or charged."
        )
        assert await core.purse(BEN) == (0, 0)


# --- whom an author lets ------------------------------------------------------------------


async def test_who_may_not_remix_may_not_extend(core: Core, typist: Typist) -> None:
    kite = await made(core, typist)
    await typist.says(f"/sora remixers {kite.id} nobody")
    no = await typist.says(f"/sora extend {kite.id}", BEN)
    assert "@Ana lets nobody else remix" in words(no)
    assert not (await typist.says(f"/sora extend {kite.id}")).refused


async def test_an_author_is_asked_and_says_yes(core: Core, typist: Typist, world: World) -> None:
    kite = await made(core, typist)
    await typist.says(f"/sora remixers {kite.id} ask")
    waits = await typist.says(f"/sora extend {kite.id} 4s it lands", BEN)
    assert f"I asked @Ana whether you may extend #{kite.id}." in words(waits)
    assert await core.purse(BEN) == (0, 0)
    await core.wait(2_000)
    [question] = [post for key, post in world.chat.posts.items() if key.startswith("notice/ask/")]
    assert "would like to extend your video" in question.text
    yes = question.message.buttons[0]
    assert not (await typist.presses(yes.verb, dict(yes.args))).refused
    await core.wait(2_000)
    job = (await core.jobs())[0]
    assert (job.operation, job.remix_of, job.spec.seconds) == (Operation.EXTEND, kite.id, 4)
    assert (job.person, job.spec.prompt) == (BEN, "it lands")
    [told] = [post for key, post in world.chat.posts.items() if key.startswith("notice/permitted/")]
    assert f"@Ana lets you extend #{kite.id}." in told.text


# --- elsewhere ----------------------------------------------------------------------------


async def test_people_of_a_linked_workspace_extend_what_is_published_there(world: World) -> None:
    async with serving(world) as pair:
        job = await pair.published()
        theirs = await pair.made(f"/sora extend {job.id} 4s", PAUL)
        assert (theirs.person, theirs.remix_of, theirs.operation) == (
            PAUL,
            job.id,
            Operation.EXTEND,
        )
        assert await pair.core.purse(PAUL) == (ALLOWANCE - PRICE // 2, 0)
        post = pair.office.posts[f"result/{theirs.id}"]
        assert "Extended from Ana’s video (web chat) · started by Ana (web chat)" in post.text
        assert await pair.core.faults() == ()


async def test_nobody_extends_what_is_not_published_in_their_workspace(world: World) -> None:
    async with serving(world) as pair:
        await pair.open()
        job = await pair.made()
        no = await pair.says(f"/sora extend {job.id}", PAUL)
        assert "There is no job" in words(no)
        assert await pair.core.purse(PAUL) == (0, 0)


async def test_the_style_of_another_workspace_goes_no_further_than_the_words_sent(
    world: World,
) -> None:
    async with serving(world) as pair:
        await pair.open()
        await pair.does("/sora-admin style add noir black and white", MARA)
        job = await pair.made("/sora create a red kite preset:noir")
        await pair.does(f"/sora publish {job.id} to:slack sure")
        theirs = await pair.made(f"/sora extend {job.id}", PAUL)
        assert theirs.spec.style is None
        assert "noir" not in pair.office.posts[f"card/{theirs.id}"].text
