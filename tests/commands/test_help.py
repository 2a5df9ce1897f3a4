"""Help is made of the grammar and of today's catalogue."""

import pytest

from bot.commands.grammar import GRAMMAR, Group
from tests.fakes.core import MARA
from tests.fakes.typist import Typist, words


async def test_help_lists_what_a_member_can_do(chat: Typist) -> None:
    shown = words(await chat.says("/sora"))
    assert all(verb.command in shown for verb in GRAMMAR if verb.group is Group.MEMBER)
    assert "/sora-admin" not in shown
    assert shown.splitlines()[-1] == "More about one: /sora help create"


async def test_an_admin_sees_the_admin_commands_too(chat: Typist) -> None:
    assert "/sora-admin quota set" in words(await chat.says("/sora help", MARA))
    assert "/sora-admin quota set" in words(await chat.says("/sora-admin"))


async def test_help_for_a_command_tells_what_the_catalogue_offers(chat: Typist) -> None:
    shown = words(await chat.says("/sora help create"))
    assert shown.startswith("/sora create <prompt>")
    assert "prompt (needed) · What to see and hear" in shown
    assert "Which model makes it · sora-2 or sora-2-pro" in shown
    assert "How long · 4, 8, 12, 16 or 20" in shown
    assert "1280x720, 720x1280, 1792x1024 or 1024x1792" in shown
    assert "How many variations of it · 1–4" in shown
    assert "For example: /sora create a red kite" in shown


@pytest.mark.parametrize("topic", ["/sora-admin quota set", "admin quota set", "quota set"])
async def test_an_admin_command_is_found_by_any_of_its_names(chat: Typist, topic: str) -> None:
    shown = words(await chat.says(f"/sora help {topic}"))
    assert shown.startswith(
        "/sora-admin quota set <person> <limit> <unit> <period> [model] [rolling]"
    )
    assert "unit (needed) · Of what · videos, seconds or credits" in shown


async def test_help_about_nothing_we_know_points_to_the_list(chat: Typist) -> None:
    reply = await chat.says("/sora help dance")
    assert reply.refused
    assert words(reply).startswith("There is no command “dance” here. See /sora help.")
