"""Where the tokens of workspaces are kept: sealed, found again, and ended."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.installs import STATE_LIFE, Installations, Seal, States
from bot.ports import Notes
from storage.store import open_store
from tests.fakes.clock import START, FakeClock
from tests.fakes.inbox import MemoryInbox
from tests.fakes.notes import MemoryNotes

KEY, OTHER_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def store(notes: Notes, key: str = KEY) -> Installations:
    return Installations(notes, Seal(key))


def installation(team: str | None = "T1", token: str = "xoxb-1", **more: object) -> Installation:
    given_: dict[str, object] = {
        "app_id": "A1",
        "team_id": team,
        "team_name": "Studio",
        "bot_token": token,
        "bot_id": "B1",
        "bot_user_id": "U0",
        "bot_scopes": ["commands", "chat:write"],
        "user_id": "U1",
    }
    return Installation(**(given_ | more))  # type: ignore[arg-type] - as the SDK's own copies do


# --- what is kept ---------------------------------------------------------------------------


async def test_what_was_never_kept_is_nothing() -> None:
    kept = store(MemoryNotes())
    assert await kept.token("T1") is None
    assert await kept.async_find_bot(enterprise_id=None, team_id="T1") is None
    await kept.async_delete_all(enterprise_id=None, team_id="T1")
    await kept.end("T1", "xoxb-1")


async def test_an_installation_is_found_as_it_was() -> None:
    kept, made = store(MemoryNotes()), installation()
    made.set_custom_value("plan", "pro")
    await kept.async_save(made)
    found = await kept.async_find_installation(enterprise_id=None, team_id="T1")
    assert found
    assert found.to_dict_for_copying() == made.to_dict_for_copying()
    bot = await kept.async_find_bot(enterprise_id=None, team_id="T1")
    assert bot
    assert (bot.bot_token, bot.bot_user_id, bot.bot_scopes) == (
        "xoxb-1",
        "U0",
        ["commands", "chat:write"],
    )


async def test_the_last_one_saved_counts() -> None:
    kept = store(MemoryNotes())
    await kept.async_save(installation(token="xoxb-1"))
    await kept.async_save(installation(token="xoxb-2", user_id="U2"))
    assert await kept.token("T1") == "xoxb-2"


async def test_workspaces_do_not_find_each_others_tokens() -> None:
    kept = store(MemoryNotes())
    await kept.async_save(installation("T1", "xoxb-1"))
    await kept.async_save(installation("T2", "xoxb-2"))
    assert await kept.token("T1") == "xoxb-1"
    await kept.async_delete_all(enterprise_id=None, team_id="T1")
    assert await kept.token("T1") is None
    assert await kept.token("T2") == "xoxb-2"


async def test_a_workspace_of_an_organization_goes_by_its_own_id() -> None:
    kept = store(MemoryNotes())
    await kept.async_save(installation("T1", "xoxb-1", enterprise_id="E1"))
    assert await kept.token("T1") == "xoxb-1"
    found = await kept.async_find_installation(enterprise_id="E1", team_id="T1")
    assert found
    assert found.enterprise_id == "E1"


async def test_an_organization_as_a_whole_is_not_one_of_its_workspaces() -> None:
    kept = store(MemoryNotes())
    whole = installation(None, "xoxb-9", enterprise_id="E1", is_enterprise_install=True)
    await kept.async_save(whole)
    assert await kept.token("T1") is None
    found = await kept.async_find_bot(enterprise_id="E1", team_id="T1", is_enterprise_install=True)
    assert found
    assert found.bot_token == "xoxb-9"
    await kept.async_delete_all(enterprise_id="E1", team_id=None)
    assert not await kept.async_find_bot(
        enterprise_id="E1", team_id=None, is_enterprise_install=True
    )


async def test_what_one_person_takes_back_is_not_the_bots() -> None:
    kept = store(MemoryNotes())
    await kept.async_save(installation(user_id="U1"))

    async def made_by(user: str) -> Installation | None:
        return await kept.async_find_installation(enterprise_id=None, team_id="T1", user_id=user)

    assert await made_by("U1")
    assert await made_by("U2") is None
    await kept.async_delete_installation(enterprise_id=None, team_id="T1", user_id="U1")
    assert await kept.token("T1") == "xoxb-1"


async def test_a_token_that_ended_late_does_not_take_the_new_one_with_it() -> None:
    kept = store(MemoryNotes())
    await kept.async_save(installation(token="xoxb-2"))
    await kept.end("T1", "xoxb-1")
    assert await kept.token("T1") == "xoxb-2"
    await kept.end("T1", "xoxb-2")
    assert await kept.token("T1") is None


async def test_tokens_are_kept_in_the_bots_database_over_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    first = await open_store(url)
    await store(first.notes("slack")).async_save(installation())
    await first.aclose()
    second = await open_store(url)
    kept = store(second.notes("slack"))
    await kept.look()
    assert kept.readable
    assert await kept.token("T1") == "xoxb-1"
    await second.aclose()


# --- sealing --------------------------------------------------------------------------------

TOKENS = st.text(min_size=8, max_size=80).map("xoxb-".__add__)


@given(token=TOKENS, secret=TOKENS, name=st.text(max_size=40))
async def test_any_token_comes_back_and_is_nowhere_to_be_read(
    token: str, secret: str, name: str
) -> None:
    notes = MemoryNotes()
    made = installation(token=token, bot_refresh_token=secret, team_name=name)
    await store(notes).async_save(made)
    stored = "".join(notes.kept) + "".join(notes.kept.values())
    assert token not in stored
    assert secret not in stored
    found = await store(notes).async_find_installation(enterprise_id=None, team_id="T1")
    assert found
    assert found.to_dict_for_copying() == made.to_dict_for_copying()


async def test_another_key_reads_nothing_and_tells_the_operator(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notes = MemoryNotes()
    await store(notes).async_save(installation())
    other = store(notes, OTHER_KEY)
    await other.look()
    assert not other.readable
    assert await other.token("T1") is None
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "SORA_SLACK_TOKEN_KEY is not the key" in said
    assert "install/-/T1" in said
    assert "xoxb" not in said
    assert all(record.levelno == logging.ERROR for record in caplog.records)


async def test_with_another_key_workspaces_can_be_added_once_more() -> None:
    notes = MemoryNotes()
    await store(notes).async_save(installation(token="xoxb-1"))
    other = store(notes, OTHER_KEY)
    await other.look()
    await other.async_save(installation(token="xoxb-2"))
    assert other.readable
    assert await other.token("T1") == "xoxb-2"
    again = store(notes, OTHER_KEY)
    await again.look()
    assert again.readable


async def test_without_anything_stored_every_key_is_right(caplog: pytest.LogCaptureFixture) -> None:
    kept = store(MemoryNotes())
    await kept.look()
    assert kept.readable
    assert caplog.records == []


@pytest.mark.parametrize("damaged", ["nonsense", "gAAAA", "ünreadable", "", "[]"])
async def test_a_damaged_note_is_no_installation(damaged: str) -> None:
    notes = MemoryNotes()
    await store(notes).async_save(installation())
    notes.kept["install/-/T1"] = damaged
    assert await store(notes).token("T1") is None
    notes.kept["install/-/T1"] = Seal(KEY).closed(damaged)
    assert await store(notes).token("T1") is None


# --- states ---------------------------------------------------------------------------------


class Desk:
    """What states stand on, over restarts."""

    def __init__(self, now: int = START) -> None:
        self.inbox, self.clock = MemoryInbox(), FakeClock(now)

    def states(self, key: str = KEY) -> States:
        return States(self.inbox, Seal(key), self.clock)


async def test_a_state_is_good_once_also_after_a_restart() -> None:
    desk = Desk()
    state = await desk.states().async_issue()
    assert await desk.states().async_consume(state)
    assert not await desk.states().async_consume(state)
    assert not await desk.states().async_consume(state + "==")


async def test_every_state_is_another_one_and_fits_into_an_address() -> None:
    states = Desk().states()
    made = {await states.async_issue() for _ in range(20)}
    assert len(made) == 20
    assert all(one.replace("-", "").replace("_", "").isalnum() for one in made)


async def test_a_state_ends_after_ten_minutes() -> None:
    desk = Desk()
    first, second = await desk.states().async_issue(), await desk.states().async_issue()
    desk.clock.advance(STATE_LIFE * 1000)
    assert await desk.states().async_consume(first)
    desk.clock.advance(1000)
    assert not await desk.states().async_consume(second)


@given(st.text(max_size=200))
async def test_nothing_made_up_is_a_state(guess: str) -> None:
    assert not await Desk().states().async_consume(guess)


async def test_a_state_of_another_key_is_none() -> None:
    desk = Desk()
    state = await desk.states(OTHER_KEY).async_issue()
    assert not await desk.states().async_consume(state)


async def test_a_stored_installation_is_no_state() -> None:
    # Installations are sealed without a time, so only at this hour would one be new enough.
    notes, desk = MemoryNotes(), Desk(now=0)
    assert await desk.states().async_consume(await desk.states().async_issue())
    await store(notes).async_save(installation())
    for sealed in notes.kept.values():
        assert not await desk.states().async_consume(sealed)


async def test_looking_at_the_page_stores_nothing() -> None:
    desk = Desk()
    for _ in range(10):
        await desk.states().async_issue()
    assert desk.inbox.names == {}


async def test_a_used_state_does_not_wait_for_anybody() -> None:
    desk = Desk()
    await desk.states().async_consume(await desk.states().async_issue())
    assert await desk.inbox.waiting(10) == ()
