"""Lets tsc compare calls with Slack's own types, and says what it complains of, call by call."""

import json
import re
import tempfile
from pathlib import Path

from tests.fakes.slack_server.payloads import Object
from tests.oracle.packages import folder, node
from tests.oracle.typescript import HEAD, Line, Untyped, lines_of, program, type_names

TSC = Path("node_modules/typescript/bin/tsc")
OPTIONS = (
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
    "--types",
    "node",
    "--pretty",
    "false",
)
COMPLAINT = re.compile(r"calls\.ts\((\d+),\d+\): (error .*)")
LONGEST = 1500


class CompilerFailed(Exception):
    """tsc ended without a word about any call."""


def complaints(calls: list[Object]) -> list[str]:
    """What is wrong with these calls (see records.kept), once a call; empty when nothing is."""
    names = type_names(folder())
    lines: list[Line] = []
    found: list[tuple[Object, str]] = []
    for call in calls:
        try:
            lines += lines_of(call, names)
        except Untyped as why:
            found.append((call, str(why)))
    found += _compared(lines)
    first = {id(call): (call, text) for call, text in reversed(found)}
    return [_worded(call, text) for call, text in reversed(first.values())]


def _compared(lines: list[Line]) -> list[tuple[Object, str]]:
    """The calls that tsc complains of, with its words. Raises CompilerFailed."""
    with tempfile.TemporaryDirectory(dir=folder()) as place:
        (Path(place) / "calls.ts").write_text(program(lines), "utf-8")
        done = node(folder() / TSC, *OPTIONS, "calls.ts", cwd=Path(place))
    said = _by_line(done.stdout)
    if done.returncode and not said:
        raise CompilerFailed(f"tsc failed: {done.stdout}{done.stderr}"[:LONGEST])
    return [(lines[number].call, text) for number, text in said.items()]


def _by_line(output: str) -> dict[int, str]:
    """tsc's words by the number of our line; lines without a number go on with the one before."""
    said: dict[int, str] = {}
    number = -1
    for text in output.splitlines():
        if match := COMPLAINT.match(text):
            number = int(match[1]) - len(HEAD) - 1
            said[number] = said.get(number, "") + match[2]
        elif number in said:
            said[number] += "\n" + text
    return said


def _worded(call: Object, text: str) -> str:
    args = json.dumps(call["args"], ensure_ascii=False)
    return f"{call['method']}: {text[:LONGEST]}\n  sent: {args[:LONGEST]}"
