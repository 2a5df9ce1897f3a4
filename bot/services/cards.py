"""Job → message: the live card, the one-line card of a finished job, and the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot import wording
from bot.domain.jobs import LIVE, UNCOUNTED, Failure, Job, JobState, checkable
from bot.domain.lineage import is_emulated, is_joined, style_of
from bot.domain.messages import Button, Line, Message, Strong, Tone, VideoFile
from bot.domain.refs import Person, Tenant
from bot.domain.releases import Release, Stand
from bot.domain.videos import MAX_PROMPT, Video
from bot.services.views import JobView

LISTED = 8
"""Remixes that the head of their thread names."""
NAMED = 3
"""Sponsors that it names."""
IN_FULL = 1_000
"""Characters of a prompt in the details."""
QUOTED = 280
"""Characters of a prompt that a card repeats."""
S = JobState
_CANCELLABLE = frozenset(
    {S.ACCEPTED, S.WAITING, S.SUBMITTING, S.SUBMIT_UNKNOWN, S.QUEUED, S.RENDERING}
)
_RETRY_HELPS = frozenset(
    {
        None,
        Failure.BILLING,
        Failure.CREDENTIALS,
        Failure.RENDER_FAILED,
        Failure.LOST,
        Failure.BAD_FILE,
        Failure.TIMED_OUT,
        Failure.TOO_MANY_TRIES,
        Failure.RESOLVED,
    }
)


Say = Callable[[Job, Video], tuple[Line, ...]]
"""The words beside a video."""


def card(view: JobView, now: int) -> Message:
    """The card of a job as it stands."""
    job = view.job
    if job.state is S.DONE:
        return _finished(view)
    if job.state in UNCOUNTED:
        return _ended(view)
    return Message(
        lines=(
            *_running_lines(view, now),
            wording.price_line(job),
            *_style(job),
            *_moved(job),
            *_refunded(view),
            *_credit(view),
        ),
        quote=quoted(job.spec.prompt),
        progress=view.percent if job.state in {S.QUEUED, S.RENDERING} else None,
        buttons=(*_dearer(view), *_buttons(job)),
        tone=Tone.BUSY,
    )


def details(view: JobView, now: int) -> Message:
    """Everything about a job, for one reader."""
    job = view.job
    message = card(view, now)
    quote = quoted(job.spec.prompt, IN_FULL)
    if job.state is not S.DONE:
        return replace(message, lines=(*message.lines, *_payer(view)), quote=quote)
    facts = (
        wording.price_line(job),
        *_style(job),
        *_moved(job),
        wording.made_line(job, view.video),
    )
    lines = (*message.lines, *facts)
    buttons = (*message.buttons, *_like(view))
    return replace(
        message, lines=(*lines, *_credit(view), *_payer(view)), quote=quote, buttons=buttons
    )


def _like(view: JobView) -> tuple[Button, ...]:
    """A way to say that one likes a video; how many do is told when it is pressed."""
    return (Button(wording.LIKE, "like", {"job": view.job.id}),) if view.video else ()


def _style(job: Job) -> tuple[Line, ...]:
    """Which style its provider is told."""
    style = style_of(job)
    return (wording.style_of_line(style.name),) if style else ()


def _moved(job: Job) -> tuple[Line, ...]:
    """Where a job went when its first account could not make it."""
    return (wording.moved_line(job),) if job.moved else ()


def _dearer(view: JobView) -> tuple[Button, ...]:
    """A yes to the price of the account that could make it now."""
    offer = view.dearer
    if offer is None:
        return ()
    words = wording.continue_with(offer.provider, offer.price)
    return (Button(words, "retry", {"job": view.job.id, "most": str(offer.price)}),)


def _credit(view: JobView, here: Tenant | None = None) -> tuple[Line, ...]:
    """Whom a remix owes something; written by us, so that nobody can leave it out."""
    where = here or view.job.person.tenant
    return (wording.credit_line(view.credit, where), *_emulated(view)) if view.credit else ()


def _emulated(view: JobView) -> tuple[Line, ...]:
    """What was done here in place of the provider."""
    job = view.job
    if is_joined(job):
        return (wording.continued_line(alone=view.alone),)
    return (wording.made_anew_line(pictured=bool(job.spec.image)),) if is_emulated(job) else ()


def _payer(view: JobView) -> tuple[Line, ...]:
    """Who pays in the place of whoever asked."""
    return (wording.payer_line(view.payer),) if view.payer else ()


def _refunded(view: JobView) -> tuple[Line, ...]:
    """What went back to whoever paid."""
    if not view.refunded:
        return ()
    return (wording.refund_line(view.payer or view.job.person, view.refunded),)


def _running_lines(view: JobView, now: int) -> tuple[Line, ...]:
    state = state_line(view, now)
    return (state, wording.late_line(view.job)) if view.late else (state,)


def state_line(view: JobView, now: int) -> Line:
    """Where a job is and what comes next."""
    if view.held_back:
        return wording.held_back_line(view.held_back, view.place_in_line)
    if view.zone and view.starts_at:
        return wording.later_line(view.job, view.starts_at, view.zone, now)
    if view.circuit:
        return wording.circuit_line(view.job, view.circuit, view.place_in_line, now)
    return wording.state_line(
        view.job,
        place_in_line=view.place_in_line,
        starts_at=view.starts_at,
        ready_at=view.ready_at,
        percent=view.percent,
        now=now,
    )


def _buttons(job: Job) -> tuple[Button, ...]:
    cancel = Button(wording.CANCEL, "cancel", {"job": job.id}, danger=True)
    return (*((cancel,) if _cancellable(job) else ()), details_button(job))


def _cancellable(job: Job) -> bool:
    return job.state in _CANCELLABLE and not job.cancel_asked


def _finished(view: JobView) -> Message:
    job = view.job
    return Message(
        lines=(_stand_line(view), *_refunded(view)),
        quote=quoted(job.spec.prompt, 80),
        buttons=(details_button(job),),
        tone=Tone.GOOD,
    )


def _stand_line(view: JobView) -> Line:
    """What became of a finished job's video."""
    job, release = view.job, view.release
    if release and release.stand is not Stand.PUBLISHED:
        return wording.draft_line(job, release)
    if view.undelivered:
        return wording.delivery_failed_line(job, None)
    return wording.done_line(job, view.result)


def _ended(view: JobView) -> Message:
    job = view.job
    helps = job.failure in _RETRY_HELPS
    again = Button(wording.RETRY, "retry", {"job": job.id})
    return Message(
        lines=(
            *wording.failure_lines(job),
            wording.price_line(job),
            *_style(job),
            *_moved(job),
            *(((wording.RESTRUCTURE,),) if view.stuck else ()),
            *_credit(view),
        ),
        quote=quoted(job.spec.prompt),
        buttons=(
            *((again,) if helps else ()),
            *_dearer(view),
            *_change(job),
            *_instead(view),
            *_check(job),
            details_button(job),
        ),
        tone=Tone.NEUTRAL if job.state is S.CANCELLED else Tone.BAD,
    )


def _instead(view: JobView) -> tuple[Button, ...]:
    """The same shorter, or with another model, and what that costs."""
    job, shorter, other = view.job.id, view.shorter, view.other_model
    buttons: list[Button] = []
    if shorter:
        words = wording.shorter(shorter.spec.seconds, shorter.offer.price)
        seconds = str(shorter.spec.seconds)
        buttons.append(Button(words, "retry", {"job": job, "seconds": seconds}))
    if other:
        words = wording.with_model(other.spec.model, other.offer.price)
        buttons.append(Button(words, "retry", {"job": job, "model": other.spec.model}))
    return tuple(buttons)


def _check(job: Job) -> tuple[Button, ...]:
    """Another look, where the backend may have the video all the same."""
    return (Button(wording.CHECK, "check", {"job": job.id}),) if checkable(job) else ()


def _change(job: Job) -> tuple[Button, ...]:
    """A new prompt for the same settings, where the old prompt was the trouble."""
    if job.failure not in {Failure.MODERATED, Failure.INVALID_REQUEST}:
        return ()
    return (Button(wording.CHANGE_PROMPT, "again", {"job": job.id}, asks="prompt"),)


def result(
    view: JobView, file: VideoFile, say: Say = wording.result_lines, *, here: Tenant | None = None
) -> Message:
    """The message that carries the video; it is new, for edits notify nobody.

    `say` has the words: its requester is mentioned once, when it is ready. `here` is the workspace
    that it is for; None: the job's own.
    """
    job, release = view.job, view.release
    if here and here != job.person.tenant:
        return replace(elsewhere(view, here), video=file)
    lines = say(job, view.video) if view.video else ()
    told = wording.release_lines(release) if release else ()
    again = Button(wording.AGAIN, "again", {"job": job.id})
    return Message(
        lines=(*told, *lines, *_credit(view)),
        quote=quoted(job.spec.prompt),
        buttons=(
            *_publish(release),
            *further(job.id),
            again,
            *_final(view),
            details_button(job),
        ),
        video=file,
        tone=Tone.GOOD,
    )


def elsewhere(view: JobView, here: Tenant) -> Message:
    """What another workspace learns of a video that is published there, but for its file.

    Nothing of what it cost or who paid, and nobody of its own workspace is called.
    """
    job, release = view.job, view.release
    told = wording.release_lines(release) if release else ()
    lines = wording.published_lines(job, view.video, here) if view.video else ()
    return Message(
        lines=(*told, *lines, *_credit(view, here)),
        quote=quoted(job.spec.prompt),
        buttons=(*further(job.id), details_button(job)),
        tone=Tone.GOOD,
    )


def visiting(view: JobView, reader: Person) -> Message:
    """The same for one reader there, with what they can do about it."""
    job = view.job
    wish = Button(wording.TAKEDOWN, "takedown", {"job": job.id}, danger=True, asks="reason")
    out = (take_out(job.id),) if reader.admin else ()
    told = elsewhere(view, reader.tenant)
    return replace(told, buttons=(*further(job.id), wish, *out))


def further(job_id: str) -> tuple[Button, ...]:
    """What can be made of a video."""
    which = {"job": job_id}
    return (
        Button(wording.REMIX, "remix", which, asks="prompt"),
        Button(wording.EXTEND, "extend", which, asks="prompt"),
    )


def _publish(release: Release | None) -> tuple[Button, ...]:
    """The way out of a draft, for its author."""
    if release is None or release.stand not in {Stand.DRAFT, Stand.REJECTED}:
        return ()
    return (Button(wording.PUBLISH, "publish", {"job": release.job_id}),)


def _final(view: JobView) -> tuple[Button, ...]:
    """The same video by a better model, where there is one."""
    if view.final is None:
        return ()
    words = wording.finalize(view.final.offer.price)
    return (Button(words, "finalize", {"job": view.job.id}),)


def banner(
    root: Job,
    family: Sequence[Job],
    sponsors: Sequence[tuple[Person, int]] = (),
    here: Tenant | None = None,
) -> Message:
    """The head of a thread of remixes: what there is, what is on its way, and who pays.

    `here` is the workspace that it is for; None: the first video's own.
    """
    shown = [job for job in family if not job.place.private]
    ready = {S.DELIVERING, S.DONE}
    made = [job for job in shown if job.state in ready]
    running = [job for job in shown if job.state in LIVE - ready]
    newest = (
        [Button(wording.REMIX_NEWEST, "remix", {"job": made[-1].id}, asks="prompt")] if made else []
    )
    first = Button(wording.REMIX_FIRST, "remix", {"job": root.id}, asks="prompt")
    return Message(
        lines=(
            wording.banner_head(root, here),
            wording.banner_counts(len(made), len(running), sponsors[:NAMED]),
            *(
                wording.remix_line(job, done=job in made, here=here)
                for job in [*made, *running][-LISTED:]
            ),
        ),
        quote=quoted(root.spec.prompt),
        buttons=(*newest, first),
    )


def family(root: Job, title: str) -> Message:
    """What stands beside the picture of a family that everybody may see."""
    first = Button(wording.REMIX_FIRST, "remix", {"job": root.id}, asks="prompt")
    return Message(lines=((Strong(title),),), buttons=(first, _tree_button(root)))


def _tree_button(root: Job) -> Button:
    """The family as whoever presses may see it, as it is then."""
    return Button(wording.TREE_NOW, "tree", {"job": root.id})


def for_one_reader(job: Job) -> tuple[Button, ...]:
    """Buttons for one reader, who may have closed their private messages to the bot."""
    return (Button(wording.SHOW_MINE, "show", {"job": job.id}), details_button(job))


def pickup(job: Job) -> Message:
    """Where others may read it: a private video waits for its owner, who takes no messages.

    It tells neither the prompt nor anything of the video.
    """
    show = Button(wording.SHOW, "show", {"job": job.id})
    return Message(lines=(wording.pickup_line(job),), buttons=(show,))


TAKEN_BACK = Message((wording.TAKEN_BACK,))
"""Stands in for a message that must go, where nobody knows whether it is there."""


def details_button(job: Job) -> Button:
    """Everything about a job, for one reader."""
    return Button(wording.DETAILS, "status", {"job": job.id})


def take_out(job_id: str) -> Button:
    """For admins, of what came from another workspace: it leaves theirs alone."""
    return Button(wording.TAKE_OUT, "unpublish", {"job": job_id}, danger=True)


def quoted(prompt: str, limit: int = QUOTED) -> str:
    """A prompt cut to a readable length, at a word where there is one."""
    text = " ".join(prompt[:MAX_PROMPT].split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > limit // 2 else cut) + "…"
