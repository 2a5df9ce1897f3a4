"""A workspace's ledger as a file: every entry, from which all balances can be added up again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.ledger import Entry, is_money

COLUMNS = (
    *("id", "at", "ref", "kind", "account", "unit", "amount", "balance"),
    *("actor", "reason", "job"),
)
"""Of a row. `at` is ISO 8601 in UTC; `amount` is signed, `balance` that of the account after it."""
CREDITS, MICROS = "credits", "USD micros"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class Format(StrEnum):
    """What kind of file."""

    CSV = "csv"
    JSON = "json"


def rows_as(kind: Format, entries: Iterable[Entry]) -> str:
    """The rows of a file without its beginning and end: a line each."""
    if kind is Format.JSON:
        return "".join(f",\n{json.dumps(_row(entry))}" for entry in entries)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows([cell(value) for value in _row(entry).values()] for entry in entries)
    return lines.getvalue()


def whole(kind: Format, rows: str) -> str:
    """A file of `rows`."""
    if kind is Format.JSON:
        return f"[{rows.removeprefix(',')}\n]\n"
    return ",".join(COLUMNS) + "\n" + rows


def _row(entry: Entry) -> dict[str, str | int]:
    at = datetime.fromtimestamp(entry.at / 1000, UTC).isoformat(timespec="milliseconds")
    values: tuple[str | int, ...] = (
        *(entry.id, at, entry.ref, entry.kind.value, entry.account),
        MICROS if is_money(entry.account) else CREDITS,
        *(entry.amount, entry.balance, entry.actor, entry.reason, entry.job_id or ""),
    )
    return dict(zip(COLUMNS, values, strict=True))


def cell(value: str | int) -> str | int:
    """Numbers stay numbers; words that a spreadsheet would take for a formula stay words."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
