"""What our own Discord refuses, as the real one does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.discord_server import spec
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.commands import NotOffered
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.interactions import Asked
from tests.fakes.discord_server.permissions import Permission
from tests.fakes.discord_server.raw import Raw, speaking
from tests.fakes.discord_server.server import DiscordServer
from tests.fakes.discord_server.studios import Studio

__all__ = ["discord_server"]

V2, EPHEMERAL, LOADING = 1 << 15, 1 << 6, 1 << 7
NEEDS_SPEC = pytest.mark.skipif(
    not spec.is_present(), reason="Discord's official description does not lie beside the checkout"
)


@pytest.fixture
async def raw(discord_server: DiscordServer) -> AsyncIterator[Raw]:
    """Requests that a correct bot would never send: what is wrong with them is forgiven."""
    async with speaking(discord_server) as spoken:
        yield spoken
    discord_server.violations.clear()


@pytest.fixture
def studio(discord_server: DiscordServer) -> Studio:
    return discord_server.guild("Studio")


@pytest.fixture
def channel(studio: Studio) -> Channel:
    return studio.channel("videos")


@pytest.fixture
async def asked(discord_server: DiscordServer, studio: Studio, channel: Channel) -> Asked:
    """An interaction that waits for its response; no bot is connected that could give one."""
    command = {"name": "make", "description": "Make a video", "type": 1}
    discord_server.commands.put(None, [command])
    return await studio.member("Ana").slash(channel, "make")


def text(words: str) -> dict[str, Any]:
    return {"type": 10, "content": words}


def button(label: str, custom_id: str) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id}


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def code(reply: tuple[int, Any]) -> tuple[int, int]:
    return reply[0], reply[1]["code"]


async def post(raw: Raw, channel: Channel, body: dict[str, Any]) -> tuple[int, Any]:
    return await raw.call("POST", f"/channels/{channel.id}/messages", body)


async def test_a_second_response_is_refused(raw: Raw, asked: Asked) -> None:
    assert (await raw.respond(asked, 5))[0] == 200
    assert code(await raw.respond(asked, 4, {"content": "hello"})) == (400, 40060)


async def test_a_late_response_is_refused(
    discord_server: DiscordServer, raw: Raw, asked: Asked
) -> None:
    asked.deadline = 0
    assert code(await raw.respond(asked, 5)) == (404, 10062)


async def test_an_old_token_opens_nothing(raw: Raw, asked: Asked) -> None:
    await raw.respond(asked, 5)
    asked.expire()
    assert code(await raw.edit_original(asked, {"content": "done"})) == (401, 50027)


async def test_deferring_fixes_who_sees_the_answer(
    raw: Raw, asked: Asked, channel: Channel
) -> None:
    assert code(await raw.respond(asked, 5, {"flags": EPHEMERAL | V2})) == (400, 50035)
    _, body = await raw.respond(asked, 5, {"flags": EPHEMERAL})
    assert body["resource"]["message"]["flags"] == EPHEMERAL | LOADING
    await raw.edit_original(asked, {"content": "only you see this"})
    assert asked.text == "only you see this"
    assert channel.messages == []
    path = f"/channels/{channel.id}/messages/{(await asked.answer()).id}"
    assert code(await raw.call("PATCH", path, {"content": "x"})) == (404, 10008)


async def test_the_first_follow_up_fills_the_deferred_answer(raw: Raw, asked: Asked) -> None:
    await raw.respond(asked, 5)
    hook = f"/webhooks/{raw.server.world.application_id}/{asked.token}"
    await raw.call("POST", hook, {"content": "first"})
    await raw.call("POST", hook, {"content": "second"})
    assert [one.text for one in asked.messages] == ["first", "second"]


async def test_a_dialog_is_never_followed_by_a_dialog(raw: Raw, asked: Asked) -> None:
    field = {"type": 18, "label": "Prompt", "component": {"type": 4, "custom_id": "p", "style": 1}}
    dialog = {"custom_id": "make:1", "title": "Make", "components": [field]}
    assert code(await raw.respond(asked, 9, dialog | {"title": "x" * 46})) == (400, 50035)
    assert (await raw.respond(asked, 9, dialog))[0] == 200
    assert asked.modal is not None
    ana: Any = asked.user
    submit = await ana.submit(asked.modal, p="a kite")
    assert code(await raw.respond(submit, 9, dialog)) == (400, 50035)


async def test_components_v2_has_no_content(raw: Raw, channel: Channel) -> None:
    both = {"flags": V2, "content": "old", "components": [text("new")]}
    assert code(await post(raw, channel, both)) == (400, 50035)
    _, sent = await post(raw, channel, {"content": "old"})
    path = f"/channels/{channel.id}/messages/{sent['id']}"
    change = {"flags": V2, "components": [text("new")]}
    assert code(await raw.call("PATCH", path, change)) == (400, 50035)
    status, _ = await raw.call("PATCH", path, change | {"content": None})
    assert (status, channel.messages[0].text) == (200, "new")
    assert code(await raw.call("PATCH", path, {"content": "old"})) == (400, 50035)


@pytest.mark.parametrize(
    "components",
    [
        [text("x")] * 41,
        [text("x" * 3000), text("x" * 1001)],
        [row(button("A", "same"), button("B", "same"))],
        [row(button("A", "x" * 101))],
        [row(button("x" * 81, "a"))],
        [button("A", "not in a row")],
        [{"type": 12, "items": [{"media": {"url": "attachment://missing.png"}}]}],
    ],
    ids=["41 parts", "4001 letters", "same id", "long id", "long label", "no row", "no file"],
)
async def test_components_have_limits(
    discord_server: DiscordServer, raw: Raw, channel: Channel, components: list[Any]
) -> None:
    assert code(await post(raw, channel, {"flags": V2, "components": components})) == (400, 50035)
    assert channel.messages == []
    assert discord_server.violations


async def test_every_upload_of_a_v2_message_is_shown(raw: Raw, channel: Channel) -> None:
    path = f"/channels/{channel.id}/messages"
    body = {"flags": V2, "components": [text("no film")]}
    assert code(await raw.upload("POST", path, body, {"kite.mp4": b"film"})) == (400, 50035)
    shown = {"type": 12, "items": [{"media": {"url": "attachment://kite.mp4"}}]}
    body = {"flags": V2, "components": [shown]}
    status, sent = await raw.upload("POST", path, body, {"kite.mp4": b"film"})
    assert status == 200
    assert sent["attachments"] == []
    media = sent["components"][0]["items"][0]["media"]
    assert media["attachment_id"] == str(channel.messages[0].files[0].id)


@pytest.mark.parametrize(
    "missing, wanted",
    [
        (Permission.VIEW_CHANNEL, (403, 50001)),
        (Permission.SEND_MESSAGES, (403, 50013)),
        (Permission.ATTACH_FILES, (403, 50013)),
    ],
)
async def test_posting_needs_rights(
    raw: Raw, studio: Studio, channel: Channel, missing: Permission, wanted: tuple[int, int]
) -> None:
    channel.deny(studio.everyone, missing)
    path = f"/channels/{channel.id}/messages"
    refused = await raw.upload("POST", path, {"content": "hello"}, {"cat.png": b"cat"})
    assert code(refused) == wanted
    channel.allow(studio.bot, missing)
    status, _ = await raw.upload("POST", path, {"content": "hello"}, {"cat.png": b"cat"})
    assert status == 200


async def test_reading_needs_the_right_to_read_history(
    raw: Raw, studio: Studio, channel: Channel
) -> None:
    said = studio.member("Ana").says(channel, "hello")
    path = f"/channels/{channel.id}/messages"
    assert len((await raw.call("GET", path))[1]) == 1
    channel.deny(studio.bot, Permission.READ_MESSAGE_HISTORY)
    assert await raw.call("GET", path) == (200, [])
    assert code(await raw.call("GET", f"{path}/{said.id}")) == (403, 50013)


async def test_what_is_not_there_is_unknown(raw: Raw, channel: Channel) -> None:
    assert code(await raw.call("GET", "/channels/1/messages/2")) == (404, 10003)
    assert code(await raw.call("GET", f"/channels/{channel.id}/messages/2")) == (404, 10008)


async def test_posting_wakes_an_archived_thread_and_editing_does_not(
    discord_server: DiscordServer, raw: Raw, channel: Channel
) -> None:
    _, first = await post(raw, channel, {"content": "result"})
    path = f"/channels/{channel.id}/messages/{first['id']}/threads"
    assert (await raw.call("POST", path, {"name": "Remixes"}))[0] == 201
    assert code(await raw.call("POST", path, {"name": "Remixes"})) == (400, 160004)
    thread = discord_server.thread(channel.messages[0])
    assert thread is not None
    _, sent = await post(raw, thread, {"content": "a remix"})
    thread.archive()
    edit = f"/channels/{thread.id}/messages/{sent['id']}"
    assert code(await raw.call("PATCH", edit, {"content": "x"})) == (400, 50083)
    assert (await post(raw, thread, {"content": "another"}))[0] == 200
    assert not thread.archived
    thread.archive(locked=True)
    assert code(await post(raw, thread, {"content": "one more"})) == (400, 160005)


async def test_threads_need_room_and_rights(raw: Raw, studio: Studio, channel: Channel) -> None:
    _, first = await post(raw, channel, {"content": "result"})
    path = f"/channels/{channel.id}/messages/{first['id']}/threads"
    studio.max_active_threads = 0
    assert code(await raw.call("POST", path, {"name": "Remixes"})) == (400, 160006)
    channel.deny(studio.bot, Permission.CREATE_PUBLIC_THREADS)
    assert code(await raw.call("POST", path, {"name": "Remixes"})) == (403, 50013)


async def test_a_forum_holds_threads_only(raw: Raw, studio: Studio) -> None:
    forum = studio.forum("ideas")
    assert code(await post(raw, forum, {"content": "hello"})) == (400, 40058)
    thread = studio.member("Ana").opens_post(forum, "Kites")
    assert (await post(raw, thread, {"content": "hello"}))[0] == 200


async def test_an_archived_thread_can_be_opened_again(
    discord_server: DiscordServer, raw: Raw, studio: Studio, channel: Channel
) -> None:
    said = studio.member("Ana").says(channel, "hello")
    thread = discord_server.world.open_thread(said.id, channel, "Remixes", said.author)
    thread.archive()
    path = f"/channels/{thread.id}"
    assert code(await raw.call("PATCH", path, {"locked": True})) == (403, 50013)
    assert (await raw.call("PATCH", path, {"archived": False}))[0] == 200
    assert not thread.archived


async def test_a_bot_that_was_thrown_out_has_no_access(
    raw: Raw, studio: Studio, channel: Channel
) -> None:
    studio.throw_out_bot()
    assert code(await post(raw, channel, {"content": "hello"})) == (403, 50001)


async def test_only_the_asker_sees_a_private_answer(raw: Raw, studio: Studio, asked: Asked) -> None:
    components = [row(button("Remix", "remix:1"))]
    await raw.respond(asked, 4, {"components": components, "flags": EPHEMERAL})
    answer = await asked.answer()
    with pytest.raises(NotOffered, match="does not see"):
        await studio.member("Ben").press(answer, "Remix")


async def test_a_select_offers_its_options_only(raw: Raw, asked: Asked) -> None:
    options = [{"label": "Short", "value": "4"}, {"label": "Long", "value": "12"}]
    select = {"type": 3, "custom_id": "seconds", "options": options}
    await raw.respond(asked, 4, {"components": [row(select)]})
    ana: Any = asked.user
    chosen = await ana.choose(await asked.answer(), "seconds", ["Long"])
    assert chosen.data["values"] == ["12"]
    with pytest.raises(NotOffered, match="no option"):
        await ana.choose(await asked.answer(), "seconds", ["Huge"])


async def test_only_own_messages_are_edited(raw: Raw, studio: Studio, channel: Channel) -> None:
    said = studio.member("Ana").says(channel, "hello")
    path = f"/channels/{channel.id}/messages/{said.id}"
    assert code(await raw.call("PATCH", path, {"content": "x"})) == (403, 50005)
    assert code(await raw.call("DELETE", path)) == (403, 50013)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Make"},
        {"name": "x" * 33},
        {"description": "x" * 101},
        {"options": [{"type": 3, "name": f"o{n}", "description": "x"} for n in range(26)]},
        {
            "options": [
                {"type": 3, "name": "maybe", "description": "x"},
                {"type": 3, "name": "needed", "description": "x", "required": True},
            ]
        },
    ],
    ids=["upper case", "long name", "long description", "26 options", "wrong order"],
)
async def test_commands_have_limits(
    discord_server: DiscordServer, raw: Raw, change: dict[str, Any]
) -> None:
    path = f"/applications/{discord_server.world.application_id}/commands"
    command = {"name": "make", "description": "Make a video", "type": 1}
    assert (await raw.call("PUT", path, [command]))[0] == 200
    assert code(await raw.call("PUT", path, [command | change])) == (400, 50035)
    assert discord_server.violations


async def test_sixteen_menus_are_too_many(raw: Raw) -> None:
    path = f"/applications/{raw.server.world.application_id}/commands"
    menus = [{"name": f"Menu {number}", "type": 3} for number in range(16)]
    assert (await raw.call("PUT", path, menus[:15]))[0] == 200
    assert (await raw.call("PUT", path, menus))[0] == 400


async def test_unknown_routes_are_a_violation(discord_server: DiscordServer, raw: Raw) -> None:
    assert code(await raw.call("GET", "/no/such/route")) == (404, 0)
    assert discord_server.violations.pop() == "GET /no/such/route: no such route"


async def test_a_nonce_is_short(raw: Raw, channel: Channel) -> None:
    long = {"content": "done", "nonce": "x" * 26, "enforce_nonce": True}
    assert code(await post(raw, channel, long)) == (400, 50035)
    short = long | {"nonce": "job-1"}
    first, again = await post(raw, channel, short), await post(raw, channel, short)
    assert first == again


async def test_a_wrong_token_is_refused(raw: Raw, channel: Channel) -> None:
    assert (await raw.call("GET", f"/channels/{channel.id}", token="another"))[0] == 401


@NEEDS_SPEC
async def test_a_wrong_name_in_a_body_is_found(
    discord_server: DiscordServer, raw: Raw, channel: Channel
) -> None:
    assert code(await post(raw, channel, {"contents": "hello"})) == (400, 50035)
    assert "contents" in discord_server.violations.pop()
