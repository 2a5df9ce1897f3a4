"""The unmodified bolt app against our own server: what people do, over sockets."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncRespond, AsyncSay

from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.offers import NotOffered
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.sample import App, Client, an_app, by_sockets
from tests.fakes.slack_server.scene import ana, app, channel
from tests.fakes.slack_server.server import SlackServer

__all__ = ["ana", "app", "channel", "slack_server"]

Body = dict[str, Any]


def section(text: str) -> Body:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(label: str, action_id: str, value: str = "-") -> Body:
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "text": text, "action_id": action_id, "value": value}


def card(text: str, *labels: str) -> list[Body]:
    buttons = [button(label, label.lower()) for label in labels]
    return [section(text), *([{"type": "actions", "elements": buttons}] if buttons else [])]


def dialog(**more: object) -> Body:
    typed = {"type": "plain_text_input", "action_id": "prompt", "multiline": True}
    model = {
        "type": "static_select",
        "action_id": "model",
        "options": [
            {"text": {"type": "plain_text", "text": name}, "value": name.lower()}
            for name in ("Fast", "Pro")
        ],
    }
    return {
        "type": "modal",
        "callback_id": "make",
        "title": {"type": "plain_text", "text": "Make a video"},
        "submit": {"type": "plain_text", "text": "Make"},
        "blocks": [
            {"type": "input", "block_id": "prompt", "element": typed, "label": _plain("Prompt")},
            {
                "type": "input",
                "block_id": "model",
                "element": model,
                "label": _plain("Model"),
                "optional": True,
                "dispatch_action": True,
            },
        ],
    } | more


def _plain(text: str) -> Body:
    return {"type": "plain_text", "text": text}


async def test_a_command_is_answered_with_its_ack(app: App, ana: Person, channel: Channel) -> None:
    @app.command("/sora")
    async def make(ack: AsyncAck, body: Body) -> None:
        await ack(text=f"Making {body['text']}")

    asked = await ana.slash(channel, "/sora", "a red kite <3")
    assert asked.text == "Making a red kite &lt;3"
    assert ana.ephemerals == asked.messages
    assert not asked.failed
    assert channel.messages == []


async def test_a_card_is_posted_pressed_and_edited(app: App, ana: Person, channel: Channel) -> None:
    @app.command("/sora")
    async def make(ack: AsyncAck, client: Client, body: Body) -> None:
        await ack()
        await client.chat_postMessage(
            channel=body["channel_id"], text="Making", blocks=card("Making", "Cancel")
        )

    @app.action("cancel")
    async def cancel(ack: AsyncAck, client: Client, body: Body) -> None:
        await ack()
        ts = body["container"]["message_ts"]
        await client.chat_update(
            channel=body["channel"]["id"], ts=ts, text="Gone", blocks=card("Gone")
        )

    await ana.slash(channel, "/sora", "a red kite")
    (message,) = channel.messages
    pressed = await ana.press(message, "Cancel")
    assert not pressed.failed
    assert (message.text, message.history, list(message.buttons)) == (
        "Gone",
        ["Making\nCancel"],
        [],
    )
    with pytest.raises(NotOffered, match="no button 'Cancel'"):
        await ana.press(message, "Cancel")


async def test_a_dialog_refuses_then_takes_what_was_typed(
    app: App, ana: Person, channel: Channel
) -> None:
    made: list[Body] = []

    @app.command("/sora")
    async def compose(ack: AsyncAck, client: Client, body: Body) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=dialog())
        await ack()

    @app.view("make")
    async def take(ack: AsyncAck, view: Body) -> None:
        values = view["state"]["values"]
        if values["prompt"]["prompt"]["value"] == "bad":
            await ack(response_action="errors", errors={"prompt": "Say something else."})
            return
        made.append(values)
        await ack()

    asked = await ana.slash(channel, "/sora")
    assert asked.view is ana.view
    await ana.submit(ana.view, Prompt="bad")
    assert ana.view is not None
    assert ana.view.errors == {"prompt": "Say something else."}
    await ana.submit(ana.view, Prompt="good", Model="Pro")
    assert ana.view is None
    assert made[0]["prompt"]["prompt"]["value"] == "good"
    assert made[0]["model"]["model"]["selected_option"]["value"] == "pro"


async def test_a_choice_in_a_dialog_changes_it_at_once_and_keeps_what_was_typed(
    app: App, ana: Person, channel: Channel
) -> None:
    @app.command("/sora")
    async def compose(ack: AsyncAck, client: Client, body: Body) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=dialog())
        await ack()

    @app.action("model")
    async def price(ack: AsyncAck, client: Client, body: Body) -> None:
        await ack()
        chosen = body["actions"][0]["selected_option"]["value"]
        view = dialog()
        view["blocks"].append(section(f"{chosen} costs 4"))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    view = await (await ana.slash(channel, "/sora")).dialog()
    ana.fill(view, "Prompt", "a red kite")
    await ana.choose(view, "Model", "Pro")
    assert "pro costs 4" in view.text
    assert view.state["prompt"]["prompt"]["value"] == "a red kite"


async def test_what_must_be_filled_in_is_asked_for(app: App, ana: Person, channel: Channel) -> None:
    @app.command("/sora")
    async def compose(ack: AsyncAck, client: Client, body: Body) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=dialog())
        await ack()

    await ana.slash(channel, "/sora")
    with pytest.raises(NotOffered, match="still empty"):
        await ana.submit(ana.view)


async def test_shortcuts_carry_what_they_were_used_on(
    app: App, ana: Person, channel: Channel
) -> None:
    seen: list[str] = []

    @app.shortcut("make_video")
    async def make(ack: AsyncAck, client: Client, body: Body) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=dialog())
        await ack()

    @app.shortcut("remix_video")
    async def remix(ack: AsyncAck, respond: AsyncRespond, body: Body) -> None:
        await ack()
        seen.append(body["message"]["text"])
        await respond("Remixing")

    await ana.shortcut("Make a video")
    assert ana.view is not None
    asked = await ana.message_shortcut(ana.says(channel, "look at this"), "Remix this video")
    assert seen == ["look at this"]
    assert (await asked.answer()).only_for is ana


async def test_files_come_with_messages_and_with_dialogs(
    app: App, slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    seen: list[str] = []
    picture = slack_server.file("kite.png", b"pixels", ana)
    chooser = {"type": "file_input", "action_id": "image", "max_files": 1}
    block = {"type": "input", "block_id": "image", "element": chooser, "label": _plain("Image")}

    @app.shortcut("remix_video")
    async def remix(ack: AsyncAck, client: Client, body: Body) -> None:
        seen.append(body["message"]["files"][0]["url_private"])
        view = dialog(blocks=[block])
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @app.view("make")
    async def take(ack: AsyncAck, view: Body) -> None:
        seen.append(view["state"]["values"]["image"]["image"]["files"][0]["url_private"])
        await ack()

    await ana.message_shortcut(ana.says(channel, "", files=[picture]), "Remix this video")
    await ana.submit(ana.view, Image=[picture])
    assert seen == [picture.url, picture.url]
    assert channel.messages[0].files == [picture]


async def test_a_mention_comes_twice_under_two_ids_and_one_time_stamp(
    app: App, slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    heard: list[Body] = []

    @app.event("app_mention")
    async def mentioned(body: Body) -> None:
        heard.append(body)

    @app.event("message")
    async def said(body: Body) -> None:
        heard.append(body)

    root = ana.says(channel, "first")
    ana.mention(channel, "a red kite", thread=root)
    await slack_server.until(lambda: len(heard) == 3)
    mention = next(one for one in heard if one["event"]["type"] == "app_mention")
    same = [one for one in heard if one["event"]["ts"] == mention["event"]["ts"]]
    assert len({one["event_id"] for one in same}) == 2
    assert mention["event"]["text"] == f"{slack_server.bot.tag} a red kite"
    assert mention["event"]["thread_ts"] == root.ts
    assert len(root.replies) == 1


async def test_the_bot_answers_in_private_and_shows_a_home_tab(
    app: App, slack_server: SlackServer, ana: Person
) -> None:
    @app.event("message")
    async def said(say: AsyncSay, message: Body) -> None:
        await say(f"You said {message['text']}")

    @app.event("app_home_opened")
    async def home(client: Client, event: Body) -> None:
        view = {"type": "home", "blocks": card("Your videos", "Refresh")}
        await client.views_publish(user_id=event["user"], view=view)

    ana.dm("hello")
    await slack_server.until(lambda: len(ana.direct.messages) == 2)
    assert ana.direct.messages[1].text == "You said hello"
    ana.opens_home()
    await slack_server.until(lambda: ana.home)
    assert ana.home is not None
    assert list(ana.home.buttons) == ["Refresh"]


async def test_a_private_answer_can_be_pressed_changed_and_taken_away(
    app: App, ana: Person, channel: Channel
) -> None:
    @app.command("/sora")
    async def make(ack: AsyncAck) -> None:
        await ack(text="Sure?", blocks=card("Sure?", "Go", "No"))

    @app.action("go")
    async def go(ack: AsyncAck, respond: AsyncRespond, body: Body) -> None:
        await ack()
        assert "message" not in body
        await respond(text="Going", blocks=card("Going", "No"), replace_original=True)

    @app.action("no")
    async def no(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(delete_original=True)

    asked = await ana.slash(channel, "/sora")
    (answer,) = asked.messages
    assert asked.ephemeral is answer
    await ana.press(answer, "Go")
    assert answer.text == "Going\nNo"
    await ana.press(answer, "No")
    assert ana.ephemerals == []


async def test_two_sockets_share_the_envelopes(
    slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    async with an_app(slack_server) as app, by_sockets(app, slack_server, 2):

        @app.command("/sora")
        async def make(ack: AsyncAck) -> None:
            await ack()

        await asyncio.gather(*(ana.slash(channel, "/sora", str(one)) for one in range(4)))
        assert [len(line.carried) for line in slack_server.sockets.lines] == [2, 2]
        assert [len(line.acked) for line in slack_server.sockets.lines] == [2, 2]


async def test_a_socket_that_is_asked_to_leave_comes_back(
    app: App, slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    @app.command("/sora")
    async def make(ack: AsyncAck) -> None:
        await ack("still here")

    await slack_server.sockets.refresh()
    await slack_server.until(lambda: slack_server.sockets.opened == 2)
    await slack_server.until(lambda: len(slack_server.sockets.lines) == 1)
    assert (await ana.slash(channel, "/sora")).text == "still here"


async def test_a_socket_that_is_cut_comes_back(
    app: App, slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    @app.command("/sora")
    async def make(ack: AsyncAck) -> None:
        await ack("still here")

    await slack_server.sockets.lines[0].cut()
    await slack_server.until(lambda: slack_server.sockets.opened == 2)
    await slack_server.until(lambda: len(slack_server.sockets.lines) == 1)
    assert (await ana.slash(channel, "/sora")).text == "still here"


async def test_people_see_that_nobody_took_a_command(
    app: App, slack_server: SlackServer, ana: Person, channel: Channel
) -> None:
    @app.command("/sora")
    async def forget(body: Body) -> None: ...

    slack_server.post.ack_within = 0.1
    assert "operation_timeout" in (await ana.slash(channel, "/sora")).failed
    await slack_server.sockets.aclose()
    assert "dispatch_failed" in (await ana.slash(channel, "/sora")).failed
    with pytest.raises(NotOffered, match="not a valid command"):
        await ana.slash(channel, "/other")
