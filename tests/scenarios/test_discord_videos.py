"""The main job on Discord: ask, watch the card, get the video."""

from __future__ import annotations

from adapters.media.ffmpeg import Ffmpeg
from adapters.media.media import FfmpegMedia
from bot import wording
from bot.domain.catalogue import Catalogue
from bot.domain.jobs import JobState
from bot.domain.refs import Place, Tenant
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE
from tests.fakes.core import Options as CoreOptions
from tests.fakes.discord_bot import Life, Town, plain_text
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.rich import ABLE, RICH
from tests.payloads.clips import made

S = JobState
WAITING = CoreOptions(allowed=Allowed(slots=0))
"""Nothing is let through: what is ordered waits."""


async def purse(life: Life, town: Town) -> tuple[int, int]:
    """What Ana can spend, and what is held for her."""
    return await life.core.purse(town.as_person(town.ana))


# --- ordering -----------------------------------------------------------------------------


async def test_a_command_becomes_a_card_and_the_card_becomes_a_video(town: Town) -> None:
    async with town.bot() as life:
        asked = await town.ana.slash(
            town.channel, "sora create", prompt="a red kite", seconds="4", size="720x1280"
        )
        answer = await asked.answer()
        assert answer.ephemeral
        assert "40 credits held, 1,960 left" in plain_text(answer)
        await life.work()
        card = town.card()
        assert "> a red kite" in card.text
        assert card.pings == []
        town.world.provider.now(S.RENDERING, 48)
        await life.wait(10_000)
        assert "Rendering 48 %" in plain_text(card)
        town.world.provider.finish()
        await life.wait(10_000)
        video = town.videos()[0]
        assert video.pings == [town.ana]
        assert list(video.buttons) == [
            "Remix",
            "Extend",
            "Again",
            "Finalize, 120 credits",
            "Details",
        ]
        assert video.files[0].path.read_bytes() == town.world.provider.video + b"video_1"
        assert plain_text(card).startswith("Done")
        assert [job.state for job in await life.jobs()] == [S.DONE]
        assert await purse(life, town) == (ALLOWANCE - 40, 0)


async def test_an_order_for_later_counts_down_on_its_card_and_starts_at_its_time(
    town: Town,
) -> None:
    async with town.bot() as life:
        asked = await town.ana.slash(
            town.channel, "sora create", prompt="a red kite", seconds="4", when="+1m"
        )
        answer = await asked.answer()
        assert "40 credits held, 1,960 left" in plain_text(answer)
        await life.wait(5_000)
        (job,) = await life.jobs()
        assert f"<t:{(job.not_before or 0) // 1000}:R>" in town.card().text
        assert town.world.provider.posts == 0
        await life.wait(56_000)
        assert town.world.provider.posts == 1


async def test_the_form_orders_a_video_with_its_picture(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        asked = await town.ana.slash(town.channel, "sora compose")
        assert asked.modal
        sent = await town.ana.submit(
            asked.modal,
            prompt="a paper boat",
            model="sora-2-pro",
            size="1792x1024",
            seconds="8",
            image=[town.server.file("boat.png", b"a picture of a boat")],
        )
        assert "400 credits held" in plain_text(await sent.answer())
        await life.wait(5_000)
        (job,) = await life.jobs()
        assert (job.spec.prompt, job.spec.model, str(job.spec.size)) == (
            "a paper boat",
            "sora-2-pro",
            "1792x1024",
        )
        taken = town.world.provider.taken["video_1"].request
        assert taken.image
        assert taken.image.read_bytes() == b"fitted by crop: a picture of a boat"
        assert len(town.videos()) == 1


async def test_a_picture_given_with_the_command_is_the_first_frame(town: Town) -> None:
    async with town.bot() as life:
        picture = town.server.file("cat.png", b"a picture of a cat")
        asked = await town.ana.slash(
            town.channel, "sora create", prompt="a cat that dances", image=picture, fit="pad"
        )
        await asked.answer()
        town.server.world.shelf.links_expired = True
        await life.wait(2_000)
        taken = town.world.provider.taken["video_1"].request
        assert taken.image
        assert taken.image.read_bytes() == b"fitted by pad: a picture of a cat"


async def test_a_command_brings_both_frames_or_what_is_to_be_seen_and_says_how_it_sounds(
    town: Town,
) -> None:
    town.world.provider.capabilities = ABLE
    files = {name: town.server.file(f"{name}.png", name.encode()) for name in ("cat", "hat")}
    async with town.bot(CoreOptions(catalogue=Catalogue((RICH,)))) as life:
        framed = {"image": files["cat"], "last": files["hat"], "sound": "off"}
        await (await town.ana.slash(town.channel, "sora create", prompt="a", **framed)).answer()
        shown = {"reference": files["cat"], "reference_2": files["hat"]}
        await (await town.ana.slash(town.channel, "sora create", prompt="b", **shown)).answer()
        await life.wait(2_000)
        first, second = (one.request for one in town.world.provider.taken.values())
        assert first.last
        assert first.last.read_bytes() == b"fitted by crop: hat"
        assert (first.sound, first.references) == (False, ())
        assert [one.read_bytes() for one in second.references] == [
            b"fitted by None: cat",
            b"fitted by None: hat",
        ]
        assert (second.sound, second.image) == (None, None)


async def test_a_file_that_is_no_picture_is_refused_and_the_prompt_is_given_back(
    town: Town,
) -> None:
    async with town.bot() as life:
        asked = await town.ana.slash(
            town.channel,
            "sora create",
            prompt="a cat that *dances*",
            image=town.server.file("cat.pdf", b"%PDF"),
        )
        answer = plain_text(await asked.answer())
        assert "Image cannot be “cat.pdf”" in answer
        assert "Nothing was started or charged." in answer
        assert "> a cat that *dances*" in answer
        assert await life.jobs() == ()


async def test_the_whole_job_with_a_real_clip_plays_in_the_channel(
    town: Town,
) -> None:
    clip = made("-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=1", "-pix_fmt", "yuv420p")
    town.world.provider.video = clip
    town.world.provider.instant = True
    async with town.bot(media=FfmpegMedia(Ffmpeg())) as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a test")).answer()
        await life.wait(5_000)
        assert town.videos()[0].files[0].path.read_bytes().startswith(clip)


async def test_four_variations_are_four_cards(town: Town) -> None:
    async with town.bot(WAITING) as life:
        asked = await town.ana.slash(town.channel, "sora create", prompt="a kite", count=4)
        assert "4 videos accepted" in plain_text(await asked.answer())
        await life.work()
        assert len(town.cards()) == 4


async def test_names_of_others_in_a_prompt_notify_nobody(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        prompt = f"@everyone <@{town.ben.id}> [click](https://x.example) `x` **bold**"
        await (await town.ana.slash(town.channel, "sora create", prompt=prompt)).answer()
        await life.wait(5_000)
        assert [one.pings for one in town.ours()] == [[], [town.ana]]
        assert f"> {prompt}" in plain_text(town.videos()[0])


# --- stopping and looking -------------------------------------------------------------------


async def test_cancel_while_it_waits_gives_the_credits_back_at_once(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        assert "1st in line" in plain_text(town.card())
        pressed = await town.ana.press(town.card(), "Cancel")
        assert "80 credits are back" in plain_text(await pressed.answer())
        await life.work()
        assert plain_text(town.card()).startswith("Cancelled.")
        assert "Cancel" not in town.card().buttons
        assert await purse(life, town) == (ALLOWANCE, 0)


async def test_cancel_while_it_renders_stops_the_backend(town: Town) -> None:
    async with town.bot() as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        town.world.provider.now(S.RENDERING, 30)
        await life.wait(6_000)
        pressed = await town.ana.press(town.card(), "Cancel")
        assert "Cancel is noted" in plain_text(await pressed.answer())
        await life.wait(6_000)
        assert town.world.provider.stopped == ["video_1"]
        assert await purse(life, town) == (ALLOWANCE, 0)


async def test_only_the_owner_or_an_admin_may_cancel(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        refused = await (await town.ben.press(town.card(), "Cancel")).answer()
        assert "somebody else’s" in plain_text(refused)
        assert "Cancelled" in plain_text(
            await (await town.mara.press(town.card(), "Cancel")).answer()
        )


async def test_details_are_for_the_reader_alone(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        details = await (await town.ben.press(town.card(), "Details")).answer()
        assert details.ephemeral
        assert "asked by @Ana" in plain_text(details)
        assert len(town.ours()) == 1


async def test_again_orders_the_same_for_whoever_presses_it(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.wait(5_000)
        await (await town.ben.press(town.videos()[0], "Again")).answer()
        await life.wait(5_000)
        assert [job.person.name for job in await life.jobs()] == ["Ana", "Ben"]
        assert town.videos()[1].pings == [town.ben]


async def test_a_refused_prompt_can_be_changed_from_its_card(town: Town) -> None:
    async with town.bot() as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a *famous* kite")).answer()
        await life.work()
        town.world.provider.now(S.MODERATED, error="policy")
        await life.wait(6_000)
        asked = await town.ana.press(town.card(), "Change the prompt")
        assert asked.modal
        assert asked.modal.components[0]["component"]["value"] == "a *famous* kite"
        await (await town.ana.submit(asked.modal, prompt="a plain kite")).answer()
        jobs = await life.jobs()
        assert [job.spec.prompt for job in jobs] == ["a *famous* kite", "a plain kite"]


async def test_a_finished_video_is_shown_again_where_it_is_asked_for(town: Town) -> None:
    town.world.provider.instant = True
    elsewhere = town.studio.channel("elsewhere")
    async with town.bot() as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.wait(5_000)
        (choice,) = await town.ben.autocomplete(
            town.channel, "sora show", option="job", typed="KITE"
        )
        assert "done · a kite" in choice.name
        await (await town.ben.slash(elsewhere, "sora show", job=choice.value)).answer()
        await life.work()
        assert list(town.videos(elsewhere)[0].buttons) == [
            "Remix",
            "Extend",
            "Again",
            "Finalize, 240 credits",
            "Details",
        ]


async def test_suggestions_offer_only_what_the_command_can_use(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        for command, number in (("cancel", 1), ("status", 1), ("show", 0), ("retry", 0)):
            found = await town.ana.autocomplete(
                town.channel, f"sora {command}", option="job", typed=""
            )
            assert len(found) == number, command


async def test_the_menus_of_a_message_know_its_video(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.wait(5_000)
        details = await (await town.ben.message_menu(town.videos()[0], "Video details")).answer()
        assert "asked by @Ana" in plain_text(details)
        nothing = await town.ben.message_menu(town.ben.says(town.channel, "hello"), "Video details")
        assert "no video of this bot" in plain_text(await nothing.answer())


async def test_the_menu_on_a_picture_lets_it_move(town: Town) -> None:
    async with town.bot() as life:
        message = town.ben.says(town.channel, "my cat")
        message.files.append(town.server.file("cat.png", b"a picture of a cat"))
        asked = await town.ana.message_menu(message, "Remix this video")
        assert asked.modal
        await (await town.ana.submit(asked.modal, prompt="the cat dances")).answer()
        await life.wait(2_000)
        taken = town.world.provider.taken["video_1"].request
        assert taken.image
        assert taken.image.read_bytes() == b"fitted by crop: a picture of a cat"


async def test_the_menu_on_a_message_without_anything_says_so(town: Town) -> None:
    async with town.bot():
        message = town.ben.says(town.channel, "hello")
        asked = await town.ana.message_menu(message, "Remix this video")
        assert "no video of this bot" in plain_text(await asked.answer())


async def test_lists_help_and_quota_answer_the_asker_alone(town: Town) -> None:
    async with town.bot(WAITING) as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        for command, words in (
            ("jobs", "a kite · waiting"),
            ("queue", "1st in line"),
            ("quota", "1,920 credits to spend · 80 held by running jobs"),
            ("help", "/sora create"),
        ):
            answer = await (await town.ana.slash(town.channel, f"sora {command}")).answer()
            assert words in plain_text(answer)
            assert answer.ephemeral


# --- in private -----------------------------------------------------------------------------


async def test_a_private_order_is_delivered_by_direct_message(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        asked = await town.ana.slash(
            town.channel, "sora create", prompt="a secret kite", private=True
        )
        assert "Show my video" in (await asked.answer()).buttons
        await life.wait(5_000)
        assert town.ours() == []
        video = town.videos(town.ana.dm)[0]
        assert "a secret kite" in video.text
        details = await (await town.ana.press(video, "Details")).answer()
        assert "a secret kite" in details.text


async def test_somebody_without_direct_messages_gets_their_video_by_a_button(town: Town) -> None:
    town.ana.dms_closed = True
    town.world.provider.instant = True
    async with town.bot() as life:
        asked = await town.ana.slash(
            town.channel, "sora create", prompt="a secret kite", private=True
        )
        await asked.answer()
        await life.wait(5_000)
        (note,) = town.ours()
        assert note.pings == [town.ana]
        assert "secret" not in note.text
        theirs = await (await town.ben.press(note, "Show")).answer()
        assert "no job" in plain_text(theirs)
        hers = await (await town.ana.press(note, "Show")).answer()
        assert hers.ephemeral
        assert hers.files[0].size > 0
        assert [job.state for job in await life.jobs()] == [S.DONE]


async def test_a_private_message_to_the_bot_counts_for_the_only_server(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        asked = await town.ana.slash(town.ana.dm, "sora create", prompt="a kite")
        await asked.answer()
        await life.wait(5_000)
        assert len(town.videos(town.ana.dm)) == 1
        assert (await life.jobs())[0].person.tenant.id == str(town.studio.id)


async def test_a_private_message_of_two_servers_asks_for_a_channel(town: Town) -> None:
    other = town.server.guild("Other")
    other.join(town.ana)
    async with town.bot() as life:
        asked = await town.ana.slash(town.ana.dm, "sora create", prompt="a kite")
        assert "use one of its channels" in plain_text(await asked.answer())
        assert await life.jobs() == ()
    async with town.bot(home=str(other.id)) as life:
        await (await town.ana.slash(town.ana.dm, "sora create", prompt="a kite")).answer()
        assert (await life.jobs())[0].person.tenant.id == str(other.id)


async def test_buttons_of_an_answer_in_private_know_their_server(town: Town) -> None:
    town.server.guild("Other").join(town.ana)
    town.world.provider.instant = True
    async with town.bot() as life:
        asked = await town.ana.slash(town.channel, "sora create", prompt="a kite", private=True)
        await asked.answer()
        await life.wait(5_000)
        details = await (await town.ana.press(town.videos(town.ana.dm)[0], "Details")).answer()
        again = await (await town.ana.press(details, "Details")).answer()
        assert "a kite" in plain_text(again)


async def test_who_is_no_member_orders_nothing_in_private(town: Town) -> None:
    other = town.server.guild("Other")
    stranger = other.member("Eve")
    async with town.bot(home=str(town.studio.id)) as life:
        asked = await stranger.slash(stranger.dm, "sora create", prompt="a kite")
        assert "There is no server" in plain_text(await asked.answer())
        assert await life.jobs() == ()


# --- where the bot may not post ---------------------------------------------------------------


async def test_a_channel_without_the_right_to_attach_files_is_refused_before_any_hold(
    town: Town,
) -> None:
    town.channel.deny(town.studio.everyone, Permission.ATTACH_FILES)
    async with town.bot() as life:
        asked = await town.ana.slash(town.channel, "sora create", prompt="a kite")
        answer = plain_text(await asked.answer())
        assert "the bot lacks the permission Attach Files" in answer
        assert "> a kite" in answer
        assert await life.jobs() == ()
        assert await purse(life, town) == (0, 0)


async def test_a_server_that_has_only_the_commands_is_told_so_before_any_hold(
    town: Town,
) -> None:
    async with town.bot() as life:
        chat = life.chat
        elsewhere = Place(Tenant("discord", "1"), "2")
        assert await chat.preflight(elsewhere) == (wording.DISCORD_NOT_A_MEMBER,)
        unseen = Place(town.as_person(town.ana).tenant, "2")
        assert await chat.preflight(unseen) == (wording.DISCORD_CANNOT_SEE,)
        seen = Place(town.as_person(town.ana).tenant, str(town.channel.id))
        assert await chat.preflight(seen) == ()


async def test_a_right_that_is_lost_while_it_renders_sends_the_video_in_private(
    town: Town,
) -> None:
    async with town.bot() as life:
        await (await town.ana.slash(town.channel, "sora create", prompt="a kite")).answer()
        await life.work()
        town.channel.deny(town.studio.everyone, Permission.SEND_MESSAGES)
        town.world.provider.finish()
        await life.wait(10_000)
        assert town.videos() == []
        assert town.videos(town.ana.dm)[0].pings == [town.ana]
        assert [job.state for job in await life.jobs()] == [S.DONE]
