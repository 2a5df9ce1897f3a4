"""The family of a video, as each of its readers may see it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.domain.refs import Person, Place, Tenant
from bot.domain.releases import Stand
from bot.domain.trees import FamilyChart
from bot.services.trees import LISTED
from tests.fakes.charts import FakeCharts
from tests.fakes.chat import Post
from tests.fakes.core import ANA, BEN, MARA, STUDIO, World, running
from tests.fakes.typist import Typist, words

PRIVATE = replace(STUDIO, private=True)
STEP = "\u2003"


@dataclass
class Scene:
    """A studio in which what is ordered is finished at once."""

    chat: Typist

    async def make(self, line: str, person: Person = ANA, place: Place = STUDIO) -> str:
        reply = await self.chat.says(line, person, place)
        assert not reply.refused, words(reply)
        await self.chat.core.wait(3_000)
        return (await self.chat.core.jobs())[0].id

    async def remix(
        self, job: str, change: str, person: Person = BEN, place: Place = STUDIO
    ) -> str:
        return await self.make(f"/sora remix {job} {change}", person, place)

    async def tree(self, job: str, person: Person = ANA) -> list[str]:
        reply = await self.chat.says(f"/sora tree {job}", person)
        assert not reply.refused, words(reply)
        return words(reply).splitlines()

    async def stand(self, job: str, stand: Stand) -> None:
        async with self.chat.core.store.transaction() as tx:
            seen = await tx.releases.get(job)
            assert seen
            deleted_at = self.chat.core.clock.now() if stand is Stand.DELETED else None
            new = replace(seen, stand=stand, deleted_at=deleted_at)
            assert await tx.releases.change(seen, new)

    @property
    def posted(self) -> list[Post]:
        """The families that everybody can see."""
        posts = self.chat.core.world.chat.posts
        return [post for nonce, post in posts.items() if nonce.startswith("tree/")]

    @property
    def picture(self) -> FamilyChart:
        charts = self.chat.services.charts
        assert isinstance(charts, FakeCharts)
        return charts.trees[-1]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    world = World(tmp_path)
    world.provider.instant = True
    async with running(world) as core:
        yield Scene(Typist(core))


async def test_a_family_is_a_tree_of_who_made_what(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    night = await scene.remix(root, "at night")
    snow = await scene.remix(night, "with snow", MARA)
    blue = await scene.remix(root, "a blue kite", ANA)
    told = [
        "Remixes of @Ana’s video · 3 remixes",
        f"@Ana · a red kite over dunes · #{root} · done",
        f"↳ @Ben · at night · #{night} · done",
        f"{STEP}↳ @Mara · with snow · #{snow} · done",
        f"↳ @Ana · a blue kite · #{blue} · done",
    ]
    assert await scene.tree(root, BEN) == told
    assert await scene.tree(snow, BEN) == told


async def test_a_picture_shows_the_same_with_stills(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    night = await scene.remix(root, "at night")
    reply = await scene.chat.says(f"/sora tree {night}")
    [file] = reply.message.attachments
    assert not reply.public
    assert (file.name, file.media_type) == (f"tree-{root}.png", "image/png")
    assert file.alt == "A still of each of 2 videos, with arrows to what was made of it"
    first, second = scene.picture.frames
    assert (first.parent, second.parent) == (None, root)
    assert [first.name, second.name] == ["@Ana", "@Ben"]
    assert all(frame.still and frame.still.is_file() for frame in (first, second))
    assert (scene.picture.title, scene.picture.note) == ("Remixes of @Ana’s video", "")


async def test_a_video_that_nobody_remixed_is_a_family_of_one(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    head, only = await scene.tree(root)
    assert head == "Remixes of @Ana’s video · nobody has remixed it yet"
    assert only.startswith("@Ana · a red kite")


async def test_private_remixes_of_others_are_frames_without_words(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    secret = await scene.remix(root, "a secret kite", BEN, PRIVATE)
    assert (await scene.tree(root, ANA))[2] == "↳ private"
    hidden = scene.picture.frames[1]
    assert hidden.hidden
    assert (hidden.name, hidden.still, hidden.state) == ("", None, "")
    assert scene.picture.note == "Grey frames: private."
    for one in (BEN, MARA):
        assert f"#{secret}" in (await scene.tree(root, one))[2]
        assert scene.picture.note == ""


async def test_drafts_and_deleted_videos_of_others_are_such_frames_too(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    draft, gone = [await scene.remix(root, change) for change in ("at night", "with snow")]
    await scene.stand(draft, Stand.DRAFT)
    await scene.stand(gone, Stand.DELETED)
    assert (await scene.tree(root, ANA))[2:] == ["↳ private"] * 2
    assert [frame.hidden for frame in scene.picture.frames] == [False, True, True]
    for one in (BEN, MARA):
        mine, theirs = (await scene.tree(root, one))[2:]
        assert f"#{draft}" in mine
        assert theirs == "↳ private"


async def test_a_first_video_that_is_gone_keeps_the_place_of_its_family(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    night = await scene.remix(root, "at night")
    await scene.stand(root, Stand.DELETED)
    head, first, second = await scene.tree(night, BEN)
    assert head == "Remixes of a private video · 1 remix"
    assert first == "private"
    assert f"#{night}" in second


async def test_what_is_on_its_way_says_how_it_stands_and_what_failed_is_left_out(
    scene: Scene,
) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    scene.chat.core.world.provider.instant = False
    failed = await scene.remix(root, "a broken kite")
    await scene.chat.says(f"/sora cancel {failed}", BEN)
    await scene.chat.core.wait(20_000)
    running_ = await scene.remix(root, "at night")
    lines = await scene.tree(root)
    assert len(lines) == 3
    assert f"#{running_}" in lines[2]
    assert not lines[2].endswith("done")
    assert scene.picture.frames[1].state


async def test_a_still_that_is_gone_is_an_empty_frame(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    await scene.tree(root)
    still = scene.picture.frames[0].still
    assert still
    still.unlink()
    await scene.tree(root)
    assert scene.picture.frames[0].still is None


async def test_in_a_thread_the_newest_needs_no_name(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    await scene.remix(root, "at night")
    ref = scene.chat.core.world.chat.posts[f"result/{root}"].ref
    reply = await scene.chat.says("/sora tree", BEN, replace(STUDIO, thread=ref.id))
    assert words(reply).startswith("Remixes of @Ana’s video · 1 remix")
    outside = await scene.chat.says("/sora tree", BEN)
    assert outside.refused
    assert "in a thread of remixes" in words(outside)


async def test_what_a_message_does_not_hold_is_a_number(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes seconds:4")
    for number in range(LISTED):
        await scene.remix(root, f"change {number}", [ANA, BEN][number % 2])
    lines = await scene.tree(root)
    assert len(lines) == 1 + LISTED + 1
    assert lines[-1] == "… and 1 more"
    assert len(scene.picture.frames) == LISTED + 1


async def test_it_can_be_shown_to_everybody_as_everybody_may_see_it(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    await scene.remix(root, "at night", BEN)
    await scene.remix(root, "a secret kite", BEN, PRIVATE)
    asked = await scene.chat.says(f"/sora tree {root}", BEN)
    [here] = asked.message.buttons
    assert here.label == "Post it here"
    assert not (await scene.chat.presses(here.verb, dict(here.args), BEN)).refused
    await scene.chat.core.work()
    [post] = scene.posted
    assert post.text == "Remixes of @Ana’s video"
    assert post.message.picture
    assert post.place == STUDIO
    assert [frame.hidden for frame in scene.picture.frames] == [False, False, True]


async def test_the_same_press_twice_is_one_post_and_another_one_shows_what_came_since(
    scene: Scene,
) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    for _ in "12":
        await scene.chat.says(f"/sora tree {root} here", interaction="press")
        await scene.chat.core.work()
    assert len(scene.posted) == 1
    await scene.remix(root, "at night")
    await scene.chat.says(f"/sora tree {root} here")
    await scene.chat.core.work()
    first, second = scene.posted
    assert first.message.picture != second.message.picture


async def test_a_post_that_was_lost_on_the_way_is_drawn_as_the_family_is_by_then(
    scene: Scene,
) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    core = scene.chat.core
    core.world.chat.fails.append(ConnectionError("down"))
    await scene.chat.says(f"/sora tree {root} here")
    await core.work()
    await scene.remix(root, "at night")
    await core.wait(60_000)
    assert len(scene.posted) == 1
    assert len(scene.picture.frames) == 2


async def test_in_private_nothing_is_shown_to_everybody(scene: Scene) -> None:
    secret = await scene.make("/sora create a secret kite", place=PRIVATE)
    reply = await scene.chat.says(f"/sora tree {secret}", ANA)
    assert reply.message.buttons == ()
    for place in (PRIVATE, STUDIO):
        assert (await scene.chat.says(f"/sora tree {secret} here", ANA, place)).refused
    root = await scene.make("/sora create a red kite over dunes")
    assert (await scene.chat.says(f"/sora tree {root} here", ANA, PRIVATE)).refused
    draft = await scene.make("/sora create a boat")
    await scene.stand(draft, Stand.DRAFT)
    assert (await scene.chat.says(f"/sora tree {draft} here", ANA)).refused
    await scene.chat.core.work()
    assert scene.posted == []


async def test_who_is_blocked_shows_nothing_to_others(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    await scene.chat.says("/sora-admin block @ben too many kites", MARA)
    assert (await scene.chat.says(f"/sora tree {root} here", BEN)).refused
    assert not (await scene.chat.says(f"/sora tree {root}", BEN)).refused
    await scene.chat.core.work()
    assert scene.posted == []


async def test_another_workspace_and_what_is_no_video_have_no_tree(scene: Scene) -> None:
    root = await scene.make("/sora create a red kite over dunes")
    there = Tenant("web", "other")
    stranger = Person(there, "eve", "Eve", admin=True)
    reply = await scene.chat.says(f"/sora tree {root}", stranger, Place(there, "studio"))
    assert reply.refused
    assert "Ana" not in words(reply)
    scene.chat.core.world.provider.instant = False
    waiting = await scene.make("/sora create a boat")
    assert (await scene.chat.says(f"/sora tree {waiting}")).refused
