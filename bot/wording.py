"""Every sentence the bot says to people, by feature. Short, kind, with the next step in it."""

from __future__ import annotations

from bot.domain.jobs import Failure, Job, JobState
from bot.domain.messages import Code, Line, Mention, Moment, Span
from bot.domain.refs import Person
from bot.domain.videos import Size, Video

S = JobState

# --- numbers and names --------------------------------------------------------------------

MAX_QUOTED = 200
"""Characters kept of words that are not ours."""


def counted(number: int, one: str, many: str = "") -> str:
    """``1 credit``, ``1,200 credits``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def credits_(number: int) -> str:
    """``80 credits``."""
    return counted(number, "credit")


def price(number: int) -> str:
    """A price: ``80 credits`` or ``free``."""
    return credits_(number) if number else "free"


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``3rd``, ``11th``."""
    if number % 100 in {11, 12, 13}:
        return f"{number:,}th"
    return f"{number:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def pixels(size: Size) -> str:
    """``1280×720``."""
    return f"{size.width}×{size.height}"


def called(person: Person) -> str:
    """``@ana``, without letting her know."""
    return f"@{person.name or person.id}"


def cut(text: str, limit: int = MAX_QUOTED) -> str:
    """Text on one line, at most `limit` characters long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def quoted(text: str) -> str:
    """Somebody else's words, cut and in quotes."""
    return f"“{cut(text)}”"


def bar(percent: int, cells: int = 8) -> str:
    """``▰▰▰▰▱▱▱▱`` for chats that draw with text."""
    full = max(0, min(cells, percent * cells // 100))
    return "▰" * full + "▱" * (cells - full)


# --- buttons ------------------------------------------------------------------------------

CANCEL = "Cancel"
DETAILS = "Details"
RETRY = "Retry"
AGAIN = "Again"
CHANGE_PROMPT = "Change the prompt"
SHORTER = "Shorter"
OTHER_MODEL = "Other model"
SHOW = "Show"

# --- cards --------------------------------------------------------------------------------


def price_line(job: Job) -> Line:
    """What was ordered, for how much, by whom."""
    return (f"{_order(job)} · asked by {called(job.person)}",)


def _order(job: Job) -> str:
    spec = job.spec
    return f"{spec.model} · {pixels(spec.size)} · {spec.seconds} s · {price(job.offer.price)}"


def state_line(
    job: Job,
    place_in_line: int | None,
    starts_at: int | None,
    ready_at: int | None,
    percent: int | None,
    now: int,
) -> Line:
    """Where a job is and what comes next. The bar itself is drawn by the chat."""
    match job.state:
        case S.WAITING:
            return _waiting(job, place_in_line, starts_at, now)
        case S.SUBMIT_UNKNOWN:
            return unknown_line(job)
        case S.QUEUED | S.RENDERING:
            return _rendering(job, ready_at, percent, now)
        case S.FETCHING:
            return _fetching(job, now)
        case S.DONE:
            return done_line(job)
        case _:
            return (_still(job),)


def _still(job: Job) -> str:
    """States that have nothing to count down to."""
    match job.state:
        case S.ACCEPTED:
            return "Preparing the picture" if job.spec.image else "Accepted · getting ready"
        case S.SUBMITTING:
            return "Sending it to the provider"
        case S.DELIVERING:
            return "Ready · posting the video"
        case _:
            return f"{STATE_WORDS[job.state].capitalize()} · {_back(job)}"


def _waiting(job: Job, place: int | None, starts_at: int | None, now: int) -> Line:
    if job.tries and job.due_at is not None and job.due_at > now:
        next_try = Moment(job.due_at)
        return ("The provider is busy · next try ", next_try, f" (attempt {job.attempt + 1})")
    head = "Waiting" if place is None else f"Waiting · {ordinal(place)} in line"
    return (head, *_when("starts", starts_at, now))


def _rendering(job: Job, ready_at: int | None, percent: int | None, now: int) -> Line:
    if job.cancel_asked:
        return ("Stopping · cancel was asked, the provider has not let go of it yet",)
    if job.state is S.QUEUED:
        return ("In the provider’s queue", *_when("ready", ready_at, now))
    head = "Rendering" if percent is None else f"Rendering {percent} %"
    return (head, *_when("ready", ready_at, now))


def _fetching(job: Job, now: int) -> Line:
    if job.tries and job.due_at is not None and job.due_at > now:
        return ("Rendered · copying the file did not work · next try ", Moment(job.due_at))
    return ("Rendered · copying and checking the file",)


def _when(word: str, at: int | None, now: int) -> tuple[Span, ...]:
    if at is None:
        return ()
    return (f" · {word} ", Moment(at)) if at > now else (f" · {word} any moment",)


def unknown_line(job: Job) -> Line:
    """Nobody knows whether the provider took the job."""
    kept = f" · {credits_(job.offer.price)} stay held" if job.offer.price else ""
    return (f"Outcome unknown · do not resubmit, we are checking{kept}",)


def late_line(job: Job) -> Line:
    """Our own patience is no failure."""
    kept = f" · {credits_(job.offer.price)} stay held" if job.offer.price else ""
    return (f"Taking longer than expected · still checking, nothing to do for you{kept}",)


def done_line(job: Job) -> Line:
    """All that is left of a card once its video stands in a message of its own."""
    when: tuple[Span, ...] = (" ", Moment(job.finished_at)) if job.finished_at else ()
    return ("Done", *when, f" · the video has its own message · {price(job.offer.price)}")


def result_lines(job: Job, video: Video) -> tuple[Line, ...]:
    """Beside a finished video: the only time its requester is mentioned."""
    head: Line = (Mention(job.person), ", your video is ready.")
    facts: Line = (f"{_order(job)} · ", Code(f"#{job.id}"))
    return (head, facts, *([SIMULATED] if video.simulated else []))


SIMULATED: Line = ("Simulated clip: drawn by the built-in simulator, no video model was asked.",)


def delivery_failed_line(job: Job, next_try: int | None, problem: str = "") -> Line:
    """The video exists and is paid for, but the chat did not take it. `problem` is not ours."""
    why = f" ({quoted(problem)})" if problem else ""
    head = f"The video is finished and safe, but posting it here failed{why}"
    if next_try is None:
        return (f"{head} · get it with ", Code(f"/sora show {job.id}"))
    return (f"{head} · next try ", Moment(next_try))


def failure_lines(job: Job) -> tuple[Line, ...]:
    """Why there is no video, whose turn it is, the provider's own words, and the credits."""
    if job.failure is None:
        head = "Cancelled." if job.state is S.CANCELLED else "There will be no video."
    else:
        head = FAILURES[job.failure]
    words: tuple[Line, ...] = ((f"It said: {quoted(job.reason)}",),) if job.reason else ()
    return ((head,), *words, (f"{_back(job).capitalize()}.",))


def _back(job: Job) -> str:
    amount = job.offer.price
    if not amount:
        return "nothing was charged"
    return f"{credits_(amount)} {'is' if amount == 1 else 'are'} back, nothing was charged"


FAILURES = {
    Failure.MODERATED: "The provider’s content rules refused this video. Change the prompt: "
    "leave out real people, brands, known characters, violence and nudity.",
    Failure.INVALID_REQUEST: "The provider does not accept these values. "
    "Try another size, length or model.",
    Failure.BAD_IMAGE: "The picture could not be used. Attach another one: JPEG, PNG or WebP.",
    Failure.BILLING: "The bot’s account at the provider is out of money. "
    "An admin has to top it up; retry after that.",
    Failure.CREDENTIALS: "The provider does not accept the bot’s key. "
    "The operator has to renew it; retry after that.",
    Failure.MODEL_RETIRED: "The provider no longer has this model. Choose another one.",
    Failure.RENDER_FAILED: "The provider started and could not finish it. "
    "Retry often helps; so does a shorter video or a simpler prompt.",
    Failure.LOST: "The provider no longer knows this video. Retry makes it anew.",
    Failure.BAD_FILE: "The provider said finished, but its file could not be copied whole. "
    "Retry makes it anew.",
    Failure.TIMED_OUT: "The provider did not finish in time. Retry, or try a shorter video.",
    Failure.TOO_MANY_TRIES: "The provider could not be reached, after several tries. "
    "Retry in a few minutes.",
    Failure.RESOLVED: "An admin checked: the provider never made this video. You can retry.",
}
"""What each end means for the person who asked: what, whose turn, next step."""

STATE_WORDS = {
    S.ACCEPTED: "accepted",
    S.WAITING: "waiting",
    S.SUBMITTING: "being sent",
    S.SUBMIT_UNKNOWN: "outcome unknown",
    S.QUEUED: "in the provider’s queue",
    S.RENDERING: "rendering",
    S.FETCHING: "being copied",
    S.DELIVERING: "being posted",
    S.DONE: "done",
    S.FAILED: "failed",
    S.MODERATED: "refused by content rules",
    S.CANCELLED: "cancelled",
    S.EXPIRED: "expired",
}
"""A state in the middle of a sentence."""
