"""Remixes on Slack: the replies under the first video, open to everyone in the channel."""

from __future__ import annotations

import asyncio

import pytest

from bot import wording
from bot.domain.jobs import JobState
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE, PRICE
from tests.fakes.core import Options as CoreOptions
from tests.fakes.slack_bot import Life, Office
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.views import View

S = JobState
WAITING = CoreOptions(allowed=Allowed(slots=0))
"""Nothing is let through: what is ordered waits."""
NO_HISTORY = {"channels:history", "groups:history"}
"""Rights without which replies that mention nobody are not heard."""


async def first_video(life: Life, office: Office, channel: Channel | None = None) -> Message:
    """Ana's, in the channel."""
    office.world.provider.instant = True
    where = channel or office.channel
    await (await office.ana.slash(where, "/sora", "a red kite")).answer()
    await life.live(5_000)
    return (await office.server.until(lambda: office.videos(where)))[0]


async def remix(life: Life, office: Office, who: Person, video: Message, change: str) -> Message:
    """By the button of a video, until the changed one is there."""
    number = len(office.videos())
    view = await (await who.press(video, "Remix")).dialog()
    await who.submit(view, prompt=change)
    return await arrived(life, office, number)


async def arrived(life: Life, office: Office, number: int) -> Message:
    """The video that comes after the first `number` ones."""
    await life.live(5_000)
    return (await office.server.until(lambda: office.videos()[number:]))[0]


async def after_answer(life: Life, office: Office, who: Person, number: int) -> Message:
    """The same, once somebody was answered."""
    await question(office, who)
    return await arrived(life, office, number)


async def grant(office: Office, who: Person, amount: int) -> None:
    """Give somebody credits."""
    asked = await office.mara.slash(
        office.channel, "/sora-admin", f"credits grant {who.tag} {amount}"
    )
    assert "got" in (await asked.answer()).text


async def mode(office: Office, name: str) -> None:
    """How replies are read in the channel, as an admin has it."""
    asked = await office.mara.slash(office.channel, "/sora-admin", f"threads {name}")
    assert f"From now on in this channel: {name}" in (await asked.answer()).text


async def test_replies_that_the_bot_may_not_read_cannot_be_chosen(office: Office) -> None:
    office.server.world.offers.scopes -= {"channels:history", "groups:history"}
    async with office.bot():
        asked = await office.mara.slash(office.channel, "/sora-admin", "threads thread")
        assert "may not read replies" in (await asked.answer()).text
        await mode(office, "off")


async def question(office: Office, who: Person) -> Message:
    """The newest that only they see."""
    return (await office.server.until(lambda: who.ephemerals))[-1]


async def home_of(office: Office, who: Person) -> View:
    """Their home tab, opened now."""
    who.opens_home()
    home = await office.server.until(lambda: who.home)
    assert home
    return home


async def heard_all(office: Office) -> None:
    """All events so far were taken."""
    await office.server.until(lambda: all(one.taken for one in office.server.events.told))


# --- by button ----------------------------------------------------------------------------


async def test_the_first_remix_opens_one_thread_and_the_next_ones_go_there(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        night = await remix(life, office, office.ben, video, "at night")
        assert night.thread_ts == video.ts
        assert office.ben.tag in night.text
        assert "Remix of @Ana’s video · started by @Ana" in night.text
        snow = await remix(life, office, office.mara, night, "with snow")
        assert snow.thread_ts == video.ts
        assert "Remix of @Ben’s video · started by @Ana" in snow.text
        assert office.channel.threads == [video]
        assert [one for one in office.channel.messages if one.files] == [video]
        purses = [await life.core.purse(office.as_person(who)) for who in (office.ana, office.ben)]
        assert purses == [(ALLOWANCE - PRICE, 0)] * 2


async def test_the_form_asks_what_comes_next_and_how_long_and_needs_no_answer(
    office: Office,
) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        view = await (await office.ben.press(video, "Extend")).dialog()
        await office.ben.submit(view, prompt="it lands", seconds="4")
        landed = await arrived(life, office, 1)
        assert "Extended from @Ana’s video · started by @Ana" in landed.text
        assert "4 s more · 40 credits" in landed.text
        view = await (await office.mara.press(landed, "Extend")).dialog()
        await office.mara.submit(view)
        await arrived(life, office, 2)
        _, second, third = await life.jobs()
        assert (second.spec.prompt, second.spec.seconds) == ("it lands", 4)
        assert (third.remix_of, third.spec.prompt) == (second.id, "it lands")


async def test_a_command_extends_the_video_that_it_names(office: Office) -> None:
    async with office.bot() as life:
        await first_video(life, office)
        (job,) = await life.jobs()
        line = f"extend {job.id} 4s it lands"
        await (await office.ben.slash(office.channel, "/sora", line)).answer()
        landed = await arrived(life, office, 1)
        assert "it lands" in landed.text
        purse = await life.core.purse(office.as_person(office.ben))
        assert purse == (ALLOWANCE - PRICE // 2, 0)


async def test_card_and_answer_of_a_remix_are_in_the_thread(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        night = await remix(life, office, office.ben, video, "at night")
        card = next(one for one in office.cards() if "at night" in one.text)
        assert card.thread_ts == video.ts
        view = await (await office.mara.press(night, "Remix")).dialog()
        await office.mara.submit(view, prompt="with snow")
        answer = await question(office, office.mara)
        assert "80 credits held" in answer.text
        assert answer.thread_ts == video.ts


async def test_the_thread_is_headed_by_a_message_that_keeps_count(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await remix(life, office, office.ben, video, "at night")
        (head,) = [one for one in video.replies if "Remixes of @Ana’s video" in one.text]
        assert "1 version finished" in head.text
        view = await (await office.mara.press(head, "Remix the newest")).dialog()
        await office.mara.submit(view, prompt="with snow")
        await arrived(life, office, 2)
        assert "2 versions finished" in head.text
        _, night, snow = await life.jobs()
        assert (snow.spec.prompt, snow.remix_of) == ("with snow", night.id)


async def test_a_form_sent_twice_is_one_remix(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        view = await (await office.ben.press(video, "Remix")).dialog()
        office.server.post.lose = 1
        assert (await office.ben.submit(view, prompt="at night")).failed
        await office.ben.submit(view)
        assert view.closed
        assert len(await life.jobs()) == 2


async def test_a_remix_that_costs_too_much_keeps_its_form_and_words(office: Office) -> None:
    async with office.bot(CoreOptions(allowance=100)) as life:
        video = await first_video(life, office)
        view = await (await office.ana.press(video, "Remix")).dialog()
        await office.ana.submit(view, prompt="at night")
        assert "costs 80 credits and you have 20 left" in view.errors["prompt"]
        assert view.state["prompt"]["prompt"]["value"] == "at night"
        assert len(await life.jobs()) == 1


# --- by menu and command --------------------------------------------------------------------


async def test_the_menu_of_a_message_remixes_its_video(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        view = await (await office.ben.message_shortcut(video, wording.MENU_REMIX)).dialog()
        await office.ben.submit(view, prompt="at night")
        night = await arrived(life, office, 1)
        assert night.thread_ts == video.ts


async def test_the_menu_of_a_reply_remixes_the_video_of_that_reply(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        night = await remix(life, office, office.ben, video, "at night")
        view = await (await office.mara.message_shortcut(night, wording.MENU_REMIX)).dialog()
        await office.mara.submit(view, prompt="with snow")
        snow = await arrived(life, office, 2)
        assert snow.thread_ts == video.ts
        first, second, third = await life.jobs()
        assert (third.remix_of, third.root) == (second.id, first.id)


async def test_the_menu_of_what_a_person_wrote_in_the_thread_says_so_there(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        word = office.ben.says(office.channel, "nice", thread=video)
        await office.mara.message_shortcut(word, wording.MENU_REMIX)
        answer = await question(office, office.mara)
        assert "no video of this bot" in answer.text
        assert answer.thread_ts == video.ts


async def test_a_command_names_the_video_and_its_remix_goes_into_the_thread(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        (job,) = await life.jobs()
        asked = await office.ben.slash(office.channel, "/sora", f"remix {job.id} at night")
        assert "80 credits held" in (await asked.answer()).text
        night = await arrived(life, office, 1)
        assert night.thread_ts == video.ts


async def test_a_command_without_a_video_asks_which(office: Office) -> None:
    async with office.bot() as life:
        await first_video(life, office)
        asked = await office.ben.slash(office.channel, "/sora", "remix with snow")
        assert "Job is missing: the id of a finished video" in (await asked.answer()).text
        assert len(await life.jobs()) == 1


# --- by mention -----------------------------------------------------------------------------


@pytest.mark.parametrize("history", [True, False])
async def test_a_mention_in_the_thread_is_one_remix_of_its_video(
    office: Office, *, history: bool
) -> None:
    if not history:
        office.server.home.world.offers.scopes -= NO_HISTORY
    async with office.bot() as life:
        video = await first_video(life, office)
        office.ben.mention(office.channel, "at night", thread=video)
        answer = await question(office, office.ben)
        assert "80 credits held" in answer.text
        assert answer.thread_ts == video.ts
        night = await arrived(life, office, 1)
        assert night.thread_ts == video.ts
        await heard_all(office)
        first, second = await life.jobs()
        assert (second.remix_of, second.spec.prompt) == (first.id, "at night")
        assert len(office.ben.ephemerals) == 1


async def test_the_next_mention_is_a_remix_of_the_newest_there(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await remix(life, office, office.ben, video, "at night")
        office.mara.mention(office.channel, "with snow", thread=video)
        await question(office, office.mara)
        snow = await arrived(life, office, 2)
        assert "Remix of @Ben’s video · started by @Ana" in snow.text
        first, second, third = await life.jobs()
        assert (third.remix_of, third.root) == (second.id, first.id)


async def test_a_restart_forgets_no_thread(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
    async with office.bot() as life:
        office.ben.mention(office.channel, "at night", thread=video)
        night = await after_answer(life, office, office.ben, 1)
        assert night.thread_ts == video.ts
    async with office.bot() as life:
        office.mara.mention(office.channel, "with snow", thread=video)
        snow = await after_answer(life, office, office.mara, 2)
        assert snow.thread_ts == video.ts
        assert [job.remix_of for job in await life.jobs()] == [None, "j000000001", "j000000002"]


async def test_a_video_that_slack_was_slow_to_show_is_known_all_the_same(office: Office) -> None:
    office.world.provider.instant = True
    office.server.faults.refuse("files.info", "internal_error", times=100)
    async with office.bot() as life:
        await (await office.ana.slash(office.channel, "/sora", "a red kite")).answer()
        await life.live(5_000)
        office.server.faults.all.clear()
        (video,) = await office.server.until(office.videos)
        office.ben.mention(office.channel, "at night", thread=video)
        await after_answer(life, office, office.ben, 1)
        first, second = await life.jobs()
        assert second.remix_of == first.id


async def test_a_verb_in_a_thread_is_that_verb(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        office.ben.mention(office.channel, "quota", thread=video)
        assert "2,000 credits to spend" in (await question(office, office.ben)).text
        office.mara.mention(office.channel, "/sora a blue boat", thread=video)
        await question(office, office.mara)
        assert [job.remix_of for job in await life.jobs()] == [None, None]


async def test_a_thread_without_our_video_keeps_what_is_asked_for_there(office: Office) -> None:
    office.world.provider.instant = True
    async with office.bot() as life:
        idea = office.ana.says(office.channel, "what about a boat?")
        office.ben.mention(office.channel, "a paper boat", thread=idea)
        await question(office, office.ben)
        boat = await arrived(life, office, 0)
        assert {one.thread_ts for one in office.ours()} == {idea.ts}
        office.mara.mention(office.channel, "at night", thread=boat)
        await question(office, office.mara)
        night = await arrived(life, office, 1)
        assert night.thread_ts == idea.ts
        first, second = await life.jobs()
        assert second.remix_of == first.id


async def test_where_replies_are_off_the_button_still_works(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "off")
        office.ben.says(office.channel, "at night", thread=video)
        office.ben.mention(office.channel, "at night", thread=video)
        answer = await question(office, office.ben)
        assert answer.text == (
            "Remixing by reply is off in this channel; the Remix button of a video works. "
            "Nothing was started or charged."
        )
        await heard_all(office)
        assert len(office.ben.ephemerals) == 1
        await remix(life, office, office.ben, video, "at night")
        assert len(await life.jobs()) == 2


# --- by plain reply -------------------------------------------------------------------------


async def test_a_plain_reply_asks_its_author_and_go_makes_the_remix(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
        office.ben.says(office.channel, "at night, with snow", thread=video)
        asked = await question(office, office.ben)
        assert asked.thread_ts == video.ts
        assert asked.text.startswith(
            "Remix @Ana’s video with these words? 80 credits, charged to you if you press Go."
        )
        assert "at night, with snow" in asked.text
        assert list(asked.buttons) == ["Go", "Ignore"]
        assert len(await life.jobs()) == 1
        pressed = await office.ben.press(asked, "Go")
        assert await pressed.answer() is asked
        assert "80 credits held, 1,920 left" in asked.text
        assert asked.buttons == {}
        night = await arrived(life, office, 1)
        assert night.thread_ts == video.ts
        assert await life.core.purse(office.as_person(office.ben)) == (ALLOWANCE - PRICE, 0)


async def test_go_pressed_twice_is_one_order(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        office.world.provider.instant = False
        await mode(office, "thread")
        office.ben.says(office.channel, "at night", thread=video)
        asked = await question(office, office.ben)
        presses = await asyncio.gather(*[office.ben.press(asked, "Go") for _ in range(3)])
        for press in presses:
            assert await press.answer() is asked
        assert "charged only once" in asked.text
        assert len(await life.jobs()) == 2
        assert await life.core.purse(office.as_person(office.ben)) == (ALLOWANCE - PRICE, PRICE)


async def test_go_after_a_refusal_orders_when_the_reason_is_gone(office: Office) -> None:
    async with office.bot(CoreOptions(allowance=0)) as life:
        await grant(office, office.ana, PRICE)
        video = await first_video(life, office)
        await mode(office, "thread")
        office.ben.says(office.channel, "at night", thread=video)
        asked = await question(office, office.ben)
        office.server.faults.fail("response_url", 500, times=1)
        await office.ben.press(asked, "Go")
        refused = await office.server.until(lambda: office.ben.ephemerals[1:])
        assert "costs 80 credits and you have 0 left" in refused[0].text
        await grant(office, office.ben, PRICE)
        await (await office.ben.press(asked, "Go")).answer()
        assert "80 credits held, 0 left" in asked.text
        assert len(await life.jobs()) == 2


async def test_ignore_takes_the_question_away_and_spends_nothing(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
        office.ben.says(office.channel, "looks great, thank you!", thread=video)
        await office.ben.press(await question(office, office.ben), "Ignore")
        await office.server.until(lambda: not office.ben.ephemerals)
        assert len(await life.jobs()) == 1


async def test_a_long_reply_is_told_how_it_becomes_a_remix(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
        office.ben.says(office.channel, "at night " * 300, thread=video)
        answer = await question(office, office.ben)
        assert answer.text == (
            "This reply is too long to ask you about. To remix the video with it, begin it with "
            "@Sora, or press Remix under the video. Nothing was started or charged."
        )
        office.ben.mention(office.channel, "at night " * 300, thread=video)
        await office.server.until(lambda: "credits held" in office.ben.ephemerals[-1].text)
        assert len((await life.jobs())[1].spec.prompt) == len("at night " * 300) - 1


async def test_a_reply_that_is_shown_in_the_channel_too_counts_once(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
        office.ben.says(office.channel, "at night", thread=video, broadcast=True)
        asked = await question(office, office.ben)
        assert list(asked.buttons) == ["Go", "Ignore"]
        await heard_all(office)
        assert len(office.ben.ephemerals) == 1
        assert len(await life.jobs()) == 1


async def test_who_changes_a_reply_is_not_asked_again(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
        reply = office.ben.says(office.channel, "at nigth", thread=video)
        await question(office, office.ben)
        office.ben.edits(reply, "at night")
        await heard_all(office)
        await life.live(1_000)
        assert len(office.ben.ephemerals) == 1


async def test_what_is_said_where_no_video_is_stays_between_people(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
        lunch = office.ana.says(office.channel, "lunch?")
        office.ben.says(office.channel, "yes, noodles", thread=lunch)
        office.ben.says(office.channel, "what a kite!")
        await heard_all(office)
        await life.live(1_000)
        assert office.ben.ephemerals == []
        office.ben.says(office.channel, "at night", thread=video)
        assert "Remix @Ana’s video" in (await question(office, office.ben)).text


async def test_a_reply_with_a_mention_is_a_remix_at_once_and_asks_nothing(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
        office.ben.mention(office.channel, "at night", thread=video)
        await question(office, office.ben)
        await heard_all(office)
        assert ["credits held" in one.text for one in office.ben.ephemerals] == [True]
        assert len(await life.jobs()) == 2


# --- the mode of a channel ------------------------------------------------------------------


async def test_only_admins_choose_how_replies_are_read(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        asked = await office.ben.slash(office.channel, "/sora-admin", "threads thread")
        assert "Only an admin of this workspace" in (await asked.answer()).text
        office.ben.says(office.channel, "at night", thread=video)
        await heard_all(office)
        await life.live(1_000)
        assert office.ben.ephemerals == [(await asked.answer())]


async def test_the_mode_of_a_channel_outlives_a_restart(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        await mode(office, "thread")
    async with office.bot() as life:
        office.ben.says(office.channel, "at night", thread=video)
        assert "press Go" in (await question(office, office.ben)).text


async def test_an_admin_chooses_on_the_home_tab(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        home = await home_of(office, office.mara)
        await office.mara.choose(home, wording.HOME_CHANNEL, office.channel.id)
        await office.server.until(lambda: "In this channel: mention" in home.text)
        await office.mara.choose(home, wording.HOME_MODE, "thread")
        await office.server.until(lambda: "From now on in this channel: thread" in home.text)
        assert office.mara.ephemerals == []
        office.ben.says(office.channel, "at night", thread=video)
        assert "press Go" in (await question(office, office.ben)).text


async def test_a_mode_without_a_channel_asks_for_the_channel(office: Office) -> None:
    async with office.bot():
        home = await home_of(office, office.mara)
        await office.mara.choose(home, wording.HOME_MODE, "thread")
        await office.server.until(lambda: wording.HOME_CHANNEL_FIRST in home.text)


async def test_the_home_tab_of_a_member_has_no_settings(office: Office) -> None:
    async with office.bot():
        home = await home_of(office, office.ben)
        assert wording.HOME_SETTINGS not in home.text


# --- private videos and threads that are gone -----------------------------------------------


async def test_a_remix_of_a_private_video_stays_private(office: Office) -> None:
    office.world.provider.instant = True
    async with office.bot() as life:
        await (await office.ana.slash(office.channel, "/sora", "a secret private:yes")).answer()
        await life.live(5_000)
        direct = office.ana.direct
        (secret,) = await office.server.until(lambda: office.videos(direct))
        view = await (await office.ana.press(secret, "Remix")).dialog()
        await office.ana.submit(view, prompt="at night")
        await life.live(5_000)
        await office.server.until(lambda: len(office.videos(direct)) == 2)
        job, _ = await life.jobs()
        await (await office.ana.slash(office.channel, "/sora", f"remix {job.id} in snow")).answer()
        await life.live(5_000)
        await office.server.until(lambda: len(office.videos(direct)) == 3)
        answers = len(office.ana.ephemerals)
        office.ana.says(direct, "at dawn", thread=secret)
        await office.server.until(lambda: len(office.ana.ephemerals) > answers)
        assert [job.remix_of for job in await life.jobs()] == [None, job.id, job.id, job.id]
        await life.live(5_000)
        await office.server.until(lambda: len(office.videos(direct)) == 4)
        assert office.ours() == []


async def test_a_private_video_is_nobody_elses_to_remix(office: Office) -> None:
    office.world.provider.instant = True
    async with office.bot() as life:
        await (await office.ana.slash(office.channel, "/sora", "a secret private:yes")).answer()
        await life.live(5_000)
        (job,) = await life.jobs()
        asked = await office.ben.slash(office.channel, "/sora", f"remix {job.id} at night")
        assert "There is no job" in (await asked.answer()).text
        assert len(await life.jobs()) == 1


async def test_a_remix_whose_thread_is_gone_comes_to_the_channel(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        view = await (await office.ben.press(video, "Remix")).dialog()
        office.mara.deletes(video)
        await office.ben.submit(view, prompt="at night")
        night = await arrived(life, office, 0)
        assert night.thread_ts is None
        assert office.ben.tag in night.text
        assert not any("Remixes of" in one.text for one in office.ours())
        assert [job.state for job in await life.jobs()] == [S.DONE, S.DONE]


async def test_a_thread_that_goes_while_its_remix_renders_does_not_take_it_along(
    office: Office,
) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
        office.world.provider.instant = False
        office.ben.mention(office.channel, "at night", thread=video)
        await question(office, office.ben)
        await life.live(2_000)
        office.mara.deletes(video)
        office.world.provider.finish()
        await life.live(10_000)
        (night,) = await office.server.until(office.videos)
        assert night.thread_ts is None
        assert "at night" in night.text


async def test_a_file_that_was_deleted_heads_no_thread(office: Office) -> None:
    async with office.bot() as life:
        video = await first_video(life, office)
    async with office.bot() as life:
        (job,) = await life.jobs()
        office.mara.deletes(video)
        video.files[0].deleted = True
        await (await office.ben.slash(office.channel, "/sora", f"remix {job.id} at night")).answer()
        await life.live(5_000)
        (night,) = await office.server.until(office.videos)
        assert night.thread_ts is None
