"""Several workspaces with one app, how they take it in or throw it out, and people from outside."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck
from slack_sdk.oauth.installation_store import Installation

from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.offers import NotOffered
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.sample import (
    App,
    Client,
    agree,
    an_app,
    an_app_for_all,
    by_http,
    by_sockets,
    refused,
)
from tests.fakes.slack_server.scene import ana, channel, client
from tests.fakes.slack_server.server import SlackServer
from tests.fakes.slack_server.team import Team

__all__ = ["ana", "channel", "client", "slack_server"]

Body = dict[str, Any]
HOME = "http://127.0.0.1/slack/oauth_redirect"


@pytest.fixture
def second(slack_server: SlackServer) -> Team:
    return slack_server.team("Second")


async def refusal(call: Awaitable[object]) -> str:
    return (await refused(call)).error


def link_of(server: SlackServer, **more: str) -> str:
    asked = {"client_id": server.oauth.client_id, "scope": "commands", "state": "s1"} | more
    return f"{server.authorize_url}?" + "&".join(f"{name}={text}" for name, text in asked.items())


def code_in(address: str) -> str:
    return address.partition("code=")[2].partition("&")[0]


def make_videos(app: App, seen: list[Body]) -> None:
    @app.command("/sora")
    async def make(ack: AsyncAck, client: Client, body: Body) -> None:
        seen.append(body)
        await ack()
        await client.chat_postMessage(channel=body["channel_id"], text=f"Making {body['text']}")

    @app.event("app_mention")
    async def mentioned(body: Body) -> None:
        seen.append(body)

    @app.event("message")
    async def said() -> None: ...


async def test_each_workspace_installs_the_app_and_is_answered_with_its_own_token(
    slack_server: SlackServer, ana: Person, channel: Channel, tmp_path: Path
) -> None:
    second = slack_server.team("Second", installed=False)
    shop = second.channel("shop")
    ben = second.member("Ben", shop)
    with pytest.raises(NotOffered):
        await ben.slash(shop, "/sora", "a boat")
    seen: list[Body] = []
    async with an_app_for_all(slack_server, tmp_path) as app, by_http(app, slack_server) as url:
        make_videos(app, seen)
        place = url.removesuffix("/slack/events")
        for person in (ana, ben):
            assert await agree(place, slack_server, person) == 200
        await ana.slash(channel, "/sora", "a kite")
        await ben.slash(shop, "/sora", "a boat")
    assert [one["team_id"] for one in seen] == [slack_server.home.id, second.id]
    assert [one["team_domain"] for one in seen] == ["studio", "second"]
    assert [one.text for one in channel.messages] == ["Making a kite"]
    assert [one.text for one in shop.messages] == ["Making a boat"]
    posts = slack_server.find("chat.postMessage")
    assert [one.token for one in posts] == [slack_server.bot_token, second.bot_token]
    assert [one.team_id for one in posts] == [slack_server.home.id, second.id]


async def test_all_workspaces_share_the_sockets(
    slack_server: SlackServer, second: Team, ana: Person, channel: Channel, tmp_path: Path
) -> None:
    shop = second.channel("shop")
    ben = second.member("Ben", shop)
    seen: list[Body] = []
    async with an_app_for_all(slack_server, tmp_path) as app:
        for team in (slack_server.home, second):
            await app.oauth_flow.settings.installation_store.async_save(installation(team))
        make_videos(app, seen)
        async with by_sockets(app, slack_server, 2):
            ana.mention(channel, "hello")
            await ben.slash(shop, "/sora", "a boat")
            ben.mention(shop, "hello")
            await slack_server.until(lambda: len(seen) == 3)
    mentions = {one["team_id"]: one for one in seen if one.get("type") == "event_callback"}
    assert mentions.keys() == {slack_server.home.id, second.id}
    for team in (slack_server.home, second):
        told = mentions[team.id]
        assert told["authorizations"][0]["team_id"] == told["event"]["team"] == team.id
        assert told["authorizations"][0]["user_id"] == team.bot.id
    assert {one["api_app_id"] for one in seen} == {slack_server.world.app_id}
    assert "Making a boat" in [one.text for one in shop.messages]


def installation(team: Team) -> Installation:
    return Installation(
        app_id=team.world.app_id,
        team_id=team.id,
        user_id="U1",
        bot_token=team.bot_token,
        bot_id=team.bot.bot_id,
        bot_user_id=team.bot.id,
        bot_scopes=sorted(team.gate.scopes),
    )


async def test_a_code_works_once_for_the_app_that_asked(
    slack_server: SlackServer, client: Client
) -> None:
    second = slack_server.team("Second", installed=False)
    ben = second.member("Ben")
    oauth = slack_server.oauth
    address = oauth.allow(link_of(slack_server, redirect_uri=HOME), ben)
    assert address.startswith(HOME)
    assert address.endswith("state=s1")
    right = {"client_id": oauth.client_id, "client_secret": oauth.client_secret}
    right |= {"code": code_in(address), "redirect_uri": HOME}

    async def error(**wrong: str) -> str:
        return await refusal(client.oauth_v2_access(**(right | wrong)))

    assert await error(client_id="2.1") == "invalid_client_id"
    assert await error(client_secret="guessed") == "bad_client_secret"
    assert await error(code="guessed") == "invalid_code"
    assert await error(redirect_uri="http://127.0.0.1/elsewhere") == "bad_redirect_uri"
    given = await client.oauth_v2_access(**right)
    assert (given["team"]["id"], given["scope"]) == (second.id, "commands")
    assert given["authed_user"]["id"] == ben.id
    assert (await client.auth_test(token=given["access_token"]))["team_id"] == second.id
    assert await error() == "code_already_used"


async def test_who_says_no_is_sent_back_without_a_code(slack_server: SlackServer) -> None:
    link = link_of(slack_server, redirect_uri=HOME)
    assert slack_server.oauth.deny(link) == f"{HOME}?error=access_denied&state=s1"
    with pytest.raises(AssertionError, match="of another app"):
        slack_server.oauth.deny(link.replace("client_id=1.2", "client_id=9.9"))


async def test_a_token_opens_its_own_workspace_only(
    slack_server: SlackServer, second: Team, client: Client, channel: Channel
) -> None:
    shop = second.channel("shop")
    token = second.bot_token
    post = client.chat_postMessage
    assert await refusal(post(channel=shop.id, text="hello")) == "channel_not_found"
    assert await refusal(post(channel=channel.id, text="hello", token=token)) == "channel_not_found"
    await post(channel=shop.id, text="hello", token=token)
    assert [one.author for one in shop.messages] == [second.bot]
    assert (await client.auth_test(token=token))["url"] == "https://second.slack.com/"


async def test_files_and_answers_find_their_workspace(
    slack_server: SlackServer, second: Team, client: Client
) -> None:
    shop = second.channel("shop")
    await client.files_upload_v2(
        channel=shop.id, content=b"film", filename="a.mp4", token=second.bot_token
    )
    message = (await slack_server.until(lambda: shop.messages))[0]
    assert message.files[0].data == b"film"
    assert await refusal(client.files_info(file=message.files[0].id)) == "file_not_found"


async def test_limits_are_of_each_workspace(
    slack_server: SlackServer, second: Team, client: Client
) -> None:
    slack_server.limit("users.info", 2)
    people = [(team, team.member("Somebody")) for team in (slack_server.home, second)]
    for team, person in people:
        for _ in range(2):
            await client.users_info(user=person.id, token=team.bot_token)
        error = await refusal(client.users_info(user=person.id, token=team.bot_token))
        assert error == "ratelimited"


async def test_a_token_is_revoked_in_one_workspace(
    slack_server: SlackServer, second: Team, client: Client
) -> None:
    token = second.bot_token
    second.revoke()
    assert await refusal(client.auth_test(token=token)) == "token_revoked"
    assert (await client.auth_test())["ok"]
    assert second.install() != token
    assert (await client.auth_test(token=second.bot_token))["ok"]
    assert [one.data["type"] for one in second.events.told] == ["tokens_revoked"]
    assert slack_server.events.told == []


async def test_an_app_that_was_thrown_out_hears_of_it_and_is_gone(
    slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    heard: list[str] = []
    async with an_app(slack_server) as app, by_sockets(app, slack_server):

        @app.event("app_uninstalled")
        async def gone(body: Body) -> None:
            heard.append(body["team_id"])

        @app.event("tokens_revoked")
        async def revoked() -> None: ...

        await app.client.auth_test()
        slack_server.home.uninstall()
        await slack_server.until(lambda: heard)
        assert heard == [slack_server.home.id]
        assert await refusal(app.client.auth_test()) == "account_inactive"
        ana.mention(channel, "anybody?")
        with pytest.raises(NotOffered):
            await ana.slash(channel, "/sora")
    kinds = [one.data["type"] for one in slack_server.events.told]
    assert kinds == ["tokens_revoked", "app_uninstalled"]


async def test_people_from_outside_write_and_press_but_have_no_commands(
    slack_server: SlackServer, client: Client, channel: Channel
) -> None:
    eve = slack_server.stranger("Eve", channel)
    seen: list[Body] = []
    async with an_app(slack_server) as app, by_sockets(app, slack_server):
        make_videos(app, seen)

        @app.action("remix")
        async def remix(ack: AsyncAck, client: Client, body: Body) -> None:
            seen.append(body)
            await client.views_open(trigger_id=body["trigger_id"], view=DIALOG)
            await ack()

        @app.view("remix")
        async def take(ack: AsyncAck, body: Body) -> None:
            seen.append(body)
            await ack()

        eve.mention(channel, "hello")
        await slack_server.until(lambda: seen)
        await client.chat_postMessage(channel=channel.id, text="A kite", blocks=[BUTTONS])
        await eve.press(channel.messages[-1], "Remix")
        await eve.submit(eve.view)
    mention, pressed, sent = seen
    home, abroad = slack_server.home.id, eve.team_id
    assert abroad != home
    assert mention["is_ext_shared_channel"]
    assert (mention["team_id"], mention["event"]["user_team"]) == (home, abroad)
    assert (pressed["team"]["id"], pressed["user"]["team_id"]) == (home, abroad)
    assert (sent["team"]["id"], sent["view"]["app_installed_team_id"]) == (abroad, home)
    for entered in (eve.slash(channel, "/sora"), eve.shortcut("Make a video")):
        with pytest.raises(NotOffered, match="Eve has no such app"):
            await entered


async def test_people_from_outside_are_seen_as_such(
    slack_server: SlackServer, client: Client, channel: Channel, ana: Person
) -> None:
    assert not (await client.conversations_info(channel=channel.id))["channel"]["is_ext_shared"]
    eve = slack_server.stranger("Eve", channel)
    shown = (await client.users_info(user=eve.id))["user"]
    assert (shown["team_id"], shown["is_stranger"]) == (eve.team_id, True)
    assert not (await client.users_info(user=ana.id))["user"]["is_stranger"]
    assert (await client.conversations_info(channel=channel.id))["channel"]["is_ext_shared"]


BUTTONS: Body = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": "Remix"},
            "action_id": "remix",
            "value": "1",
        }
    ],
}
DIALOG: Body = {
    "type": "modal",
    "callback_id": "remix",
    "title": {"type": "plain_text", "text": "Remix"},
    "submit": {"type": "plain_text", "text": "Make"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "A kite"}}],
}
