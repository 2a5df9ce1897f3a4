"""The main job on Slack: ask, watch the card, get the video."""

from __future__ import annotations

import pytest

from adapters.media.ffmpeg import Ffmpeg
from adapters.media.media import FfmpegMedia
from bot import wording
from bot.domain.catalogue import Catalogue
from bot.domain.jobs import JobState
from bot.domain.order import Lane
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE
from tests.fakes.core import Options as CoreOptions
from tests.fakes.rich import ABLE, PRO, RICH
from tests.fakes.slack_bot import Life, Office
from tests.fakes.slack_server.messages import Message
from tests.payloads.clips import made

S = JobState
WAITING = CoreOptions(allowed=Allowed(slots=0))
"""Nothing is let through: what is ordered waits."""
MAKE, REMIX = wording.COMPOSE_TITLE, wording.MENU_REMIX


async def purse(life: Life, office: Office) -> tuple[int, int]:
    """What Ana can spend, and what is held for her."""
    return await life.core.purse(office.as_person(office.ana))


async def a_video(life: Life, office: Office, prompt: str = "a kite") -> Message:
    """One that Ana asked for in the channel and got there."""
    office.world.provider.instant = True
    number = len(office.videos())
    await (await office.ana.slash(office.channel, "/sora", prompt)).answer()
    await life.live(5_000)
    found = await office.server.until(lambda: office.videos()[number:])
    return found[0]


# --- ordering -----------------------------------------------------------------------------


async def test_a_command_becomes_a_card_and_the_card_becomes_a_video(office: Office) -> None:
    async with office.bot() as life:
        asked = await office.ana.slash(office.channel, "/sora", "a red kite 4s portrait")
        answer = await asked.answer()
        assert answer.ephemeral
        assert "40 credits held, 1,960 left" in answer.text
        await life.work()
        card = office.card()
        assert "a red kite" in card.text
        office.world.provider.now(S.RENDERING, 48)
        await life.wait(10_000)
        assert "Rendering 48 %" in card.text
        office.world.provider.finish()
        await life.live(10_000)
        (video,) = await office.server.until(office.videos)
        assert office.ana.tag in video.text
        assert list(video.buttons) == [
            "Remix",
            "Extend",
            "Again",
            "Finalize, 120 credits",
            "Details",
        ]
        assert video.files[0].data == office.world.provider.video + b"video_1"
        assert card.text.startswith("Done")
        assert [job.state for job in await life.jobs()] == [S.DONE]
        assert await purse(life, office) == (ALLOWANCE - 40, 0)


async def test_the_card_of_a_finished_job_leads_to_its_video(office: Office) -> None:
    async with office.bot() as life:
        video = await a_video(life, office)
        (text,) = [
            element["url"]
            for part in office.card().blocks[0]["elements"]
            for element in part["elements"]
            if element["type"] == "link"
        ]
        expected = f"archives/{office.channel.id}/p{video.ts.replace('.', '')}"
        assert text == f"https://studio.slack.com/{expected}"


async def test_an_order_takes_the_style_of_its_channel_or_the_one_typed(office: Office) -> None:
    async with office.bot(WAITING) as life:

        async def says(line: str) -> str:
            command = "/sora-admin" if line.startswith("style ") else "/sora"
            person = office.mara if line.startswith("style ") else office.ana
            return (await (await person.slash(office.channel, command, line)).answer()).text

        assert "is a style now" in await says("style add noir black and white")
        assert "is a style now" in await says("style add brand our red")
        here = f"<#{office.channel.id}|{office.channel.name}>"
        assert "take the style" in await says(f"style use noir {here}")
        assert "all orders in this channel" in await says("styles")
        for line in ("a boat preset:brand", "a hat preset:none", "a kite"):
            assert "held" in await says(line)
        assert "There is no style" in await says("a dog preset:sepia")
        await life.work()
        assert {job.spec.prompt: job.sent_prompt for job in await life.jobs()} == {
            "a kite": "a kite\n\nStyle: black and white",
            "a boat": "a boat\n\nStyle: our red",
            "a hat": None,
        }
        assert "Style: noir" in office.card().text


async def test_the_form_shows_the_price_of_what_is_chosen_and_orders_it(office: Office) -> None:
    office.world.provider.instant = True
    async with office.bot() as life:
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        assert "Costs 80 credits." in view.text
        await office.ana.choose(view, "Model", "sora-2-pro")
        await office.server.until(lambda: "Costs 240 credits." in view.text)
        await office.ana.choose(view, "Size", "1792x1024")
        await office.ana.choose(view, "Variations", "2")
        await office.server.until(lambda: "Costs 800 credits." in view.text)
        boat = office.server.file("boat.png", b"a picture of a boat", office.ana)
        sent = await office.ana.submit(view, {"First frame": [boat]}, Prompt="a paper boat")
        assert not sent.failed
        assert view.closed
        answer = await office.server.until(lambda: office.ana.ephemerals)
        assert "800 credits held" in answer[-1].text
        await life.live(5_000)
        first, second = await life.jobs()
        assert (first.spec.prompt, first.spec.model, str(first.spec.size)) == (
            "a paper boat",
            "sora-2-pro",
            "1792x1024",
        )
        assert second.spec == first.spec
        taken = office.world.provider.taken["video_1"].request
        assert taken.image
        assert taken.image.read_bytes() == b"fitted by crop: a picture of a boat"


async def test_the_form_asks_for_what_its_model_takes_besides_words(office: Office) -> None:
    office.world.provider.capabilities = ABLE
    async with office.bot(CoreOptions(catalogue=Catalogue((RICH, PRO)))) as life:
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        assert "Costs 80 credits." in view.text
        await office.ana.choose(view, "Sound", "off")
        await office.server.until(lambda: "Costs 48 credits." in view.text)
        await office.ana.choose(view, "Model", "sora-2-pro")
        await office.server.until(lambda: "Last frame" not in view.text)
        assert "Who or what is to be seen" not in view.text
        await office.ana.choose(view, "Model", "sora-2")
        await office.server.until(lambda: "Last frame" in view.text)
        await office.ana.choose(view, "Sound", "off")
        boat, sea = (
            office.server.file(f"{n}.png", n.encode(), office.ana) for n in ("boat", "sea")
        )
        files: dict[str, object] = {"First frame": [boat], "Last frame": [sea]}
        assert not (await office.ana.submit(view, files, Prompt="a paper boat")).failed
        await office.server.until(lambda: office.ana.ephemerals)
        await life.live(5_000)
        taken = office.world.provider.taken["video_1"].request
        assert taken.image
        assert taken.last
        assert taken.image.read_bytes() == b"fitted by crop: boat"
        assert taken.last.read_bytes() == b"fitted by crop: sea"
        assert taken.sound is False


async def test_the_form_takes_several_pictures_of_what_is_to_be_seen(office: Office) -> None:
    office.world.provider.capabilities = ABLE
    async with office.bot(CoreOptions(catalogue=Catalogue((RICH,)))) as life:
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        shown = [office.server.file(f"{n}.png", n.encode(), office.ana) for n in ("cat", "hat")]
        files: dict[str, object] = {"Who or what is to be seen": shown}
        assert not (await office.ana.submit(view, files, Prompt="they meet")).failed
        await office.server.until(lambda: office.ana.ephemerals)
        await life.live(5_000)
        taken = office.world.provider.taken["video_1"].request
        assert [one.read_bytes() for one in taken.references] == [
            b"fitted by None: cat",
            b"fitted by None: hat",
        ]
        assert taken.image is None


async def test_the_form_offers_the_styles_of_the_workspace(office: Office) -> None:
    async with office.bot(WAITING) as life:
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        assert "Style" not in view.text
        line = "style add noir black and white"
        await (await office.mara.slash(office.channel, "/sora-admin", line)).answer()
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        await office.ana.choose(view, "Style", "noir")
        await office.ana.choose(view, "Variations", "2")
        await office.server.until(lambda: "Costs 160 credits." in view.text)
        assert not (await office.ana.submit(view, Prompt="a paper boat")).failed
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        assert not (await office.ana.submit(view, Prompt="a paper hat")).failed
        await office.server.until(lambda: len(office.ana.ephemerals) == 2)
        await life.work()
        assert [job.sent_prompt for job in await life.jobs()] == [
            *2 * ["a paper boat\n\nStyle: black and white"],
            None,
        ]


async def test_the_form_lets_an_order_be_relaxed_for_less(office: Office) -> None:
    async with office.bot(CoreOptions(relaxed_off=20)) as life:
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        await office.ana.choose(view, "Start", "relaxed")
        await office.server.until(lambda: "Costs 64 credits." in view.text)
        await office.ana.submit(view, Prompt="a paper boat")
        assert view.closed
        (job,) = await life.jobs()
        assert (job.lane, job.offer.price) == (Lane.RELAXED, 64)


async def test_a_refused_form_stays_open_with_all_that_was_typed(office: Office) -> None:
    async with office.bot(CoreOptions(allowance=100)) as life:
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        await office.ana.choose(view, "Variations", "2")
        await office.ana.submit(view, Prompt="a paper boat")
        assert "you have 100" in view.errors["prompt"]
        assert not view.closed
        assert await life.jobs() == ()
        await office.ana.choose(view, "Variations", "1")
        await office.ana.submit(view)
        assert view.closed
        assert [job.spec.prompt for job in await life.jobs()] == ["a paper boat"]


async def test_a_form_sent_twice_is_one_order(office: Office) -> None:
    async with office.bot(WAITING) as life:
        view = await (await office.ana.slash(office.channel, "/sora")).dialog()
        office.server.post.lose = 1
        first = await office.ana.submit(view, Prompt="a paper boat")
        assert first.failed
        await office.ana.submit(view)
        assert view.closed
        assert len(await life.jobs()) == 1


async def test_a_form_from_the_global_menu_goes_where_it_says(office: Office) -> None:
    office.world.provider.instant = True
    elsewhere = office.server.channel("elsewhere")
    async with office.bot() as life:
        view = await (await office.ana.shortcut(MAKE)).dialog()
        office.ana.fill(view, "channel", elsewhere.id)
        await office.ana.submit(view, Prompt="a paper boat")
        await life.live(5_000)
        await office.server.until(lambda: office.videos(elsewhere))
        view = await (await office.ana.shortcut(MAKE)).dialog()
        await office.ana.submit(view, Prompt="a second boat")
        await life.live(5_000)
        await office.server.until(lambda: office.videos(office.ana.direct))


async def test_names_and_marks_in_a_prompt_stay_words(office: Office) -> None:
    async with office.bot() as life:
        prompt = f"<!channel> {office.ben.tag} *bold* `x` <b>&amp; 'quoted' > y"
        video = await a_video(life, office, prompt)
        shown = "<!channel> @ben *bold* `x` <b>&amp; 'quoted' > y"
        assert shown in video.text
        assert office.ben.tag not in video.text
        (job,) = await life.jobs()
        assert job.spec.prompt == shown
        for call in office.server.find("chat.*"):
            assert "<!channel>" not in call.args["text"]


async def test_four_variations_are_four_cards(office: Office) -> None:
    async with office.bot(WAITING) as life:
        asked = await office.ana.slash(office.channel, "/sora", "a kite x4")
        assert "4 videos accepted" in (await asked.answer()).text
        await life.live(5_000)
        assert len(office.cards()) == 4


async def test_what_cannot_be_is_told_with_what_was_typed(office: Office) -> None:
    async with office.bot() as life:
        asked = await office.ana.slash(office.channel, "/sora", "a kite seconds:9")
        text = (await asked.answer()).text
        assert "16 or 20" in text
        assert "a kite seconds:9" in text
        assert await life.jobs() == ()


async def test_the_whole_job_with_a_real_clip_plays_in_the_channel(office: Office) -> None:
    clip = made("-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=1", "-pix_fmt", "yuv420p")
    office.world.provider.video = clip
    async with office.bot(media=FfmpegMedia(Ffmpeg())) as life:
        video = await a_video(life, office)
        assert video.files[0].data.startswith(clip)
        assert video.files[0].name.endswith(".mp4")
        assert video.files[0].alt_text == "a kite"


# --- mentions and private messages ----------------------------------------------------------


async def test_a_mention_comes_twice_and_is_one_job(office: Office) -> None:
    office.world.provider.instant = True
    async with office.bot() as life:
        office.ana.mention(office.channel, "a red kite &amp; dunes 4s")
        await office.server.until(lambda: len(office.server.events.told) >= 2)
        await office.server.until(lambda: office.ana.ephemerals)
        await life.live(5_000)
        assert [job.spec.seconds for job in await life.jobs()] == [4]
        assert "40 credits held" in office.ana.ephemerals[0].text
        await office.server.until(office.videos)


async def test_a_mention_told_again_is_still_one_job(office: Office) -> None:
    async with office.bot(WAITING) as life:
        office.ana.mention(office.channel, "a red kite")
        await office.server.until(lambda: office.ana.ephemerals)
        for told in list(office.server.events.told):
            office.server.events.redeliver(told, under_new_id=True)
            office.server.events.redeliver(told)
        await life.live(2_000)
        assert len(await life.jobs()) == 1
        assert len(office.ana.ephemerals) == 1


async def test_a_mention_with_a_picture_lets_it_move(office: Office) -> None:
    async with office.bot() as life:
        picture = office.server.file("cat.png", b"a picture of a cat", office.ana)
        office.ana.mention(office.channel, "a cat that dances", files=[picture])
        await office.server.until(lambda: office.ana.ephemerals)
        await life.live(2_000)
        taken = office.world.provider.taken["video_1"].request
        assert taken.image
        assert taken.image.read_bytes() == b"fitted by crop: a picture of a cat"


async def test_a_private_message_is_a_private_job(office: Office) -> None:
    office.world.provider.instant = True
    async with office.bot() as life:
        office.ana.dm("a red kite")
        await office.server.until(lambda: office.ana.ephemerals)
        await life.live(5_000)
        assert office.ours() == []
        (video,) = await office.server.until(lambda: office.videos(office.ana.direct))
        assert "a red kite" in video.text
        pressed = await office.ana.press(video, "Again")
        assert "80 credits held" in (await pressed.answer()).text
        await life.live(5_000)
        await office.server.until(lambda: len(office.videos(office.ana.direct)) == 2)
        assert office.ours() == []


async def test_a_private_order_from_a_channel_is_seen_by_its_owner_alone(office: Office) -> None:
    office.world.provider.instant = True
    async with office.bot() as life:
        await (await office.ana.slash(office.channel, "/sora", "a kite private:yes")).answer()
        await life.live(5_000)
        await office.server.until(lambda: office.videos(office.ana.direct))
        assert office.ours() == []


async def test_the_bot_does_not_answer_itself_or_talk_that_is_not_for_it(office: Office) -> None:
    async with office.bot() as life:
        await a_video(life, office)
        office.ben.says(office.channel, "what a kite!")
        office.ben.says(office.channel, "indeed", thread=office.videos()[0])
        await life.live(2_000)
        assert len(await life.jobs()) == 1
        assert office.ben.ephemerals == []


# --- menus and buttons ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["picture", "clip"])
async def test_the_menu_on_a_members_own_file_lets_it_move(office: Office, kind: str) -> None:
    async with office.bot() as life:
        name = "cat.png" if kind == "picture" else "cat.mp4"
        file = office.server.file(name, b"a cat", office.ben)
        message = office.ben.says(office.channel, "my cat", files=[file])
        view = await (await office.ana.message_shortcut(message, REMIX)).dialog()
        await office.ana.submit(view, Prompt="it dances")
        assert view.closed
        await life.live(2_000)
        taken = office.world.provider.taken["video_1"].request
        assert taken.image
        assert b"a cat" in taken.image.read_bytes()


async def test_the_menu_on_a_message_without_a_video_says_so(office: Office) -> None:
    async with office.bot():
        message = office.ben.says(office.channel, "hello")
        asked = await office.ana.message_shortcut(message, REMIX)
        assert "no video of this bot" in (await asked.answer()).text


async def test_cancel_while_it_waits_gives_the_credits_back_at_once(office: Office) -> None:
    async with office.bot(WAITING) as life:
        await (await office.ana.slash(office.channel, "/sora", "a kite")).answer()
        await life.work()
        assert "1st in line" in office.card().text
        assert office.card().buttons["Cancel"]["confirm"]
        pressed = await office.ana.press(office.card(), "Cancel")
        assert "80 credits are back" in (await pressed.answer()).text
        await life.work()
        assert office.card().text.startswith("Cancelled.")
        assert "Cancel" not in office.card().buttons
        assert await purse(life, office) == (ALLOWANCE, 0)


async def test_cancel_while_it_renders_stops_the_backend(office: Office) -> None:
    async with office.bot() as life:
        await (await office.ana.slash(office.channel, "/sora", "a kite")).answer()
        await life.work()
        office.world.provider.now(S.RENDERING, 30)
        await life.wait(6_000)
        pressed = await office.ana.press(office.card(), "Cancel")
        assert "Cancel is noted" in (await pressed.answer()).text
        await life.wait(6_000)
        assert office.world.provider.stopped == ["video_1"]
        assert await purse(life, office) == (ALLOWANCE, 0)


async def test_only_the_owner_or_an_admin_may_cancel(office: Office) -> None:
    async with office.bot(WAITING) as life:
        await (await office.ana.slash(office.channel, "/sora", "a kite")).answer()
        await life.work()
        refused = await (await office.ben.press(office.card(), "Cancel")).answer()
        assert "somebody else’s" in refused.text
        done = await (await office.mara.press(office.card(), "Cancel")).answer()
        assert "Cancelled" in done.text


async def test_a_refused_prompt_can_be_changed_from_its_card(office: Office) -> None:
    async with office.bot() as life:
        await (await office.ana.slash(office.channel, "/sora", "a *famous* kite")).answer()
        await life.work()
        office.world.provider.now(S.MODERATED, error="policy")
        await life.wait(6_000)
        view = await (await office.ana.press(office.card(), "Change the prompt")).dialog()
        assert view.state["prompt"]["prompt"]["value"] == "a *famous* kite"
        await office.ana.submit(view, {"prompt": "a plain kite"})
        jobs = await life.jobs()
        assert [job.spec.prompt for job in jobs] == ["a *famous* kite", "a plain kite"]


async def test_a_form_that_slack_does_not_open_says_so(office: Office) -> None:
    async with office.bot():
        office.server.faults.refuse("views.open", "expired_trigger_id")
        asked = await office.ana.slash(office.channel, "/sora")
        assert "did not open the form" in (await asked.answer()).text


async def test_a_finished_video_is_shown_again_where_it_is_asked_for(office: Office) -> None:
    elsewhere = office.server.channel("elsewhere")
    async with office.bot() as life:
        await a_video(life, office)
        (job,) = await life.jobs()
        await (await office.ben.slash(elsewhere, "/sora", f"show {job.id}")).answer()
        await life.live(2_000)
        (video,) = await office.server.until(lambda: office.videos(elsewhere))
        assert list(video.buttons) == [
            "Remix",
            "Extend",
            "Again",
            "Finalize, 240 credits",
            "Details",
        ]


# --- places ---------------------------------------------------------------------------------


async def test_a_public_channel_is_joined_when_it_is_needed(office: Office) -> None:
    office.world.provider.instant = True
    public = office.server.channel("public", bot_inside=False)
    async with office.bot() as life:
        await (await office.ana.slash(public, "/sora", "a kite")).answer()
        await life.live(5_000)
        await office.server.until(lambda: office.videos(public))
        assert office.server.bot.id in public.members


async def test_a_private_channel_is_told_how_to_let_the_bot_in(office: Office) -> None:
    private = office.server.channel("secret", private=True, bot_inside=False)
    private.members.add(office.ana.id)
    async with office.bot(WAITING) as life:
        asked = await office.ana.slash(private, "/sora", "a kite")
        assert "/invite @sora" in (await asked.answer()).text
        assert await life.jobs() == ()
        office.ana.invites_bot(private)
        await (await office.ana.slash(private, "/sora", "a kite")).answer()
        await life.live(2_000)
        assert len(office.cards(private)) == 1


async def test_a_bot_that_was_put_out_comes_back_with_the_video(office: Office) -> None:
    async with office.bot() as life:
        await (await office.ana.slash(office.channel, "/sora", "a kite")).answer()
        await life.work()
        office.ana.removes_bot(office.channel)
        office.world.provider.finish()
        await life.live(10_000)
        await office.server.until(office.videos)


async def test_a_video_goes_to_its_owner_where_the_bot_cannot_come_back(office: Office) -> None:
    private = office.server.channel("secret", private=True)
    private.members.add(office.ana.id)
    async with office.bot() as life:
        await (await office.ana.slash(private, "/sora", "a kite")).answer()
        await life.work()
        office.ana.removes_bot(private)
        office.world.provider.finish()
        await life.live(10_000)
        await office.server.until(lambda: office.videos(office.ana.direct))
        assert [job.state for job in await life.jobs()] == [S.DONE]


async def test_people_of_other_organizations_cannot_spend_here(office: Office) -> None:
    stranger = office.server.stranger("Zoe", office.channel)
    async with office.bot() as life:
        stranger.mention(office.channel, "a kite")
        (answer,) = await office.server.until(lambda: stranger.ephemerals)
        assert "Only members of this workspace" in answer.text
        assert await life.jobs() == ()


# --- the home tab ---------------------------------------------------------------------------


async def test_the_home_tab_shows_credits_and_jobs_and_opens_the_form(office: Office) -> None:
    async with office.bot() as life:
        await a_video(life, office)
        office.ana.opens_home()
        home = await office.server.until(lambda: office.ana.home)
        assert home
        assert "1,920" in home.text
        assert "a kite" in home.text
        view = await (await office.ana.press(home, MAKE)).dialog()
        await office.ana.submit(view, Prompt="a second kite")
        await office.server.until(lambda: "a second kite" in home.text)
