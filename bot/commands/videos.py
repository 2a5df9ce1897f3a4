"""Verbs about videos: create, jobs, status, show, cancel, retry, queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import wording
from bot.commands.grammar import IMAGE, LAST, REFERENCE, SOUND
from bot.commands.handler import Handlers, Services
from bot.domain.catalogue import Catalogue, Lack, Model
from bot.domain.later import NOW, Timing, timing_of
from bot.domain.messages import Button, Invocation, Line, Message, Reply, Upload
from bot.domain.people import ON
from bot.domain.refs import Blob
from bot.domain.videos import Fit, Size, VideoSpec, choose_size
from bot.errors import InvalidInput
from bot.services.cards import card, details, for_one_reader, state_line, visiting
from bot.services.orders import Accepted, CreateRequest
from bot.services.shop import lacking
from bot.services.styles import CHANNEL
from bot.services.videos import Anew, Further, How, Which
from bot.services.views import JobView

LISTED = 10
"""Jobs in a list."""
BUTTONS = 5
"""Buttons that every chat can put into one row."""
_WHICH: Mapping[str, Which] = {"mine": "mine", "all": "all", "failed": "failed"}

# --- ordering -----------------------------------------------------------------------------


async def create(services: Services, asked: Invocation) -> Reply:
    """Order one to four videos of a prompt."""
    prompt = await services.prompts.spelled(asked.person, asked.args["prompt"], asked.place)
    asked = replace(asked, args={**asked.args, "prompt": prompt})
    spec = order(asked, services.videos.shop.catalogue())
    hidden = "private" in asked.args and not asked.place.private
    place = replace(asked.place, private=True) if hidden else asked.place
    count = int(asked.args.get("count", "1"))
    request = CreateRequest(asked.person, place, asked.interaction, spec, count)
    preset = asked.args.get("preset", CHANNEL)
    request = replace(request, timing=_timing(asked) or NOW, preset=preset)
    return await _told(services, asked, await services.videos.create(request))


async def retry(services: Services, asked: Invocation) -> Reply:
    """Order again what ended without a video; one that still waits may go on elsewhere."""
    typed, anew = asked.args["job"], _anew(services, asked.args)
    moved = await services.failover.agree(asked.person, typed, anew.most) if anew.most else None
    if moved:
        return Reply(Message((wording.moved_on_line(moved),)))
    accepted = await services.videos.retry(
        asked.person, asked.place, asked.interaction, typed, anew
    )
    return await _told(services, asked, accepted)


def _length(services: Services, args: Mapping[str, str]) -> int | None:
    """Seconds, of which the model is not known yet; raises `InvalidInput` for what is none."""
    text, lengths = args.get("seconds", ""), services.videos.shop.catalogue().seconds
    if text and text not in map(str, lengths):
        raise InvalidInput("seconds", text, wording.one_of(lengths))
    return int(text) if text else None


def _anew(services: Services, args: Mapping[str, str]) -> Anew:
    return Anew(_length(services, args), args.get("model"), int(args.get("most", "0")))


async def again(services: Services, asked: Invocation) -> Reply:
    """Order the same once more."""
    args = asked.args
    accepted = await services.videos.again(
        *(asked.person, asked.place, asked.interaction, args["job"], args.get("prompt")),
        _how(asked),
    )
    return await _told(services, asked, accepted)


async def remix(services: Services, asked: Invocation) -> Reply:
    """Order a change of a finished video."""
    args = asked.args
    job = args.get("job") or await services.videos.current(asked.person, asked.place)
    accepted = await services.videos.remix(
        *(asked.person, asked.place, asked.interaction, job, args["prompt"]),
        _how(asked),
    )
    return await _told(services, asked, accepted)


async def extend(services: Services, asked: Invocation) -> Reply:
    """Order what comes after the end of a finished video."""
    args = asked.args
    job = args.get("job") or await services.videos.current(asked.person, asked.place)
    accepted = await services.videos.extend(
        *(asked.person, asked.place, asked.interaction, job),
        Further(args.get("prompt"), _length(services, args)),
        _how(asked),
    )
    return await _told(services, asked, accepted)


async def finalize(services: Services, asked: Invocation) -> Reply:
    """Order the final of a draft."""
    accepted, draft = await services.videos.finalize(
        *(asked.person, asked.place, asked.interaction, asked.args["job"]), _how(asked)
    )
    reply = await _told(services, asked, accepted)
    beside = wording.final_line(accepted.price, draft.offer.price)
    head, *others = reply.message.lines
    return replace(reply, message=replace(reply.message, lines=(head, beside, *others)))


async def check(services: Services, asked: Invocation) -> Reply:
    """Take over what the backend has after all."""
    accepted = await services.recheck.check(
        asked.person, asked.place, asked.interaction, asked.args["job"]
    )
    return await _told(services, asked, accepted)


async def _told(services: Services, asked: Invocation, accepted: Accepted) -> Reply:
    """What an order became, its place in line, what it costs and what is left.

    A chat may keep the line that started jobs for everyone to read; not that of private ones.
    """
    jobs = accepted.jobs
    hidden = jobs[0].place.private and not asked.place.private
    view = await services.videos.find(asked.person, jobs[0].id)
    head = (
        wording.accepted_before_line(jobs)
        if accepted.again
        else wording.accepted_line(jobs, accepted.price, accepted.left, accepted.payer)
    )
    state = state_line(view, services.clock.now())
    buttons = for_one_reader(jobs[0]) if asked.direct and jobs[0].place.private else ()
    message = Message((head, state), buttons=buttons)
    return Reply(message, jobs=() if hidden else tuple(job.id for job in jobs))


def _timing(asked: Invocation) -> Timing | None:
    """How it should start; None when nothing was said."""
    return timing_of(asked.args["when"]) if "when" in asked.args else None


def _how(asked: Invocation) -> How:
    return How(_timing(asked), asked.args.get("preset"))


def order(asked: Invocation, catalogue: Catalogue) -> VideoSpec:
    """What is asked for, by today's catalogue; raises `InvalidInput` with what there is."""
    args = asked.args
    model = catalogue.get(args["model"]) if "model" in args else catalogue.default
    spec = VideoSpec(
        prompt=args["prompt"],
        model=model.name,
        size=_size(args.get("size", ""), model),
        seconds=_seconds(args.get("seconds", ""), model),
        fit=Fit(args.get("fit", Fit.CROP)),
        sound=_sound(args.get(SOUND), model),
    )
    return _with_pictures(spec, asked, model, catalogue)


def _size(text: str, model: Model) -> Size:
    """Several words narrow each other down: "portrait 720p"."""
    if not text:
        return model.default_size
    fitting, word = model.sizes, text
    for word in text.split():
        fitting = tuple(size for size in fitting if choose_size(word, (size,), size))
    chosen = choose_size(word, fitting, model.default_size)
    if chosen is None:
        raise InvalidInput("size", text, wording.one_of(model.sizes))
    return chosen


def _seconds(text: str, model: Model) -> int:
    if not text:
        return model.default_seconds
    found = next((seconds for seconds in model.seconds if str(seconds) == text), None)
    if found is None:
        raise InvalidInput("seconds", text, wording.one_of(model.seconds))
    return found


def _sound(word: str | None, model: Model) -> bool | None:
    """What is to be said of it; nothing where the model is so in any case."""
    wanted = None if word is None else word == ON
    return None if wanted == model.sound and not model.switches_sound else wanted


_USES: Mapping[str, Lack] = {
    IMAGE: Lack.FIRST_FRAME,
    LAST: Lack.LAST_FRAME,
    REFERENCE: Lack.REFERENCES,
}


def _with_pictures(
    spec: VideoSpec, asked: Invocation, model: Model, catalogue: Catalogue
) -> VideoSpec:
    """With what was attached; raises `InvalidInput` where the model has no place for all of it."""
    uploads = {use: [one for one in asked.uploads if one.use == use] for use in _USES}
    given = {use: _given(files) for use, files in uploads.items()}
    spec = replace(
        spec,
        image=_only(IMAGE, uploads[IMAGE]),
        last=_only(LAST, uploads[LAST]),
        references=tuple(one.blob for one in uploads[REFERENCE]),
    )
    lack = model.lacks(spec)
    if lack:
        use = next((use for use, lacked in _USES.items() if lacked is lack), SOUND)
        said = (use, given.get(use, asked.args.get(SOUND, "")))
        raise lacking(model, spec, catalogue, said)
    if spec.last and not spec.image:
        raise InvalidInput(LAST, given[LAST], wording.LAST_NEEDS_FIRST)
    if spec.references and spec.image:
        raise InvalidInput(REFERENCE, given[REFERENCE], wording.FRAMES_OR_REFERENCES)
    return spec


def _only(use: str, files: Sequence[Upload]) -> Blob | None:
    if len(files) > 1:
        raise InvalidInput(use, _given(files), wording.ONE_PICTURE)
    return files[0].blob if files else None


def _given(files: Sequence[Upload]) -> str:
    """What somebody attached, in a word; raises `InvalidInput` for what is no picture."""
    for file in files:
        if not file.content_type.startswith("image/"):
            raise InvalidInput(file.use, file.filename, wording.ATTACH_PICTURE)
    return files[0].filename if len(files) == 1 else f"{len(files)} files"


# --- looking ------------------------------------------------------------------------------


async def jobs(services: Services, asked: Invocation) -> Reply:
    """The newest jobs and how they stand."""
    which = _WHICH[asked.args.get("which", "mine")]
    views = await services.videos.jobs(asked.person, which, LISTED)
    if not views:
        return Reply(Message((wording.NO_JOBS,)))
    lines = tuple(wording.job_line(view.job, whose=which == "all") for view in views)
    return Reply(Message(lines, buttons=_details(views)))


async def queue(services: Services, asked: Invocation) -> Reply:
    """What runs, what waits."""
    seen = await services.videos.queue(asked.person)
    now = services.clock.now()
    running = [
        wording.running_line(view.job, view.percent, view.ready_at, now) for view in seen.running
    ]
    waiting = [_waiting(view, now) for view in seen.waiting]
    lines = _part(wording.RUNNING, running) + _part(wording.WAITING, waiting)
    views = (*seen.running, *seen.waiting)
    own = [view for view in views if view.job.person == asked.person]
    return Reply(Message(lines or (wording.NO_QUEUE,), buttons=_details(own)))


def _waiting(view: JobView, now: int) -> Line:
    if view.held_back:
        return wording.held_back_in_queue_line(view.job, view.place_in_line)
    if view.circuit:
        return wording.circuit_in_queue_line(view.job, view.place_in_line)
    return wording.waiting_line(view.job, view.place_in_line, view.starts_at, now)


def _part(head: Line, lines: Sequence[Line]) -> tuple[Line, ...]:
    if not lines:
        return ()
    more = (wording.more_line(len(lines) - LISTED),) if len(lines) > LISTED else ()
    return (head, *lines[:LISTED], *more)


def _details(views: Sequence[JobView]) -> tuple[Button, ...]:
    return tuple(
        Button(wording.details_of(view.job), "status", {"job": view.job.id})
        for view in views[:BUTTONS]
    )


async def status(services: Services, asked: Invocation) -> Reply:
    """Everything about one job; without an id, about the person's newest."""
    if "job" in asked.args:
        view = await services.videos.known(asked.person, asked.args["job"])
    else:
        newest = await services.videos.jobs(asked.person, "mine", 1)
        if not newest:
            return Reply(Message((wording.NO_JOBS,)))
        view = newest[0]
    return Reply(_for(asked, view) or details(view, services.clock.now()))


def _for(asked: Invocation, view: JobView) -> Message | None:
    """What is told of a video of another workspace; None for one of their own."""
    at_home = view.job.person.tenant == asked.person.tenant
    return None if at_home else visiting(view, asked.person)


async def show(services: Services, asked: Invocation) -> Reply:
    """Post a finished video again, here; a private one in the answer itself, where that can be."""
    if asked.direct:
        seen = await services.videos.finished(asked.person, asked.args["job"])
        if seen.job.place.private or asked.place.private:
            here = asked.person.tenant
            return Reply(services.shelf.result(seen, wording.shown_lines, here=here))
    view = await services.videos.show(
        asked.person, asked.place, asked.args["job"], asked.interaction
    )
    told = _for(asked, view) or card(view, services.clock.now())
    return Reply(told, jobs=(view.job.id,))


# --- stopping -----------------------------------------------------------------------------


async def cancel(services: Services, asked: Invocation) -> Reply:
    """Stop a job, or note the wish."""
    outcome = await services.videos.cancel(asked.person, asked.args["job"])
    stopping = None if outcome.done else outcome.stopping
    return Reply(Message((wording.cancelled_line(outcome.job, stopping),)))


HANDLERS: Handlers = {
    "create": create,
    "again": again,
    "remix": remix,
    "extend": extend,
    "finalize": finalize,
    "jobs": jobs,
    "status": status,
    "show": show,
    "cancel": cancel,
    "retry": retry,
    "check": check,
    "queue": queue,
}
