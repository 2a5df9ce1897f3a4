"""Every sentence the bot says to people, by feature. Short, kind, with the next step in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot import errors
from bot.domain.audit import Change, Outcome, Record
from bot.domain.budgets import Budget, Spending
from bot.domain.catalogue import Lack, Listed, Maker, Model
from bot.domain.checkups import Ailment
from bot.domain.circuits import FOR_ADMINS, Circuit, Trouble
from bot.domain.findings import Finding
from bot.domain.gates import Limits
from bot.domain.gates import Style as Counting
from bot.domain.jobs import Failure, Job, JobState, Operation, Stopping
from bot.domain.ledger import Entry
from bot.domain.library import Order
from bot.domain.lineage import LONGEST, MOST_ADDED, Credit
from bot.domain.links import Link
from bot.domain.messages import Code, Jump, Line, Mention, Message, Moment, Room, Span, Strong, Tone
from bot.domain.notices import BudgetAlert, ProviderTrouble, Request, Wish
from bot.domain.order import Lane
from bot.domain.permits import Ask, AskState, holds
from bot.domain.probes import Door, ErrorShape, Probe, Reason, Sign
from bot.domain.quotas import (
    EVERYONE,
    Given,
    Period,
    Rule,
    Standing,
    Unit,
    Window,
    channel_in,
    is_shared,
    role_in,
)
from bot.domain.quotas import amount as unit_amount
from bot.domain.reconciliation import Comparison
from bot.domain.refs import Channel, MessageRef, Person, Tenant
from bot.domain.releases import HIDDEN, Check, DraftPolicy, House, Release, Remixers, Stand
from bot.domain.reports import Report, When
from bot.domain.schedules import Schedule
from bot.domain.styles import Style
from bot.domain.switches import EVERYTHING, Mode, Switch, named
from bot.domain.takedowns import STRIKES, Claim, Takedown, TakedownState
from bot.domain.threads import ThreadMode
from bot.domain.tiers import Tier
from bot.domain.unknowns import Answer, Look, Resolution, Unknown, Verdict
from bot.domain.usage import WORKSPACE, Usage
from bot.domain.usage import channel_in as channel_of_scope
from bot.domain.usage import provider_in as provider_of_scope
from bot.domain.videos import Size, Video
from bot.domain.webhooks import LEAST_SECRET, Scheme
from bot.domain.workspaces import Choice, Workspace

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


def hashed(channel: Channel) -> str:
    """``#studio``."""
    return f"#{channel.name or channel.id}"


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


def one_of(words: Iterable[object]) -> str:
    """``4, 8 or 12``; a dash for nothing."""
    *others, last = [str(word) for word in words] or ["—"]
    return f"{', '.join(others)} or {last}" if others else last


def local_time(at: int, zone: ZoneInfo, now: int) -> str:
    """``Monday 00:00 Europe/Berlin``, with the date when it is not within a week from now (ms)."""
    moment = datetime.fromtimestamp(at / 1000, zone)
    day = f"{moment:%A}" if 0 <= at - now < _WEEK else f"{moment:%A} {moment.day} {moment:%B}"
    return f"{day} {moment:%H:%M} {zone.key}"


_WEEK = 7 * 24 * 3_600_000

# --- buttons ------------------------------------------------------------------------------

CANCEL = "Cancel"
DETAILS = "Details"
RETRY = "Retry"
AGAIN = "Again"
REMIX = "Remix"
EXTEND = "Extend"
MORE_SECONDS = "How much longer"
CHECK = "Check again"
REMIX_FIRST = "Remix the first"
REMIX_NEWEST = "Remix the newest"
CHANGE_PROMPT = "Change the prompt"
SHOW = "Show"
SHOW_MINE = "Show my video"
GO = "Go"
IGNORE = "Ignore"


def shorter(seconds: int, cost: int) -> str:
    """The same, in another length."""
    return f"Shorter: {seconds} s, {price(cost)}"


def finalize(cost: int) -> str:
    """The same, by the model for finals."""
    return f"Finalize, {price(cost)}"


def with_model(model: str, cost: int) -> str:
    """The same, by another model."""
    return f"With {cut(model, 30)}, {price(cost)}"


# --- cards --------------------------------------------------------------------------------


def price_line(job: Job) -> Line:
    """What was ordered, for how much, by whom."""
    return (f"{_order(job)} · asked by {called(job.person)}",)


def _order(job: Job) -> str:
    return f"{_shape(job)} · {price(job.offer.price)}"


def _shape(job: Job) -> str:
    spec = job.spec
    more = " more" if job.operation is Operation.EXTEND else ""
    sound = {None: "", True: " · sound on", False: " · no sound"}[spec.sound]
    return f"{spec.model} · {pixels(spec.size)} · {spec.seconds} s{more}{sound}"


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
            return _preparing(job) if job.spec.pictures else "Accepted · getting ready"
        case S.SUBMITTING:
            return "Sending it to the provider"
        case S.DELIVERING:
            return "Ready · posting the video"
        case _:
            return f"{STATE_WORDS[job.state].capitalize()} · {_back(job)}"


def _preparing(job: Job) -> str:
    return f"Preparing the picture{'s' if len(job.spec.pictures) > 1 else ''}"


def _waiting(job: Job, place: int | None, starts_at: int | None, now: int) -> Line:
    if job.tries and job.due_at is not None and job.due_at > now:
        next_try = Moment(job.due_at)
        return ("The provider is busy · next try ", next_try, f" (attempt {job.attempt + 1})")
    head = "Waiting" if place is None else f"Waiting · {ordinal(place)} in line"
    return (f"{head}{_LANES[job.lane]}", *_when("starts", starts_at, now))


_LANES = {Lane.URGENT: " · urgent", Lane.NORMAL: "", Lane.RELAXED: " · relaxed"}


def later_line(job: Job, starts_at: int, zone: ZoneInfo, now: int) -> Line:
    """A job that waits for the time that its person chose."""
    when = local_time(starts_at, zone, now)
    return (f"Starts {when}{_LANES[job.lane]} · ", Moment(starts_at))


def _rendering(job: Job, ready_at: int | None, percent: int | None, now: int) -> Line:
    if job.cancel_asked:
        return ("Stopping · cancel was asked, the provider has not let go of it yet",)
    if job.state is S.QUEUED:
        # Asked about rarely, it may well have begun by the time at which it shows a percentage.
        where = "With the provider" if percent else "In the provider’s queue"
        return (where, *_when("ready", ready_at, now))
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


def done_line(job: Job, posted: MessageRef | None = None) -> Line:
    """All that is left of a card once its video stands in a message of its own."""
    when: tuple[Span, ...] = (" ", Moment(job.finished_at)) if job.finished_at else ()
    words = "the video has its own message"
    where = Jump(words, posted) if posted else words
    return ("Done", *when, " · ", where, f" · {price(job.offer.price)}")


# --- drafts and review --------------------------------------------------------------------


PUBLISH = "Publish"
PUBLISH_NOW = "Publish now"
CLAIM = "I review it"
REJECT = "Give back …"
UNPUBLISH = "Unpublish"
DELETE = "Delete"
RESTORE = "Restore"
TAGS = "up to 8 words of up to 24 characters, with spaces or commas between"
PUBLISHABLE = "the ids of drafts, or all"
NO_DRAFTS: Line = ("You have no drafts. Whatever you made is published, or there is none yet.",)
NO_REVIEWS: Line = ("Nothing waits for a reviewer.",)
ALL_SEEN: Line = (
    "By publishing you say: nobody real is in it without their consent, and it is yours to show.",
)
_CHECKS: Mapping[Check, tuple[str, str]] = {
    Check.PREVIEWED: ("You got the video", "You did not get the video yet: /sora show it first"),
    Check.PERMITTED: (
        "Whoever made what it changes allows that",
        "Whoever made what it changes wants nobody to publish changes of it",
    ),
    Check.DIFFERENT: (
        "It differs from what it changes",
        "It repeats the prompt of what it changes: change something first",
    ),
}


def draft_line(job: Job, release: Release, posted: MessageRef | None = None) -> Line:
    """All that is left of a card whose video is not for everybody."""
    when: tuple[Span, ...] = (" ", Moment(job.finished_at)) if job.finished_at else ()
    what = _STANDS[release.stand]
    where = Jump(what, posted) if posted else what
    return ("Done", *when, " · ", where, f" · {price(job.offer.price)}")


_STANDS: Mapping[Stand, str] = {
    Stand.DRAFT: "a draft that only its author sees",
    Stand.REVIEW: "a draft that waits for a reviewer",
    Stand.REJECTED: "a draft that a reviewer gave back",
    Stand.PUBLISHED: "published",
    Stand.DELETED: "deleted",
    Stand.ERASED: "erased",
}


def release_lines(release: Release) -> tuple[Line, ...]:
    """What its author tells with a video, and whether others see it."""
    title: tuple[Line, ...] = ((Strong(release.title),),) if release.title else ()
    about: tuple[Line, ...] = ((release.description,),) if release.description else ()
    tags: tuple[Line, ...] = ((" ".join(f"#{tag}" for tag in release.tags),),)
    hidden = release.stand in HIDDEN
    draft: tuple[Line, ...] = ((f"This is {_STANDS[release.stand]}.",),) if hidden else ()
    return (*title, *about, *(tags if release.tags else ()), *draft)


def published_lines(job: Job, video: Video, here: Tenant | None = None) -> tuple[Line, ...]:
    """Beside a video that its author published; `here` is where it is read."""
    head: Line = (f"{called_from(job.person, here)} published a video.",)
    at_home = here is None or here == job.person.tenant
    facts: Line = (f"{_order(job) if at_home else _shape(job)} · ", Code(f"#{job.id}"))
    return (head, facts, *([SIMULATED] if video.simulated else []))


def shown_lines(job: Job, video: Video) -> tuple[Line, ...]:
    """Beside a video that somebody shows again."""
    head: Line = (f"{called(job.person)}’s video",)
    facts: Line = (f"{_order(job)} · ", Code(f"#{job.id}"))
    return (head, facts, *([SIMULATED] if video.simulated else []))


def draft_entry(job: Job, release: Release) -> Line:
    """A draft in a list."""
    title = f"“{cut(release.title, 40)}” · " if release.title else ""
    why = f" · {cut(release.reason, 60)}" if release.stand is Stand.REJECTED else ""
    by = (
        f" · {called(release.reviewer)} looks at it" if release.claimed and release.reviewer else ""
    )
    waits = " · waits for a reviewer" if release.stand is Stand.REVIEW and not by else ""
    back = " · given back" if release.stand is Stand.REJECTED else ""
    whom = f" · {called(release.author)}"
    return (Code(f"#{job.id}"), f" · {title}{cut(job.spec.prompt, 50)}{whom}{waits}{by}{back}{why}")


def checklist_lines(job: Job, checks: Mapping[Check, bool]) -> tuple[Line, ...]:
    """What is looked at before a video is published, and how it is."""
    head: Line = (Code(f"#{job.id}"), f" · {cut(job.spec.prompt, 60)}")
    told = [
        (f"✓ {_CHECKS[one][0]}" if fine else f"✗ {_CHECKS[one][1]}",)
        for one, fine in checks.items()
    ]
    return (head, *told)


def unready(checks: Mapping[Check, bool]) -> str:
    """What is missing, in one sentence."""
    return "; ".join(_CHECKS[one][1] for one, fine in checks.items() if not fine)


def came_line(job: Job, came: str, channel: Channel | None) -> Line:
    """What became of a wish to publish."""
    where: tuple[Span, ...] = (" in ", Room(channel)) if channel else ()
    code = Code(f"#{job.id}")
    match came:
        case "published":
            return (code, " is published", *where, ".")
        case "sent":
            return (code, " went to the reviewers. It appears once one of them agrees.")
        case "moved":
            return (code, " appears", *where, ", too.")
        case _:
            return (code, " tells the new words now; its place in the gallery stays.")


def not_done_line(typed: str, why: str) -> Line:
    """One of several that did not work."""
    return (Code(f"#{typed.lstrip('#')}"), f" · {why}")


def stood_line(job: Job, stand: Stand) -> Line:
    """What became of a video."""
    code = Code(f"#{job.id}")
    match stand:
        case Stand.DELETED:
            return (
                code,
                " is deleted everywhere. For 30 days you can bring it back: ",
                Code(f"/sora restore {job.id}"),
            )
        case _:
            return (code, " is a draft now: nobody else sees it. ", Code(f"/sora publish {job.id}"))


def review_head(job: Job, release: Release) -> Line:
    """To reviewers: whose draft it is."""
    again = " once more" if release.rounds > 1 else ""
    return (
        Strong(called(release.author)),
        f" would like to publish a video{again} · ",
        Code(f"#{job.id}"),
    )


def review_state(release: Release, *, is_open: bool) -> Line:
    """To reviewers: who looks at it, or how it was decided."""
    by = called(release.reviewer) if release.reviewer else ""
    if is_open:
        return (f"{by} looks at it.",) if by else ("Whoever presses first reviews it.",)
    match release.stand:
        case Stand.PUBLISHED:
            return (f"Published by {by}." if by else "Published.",)
        case Stand.REJECTED:
            return (f"Given back by {by}: {cut(release.reason, 200)}",)
        case _:
            return ("It was taken back, or sent again since.",)


def claimed_line(job: Job) -> Line:
    """To the reviewer who was first."""
    return ("You review ", Code(f"#{job.id}"), ". Publish it, or give it back with a reason.")


def reviewed_line(job: Job, release: Release) -> Line:
    """To an author: what was decided."""
    by = called(release.reviewer) if release.reviewer else "A reviewer"
    if release.stand is Stand.PUBLISHED:
        return (f"{by} published your video ", Code(f"#{job.id}"), ".")
    return (f"{by} gave your video ", Code(f"#{job.id}"), " back. Nobody else sees it. The reason:")


def decided_line(job: Job, release: Release) -> Line:
    """To a reviewer: what they decided."""
    if release.stand is Stand.PUBLISHED:
        return (Code(f"#{job.id}"), " is published.")
    return (Code(f"#{job.id}"), f" went back to {called(release.author)} with your reason.")


def house_lines(house: House, where: Channel | None) -> tuple[Line, ...]:
    """What holds for drafts in a channel, or in the workspace."""
    begin = {
        DraftPolicy.OFF: "Videos are published as soon as they are ready",
        DraftPolicy.REMIXES: "Remixes begin as drafts, other videos are published when ready",
        DraftPolicy.ALL: "Every video begins as a draft",
    }[house.drafts]
    review = "a reviewer has to agree" if house.reviewed else "their authors publish them alone"
    scope: tuple[Span, ...] = ("In ", Room(where), ": ") if where else ("In this workspace: ",)
    return (
        (
            *scope,
            f"{begin}; {review}.",
        ),
    )


def reviewers_line(names: Sequence[str]) -> Line:
    """Who decides on drafts, besides admins."""
    listed = ", ".join(names)
    return (f"Reviewers besides admins: {listed}." if names else "Only admins review drafts.",)


# --- who may remix ------------------------------------------------------------------------

_WHO: Mapping[Remixers, str] = {
    Remixers.EVERYONE: "everyone",
    Remixers.TEAM: "everyone of this workspace",
    Remixers.ASK: "whoever the author says yes to",
    Remixers.NOBODY: "nobody but the author",
}


def remixers_line(video: Job, remixers: Remixers) -> Line:
    """Who may change a video."""
    return (Code(f"#{video.id}"), f" can be remixed by {_WHO[remixers]}.")


def own_remixers_line(remixers: Remixers) -> Line:
    """Who may change the videos of whoever reads it."""
    return (f"Your videos can be remixed by {_WHO[remixers]}, where you say nothing else of one.",)


# --- authors who are asked ----------------------------------------------------------------

LET = "Let them"
LET_NOT = "No, thanks …"
NO_ASKS: Line = ("Nobody waits for a yes of yours, and you asked nobody.",)
ASKED_OF_YOU: Line = (Strong("These wait for you"),)
ASKED_BY_YOU: Line = (Strong("You asked"),)


def let_always(ask: Ask) -> str:
    """Label of the button that says yes to all that somebody makes of a video."""
    return cut(f"Always let {_asker(ask)}", 60)


def _asker(ask: Ask) -> str:
    """Whoever asked, as the author knows them."""
    return called_from(ask.person, ask.author.tenant)


def _doing(ask: Ask) -> str:
    """What somebody would like to do with a video."""
    return "extend" if ask.order.operation is Operation.EXTEND else "remix"


def _author(ask: Ask) -> str:
    """Whoever was asked, as those know them who asked."""
    return called_from(ask.author, ask.person.tenant)


def waits_line(no: errors.Waits) -> Line:
    """To whoever ordered: their order waits for an author."""
    return (
        f"I asked {no.by} whether you may {no.wish} ",
        Code(f"#{no.job_id}"),
        ". Nothing is held or charged before they say yes; after 7 days it lapses. ",
        Code("/sora asks"),
    )


def permit_asked(ask: Ask) -> Line:
    """To an author: who would like what."""
    return (
        Mention(ask.author),
        ", ",
        Strong(_asker(ask)),
        f" would like to {_doing(ask)} your video ",
        Code(f"#{ask.job_id}"),
        ". In their words:",
    )


def ask_state(ask: Ask) -> Line:
    """To an author: what became of it."""
    match ask.state:
        case AskState.YES:
            return (_said_yes(ask),)
        case AskState.NO:
            return (f"You said no{_reason(ask)}.",)
        case AskState.OVER:
            return ("You did not decide within 7 days, so it lapsed.",)
        case AskState.UNLINKED:
            return ("Both workspaces are no longer linked, so there is nothing to decide.",)
        case AskState.OPEN:
            return ("Nobody decided yet.",)


def _said_yes(ask: Ask) -> str:
    """With why it came to nothing yet, unless that is another workspace's business."""
    if not ask.problem:
        return "You said yes. It is on its way."
    said = "You said yes, but it could not be ordered yet"
    if ask.person.tenant == ask.author.tenant:
        return f"{said}: {ask.problem}"
    return f"{said}. {_asker(ask)} was told why, and may try again."


def _reason(ask: Ask) -> str:
    return f": {cut(ask.reason)}" if ask.reason else ""


def permit_decided(ask: Ask) -> tuple[Line, ...]:
    """To whoever asked."""
    author, video = _author(ask), Code(f"#{ask.job_id}")
    may = f"{author} lets you {_doing(ask)}"
    match ask.state:
        case AskState.YES if ask.problem:
            lets: Line = (f"{may} ", video, ", but it could not be ordered:")
            return (lets, (ask.problem,), ("You need not ask for that one again.",))
        case AskState.YES:
            return ((f"{may} ", video, ". Your order is on its way."),)
        case AskState.NO:
            why = " The reason:" if ask.reason else ""
            return (
                (
                    f"{author} would rather not have you {_doing(ask)} ",
                    video,
                    f". Nothing was charged.{why}",
                ),
            )
        case AskState.UNLINKED:
            ended = f"Your workspace and that of {author} are no longer linked. Your order for "
            return ((ended, video, " ended without an answer, and nothing was charged."),)
        case _:
            return (
                (
                    f"{author} did not answer within 7 days whether you may {_doing(ask)} ",
                    video,
                    ". Nothing was charged.",
                ),
            )


def permit_over(ask: Ask) -> Line:
    """To an author."""
    if ask.state is AskState.UNLINKED:
        return (
            f"{_asker(ask)} asked whether they may {_doing(ask)} your video ",
            Code(f"#{ask.job_id}"),
            ". Both workspaces are no longer linked, so that ended without an answer.",
        )
    return (
        f"{_asker(ask)} asked a week ago whether they may {_doing(ask)} your video ",
        Code(f"#{ask.job_id}"),
        ". It lapsed without an answer.",
    )


def ask_entry(ask: Ask, *, mine: bool) -> Line:
    """A question in a list; `mine`: the reader asked it."""
    who = _author(ask) if mine else _asker(ask)
    words = cut(ask.order.spec.prompt, 60)
    state = f" · {_ASK_STATES[ask.state]}" if mine else ""
    return (Code(ask.id), f" · {who} · ", Code(f"#{ask.job_id}"), f" · {words}{state}")


_ASK_STATES: Mapping[AskState, str] = {
    AskState.OPEN: "waits",
    AskState.YES: "yes",
    AskState.NO: "no",
    AskState.OVER: "lapsed",
    AskState.UNLINKED: "ended with the link",
}


# --- authors who are told -----------------------------------------------------------------

TREE = "Tree"


def remixed_line(job: Job, posted: MessageRef | None, *, near: bool) -> Line:
    """To an author: who made what of their video."""
    what = "your video" if near else "a video that began with yours"
    code = Code(f"#{job.id}")
    link: tuple[Span, ...] = (Jump("watch it", posted), " · ", code) if posted else (code,)
    did = "extended" if job.operation is Operation.EXTEND else "remixed"
    return (f"{called(job.person)} {did} {what}: ", *link)


def notify_line(*, wanted: bool) -> Line:
    """Whether the reader hears of remixes of their videos."""
    if wanted:
        return (
            "You hear of each remix of your videos. To hear of none: ",
            Code("/sora notify off"),
        )
    return ("You hear of no remix of your videos. To hear of them: ", Code("/sora notify on"))


# --- videos that should go ----------------------------------------------------------------

TAKEDOWN = "Take down …"
TAKE_DOWN = "Take it down"
KEEP_VIDEO = "Keep it"
TAKE_OUT = "Take out of this workspace"
ADMINS = "the admins"
OF_SOMEBODY_ELSE = "a video of somebody else; yours you take back with /sora unpublish"
NO_TAKEDOWNS: Line = ("Nobody asks for a video to be taken down.",)
_CLAIMS: Mapping[Claim, str] = {
    Claim.ROOT: ", with whose video it began,",
    Claim.PARENT: ", whose video it remixes,",
    Claim.NONE: "",
}


def takedown_sent(takedown: Takedown, *, heard: bool) -> Line:
    """To whoever asked for it."""
    remind = "" if heard else " They have no channel for alerts yet, so remind one."
    at_home = takedown.person.tenant == takedown.author.tenant
    whose = "The admins" if at_home else "The admins of its own workspace"
    return (
        f"{whose} were asked to take down ",
        Code(f"#{takedown.job_id}"),
        f". You will be told what they decide.{remind}",
    )


def _wisher(takedown: Takedown) -> str:
    """Whoever asked, as they are known where the video is of."""
    return called_from(takedown.person, takedown.author.tenant)


def takedown_lines(takedown: Takedown) -> tuple[Line, ...]:
    """To admins: who would like which video to go, and why."""
    who = f"{_wisher(takedown)}{_CLAIMS[takedown.claim]}"
    return (
        (
            Strong(who),
            " asks for a takedown of ",
            Code(f"#{takedown.job_id}"),
            f" by {called(takedown.author)}",
        ),
        (f"Why: {cut(takedown.reason, 300)}",),
    )


def takedown_state(takedown: Takedown) -> Line:
    """To admins: how it was decided."""
    word = "Taken down" if takedown.state is TakedownState.DOWN else "Kept"
    by = f" by {called(takedown.decided_by)}" if takedown.decided_by else ""
    return (f"{word}{by}.",)


def takedown_entry(takedown: Takedown, job: Job | None) -> Line:
    """A wish in the list of admins."""
    who = f"{_wisher(takedown)}{_CLAIMS[takedown.claim].rstrip(',')}"
    words = f" · {cut(job.spec.prompt, 40)}" if job else ""
    return (
        Code(takedown.id),
        " · ",
        Code(f"#{takedown.job_id}"),
        f" by {called(takedown.author)}{words} · {who}: {cut(takedown.reason, 60)}",
    )


def takedown_decided(takedown: Takedown) -> Line:
    """To whoever asked for it."""
    code = Code(f"#{takedown.job_id}")
    if takedown.state is TakedownState.DOWN:
        return (code, " was taken down, as you asked.")
    return ("An admin looked at ", code, " and keeps it.")


def taken_down(takedown: Takedown) -> Line:
    """To an author."""
    return (
        "An admin took your video ",
        Code(f"#{takedown.job_id}"),
        " out of all channels. A reviewer has to agree before it is published again. The reason:",
    )


def watched_line(until: int) -> Line:
    """To an author whose videos had to go again and again."""
    return (
        f"{STRIKES} videos of yours were taken down within 30 days. ",
        "What you make now begins as a draft that a reviewer has to agree to. That ends ",
        Moment(until),
        ".",
    )


# --- videos of other workspaces -----------------------------------------------------------

LINK_NAME = "one short word of a–z, 0–9 and -"
NO_LINKS: Line = (
    "This workspace shares videos with no other one. ",
    Code("/sora-admin link"),
    " makes a code for the admins of one.",
)
CODE_SHOWN: Line = (
    "This request made its code before, and it is shown once. Ask again for a new one.",
)
_CHATS: Mapping[str, str] = {"discord": "Discord", "slack": "Slack", "web": "web chat"}


def chat_of(tenant: Tenant) -> str:
    """``Slack``: which kind of chat a workspace is in."""
    return _CHATS.get(tenant.platform, tenant.platform)


def called_from(person: Person, here: Tenant | None) -> str:
    """``@ana``; ``Ana (Discord)`` where people are of another workspace. None: of their own."""
    if here is None or person.tenant == here:
        return called(person)
    return f"{person.name or person.id} ({chat_of(person.tenant)})"


def video_of(person: Person, here: Tenant | None) -> str:
    """``@ana’s video``; ``Ana’s video (Discord)`` where people are of another workspace."""
    if here is None or person.tenant == here:
        return f"{called(person)}’s video"
    return f"{person.name or person.id}’s video ({chat_of(person.tenant)})"


def code_lines(code: str) -> tuple[Line, ...]:
    """What to do with the code that links two workspaces."""
    return (
        ("An admin of the other workspace types this within 10 minutes; it works once:",),
        (Code(f"/sora-admin link {code}"),),
    )


def linked_line(link: Link) -> Line:
    """Two workspaces share videos now."""
    shared = "Videos may be published from here to there and back"
    where = "What comes from there appears in the gallery channel: "
    gallery = Code("/sora-admin settings gallery here")
    return (
        *(f"Linked with {link.name} ({chat_of(link.other)}). {shared}. {where}", gallery),
        " chooses it.",
    )


def link_line(link: Link) -> Line:
    """A workspace that this one shares videos with."""
    return (Strong(link.name), f" · {chat_of(link.other)} · since ", Moment(link.at))


def unlinked_line(name: str) -> Line:
    """Two workspaces share nothing new."""
    ends = f"No longer linked with {name}. Nothing new goes there or comes from there"
    stays = "the videos that stand there and here stay until they are unpublished"
    return (f"{ends}, and nobody remixes what did; {stays}.",)


def crossed_line(job: Job, name: str, *, anew: bool) -> Line:
    """A video goes to another workspace, or stands there already."""
    said = f" appears in the gallery of {name}." if anew else f" stands in {name} as it is now."
    return (Code(f"#{job.id}"), said)


def taken_out_line(job: Job) -> Line:
    """An admin took out what came from another workspace."""
    return (Code(f"#{job.id}"), " is taken out of this workspace. In its own nothing changes.")


_NOT_LINKED: Mapping[str, str] = {
    "code": "This code is unknown, used or older than 10 minutes. Their admins can make a new one.",
    "itself": "This code is this workspace’s own. It is for an admin of the other one.",
    "home": "This is no published video. Publish it here first, then there.",
    "gallery": (
        "{name} has no channel for videos from elsewhere yet. "
        "One of its admins chooses one: /sora-admin settings gallery here."
    ),
    "reviewed": (
        "In {name} a reviewer has to agree to every video of that channel, and reviewers cannot "
        "look at videos from elsewhere yet. Its admins can choose another gallery."
    ),
    "closed": "The bot cannot post videos in the gallery of {name}. Its admins have to allow it.",
}


# --- finished jobs ------------------------------------------------------------------------


def made_line(job: Job, video: Video | None) -> Line:
    """Facts of a finished job: its id, how long it took, what the file is."""
    parts: list[Span] = [Code(f"#{job.id}")]
    if job.submitted_at and job.finished_at:
        parts.append(
            f" · rendered in {max(1, round((job.finished_at - job.submitted_at) / 1000))} s"
        )
    if video:
        parts.append(
            f" · {video_facts(video.duration_ms, video.width, video.height, video.blob.size)}"
        )
    return (*parts, f" · by {job.offer.provider}")


def result_lines(job: Job, video: Video) -> tuple[Line, ...]:
    """Beside a finished video: the only time its requester is mentioned."""
    head: Line = (Mention(job.person), ", your video is ready.")
    facts: Line = (f"{_order(job)} · ", Code(f"#{job.id}"))
    return (head, facts, *([SIMULATED] if video.simulated else []))


def credit_line(credit: Credit, here: Tenant | None = None) -> Line:
    """Whose video a remix changes, and who began; `here` is where it is read."""
    how = {Operation.FINALIZE: "Finalized from", Operation.EXTEND: "Extended from"}
    made = how.get(credit.operation, "Remix of")
    began = called_from(credit.root, here)
    return (f"{made} {video_of(credit.parent, here)} · started by {began}",)


WHICH_VIDEO = "the id of a finished video, or nothing in a thread of remixes"


def made_anew_line(*, pictured: bool) -> Line:
    """A remix at a backend that changes no videos; `pictured`: it takes pictures at least."""
    of = "all the words so far" + (" and the first picture" if pictured else "")
    return (f"Made anew from {of}: the provider changes no videos.",)


def continued_line(*, alone: bool) -> Line:
    """An extension that the provider did not make; `alone`: it is not joined to what it extends."""
    how = "Continued here from the last picture: the provider did not extend it"
    return (
        f"{how}, and it could not be joined, so only the new part is here." if alone else f"{how}.",
    )


def thread_title(prompt: str) -> str:
    """Name of a thread of remixes."""
    return f"Remixes · {cut(prompt, 60)}"


def banner_head(root: Job, here: Tenant | None = None) -> Line:
    """What a thread is about; `here` is where it is read."""
    return (Strong(f"Remixes of {video_of(root.person, here)}"),)


def banner_counts(made: int, running: int, sponsors: Sequence[tuple[Person, int]]) -> Line:
    """How many there are, and who pays for the next: `sponsors` up to what they have left."""
    parts = [f"{counted(made, 'version')} finished"] if made else []
    parts += [f"{running:,} on the way"] if running else []
    parts += [f"{called(one)} pays up to {credits_(left)} more" for one, left in sponsors]
    then = "then each remix" if sponsors else "each remix"
    return (" · ".join([*parts, f"{then} is charged to who asks for it"]),)


def remix_line(job: Job, *, done: bool, here: Tenant | None = None) -> Line:
    """A remix in the head of its thread, which is not told of every step on the way."""
    state = "" if done else " · on the way"
    return (*_listed(job), f" · {called_from(job.person, here)}{state}")


def pickup_line(job: Job) -> Line:
    """For a channel that others read: says nothing of what was made."""
    trouble = "something you asked for in private is ready, but the bot may not write to you."
    return (Mention(job.person), f", {trouble} Press {SHOW} to see it here, only you will.")


TAKEN_BACK: Line = ("This message was taken back.",)

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


RESTRUCTURE = (
    "The same was refused several times now, and small changes will not help. Build the prompt "
    "anew: one subject that you made up, what it does, where, in which light. Name nobody."
)
"""After several refusals of much the same."""


def cooling_down(until: int, now: int) -> str:
    """Whoever was refused alike several times in a row waits a moment."""
    seconds = counted(max(1, -(-(until - now) // 1000)), "second")
    return (
        "The content rules refused much the same several times in a row, so the bot takes a break "
        f"of {seconds}. Use it to build the prompt anew, with no real people, brands or violence."
    )


FAILURES = {
    Failure.MODERATED: "The provider’s content rules refused this video. Change the prompt: "
    "leave out real people, brands, known characters, violence and nudity.",
    Failure.INVALID_REQUEST: "The provider does not accept these values. "
    "Try another size, length or model.",
    Failure.BAD_IMAGE: "The picture could not be used. Attach another one: JPEG, PNG or WebP.",
    Failure.NO_SOURCE: "The video that it was to go on from is gone, or its last picture cannot be "
    "read. Extend another one.",
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
    Failure.RESOLVED: "An admin checked: the provider has no video of this. You can retry.",
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

# --- what is possible ---------------------------------------------------------------------

ATTACH_PICTURE = "attach a picture to the message (JPEG, PNG or WebP)"
ONE_PICTURE = "one picture"
LAST_NEEDS_FIRST = "a first frame beside it"
FRAMES_OR_REFERENCES = "either frames or reference pictures"
ONCE = "one value; words that belong to the prompt are safe inside quotes"
NOTHING = "Nothing was started or charged."


def between(low: int | None, high: int | None) -> str:
    """``1–4``, ``1 or more``."""
    return f"{low or 0:,}–{high:,}" if high is not None else f"{low or 0:,} or more"


def up_to_characters(limit: int) -> str:
    """How long a text may be."""
    return f"up to {counted(limit, 'character')}"


def needs_value(name: str) -> str:
    """An option without its value."""
    return f"a value right after it, as in {name}:…"


def did_you_mean(name: str) -> str:
    """A name that is nearly ours."""
    return f"Did you mean {name}? Words that belong to the prompt are safe inside quotes."


def try_one_of(commands: Iterable[str]) -> str:
    """Commands that do exist."""
    return f"Try {one_of(commands)}."


def command_or_prompt(command: str, typed: str) -> str:
    """A short line that is nearly a command."""
    return f"Did you mean /sora {command}? For a video of these words: /sora create {cut(typed)}"


def usage_or_prompt(usage: str, typed: str, *, prompt: bool) -> str:
    """A command with too many words, which may have been meant as a prompt."""
    as_prompt = f" For a video of these words: /sora create {cut(typed)}" if prompt else ""
    return f"Type {usage}.{as_prompt}"


def lacks(model: Model, lack: Lack, others: Iterable[str]) -> str:
    """What a model has no place for, and which `others` have."""
    able = list(others)
    return _lack(model, lack) + (f"; use {one_of(able)}" if able else "")


def _lack(model: Model, lack: Lack) -> str:
    match lack:
        case Lack.FIRST_FRAME:
            return f"{model.name} starts from words only"
        case Lack.LAST_FRAME:
            return f"{model.name} takes no last frame"
        case Lack.REFERENCES if model.references:
            return f"{model.name} takes at most {counted(model.references, 'reference picture')}"
        case Lack.REFERENCES:
            return f"{model.name} takes no reference pictures"
        case Lack.SOUND:
            return f"{model.name} {_SOUNDS[model.sound]}"


_SOUNDS: Mapping[bool | None, str] = {
    True: "always has sound",
    False: "never has sound",
    None: "cannot be told about sound",
}


# --- models -------------------------------------------------------------------------------

NO_MODELS: Line = ("The catalogue is empty: see SORA_CATALOGUE_FILE.",)


def model_lines(listed: Listed, gone: Mapping[tuple[str, str], int]) -> tuple[Line, ...]:
    """All about one model; `gone`: since when (ms) an account lacks it, by gate and model."""
    model = listed.model
    lanes = (f" · {lane}: {_asked_of(model, makers)}" for lane, makers in listed.lanes)
    return (
        (Strong(model.name), f" · {model.label} · {_lengths(model.seconds)} · {_takes(model)}"),
        (_rates(model),),
        (f"Made by {_asked_of(model, listed.makers)}", *lanes),
        *(_gone_line(one.gate, gone[key]) for one in listed.makers if (key := _key(one)) in gone),
        *(((f"Until {_day(model.retire_on)}{_follows(model)}",),) if model.retire_on else ()),
        (f"As of {_day(model.as_of)}: {cut(model.source)}",),
    )


def _takes(model: Model) -> str:
    """What a model can be given besides words, and how it sounds."""
    pictures = model.takes_image or model.takes_last or model.references
    heard = {True: "has sound", False: "no sound", None: ""}[model.sound]
    told = (
        "with or without a first frame" if model.takes_image else "",
        "with or without a last frame" if model.takes_last else "",
        f"up to {counted(model.references, 'reference picture')}" if model.references else "",
        "" if pictures else "from words only",
        "sound on or off" if model.switches_sound else heard,
    )
    return " · ".join(filter(None, told))


def _key(maker: Maker) -> tuple[str, str]:
    return maker.gate, maker.upstream


def _gone_line(gate: str, since: int) -> Line:
    return (Strong(f"{gate} no longer has it"), " · gone since ", Moment(since))


def _asked_of(model: Model, makers: Iterable[Maker]) -> str:
    """``gemini/default, then fal/default (9 credits a second)``."""
    usual = dict(model.prices).get(model.default_size)
    return ", then ".join(_maker(one, usual) for one in makers) or "nobody"


def _maker(maker: Maker, usual: int | None) -> str:
    if maker.price is None or maker.price == usual:
        return maker.gate
    return f"{maker.gate} ({credits_(maker.price)} a second)"


def _rates(model: Model) -> str:
    """What a second costs people and the workspace, sizes of one price together."""
    alike: dict[tuple[int, int], list[str]] = {}
    for size, per_second in model.prices:
        alike.setdefault((per_second, model.cost(size, 1)), []).append(pixels(size))
    told = (
        f"{', '.join(sizes)}: {price(p)} a second ({usd(c)})" for (p, c), sizes in alike.items()
    )
    return " · ".join(told)


def _lengths(seconds: Sequence[int]) -> str:
    """``3–10 s``, or ``4, 8 or 12 s``."""
    first, last = min(seconds), max(seconds)
    whole = len(seconds) > 2 and sorted(seconds) == list(range(first, last + 1))  # noqa: PLR2004 - two are told as two
    return f"{first}–{last} s" if whole else f"{one_of(seconds)} s"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _follows(model: Model) -> str:
    return f"; {model.replaced_by} follows it" if model.replaced_by else ""


def more_models_line(names: Sequence[str]) -> Line:
    """Models on sale that did not fit."""
    told = cut(", ".join(names), 400)
    return (f"{len(names)} more: {told}. Name one to see all about it.",)


def retired_line(model: Model) -> Line:
    """A model that its maker took away."""
    when = f" · retired on {_day(model.retire_on)}" if model.retire_on else ""
    source = f" · {cut(model.source)}"
    return (Strong(f"{model.name} of {model.provider}"), f"{when}{_follows(model)}{source}")


def homeless_line(models: Sequence[Model]) -> Line:
    """What would be on sale with an account."""
    told = cut(", ".join(f"{one.name} ({one.provider})" for one in models), 800)
    return (f"Not on sale, since there is no account of its provider: {told}",)


# --- refusals -----------------------------------------------------------------------------


def refusal(no: errors.Refused, zone: ZoneInfo, now: int) -> Message:
    """What was declined and why, what is possible instead, and that it cost nothing."""
    return Message(lines=((why_not(no, zone, now),),), tone=Tone.BAD)


def why_not(  # noqa: PLR0911 - one for each kind of refusal
    no: errors.Refused, zone: ZoneInfo, now: int
) -> str:
    """The sentence of a refusal."""
    match no:
        case errors.InvalidInput():
            return f"{_invalid(no)} {NOTHING}"
        case errors.AskedAlready() | errors.Waits():
            return f"{_asked_already(no)} {NOTHING}"
        case errors.AlreadyDecided():
            return f"{_decided_already(no)} {NOTHING}"
        case errors.TooFewCredits():
            return _too_few(no)
        case errors.TooLate():
            return f"{_too_late(no)} This request changed and cost nothing."
        case errors.UnknownThing():
            return f"{_unknown(no)} {NOTHING}"
        case errors.CoolingDown():
            return f"{cooling_down(no.until, now)} {NOTHING}"
        case errors.CannotExtend() | errors.FullLength() | errors.NothingBetter():
            return f"{_nothing_of_it(no)} {NOTHING}"
        case _:
            words = _too_much(no, zone, now) or _not_possible(no)
            return f"{words} {NOTHING}"


def _nothing_of_it(no: errors.CannotExtend | errors.FullLength | errors.NothingBetter) -> str:
    """Why nothing of that kind can be made of a video."""
    if isinstance(no, errors.NothingBetter):
        return f"No better model than {no.model} is on sale for this video."
    if isinstance(no, errors.CannotExtend):
        said = f"Nobody who makes {no.model} extends its videos or begins with a picture"
        others = f"; those of {one_of(no.able)} can be extended" if no.able else ""
        return f"{said}{others}."
    so_far = f"{no.whole} s" + (f", extended {counted(no.times, 'time')}" if no.times else "")
    most = f"at most {MOST_ADDED} times, to {LONGEST} s in all"
    return f"A video can be extended {most}; this one has {so_far}, and {no.asked} s are asked for."


def _asked_already(no: errors.AskedAlready | errors.Waits) -> str:
    if isinstance(no, errors.Waits):
        return f"{no.by} was asked whether you may {no.wish} #{no.job_id}."
    if no.by:
        return f"You asked {no.by} about this already, and they still have to decide."
    return "You asked for more already. An admin still has to decide on that."


def _decided_already(no: errors.AlreadyDecided) -> str:
    if no.state == AskState.OVER:
        return "This lapsed already: nobody decided in time."
    if no.state == AskState.UNLINKED:
        return "This ended already: both workspaces are no longer linked."
    word = "approved" if no.state in {str(Wish.APPROVED), str(AskState.YES)} else "denied"
    return f"This was {word} already, by {no.by}."


def _too_much(no: errors.Refused, zone: ZoneInfo, now: int) -> str | None:
    match no:
        case errors.QuotaExceeded():
            return _over_quota(no, zone, now)
        case errors.BudgetSpent():
            return _over_budget(no, zone, now)
        case errors.NotInTier():
            return _above_tier(no)
        case errors.NotConfirmed():
            return f"This costs {credits_(no.price)}; say yes to the price first."
        case errors.NotEnoughCredits():
            return _too_dear(no)
        case _:
            return None


def _not_sold(no: errors.Unpriced | errors.Retired) -> str:
    if isinstance(no, errors.Retired):
        instead = f"Use {no.instead} in its place." if no.instead else "Choose another model."
        return f"{no.name} was retired on {no.on.day} {no.on:%B %Y}. {instead}"
    return (
        f"{no.model} has no price for this, so it cannot be ordered. "
        "Choose another model or size, or ask an admin."
    )


def _not_possible(no: errors.Refused) -> str:
    match no:
        case errors.NotAllowed():
            return _NOT_ALLOWED[no.needs]
        case errors.Unpriced() | errors.Retired():
            return _not_sold(no)
        case errors.NothingUpstream():
            said = f" It said: {quoted(no.answer)}." if no.answer else ""
            return f"The provider has no video for this job, also on a second look.{said}"
        case errors.NotHere():
            return _elsewhere(no)
        case errors.CannotPost():
            return (
                f"The finished video could not be posted here: {'; '.join(no.problems)}. "
                "Use another channel, or ask an admin to allow it."
            )
        case _:
            return _shut(no)


_NOT_ALLOWED: Mapping[str, str] = {
    "admin": "Only an admin of this workspace can do that. Ask one of them.",
    "reviewer": "Only admins and reviewers do that for a whole channel. Leave out for:channel to "
    "do it for yourself.",
}
_WITHHELD: Mapping[str, str] = {
    "draft": "{video} is a draft, so only its author and reviewers can use it.",
    "deleted": "{video} was deleted. Its author can bring it back for 30 days.",
    "others": "{video} is somebody else’s, and only they can do that.",
    "own": "Nobody reviews their own video. Another reviewer has to look at it.",
    "reviewer": "Only a reviewer can do that. An admin names them: /sora-admin reviewers.",
    "review": "{video} waits for a reviewer already. You hear of the decision.",
    "claimed": "{by} is at this one already, so the decision is theirs.",
    "decided": "Nothing waits for a reviewer here any more: it was decided{of} or taken back.",
    "remix:team": "{by} lets only people of their own workspace remix {video}.",
    "unshared": "{video} is not shared between both workspaces any more.",
    "remix:nobody": "{by} lets nobody else remix {video}.",
    "elsewhere": "That channel wants a reviewer first. Unpublish it, then publish it there.",
}


def _withheld(no: errors.Withheld) -> str:
    """Why a video is not shown, changed or decided on by this person."""
    of = f" by {no.by}" if no.by else ""
    return _WITHHELD[no.why].format(video=f"#{no.job_id}", by=no.by, of=of)


_WRONG_STAND: Mapping[str, str] = {
    "publish": "Only a draft can be published, and only once at a time: this one is {}.",
    "unpublish": "Only what is published can be taken back: this one is {}.",
    "delete": "This is gone already: it is {}.",
    "restore": "Only what was deleted can be restored: this one is {}.",
}


def _kept_back(no: errors.WrongStand | errors.Withheld | errors.NotLinked) -> str:
    """Why a video does not come before others, or comes back from them."""
    match no:
        case errors.WrongStand():
            return _WRONG_STAND[no.wish].format(_STANDS[Stand(no.stand)])
        case errors.Withheld():
            return _withheld(no)
        case errors.NotLinked():
            return _NOT_LINKED[no.why].format(name=no.name)


def _shut(no: errors.Refused) -> str:
    """What an admin wants nobody, or this person, to do now."""
    match no:
        case errors.WrongStand() | errors.Withheld() | errors.NotLinked():
            return _kept_back(no)
        case errors.NotUrgent():
            return "Urgent work is for admins and those whom a budget keeps a reserve for."
        case errors.Blocked():
            return blocked_for(no.who, no.reason)
        case errors.Closed():
            return closed_for(Mode(no.mode), no.scope, no.reason)
        case _:
            return f"This is not possible: {cut(str(no))}."


def _invalid(no: errors.InvalidInput) -> str:
    if no.field in {"command", "setting"}:
        return f"There is no {no.field} {quoted(no.given)}. {no.allowed}"
    field = no.field.capitalize()
    if not no.given:
        return f"{field} is missing: {no.allowed}."
    if no.field == "job":
        return f"More than one job begins with {quoted(no.given)}: {no.allowed}. Type more of it."
    return f"{field} cannot be {quoted(no.given)}. Possible: {no.allowed}."


def _over_quota(no: errors.QuotaExceeded, zone: ZoneInfo, now: int) -> str:
    limit = no.limit
    of_model = f" of {limit.model}" if limit.model else ""
    kind = f"{amount(limit.number, Unit(limit.unit))}{of_model} per {limit.period}"
    held = f", {no.held:,} of it {HELD_BY_JOBS}" if no.held else ""
    return (
        f"This would be over {_limit_of(limit.subject)} of {kind}: {no.used:,} used{held}, "
        f"{no.asked:,} asked for. There is room again on {local_time(no.resets_at, zone, now)}."
    )


def _over_budget(no: errors.BudgetSpent, zone: ZoneInfo, now: int) -> str:
    kept = " The rest is kept for urgent work." if no.reserved else ""
    return (
        f"The {_budget_of(no.scope)} for this {no.period} has {usd(no.left)} left, and this costs "
        f"{usd(no.asked)}.{kept} It starts anew on {local_time(no.resumes_at, zone, now)}; "
        "an admin can raise it."
    )


def _above_tier(no: errors.NotInTier) -> str:
    allowed = f"Your tier {no.tier} allows {_terms(no.terms)}"
    return f"{allowed}; ask an admin for {no.better}." if no.better else f"{allowed}."


def _terms(terms: errors.Terms) -> str:
    """``sora-2 up to 8 seconds in 1280x720, 2 videos an order``."""
    length = "" if terms.max_seconds is None else f" up to {counted(terms.max_seconds, 'second')}"
    sizes = f" in {one_of(terms.sizes)}" if terms.sizes else ""
    number = "" if terms.max_count is None else f", {counted(terms.max_count, 'video')} an order"
    return f"{one_of(terms.models) if terms.models else 'every model'}{length}{sizes}{number}"


def _budget_of(scope: str) -> str:
    if channel_of_scope(scope):
        return "budget of this channel"
    if provider := provider_of_scope(scope):
        return f"budget of the provider {provider}"
    return "budget of this workspace"


def _limit_of(subject: str) -> str:
    if subject == WORKSPACE:
        return "the limit that this whole workspace shares,"
    return "the limit of this channel" if channel_in(subject) else "your limit"


def _too_dear(no: errors.NotEnoughCredits) -> str:
    return (
        f"This costs {credits_(no.price)} and you have {no.available:,} left. "
        "Make it shorter or fewer, or ask an admin for credits."
    )


def _too_few(no: errors.TooFewCredits) -> str:
    there = f"there {_are(no.available)} {no.available:,}"
    return f"{credits_(no.asked)} cannot be moved: {there}. {NOTHING}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


_TOO_LATE: Mapping[str, str] = {
    "cancel": "This can no longer be cancelled: it is already {}.",
    "retry": "Only what ended without a video can be retried; this one is {}.",
    "move": "Nobody else can make it for that now: it is still {}.",
    "check": "There is nothing to ask the provider about: this one is {}.",
    "refund": "Only a finished video can be refunded; this one is {}.",
    "remix": "Only a finished video can be remixed; this one is {}.",
    "extend": "Only a finished video can be extended; this one is {}.",
    "resolve": "This outcome is not unknown, or somebody settled it already: it is {}.",
    "finalize": "Only a finished video can be finalized; this one is {}.",
    "show": "There is no finished video to show: this one is {}.",
}


def _too_late(no: errors.TooLate) -> str:
    return _TOO_LATE.get(no.wish, _TOO_LATE["show"]).format(STATE_WORDS[S(no.state)])


PAY_FOR = "pay for"
"""A wish that not even an admin has in the place of a person."""


_WHERE_THEY_ARE: Mapping[str, str] = {
    "job": " Yours are under /sora jobs.",
    "command": " See /sora help.",
    "style": " See /sora styles.",
}


def _unknown(no: errors.UnknownThing) -> str:
    kind, _, wish = no.kind.partition(":")
    if wish == PAY_FOR:
        return f"This {kind} is somebody else’s: only they can say yes to another price."
    if wish:
        return f"This {kind} is somebody else’s: only they or an admin can {wish} it."
    hint = _WHERE_THEY_ARE.get(kind, "")
    return f"There is no {kind} {quoted(no.name)} here.{hint}"


def broken(reference: str) -> Message:
    """A fault of our own; the log has the same reference."""
    line: Line = (
        "A fault in the bot kept it from finishing this; its operator has to look, reference ",
        Code(reference),
        ". Nothing was charged unless a card for it appears here. ",
        "Look with ",
        Code("/sora jobs"),
        " before you try again.",
    )
    return Message(lines=(line,), tone=Tone.BAD)


# --- orders -------------------------------------------------------------------------------


def accepted_line(
    jobs: tuple[Job, ...], cost: int, left: int, payer: Channel | Person | None = None
) -> Line:
    """What an order became and what it set aside, of whose credits."""
    head = "Accepted" if len(jobs) == 1 else f"{counted(len(jobs), 'video')} accepted"
    if payer:
        paid = (f" · {credits_(cost)} held, ", *_paid(payer), f", {left:,} left there")
        return (f"{head} · ", *_ids(jobs), *paid)
    money = f"{credits_(cost)} held, {left:,} left" if cost else f"free, {credits_(left)} left"
    return (f"{head} · ", *_ids(jobs), f" · {money}")


def payer_line(payer: Channel | Person) -> Line:
    """Who pays for a job in the place of whoever asked for it."""
    first, *rest = _paid(payer)
    return (str(first).capitalize(), *rest)


def _paid(payer: Channel | Person) -> Line:
    if isinstance(payer, Channel):
        return ("paid by ", Room(payer))
    return ("sponsored by ", called(payer))


def final_line(cost: int, draft: int) -> Line:
    """What a final costs, beside what its draft did."""
    more = cost - draft
    return (f"The final costs {credits_(cost)}, {difference(more)} the draft ({draft:,}).",)


def difference(more: int) -> str:
    """``160 more than``, ``as much as``."""
    if not more:
        return "as much as"
    return f"{abs(more):,} {'more' if more > 0 else 'less'} than"


def accepted_before_line(jobs: tuple[Job, ...]) -> Line:
    """The same request came twice."""
    return ("This request is already on its way and is charged only once · ", *_ids(jobs))


def _ids(jobs: tuple[Job, ...]) -> Line:
    spans: list[Span] = []
    for job in jobs:
        spans += [" ", Code(f"#{job.id}")]
    return tuple(spans[1:])


def cancelled_line(job: Job, stopping: Stopping | None = None) -> Line:
    """What came of a wish to cancel; `stopping` of what is at the provider already."""
    name = Code(f"#{job.id}")
    if stopping is None:
        return ("Cancelled ", name, f" · {_back(job)}")
    cost = job.offer.price
    come = f"; {credits_(cost)} {'comes' if cost == 1 else 'come'} back then" if cost else ""
    return ("Cancel is noted for ", name, f" · {_STOPS[stopping]}{come}")


_STOPS = {
    Stopping.ENDS: "it stops as soon as the provider lets go",
    Stopping.BILLED: "it stops, but the provider bills what it began: this workspace bears that",
    Stopping.GOES_ON: "the provider stops nothing: it goes on there, and this workspace bears the "
    "cost; you get no video",
}


# --- lists --------------------------------------------------------------------------------

_LISTED = 60
"""Characters of a prompt in a list."""
NO_JOBS: Line = ("No jobs here yet. Start with ", Code("/sora create a red kite over dunes"))
NO_QUEUE: Line = ("Nothing runs and nothing waits: a video would start at once.",)
RUNNING: Line = (Strong("Running"),)
WAITING: Line = (Strong("Waiting"),)


def job_line(job: Job, *, whose: bool) -> Line:
    """A job in a list."""
    who = f" · {called(job.person)}" if whose else ""
    return (*_listed(job), f" · {STATE_WORDS[job.state]} · ", Moment(job.accepted_at), who)


def running_line(job: Job, percent: int | None, ready_at: int | None, now: int) -> Line:
    """A job in the queue that has left the line."""
    done = f" {percent} %" if percent is not None else ""
    state = f" · {STATE_WORDS[job.state]}{done} · {called(job.person)}"
    return (*_listed(job), state, *_when("ready", ready_at, now))


def waiting_line(job: Job, place: int | None, starts_at: int | None, now: int) -> Line:
    """A job in the queue that waits."""
    where = f"{ordinal(place)} in line" if place else "waiting"
    if (job.not_before or 0) > now:
        where = "for later"
    who = f"{_LANES[job.lane]} · {called(job.person)}"
    return (*_listed(job), f" · {where}{who}", *_when("starts", starts_at, now))


def _listed(job: Job) -> Line:
    return (Code(f"#{job.id}"), f" {cut(job.spec.prompt, _LISTED)}")


def suggestion(job: Job) -> str:
    """A job among those to choose from: one line of plain text, at most 100 characters."""
    return cut(f"#{job.id[:4]} · {STATE_WORDS[job.state]} · {job.spec.prompt}", 100)


def more_line(number: int) -> Line:
    """What a list leaves out."""
    return (f"… and {number:,} more",)


def details_of(job: Job) -> str:
    """Label of one of several buttons: which job it opens."""
    return f"{DETAILS} #{job.id[:4]}"


# --- library ------------------------------------------------------------------------------

NOTHING_PUBLISHED: Line = (
    "Nothing is published here yet. Finished videos come here by themselves, drafts with ",
    Code("/sora publish"),
)
NOTHING_FOUND: Line = (
    "Nothing has all of that. Try fewer words or filters, or ",
    Code("/sora library"),
)
NOTHING_ON_TOP: Line = ("Nothing was published in that time. Try ", Code("/sora top all"))
NEXT_PAGE = "More"
LIKE = "♥ Like"
UNLIKE = "Take the ♥ back"
SINCE = "12h, 7d, 2w, or a day such as 2026-11-01"


def found_line(job: Job, release: Release, likes: int, here: Tenant) -> Line:
    """A video in the library of a workspace."""
    title = f"“{cut(release.title, _LISTED)}”" if release.title else cut(job.spec.prompt, _LISTED)
    hearts = f" · ♥ {likes:,}" if likes else ""
    draft = "" if release.stand is Stand.PUBLISHED else " · draft"
    at = release.published_at if release.stand is Stand.PUBLISHED else None
    when = Moment(release.made_at if at is None else at)
    by = called_from(release.author, here)
    return (Code(f"#{job.id}"), f" {title} · {by} · ", when, hearts, draft)


BEST_OF_WEEK: Line = (Strong("The best of last week"),)
LIBRARY_ALT = "A zip with where each video comes from, as JSON and as a table"


def library_told_line(videos: int, *, more: bool) -> Line:
    """What the archive tells of, and what to do when not all went in."""
    head = f"Where {counted(videos, 'video')} {'comes' if videos == 1 else 'come'} from"
    rest = " · there are more; narrow it with since: and until:" if more else ""
    return (f"{head}, as JSON and as a table. The videos themselves are not in it{rest}",)


def top_line(place: int, job: Job, release: Release, counts: tuple[int, int], here: Tenant) -> Line:
    """A video among the best; `counts`: how many like it, and how often it was remixed."""
    likes, remixes = counts
    title = f"“{cut(release.title, _LISTED)}”" if release.title else cut(job.spec.prompt, _LISTED)
    remixed = f" · {counted(remixes, 'remix', 'remixes')}" if remixes else ""
    told = f" {title} · {called_from(release.author, here)} · ♥ {likes:,}{remixed}"
    return (f"{place}. ", Code(f"#{job.id}"), told)


def show_of(job: Job) -> str:
    """Label of one of several buttons: which video it shows."""
    return f"{SHOW} #{job.id[:4]}"


_LIKED_BEFORE = {True: "You liked before: ", False: "There was no like of yours on "}


def liked_line(job: Job, likes: int, *, liked: bool, changed: bool) -> Line:
    """What became of a like, or of taking it back."""
    name = Code(f"#{job.id}")
    before = {True: "You like ", False: "You do not like "} if changed else _LIKED_BEFORE
    return (before[liked], name, f" · ♥ {likes:,}")


# --- saved prompts ------------------------------------------------------------------------

NO_PROMPTS: Line = (
    "You saved no prompts yet. Try ",
    Code("/sora save dunes a red kite over dunes"),
)
PROMPT_NAME = "one word of up to 24 letters, digits and hyphens"


def up_to_prompts(most: int) -> str:
    """How many prompts one may save, and what to do when there are as many."""
    return f"a name that you have already: {most} prompts are the most; /sora forget makes room"


def prompt_line(name: str, text: str, *, shared: bool) -> Line:
    """A saved prompt in a list; `shared`: it is the channel's."""
    whose = " (of this channel)" if shared else ""
    return (Code(f"@{name}"), f"{whose} {cut(text, _LISTED)}")


def prompt_saved_line(name: str, *, shared: bool) -> Line:
    """A saved prompt and how it is ordered."""
    how = (
        " is saved for this channel. Order it here with " if shared else " is saved. Order it with "
    )
    return (Code(f"@{name}"), how, Code(f"/sora create @{name}"))


def prompt_forgotten_line(name: str) -> Line:
    """A prompt is kept no longer."""
    return ("Forgot ", Code(f"@{name}"))


# --- styles -------------------------------------------------------------------------------

NO_STYLES: Line = ("This workspace has no styles yet. An admin makes one: /sora-admin style add",)
NO_STYLES_YET: Line = (
    "This workspace has no styles yet. Try ",
    Code("/sora-admin style add noir black and white, hard light"),
)
STYLE_HINT: Line = ("Order with one: ", Code("/sora create a red kite preset:noir"))
STYLE_NAME = f"{PROMPT_NAME}, but not none"
NO_STYLE = "No style"


def up_to_styles(most: int) -> str:
    """How many styles a workspace may have, and what to do when there are as many."""
    return (
        f"a name that there is already: {most} styles are the most; "
        "/sora-admin style remove makes room"
    )


def too_long_with_style(most: int, style: Style, takes: int) -> str:
    """How long a prompt may be, and how many characters of that are its style."""
    return (
        f"{up_to_characters(most)} together with the style {style.name}, which takes "
        f"{counted(takes, 'character')}; preset:none orders without it"
    )


def style_line(style: Style, *, here: bool) -> Line:
    """A style in a list; `here`: orders of this channel take it."""
    whose = " (all orders in this channel)" if here else ""
    return (Code(style.name), f"{whose} {cut(style.text, _LISTED)}")


def style_in_full(style: Style) -> Line:
    """A style with all of its words."""
    return (Code(style.name), f" {style.text}")


def style_suggestion(style: Style) -> str:
    """A style to choose."""
    return cut(f"{style.name} · {style.text}", 100)


def style_kept_line(name: str) -> Line:
    """A style, and how it is ordered."""
    order, use = Code(f"preset:{name}"), Code(f"/sora-admin style use {name}")
    return (Code(name), " is a style now. Order with it: ", order, ". For all of a channel: ", use)


def style_gone_line(name: str) -> Line:
    """A style is kept no longer."""
    return ("Forgot the style ", Code(name), ", also in its channels. Ordered videos keep it.")


def style_used_line(channel: Channel, name: str | None) -> Line:
    """What orders of a channel take."""
    if name is None:
        return (Room(channel), " has no style now.")
    return ("Orders in ", Room(channel), " take the style ", Code(name), ".")


def style_of_line(name: str) -> Line:
    """Which style a video was ordered with."""
    return (f"Style: {name}",)


# --- limits and credits -------------------------------------------------------------------

_THIS = {Period.DAY: "today", Period.WEEK: "this week", Period.MONTH: "this month"}
_LAST = {
    Period.DAY: "in the last 24 hours",
    Period.WEEK: "in the last 7 days",
    Period.MONTH: "in the last 30 days",
}
NO_LIMITS: Line = ("No limit per day, week or month: your credits are the limit.",)
NO_RULES: Line = ("No limits are set. Set one: ", Code("/sora-admin quota set"))
HELD_BY_JOBS = "held by running jobs"


def amount(number: int, unit: Unit) -> str:
    """``1 video``, ``20 videos``."""
    return counted(number, unit.value.removesuffix("s"))


def balance_line(available: int, held: int) -> Line:
    """What somebody can spend."""
    return (f"{credits_(available)} to spend" + (f" · {held:,} {HELD_BY_JOBS}" if held else ""),)


def tier_line(tier: Tier) -> Line:
    """What the tier of somebody allows them."""
    publish = "may publish" if tier.publish else "no publishing"
    return ("Tier ", Strong(tier.name), f" · {_terms(tier.terms)} · {publish}")


def standing_line(standing: Standing, zone: ZoneInfo, now: int, name: str = "") -> Line:
    """How much of a limit is used, when it starts anew, and what running jobs hold of it.

    A limit of a role says so; `name` is what the subject of the rule is called, where known.
    """
    rule = standing.rule
    rolling = rule.window is Window.ROLLING
    span = (_LAST if rolling else _THIS)[rule.period]
    held = unit_amount(standing.held, rule.unit)
    of_model = f" of {rule.model}" if rule.model else ""
    parts = [f"{standing.used:,} of {amount(standing.limit, rule.unit)}{of_model} {span}"]
    if standing.used or not rolling:
        word = "the oldest leaves" if rolling else "resets"
        parts.append(f"{word} {local_time(standing.resets_at, zone, now)}")
    parts += [f"{held:,} {HELD_BY_JOBS}"] if held else []
    parts += [f"{standing.extra:,} of them granted on top"] if standing.extra else []
    if role_in(rule.subject) or is_shared(rule):
        parts.append(f"limit of {_whose(rule, name)}")
    return (" · ".join(parts),)


def rule_line(rule: Rule, name: str = "") -> Line:
    """A limit in the admin's list."""
    return (Strong(_whose(rule, name)), f" · {_limit(rule)}")


def _limit(rule: Rule) -> str:
    rolling = f", counted {_LAST[rule.period]}" if rule.window is Window.ROLLING else ""
    of_model = f" of {rule.model}" if rule.model else ""
    return f"{amount(rule.limit, rule.unit)}{of_model} per {rule.period}{rolling}"


def rule_set_line(rule: Rule, name: str = "") -> Line:
    """A new limit is in force."""
    return (f"Set for {_whose(rule, name)}: at most {_limit(rule)}, from now on.",)


def rule_dropped_line(rule: Rule, name: str = "", *, dropped: bool) -> Line:
    """A limit is gone, or never was."""
    of_model = f" of {rule.model}" if rule.model else ""
    kind = f"limit on {rule.unit}{of_model} per {rule.period} for {_whose(rule, name)}"
    if not dropped:
        return (f"There is no {kind} to take away.",)
    rest = "A limit of a role or group, for everyone, or of the settings, still holds."
    return (f"Taken away: the {kind}. {rest}",)


def _whose(rule: Rule, name: str) -> str:
    if rule.subject == EVERYONE:
        return EVERYONE
    if rule.subject == WORKSPACE:
        return "the whole workspace"
    if channel := channel_in(rule.subject):
        return f"#{name or channel}"
    role = role_in(rule.subject)
    if role and name.startswith("@"):
        # A user group, where a chat has those: people know it by its handle alone.
        return name
    return f"role {name or role}" if role else f"@{name or rule.subject}"


def standing_of(who: Person) -> Line:
    """Head of somebody else's limits."""
    return (Strong(called(who)),)


def owner(who: Person | Channel) -> Span:
    """Whose credits, in a sentence."""
    return Room(who) if isinstance(who, Channel) else called(who)


def granted_line(who: Person | Channel, number: int, balance: int) -> Line:
    """New credits."""
    return (owner(who), f" got {credits_(number)} and has {balance:,} to spend now.")


def taken_line(who: Person | Channel, number: int, left: int) -> Line:
    """Credits that an admin took back."""
    return (f"{credits_(number)} taken back from ", owner(who), f", {left:,} left there.")


Side = tuple[Person | Channel, int]
"""Somebody, and what they have to spend now."""


def transferred_line(source: Side, target: Side, number: int) -> Line:
    """Credits that an admin moved."""
    (giver, left), (taker, got) = source, target
    moved = (f"{credits_(number)} moved from ", owner(giver), f" ({left:,} left)")
    return (*moved, " to ", owner(taker), f" ({got:,} to spend now).")


def given_line(who: Person, number: int, left: int) -> Line:
    """Credits that somebody gave away."""
    return (f"{called(who)} got {credits_(number)} of yours. You have {left:,} to spend.",)


def refunded_line(job: Job, to: Person | Channel, number: int, *, again: bool) -> Line:
    """The price of a video went back."""
    before = "were given back before, to" if again else f"{_are(number)} back with"
    return (f"{credits_(number)} for ", Code(f"#{job.id}"), f" {before} ", owner(to), ".")


def refund_line(to: Person | Channel, number: int) -> Line:
    """On the card of a video whose price went back."""
    return (f"Refunded by an admin: {credits_(number)} {_are(number)} back with ", owner(to), ".")


EXPORTED: Line = ("Every move of credits and real money here, the oldest first.",)
EXPORT_ALT = "The ledger of this workspace: a row for each side of a move"


NO_SCHEDULES: Line = (
    "No credits come by themselves. Let some come: ",
    Code("/sora-admin credits schedule"),
)


def schedule_line(schedule: Schedule, who: Person | Channel | None) -> Line:
    """Credits that come by themselves; None is everyone."""
    return (Strong(_receiver(who)), f" · {_scheduled(schedule)}")


def _receiver(who: Person | Channel | None) -> str:
    if isinstance(who, Channel):
        return hashed(who)
    return called(who) if who else EVERYONE


def _scheduled(schedule: Schedule) -> str:
    parts = [f"{credits_(schedule.amount)} per {schedule.period}"]
    parts += [f"up to a balance of {schedule.cap:,}"] if schedule.cap is not None else []
    parts += ["what is left goes when the next come"] if schedule.expires else []
    return ", ".join(parts)


def schedule_set_line(schedule: Schedule, who: Person | Channel | None) -> Line:
    """Credits come by themselves from now on."""
    when = "" if who else " The first come within a quarter of an hour."
    return ("From now on for ", owner(who) if who else EVERYONE, f": {_scheduled(schedule)}.{when}")


def schedule_ended_line(who: Person | Channel | None, *, dropped: bool) -> Line:
    """They come no longer, or never did."""
    name: Span = owner(who) if who else EVERYONE
    if not dropped:
        return ("No credits of their own come by themselves for ", name, ".")
    rest = "What everyone gets, or what the settings say, still comes." if who else ""
    return ("Ended for ", name, f". {rest or 'What the settings say comes again, if anything.'}")


NO_HISTORY: Line = ("No credits have moved yet.",)


def history_head(who: Person | Channel | None) -> Line:
    """Whose moves of credits follow."""
    return (owner(who),) if who else (Strong("Newest moves of credits"),)


def entry_line(entry: Entry, who: Person | Channel | None, actor: str) -> Line:
    """When, what, how much, what is there now, who did it, why, and for which job."""
    whose: Line = (" · ", owner(who)) if who else ()
    what = f" · {KIND_WORDS[entry.kind]} {entry.amount:+,} → {entry.balance:,}"
    by = "" if entry.actor == "bot" else f" · by @{actor or entry.actor.rpartition('/')[2]}"
    why = entry.reason.split(":", 2)[2:]
    job: Line = (" · ", Code(f"#{entry.job_id}")) if entry.job_id else ()
    said = f" · {quoted(why[0])}" if why and by else ""
    return (Moment(entry.at), *whose, f"{what}{by}{said}", *job)


def sponsored_line(root: str, moved: int, inside: int, left: int) -> Line:
    """What went into or out of a pot for remixes, and what is where now."""
    video, yours = Code(f"#{root}"), f"You have {left:,} to spend."
    if moved < 0:
        return (f"{credits_(-moved)} {_are(-moved)} back from the remixes of ", video, f". {yours}")
    if not moved:
        return ("You sponsor no remixes of ", video, f", so nothing comes back. {yours}")
    whole = f"Up to {credits_(inside)} of yours pay for remixes of "
    back = Code(f"/sora sponsor {root} 0")
    return (whole, video, f", whoever asks for them. {yours} Take the rest back with ", back)


# --- what admins see ----------------------------------------------------------------------

NO_SUCH_JOBS: Line = ("There are no such jobs.",)


def admin_job_line(job: Job) -> Line:
    """A job in an admin's list: what, how it is, since when, for how much, whose."""
    tail = f" · {price(job.offer.price)} · {called(job.person)}{_hidden(job)}"
    return (*_listed(job), f" · {STATE_WORDS[job.state]} · ", Moment(job.accepted_at), tail)


def _hidden(job: Job) -> str:
    return " · private" if job.place.private else ""


# --- what admins hold back ----------------------------------------------------------------


def _scope(scope: str) -> str:
    """``everything``, ``sora-2``."""
    return "everything" if scope == EVERYTHING else named(scope)


def _because(reason: str) -> str:
    return f" ({quoted(reason)})" if reason else ""


def closed_for(mode: Mode, scope: str, reason: str) -> str:
    """Why an order is refused that an admin wants nobody to make now."""
    what = "no orders" if scope == EVERYTHING else f"no orders for {named(scope)}"
    how = "stopped it" if mode is Mode.STOP else "lets the line run empty"
    other = "Try again later." if scope == EVERYTHING else "Try another model, or again later."
    return f"The bot takes {what} for now: an admin {how}{_because(reason)}. {other}"


def held_back_line(switch: Switch, place: int | None) -> Line:
    """A job that waits until an admin lets it go on."""
    where = f" · {ordinal(place)} in line" if place else ""
    return (f"Paused by an admin{_because(switch.reason)}{where} · its credits stay held",)


def held_back_in_queue_line(job: Job, place: int | None) -> Line:
    """The same in the queue."""
    where = f"{ordinal(place)} in line" if place else "waiting"
    return (*_listed(job), f" · {where}, paused by an admin · {called(job.person)}")


def thrown_line(switch: Switch, waiting: int, running: int) -> Line:
    """What a switch does from now on, and what it found."""
    back = Code(
        f"/sora-admin resume{'' if switch.scope == EVERYTHING else f' {named(switch.scope)}'}"
    )
    head = Strong(f"{_THROWN[switch.mode]}: {_scope(switch.scope)}")
    return (head, f" · {_effect(switch.mode, waiting, running)} Go on with ", back)


_THROWN = {Mode.PAUSE: "Paused", Mode.DRAIN: "Draining", Mode.STOP: "Stopped"}


def _effect(mode: Mode, waiting: int, running: int) -> str:
    wait, run = counted(waiting, "waiting job"), f"{running:,} already sent"
    match mode:
        case Mode.PAUSE:
            return f"Orders are taken, and none is sent: {wait} held back, {run} will go on."
        case Mode.DRAIN:
            return f"No order is taken; what was accepted is made: {wait}, {run}."
        case Mode.STOP:
            return (
                f"No order is taken and none is sent. {wait} cancelled, the credits are back; "
                f"{run} are asked to stop."
            )


def resumed_line(scope: str, waiting: int, *, was: bool) -> Line:
    """What was held back goes on."""
    if not was:
        return (f"Nothing was held back for {_scope(scope)}.",)
    return (Strong(f"Resumed: {_scope(scope)}"), f" · {counted(waiting, 'job')} in line.")


def still_line(switch: Switch) -> Line:
    """What is still held back."""
    return (f"Still in force: {switch.mode} of {_scope(switch.scope)}{_because(switch.reason)}",)


# --- provider accounts in trouble ---------------------------------------------------------

TROUBLES = {
    Trouble.FAULTS: "The provider does not answer as it should",
    Trouble.BILLING: "The bot’s account at the provider is out of money",
    Trouble.CREDENTIALS: "The provider does not accept the bot’s key",
    Trouble.RETIRED: "The provider no longer has this model",
}
"""Why nothing is sent to an account now, for whoever waits."""
_TROUBLES_OF = {
    Trouble.FAULTS: "does not answer as it should",
    Trouble.BILLING: "is out of money",
    Trouble.CREDENTIALS: "does not accept the bot’s key",
    Trouble.RETIRED: "no longer has the model",
}


def circuit_line(job: Job, circuit: Circuit, place: int | None, now: int) -> Line:
    """A job that waits until its account is well again."""
    trouble = TROUBLES[circuit.trouble or Trouble.FAULTS]
    told = " · admins are told" if circuit.trouble in FOR_ADMINS else ""
    where = f" · {ordinal(place)} in line" if place else ""
    cost = job.offer.price
    kept = f" · {credits_(cost)} {'stays' if cost == 1 else 'stay'} held" if cost else ""
    number = f" (attempt {job.attempt + 1})" if job.attempt and not circuit.probe else ""
    return (f"{trouble}{told}", *_next_try(circuit, now), f"{number}{where}{kept}")


def circuit_in_queue_line(job: Job, place: int | None) -> Line:
    """The same in the queue."""
    where = f"{ordinal(place)} in line" if place else "waiting"
    return (*_listed(job), f" · {where}, the provider has trouble · {called(job.person)}")


def moved_line(job: Job) -> Line:
    """A job went to another account, and what it costs there."""
    moved, offer = job.moved, job.offer
    if moved is None:
        return ()
    source, target = moved.source, offer.gate
    if (before := source.partition("/")[0]) != offer.provider:
        source, target = before, offer.provider
    if moved.price == offer.price:
        cost = "for the same price"
    else:
        cost = f"for {offer.price:,} instead of {credits_(moved.price)}"
    return (f"Moved from {source}, which could not make it, to {target} {cost}",)


def continue_with(provider: str, cost: int) -> str:
    """A yes to another price, so that a job need not wait."""
    return f"Continue with {cut(provider, 30)} for {credits_(cost)}"


def moved_on_line(job: Job) -> Line:
    """What came of that yes."""
    return ("Goes on ", Code(f"#{job.id}"), f" · {credits_(job.offer.price)} held")


def trouble_line(circuit: Circuit, now: int) -> Line:
    """What is wrong with an account or a model of it, for admins."""
    return (Strong(_account(circuit)), f" {_wrong(circuit)}", *_next_try(circuit, now))


def _next_try(circuit: Circuit, now: int) -> tuple[Span, ...]:
    if circuit.probe:
        return (" · one order is trying it now",)
    return _when("next try", circuit.retry_at, now)


def _account(circuit: Circuit) -> str:
    return f"{circuit.gate} · {circuit.model}" if circuit.model else circuit.gate


def _wrong(circuit: Circuit) -> str:
    return _TROUBLES_OF[circuit.trouble or Trouble.FAULTS]


def tried_line(gates: Iterable[str]) -> Line:
    """Accounts that are given another chance at once."""
    return (f"Tried again with the next order: {', '.join(gates)}.",)


def provider_trouble(trouble: ProviderTrouble) -> tuple[Line, ...]:
    """To admins: nothing is sent to an account until one of them does something."""
    mend = {
        Trouble.BILLING: "Top it up",
        Trouble.CREDENTIALS: "Give the bot a key that works, and start it anew",
    }[trouble.trouble]
    provider = trouble.gate.partition("/")[0]
    head: Line = (
        Strong(f"The account {trouble.gate} {_TROUBLES_OF[trouble.trouble]}"),
        ". Orders for it wait, with their credits held; one of them tries it now and then.",
    )
    return (head, (f"{mend}, then ", Code(f"/sora-admin resume {provider}"), "."))


# --- who may order ------------------------------------------------------------------------

SOMEBODY_ELSE = "somebody else than you"


def blocked_for(who: str, reason: str) -> str:
    """Why an order is refused, and what still works."""
    why = f", because of this: {quoted(reason)}." if reason else "."
    return (
        f"An admin has blocked @{who} from ordering and from showing videos to others{why} "
        "Looking still works. An admin of this workspace can lift it."
    )


def blocked_line(who: Person, left: int) -> Line:
    """Somebody may look and order nothing; what they ordered before goes on."""
    head = f"{called(who)} can look but order nothing from now on."
    if not left:
        return (f"{head} They have no jobs on the way. Lift it: ", *_unblock(who))
    stay = f"{counted(left, 'job')} of theirs {'goes' if left == 1 else 'go'} on: "
    see = Code(f"/sora-admin jobs {called(who)}")
    return (f"{head} {stay}", see, ", stop one with ", Code("/sora cancel"), ".")


def _unblock(who: Person) -> Line:
    return (Code(f"/sora-admin unblock {called(who)}"),)


def unblocked_line(who: Person, *, lifted: bool) -> Line:
    """Somebody may order again, or always could."""
    if lifted:
        return (f"{called(who)} can order again.",)
    return (f"{called(who)} was not blocked.",)


# --- what admins did ----------------------------------------------------------------------

NO_RECORDS: Line = ("Nothing is on record yet: admins changed nothing, and nobody else tried.",)
_REFUSED_FOR = {
    "NotAllowed": "not an admin",
    "InvalidInput": "a value that is not possible",
    "UnknownThing": "there is no such thing",
    "TooLate": "too late",
    "NotLinked": "not possible between workspaces",
}


def record_line(record: Record, name: str = "") -> Line:
    """A line of the audit; `name` is what its subject is called, where known."""
    words = f" · {record.verb.removeprefix('admin ')}"
    why = f" · {quoted(record.reason)}" if record.reason else ""
    if record.outcome is Outcome.REFUSED:
        words, why = f" · tried{words[2:]}", f" · refused: {_refused_for(record.reason)}"
    change = f"{_change(record.change)}{why} · "
    head = Strong(called(record.actor))
    return (head, words, *_subject(record, name), change, Moment(record.at))


def _refused_for(reason: str) -> str:
    return _REFUSED_FOR.get(reason, "not possible")


def _subject(record: Record, name: str) -> tuple[Span, ...]:
    subject = record.change.subject
    if not subject:
        return ()
    if channel := channel_in(subject):
        return (" · ", Room(Channel(record.actor.tenant, channel, name)))
    role = role_in(subject)
    whom = f"role {name or role}" if role else f"@{name}" if name else subject
    return (f" · {whom}",)


def _change(change: Change) -> str:
    """``: 5 videos per week → 20 videos per week``."""
    if not (change.before or change.after):
        return ""
    head = ": " if change.subject else " · "
    before = f"{cut(change.before, 100)} → " if change.before else ""
    return f"{head}{before}{cut(change.after or 'none', 100)}"


# --- budgets and news for admins ----------------------------------------------------------

APPROVE = "Approve"
DENY = "Deny"
ASK_FOR_MORE = "Ask for more"
NO_LIMIT_TO_LIFT = "nothing, for no limit holds for them"
DOLLARS = "US dollars such as 12.50"
A_ROLE = "a role or user group, such as @leads"
A_CHANNEL = "a channel such as #studio"
CHOICES: Mapping[Choice, str] = {
    Choice.ZONE: "a time zone such as Europe/Berlin, or none",
    Choice.CONFIRM: "a number of credits, or none",
    Choice.ALERTS: "here, in the channel that only admins read, or none",
    Choice.OFF_PEAK: "hours such as 22:00-07:00, never, or none",
    Choice.DRAFTS: "off, remixes, all, or none",
    Choice.REVIEW: "yes, no, or none",
    Choice.REVIEWERS: "named by /sora-admin reviewers",
    Choice.REMIXERS: "everyone, team, ask, nobody, or none",
    Choice.GALLERY: "here, in the channel for the best videos, or none",
}
STARTS = "now, relaxed, offpeak, urgent, a time such as 22:30, or up to 7 days such as +2h"
NO_OFF_PEAK = "another start: this workspace has no off-peak hours"

NO_BUDGETS: Line = ("No budget is set. Set one: ", Code("/sora-admin budget set"))
NO_ALERTS: Line = (
    "There is no channel for alerts yet, so nobody would be told. In the channel for admins: ",
    Code("/sora-admin settings alerts here"),
)


def agree_to(price: int) -> str:
    """Label of the button that says yes to a price."""
    return f"Yes, for {credits_(price)}"


def price_question(price: int, left: int) -> Line:
    """An order that costs much asks first."""
    return (
        Strong(f"This costs {credits_(price)}"),
        f" and you have {left:,}. Nothing is ordered yet: say yes within a day, or leave it.",
    )


def at_most(number: str) -> str:
    """What is allowed: no more than that."""
    return f"{number} at most"


def workspace_lines(workspace: Workspace, tenant: Tenant) -> tuple[Line, ...]:
    """How a workspace lives."""
    above = workspace.confirm_above
    confirm = "never asks" if above is None else f"asks above {credits_(above)}"
    alerts = NO_ALERTS
    if workspace.alerts:
        alerts = ("Alerts go to ", Room(Channel(tenant, workspace.alerts)))
    return (
        ("Time zone: ", Strong(str(workspace.zone))),
        (f"Before an order, the bot {confirm}",),
        (f"Off-peak hours, for relaxed work: {workspace.off_peak or 'never'}",),
        (f"Who may remix, where an author chose nothing: {_WHO[holds(workspace.house.remixers)]}",),
        alerts,
    )


def grew_line(who: Person, given: Sequence[Given]) -> Line:
    """Somebody may use more."""
    if not given:
        return (f"{called(who)} has used nothing of a limit, so nothing starts anew.",)
    kinds = ", ".join(
        f"{amount(one.amount, one.rule.unit)} more {_THIS[one.rule.period]}" for one in given
    )
    return (f"{called(who)} has {kinds}.",)


NOTHING_MADE: Line = ("Nobody made anything in that time.",)


def usd(micros: int) -> str:
    """Real money: ``$12.50``, with more digits only where they matter."""
    cents, rest = divmod(micros, 10_000)
    return f"${cents // 100:,}.{cents % 100:02}" if not rest else f"${micros / 1_000_000:,.4f}"


def usd_signed(micros: int) -> str:
    """An amount of real money that may be below nothing: ``-$0.80``."""
    return f"-{usd(-micros)}" if micros < 0 else usd(micros)


def budget_name(scope: str) -> str:
    """What a budget is for."""
    if channel := channel_of_scope(scope):
        return f"channel {channel}"
    if provider := provider_of_scope(scope):
        return f"provider {provider}"
    return "workspace"


def budget_alert(alert: BudgetAlert, zone: ZoneInfo, now: int) -> tuple[Line, ...]:
    """A budget reached a threshold."""
    head: Line = (
        Strong(f"{alert.percent} % of the budget is spent"),
        f" · {budget_name(alert.scope)} · {_spent(alert.spent, alert.cap, alert.period)}",
    )
    when = local_time(alert.ends_at, zone, now)
    if alert.spent >= alert.cap:
        then = f"New orders are refused until {when}. What runs goes on. To raise it: "
        return (head, (then, Code("/sora-admin budget set")))
    return (head, (f"It starts anew on {when}.",))


def _spent(spent: int, cap: int, period: Period) -> str:
    return f"{usd(spent)} of {usd(cap)} {_THIS[period]}"


def spending_line(spending: Spending, zone: ZoneInfo, now: int) -> Line:
    """How a budget stands."""
    budget = spending.budget
    percent = f" ({100 * spending.spent // budget.cap} %)" if budget.cap else ""
    parts = [
        f"{_spent(spending.spent, budget.cap, budget.period)}{percent}",
        f"starts anew {local_time(spending.ends_at, zone, now)}",
    ]
    if budget.reserve:
        parts.append(f"{usd(budget.reserve)} kept for urgent work of {_urgent(budget)}")
    return (Strong(budget_name(budget.scope)), " · " + " · ".join(parts))


def _urgent(budget: Budget) -> str:
    return f"role {budget.reserve_role}" if budget.reserve_role else "admins"


def budget_set_line(spending: Spending, zone: ZoneInfo, now: int) -> Line:
    """A new budget is in force."""
    return ("Set. ", *spending_line(spending, zone, now))


def budget_dropped_line(budget: Budget, *, dropped: bool) -> Line:
    """A budget is gone, or never was."""
    kind = f"budget per {budget.period} for {budget_name(budget.scope)}"
    return (f"Taken away: the {kind}." if dropped else f"There is no {kind} to take away.",)


def faults_found(findings: Sequence[str]) -> tuple[Line, ...]:
    """The self-check found something."""
    head: Line = (
        Strong("The books do not agree"),
        ". Nothing was changed. Whoever runs the bot should look: ",
        Code("sora-bot doctor"),
    )
    return (head, *((finding,) for finding in findings))


def more_asked(request: Request) -> tuple[Line, ...]:
    """Somebody would like more."""
    return ((Strong(called(request.person)), f" asks for {_more(request)}"),)


def _more(request: Request) -> str:
    if request.period is None:
        return f"{credits_(request.amount)}"
    of_model = f" of {request.model}" if request.model else ""
    kind = f"{amount(request.amount, request.unit)}{of_model}"
    return f"{kind} more {_THIS[request.period]}"


def decided_by(request: Request) -> Line:
    """Who decided, and how."""
    word = "Approved" if request.state is Wish.APPROVED else "Denied"
    return (f"{word} by {called(request.decided_by)}" if request.decided_by else word,)


def decided(request: Request) -> Line:
    """To whoever asked for more."""
    if request.state is Wish.APPROVED:
        return (f"An admin approved: you have {_more(request)}.",)
    return (f"An admin said no to {_more(request)}.",)


def asked_line(request: Request, *, heard: bool) -> Line:
    """A wish is on its way."""
    said = f"Asked the admins for {_more(request)}. You will be told."
    return (said if heard else f"{said} They have no channel for alerts yet, so remind one.",)


# --- charts -------------------------------------------------------------------------------

CHART_EMPTY = "There is nothing to show yet."
_COMPACT_FROM = 10**10
_FINE_BELOW = 0.01


def figure(value: float) -> str:
    """``12,480``, ``0.25``; what has very many digits as ``1.25e+12``."""
    if value >= _COMPACT_FROM:
        return f"{value:.3g}"
    if 0 < value < _FINE_BELOW:
        return f"{value:.1g}"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"


def bar_figures(value: float, second: float) -> str:
    """What stands beside a bar: ``120``, or ``120 + 30`` for one of two parts."""
    return f"{figure(value)} + {figure(second)}" if second else figure(value)


def others(number: int) -> str:
    """The bar of all that have none of their own."""
    return counted(number, "other")


# --- reports ------------------------------------------------------------------------------

CREDITS = "credits"
_SPANS = {
    When.DAY: _THIS[Period.DAY],
    When.YESTERDAY: "yesterday",
    When.WEEK: _THIS[Period.WEEK],
    When.LAST_WEEK: "last week",
    When.MONTH: _THIS[Period.MONTH],
    When.LAST_MONTH: "last month",
}
REPORT_NOTE: Line = (
    "What runs counts already. What ended without a video counts only what the provider charged.",
)


def span_words(span: When) -> str:
    """``this month``."""
    return _SPANS[span]


def report_head(report: Report) -> Line:
    """What a report is about, and its sum."""
    return (Strong(f"Usage by {report.by}, {_SPANS[report.span]}"), f" · {_made(report.total)}")


def usage_line(place: int, name: str | Channel, used: Usage) -> Line:
    """A row of a report."""
    who = Room(name) if isinstance(name, Channel) else name
    return (f"{place}. ", who, f" · {_made(used)}")


def others_line(number: int, used: Usage) -> Line:
    """What has no row of its own."""
    return (f"and {others(number)} · {_made(used)}",)


def _made(used: Usage) -> str:
    made = f"{counted(used.videos, 'video')}, {counted(used.seconds, 'second')}"
    return f"{made} · {credits_(used.credits)} · {usd(used.micros)}"


def chart_title(report: Report) -> str:
    """Head of the picture."""
    return f"Credits by {report.by}, {_SPANS[report.span]}"


def chart_alt(report: Report) -> str:
    """The picture in words."""
    return f"A bar for each {report.by}: {_made(report.total)} in all, {_SPANS[report.span]}"


# --- families -----------------------------------------------------------------------------


def remix_number(number: int) -> str:
    """Label of the button that remixes one of several."""
    return f"Remix {number}"


def compare_line(jobs: Sequence[Job]) -> Line:
    """Which number is which video."""
    spans: list[Span] = [Strong("Compare")]
    for number, job in enumerate(jobs, start=1):
        spans += [f" · {number} ", Code(f"#{job.id}")]
    return tuple(spans)


def compare_alt(number: int) -> str:
    """The sheet in words."""
    return f"A numbered still of each of {counted(number, 'variation')}"


TREE_FIRST = "first"
TREE_SIMULATED = "simulated"
TREE_HERE = "Post it here"
TREE_NOW = "The family as it is now"
TREE_POSTED: Line = ("The family is on its way; everybody here will see it.",)
TREE_ALONE = "nobody has remixed it yet"
_TREE_PROMPT = 40
"""Characters of a prompt in a line of the tree."""
_TREE_DEEP = 8
"""Steps to the right that a narrow screen has room for."""


def short_id(job_id: str) -> str:
    """As much of an id as can be typed for it: ``#k7qm``."""
    return f"#{job_id[:4]}"


def tree_skipped(number: int) -> str:
    """Beside an arrow: so many between its two ends are not drawn."""
    return f"+{number}"


def tree_head(title: str, remixes: int) -> Line:
    """Above the tree in words."""
    number = counted(remixes, "remix", "remixes") if remixes else TREE_ALONE
    return (Strong(title), f" · {number}")


def tree_title(root: Person | None, here: Tenant | None = None) -> str:
    """Head of the picture; without a name where the first video is not for whoever looks."""
    return f"Remixes of {video_of(root, here)}" if root else "Remixes of a private video"


def tree_note(left_out: int, *, hidden: bool) -> str:
    """Below the picture."""
    more = f"{counted(left_out, 'video')} not drawn." if left_out else ""
    grey = "Grey frames: private." if hidden else ""
    return f"{more} {grey}".strip()


def tree_alt(number: int) -> str:
    """The picture in words."""
    return f"A still of each of {counted(number, 'video')}, with arrows to what was made of it"


def tree_line(job: Job | None, depth: int, here: Tenant | None = None) -> Line:
    """A video below the one that it changes; None is one that is not for whoever looks."""
    step = "\u2003" * min(depth - 1, _TREE_DEEP) + "↳ " if depth else ""
    if job is None:
        return (f"{step}private",)
    state = f" · {STATE_WORDS[job.state]}"
    prompt = cut(job.spec.prompt, _TREE_PROMPT)
    who = called_from(job.person, here)
    added = f"{job.spec.seconds} s more · " if job.operation is Operation.EXTEND else ""
    return (f"{step}{who} · {added}{prompt} · ", Code(f"#{job.id}"), state)


# --- reconciliation -----------------------------------------------------------------------

_IDS = 5
"""Ids of a provider that are told; the rest is a number."""


def reconciled_head(span: When) -> Line:
    """Which time the providers are compared for."""
    return (Strong(f"What providers charge, {_SPANS[span]}"),)


def comparison_lines(found: Comparison) -> tuple[Line, ...]:
    """An account: jobs, money as expected and as reported, and what only one side knows."""
    costs = found.costs
    made = f"{counted(costs.jobs, 'job')} · expected {usd(costs.expected)}"
    said = f"reported {usd(costs.reported)} · difference {usd_signed(costs.difference)}"
    open_ = (
        f"{counted(costs.unreported, 'job')} without a report, {usd(costs.unexplained)} expected"
    )
    lost = f"{counted(costs.failures, 'charged failure')}, {usd(costs.lost)}"
    return (
        (Strong(f"{costs.provider}/{costs.account}"), f" · {made} · {said}"),
        (f"{open_} · {lost}",),
        (_listed_there(found),),
    )


def _listed_there(found: Comparison) -> str:
    if not found.asked:
        return "The provider could not be asked for its list; try again in a few minutes."
    if found.strange is None:
        return "The provider cannot list its jobs, so there is nothing to compare them with."
    strange = "no job that is not ours"
    if found.strange:
        strange = f"{counted(len(found.strange), 'job')} not ours: {_ids_of(found.strange)}"
    if found.missing is None:
        return f"The provider’s list has {strange}."
    missing = f"lacks {_ids_of(found.missing)}" if found.missing else "lacks none of ours"
    return f"The provider’s list has {strange}; it {missing}."


def _ids_of(names: Sequence[str]) -> str:
    more = f" and {len(names) - _IDS:,} more" if len(names) > _IDS else ""
    return f"{', '.join(cut(name, 60) for name in names[:_IDS])}{more}"


# --- unknown outcomes ---------------------------------------------------------------------

NO_UNKNOWN: Line = ("No outcome is unknown: nothing to settle.",)
LOOK_AGAIN = "Look again"
_LOOKS = {
    Look.FOUND: "found",
    Look.NOTHING: "the provider shows none like it that is not another job’s",
    Look.SEVERAL: "the provider’s list has what may be it, or another job’s",
    Look.SILENT: "the provider could not be asked",
    Look.IMPOSSIBLE: "this provider cannot list its jobs",
}


def unknown_lines(known: Unknown) -> tuple[Line, ...]:
    """An unknown job: whose, since when, what was asked for and what looking for it said."""
    job = known.job
    held = f" · {credits_(job.offer.price)} held" if job.offer.price else ""
    whose = f" · {called(job.person)}{_hidden(job)}{held}"
    sent = job.intent_at or job.accepted_at
    spec = f"{job.offer.upstream_model} · {pixels(job.spec.size)} · {job.spec.seconds} s"
    return (
        (*_listed(job), f"{whose} · unknown since ", Moment(known.since)),
        (f"Asked of {job.offer.provider}/{job.offer.account}: {spec} · ", Moment(sent)),
        _looked(known),
    )


def _looked(known: Unknown) -> Line:
    if known.last is None or known.last_at is None:
        return ("Not looked for yet; it is tried by itself.",)
    times = counted(known.looks, "look")
    return (f"{times}, the last one ", Moment(known.last_at), f": {_LOOKS[known.last]}")


UNKNOWN_WAYS: Line = (
    "When you know at the provider what became of it: ",
    Code("/sora-admin resolve <job> not-made"),
    " or ",
    Code("charged"),
    " gives the credits back, ",
    Code("/sora-admin resolve <job> <the provider’s id>"),
    " takes the video over.",
)


def resolved_line(done: Resolution) -> Line:
    """What came of a wish to settle a job, and what happened to the credits."""
    name = Code(f"#{done.job.id}")
    ids = one_of(cut(each, 60) for each in done.names)
    match done.answer:
        case Answer.ADOPTED:
            return (name, f" · found at the provider as {ids}: it goes on, its credits stay held.")
        case Answer.ENDED:
            return (name, f" · {_settled(done)}")
        case Answer.SEVERAL:
            head = f" · nothing changed: the provider has {ids}, which may be it. Name it: "
            return (name, head, Code(f"/sora-admin resolve {done.job.id} {done.names[0]}"))
        case _:
            return (name, f" · nothing changed: {_unsettled(done, ids)}.")


def _settled(done: Resolution) -> str:
    asked = " The provider could not be asked before." if done.unasked else ""
    if done.verdict is Verdict.CHARGED:
        cost = done.job.offer.price
        loss = f", the workspace bears {credits_(cost)}" if cost else ""
        return f"closed as charged without a video: {_back_to(done.job)}{loss}.{asked}"
    return f"closed as never made: {_back_to(done.job)}.{asked}"


def _back_to(job: Job) -> str:
    cost = job.offer.price
    return f"{called(job.person)} has {credits_(cost)} back" if cost else "it was free"


def _unsettled(done: Resolution, ids: str) -> str:
    return {
        Answer.NOTHING: f"{_LOOKS[Look.NOTHING]}. If you are sure, say not-made or charged",
        Answer.IMPOSSIBLE: f"{_LOOKS[Look.IMPOSSIBLE]}. Look there yourself, then say not-made, "
        "charged or the id of the video",
        Answer.SILENT: f"{_LOOKS[Look.SILENT]}. Try again in a few minutes",
        Answer.TAKEN: f"{ids} belongs to another job",
        Answer.ABSENT: f"the provider knows no {ids}. Possible: not-made, charged, or the "
        "provider’s id of the video",
        Answer.OLDER: f"{ids} was made before this was asked for, so it is another one",
    }[done.answer]


# --- replies in threads -------------------------------------------------------------------

_MODES = {
    ThreadMode.MENTION: "in the thread of a video, those who mention the bot remix it; "
    "other replies are left alone",
    ThreadMode.THREAD: "a plain reply in the thread of a video asks whoever wrote it, in private, "
    "before anything is spent; those who mention the bot remix it at once",
    ThreadMode.OFF: f"replies remix nothing; the {REMIX} button still works",
}


def thread_mode_line(mode: ThreadMode, *, new: bool) -> Line:
    """What replies do in a channel, and how to change it."""
    if new:
        return ("From now on in this channel: ", Strong(mode), f" · {_MODES[mode]}.")
    change = Code(f"/sora-admin threads {'|'.join(ThreadMode)}")
    return ("In this channel: ", Strong(mode), f" · {_MODES[mode]}. Change it with ", change)


def remix_question(job: Job, cost: int, here: Tenant | None = None) -> Line:
    """Whether a reply is meant for the bot; only who wrote it is asked, `here`."""
    money = f"{credits_(cost)}, charged to you if you press {GO}" if cost else "It is free"
    return (f"Remix {video_of(job.person, here)} with these words? {money}.",)


def _elsewhere(no: errors.NotHere) -> str:
    return {
        "tree": "What is said here is private; ask in the channel that it is for.",
        "tree:private": "The first video of this family is not for everybody; only you see it.",
        "publish": "What is said here is private; name a channel with to:, or publish there.",
        "remix": f"Remixing by reply is off in this channel; the {REMIX} button of a video works.",
        "threads:chat": f"Replies are not heard in this chat; the {REMIX} button of a video works.",
        "threads:replies": (
            "The bot may not read replies here that do not mention it. Whoever runs it can change "
            "that: sora-bot slack manifest --replies"
        ),
    }.get(no.wish, _PRIVATE_PLACE)


_PRIVATE_PLACE = (
    "What is said here is private, so there is nothing to set; ask in the channel it is for."
)


# --- help ---------------------------------------------------------------------------------

HELP_HEAD: Line = (
    "Describe a video and it appears here. Start with ",
    Code("/sora create a red kite over dunes"),
)
HELP_MORE: Line = ("More about one: ", Code("/sora help create"))
ADMIN_HELP_HEAD: Line = (Strong("For admins"),)


def verb_line(command: str, summary: str) -> Line:
    """A command in the list."""
    return (Code(command), f" · {summary}")


def param_line(name: str, about: str, possible: str, *, required: bool) -> Line:
    """What can be said with a command."""
    must = " (needed)" if required else ""
    return (Strong(name), f"{must} · {about}" + (f" · {possible}" if possible else ""))


def example_line(example: str) -> Line:
    """How it is typed."""
    return ("For example: ", Code(example))


# --- the web page -------------------------------------------------------------------------

NOT_SERVING: Line = ("The bot is starting or stopping. Nothing was charged: send it again soon.",)
BOT_NAME = "Sora bot"
SOMEBODY = "Somebody who left"
PAGE = {
    "admin": "admin",
    "act_as": "Act as",
    "credits": "Credits left to spend",
    "log": "Messages",
    "new_messages": "New messages",
    "placeholder": "Describe a video, or type / for commands",
    "placeholder_private": "Only you will see this",
    "send": "Send",
    "everyone": "Everyone here sees it",
    "privately": "Only you see it",
    "form": "All options",
    "commands": "Commands",
    "only_you": "Only you can see this",
    "more_seconds": MORE_SECONDS,
    "usual_length": "The usual length of its model",
    "dismiss": "Dismiss",
    "download": "Download",
    "gone": "The file of this video is gone.",
    "back": "Back",
    "any_moment": "any moment",
    "just_now": "just now",
    "rendering": "Rendering",
    "empty_head": "Make the first video",
    "empty_text": "Describe what to see and hear. A card shows how it is doing; "
    "the video plays right here.",
    "chat": "Chat",
    "jobs": "Jobs",
    "gallery": "Gallery",
    "ledger": "Credits",
    "usage": "Usage",
    "this_month": "Usage this month",
    "health": "Health",
    "views": "Views",
    "panel": "Panel",
    "no_jobs": "No jobs yet.",
    "no_ledger": "No credits have moved yet.",
    "no_usage": "Nothing was made this month.",
    "spend": "To spend",
    "held": "Held by running jobs",
    "prompt": "Prompt",
    "start": "Start, or a time",
    "style": "Style",
    "style_here": "As the channel has it",
    "make": "Make video",
    "attach": "First frame",
    "fit": "Other shape",
    "crop": "Crop to fill",
    "pad": "Add bars",
    "attach_last": "Last frame",
    "attach_references": "References",
    "sound": "Sound",
}
"""Labels of the web page, by place."""

GALLERY_WORDS = {
    "look": "Look through the videos",
    "words": "Search videos",
    "filters": "Filters",
    "show": "Show",
    "author": "By",
    "model": "Model",
    "order": "First",
    "tag": "Tag",
    "play": "Play",
    "gone": PAGE["gone"],
    "more": "More",
    "first": "Back to the first ones",
    "close": "Close",
    "family": "Family of remixes",
    "in_words": "In words",
}
"""Labels of the gallery of the web page."""
GALLERY_SHOWS = {
    "all": "All videos",
    "mine": "Mine",
    "drafts": "My drafts",
    "liked": "What I like",
}
GALLERY_ORDERS = {Order.NEWEST: "Newest", Order.BEST: "Most liked"}
ANYBODY = "Anybody"
ANY_MODEL = "Any model"
DRAFT_CHIP = "draft"


def gallery_told(shown: int, *, more: bool) -> str:
    """How many videos are on the page."""
    if not shown:
        return "No videos here. Try fewer words or filters; finished videos appear by themselves."
    return f"{counted(shown, 'video')}{', and there are more' if more else ''}"


def by_line(author: Person, model: str, here: Tenant) -> str:
    """Under a video: ``@ana · sora-2``."""
    return f"{called_from(author, here)} · {model}"


def clip_length(duration_ms: int) -> str:
    """On a still: ``0:08``."""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def like_label(title: str, likes: int) -> str:
    """What a heart is called by whoever reads it out."""
    return f"Like “{title}”, liked by {counted(likes, 'person', 'people')}"


def family_label(remixes: int) -> str:
    """On what opens the picture of a family."""
    return counted(remixes, "remix", "remixes") if remixes else "Family"


EXAMPLES = (
    "A red kite over dunes, low sun, wind in the strings",
    "A paper boat on a rainy street, close-up, soft thunder",
    "Lanterns rising over a night harbour, slow drone shot",
)
"""Prompts to start with."""

KIND_WORDS = {
    "grant": "Granted",
    "hold": "Held",
    "settle": "Spent",
    "release": "Given back",
    "transfer": "Transferred",
    "loss": "Lost to the provider",
    "take": "Taken back",
    "refund": "Refunded",
    "expire": "Expired",
    "cost": "Paid to the provider",
}
"""What a move of credits was."""
JOB_COLUMNS = ("Job", "Prompt", "By", "Order", "State", "Asked")
USAGE_COLUMNS = ("Who", "Videos", "Seconds", "Credits", "Real money")
TOTAL = "All together"
LEDGER_COLUMNS = ("When", "What", "Amount", "Balance", "Account", "Job", "Why")


def needs_token(where: str, characters: int) -> str:
    """The page would be open to everyone."""
    return (
        f"The web chat at {where} can be reached by others, "
        f"so it needs a token of at least {characters} characters."
    )


def cannot_listen(where: str, why: str) -> str:
    """Somebody else has the port, or there is no such address here."""
    return f"The web chat cannot listen on {where}: {why}. Choose another port or address."


def no_such_place(channel: str) -> str:
    """A channel that the web chat does not have."""
    return f"the web chat has no channel {channel!r}"


_TOLD = {"remix": "What should be different", "extend": "What comes next"}
"""What the prompt of a verb about a video tells."""


def asked_for(verb: str, argument: str) -> str:
    """What a button asks for before it does anything."""
    if argument == "prompt" and verb in _TOLD:
        return _TOLD[verb]
    return {"prompt": "New prompt"}.get(argument, argument.capitalize())


def hint_for(verb: str) -> str:
    """An example of a prompt, where one is asked for."""
    return _HINTS.get(verb, PROMPT_HINT)


def length_of(seconds: int) -> str:
    """A length to choose."""
    return f"{seconds} s"


def video_facts(duration_ms: int, width: int, height: int, size: int) -> str:
    """Under a video: ``8 s · 1280×720 · 3.1 MB``."""
    seconds = f"{duration_ms / 1000:.1f}".removesuffix(".0")
    return f"{seconds} s · {width}×{height} · {size / 1_000_000:.1f} MB"


def order_total(credits_needed: int | None, available: int) -> str:
    """Live price beside the form."""
    if credits_needed is None:
        return "No price is known for this, so it cannot be ordered"
    return f"{price(credits_needed)} · you have {available:,}"


def pictures(number: int) -> str:
    """How many are attached."""
    return counted(number, "picture")


def remove_picture(label: str) -> str:
    """Takes back what is attached for a use."""
    return f"Remove: {label}"


def picture_refused(limit: int) -> str:
    """A file that cannot be a first frame."""
    return f"Attach one JPEG, PNG or WebP picture of up to {limit // 1_000_000} MB."


# --- Discord ------------------------------------------------------------------------------

SORA_ABOUT = "Make videos, and see how they are doing"
SORA_ADMIN_ABOUT = "Limits, credits and jobs of everyone here"
COMPOSE_ABOUT = "Describe a video in a form"
COMPOSE_TITLE = "Make a video"
PROMPT_HINT = "A red kite over dunes, low sun, slow drone shot, wind in the strings"
_HINTS = {
    "remix": "The same kite at night, with snow and a full moon",
    "extend": "It lands on the highest dune; nothing, and the same goes on",
}
PROMPT_ELEMENTS = "Subject, action, setting, camera and light, style, sound"
FIRST_FRAME = "First frame"
LAST_FRAME = "Last frame"
REFERENCES = "Who or what is to be seen"
SOUNDS = {"on": "On", "off": "Off"}
MENU_REMIX = "Remix this video"
MENU_DETAILS = "Video details"
MENU_QUOTA = "Set video quota"
LIMIT_LABEL = "At most"
LIMIT_HELP = "A number; none takes the limit away"
WATCH = "Watch the video"
ORIGINAL = "Original"
NO_VIDEO_THERE = (
    "There is no video of this bot in that message. Use the menu on a message with one, "
    "or on a picture to let it move."
)
PICTURE_FORGOTTEN = (
    f"The picture of this form is no longer at hand. {NOTHING} "
    "Use the menu on the picture once more."
)
PICTURE_NOT_COPIED = "a picture that this chat hands out; attach it once more"
MENU_CHANGED = (
    f"This command has changed since Discord showed it to you. {NOTHING} Try again in a minute."
)
PRIVATE_MESSAGES = "of yours that I could tell apart in private messages; use one of its channels"
DISCORD_NOT_A_MEMBER = (
    "the bot itself is not in this server (its operator has the invite: sora-bot doctor discord)"
)
DISCORD_CANNOT_SEE = "the bot does not see this channel (permission View Channel)"
DISCORD_CLOSED = "private messages to this person"
DISCORD_FILTERED = "the server's own filter (AutoMod) let the text pass"
DISCORD_LOGIN_REFUSED = (
    "Discord does not accept SORA_DISCORD_TOKEN. Make a new one in the Developer Portal "
    "(Bot, Reset Token) and put it there."
)


def discord_right(name: str) -> str:
    """A permission as Discord's own settings call it: ``Send Messages in Threads``."""
    small = {"in", "and", "of"}
    words = name.replace("guild", "server").split("_")
    return " ".join(word if word in small else word.capitalize() for word in words)


def discord_lacks(name: str) -> str:
    """A permission that the bot needs in a channel."""
    return f"the bot lacks the permission {discord_right(name)}"


def discord_closed_for_good(code: int) -> str:
    """The gateway refused in a way that no new try changes."""
    return (
        f"Discord closed the line for good (code {code}). "
        "Check SORA_DISCORD_TOKEN and SORA_DISCORD_SHARDS with: sora-bot doctor discord"
    )


def broken_sentence(reference: str) -> str:
    """A fault of our own, where only plain text can be shown."""
    return (
        f"A fault in the bot kept it from finishing this; its operator has to look, reference "
        f"{reference}. Look with /sora jobs before you try again."
    )


def quota_title(name: str) -> str:
    """Head of a form."""
    return f"Limit for {name}"


def picture_up_to(limit: int) -> str:
    """What can be a first frame."""
    return f"a JPEG, PNG or WebP picture of up to {limit // 1_000_000} MB"


def suggestion_typed(typed: str) -> str:
    """What somebody typed, as the only thing to choose."""
    return cut(f"#{typed.lstrip('#')}", 100)


def megabytes(size: int) -> str:
    """``9.4 MB``."""
    return f"{size / 1_000_000:.1f} MB"


def file_facts(name: str, size: int) -> str:
    """A document to keep: ``ledger.csv · 12 kB``."""
    small = f"{max(1, round(size / 1000)):,} kB"
    return f"{name} · {small if size < _MEGABYTE else megabytes(size)}"


_MEGABYTE = 1_000_000


def fitted_line(original: int, fitted: int) -> Line:
    """A clip was made smaller to be posted."""
    sizes = f"{megabytes(original)} → {megabytes(fitted)}"
    return (f"Made smaller to fit this server: {sizes}. The original is kept.",)


def too_large_line(size: int, limit: int, *, linked: bool) -> Line:
    """A clip that cannot be posted, even made smaller."""
    head = f"This video has {megabytes(size)}, too much for this server ({megabytes(limit)})."
    if linked:
        return (f"{head} Watch it by the link; it works for seven days.",)
    return (
        f"{head} It is kept safe; an admin can set SORA_PUBLIC_URL, so that ",
        Code("/sora show"),
        " can link to it.",
    )


# --- Slack --------------------------------------------------------------------------------

SLACK_NOT_INSIDE = "membership in the channel; invite the bot there: /invite @Sora"
SLACK_NO_SUCH_FILES = (
    "This workspace takes no files of that type; its owners decide which types it takes."
)
SLACK_FILE_TOO_LARGE = "The file is larger than this workspace takes."
SLACK_FILES_OFF = "Uploads are turned off in this workspace; its owners can allow them."
SLACK_FILES_OFF_OUTSIDE = (
    "Another organization in this channel allows no files; a channel without it does."
)
SLACK_STORAGE_FULL = "The storage of this workspace is full; its owners can make room."
SLACK_ARCHIVED = "this channel is archived; an active one takes videos"
SLACK_STRANGE_ADDRESS = "Slack named an address for uploads that is not its own"
SLACK_NO_FORM = "Slack did not open the form in time. Nothing was charged: please try once more."
SLACK_STRANGER = "Only members of this workspace can use the bot here. Nothing was charged."
SLACK_TOO_LONG_TO_ASK = (
    "This reply is too long to ask you about. To remix the video with it, begin it with @Sora, "
    f"or press {REMIX} under the video. {NOTHING}"
)
SLACK_SILENT = "Slack did not answer the bot. Nothing was done or charged: please try once more."
HOME_CREDITS = "What you have left"
HOME_JOBS = "Your videos"
HOME_SETTINGS = "How replies in remix threads are read"
HOME_CHANNEL = "Choose a channel"
HOME_CHANNEL_FIRST = "Choose the channel first; nothing was changed."
HOME_MODE = "Then how"
THREAD_MODES = {
    "mention": "Only when the bot is mentioned",
    "thread": "Every reply; its author is asked first",
    "off": "Not at all; by button only",
}
CONFIRM_CANCEL = "There will be no video, and its credits come back."
KEEP = "Keep it"
FORM_CLOSE = "Close"
FORM_WHERE = "Post it in"
FORM_WHERE_NOBODY = "Nowhere: only you see it"
FORM_PRIVATE = "Only you see the card and the video"
FORM_WHO_SEES = "Who sees it"


def slack_token_refused(word: str) -> str:
    """Slack does not take the bot's token."""
    return (
        f"Slack does not accept SORA_SLACK_BOT_TOKEN ({word}). Install the app again (its page, "
        "OAuth & Permissions) and put the Bot User OAuth Token there."
    )


def slack_app_token_refused(word: str) -> str:
    """Slack does not take the app's token."""
    return (
        f"Slack does not accept SORA_SLACK_APP_TOKEN ({word}). Make one with the scope "
        "connections:write (the app's page, Basic Information, App-Level Tokens) and put it there."
    )


def slack_line(lines: tuple[int, int] | None, *, known: bool) -> str:
    """Whether people on Slack are served; `lines` are connections there are and should be."""
    if not known:
        return "Slack takes no token of ours, or does not answer; to see why: sora-bot doctor slack"
    if lines is None:
        return "Slack calls this server"
    up, wanted = lines
    if not up:
        return "not connected; it is tried again by itself"
    return f"connected, {up} of {wanted} lines"


def confirm_title(label: str) -> str:
    """Head of the question before a button that stops something."""
    return f"{label} this video?"


def form_title(verb: str) -> str:
    """Head of a form that one button opens."""
    titles = {"remix": "Remix this video", "extend": "Extend this video", "again": "Once more"}
    return titles.get(verb, verb.capitalize())


def form_submit(verb: str) -> str:
    """The button that sends a form."""
    return {"remix": "Remix", "extend": "Extend", "create": "Make video"}.get(verb, "Send")


START_LABELS = {
    "now": "Now",
    "relaxed": "When there is room",
    "offpeak": "In off-peak hours",
    "urgent": "Before others, if you may",
}
"""Choices of a form for when an order starts, by what is typed for them."""


def form_label(name: str) -> str:
    """What stands over a field."""
    known = {"seconds": "Length", "count": "Variations", "when": "Start", "preset": "Style"}
    return known.get(name, name.capitalize())


def form_price(credits_needed: int | None) -> str:
    """The price of what is chosen in a form."""
    if credits_needed is None:
        return "No price is known for this, so it cannot be ordered."
    return f"Costs {price(credits_needed)}."


def clip_up_to(limit: int) -> str:
    """What clips can give a first frame."""
    return f"a picture, or an MP4 of up to {limit // 1_000_000} MB"


def slack_invite(bot: str) -> str:
    """What keeps the bot out of a private channel, with the line to type."""
    return f"the bot is not in this channel; type there: /invite @{bot}"


def slack_cannot_join(bot: str, why: str) -> str:
    """What keeps the bot out of a public channel, with the line to type."""
    return f"the bot may not join this channel by itself ({why}); type there: /invite @{bot}"


def slack_no_file_line(why: Line, *, linked: bool) -> Line:
    """A video that Slack did not take."""
    if linked:
        return (*why, " Watch it by the link; it works for seven days.")
    return (
        *why,
        " The video is kept safe; an admin can set SORA_PUBLIC_URL, so that ",
        Code("/sora show"),
        " can link to it.",
    )


def slack_no_picture_line(why: Line) -> Line:
    """A picture that Slack did not take; its words stand before this."""
    return (*why, " So the picture is left out.")


def slack_files_line(names: Sequence[str]) -> Line:
    """Files of an answer, where only the asker sees them."""
    return ("Sent to you alone, in your messages with this app: ", Strong(", ".join(names)))


def slack_files_lost_line(names: Sequence[str], why: str) -> Line:
    """Files of an answer that did not come through."""
    return (Strong(", ".join(names)), " did not come through. ", why or "Please ask once more.")


# --- the doctor for Discord ---------------------------------------------------------------

_PORTAL = "the Developer Portal (discord.com/developers/applications)"


def doctor_no_token() -> Finding:
    """Nothing to begin with."""
    fix = f"Make an application in {_PORTAL}, take the token from its Bot page, "
    return Finding(
        "Token", "SORA_DISCORD_TOKEN is not set", fine=False, fix=fix + "set SORA_DISCORD_TOKEN."
    )


def doctor_bad_token() -> Finding:
    """Discord knows nobody of that token."""
    fix = f"In {_PORTAL}: Bot, Reset Token; put the new one into SORA_DISCORD_TOKEN."
    return Finding("Token", "Discord does not accept it", fine=False, fix=fix)


def doctor_unreachable(problem: str) -> Finding:
    """The line, or Discord itself."""
    return Finding(
        "Discord", f"not reached ({problem})", fine=False, fix="Check the network, then try again."
    )


def doctor_token(name: str, application: int) -> Finding:
    """Who the bot is."""
    return Finding("Token", f"belongs to {name}, application {application}", fine=True)


def doctor_endpoint(url: str | None) -> Finding:
    """With an address of its own for interactions, Discord sends none to the bot."""
    if not url:
        return Finding("Interactions", "come to the bot", fine=True)
    fix = f"In {_PORTAL}: General Information, clear Interactions Endpoint URL."
    return Finding("Interactions", f"go to {url} instead of the bot", fine=False, fix=fix)


def doctor_intents() -> Finding:
    """The bot reads no messages of others."""
    return Finding("Intents", "no privileged one is needed; leave all three off", fine=True)


def doctor_sessions(left: int, advised: int, *, fine: bool, shards: int) -> Finding:
    """Connections that may still be opened today."""
    words = f"{left:,} connections left today; Discord advises {counted(advised, 'shard')}, "
    words += "as it says" if shards == 0 else f"set: {shards}"
    fix = "Find out why the bot reconnects so often (its log says so) before the token is reset."
    return Finding("Sessions", words, fine=fine, fix="" if fine else fix)


def doctor_commands(number: int, differing: Iterable[str]) -> Finding:
    """Whether Discord shows the commands of this version."""
    names = list(differing)
    if not names:
        return Finding("Commands", f"all {number} are as this version has them", fine=True)
    fix = "Start the bot once (sora-bot run): it tells Discord by itself."
    return Finding(
        "Commands", f"not as this version has them: {', '.join(names)}", fine=False, fix=fix
    )


def doctor_servers(number: int, *, many: bool, plain: bool) -> Finding:
    """How many servers the bot is in."""
    words = f"in {counted(number, 'server')}"
    if not number:
        return Finding("Servers", words, fine=False, fix="Open the invite below in a browser.")
    fix = "Set SORA_DISCORD_SHARDS=0." if many and plain else ""
    return Finding("Servers", words, fine=not fix, fix=fix)


def doctor_home(home: str, servers: list[str]) -> Finding:
    """Which server private messages count for."""
    if home and home not in servers:
        fix = "Set SORA_DISCORD_HOME to one of: " + (", ".join(servers) or "none yet") + "."
        return Finding(
            "Private messages", f"count for {home}, which it is not in", fine=False, fix=fix
        )
    if home or len(servers) == 1:
        return Finding("Private messages", f"count for {home or servers[0]}", fine=True)
    words = "commands work in channels only; SORA_DISCORD_HOME would name a server for them"
    return Finding("Private messages", words, fine=True)


def doctor_server(name: str, seen: int, hidden: int, *, fine: bool) -> Finding:
    """A server as a whole."""
    words = f"{counted(seen, 'channel')} in sight"
    words += f", {counted(hidden, 'channel')} hidden from the bot" if hidden else ""
    return Finding(name, words if fine else f"{words}; rights are missing, see below", fine=fine)


def doctor_channel(server: str, channel: str, rights: Iterable[str]) -> Finding:
    """A channel in which something is missing."""
    names = ", ".join(map(discord_right, rights))
    fix = f"Channel settings of #{channel}, Permissions: allow the bot's role {names}."
    return Finding(f"{server} #{channel}", f"missing: {names}", fine=False, fix=fix)


def doctor_links(url: str) -> Finding:
    """Where a link to a video leads that Discord does not take."""
    if url:
        return Finding("Links", f"videos that are too large are linked under {url}", fine=True)
    words = "videos that are too large cannot be linked: SORA_PUBLIC_URL is not set"
    return Finding("Links", words, fine=True)


def doctor_invite(url: str) -> Finding:
    """Into further servers, with the least rights."""
    return Finding("Invite", url, fine=True)


def finding_line(finding: Finding) -> str:
    """A finding on the terminal."""
    line = f"{'ok' if finding.fine else '!!'}  {finding.name}: {finding.words}"
    return f"{line}\n    → {finding.fix}" if finding.fix else line


# --- a look at a video server -------------------------------------------------------------

SERVERS: Mapping[str, str] = {
    "openai": "the contract as OpenAI published it",
    "azure": "Azure AI Foundry",
    "litellm": "LiteLLM's proxy",
    "new-api": "new-api, or something made of it",
    "vllm-omni": "vLLM-Omni",
    "sglang": "SGLang-Diffusion",
    "laozhang": "LaoZhang",
}
"""Who talks like a profile."""
_SIGNS: Mapping[Sign, str] = {
    Sign.HOST: "its name is {}",
    Sign.HEADER: "it sends the header {}",
    Sign.TITLE: "it calls itself {}",
    Sign.ROUTE: "it has {}",
    Sign.MODELS: "its models come with {}",
    Sign.ERROR: "its errors carry {}",
    Sign.KEY: "it takes the key from {}",
    Sign.CONTRACT: "list and errors have every field of the contract",
}
_DOORS: Mapping[Door, str] = {
    Door.OPEN: "it asks for none",
    Door.FITS: "it fits",
    Door.SHUT: "it asks for one",
    Door.WRONG: "it is refused",
}
_KEY_FIXES: Mapping[Door, str] = {
    Door.SHUT: "Name the variable that holds the key: --key-from NAME.",
    Door.WRONG: "Copy the key again from the server's own page.",
}
_ERROR_SHAPES: Mapping[ErrorShape, str] = {
    ErrorShape.NESTED: "an object with type and code, as in the contract",
    ErrorShape.FLAT: "flat: code and message side by side",
    ErrorShape.DETAIL: "a sentence called detail, without a code",
    ErrorShape.OTHER: "in a shape of its own, or not seen",
}
_DOINGS: Mapping[str, str] = {
    "create": "order",
    "fetch": "ask about a job",
    "content": "fetch the file",
    "list": "list jobs",
    "delete": "delete",
    "remix": "remix",
    "extend": "extend",
}
SNIPPET_MODELS = 3
"""Models written out for the catalogue."""


def probe_findings(probe: Probe) -> tuple[Finding, ...]:
    """All that a look at a server has shown."""
    if not probe.speaks:
        return (_probe_stranger(probe.url),)
    shape = Finding("Errors", _ERROR_SHAPES[probe.errors], fine=True)
    return (_probe_who(probe), _probe_key(probe.door), _probe_can(probe), shape, _probe_sold(probe))


def _probe_stranger(url: str) -> Finding:
    fix = "Look up its base URL, which mostly ends in /v1. It may also speak another contract."
    return Finding("Server", f"{url} answers, but knows no /videos", fine=False, fix=fix)


def _probe_who(probe: Probe) -> Finding:
    if not probe.fits:
        return _probe_relative(probe)
    if probe.profile == "custom":
        words = f"nothing tells who is at {probe.url}: start with the profile custom"
    else:
        why = " and ".join(map(_probe_sign, probe.reasons))
        words = f"{probe.url} talks like {SERVERS[probe.profile]} (profile {probe.profile}): {why}"
    return Finding("Server", words + _simulated_too(simulated=probe.simulated), fine=True)


def _probe_relative(probe: Probe) -> Finding:
    names = one_of(reason.value for reason in probe.reasons)
    words = f"{probe.url} talks like {names}, whose orders are written in another way"
    return Finding("Server", words, fine=False, fix="No profile of this contract fits it.")


def _simulated_too(*, simulated: bool) -> str:
    return "; it is the simulator of this bot" if simulated else ""


def _probe_sign(reason: Reason) -> str:
    return _SIGNS[reason.sign].format(reason.value)


def _probe_key(door: Door) -> Finding:
    fix = _KEY_FIXES.get(door, "")
    return Finding("Key", _DOORS[door], fine=not fix, fix=fix)


def _probe_can(probe: Probe) -> Finding:
    """Only what was seen: what cannot be told is not called missing."""
    groups = {True: "there", False: "not there", None: "not to be told without an order"}
    found = (
        f"{words}: {', '.join(names)}"
        for state, words in groups.items()
        if (names := [_DOINGS[name] for name, seen in probe.operations.items() if seen is state])
    )
    return Finding("Operations", "; ".join(found), fine=True)


def _probe_sold(probe: Probe) -> Finding:
    if not probe.models:
        return Finding("Models", "it names none; its own page does", fine=True)
    shown = ", ".join(probe.models[:10])
    more = f" and {len(probe.models) - 10} more" if len(probe.models) > 10 else ""  # noqa: PLR2004 - as many as a line holds
    return Finding("Models", f"{shown}{more}", fine=True)


def probe_account(probe: Probe, name: str, key_from: str) -> str:
    """The account in the form of the file of providers."""
    needs_key = probe.door is not Door.OPEN or key_from
    key = f"key_from = {_toml(key_from or 'PROVIDER_KEY')}\n" if needs_key else ""
    return (
        "# For SORA_PROVIDERS_FILE:\n"
        "[[provider]]\n"
        f"name = {_toml(name)}\n"
        f"url = {_toml(probe.url)}\n"
        f"profile = {_toml(probe.profile)}\n"
        f"{key}"
    )


def probe_catalogue(probe: Probe, name: str, today: date) -> str:
    """Its first models in the form of the catalogue; the prices are the operator's to fill in."""
    models = probe.models[:SNIPPET_MODELS] or ("name-of-a-model",)
    entries = "\n".join(_probe_model(probe, name, model, today) for model in models)
    return (
        "# For SORA_CATALOGUE_FILE: fill in prices, and lengths and sizes from the server's page.\n"
        f"{entries}"
    )


def _toml(text: str) -> str:
    """A text in quotes; what stands in it stays in it."""
    return json.dumps(text, ensure_ascii=False)


def _probe_model(probe: Probe, name: str, model: str, today: date) -> str:
    return (
        "[[model]]\n"
        f"provider = {_toml(name)}\n"
        f"name = {_toml(model)}\n"
        "seconds = [4, 8]\n"
        "default_seconds = 4\n"
        'default_size = "1280x720"\n'
        '# prices = { "1280x720" = 10 }  # credits per second; without them nothing is sold\n'
        "typical_ms = 120000\n"
        f"source = {_toml(f'named by {probe.url}')}\n"
        f"as_of = {today.isoformat()}\n"
    )


def probe_silent(url: str, why: str) -> str:
    """Nobody is there."""
    return f"Nobody answers at {url}: {why}."


def probe_no_key(name: str, folder: str) -> str:
    """The key is not where the operator says."""
    return f"{name} is neither in the environment nor a file in {folder}."


TRIAL_PROMPT = "A red kite over dunes, on a sunny day."


def trial_confirm(url: str, model: str, seconds: int) -> str:
    """Before real money is spent."""
    return (
        f"Order one video of {seconds} seconds from {model} at {url}? That server may charge for it"
    )


def trial_taken(name: str) -> Finding:
    """The order stands."""
    return Finding("Order", f"taken as {cut(name)}", fine=True)


def trial_ended(
    state: JobState, asked: int, took_ms: int, cost_micros: int | None, why: str
) -> Finding:
    """How the job ended, after how long."""
    times = f"{counted(asked, 'question')}, {took_ms // 1000} s"
    if state is JobState.FETCHING:
        cost = f", reported cost {usd(cost_micros)}" if cost_micros is not None else ""
        return Finding("Ask", f"finished after {times}{cost}", fine=True)
    if state in {JobState.QUEUED, JobState.RENDERING}:
        fix = "It may still end there: look at the server's own page before another order."
        return Finding("Ask", f"still running after {times}", fine=False, fix=fix)
    said = f": {quoted(why)}" if why else ""
    return Finding("Ask", f"ended as {state.value} after {times}{said}", fine=False)


def trial_listed(*, found: bool) -> Finding:
    """Whether the list shows it; only then can lost orders be looked up."""
    if found:
        return Finding("List", "shows the job", fine=True)
    return Finding("List", "does not show the job: lost orders will not be found", fine=False)


def trial_copied(size: int) -> Finding:
    """The file is a video."""
    return Finding("File", f"an MP4 of {megabytes(size)}", fine=True)


def trial_deleted(*, gone: bool) -> Finding:
    """Whether a deleted job is gone."""
    return Finding("Delete", "the job is gone" if gone else "the job is still there", fine=gone)


def trial_failed(error: errors.ProviderError) -> Finding:
    """A step that did not work ends the trial."""
    said = quoted(error.message) if error.message else type(error).__name__
    if isinstance(error, errors.AmbiguousSubmit):
        fix = "Look at the server's own page before you order again: it may have taken this one."
        return Finding("Trial", f"nobody can say whether it was taken: {said}", fine=False, fix=fix)
    return Finding("Trial", f"{type(error).__name__}: {said}", fine=False)


# --- the doctor for video backends --------------------------------------------------------

_TROUBLES: Mapping[Ailment, tuple[str, str]] = {
    Ailment.NO_NAME: (
        "its host has no address",
        "Check the URL for typing errors, and the name server of this machine.",
    ),
    Ailment.TLS: (
        "its certificate is not accepted",
        "Check the URL, the clock of this machine, and a proxy that opens TLS on the way.",
    ),
    Ailment.SILENT: ("nobody answers", "Check the URL, and that no firewall is in between."),
    Ailment.NO_KEY: (
        "it asks for a key, and none is set",
        "Set SORA_PROVIDER_KEY, or key_from in SORA_PROVIDERS_FILE.",
    ),
    Ailment.WRONG_KEY: (
        "it does not take the key",
        "Copy the key again from the provider's own page, and check that it is for this URL.",
    ),
    Ailment.UNVERIFIED: (
        "the organization must be verified first",
        "Verify it in the provider's settings; that may take some minutes to count.",
    ),
    Ailment.UNPAID: (
        "the account has no credits left",
        "Add credits, or a card, on the provider's billing page.",
    ),
    Ailment.REGION: (
        "it does not serve the region of this machine",
        "Run the bot in a supported region, or choose another provider.",
    ),
    Ailment.CLOSED: (
        "this service makes no videos any more",
        "Choose another provider in SORA_PROVIDER or SORA_PROVIDERS_FILE.",
    ),
    Ailment.PAGE: (
        "a web page answers in place of the API",
        "Look up the base URL of the API: it mostly ends in /v1.",
    ),
    Ailment.NO_ROUTES: (
        "it knows neither videos nor anything else at this URL",
        "Look up the base URL, and check the profile: sora-bot provider probe URL.",
    ),
    Ailment.BROKEN: (
        "it has trouble of its own",
        "Try again later; orders wait and are tried again by themselves.",
    ),
}


_CAN: Mapping[str, str] = {
    "takes_image": "first frames",
    "takes_last": "last frames",
    "references": "reference pictures",
    "switches_sound": "sound on or off",
    "remixes": "remix",
    "extends": "extend",
    "lists": "list",
    "deletes": "delete",
    "cancels": "cancel",
}


def provider_ails(gate: str, trouble: Ailment, said: str) -> Finding:
    """What keeps an account from working."""
    words, fix = _TROUBLES[trouble]
    told = f"{words}: {quoted(said)}" if said else words
    return Finding(gate, told, fine=False, fix=fix)


def provider_reached(gate: str, ms: int) -> Finding:
    """Somebody answers there."""
    return Finding(f"{gate} line", f"an answer in {ms:,} ms", fine=True)


def provider_clock(gate: str, ahead_ms: int) -> Finding:
    """Our clock and theirs differ."""
    way = "ahead of" if ahead_ms > 0 else "behind"
    words = f"the clock of this machine is {abs(ahead_ms) // 1000:,} s {way} that of the provider"
    fix = "Switch on time synchronization (NTP): signed news is refused while clocks differ."
    return Finding(f"{gate} clock", words, fine=False, fix=fix)


def provider_key(gate: str, *, shown: bool) -> Finding:
    """The key is accepted, or none is needed."""
    words = "accepted" if shown else "none is set, and none is asked for"
    return Finding(f"{gate} key", words, fine=True)


def provider_sells_nothing(gate: str) -> Finding:
    """No model of the catalogue is made there."""
    fix = "Add its models, with prices, to SORA_CATALOGUE_FILE."
    return Finding(f"{gate} models", "the catalogue has none of it", fine=False, fix=fix)


def provider_model_gone(gate: str, model: Model) -> Finding:
    """A model that is past its day."""
    day = model.retire_on.isoformat() if model.retire_on else "an unknown day"
    instead = f"order {model.replaced_by} instead" if model.replaced_by else "choose another one"
    fix = f"Take it out of the catalogue; {instead}."
    return Finding(f"{gate} {model.name}", f"retired since {day}", fine=False, fix=fix)


def provider_model_unknown(gate: str, model: Model) -> Finding:
    """A model that the backend does not name."""
    words = f"the provider does not name {model.upstream} among its models"
    fix = "Check `upstream` in the catalogue, and whether this key may use the model."
    return Finding(f"{gate} {model.name}", words, fine=False, fix=fix)


def provider_models(gate: str, number: int, *, told: bool) -> Finding:
    """How many models of the catalogue are there."""
    seen = "known there" if told else "in the catalogue; whether it has them, only an order tells"
    return Finding(f"{gate} models", f"{counted(number, 'model')} {seen}", fine=True)


def provider_prices(gate: str, models: Sequence[Model]) -> Finding:
    """How old the prices are, and whether costs are known."""
    oldest = min(model.as_of for model in models).isoformat()
    bare = [model.name for model in models if not model.costs]
    words = f"all known, the oldest of {oldest}"
    words += f"; a credit counts as a US cent for {', '.join(bare)}" if bare else ""
    return Finding(f"{gate} prices", words, fine=True)


def provider_no_door(gate: str, *, is_set: bool) -> Finding:
    """It should tell of videos, and cannot."""
    words = "SORA_PUBLIC_URL is not https" if is_set else "SORA_PUBLIC_URL is not set"
    fix = "Set SORA_PUBLIC_URL to the https address at which the provider reaches this bot."
    return Finding(f"{gate} webhook", words, fine=False, fix=fix)


def provider_door(gate: str) -> Finding:
    """Our own door answers from outside."""
    return Finding(f"{gate} webhook", "the door answers, and lets strangers not in", fine=True)


def provider_door_shut(gate: str, why: str) -> Finding:
    """Our own door does not answer as it should."""
    fix = "Start the bot, and let /webhooks of SORA_PUBLIC_URL lead to it."
    return Finding(f"{gate} webhook", f"the door does not answer: {cut(why)}", fine=False, fix=fix)


def provider_limits(gate: str, limits: Limits) -> Finding:
    """What it is declared to take; the rest is found out."""
    style = "" if limits.style is Counting.UNKNOWN else f" ({limits.style.value})"
    declared = {
        "renders at once": limits.slots,
        f"orders a minute{style}": limits.per_minute,
        "orders a day": limits.per_day,
        "ms between two orders": limits.spacing or None,
    }
    words = [f"{number:,} {what}" for what, number in declared.items() if number is not None]
    return Finding(f"{gate} limits", ", ".join(words) or "none declared", fine=True)


def provider_can(gate: str, can: Mapping[str, bool]) -> Finding:
    """All that it can do, in one line; `can` has the fields of the port's `Capabilities`."""
    has = [name for field, name in _CAN.items() if can[field]]
    lacks = [name for field, name in _CAN.items() if not can[field]]
    words = ", ".join(["orders", *has]) + (f"; not: {', '.join(lacks)}" if lacks else "")
    return Finding(f"{gate} can", words, fine=True)


def provider_built_in() -> Finding:
    """The simulator that comes with the bot."""
    words = "the built-in simulator: it needs nothing, and runs with the bot"
    return Finding(HEALTH_BACKEND, words, fine=True)


def no_such_account(name: str, known: Iterable[str]) -> str:
    """An account that is in no setting."""
    return f"There is no account {name}; there are: {', '.join(known)}."


# --- the Slack app ------------------------------------------------------------------------

SLACK_NAME = "Sora"
SLACK_ABOUT = "Describe a video and it appears in your channel"
SLACK_REMIX_ABOUT = "Change a video of the bot, or let a picture or clip of yours move"
SLACK_SCOPES = {
    "commands": "has the commands /sora and /sora-admin, and the shortcuts",
    "chat:write": "posts and edits cards",
    "files:write": "posts videos",
    "files:read": "copies attached pictures, and finds the message of a posted video",
    "app_mentions:read": "hears @Sora in channels and threads",
    "channels:read": "says whether it can post in a public channel",
    "groups:read": "says whether it can post in a private channel it was invited to",
    "channels:join": "joins a public channel in which somebody asks for a video",
    "users:read": "knows names, and who is an admin of the workspace",
    "usergroups:read": "knows who is in a user group, for limits and admins",
    "im:read": "recognizes private messages to the bot",
    "im:write": "begins a private conversation, for videos asked for in private",
    "im:history": "hears what is written to the bot in private",
    "reactions:read": "hears who likes a video by a reaction to it",
}
"""Each right of the Slack app, and what the bot does with it."""
SLACK_REPLY_SCOPES = {
    "channels:history": "hears replies in threads of public channels that do not mention it",
    "groups:history": "hears the same in private channels",
}
"""What the mode of threads adds in which nobody has to mention the bot."""


SLACK_NEEDS_ADDRESS = (
    "SORA_PUBLIC_URL: Slack has to call the bot, so it needs the address; "
    "without a signing secret and --http the bot opens the connections itself"
)


def slack_usage_hint(words: Iterable[str], *, prompt: bool) -> str:
    """What can follow a command, beside its name."""
    return " | ".join(["a red kite over dunes", *words] if prompt else words)


# --- adding the Slack app -----------------------------------------------------------------

SLACK_ADD = f"Add {SLACK_NAME} to your workspace"
SLACK_ADD_ABOUT = (
    "It makes AI videos in your channels. Slack now asks you for a workspace, and shows what the "
    "bot may do there."
)
SLACK_ADD_GO = "Add to Slack"
SLACK_ADD_AGAIN = "Begin again"
SLACK_ADDED_ABOUT = "Type /sora with a few words in any channel, and it makes a video of them."
SLACK_ADDED_OPEN = "Open Slack"
SLACK_ADDED_BROWSER = "Open Slack in the browser"
SLACK_NOT_ADDED = "Nothing was added"
SLACK_NOT_ADDED_ELSE = "Slack did not confirm that the bot may come in. Please begin again."
SLACK_NOT_ADDED_WHY = {
    "access_denied": "You said no at Slack. You can begin again at any time.",
    "invalid_browser": "Please begin and end in the same browser, within ten minutes.",
    "invalid_state": "This took longer than ten minutes, or was done already. Please begin again.",
    "storage_error": "The bot could not keep what Slack gave it. Please begin again; whoever runs "
    "the bot finds the reason in its log.",
    "whole_organization": "Slack was asked for the whole organization. Please begin again and "
    "choose one workspace.",
}
SLACK_OTHER_KEY = (
    "SORA_SLACK_TOKEN_KEY is not the key that encrypted the stored tokens of Slack workspaces. Set "
    "the former one and start again, or have every workspace add the bot once more."
)
SLACK_OTHER_KEY_LINE = "SORA_SLACK_TOKEN_KEY does not fit the stored workspaces; see the log"


def slack_added(team: str) -> str:
    """A workspace has the bot now."""
    return f"{SLACK_NAME} is in {team}"


def slack_unreadable(note: str) -> str:
    """One workspace whose token is lost to us."""
    return (
        f"{note}: the stored token of this Slack workspace cannot be read with "
        "SORA_SLACK_TOKEN_KEY. Set the former key, or have the workspace add the bot once more."
    )


def slack_not_here(link: str) -> str:
    """Somebody uses the bot where it has no token; `link` is where it can be added, if anywhere."""
    again = f"add it again: {link}" if link else "tell whoever runs it"
    return (
        "The bot is not in this workspace any more, or does not reach Slack at the moment. Nothing "
        f"was charged. Please try once more; if that does not help, {again}"
    )


# --- the doctor for Slack -----------------------------------------------------------------

_SLACK_APPS = "api.slack.com/apps"
_SLACK_AGAIN = (
    f"At {_SLACK_APPS} paste the output of sora-bot slack manifest into App Manifest and save, "
    "then Install App, Reinstall."
)
_SLACK_NEW_TOKEN = (
    f"At {_SLACK_APPS}, page OAuth & Permissions, copy the Bot User OAuth Token "
    "into SORA_SLACK_BOT_TOKEN."
)
_SLACK_NEW_APP_TOKEN = (
    f"At {_SLACK_APPS}, page Basic Information, App-Level Tokens, generate one with "
    "connections:write and put it into SORA_SLACK_APP_TOKEN."
)
_SLACK_NAMED = 10
"""Channels that are named."""


def slack_doctor_api(url: str) -> Finding:
    """Every token goes there."""
    words = f"calls go to {url} instead of Slack's own; right for GovSlack or a proxy"
    return Finding("Web API", words, fine=True)


def slack_doctor_no_token() -> Finding:
    """Nothing to begin with."""
    fix = f"Make the app by the link below, install it, then: {_SLACK_NEW_TOKEN}"
    return Finding("Token", "SORA_SLACK_BOT_TOKEN is not set", fine=False, fix=fix)


def slack_doctor_other_token() -> Finding:
    """A token of a person, of the app, or none at all."""
    words = "SORA_SLACK_BOT_TOKEN is another kind of token; a bot token begins with xoxb-"
    return Finding("Token", words, fine=False, fix=_SLACK_NEW_TOKEN)


def slack_doctor_refused(word: str) -> Finding:
    """Slack knows nobody of that token. `word` is Slack's own."""
    gone = word in {"account_inactive", "token_revoked", "token_expired"}
    words = "was taken back: the app is no longer installed" if gone else "is not accepted"
    fix = f"{'Install the app again. ' if gone else ''}{_SLACK_NEW_TOKEN}"
    return Finding("Token", f"{words} (Slack says {word})", fine=False, fix=fix)


def slack_doctor_unreachable(problem: str) -> Finding:
    """The line, Slack itself, or the wrong address."""
    fix = "Check the network and SORA_SLACK_API_URL, then try again."
    return Finding("Slack", f"no usable answer ({problem})", fine=False, fix=fix)


def slack_doctor_token(bot: str, workspace: str) -> Finding:
    """Who the bot is."""
    return Finding("Token", f"belongs to {bot} in {workspace}", fine=True)


def slack_doctor_installs(url: str) -> Finding:
    """Tokens come with each workspace, so there is none to look at."""
    words = f"workspaces are added at {url}; their tokens and channels are not looked at here"
    return Finding("Workspaces", words, fine=_encrypted(url), fix=_needs_https(url))


def slack_doctor_sockets() -> Finding:
    """Slack would let the bot open connections."""
    return Finding("Events", "come through connections that the bot opens", fine=True)


def slack_doctor_no_app_token() -> Finding:
    """No way in for what people do."""
    fix = _SLACK_NEW_APP_TOKEN
    return Finding("Events", "SORA_SLACK_APP_TOKEN is not set", fine=False, fix=fix)


def slack_doctor_other_app_token() -> Finding:
    """Most often the bot token once more."""
    words = "SORA_SLACK_APP_TOKEN is another kind of token; an app token begins with xapp-"
    return Finding("Events", words, fine=False, fix=_SLACK_NEW_APP_TOKEN)


def slack_doctor_app_refused(word: str) -> Finding:
    """Slack gives out no connection. `word` is Slack's own."""
    words = f"no connection is given for SORA_SLACK_APP_TOKEN (Slack says {word})"
    fix = f"{_SLACK_NEW_APP_TOKEN} The page Socket Mode must have it switched on."
    return Finding("Events", words, fine=False, fix=fix)


def slack_doctor_called(url: str) -> Finding:
    """Slack calls the bot; whether it can reach it, only Slack can say."""
    words = f"Slack calls {url}; only Slack can say whether it reaches it"
    fix = f"At {_SLACK_APPS}, page Event Subscriptions, the URL must say Verified."
    return Finding("Events", words, fine=_encrypted(url), fix=_needs_https(url) or fix)


def slack_doctor_unsigned() -> Finding:
    """Anybody could call the bot in Slack's name, so it listens to nobody."""
    fix = f"At {_SLACK_APPS}, page Basic Information, copy it into SORA_SLACK_SIGNING_SECRET."
    return Finding("Events", "SORA_SLACK_SIGNING_SECRET is not set", fine=False, fix=fix)


def _encrypted(url: str) -> bool:
    return url.startswith("https://")


def _needs_https(url: str) -> str:
    return "" if _encrypted(url) else "Set SORA_PUBLIC_URL to an address with https://."


def slack_doctor_scopes(number: int) -> Finding:
    """Nothing is missing."""
    return Finding("Scopes", f"all {number} are granted", fine=True)


def slack_doctor_scope(scope: str, why: str) -> Finding:
    """A right that the bot would use."""
    words = f"missing; with it the bot {why}"
    return Finding(f"Scope {scope}", words, fine=False, fix=_SLACK_AGAIN)


def slack_doctor_more_scopes(scopes: Iterable[str]) -> Finding:
    """More rights than are used; nothing breaks, but less is safer."""
    words = f"more than the bot uses: {', '.join(scopes)}"
    return Finding("Scopes", words, fine=True, fix=f"{_SLACK_AGAIN} That takes them away.")


def slack_doctor_scopes_untold() -> Finding:
    """A proxy on the way left the header out."""
    return Finding("Scopes", "not told with the answer, so not compared", fine=True)


def slack_doctor_admins(listed: int, strangers: Iterable[str]) -> Finding:
    """Who may do what admins may."""
    if unknown := ", ".join(strangers):
        fix = "Correct SORA_SLACK_ADMINS: a profile and a user group have Copy ID in their menu."
        words = f"not in this workspace, or no longer active: {unknown}"
        return Finding("Admins", words, fine=False, fix=fix)
    words = "admins and owners of the workspace"
    words += f", and the {counted(listed, 'id')} of SORA_SLACK_ADMINS" if listed else ""
    return Finding("Admins", words, fine=True)


def slack_doctor_admins_untold(word: str) -> Finding:
    """Slack did not say who somebody is. `word` is Slack's own."""
    fix = {
        "missing_scope": "Mend the scopes above first.",
        "plan_upgrade_required": "User groups need a paid plan: list people in SORA_SLACK_ADMINS.",
    }.get(word, "Try again in a minute.")
    words = f"SORA_SLACK_ADMINS could not be looked up (Slack says {word})"
    return Finding("Admins", words, fine=False, fix=fix)


def slack_doctor_channels(names: list[str], bot: str) -> Finding:
    """Where the bot is; it joins public channels by itself."""
    more = len(names) - _SLACK_NAMED
    shown = ", ".join(f"#{name}" for name in names[:_SLACK_NAMED])
    words = f"in {len(names):,}: {shown}" if names else "in none yet"
    words += f" and {more:,} more" if more > 0 else ""
    words += f"; it joins public ones when asked, private ones need /invite @{bot}"
    return Finding("Channels", words, fine=True)


def slack_doctor_channels_untold(word: str) -> Finding:
    """Slack did not say where the bot is. `word` is Slack's own."""
    missing = word == "missing_scope"
    fix = "Mend the scopes above first." if missing else "Try again in a minute."
    return Finding("Channels", f"could not be listed (Slack says {word})", fine=False, fix=fix)


def slack_doctor_messages_tab() -> Finding:
    """What Slack does not tell, and where it is switched."""
    words = (
        "switched on by the manifest; when people cannot write to the bot, "
        f"look at {_SLACK_APPS}, page App Home, Messages Tab"
    )
    return Finding("Private messages", words, fine=True)


def slack_doctor_replies(missing: Iterable[str]) -> Finding:
    """Whether the bot could hear replies that do not mention it."""
    if names := " and ".join(missing):
        words = (
            "need @Sora or a button; to be heard without, "
            f"add {names} (sora-bot slack manifest --replies)"
        )
        return Finding("Replies in threads", words, fine=True)
    words = "can be heard without @Sora where the mode of threads says so"
    return Finding("Replies in threads", words, fine=True)


def slack_doctor_new_app(url: str) -> Finding:
    """Slack's page with the manifest filled in."""
    return Finding("App", f"made by opening {url}", fine=True)


def slack_doctor_app() -> Finding:
    """How the app is changed."""
    words = f"changed at {_SLACK_APPS}, page App Manifest, with what sora-bot slack manifest prints"
    return Finding("App", words, fine=True)


# --- the data folder ----------------------------------------------------------------------


def needs_a_file(where: str) -> str:
    """A database that keeps nothing."""
    return f"The database {where} keeps nothing: name a file."


NO_DATABASE_URL = (
    "The database URL is not usable. Write postgresql://user:password@host/name, "
    "or leave it empty: then the data folder holds the database."
)


def needs_postgresql_driver(reason: str) -> str:
    """The libraries are not whole."""
    return f'PostgreSQL needs the package "psycopg[binary]", which is not installed here: {reason}'


def cannot_reach_database(where: str, reason: str) -> str:
    """The server is not there, or does not let the bot in; `where` shows no password."""
    return f"The database {where} cannot be used: {' '.join(reason.split())}"


def from_a_newer_version(revision: str) -> str:
    """Data of a bot that knows more than this one."""
    return f"The data was written by a newer version of the bot (revision {revision})."


def balance_differs(account: str, balance: int, entries: int) -> str:
    """An audit found a balance that its entries do not explain."""
    return f"{account}: the balance is {balance:,}, its entries add up to {entries:,}"


def overdrawn(account: str, balance: int) -> str:
    """An audit found less than nothing in an account."""
    return f"{account}: the balance is {balance:,}"


def uneven_transfer(ref: str, total: int, lines: int) -> str:
    """An audit found credits that came from nowhere or went nowhere."""
    return f"{ref}: {counted(lines, 'entry', 'entries')} adding up to {total:,} instead of 0"


def wrong_line(ref: str, account: str, balance: int, running: int) -> str:
    """An audit found an entry whose balance does not follow from those before it."""
    return f"{ref} in {account}: the balance says {balance:,}, the entries so far {running:,}"


def hold_differs(job: str, state: str, price_: int, found: int) -> str:
    """An audit found a job under way whose price is not set aside as it should be."""
    return f"#{job} is {STATE_WORDS[S(state)]} and should hold {price_:,}, but holds {found:,}"


def charge_differs(job: str, state: str, price_: int, found: int) -> str:
    """An audit found a finished video that cost something else than its price."""
    return f"#{job} is {STATE_WORDS[S(state)]} for {price_:,}, but {found:,} were spent"


def return_differs(job: str, state: str, price_: int, found: int) -> str:
    """An audit found a job without a video whose credits did not come back."""
    return f"#{job} is {STATE_WORDS[S(state)]}: {price_:,} should be back, but {found:,} are"


def moved_again(job: str, state: str, price_: int, found: int) -> str:
    """An audit found a job whose credits were held or settled more than once."""
    moves = counted(found, "move")
    return f"#{job} ({STATE_WORDS[S(state)]}) moved its price of {price_:,} too often: {moves}"


def tally_differs(scope: str, model: str, slot: int, jobs: Usage, kept: Usage) -> str:
    """An audit found a sum that the jobs do not explain."""
    of = f"{scope}, {model}" if model else scope
    when = f"{datetime.fromtimestamp(slot / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    return f"{of}, {when}: the sum says {_summed(kept)}, the jobs say {_summed(jobs)}"


def more_faults(number: int) -> str:
    """What an audit found besides."""
    return f"and {number:,} more, see the log"


def _summed(usage: Usage) -> str:
    videos, money = counted(usage.videos, "video"), f"{usage.micros:,} micro-USD"
    return f"{videos}, {usage.seconds:,} s, {credits_(usage.credits)}, {money}"


# --- health -------------------------------------------------------------------------------

HEALTH_LEDGER = "Ledger"
HEALTH_LINE = "Queue"
HEALTH_BACKEND = "Video backend"
HEALTH_DISK = "Disk"
HEALTH_FFMPEG = "ffmpeg"
HEALTH_UNKNOWN = "Unknown outcomes"
HEALTH_ALERTS = "Admin channel"
HEALTH_BOOKS = "Books"
BACKEND_ANSWERS = "answers, and takes the key"
_FAULTS = 5
"""Faults of the books that are told; who has more looks into the log."""
HEALTH_DISCORD = "Discord"
HEALTH_SLACK = "Slack"


def health_ledger(faults: tuple[str, ...]) -> str:
    """Whether balances and entries agree."""
    return "balances equal the sum of their entries" if not faults else "; ".join(faults)


def health_line(waiting: int, running: int, unknown: int) -> str:
    """What is under way, and what needs an admin."""
    words = f"{running} running, {waiting} waiting"
    return f"{words}, {counted(unknown, 'outcome')} unknown" if unknown else words


def backend_silent(seconds: int) -> str:
    """It took too long."""
    return f"no answer in {seconds} s; jobs wait and are tried again by themselves"


def backend_refuses(said: str) -> str:
    """The key is no good."""
    return f"does not take the bot’s key: {cut(said) or 'no reason given'}"


def backend_unreachable(said: str) -> str:
    """Any other way in which a question went wrong."""
    return f"cannot be asked: {cut(said) or 'no reason given'}"


def doctor_books(faults: Sequence[str]) -> Finding:
    """Whether credits, holds and sums agree with the jobs."""
    if not faults:
        return Finding(HEALTH_BOOKS, "credits, holds and sums agree with the jobs", fine=True)
    more = f"; and {len(faults) - _FAULTS:,} more" if len(faults) > _FAULTS else ""
    told = f"{'; '.join(faults[:_FAULTS])}{more}"
    return Finding(HEALTH_BOOKS, told, fine=False, fix="Keep a backup and report this.")


def doctor_unknown(number: int) -> Finding:
    """Jobs that an admin has to settle."""
    if not number:
        return Finding(HEALTH_UNKNOWN, "none", fine=True)
    words = f"{counted(number, 'job')} whose credits stay held"
    return Finding(HEALTH_UNKNOWN, words, fine=False, fix="/sora-admin unknown")


def doctor_alerts(*, is_set: bool) -> Finding:
    """Whether admins hear of trouble."""
    if is_set:
        return Finding(HEALTH_ALERTS, "set", fine=True)
    fix = "/sora-admin settings alerts here"
    return Finding(HEALTH_ALERTS, "not set: nobody is told of trouble", fine=False, fix=fix)


def doctor_slow(gate: str, seconds: int) -> Finding:
    """The look at an account took too long; what was found by then is told beside it."""
    fix = f"Ask again later; sora-bot doctor provider --account {gate} waits longer."
    return Finding(gate, f"no answer in time ({seconds} s)", fine=False, fix=fix)


def doctor_broke(gate: str, why: str = "") -> Finding:
    """The look at an account did not come to its end; no reason: the log has it."""
    return Finding(gate, f"cannot be looked at: {why or 'see the log of the bot'}", fine=False)


def doctor_account(gate: str, found: Sequence[Finding]) -> tuple[Finding, ...]:
    """An account in a chat: each thing that is wrong, then all the rest in one line."""
    wrong = [one for one in found if not one.fine]
    rest = [_part(one, gate) for one in found if one.fine]
    name = f"{gate}, else" if wrong else gate
    return (*wrong, *([Finding(name, "; ".join(rest), fine=True)] if rest else ()))


def _part(finding: Finding, gate: str) -> str:
    """What was found of a part of an account, or of all of it."""
    part = finding.name.removeprefix(gate).strip()
    return f"{part}: {finding.words}" if part else finding.words


def doctor_circuit(circuit: Circuit) -> Finding:
    """An account to which nothing is sent, or a model that it no longer has."""
    fix = f"/sora-admin resume {circuit.provider}" if circuit.trouble in FOR_ADMINS else ""
    return Finding(f"account {_account(circuit)}", _wrong(circuit), fine=False, fix=fix)


def examined_line(finding: Finding) -> Line:
    """What was looked at, in a chat."""
    mark = "✓" if finding.fine else "✗"
    fix = f" → {finding.fix}" if finding.fix and not finding.fine else ""
    return (f"{mark} ", Strong(finding.name), f" · {finding.words}{fix}")


def discord_line(*, connected: bool) -> str:
    """Whether people on Discord are served."""
    return "connected" if connected else "not connected; it is tried again by itself"


def health_disk(free_gb: float) -> str:
    """Room for new videos."""
    return f"{free_gb:.0f} GB free"


def no_key(gate: str, folder: str) -> str:
    """An account of the file of providers whose key is not where the file says."""
    return (
        f"The key of {gate} is neither in the environment nor a file in {folder}, under the name "
        "that its key_from says."
    )


def no_webhook_secret(gate: str, folder: str) -> str:
    """An account of the file of providers whose secret for webhooks is not where the file says."""
    return (
        f"The webhook secret of {gate} is neither in the environment nor a file in {folder}, under "
        "the name that its webhook_secret_from says."
    )


def webhook_secret(scheme: Scheme) -> str:
    """What the secret of an account must be like for its webhooks; goes on after a colon."""
    return _WEBHOOK_SECRETS[scheme]


_WEBHOOK_SECRETS: Mapping[Scheme, str] = {
    Scheme.STANDARD: "another kind of secret; this one begins with whsec_",
    Scheme.OPENROUTER: "the signing secret of the OpenRouter workspace is needed, without blanks "
    "around it",
    Scheme.FAL: "fal has public keys, so leave it empty",
    Scheme.SECRET_PATH: f"{LEAST_SECRET} or more random letters, digits, - and _ are needed, such "
    "as `openssl rand -hex 32` prints",
}


# --- the command line ---------------------------------------------------------------------

CLI_ABOUT = "AI video for team chat. Start with: sora-bot demo"
CLI_DEMO = "Start the bot on its built-in simulator: no key, no token, nothing to install."
CLI_RUN = "Start the bot as the settings say (environment, .env, secret files)."
CLI_CREATE = "Make one video from the terminal and save it."
CLI_SHOW = "Save the video of an earlier job."
CLI_SIMULATE = "Start only the simulated video backend, for other clients of its contract."
CLI_MIGRATE = "Bring the database up to date."
CLI_HEALTH = "Say whether the bot with these settings answers."
CLI_DOCTOR = "Find out what keeps the bot from working, and how to mend it."
NEEDS_MIGRATION = (
    "The database is of another version of the bot: start the bot once, or sora-bot migrate."
)
CLI_RECONCILE = "Compare what the providers charge and have with what the bot knows."
CLI_PERIOD = "day, yesterday, week, last-week, month or last-month."
CLI_MODELS = "Show the models of the catalogue: what is sold, at which price, until when."
CLI_MODELS_REFRESH = (
    "Ask OpenRouter what it sells, and write that as entries of a catalogue; spends nothing."
)
CLI_MODELS_PROVIDER = "The catalogue's name of the provider that the entries are for."
CLI_MODELS_URL = "Base URL of another server with the same list."
CLI_WRITE = "The file to write; it holds nothing else."
MODELS_HEAD = "# Models of a provider, as it listed them. Written by sora-bot models refresh."


def model_line(model: Model, today: date) -> str:
    """One model of the catalogue on the terminal: who makes it, for how much, and until when."""
    per_second = sorted({price for _, price in model.prices})
    price = f"{per_second[0]}–{per_second[-1]}" if len(per_second) > 1 else f"{per_second[0]}"
    until = ""
    if model.retire_on:
        word = "retired since" if model.retired(today) else "until"
        instead = f", then {model.replaced_by}" if model.replaced_by else ""
        until = f", {word} {model.retire_on.isoformat()}{instead}"
    return (
        f"{model.name} at {model.provider}: {price} credits a second{until} "
        f"({model.source}, {model.as_of.isoformat()})"
    )


def model_left_out(name: str, why: str) -> str:
    """Why something that a provider lists is no entry of the catalogue."""
    return f"{name} is left out: {why}."


def models_read(number: int) -> str:
    """How many entries a list became."""
    return f"{counted(number, 'model')} can be sold."


def models_unread(why: str) -> str:
    """A list that did not come."""
    return f"The list of models did not come: {why}"


def not_our_models(path: str) -> str:
    """A file that somebody wrote by hand is not written over."""
    return f"{path} holds something else. Name a new file, or one that this command wrote."


CLI_EXPORT = "Write every move of credits and real money of a workspace, also while the bot runs."
CLI_FORMAT = "csv or json."
CLI_EXPORT_TO = "Where to save it, instead of printing it."
CLI_EXPORT_LIBRARY = (
    "Write the published videos of a workspace into a zip, with where each comes from; also while"
    " the bot runs."
)
CLI_LIBRARY_TO = "Where to save it."
CLI_DOCTOR_DISCORD = "Look at token, commands, servers and channels on Discord."
CLI_DOCTOR_PROVIDER = "Look at keys, addresses, models and webhooks of the video backends."
CLI_ACCOUNT = "Only this one, such as fal/default."
CLI_DOCTOR_SLACK = "Look at tokens, rights, admins and channels on Slack."
CLI_PROVIDER = "Look at video servers."
CLI_PROBE = "Find out which server is at a URL and what it can do, and write its settings."
CLI_KEY_FROM = "Variable, or file in SORA_SECRETS_DIR, that holds the key."
CLI_SPEND = "Also order one short video there and follow it to its end. It may cost money."
CLI_YES = "Do not ask before it costs money."
CLI_NO_MODEL = "The server names no model: say which with --model."
CLI_SLACK = "Set up the bot's app at Slack."
CLI_SLACK_MANIFEST = "Print the manifest from which Slack makes the bot's app."
CLI_REPLIES = "With the right to hear replies in threads that do not mention the bot."
CLI_HTTP = "Slack calls the bot at SORA_PUBLIC_URL, instead of the bot opening connections."
CLI_BACKUP = "Write database and videos into one archive, also while the bot runs."
CLI_RESTORE = "Unpack such an archive into an empty data folder."
CLI_DATA = "Folder for the database and videos."
CLI_PORT = "Port of the page; 0 takes a free one."
CLI_MODEL = "Which model makes it."
CLI_SIZE = "720x1280, or portrait, landscape, 720p, 9:16."
CLI_SECONDS = "How long."
CLI_OUTPUT = "Where to save the MP4."
CLI_DIALECT = "Whose answers to imitate."
CLI_INSTANT = "Finish every job at once, with one shared clip."
CLI_CONTROL = "Open /simulator/faults and /simulator/stats."
CLI_BEARER = "Bearer token to ask for; empty asks for none."
CLI_STATE = "Folder that keeps jobs over a restart."
CLI_STOPPING = "Stopping; what runs is taken up again at the next start."
CLI_MIGRATED = "The database is up to date."


def cli_second(holder: str) -> str:
    """Two bots on one folder or database would both answer."""
    return (
        f"A bot already works on this data folder or database ({holder}). Use its page, stop it, "
        "or choose another folder with --data."
    )


def stands_by(holder: str, url: str) -> str:
    """For the log of a bot that waits for its turn."""
    return (
        f"Stand-by: another bot is at work here ({holder}). This one takes over when that one ends "
        f"or falls silent. {url}/healthz says that it is alive, {url}/readyz that it is not ready."
    )


CLI_REPLACED = (
    "Another bot took over while this one was silent. It changed nothing since, and ends. Start it "
    "again as a stand-by."
)


def cli_ready(url: str) -> str:
    """The one line to click."""
    return f"sora-bot is ready: {url}  (Ctrl-C stops it)"


def cli_simulating(url: str) -> str:
    """Where the simulated backend is."""
    return f"The simulated video backend is ready: {url}  (Ctrl-C stops it)"


def cli_saved(path: str, size: int) -> str:
    """A file was written."""
    return f"Saved {path} ({size / 1e6:.1f} MB)"


def cli_which_workspace(typed: str, known: Sequence[str]) -> str:
    """A command is about one workspace, and it is not clear about which."""
    if not known:
        return "Nothing has moved in any workspace yet."
    unclear = f"There is no workspace {quoted(typed)}." if typed else "There are several."
    return f"{unclear} Name one: {one_of(known)}."


def cli_file_saved(path: str, about: str) -> str:
    """A file of an answer is there."""
    return f"Saved {path}: {about}" if about else f"Saved {path}"


def cli_not_saved(name: str, why: str) -> str:
    """A file of an answer could not be written."""
    return f"{name} could not be saved here: {why}. Go to a folder of your own and ask once more."


def cli_left(job: str) -> str:
    """Somebody did not wait for the end."""
    return f"Left it. Nothing is lost: go on and save it with: sora-bot show {job}"


def cli_health(*, healthy: bool) -> str:
    """For people; scripts read the exit status."""
    return "healthy" if healthy else "the bot does not answer"


def cli_restored(folder: str) -> str:
    """Where everything is again."""
    return f"Restored into {folder}"


def no_database(folder: str) -> str:
    """Nothing to back up."""
    return f"There is no database in {folder}; name the bot's data folder with --data."


def saved_by_its_server(folder: str) -> str:
    """A backup or restore of what the bot does not hold."""
    return (
        "The database is on a PostgreSQL server. Save it with pg_dump, and after that copy the "
        f"folder {folder} with the videos; to bring both back, use pg_restore and copy the folder."
    )


def not_empty(folder: str) -> str:
    """A restore must not overwrite anything."""
    return f"{folder} is not empty; restore into a new folder (--data) and then use that."


def no_backup(archive: str) -> str:
    """Not one of ours, or damaged."""
    return f"{archive} is not a whole backup of this bot."
