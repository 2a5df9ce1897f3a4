"""Who may change whose video."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.permits import Verdict, holds, may_remix
from bot.domain.refs import Person, Tenant
from bot.domain.releases import Remixers

HERE = Tenant("web", "demo")
ANA = Person(HERE, "ana", "Ana")
BEN = Person(HERE, "ben", "Ben")
TWIN = Person(Tenant("web", "other"), "ana", "Eve")
R, V = Remixers, Verdict


@pytest.mark.parametrize(
    "who, remixers, permitted, verdict",
    [
        (BEN, R.EVERYONE, False, V.YES),
        (TWIN, R.EVERYONE, False, V.YES),
        (BEN, R.TEAM, False, V.YES),
        (TWIN, R.TEAM, False, V.TEAM),
        (TWIN, R.TEAM, True, V.TEAM),
        (BEN, R.ASK, False, V.ASK),
        (BEN, R.ASK, True, V.YES),
        (TWIN, R.ASK, False, V.ASK),
        (BEN, R.NOBODY, False, V.NOBODY),
        (BEN, R.NOBODY, True, V.NOBODY),
        (TWIN, R.NOBODY, False, V.NOBODY),
    ],
)
def test_who_may_change_a_video_of_ana(
    who: Person, remixers: Remixers, *, permitted: bool, verdict: Verdict
) -> None:
    assert may_remix(who, ANA, remixers, permitted=permitted) is verdict


@given(remixers=st.sampled_from(Remixers), permitted=st.booleans())
def test_one_may_always_change_what_is_ones_own(remixers: Remixers, *, permitted: bool) -> None:
    assert may_remix(ANA, ANA, remixers, permitted=permitted) is V.YES


@given(
    who=st.sampled_from([BEN, TWIN]),
    remixers=st.sampled_from(Remixers),
    permitted=st.booleans(),
)
def test_an_admin_may_what_others_may(who: Person, remixers: Remixers, *, permitted: bool) -> None:
    admin = replace(who, admin=True)
    plain = may_remix(who, ANA, remixers, permitted=permitted)
    assert may_remix(admin, ANA, remixers, permitted=permitted) is plain


@given(st.lists(st.none() | st.sampled_from(Remixers), max_size=3))
def test_what_is_chosen_nearest_to_the_video_holds(chosen: list[Remixers | None]) -> None:
    said = [one for one in chosen if one]
    assert holds(*chosen) is (said[0] if said else R.EVERYONE)
