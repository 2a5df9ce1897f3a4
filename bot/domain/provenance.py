"""Where finished videos come from, as files that other programs read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.domain.exports import cell
from bot.domain.jobs import Operation
from bot.domain.library import Found

COLUMNS = (
    *("id", "title", "description", "tags", "prompt", "author", "author_name", "channel"),
    *("model", "provider", "seconds", "size", "made_at", "published_at", "parent", "root"),
    *("likes", "stand", "simulated", "sha256", "bytes", "file"),
)
"""Of a row. Times are ISO 8601 in UTC; `parent` and `root` are ids of videos that it changes;
`sha256` and `bytes` are of the file, whose name in the archive is `file`."""
Value = str | int | bool | list[str] | None


def facts(found: Found, file: str = "") -> dict[str, Value]:
    """All that is told of one video; `file` is empty where it is not in the archive."""
    release, job, video = found.release, found.job, found.video
    values: tuple[Value, ...] = (
        *(job.id, release.title, release.description, list(release.tags), job.spec.prompt),
        *(release.author.id, release.author.name, release.channel),
        *(release.model, job.offer.provider, _seconds(found), str(job.spec.size)),
        *(_time(release.made_at), _time(release.published_at), job.remix_of, job.root),
        *(found.likes, release.stand.value, video.simulated),
        *(video.blob.sha256, video.blob.size, file or None),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _seconds(found: Found) -> int:
    """As ordered; what was ordered to be added to a video is a part of what came of it."""
    job = found.job
    return found.video.seconds if job.operation is Operation.EXTEND else job.spec.seconds


def json_line(told: dict[str, Value]) -> str:
    """One video as JSON, for a file with a video in each line."""
    return json.dumps(told, ensure_ascii=False) + "\n"


def csv_head() -> str:
    """The first line of a table."""
    return ",".join(COLUMNS) + "\n"


def csv_line(told: dict[str, Value]) -> str:
    """One video as a row, whose words no spreadsheet takes for a formula."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(_cells(told.values()))
    return line.getvalue()


def _cells(values: Iterable[Value]) -> Iterable[str | int]:
    for value in values:
        match value:
            case None:
                yield ""
            case bool():
                yield "yes" if value else "no"
            case list():
                yield cell(" ".join(value))
            case _:
                yield cell(value)


def _time(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat("T", "seconds")
