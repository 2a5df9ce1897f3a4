import pytest

from bot.domain.switches import (
    EVERYTHING,
    HOLDS,
    REFUSES,
    Mode,
    Switch,
    covers,
    for_model,
    for_provider,
    ruling,
    scope_named,
)

SCOPES = (for_provider("simulator"), for_model("sora-2"))


@pytest.mark.parametrize(
    "typed, scope",
    [
        ("", EVERYTHING),
        ("ALL", EVERYTHING),
        ("Sora-2", "model:sora-2"),
        ("simulator", "provider:simulator"),
        ("model:sora-2", "model:sora-2"),
        ("sora", None),
        ("sora-2-pro", None),
    ],
)
def test_a_scope_is_found_by_its_whole_name_alone(typed: str, scope: str | None) -> None:
    assert scope_named(typed, SCOPES) == scope


def test_a_scope_covers_what_it_names() -> None:
    assert covers(EVERYTHING, "simulator", "sora-2")
    assert covers(for_provider("simulator"), "simulator", "sora-2")
    assert covers(for_model("sora-2"), "simulator", "sora-2")
    assert not covers(for_model("simulator"), "simulator", "sora-2")
    assert not covers(for_model("sora-2-pro"), "simulator", "sora-2")


@pytest.mark.parametrize(
    "mode, holds, refuses",
    [(Mode.PAUSE, True, False), (Mode.DRAIN, False, True), (Mode.STOP, True, True)],
)
def test_a_mode_holds_back_refuses_or_does_both(mode: Mode, holds: bool, refuses: bool) -> None:  # noqa: FBT001 - a table
    switch = Switch(for_model("sora-2"), mode, "", "mara", 1)
    assert (ruling([switch], HOLDS, "p", "sora-2") == switch) is holds
    assert (ruling([switch], REFUSES, "p", "sora-2") == switch) is refuses
    assert ruling([switch], HOLDS | REFUSES, "p", "other") is None


def test_of_several_the_oldest_is_told() -> None:
    newer = Switch(EVERYTHING, Mode.PAUSE, "new", "mara", 2)
    older = Switch(for_model("m"), Mode.PAUSE, "old", "mara", 1)
    assert ruling([newer, older], HOLDS, "p", "m") == older
