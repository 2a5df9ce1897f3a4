"""A message of the core as Discord's own components."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.render import Carried, Frame, allowed, files_of, layout
from bot.domain.messages import Attachment, Button, Mention, Message, Moment, Tone
from bot.domain.refs import Person, Tenant
from tests.fakes.reports import CHART, LEDGER

ANA = Person(Tenant("discord", "1"), "77", "Ana")
CARD = Message(
    lines=(("Rendering 48 % · ready ", Moment(1_790_000_060_000)), ("sora-2 · 8 s",)),
    quote="a red kite",
    progress=48,
    buttons=(
        Button("Cancel", "cancel", {"job": "k7qm2x9d4t"}, danger=True),
        Button("Details", "status", {"job": "k7qm2x9d4t"}),
    ),
    tone=Tone.BUSY,
)


def parts(
    message: Message, carried: Carried | None = None, frame: Frame | None = None
) -> list[Any]:
    return list(_walk(layout(message, frame or Frame(), carried).to_components()))


def _walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components", []))


def texts(found: list[Any]) -> list[str]:
    return [part["content"] for part in found if part["type"] == 10]


def test_a_card_has_its_bar_its_prompt_and_its_buttons() -> None:
    found = parts(CARD)
    assert texts(found) == [
        "▰▰▰▱▱▱▱▱ Rendering 48 % · ready <t:1790000060:R>",
        "> a red kite",
        r"sora\-2 · 8 s",
    ]
    buttons = [part for part in found if part["type"] == 2]
    assert [(b["label"], b["style"], b["custom_id"]) for b in buttons] == [
        ("Cancel", 4, "sora:cancel:k7qm2x9d4t"),
        ("Details", 2, "sora:status:k7qm2x9d4t"),
    ]


def test_a_box_is_coloured_by_its_tone() -> None:
    assert parts(CARD)[0]["accent_color"] == 0x5B8DEF
    assert parts(Message((("x",),)))[0].get("accent_color") is None


def test_a_video_plays_between_the_mention_and_the_prompt(tmp_path: Path) -> None:
    clip = tmp_path / "sora-k7qm.mp4"
    clip.write_bytes(b"clip")
    carried = Carried(clip, "sora-k7qm.mp4", link="https://x.example/a", link_label="Original")
    message = Message(((Mention(ANA), ", your video is ready."),), quote="a kite", tone=Tone.GOOD)
    found = parts(message, carried)
    assert [part["type"] for part in found] == [17, 10, 12, 10, 1, 2]
    assert found[2]["items"][0]["media"]["url"] == "attachment://sora-k7qm.mp4"
    assert found[-1]["url"] == "https://x.example/a"
    files = files_of(message, carried)
    assert [file.filename for file in files] == ["sora-k7qm.mp4"]
    files[0].close()


def test_pictures_stand_side_by_side_and_each_document_below_them() -> None:
    second = Attachment("month.png", b"png", "image/png", "x" * 300)
    message = Message((("Spent",),), buttons=CARD.buttons, attachments=(CHART, LEDGER, second))
    found = parts(message)
    assert [part["type"] for part in found] == [17, 10, 12, 13, 1, 2, 2]
    assert [(item["media"]["url"], item["description"]) for item in found[2]["items"]] == [
        ("attachment://usage.png", CHART.alt),
        ("attachment://month.png", "x" * 255 + "…"),
    ]
    assert found[3]["file"]["url"] == "attachment://ledger.csv"
    files = files_of(message)
    assert [(file.filename, file.fp.read()) for file in files] == [
        (one.name, one.content) for one in message.attachments
    ]


def test_only_whom_we_mention_hears_of_it() -> None:
    message = Message(((Mention(ANA), " hello <@99>"),), quote="@everyone <@98>")
    assert allowed(message).to_dict() == {"parse": [], "users": ["77"]}
    assert allowed(CARD).users == []


def test_buttons_in_private_name_their_server_and_marks_name_the_message() -> None:
    found = parts(CARD, frame=Frame(guild="42", mark="0123abcd"))
    assert found[-1]["custom_id"] == "sora:status:k7qm2x9d4t@42~0123abcd"


def test_more_buttons_than_fit_beside_each_other_take_a_second_row() -> None:
    buttons = tuple(Button(str(n), "status", {"job": f"j{n}"}) for n in range(7))
    carried = Carried(link="https://bot.example/v", link_label="Watch")
    rows = [
        part for part in parts(Message((("x",),), buttons=buttons), carried) if part["type"] == 1
    ]
    labels = [[button["label"] for button in row["components"]] for row in rows]
    assert labels == [["0", "1", "2", "3", "4"], ["5", "6", "Watch"]]


@given(st.lists(st.text(max_size=3000), min_size=1, max_size=5), st.text(max_size=4000))
def test_no_message_is_too_long_for_discord(lines: list[str], prompt: str) -> None:
    message = Message(tuple((line,) for line in lines), quote=prompt)
    assert sum(map(len, texts(parts(message)))) <= 4000


def test_a_text_is_never_cut_within_an_escaped_mark() -> None:
    for text in texts(parts(Message((("*" * 3000,),)))):
        assert text.endswith(r"\*…")


async def test_nothing_has_to_remember_a_message() -> None:
    assert layout(CARD, Frame()).is_finished()
