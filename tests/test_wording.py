"""What people read: right plurals, the next step, and what happened to the credits."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors, wording
from bot.domain.catalogue import Lack
from bot.domain.jobs import JobState
from bot.domain.messages import Code, Moment, Tone, plain
from bot.domain.quotas import EVERYONE, Period, Rule, Standing, Unit, Usage, Window
from tests.fakes.core import catalogue
from tests.fakes.orders import FREE, JOB, LATER, NOW

BERLIN = ZoneInfo("Europe/Berlin")
# --- numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number, words", [(0, "0 credits"), (1, "1 credit"), (2, "2 credits"), (1200, "1,200 credits")]
)
def test_credits_have_their_plural(number: int, words: str) -> None:
    assert wording.credits_(number) == words


def test_what_costs_nothing_is_free() -> None:
    assert wording.price(0) == "free"
    assert wording.price(1) == "1 credit"


@pytest.mark.parametrize(
    "number, word",
    [
        *((1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th")),
        *((21, "21st"), (22, "22nd"), (103, "103rd"), (111, "111th"), (1012, "1,012th")),
    ],
)
def test_places_in_line_are_read_as_people_say_them(number: int, word: str) -> None:
    assert wording.ordinal(number) == word


@pytest.mark.parametrize(
    "words, said", [([], "—"), ([4], "4"), ([4, 8], "4 or 8"), ([4, 8, 12], "4, 8 or 12")]
)
def test_choices_are_read_as_a_list(words: list[int], said: str) -> None:
    assert wording.one_of(words) == said


def test_a_range_may_be_open() -> None:
    assert wording.between(1, 4) == "1–4"
    assert wording.between(1, None) == "1 or more"
    assert wording.between(None, 1000) == "0–1,000"


@given(st.text(), st.integers(1, 300))
def test_a_cut_text_is_one_line_of_the_length_asked_for(text: str, limit: int) -> None:
    cut = wording.cut(text, limit)
    assert len(cut) <= limit
    assert len(cut.splitlines()) <= 1


@given(st.integers(0, 100), st.integers(1, 20))
def test_a_bar_is_always_as_wide_as_its_cells(percent: int, cells: int) -> None:
    assert len(wording.bar(percent, cells)) == cells


def test_a_bar_fills_up() -> None:
    assert [wording.bar(percent) for percent in (0, 50, 100)] == [
        "▱▱▱▱▱▱▱▱",
        "▰▰▰▰▱▱▱▱",
        "▰▰▰▰▰▰▰▰",
    ]


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=BERLIN).timestamp() * 1000)


@pytest.mark.parametrize(
    "moment, words",
    [
        ((2026, 9, 21, 18, 30), "Monday 18:30 Europe/Berlin"),
        ((2026, 9, 28, 0, 0), "Monday 00:00 Europe/Berlin"),
        ((2026, 10, 1, 0, 0), "Thursday 1 October 00:00 Europe/Berlin"),
        ((2026, 9, 20, 0, 0), "Sunday 20 September 00:00 Europe/Berlin"),
    ],
)
def test_local_times_name_the_day_and_farther_ones_the_date(
    moment: tuple[int, ...], words: str
) -> None:
    assert wording.local_time(at(*moment), BERLIN, NOW) == words


# --- answers ------------------------------------------------------------------------------


def test_a_free_order_says_so() -> None:
    assert plain(wording.accepted_line((FREE,), 0, 5)) == (
        "Accepted · #k7qm2x9d4t · free, 5 credits left"
    )


def test_a_list_has_moments_that_the_chat_counts() -> None:
    line = wording.job_line(JOB, whose=True)
    assert plain(line) == f"#k7qm2x9d4t a red kite over dunes · waiting · <{NOW}> · @ana"
    assert Moment(NOW) in line


def test_a_queue_line_tells_how_far_it_is() -> None:
    running = wording.running_line(JOB, 48, LATER, NOW)
    assert plain(running).endswith(f"· waiting 48 % · @ana · ready <{LATER}>")
    assert plain(wording.running_line(JOB, None, None, NOW)).endswith("· waiting · @ana")
    assert plain(wording.waiting_line(JOB, None, None, NOW)).endswith("· waiting · @ana")


def test_a_button_among_several_says_which_job_it_opens() -> None:
    assert wording.details_of(JOB) == "Details #k7qm"


def standing(
    window: Window, used: int, held: int = 0, limit: int = 20, subject: str = "ana"
) -> Standing:
    rule = Rule(subject, Unit.VIDEOS, Period.WEEK, limit, window)
    resets_at = at(2026, 9, 28, 0, 0)
    return Standing(rule, Usage(videos=used), resets_at, Usage(videos=held))


@pytest.mark.parametrize(
    "given, words",
    [
        (
            standing(Window.CALENDAR, 3, 2),
            "3 of 20 videos this week · resets Monday 00:00 Europe/Berlin · 2 held by running jobs",
        ),
        (
            standing(Window.CALENDAR, 0, limit=1),
            "0 of 1 video this week · resets Monday 00:00 Europe/Berlin",
        ),
        (
            standing(Window.ROLLING, 12),
            "12 of 20 videos in the last 7 days · the oldest leaves Monday 00:00 Europe/Berlin",
        ),
        (standing(Window.ROLLING, 0), "0 of 20 videos in the last 7 days"),
    ],
)
def test_a_limit_tells_what_is_used_and_when_it_starts_anew(given: Standing, words: str) -> None:
    assert plain(wording.standing_line(given, BERLIN, NOW)) == words


def test_a_limit_of_a_role_says_which_by_name_where_that_is_known() -> None:
    given = standing(Window.ROLLING, 12, 3, subject="role:77")
    told = "12 of 20 videos in the last 7 days · the oldest leaves Monday 00:00 Europe/Berlin"
    held = "3 held by running jobs"
    line = wording.standing_line(given, BERLIN, NOW, "Plus")
    assert plain(line) == f"{told} · {held} · limit of role Plus"
    line = wording.standing_line(given, BERLIN, NOW)
    assert plain(line) == f"{told} · {held} · limit of role 77"


def test_held_credits_are_told_apart() -> None:
    assert plain(wording.balance_line(1, 0)) == "1 credit to spend"
    assert plain(wording.balance_line(1200, 80)) == (
        "1,200 credits to spend · 80 held by running jobs"
    )


def test_a_limit_for_everyone_names_no_person() -> None:
    rule = Rule(EVERYONE, Unit.CREDITS, Period.DAY, 1)
    assert plain(wording.rule_set_line(rule)) == (
        "Set for everyone: at most 1 credit per day, from now on."
    )


# --- refusals -----------------------------------------------------------------------------

REFUSALS: list[tuple[errors.Refused, str]] = [
    (
        errors.InvalidInput("seconds", "9", "4, 8 or 12"),
        "Seconds cannot be “9”. Possible: 4, 8 or 12.",
    ),
    (errors.InvalidInput("prompt", "", "what to see"), "Prompt is missing: what to see."),
    (errors.InvalidInput("command", "dance", "Try one."), "There is no command “dance”. Try one."),
    (
        errors.InvalidInput("job", "k7", "k7qm, k7qx"),
        "More than one job begins with “k7”: k7qm, k7qx. Type more of it.",
    ),
    (errors.TooFewCredits(80, 30), "80 credits cannot be moved: there are 30."),
    (errors.TooFewCredits(80, 1), "80 credits cannot be moved: there is 1."),
    (errors.NotAllowed("admin"), "Only an admin of this workspace can do that. Ask one of them."),
    (
        errors.NotEnoughCredits(80, 1),
        "This costs 80 credits and you have 1 left. Make it shorter or fewer, or ask an admin",
    ),
    (
        errors.QuotaExceeded(
            errors.Limit("ana", "videos", "week", 20), 19, 2, at(2026, 9, 28, 0, 0)
        ),
        "This would be over your limit of 20 videos per week: 19 used, 2 asked for. There is room",
    ),
    (
        errors.QuotaExceeded(
            errors.Limit("workspace", "credits", "month", 900, "sora-2-pro"),
            *(880, 80, at(2026, 10, 1, 0, 0), 160),
        ),
        (
            "This would be over the limit that this whole workspace shares, of 900 credits of "
            "sora-2-pro per month: 880 used, 160 of it held by running jobs, 80 asked for. There is"
        ),
    ),
    (
        errors.BudgetSpent(
            *("workspace", "month", 1_500_000, 2_400_000, at(2026, 10, 1, 0, 0)), reserved=False
        ),
        "The budget of this workspace for this month has $1.50 left, and this costs $2.40.",
    ),
    (
        errors.BudgetSpent("channel/C1", "day", 0, 5_000, at(2026, 10, 1, 0, 0), reserved=True),
        "The budget of this channel for this day has $0.00 left, and this costs $0.0050. The rest",
    ),
    (
        errors.NotInTier("plus", errors.Terms(("sora-2", "sora-2-pro"), max_count=2), "pro"),
        "Your tier plus allows sora-2 or sora-2-pro, 2 videos an order; ask an admin for pro.",
    ),
    (
        errors.NotUrgent(),
        "Urgent work is for admins and those whom a budget keeps a reserve for. Nothing was",
    ),
    (
        errors.NotInTier("all", errors.Terms(max_seconds=8), None),
        "Your tier all allows every model up to 8 seconds. Nothing was started or charged.",
    ),
    (errors.NotConfirmed(900, 2000), "This costs 900 credits; say yes to the price first."),
    *(
        (errors.Withheld(why, "k7qm2x9d4t", "@Caro"), beginning)
        for why, beginning in {
            "draft": "#k7qm2x9d4t is a draft, so only its author and reviewers can use it. Nothing",
            "deleted": "#k7qm2x9d4t was deleted. Its author can bring it back for 30 days.",
            "others": "#k7qm2x9d4t is somebody else’s, and only they can do that.",
            "own": "Nobody reviews their own video. Another reviewer has to look at it.",
            "reviewer": "Only a reviewer can do that. An admin names them: /sora-admin reviewers.",
            "review": "#k7qm2x9d4t waits for a reviewer already. You hear of the decision.",
            "claimed": "@Caro is at this one already, so the decision is theirs.",
            "decided": "Nothing waits for a reviewer here any more: it was decided by @Caro",
            "elsewhere": "That channel wants a reviewer first. Unpublish it, then",
        }.items()
    ),
    (
        errors.WrongStand("publish", "deleted"),
        "Only a draft can be published, and only once at a time: this one is deleted. Nothing was",
    ),
    (
        errors.WrongStand("unpublish", "draft"),
        "Only what is published can be taken back: this one is a draft that only its author sees.",
    ),
    (errors.WrongStand("delete", "deleted"), "This is gone already: it is deleted."),
    (
        errors.WrongStand("restore", "published"),
        "Only what was deleted can be restored: this one is published.",
    ),
    (errors.AskedAlready(), "You asked for more already. An admin still has to decide on that."),
    (
        errors.AskedAlready("@Ana"),
        "You asked @Ana about this already, and they still have to decide.",
    ),
    (errors.Waits("k7qm2x9d4t", "@Ana"), "@Ana was asked whether you may remix #k7qm2x9d4t."),
    (
        errors.Waits("k7qm2x9d4t", "@Ana", "extend"),
        "@Ana was asked whether you may extend #k7qm2x9d4t.",
    ),
    (
        errors.Withheld("remix:nobody", "k7qm2x9d4t", "@Ana"),
        "@Ana lets nobody else remix #k7qm2x9d4t.",
    ),
    (
        errors.AlreadyDecided("over", ""),
        "This lapsed already: nobody decided in time.",
    ),
    (
        errors.AlreadyDecided("approved", "@Mara"),
        "This was approved already, by @Mara.",
    ),
    (
        errors.Blocked("Ben", ""),
        "An admin has blocked @Ben from ordering and from showing videos to others. Looking still",
    ),
    (
        errors.Closed("drain", "provider:simulator", "no money"),
        "The bot takes no orders for simulator for now: an admin lets the line run empty (“no mon",
    ),
    (errors.Unpriced("sora-3"), "sora-3 has no price for this, so it cannot be ordered."),
    (
        errors.Retired("sora-2", date(2026, 9, 24), "veo-3.1-fast"),
        "sora-2 was retired on 24 September 2026. Use veo-3.1-fast in its place.",
    ),
    (
        errors.Retired("sora-2", date(2026, 9, 24), ""),
        "sora-2 was retired on 24 September 2026. Choose another model.",
    ),
    (errors.NotLinked("itself"), "This code is this workspace’s own."),
    (errors.NotLinked("gallery", "paris"), "paris has no channel for videos from elsewhere yet."),
    (
        errors.CannotPost(("no files", "no links")),
        "The finished video could not be posted here: no files; no links.",
    ),
    (
        errors.NotHere("remix"),
        "Remixing by reply is off in this channel; the Remix button of a video works.",
    ),
    (errors.NotHere("threads"), "What is said here is private, so there is nothing to set;"),
    (
        errors.UnknownThing("job", "k7qm"),
        "There is no job “k7qm” here. Yours are under /sora jobs.",
    ),
    (
        errors.NothingUpstream("out of memory"),
        "The provider has no video for this job, also on a second look. It said: “out of memory”.",
    ),
    (
        errors.NothingBetter("sora-2-pro"),
        "No better model than sora-2-pro is on sale for this video.",
    ),
    (
        errors.CannotExtend("veo", ("sora-2", "gen")),
        "Nobody who makes veo extends its videos or begins with a picture; those of sora-2 or gen",
    ),
    (
        errors.CannotExtend("veo", ()),
        "Nobody who makes veo extends its videos or begins with a picture.",
    ),
    (
        errors.FullLength(112, 2, 12),
        "A video can be extended at most 6 times, to 120 s in all; this one has 112 s, extended 2",
    ),
    (
        errors.FullLength(116, 0, 8),
        "A video can be extended at most 6 times, to 120 s in all; this one has 116 s, and 8 s are",
    ),
    (errors.UnknownThing("person", "@bem"), "There is no person “@bem” here."),
    (
        errors.UnknownThing("job:retry", "k7qm"),
        "This job is somebody else’s: only they or an admin can retry it.",
    ),
    (
        errors.TooLate("cancel", JobState.DONE),
        "This can no longer be cancelled: it is already done.",
    ),
    (
        errors.TooLate("retry", JobState.RENDERING),
        "Only what ended without a video can be retried; this one is rendering.",
    ),
    (
        errors.TooLate("show", JobState.WAITING),
        "There is no finished video to show: this one is waiting.",
    ),
    (
        errors.TooLate("move", JobState.WAITING),
        "Nobody else can make it for that now: it is still waiting.",
    ),
    (
        errors.UnknownThing("job:pay for", "k7qm"),
        "This job is somebody else’s: only they can say yes to another price.",
    ),
    (
        errors.CoolingDown(NOW + 39_001),
        (
            "The content rules refused much the same several times in a row, so the bot takes a "
            "break of 40 seconds."
        ),
    ),
    (errors.Refused("the moon is full"), "This is not possible: the moon is full."),
]


@pytest.mark.parametrize("no, words", REFUSALS, ids=repr)
def test_a_refusal_says_why_and_that_it_cost_nothing(no: errors.Refused, words: str) -> None:
    message = wording.refusal(no, BERLIN, NOW)
    said = "\n".join(plain(line) for line in message.lines)
    assert said.startswith(words)
    assert said.endswith(("Nothing was started or charged.", "changed and cost nothing."))
    assert message.tone is Tone.BAD


def test_every_kind_of_refusal_has_words_of_its_own() -> None:
    kinds = set(errors.Refused.__subclasses__())
    assert kinds <= {type(no) for no, _ in REFUSALS}


def test_a_fault_of_ours_has_a_reference() -> None:
    message = wording.broken("ab12")
    assert Code("ab12") in message.lines[0]


@pytest.mark.parametrize(
    "has, lack, told",
    [
        ({}, Lack.FIRST_FRAME, "m starts from words only"),
        ({}, Lack.LAST_FRAME, "m takes no last frame"),
        ({}, Lack.REFERENCES, "m takes no reference pictures"),
        ({"references": 1}, Lack.REFERENCES, "m takes at most 1 reference picture"),
        ({"sound": True}, Lack.SOUND, "m always has sound"),
        ({"sound": False}, Lack.SOUND, "m never has sound"),
        ({}, Lack.SOUND, "m cannot be told about sound"),
    ],
)
def test_what_a_model_lacks_is_told_also_where_no_other_has_it(
    has: dict[str, Any], lack: Lack, told: str
) -> None:
    model = replace(catalogue().default, name="m", takes_image=False, **has)
    assert wording.lacks(model, lack, []) == told
    assert wording.lacks(model, lack, ["n", "o"]) == f"{told}; use n or o"


# --- rules for words ----------------------------------------------------------------------


def test_no_sentence_says_that_something_went_wrong() -> None:
    everything = " ".join(
        str(value) for name, value in vars(wording).items() if not name.startswith("__")
    )
    assert "omething went wrong" not in everything
