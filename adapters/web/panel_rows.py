"""Jobs and moves of credits as rows for the panel. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable

from adapters.web.render import Json
from bot import wording
from bot.domain.jobs import TERMINAL, UNCOUNTED, Job, JobState
from bot.domain.ledger import Entry, is_money
from bot.domain.messages import Attachment, Tone
from bot.domain.reports import Report
from bot.domain.usage import Usage

PROMPT_CHARS = 80


def job_rows(jobs: Iterable[Job]) -> list[Json]:
    """One row for each job, in `wording.JOB_COLUMNS`."""
    return [_row(job.id, _job_cells(job)) for job in jobs]


def _job_cells(job: Job) -> list[Json]:
    spec = job.spec
    cost = wording.price(job.offer.price)
    order = f"{spec.model} · {wording.pixels(spec.size)} · {spec.seconds} s · {cost}"
    return [
        _code(f"#{job.id}"),
        _text(wording.cut(spec.prompt, PROMPT_CHARS)),
        _text(wording.called(job.person)),
        _text(order),
        {"kind": "state", "text": _state(job), "tone": str(tone(job.state))},
        _moment(job.accepted_at),
    ]


def _state(job: Job) -> str:
    percent = f" {job.progress} %" if job.progress and job.state is JobState.RENDERING else ""
    return wording.STATE_WORDS[job.state] + percent


def tone(state: JobState) -> Tone:
    """The colour of a state."""
    if state is JobState.DONE:
        return Tone.GOOD
    if state is JobState.CANCELLED:
        return Tone.NEUTRAL
    if state in UNCOUNTED or state is JobState.SUBMIT_UNKNOWN:
        return Tone.BAD
    return Tone.NEUTRAL if state in TERMINAL else Tone.BUSY


def ledger_rows(entries: Iterable[Entry]) -> list[Json]:
    """One row for each entry, in `wording.LEDGER_COLUMNS`."""
    return [_row(f"{entry.ref} {entry.account}", _entry_cells(entry)) for entry in entries]


def _entry_cells(entry: Entry) -> list[Json]:
    return [
        _moment(entry.at),
        _text(wording.KIND_WORDS[entry.kind]),
        *_numbers(entry),
        _text(entry.account),
        _code(f"#{entry.job_id}") if entry.job_id else _text(""),
        _text(entry.reason),
    ]


def _numbers(entry: Entry) -> list[Json]:
    """Amount and balance, in credits or in real money."""
    if is_money(entry.account):
        return [_text(wording.usd_signed(entry.amount)), _text(wording.usd_signed(entry.balance))]
    return [{"kind": "amount", "amount": entry.amount}, _text(f"{entry.balance:,}")]


def usage_rows(report: Report) -> list[Json]:
    """One row for each person, in `wording.USAGE_COLUMNS`, and the sum of all below."""
    rows = [_row(name, _usage_cells(f"@{name}", used)) for name, used in report.rows]
    return [*rows, _row("", _usage_cells(wording.TOTAL, report.total))] if rows else []


def _usage_cells(name: str, used: Usage) -> list[Json]:
    figures = (used.videos, used.seconds, used.credits)
    return [
        _text(name),
        *(_text(f"{figure:,}") for figure in figures),
        _text(wording.usd(used.micros)),
    ]


def picture_props(picture: Attachment) -> Json:
    """A picture that is part of the page, so that no link leads others to it."""
    content = b64encode(picture.content).decode("ascii")
    return {"src": f"data:{picture.media_type};base64,{content}", "alt": picture.alt}


def _row(key: str, cells: list[Json]) -> Json:
    return {"key": key, "cells": cells}


def _text(text: str) -> Json:
    return {"kind": "text", "text": text}


def _code(text: str) -> Json:
    return {"kind": "code", "text": text}


def _moment(at: int) -> Json:
    return {"kind": "moment", "at": at}
