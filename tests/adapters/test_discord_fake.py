"""The unmodified discord.py client against our own server."""

import asyncio
import hashlib
import io
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands, ui

from tests.fakes.discord_server.commands import NotOffered
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.sample import SampleBot, ShardedBot, card, running
from tests.fakes.discord_server.server import DiscordServer
from tests.fakes.discord_server.users import MIB

__all__ = ["discord_server"]

Interaction = discord.Interaction[Any]


class MakeDialog(ui.Modal, title="Make a video"):
    prompt = ui.Label[ui.LayoutView](
        text="Prompt", component=ui.TextInput(custom_id="prompt", style=discord.TextStyle.long)
    )
    pictures = ui.Label[ui.LayoutView](
        text="Pictures", component=ui.FileUpload(custom_id="image", required=False, max_values=2)
    )

    async def on_submit(self, interaction: Interaction) -> None:
        upload = self.pictures.component
        assert isinstance(upload, ui.FileUpload)
        names = [file.filename for file in upload.values]
        await interaction.response.send_message(f"{self.custom_id} {names}", ephemeral=True)


def bot_with_all() -> SampleBot:
    bot = SampleBot()
    tree = bot.tree

    @tree.command(description="Make a video")
    async def make(
        interaction: Interaction, prompt: str, image: discord.Attachment | None = None
    ) -> None:
        await interaction.response.defer()
        said = f"Making {prompt}" + (f" from {image.filename}" if image else "")
        button = ui.Button[Any](label="Cancel", custom_id="cancel:1")
        await interaction.edit_original_response(view=card(said, ui.ActionRow(button)))

    @tree.command(description="Make a video in a dialog")
    async def dialog(interaction: Interaction) -> None:
        await interaction.response.send_modal(MakeDialog(custom_id="make:1", timeout=60))

    @tree.command(description="Show a video")
    async def show(interaction: Interaction, job: str) -> None:
        await interaction.response.send_message(job, ephemeral=True)

    @show.autocomplete("job")
    async def jobs(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}!", value=typed)]

    @tree.command(description="Change limits")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def admin(interaction: Interaction) -> None:
        await interaction.response.send_message("Done")

    @tree.context_menu(name="Remix")
    async def remix(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Remix of {message.content}", ephemeral=True)

    @tree.context_menu(name="Quota")
    async def quota(interaction: Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"Quota of {member.display_name}", ephemeral=True)

    @bot.event
    async def on_ready() -> None:
        await tree.sync()

    assert [make, dialog, show, jobs, admin, remix, quota, on_ready]
    return bot


async def synced(server: DiscordServer) -> None:
    await server.until(lambda: server.commands.puts)


async def test_a_command_is_deferred_then_answered(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana = studio.member("Ana")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        picture = discord_server.file("cat.png", b"not a real picture")
        asked = await ana.slash(channel, "make", prompt="a red kite", image=picture)
        message = await asked.answer()
    assert asked.acked is not None
    assert asked.acked.type == 5
    assert message.text == "Making a red kite from cat.png"
    assert list(message.buttons) == ["Cancel"]
    assert message.accent == 0x123456
    assert channel.messages == [message]


async def test_commands_work_in_private(discord_server: DiscordServer) -> None:
    ana = discord_server.guild("Studio").member("Ana")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        asked = await ana.slash(ana.dm, "make", prompt="a kite")
        assert await asked.answer() is ana.dm.messages[0]


async def test_admin_commands_are_hidden_and_guild_only(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana, mara = studio.member("Ana"), studio.member("Mara", Permission.MANAGE_GUILD)
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        assert not ana.sees(channel, "admin")
        with pytest.raises(NotOffered, match="hidden"):
            await ana.slash(channel, "admin")
        with pytest.raises(NotOffered, match="DMs"):
            await mara.slash(mara.dm, "admin")
        assert (await mara.slash(channel, "admin")).text == "Done"


async def test_options_are_checked_as_a_client_does(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana = studio.member("Ana")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        with pytest.raises(NotOffered, match="prompt is required"):
            await ana.slash(channel, "make")
        with pytest.raises(NotOffered, match="does not take 3"):
            await ana.slash(channel, "make", prompt=3)
        with pytest.raises(NotOffered, match="no option colour"):
            await ana.slash(channel, "make", prompt="a kite", colour="red")


async def test_a_dialog_is_filled_in_with_a_file(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    ana = studio.member("Ana")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        asked = await ana.slash(studio.channel("videos"), "dialog")
        with pytest.raises(NotOffered, match="prompt is required"):
            await ana.submit(asked.modal)
        picture = discord_server.file("cat.png", b"cat")
        sent = await ana.submit(asked.modal, prompt="a kite", image=[picture])
        answer = await sent.answer()
    assert answer.text == "make:1 ['cat.png']"
    assert answer.ephemeral


async def test_menus_carry_their_targets(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana, ben = studio.member("Ana"), studio.member("Ben")
    said = ben.says(channel, "look at this")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        assert (await ana.message_menu(said, "Remix")).text == "Remix of look at this"
        assert (await ana.user_menu(ben, "Quota")).text == "Quota of Ben"


async def test_suggestions_come_while_typing(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    ana = studio.member("Ana")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        choices = await ana.autocomplete(studio.channel("videos"), "show", option="job", typed="k7")
    assert [(one.name, one.value) for one in choices] == [("k7!", "k7")]


async def test_a_button_carries_its_message(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana = studio.member("Ana")
    bot = bot_with_all()
    async with running(bot, discord_server):
        await synced(discord_server)
        message = await (await ana.slash(channel, "make", prompt="a kite")).answer()
        pressing = asyncio.create_task(ana.press(message, "Cancel"))
        await discord_server.until(lambda: bot.seen[-1].type is discord.InteractionType.component)
        pressed = bot.seen[-1]
        assert pressed.message is not None
        shown = ui.LayoutView.from_message(pressed.message)
        await pressed.response.edit_message(view=shown)
        assert await (await pressing).answer() is message
    assert message.edits == 1


async def test_a_file_is_uploaded_from_disk(discord_server: DiscordServer, tmp_path: Path) -> None:
    channel = discord_server.guild("Studio").channel("videos")
    film = tmp_path / "kite.mp4"
    film.write_bytes(b"film" * MIB)
    view = card("Here", ui.MediaGallery(discord.MediaGalleryItem("attachment://kite.mp4")))
    bot = SampleBot()
    async with running(bot, discord_server):
        place = bot.get_partial_messageable(channel.id)
        posted = await place.send(view=view, file=discord.File(film))
    (stored,) = channel.messages[0].files
    assert posted.id == channel.messages[0].id
    assert stored.size == 4 * MIB
    assert stored.sha256 == hashlib.sha256(film.read_bytes()).hexdigest()


async def test_an_upload_above_the_limit_is_refused(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    bot = SampleBot()
    async with running(bot, discord_server):
        place = bot.get_partial_messageable(channel.id)
        big = b"x" * (11 * MIB)
        with pytest.raises(discord.HTTPException) as refused:
            await place.send(file=discord.File(io.BytesIO(big), "kite.mp4"))
        studio.set_tier(2)
        await discord_server.until(lambda: bot.guilds[0].filesize_limit == 50 * MIB)
        await place.send(file=discord.File(io.BytesIO(big), "kite.mp4"))
    assert (refused.value.status, refused.value.code) == (413, 40005)


async def test_an_attachment_can_be_fetched_until_its_link_expires(
    discord_server: DiscordServer,
) -> None:
    channel = discord_server.guild("Studio").channel("videos")
    bot = SampleBot()
    async with running(bot, discord_server):
        place = bot.get_partial_messageable(channel.id)
        posted = await place.send(file=discord.File(io.BytesIO(b"film"), "kite.mp4"))
        assert await posted.attachments[0].read() == b"film"
        discord_server.world.shelf.links_expired = True
        with pytest.raises(discord.NotFound):
            await posted.attachments[0].read()


async def test_the_same_nonce_posts_once(discord_server: DiscordServer) -> None:
    channel = discord_server.guild("Studio").channel("videos")
    bot = SampleBot()
    async with running(bot, discord_server):
        place = bot.get_partial_messageable(channel.id)
        first = await place.send("done", nonce="job-1")
        second = await place.send("done", nonce="job-1")
    assert first.id == second.id
    assert len(channel.messages) == 1


async def test_a_thread_is_opened_on_a_message(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    bot = SampleBot()
    async with running(bot, discord_server):
        place = bot.get_partial_messageable(channel.id, guild_id=studio.id)
        posted = await place.send("done")
        thread = await place.get_partial_message(posted.id).create_thread(name="Remixes")
        await thread.send("first remix")
        with pytest.raises(discord.HTTPException) as refused:
            await place.get_partial_message(posted.id).create_thread(name="Again")
    opened = discord_server.thread(channel.messages[0])
    assert opened is not None
    assert opened.id == posted.id == thread.id
    assert [one.text for one in opened.messages] == ["first remix"]
    assert refused.value.code == 160004


async def test_a_private_message_may_be_refused(discord_server: DiscordServer) -> None:
    ana = discord_server.guild("Studio").member("Ana")
    bot = SampleBot()
    async with running(bot, discord_server):
        private = await bot.create_dm(discord.Object(ana.id))
        await private.send("hello")
        ana.dms_closed = True
        with pytest.raises(discord.Forbidden) as refused:
            await private.send("hello?")
    assert refused.value.code == 50007
    assert [one.text for one in ana.dm.messages] == ["hello"]


async def test_pings_follow_allowed_mentions(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana, ben = studio.member("Ana"), studio.member("Ben")
    bot = SampleBot()
    async with running(bot, discord_server):
        place = bot.get_partial_messageable(channel.id)
        words = card(f"{ana.mention} {ben.mention} @everyone")
        only_ana = discord.AllowedMentions(users=[discord.Object(ana.id)], everyone=False)
        await place.send(view=words, allowed_mentions=only_ana)
        await place.send(view=words)
    assert [one.pings for one in channel.messages] == [[ana], []]


async def test_events_missed_are_given_again(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana = studio.member("Ana")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
        discord_server.gateway.reconnect()
        await discord_server.until(lambda: not discord_server.gateway.connected)
        asked = await ana.slash(channel, "make", prompt="a kite")
        await asked.answer()
    assert discord_server.gateway.resumes == 1
    assert discord_server.gateway.identifies == 1


async def test_guilds_are_shared_out_to_shards(discord_server: DiscordServer) -> None:
    discord_server.recommend_shards(2)
    discord_server.commands.put(None, [{"name": "make", "description": "Make", "type": 1}])
    studio = discord_server.guild("Studio")
    ana = studio.member("Ana")
    bot = ShardedBot()
    async with running(bot, discord_server):
        await ana.slash(studio.channel("videos"), "make")
        await ana.slash(ana.dm, "make")
        assert sorted(one.shard for one in discord_server.gateway.sessions) == [0, 1]
    assert bot.heard == [(studio.id >> 22) % 2, None]


async def test_commands_may_be_of_one_guild_only(discord_server: DiscordServer) -> None:
    studio, other = discord_server.guild("Studio"), discord_server.guild("Other")
    ana = studio.member("Ana")
    other.join(ana)
    bot = bot_with_all()
    async with running(bot, discord_server):
        await synced(discord_server)
        bot.tree.copy_global_to(guild=discord.Object(studio.id))
        bot.tree.clear_commands(guild=None)
        await bot.tree.sync()
        await bot.tree.sync(guild=discord.Object(studio.id))
        assert not ana.sees(other.channel("videos"), "show")
        asked = await ana.slash(studio.channel("videos"), "show", job="k7")
    assert asked.text == "k7"


async def test_waiting_in_vain_tells_the_last_requests(discord_server: DiscordServer) -> None:
    async with SampleBot() as bot:
        await bot.login(discord_server.token)
        with pytest.raises(AssertionError, match="GET /users/@me → 200"):
            await discord_server.until(lambda: False, timeout=0.01)


async def test_an_invalid_session_identifies_again(discord_server: DiscordServer) -> None:
    discord_server.guild("Studio")
    async with running(SampleBot(), discord_server):
        discord_server.gateway.invalidate()
        await discord_server.until(lambda: discord_server.gateway.identifies == 2)
        await discord_server.until(lambda: len(discord_server.gateway.connected) == 1)


async def test_a_dropped_line_is_resumed(discord_server: DiscordServer) -> None:
    discord_server.guild("Studio")
    async with running(SampleBot(), discord_server):
        discord_server.gateway.drop(4000)
        await discord_server.until(lambda: discord_server.gateway.resumes == 1)


async def test_who_did_not_ask_for_reactions_hears_of_none(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    ana = studio.member("Ana")
    message = ana.says(studio.channel("videos"), "look")
    async with running(SampleBot(), discord_server):
        assert ana.reacts(message, "⭐") == 0
    listener = SampleBot(discord.Intents(guilds=True, guild_reactions=True))
    async with running(listener, discord_server):
        assert ana.takes_back(message, "⭐") == 1
        assert ana.takes_back(message, "⭐") == 0
        assert ana.reacts(message, "⭐") == 1
        assert ana.reacts(message, "⭐") == 0
        hello = ana.says(ana.dm, "hello")
        assert ana.reacts(hello, "⭐") == 0


async def test_what_is_known_can_be_looked_up(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio", tier=2)
    channel = studio.channel("videos")
    ana = studio.member("Ana")
    for number in range(3):
        ana.says(channel, str(number))
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
    async with SampleBot() as bot:
        await bot.login(discord_server.token)
        assert [one.name async for one in bot.fetch_guilds(limit=None)] == ["Studio"]
        guild = await bot.fetch_guild(studio.id)
        assert guild.filesize_limit == 50 * MIB
        assert (await guild.fetch_member(ana.id)).display_name == "Ana"
        assert [one.name for one in await guild.fetch_channels()] == ["videos"]
        assert next(one.name for one in await guild.fetch_roles()) == "@everyone"
        place = bot.get_partial_messageable(channel.id)
        middle = discord.Object(channel.messages[1].id)
        told = [one.content async for one in place.history(around=middle, limit=3)]
        assert sorted(told) == ["0", "1", "2"]
        assert len(await bot.tree.fetch_commands()) == 6


async def test_events_of_a_thread_reach_the_bot(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    forum = studio.forum("ideas")
    ana = studio.member("Ana")
    bot = SampleBot()
    async with running(bot, discord_server):
        thread = ana.opens_post(forum, "Kites")
        await discord_server.until(lambda: bot.guilds[0].get_thread(thread.id))
        thread.archive(locked=True)
        await discord_server.until(lambda: not bot.guilds[0].get_thread(thread.id))
        studio.throw_out_bot()
        await discord_server.until(lambda: not bot.guilds)


async def test_a_wrong_token_cannot_log_in(discord_server: DiscordServer) -> None:
    async with SampleBot() as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("another token")


async def test_the_first_of_two_bots_wins(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    channel = studio.channel("videos")
    ana = studio.member("Ana")
    first, second = bot_with_all(), bot_with_all()
    async with running(first, discord_server), running(second, discord_server):
        await discord_server.until(lambda: discord_server.commands.puts == 2)
        asked = await ana.slash(channel, "make", prompt="a kite")
        await asked.answer()
        await discord_server.until(lambda: first.failures or second.failures)
    (lost,) = first.failures + second.failures
    assert isinstance(lost, app_commands.CommandInvokeError)
    assert isinstance(lost.original, discord.HTTPException)
    assert lost.original.code == 40060
    assert len(channel.messages) == 1


async def test_a_response_may_be_too_late(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    ana = studio.member("Ana")
    bot = bot_with_all()
    async with running(bot, discord_server):
        await synced(discord_server)
        discord_server.interactions.late = 1
        asked = await ana.slash(studio.channel("videos"), "make", prompt="a kite")
        await discord_server.until(lambda: bot.failures)
    assert asked.failed == "The application did not respond"
    assert discord_server.find("POST /interactions/**")[0].code == 10062


async def test_nobody_answers_when_no_bot_is_there(discord_server: DiscordServer) -> None:
    studio = discord_server.guild("Studio")
    ana = studio.member("Ana")
    channel = studio.channel("videos")
    async with running(bot_with_all(), discord_server):
        await synced(discord_server)
    discord_server.gateway.forget()
    asked = await ana.slash(channel, "make", prompt="a kite")
    assert asked.failed == "The application did not respond"
