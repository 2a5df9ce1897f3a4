"""What Slack refuses, and what a correct bot never sends."""

import hashlib
from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest

from tests.fakes.slack_server import spec
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.limits import Window, busiest
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.sample import Client, refused
from tests.fakes.slack_server.scene import ana, channel, client
from tests.fakes.slack_server.server import SlackServer

__all__ = ["ana", "channel", "client", "slack_server"]

Body = dict[str, Any]
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


async def refusal(call: Awaitable[object]) -> str:
    return (await refused(call)).error


async def upload(server: SlackServer, client: Client, data: bytes, name: str = "a.mp4") -> str:
    """The first two steps: a file's id."""
    announced = await client.files_getUploadURLExternal(filename=name, length=len(data))
    async with (
        aiohttp.ClientSession() as session,
        session.post(announced["upload_url"], data=data) as response,
    ):
        assert response.status == 200
    return announced["file_id"]


async def test_tokens_are_looked_at(slack_server: SlackServer, client: Client) -> None:
    assert (await client.auth_test())["user_id"] == slack_server.bot.id
    assert await refusal(client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert await refusal(client.auth_test(token=slack_server.app_token)) == "not_allowed_token_type"
    assert await refusal(client.apps_connections_open(app_token="xapp-other")) == "invalid_auth"
    slack_server.revoke()
    assert await refusal(client.auth_test()) == "token_revoked"


async def test_a_method_wants_its_scope(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    slack_server.world.offers.scopes.discard("chat:write")
    slack_server.world.offers.scopes.discard("channels:history")
    failure = await refused(client.chat_postMessage(channel=channel.id, text="hello"))
    assert failure.error == "missing_scope"
    assert failure.body["needed"] == "chat:write"
    assert await refusal(client.conversations_history(channel=channel.id)) == "missing_scope"


async def test_the_bot_joins_public_channels_and_is_invited_to_private_ones(
    slack_server: SlackServer, client: Client
) -> None:
    public = slack_server.channel("public", bot_inside=False)
    private = slack_server.channel("private", private=True, bot_inside=False)
    ana = slack_server.member("Ana", private)
    post = client.chat_postMessage
    assert await refusal(post(channel=public.id, text="hello")) == "not_in_channel"
    assert await refusal(post(channel=private.id, text="hello")) == "channel_not_found"
    await client.conversations_join(channel=public.id)
    ana.invites_bot(private)
    await post(channel=public.id, text="hello")
    await post(channel=private.id, text="hello")
    assert (await client.conversations_info(channel=private.id))["channel"]["is_member"]
    private.archived = True
    assert await refusal(post(channel=private.id, text="hello")) == "is_archived"


async def test_the_bot_lists_where_it_is_page_by_page(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    slack_server.channel("elsewhere", bot_inside=False)
    private = slack_server.channel("private", private=True)
    old = slack_server.channel("old")
    old.archived = True
    both = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 1}
    first = await client.users_conversations(**both)
    assert [one["id"] for one in first["channels"]] == [channel.id]
    assert "is_member" not in first["channels"][0]
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.users_conversations(**both, cursor=cursor)
    assert [one["id"] for one in second["channels"]] == [private.id]
    assert second["response_metadata"]["next_cursor"] == ""
    public = await client.users_conversations()
    assert [one["id"] for one in public["channels"]] == [channel.id, old.id]


async def test_each_kind_of_channel_is_listed_by_its_own_right(
    slack_server: SlackServer, client: Client
) -> None:
    slack_server.world.offers.scopes.discard("groups:read")
    await client.users_conversations(types="public_channel")
    failure = await refused(client.users_conversations(types="public_channel,private_channel"))
    assert (failure.error, failure.body["needed"]) == ("missing_scope", "groups:read")
    assert await refusal(client.users_conversations(types="dream")) == "invalid_types"
    assert await refusal(client.users_conversations(limit=1000)) == "invalid_limit"


async def test_private_conversations_can_be_closed(
    slack_server: SlackServer, client: Client, ana: Person
) -> None:
    opened = await client.conversations_open(users=ana.id)
    assert opened["channel"]["id"] == ana.direct.id
    await client.chat_postMessage(channel=ana.id, text="hello")
    assert [one.text for one in ana.direct.messages] == ["hello"]
    slack_server.world.messages_tab = False
    post = client.chat_postMessage
    assert await refusal(post(channel=ana.direct.id, text="hello")) == "messages_tab_disabled"
    ana.deactivated = True
    assert await refusal(client.conversations_open(users=ana.id)) == "user_disabled"


async def test_only_those_in_a_channel_are_whispered_to(
    slack_server: SlackServer, client: Client, channel: Channel, ana: Person
) -> None:
    ben = slack_server.member("Ben")
    whisper = client.chat_postEphemeral
    await whisper(channel=channel.id, user=ana.id, text="psst")
    assert [one.text for one in ana.ephemerals] == ["psst"]
    error = await refusal(whisper(channel=channel.id, user=ben.id, text="psst"))
    assert error == "user_not_in_channel"
    hidden = ana.ephemerals[0].ts
    update = client.chat_update(channel=channel.id, ts=hidden, text="louder")
    assert await refusal(update) == "message_not_found"


async def test_an_edit_with_blocks_shows_no_mark_and_one_without_takes_them_away(
    client: Client, channel: Channel
) -> None:
    posted = await client.chat_postMessage(channel=channel.id, text="1", blocks=[SECTION])
    (message,) = channel.messages
    await client.chat_update(channel=channel.id, ts=posted["ts"], text="2", blocks=[SECTION])
    assert not message.shows_edited
    await client.chat_update(channel=channel.id, ts=posted["ts"], text="3")
    assert message.shows_edited
    assert (message.blocks, message.edits) == ([], 2)
    await client.chat_delete(channel=channel.id, ts=posted["ts"])
    assert channel.messages == []


async def test_words_of_others_are_left_alone(
    client: Client, channel: Channel, ana: Person
) -> None:
    said = ana.says(channel, "mine")
    update = client.chat_update(channel=channel.id, ts=said.ts, text="yours")
    assert await refusal(update) == "cant_update_message"
    assert (
        await refusal(client.chat_delete(channel=channel.id, ts=said.ts)) == "cant_delete_message"
    )


async def test_replies_are_in_their_thread(client: Client, channel: Channel, ana: Person) -> None:
    root = ana.says(channel, "first")
    posted = await client.chat_postMessage(channel=channel.id, text="reply", thread_ts=root.ts)
    assert [one.text for one in root.replies] == ["reply"]
    assert channel.messages == channel.threads == [root]
    read = await client.conversations_replies(channel=channel.id, ts=root.ts)
    assert [one["ts"] for one in read["messages"]] == [root.ts, posted["ts"]]
    history = await client.conversations_history(channel=channel.id)
    assert [one["text"] for one in history["messages"]] == ["first"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "x" * 40_001},
        {"text": "-", "blocks": [SECTION] * 51},
        {"text": "-", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}]},
        {"text": "-", "blocks": [SECTION | {"block_id": "a"}] * 2},
        {"text": "-", "blocks": [{"type": "file", "external_id": "1", "source": "remote"}]},
        {"text": "-", "mood": "good"},
    ],
    ids=["no text", "long text", "51 blocks", "empty section", "same id", "file", "unknown"],
)
async def test_a_wrong_message_is_a_violation(
    slack_server: SlackServer, client: Client, channel: Channel, wrong: Body
) -> None:
    call = client.api_call("chat.postMessage", json={"channel": channel.id} | wrong)
    assert await refusal(call)
    assert len(slack_server.violations) == 1
    slack_server.violations.clear()


@pytest.mark.skipif(not spec.is_present(), reason="the types of Block Kit do not lie beside us")
async def test_blocks_are_compared_with_the_official_types(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    wrong = {"type": "section", "text": {"type": "mrkdown", "text": "hello"}}
    call = client.chat_postMessage(channel=channel.id, text="-", blocks=[wrong])
    assert await refusal(call) == "invalid_blocks"
    assert "mrkdown" in slack_server.violations.pop()


async def test_wrong_views_are_violations(slack_server: SlackServer, client: Client) -> None:
    title = {"type": "plain_text", "text": "much longer than twenty-four"}
    view: Body = {"type": "modal", "title": title, "blocks": [SECTION]}
    assert await refusal(client.views_open(trigger_id="1", view=view)) == "invalid_arguments"
    assert "title has 28 characters" in slack_server.violations.pop()


async def test_messages_to_one_channel_are_limited(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    other = slack_server.channel("other")
    for _ in range(3):
        await client.chat_postMessage(channel=channel.id, text="hello")
    failure = await refused(client.chat_postMessage(channel=channel.id, text="hello"))
    assert failure.status == 429
    assert 1 <= int(failure.headers["Retry-After"]) <= 3
    await client.chat_postMessage(channel=other.id, text="hello")
    assert len(channel.messages) == 3


async def test_edits_are_limited_for_the_whole_workspace(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    posted = await client.chat_postMessage(channel=channel.id, text="0")
    for number in range(50):
        await client.chat_update(channel=channel.id, ts=posted["ts"], text=str(number))
    error = await refusal(client.chat_update(channel=channel.id, ts=posted["ts"], text="50"))
    assert error == "ratelimited"
    assert channel.messages[0].text == "49"


async def test_polling_a_file_is_limited_too(
    slack_server: SlackServer, client: Client, ana: Person
) -> None:
    file = slack_server.file("a.mp4", b"film", ana)
    for _ in range(100):
        await client.files_info(file=file.id)
    assert await refusal(client.files_info(file=file.id)) == "ratelimited"


def test_a_window_slides() -> None:
    window = Window(2, 60)
    assert [window.take(at) for at in (0, 30, 40, 60, 70)] == [0, 0, 20, 0, 20]
    assert window.take(90) == 0


@pytest.mark.parametrize(
    "moments, most",
    [([], 0), ([5], 1), ([0, 59, 60, 119], 2), ([0, 1, 2, 50, 61, 62], 4)],
)
def test_the_worst_minute_is_any_minute(moments: list[float], most: int) -> None:
    assert busiest(moments) == most


async def test_edits_are_counted_when_they_took_effect(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    posted = await client.chat_postMessage(channel=channel.id, text="0")
    slack_server.faults.fail("chat.update", 503)
    slack_server.faults.throttle("chat.update")
    for number in range(5):
        update = client.chat_update(channel=channel.id, ts=posted["ts"], text=str(number))
        await (update if number > 1 else refused(update))
    assert slack_server.edits_in_worst_minute() == 3
    assert slack_server.edits_in_worst_minute("chat.postMessage") == 1
    assert slack_server.edits_in_worst_minute("chat.delete") == 0


async def test_a_thread_shows_a_status_until_the_bot_writes(
    client: Client, channel: Channel, ana: Person
) -> None:
    root = ana.says(channel, "a kite")
    say = client.assistant_threads_setStatus
    place = {"channel_id": channel.id, "thread_ts": root.ts}
    await say(**place, status="is rendering", loading_messages=["Mixing colours"])
    ana.says(channel, "hurry", thread=root)
    assert (root.status, root.loading) == ("is rendering", ["Mixing colours"])
    await client.chat_postMessage(channel=channel.id, text="Made", thread_ts=root.ts)
    assert root.status == ""
    await say(**place, status="is rendering")
    root.expire_status()
    assert root.status == ""
    reply = root.replies[-1].ts
    assert await refusal(say(channel_id=channel.id, thread_ts=reply, status="-")) == (
        "invalid_thread_ts"
    )


async def test_a_status_takes_ten_texts(
    slack_server: SlackServer, client: Client, channel: Channel, ana: Person
) -> None:
    root = ana.says(channel, "a kite")
    say = client.assistant_threads_setStatus
    place = {"channel_id": channel.id, "thread_ts": root.ts}
    assert await refusal(say(**place, status="-", loading_messages=["-"] * 11))
    assert "11 loading_messages" in slack_server.violations.pop()
    slack_server.world.offers.scopes.discard("chat:write")
    assert await refusal(say(**place, status="-")) == "missing_scope"


async def test_a_film_stands_in_its_channel_some_time_after_it_came(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    data = b"film" * 1000
    file_id = await upload(slack_server, client, data)
    blocks = [SECTION, {"type": "actions", "elements": [_button("Remix")]}]
    body = {"files": [{"id": file_id, "title": "A kite"}], "channel_id": channel.id}
    done = await client.api_call("files.completeUploadExternal", json=body | {"blocks": blocks})
    assert done["files"][0]["shares"] == {}
    assert done["files"][0]["mimetype"] == ""
    message = (await slack_server.until(lambda: channel.messages))[0]
    assert list(message.buttons) == ["Remix"]
    assert message.files[0].sha256 == hashlib.sha256(data).hexdigest()
    shown = (await client.files_info(file=file_id))["file"]
    assert shown["shares"] == {"public": {channel.id: [{"ts": message.ts}]}}
    assert shown["mimetype"] == "video/mp4"


async def test_the_uploader_of_the_sdk_works(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    await client.files_upload_v2(channel=channel.id, content=b"film", filename="a.mp4")
    message = (await slack_server.until(lambda: channel.messages))[0]
    assert message.files[0].data == b"film"


async def test_an_upload_may_come_as_a_form(slack_server: SlackServer, client: Client) -> None:
    announced = await client.files_getUploadURLExternal(filename="a.mp4", length=4)
    form = aiohttp.FormData()
    form.add_field("file", b"film", filename="a.mp4")
    async with (
        aiohttp.ClientSession() as session,
        session.post(announced["upload_url"], data=form) as response,
    ):
        assert response.status == 200
    assert slack_server.world.shelf.files[announced["file_id"]].data == b"film"


async def test_a_film_needs_a_place_and_all_its_bytes(
    slack_server: SlackServer, client: Client, channel: Channel, ana: Person
) -> None:
    complete = client.files_completeUploadExternal
    file_id = await upload(slack_server, client, b"film")
    files = [{"id": file_id}]
    assert await refusal(complete(files=files, channel_id=ana.id)) == "invalid_arguments"
    outside = slack_server.channel("outside", bot_inside=False)
    assert await refusal(complete(files=files, channel_id=outside.id)) == "not_in_channel"
    announced = await client.files_getUploadURLExternal(filename="b.mp4", length=9)
    files = [{"id": announced["file_id"]}]
    assert await refusal(complete(files=files, channel_id=channel.id)) == "file_not_found"
    assert "channel_id is 'U" in slack_server.violations.pop()


async def test_a_film_outlives_its_message_and_is_deleted_by_itself(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    file_id = await upload(slack_server, client, b"film")
    files = [{"id": file_id}]
    await client.files_completeUploadExternal(files=files, channel_id=channel.id)
    (film,) = await slack_server.until(lambda: channel.messages)
    await client.chat_delete(channel=channel.id, ts=film.ts)
    assert channel.messages == []
    await client.files_info(file=file_id)
    slack_server.world.offers.scopes.discard("files:write")
    assert await refusal(client.files_delete(file=file_id)) == "missing_scope"
    slack_server.world.offers.scopes.add("files:write")
    await client.files_delete(file=file_id)
    for call in (client.files_info, client.files_delete):
        assert await refusal(call(file=file_id)) == "file_not_found"


async def test_files_of_others_are_left_alone(
    slack_server: SlackServer, client: Client, ana: Person
) -> None:
    photo = slack_server.file("photo.png", b"pixels", ana)
    assert await refusal(client.files_delete(file=photo.id)) == "cant_delete_file"
    assert not photo.deleted


async def test_replies_outlive_the_message_that_they_stand_under(
    client: Client, channel: Channel, ana: Person
) -> None:
    root = await client.chat_postMessage(channel=channel.id, text="first")
    reply = ana.says(channel, "second", thread=channel.messages[0])
    await client.chat_delete(channel=channel.id, ts=root["ts"])
    assert channel.find(root["ts"]) is None
    assert channel.find(reply.ts) is reply


async def test_an_upload_of_another_length_is_a_violation(
    slack_server: SlackServer, client: Client
) -> None:
    announced = await client.files_getUploadURLExternal(filename="a.mp4", length=9)
    async with (
        aiohttp.ClientSession() as session,
        session.post(announced["upload_url"], data=b"film") as response,
    ):
        assert response.status == 400
    assert "4 bytes came, 9 were announced" in slack_server.violations.pop()


async def test_a_markdown_block_beside_a_file_breaks_slack(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    files = [{"id": await upload(slack_server, client, b"film")}]
    body = {"files": files, "channel_id": channel.id}
    body["blocks"] = [{"type": "markdown", "text": "hello"}]
    call = client.api_call("files.completeUploadExternal", json=body)
    assert await refusal(call) == "internal_error"
    slack_server.violations.clear()


async def test_downloads_want_the_token(slack_server: SlackServer, ana: Person) -> None:
    file = slack_server.file("photo.png", b"pixels", ana)
    headers = {"Authorization": f"Bearer {slack_server.bot_token}"}
    async with aiohttp.ClientSession() as session:
        async with session.get(file.url, headers=headers) as response:
            assert await response.read() == b"pixels"
        async with session.get(file.url) as response:
            assert (response.status, response.content_type) == (200, "text/html")


async def test_groups_and_people_can_be_looked_up(
    slack_server: SlackServer, client: Client, ana: Person
) -> None:
    ana.is_admin = True
    group = slack_server.usergroup("admins", ana)
    assert (await client.users_info(user=ana.id))["user"]["is_admin"]
    assert (await client.usergroups_list())["usergroups"][0]["id"] == group
    assert (await client.usergroups_users_list(usergroup=group))["users"] == [ana.id]


async def test_unknown_methods_are_violations(slack_server: SlackServer, client: Client) -> None:
    assert await refusal(client.reactions_add(channel="C", name="eyes", timestamp="1"))
    assert "unknown_method" in slack_server.violations.pop()


def _button(label: str) -> Body:
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "text": text, "action_id": label.lower(), "value": "1"}
