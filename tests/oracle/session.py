"""With --slack-types, a run of tests ends with one more: all calls to Slack fit Slack's own types.

It counts as a test, so the closing line of pytest tells of it.
"""

import os
import tempfile
from pathlib import Path
from subprocess import SubprocessError
from time import perf_counter
from typing import Literal

import pytest

from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.records import PLACE, kept
from tests.oracle import packages
from tests.oracle.check import CompilerFailed, complaints

NAME = "tests/oracle::all_calls_to_slack_fit_its_own_types"
MISSING = "Slack's types are not here: python -m tests.oracle.packages"
folder = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()


def add_option(parser: pytest.Parser) -> None:
    help_text = "compare all calls to Slack with the types of Slack's own clients"
    parser.addoption("--slack-types", action="store_true", help=help_text)


def begin(config: pytest.Config) -> None:
    """Let the Slack of the tests keep calls, in this process and in those that it starts."""
    if _is_wanted(config):
        config.stash[folder] = tempfile.TemporaryDirectory()
        os.environ[PLACE] = config.stash[folder].name


def finish(session: pytest.Session) -> None:
    """Compare what was kept, and report it as a test."""
    place = session.config.stash.get(folder, None)
    if place is None:
        return
    os.environ.pop(PLACE, None)
    with place:
        calls = kept(Path(place.name))
    if not calls:
        return
    report = compared(calls)
    session.config.hook.pytest_runtest_logreport(report=report)
    if report.failed and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_wanted(config: pytest.Config) -> bool:
    is_worker = hasattr(config, "workerinput")
    return bool(config.getoption("--slack-types")) and not is_worker


def compared(calls: list[Object]) -> pytest.TestReport:
    """What a test would report that compares these calls."""
    began = perf_counter()
    if not packages.are_here():
        skip = (__file__, 1, f"Skipped: {MISSING}")
        return _report("failed", MISSING) if packages.are_required() else _report("skipped", skip)
    try:
        found = complaints(calls)
    except (CompilerFailed, OSError, SubprocessError) as why:
        return _report("failed", str(why), perf_counter() - began)
    text = "\n\n".join([f"{len(found)} of {len(calls)} kinds of calls do not fit:", *found])
    return _report("failed" if found else "passed", text if found else None, perf_counter() - began)


def _report(
    outcome: Literal["passed", "failed", "skipped"],
    longrepr: tuple[str, int, str] | str | None,
    duration: float = 0,
) -> pytest.TestReport:
    place = NAME.partition("::")
    return pytest.TestReport(
        NAME, (place[0], None, place[2]), {}, outcome, longrepr, "call", duration=duration
    )
