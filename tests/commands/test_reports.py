"""What admins read of what was made, in lines and in a picture."""

from dataclasses import replace

import pytest

from bot.domain.charts import Bar, BarChart
from bot.domain.refs import Person, Place, Tenant
from bot.domain.reports import By
from tests.fakes.charts import FakeCharts
from tests.fakes.core import ANA, BEN, KITE, MARA, STUDIO, TENANT
from tests.fakes.typist import Typist, words

ELSEWHERE = Tenant("web", "other")
NOTE = "What runs counts already. What ended without a video counts only what the provider charged."
PRO = replace(KITE, model="sora-2-pro")
STAGE = Place(TENANT, "stage")


def drawn(chat: Typist) -> BarChart:
    charts = chat.services.charts
    assert isinstance(charts, FakeCharts)
    return charts.drawn[-1]


async def busy_month(chat: Typist) -> None:
    """Two of Ana's, one of Ben's, one that was cancelled, one of another workspace."""
    core = chat.core
    await core.create(number=2)
    await core.create(BEN, PRO, place=STAGE)
    cancelled = (await core.create(BEN)).jobs[0]
    await core.videos.cancel(BEN, cancelled.id)
    await core.create(Person(ELSEWHERE, "max"), place=Place(ELSEWHERE, "studio"))


async def test_users_with_what_they_made_and_the_sum(chat: Typist) -> None:
    await busy_month(chat)
    reply = await chat.says("/sora-admin report", MARA)
    assert not reply.public
    head, first, second, note = words(reply).splitlines()
    assert head == "Usage by user, this month · 3 videos, 24 seconds · 400 credits · $4.00"
    assert first == "1. @Ben · 1 video, 8 seconds · 240 credits · $2.40"
    assert second == "2. @Ana · 2 videos, 16 seconds · 160 credits · $1.60"
    assert note == NOTE


async def test_a_picture_shows_the_same(chat: Typist) -> None:
    await busy_month(chat)
    reply = await chat.says("/sora-admin report", MARA)
    [picture] = reply.message.attachments
    assert (picture.name, picture.media_type) == ("usage-by-user-month.png", "image/png")
    assert "3 videos" in picture.alt
    assert drawn(chat).bars == (Bar("@Ben", 240), Bar("@Ana", 160))


@pytest.mark.parametrize(
    "by, names",
    [
        ("model", ["sora-2-pro", "sora-2"]),
        ("models", ["sora-2-pro", "sora-2"]),
        ("channel", ["#stage", "#studio"]),
        ("provider", ["simulator"]),
    ],
)
async def test_each_way_to_look_at_it_has_the_same_sum(
    chat: Typist, by: str, names: list[str]
) -> None:
    await busy_month(chat)
    head, *rows = words(await chat.says(f"/sora-admin report {by}", MARA)).splitlines()
    assert head.endswith("3 videos, 24 seconds · 400 credits · $4.00")
    assert [row.split(" · ")[0].split(". ", 1)[1] for row in rows[:-1]] == names
    assert [bar.label for bar in drawn(chat).bars] == names
    assert sum(bar.value for bar in drawn(chat).bars) == 400


async def test_a_month_that_went_by_is_last_month(chat: Typist) -> None:
    await busy_month(chat)
    chat.core.clock.advance(31 * 86_400_000)
    now = await chat.says("/sora-admin report", MARA)
    assert words(now) == "Nobody made anything in that time."
    assert now.message.attachments == ()
    then = words(await chat.says("/sora-admin report last-month by:channel", MARA))
    assert then.startswith("Usage by channel, last month · 3 videos")


async def test_more_than_twenty_are_told_together(chat: Typist) -> None:
    for number in range(23):
        await chat.core.create(Person(TENANT, f"p{number:02}"), place=STUDIO)
    lines = words(await chat.says("/sora-admin report", MARA)).splitlines()
    assert len(lines) == 23
    assert lines[20].startswith("20. @p19 · 1 video")
    assert lines[21] == "and 3 others · 3 videos, 24 seconds · 240 credits · $2.40"
    assert len(drawn(chat).bars) == 23


async def test_members_and_another_workspaces_admins_see_nothing_of_it(chat: Typist) -> None:
    await busy_month(chat)
    refused = await chat.says("/sora-admin report", ANA)
    assert refused.refused
    stranger = Person(ELSEWHERE, "eve", "Eve", admin=True)
    there = words(await chat.says("/sora-admin report", stranger, Place(ELSEWHERE, "studio")))
    assert there.splitlines()[1].startswith("1. @max · 1 video")
    assert "Ana" not in there


async def test_a_typo_is_told_with_what_there_is(chat: Typist) -> None:
    reply = await chat.says("/sora-admin report by:planet", MARA)
    assert reply.refused
    assert all(by in words(reply) for by in By)
