"""What cards and results say: where a job is, what comes next, and the credits."""

from dataclasses import replace

import pytest

from bot import wording
from bot.domain.circuits import FOR_ADMINS, Circuit, Trouble
from bot.domain.jobs import LIVE, TERMINAL, Failure, Job, JobState, Moved, Stopping
from bot.domain.messages import Code, Line, Mention, plain
from bot.domain.notices import ProviderTrouble
from bot.domain.refs import Blob, Person
from bot.domain.videos import Video
from tests.fakes.orders import ANA, FREE, JOB, LATER, NOW, PENNY, TENANT

VIDEO = Video(JOB.id, Blob("0" * 64, ".mp4", 1), None, 1280, 720, 8000, 240, NOW, simulated=True)


def state(
    job: Job,
    place: int | None = None,
    starts_at: int | None = None,
    ready_at: int | None = None,
    percent: int | None = None,
) -> Line:
    return wording.state_line(job, place, starts_at, ready_at, percent, NOW)


def in_state(state: JobState, **changes: object) -> Job:
    return replace(JOB, state=state, **changes)


@pytest.mark.parametrize(
    "line, words",
    [
        (state(JOB, 3, LATER), f"Waiting · 3rd in line · starts <{LATER}>"),
        (state(JOB, 1, NOW), "Waiting · 1st in line · starts any moment"),
        (state(JOB), "Waiting"),
        (
            state(replace(JOB, tries=2, attempt=2, due_at=LATER), 1, LATER),
            f"The provider is busy · next try <{LATER}> (attempt 3)",
        ),
        (state(replace(JOB, tries=2, attempt=2, due_at=NOW), 1), "Waiting · 1st in line"),
        (state(replace(JOB, tries=2, due_at=None), 1), "Waiting · 1st in line"),
        (state(in_state(JobState.ACCEPTED)), "Accepted · getting ready"),
        (
            state(in_state(JobState.ACCEPTED, spec=replace(JOB.spec, image=Blob("0", ".jpg", 1)))),
            "Preparing the picture",
        ),
        (state(in_state(JobState.SUBMITTING)), "Sending it to the provider"),
        (
            state(in_state(JobState.SUBMIT_UNKNOWN)),
            "Outcome unknown · do not resubmit, we are checking · 80 credits stay held",
        ),
        (
            state(in_state(JobState.QUEUED), ready_at=LATER, percent=0),
            f"In the provider’s queue · ready <{LATER}>",
        ),
        (
            state(in_state(JobState.QUEUED), ready_at=LATER, percent=2),
            f"With the provider · ready <{LATER}>",
        ),
        (
            state(in_state(JobState.RENDERING), ready_at=LATER, percent=48),
            f"Rendering 48 % · ready <{LATER}>",
        ),
        (state(in_state(JobState.RENDERING)), "Rendering"),
        (
            state(in_state(JobState.RENDERING, cancel_asked=True), ready_at=LATER),
            "Stopping · cancel was asked, the provider has not let go of it yet",
        ),
        (state(in_state(JobState.FETCHING)), "Rendered · copying and checking the file"),
        (
            state(in_state(JobState.FETCHING, tries=1, due_at=LATER)),
            f"Rendered · copying the file did not work · next try <{LATER}>",
        ),
        (state(in_state(JobState.DELIVERING)), "Ready · posting the video"),
        (
            state(in_state(JobState.FAILED)),
            "Failed · 80 credits are back, nothing was charged",
        ),
        (
            state(in_state(JobState.DONE, finished_at=NOW)),
            f"Done <{NOW}> · the video has its own message · 80 credits",
        ),
    ],
)
def test_a_card_says_where_the_job_is_and_what_comes_next(line: Line, words: str) -> None:
    assert plain(line) == words


@pytest.mark.parametrize("word", sorted(TERMINAL - {JobState.DONE}))
def test_an_end_without_a_video_says_what_happened_to_the_credits(word: JobState) -> None:
    assert "80 credits are back, nothing was charged" in plain(state(in_state(word)))


@pytest.mark.parametrize("word", sorted(JobState))
def test_every_state_has_its_words(word: JobState) -> None:
    assert plain(state(in_state(word)))
    assert wording.STATE_WORDS[word]


@pytest.mark.parametrize("word", sorted(LIVE))
def test_nobody_is_told_to_resubmit_while_a_job_lives(word: JobState) -> None:
    said = plain(state(in_state(word))).lower().replace("do not resubmit", "")
    assert not any(advice in said for advice in ("retry", "resubmit", "again"))


def test_the_price_line_names_the_asker_without_calling_them() -> None:
    line = wording.price_line(JOB)
    assert plain(line) == "sora-2 · 1280×720 · 8 s · 80 credits · asked by @ana"
    assert not any(isinstance(span, Mention) for span in line)


def test_somebody_without_a_name_is_called_by_their_id() -> None:
    assert wording.called(Person(TENANT, "U123")) == "@U123"


def test_a_result_mentions_its_requester_once_and_says_that_it_is_simulated() -> None:
    lines = wording.result_lines(JOB, VIDEO)
    mentions = [span for line in lines for span in line if isinstance(span, Mention)]
    assert mentions == [Mention(ANA)]
    assert plain(lines[1]) == "sora-2 · 1280×720 · 8 s · 80 credits · #k7qm2x9d4t"
    assert plain(lines[2]).startswith("Simulated clip")


def test_a_real_clip_is_not_called_simulated() -> None:
    assert len(wording.result_lines(JOB, replace(VIDEO, simulated=False))) == 2


def test_the_line_of_a_finished_job_needs_no_time() -> None:
    assert plain(wording.done_line(JOB)).startswith("Done · ")


def test_a_late_job_asks_for_nothing_and_keeps_the_credits_held() -> None:
    assert plain(wording.late_line(JOB)).endswith("nothing to do for you · 80 credits stay held")
    assert "held" not in plain(wording.late_line(FREE))
    assert "held" not in plain(wording.unknown_line(FREE))


def test_a_failed_delivery_says_that_the_video_is_safe_and_when_it_is_tried_again() -> None:
    line = wording.delivery_failed_line(JOB, LATER, "missing\npermission")
    assert plain(line) == (
        "The video is finished and safe, but posting it here failed (“missing permission”)"
        f" · next try <{LATER}>"
    )


def test_a_given_up_delivery_says_how_to_get_the_video() -> None:
    line = wording.delivery_failed_line(JOB, None)
    assert line[-1] == Code("/sora show k7qm2x9d4t")


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_says_what_and_what_next(failure: Failure) -> None:
    lines = wording.failure_lines(in_state(JobState.FAILED, failure=failure))
    assert len(plain(lines[0]).split(". ")) >= 2 or "retry" in plain(lines[0]).lower()
    assert plain(lines[-1]) == "80 credits are back, nothing was charged."
    assert "went wrong" not in plain(lines[0])


def test_the_providers_own_words_are_quoted_cut_and_on_one_line() -> None:
    failed = in_state(JobState.MODERATED, failure=Failure.MODERATED, reason="no\n\n" + "x" * 500)
    line = plain(wording.failure_lines(failed)[1])
    assert line.startswith("It said: “no xxx")
    assert line.endswith("x…”")
    assert len(line) <= wording.MAX_QUOTED + len("It said: “”")


def test_a_cancelled_job_blames_nobody() -> None:
    lines = wording.failure_lines(in_state(JobState.CANCELLED))
    assert [plain(line) for line in lines] == [
        "Cancelled.",
        "80 credits are back, nothing was charged.",
    ]


def test_an_end_without_a_known_reason_is_still_an_answer() -> None:
    assert plain(wording.failure_lines(in_state(JobState.EXPIRED))[0]) == "There will be no video."


def test_one_credit_is_back_and_nothing_is_back_of_nothing() -> None:
    assert plain(wording.cancelled_line(PENNY)).endswith("1 credit is back, nothing was charged")
    assert plain(wording.cancelled_line(FREE)).endswith("· nothing was charged")


def test_a_wish_to_cancel_says_when_it_comes_true() -> None:
    noted = plain(wording.cancelled_line(PENNY, Stopping.ENDS))
    assert noted.endswith("; 1 credit comes back then")
    noted = plain(wording.cancelled_line(FREE, Stopping.ENDS))
    assert noted.endswith("as the provider lets go")


# --- accounts in trouble --------------------------------------------------------------------

OPEN = Circuit("simulator/default", "", 5, Trouble.FAULTS, NOW, 1, LATER)


@pytest.mark.parametrize(
    "circuit, job, words",
    [
        (
            OPEN,
            replace(JOB, attempt=2),
            (
                f"The provider does not answer as it should · next try <{LATER}> (attempt 3)"
                " · 2nd in line · 80 credits stay held"
            ),
        ),
        (
            replace(OPEN, retry_at=NOW),
            FREE,
            "The provider does not answer as it should · next try any moment · 2nd in line",
        ),
        (
            replace(OPEN, trouble=Trouble.BILLING, probe="k7qm/1"),
            PENNY,
            (
                "The bot’s account at the provider is out of money · admins are told"
                " · one order is trying it now · 2nd in line · 1 credit stays held"
            ),
        ),
    ],
)
def test_a_card_says_why_nothing_is_sent_and_when_it_is_tried(
    circuit: Circuit, job: Job, words: str
) -> None:
    assert plain(wording.circuit_line(job, circuit, 2, NOW)) == words


@pytest.mark.parametrize("trouble", list(Trouble))
def test_admins_read_what_is_wrong_with_an_account(trouble: Trouble) -> None:
    line = plain(wording.trouble_line(replace(OPEN, trouble=trouble, model="sora-2"), NOW))
    assert line.startswith("simulator/default · sora-2 ")
    assert line.endswith(f" · next try <{LATER}>")


@pytest.mark.parametrize("trouble", sorted(FOR_ADMINS))
def test_admins_are_told_what_to_mend_and_how_to_go_on(trouble: Trouble) -> None:
    head, what = wording.provider_trouble(ProviderTrouble("backup/spare", trouble))
    assert plain(head).startswith("The account backup/spare ")
    assert plain(what).endswith("then /sora-admin resume backup.")


@pytest.mark.parametrize(
    "source, price, words",
    [
        ("first/default", 80, "Moved from first, which could not make it, to simulator for the"),
        ("first/default", 90, "to simulator for 80 instead of 90 credits"),
        ("simulator/spare", 80, "Moved from simulator/spare, which could not make it, to simul"),
    ],
)
def test_a_card_says_where_a_job_went_and_what_it_costs_there(
    source: str, price: int, words: str
) -> None:
    assert words in plain(wording.moved_line(replace(JOB, moved=Moved(1, source, price))))


def test_what_never_moved_says_nothing_of_it() -> None:
    assert wording.moved_line(JOB) == ()
