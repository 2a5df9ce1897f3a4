"""Notice → message."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot import wording
from bot.domain.jobs import Job, Operation
from bot.domain.library import Found
from bot.domain.messages import Button, Message, Tone
from bot.domain.notices import BudgetAlert, ProviderTrouble, Request, Wish
from bot.domain.permits import Ask, AskState
from bot.domain.refs import MessageRef, Tenant
from bot.domain.releases import Release, Stand
from bot.domain.takedowns import Claim, Takedown, TakedownState
from bot.services.cards import further, quoted

BEST = 5
"""Videos that are told of each week."""


def budget_alert(alert: BudgetAlert, zone: ZoneInfo, now: int) -> Message:
    """A budget reached a threshold."""
    tone = Tone.BAD if alert.spent >= alert.cap else Tone.NEUTRAL
    return Message(wording.budget_alert(alert, zone, now), tone=tone)


def faults(findings: tuple[str, ...]) -> Message:
    """The books do not agree."""
    return Message(wording.faults_found(findings), tone=Tone.BAD)


def provider_trouble(trouble: ProviderTrouble) -> Message:
    """An account takes nothing until an admin does something."""
    return Message(wording.provider_trouble(trouble), tone=Tone.BAD)


def more_asked(request: Request) -> Message:
    """To admins: somebody would like more; decided by one press, of whoever is first."""
    lines = wording.more_asked(request)
    if request.state is not Wish.OPEN:
        return Message((*lines, wording.decided_by(request)))
    which = {"request": request.id}
    buttons = (
        Button(wording.APPROVE, "admin approve", which),
        Button(wording.DENY, "admin deny", which, danger=True),
    )
    return Message(lines, buttons=buttons, quote=request.reason or None)


def decided(request: Request) -> Message:
    """To whoever asked."""
    tone = Tone.GOOD if request.state is Wish.APPROVED else Tone.NEUTRAL
    return Message((wording.decided(request),), tone=tone)


def review_asked(job: Job, release: Release, number: int) -> Message:
    """To reviewers: a draft waits for whoever claims it first."""
    which = {"job": job.id}
    open_ = release.stand is Stand.REVIEW and release.rounds == number
    claim = Button(wording.CLAIM, "review claim", which)
    return Message(
        (wording.review_head(job, release), wording.review_state(release, is_open=open_)),
        quote=quoted(job.spec.prompt),
        buttons=(claim,) if open_ and release.reviewer is None else (),
    )


def reviewed(job: Job, release: Release) -> Message:
    """To an author: what a reviewer decided."""
    out = release.stand is Stand.PUBLISHED
    again = Button(wording.PUBLISH, "publish", {"job": job.id})
    return Message(
        (wording.reviewed_line(job, release),),
        quote=release.reason or None,
        buttons=() if out else (again,),
        tone=Tone.GOOD if out else Tone.BAD,
    )


def best_of_week(best: Sequence[tuple[Found, int]], here: Tenant) -> Message:
    """To everybody: what people liked best, with how often each was remixed."""
    lines = tuple(
        wording.top_line(place, one.job, one.release, (one.likes, remixes), here)
        for place, (one, remixes) in enumerate(best, start=1)
    )
    shows = tuple(Button(wording.show_of(one.job), "show", {"job": one.job.id}) for one, _ in best)
    return Message((wording.BEST_OF_WEEK, *lines), buttons=shows)


def permit_asked(ask: Ask) -> Message:
    """To an author: somebody would like to change their video, in these words."""
    open_ = ask.state is AskState.OPEN
    state = () if open_ else (wording.ask_state(ask),)
    return Message(
        (wording.permit_asked(ask), *state),
        quote=quoted(ask.order.spec.prompt),
        buttons=deciding(ask) if open_ else (),
    )


def deciding(ask: Ask) -> tuple[Button, ...]:
    """What an author can say to somebody who asked."""
    which = {"request": ask.id}
    return (
        Button(wording.LET, "allow", which),
        Button(wording.LET_NOT, "decline", which, danger=True, asks="reason"),
        Button(wording.let_always(ask), "allow", {**which, "always": "yes"}),
    )


def permit_decided(ask: Ask) -> Message:
    """To whoever asked: what the author said, or that they said nothing."""
    good = ask.state is AskState.YES and not ask.problem
    remix, extend = further(ask.job_id)
    again = extend if ask.order.operation is Operation.EXTEND else remix
    return Message(
        wording.permit_decided(ask),
        quote=ask.reason or None,
        buttons=(again,) if ask.problem else (),
        tone=Tone.GOOD if good else Tone.NEUTRAL,
    )


def permit_over(ask: Ask) -> Message:
    """To an author: they said nothing in time."""
    return Message((wording.permit_over(ask),))


def remixed(job: Job, posted: MessageRef | None, *, near: bool) -> Message:
    """To an author: their video was remixed; `near`: it itself, not what became of it."""
    which = {"job": job.id}
    buttons = (
        Button(wording.SHOW, "show", which),
        Button(wording.TREE, "tree", which),
        Button(wording.TAKEDOWN, "takedown", which, danger=True, asks="reason"),
    )
    line = wording.remixed_line(job, posted, near=near)
    return Message((line,), quote=quoted(job.spec.prompt), buttons=buttons)


def takedown_asked(takedown: Takedown, job: Job) -> Message:
    """To admins: somebody would like a video to be taken down; the first press decides."""
    open_ = takedown.state is TakedownState.OPEN
    state = () if open_ else (wording.takedown_state(takedown),)
    return Message(
        (*wording.takedown_lines(takedown), *state),
        quote=quoted(job.spec.prompt),
        buttons=deciding_takedown(takedown) if open_ else (),
        tone=Tone.BAD if open_ and takedown.claim is not Claim.NONE else Tone.NEUTRAL,
    )


def deciding_takedown(takedown: Takedown) -> tuple[Button, ...]:
    """What an admin can decide."""
    which = {"request": takedown.id}
    return (
        Button(wording.TAKE_DOWN, "admin takedown yes", which, danger=True),
        Button(wording.KEEP_VIDEO, "admin takedown no", which),
        Button(wording.DETAILS, "status", {"job": takedown.job_id}),
    )


def takedown_decided(takedown: Takedown) -> Message:
    """To whoever asked for it."""
    return Message((wording.takedown_decided(takedown),), quote=takedown.answer or None)


def taken_down(takedown: Takedown) -> Message:
    """To an author: their video was taken down, and why."""
    again = Button(wording.PUBLISH, "publish", {"job": takedown.job_id})
    return Message(
        (wording.taken_down(takedown),),
        quote=takedown.answer or takedown.reason or None,
        buttons=(again,),
        tone=Tone.BAD,
    )


def watched(until: int) -> Message:
    """To an author: their next videos begin under review."""
    return Message((wording.watched_line(until),), tone=Tone.BAD)
